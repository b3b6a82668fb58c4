package io.jvmlops.serving.tribuo;

import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.MapProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.tribuo.provenance.DatasetProvenance;
import org.tribuo.provenance.EnsembleModelProvenance;
import org.tribuo.provenance.ModelProvenance;

/** Tribuo's provenance of a model as names and values, bounded in number, length and depth. */
final class ProvenanceFacts {
    private static final int MAX_FACTS = 256;
    private static final int MAX_KEY = 250;
    private static final int MAX_VALUE = 1_000;
    private static final int MAX_DEPTH = 8;

    /** As MLflow writes it: UTC, without an offset. */
    private static final DateTimeFormatter MLFLOW_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

    private final Map<String, String> facts = new LinkedHashMap<>();

    private ProvenanceFacts() {}

    static Map<String, String> of(ModelProvenance provenance) {
        ProvenanceFacts facts = new ProvenanceFacts();
        facts.put(
                "mlflow.utc_time_created",
                MLFLOW_TIME.format(provenance.getTrainingTime().withOffsetSameInstant(ZoneOffset.UTC)));
        facts.put("tribuo.version", provenance.getTribuoVersion());
        facts.put("tribuo.model.class-name", provenance.getClassName());
        facts.put("tribuo.training-time", provenance.getTrainingTime().toString());
        facts.put("tribuo.java-version", provenance.getJavaVersion());
        DatasetProvenance dataset = provenance.getDatasetProvenance();
        facts.put("tribuo.dataset.examples", Integer.toString(dataset.getNumExamples()));
        facts.put("tribuo.dataset.features", Integer.toString(dataset.getNumFeatures()));
        facts.put("tribuo.dataset.outputs", Integer.toString(dataset.getNumOutputs()));
        if (provenance instanceof EnsembleModelProvenance ensemble) {
            facts.put(
                    "tribuo.model.members",
                    Integer.toString(ensemble.getMemberProvenance().getList().size()));
        }
        facts.flatten("tribuo.trainer", provenance.getTrainerProvenance(), 0);
        facts.flatten("tribuo.data-source", dataset.getSourceProvenance(), 0);
        facts.flatten("tribuo.instance", provenance.getInstanceProvenance(), 0);
        return facts.facts;
    }

    private void flatten(String name, Provenance provenance, int depth) {
        if (depth > MAX_DEPTH || facts.size() >= MAX_FACTS) {
            return;
        }
        if (provenance instanceof PrimitiveProvenance<?> primitive) {
            put(name, Secrets.hidden(name, primitive));
        } else if (provenance instanceof ListProvenance<?> list) {
            int i = 0;
            for (Provenance element : list.getList()) {
                flatten(name + "." + i++, element, depth + 1);
            }
        } else if (provenance instanceof MapProvenance<?> map) {
            map.getMap().forEach((key, value) -> flatten(name + "." + key, value, depth + 1));
        } else if (provenance instanceof ObjectProvenance object) {
            for (Pair<String, Provenance> part : object) {
                flatten(name + "." + part.getA(), part.getB(), depth + 1);
            }
        }
    }

    private void put(String key, String value) {
        if (facts.size() < MAX_FACTS && key.length() <= MAX_KEY) {
            facts.put(key, value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE) + "...");
        }
    }
}
