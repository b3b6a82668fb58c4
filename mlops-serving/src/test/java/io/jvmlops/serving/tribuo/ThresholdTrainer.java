package io.jvmlops.serving.tribuo;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Excuse;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.Trainer;
import org.tribuo.anomaly.Event;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.TrainerProvenance;
import org.tribuo.provenance.impl.TrainerProvenanceImpl;

/** Takes for an anomaly what has a feature over a threshold. Tribuo's own anomaly detectors are native or LibLinear's. */
public final class ThresholdTrainer implements Trainer<Event> {
    @Config(mandatory = true)
    private double threshold;

    private int invocations;

    ThresholdTrainer(double threshold) {
        this.threshold = threshold;
    }

    @Override
    public Model<Event> train(Dataset<Event> examples, Map<String, Provenance> runProvenance) {
        TrainerProvenance provenance = getProvenance();
        invocations++;
        return new Threshold(
                new ModelProvenance(
                        Threshold.class.getName(),
                        OffsetDateTime.now(ZoneOffset.UTC),
                        examples.getProvenance(),
                        provenance,
                        runProvenance),
                examples.getFeatureIDMap(),
                examples.getOutputIDInfo(),
                threshold);
    }

    @Override
    public int getInvocationCount() {
        return invocations;
    }

    @Override
    public TrainerProvenance getProvenance() {
        return new TrainerProvenanceImpl(this);
    }

    private static final class Threshold extends Model<Event> {
        private static final long serialVersionUID = 1L;
        private final double threshold;

        Threshold(
                ModelProvenance provenance,
                ImmutableFeatureMap features,
                ImmutableOutputInfo<Event> outputs,
                double threshold) {
            super("threshold", provenance, features, outputs, false);
            this.threshold = threshold;
        }

        @Override
        public Prediction<Event> predict(Example<Event> example) {
            double score = 0;
            for (var feature : example) {
                score = Math.max(score, feature.getValue());
            }
            Event.EventType type = score > threshold ? Event.EventType.ANOMALOUS : Event.EventType.EXPECTED;
            return new Prediction<>(new Event(type, score), example.size(), example);
        }

        @Override
        public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
            return Map.of();
        }

        @Override
        public Optional<Excuse<Event>> getExcuse(Example<Event> example) {
            return Optional.empty();
        }

        @Override
        protected Model<Event> copy(String newName, ModelProvenance newProvenance) {
            return new Threshold(newProvenance, featureIDMap, outputIDInfo, threshold);
        }
    }
}
