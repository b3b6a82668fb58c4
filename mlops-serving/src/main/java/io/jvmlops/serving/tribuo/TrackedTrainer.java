package io.jvmlops.serving.tribuo;

import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelExporter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Trainer;
import org.tribuo.WeightedExamples;
import org.tribuo.provenance.TrainerProvenance;

/** A trainer that trains as another does, and has its run log it. */
class TrackedTrainer<T extends Output<T>> implements Trainer<T> {
    private final TribuoRun run;
    private final @Nullable String model;
    private final Trainer<T> trainer;
    private final @Nullable Function<? super Model<T>, ? extends ModelExporter> exporter;
    private final FoldMetrics folds = new FoldMetrics();

    private TrackedTrainer(
            TribuoRun run,
            @Nullable String model,
            Trainer<T> trainer,
            @Nullable Function<? super Model<T>, ? extends ModelExporter> exporter) {
        this.run = run;
        this.model = model;
        this.trainer = Objects.requireNonNull(trainer);
        this.exporter = exporter;
    }

    /**
     * @param model the registered model's name; null to leave models alone
     * @param exporter null for {@link TribuoModels#export}
     */
    static <T extends Output<T>> Trainer<T> of(
            TribuoRun run,
            @Nullable String model,
            Trainer<T> trainer,
            @Nullable Function<? super Model<T>, ? extends ModelExporter> exporter) {
        return trainer instanceof WeightedExamples
                ? new Weighted<>(run, model, trainer, exporter)
                : new TrackedTrainer<>(run, model, trainer, exporter);
    }

    /** One that takes the weights of examples into account: AdaBoost asks for the mark. */
    private static final class Weighted<T extends Output<T>> extends TrackedTrainer<T> implements WeightedExamples {
        Weighted(
                TribuoRun run,
                @Nullable String model,
                Trainer<T> trainer,
                @Nullable Function<? super Model<T>, ? extends ModelExporter> exporter) {
            super(run, model, trainer, exporter);
        }
    }

    @Override
    public final Model<T> train(Dataset<T> examples) {
        return run.train(this, examples, () -> trainer.train(examples));
    }

    @Override
    public final Model<T> train(Dataset<T> examples, Map<String, Provenance> runProvenance) {
        return run.train(this, examples, () -> trainer.train(examples, runProvenance));
    }

    @Override
    public final Model<T> train(Dataset<T> examples, Map<String, Provenance> runProvenance, int invocationCount) {
        return run.train(this, examples, () -> trainer.train(examples, runProvenance, invocationCount));
    }

    @Override
    public final int getInvocationCount() {
        return trainer.getInvocationCount();
    }

    @Override
    public final void setInvocationCount(int invocationCount) {
        trainer.setInvocationCount(invocationCount);
    }

    @Override
    public final TrainerProvenance getProvenance() {
        return trainer.getProvenance();
    }

    @Override
    public final String toString() {
        return trainer.toString();
    }

    String name() {
        return trainer.getClass().getSimpleName();
    }

    @Nullable
    String model() {
        return model;
    }

    FoldMetrics folds() {
        return folds;
    }

    ModelExporter exporter(Model<T> trained) {
        return exporter == null ? TribuoModels.export(trained) : exporter.apply(trained);
    }

    /** All but how often it has trained, which is known when it has. */
    Map<String, String> params() {
        Map<String, String> params = new LinkedHashMap<>(TrainerParams.of(trainer.getProvenance()));
        params.remove(TrainerParams.INVOCATION);
        return params;
    }

    /** @throws InvalidInputException if what is trained on the data could not be stored: better now than in hours */
    void check(Dataset<T> data) {
        if (model != null && exporter == null) {
            String output =
                    data.getOutputFactory().getUnknownOutput().getClass().getName();
            if (Domain.Kind.ofOutput(output) == null) {
                throw new InvalidInputException("model '" + model + "' of " + name() + " gives " + output
                        + "; what can be stored is " + Domain.Kind.supported() + ". Nothing was trained:"
                        + " call TribuoRun.trainer without a model's name, or with an exporter of your own");
            }
        }
    }
}
