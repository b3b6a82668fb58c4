package io.jvmlops.serving.tribuo;

import java.util.List;
import java.util.Objects;
import org.tribuo.DataSource;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.evaluation.Evaluation;
import org.tribuo.evaluation.Evaluator;
import org.tribuo.evaluation.OnlineEvaluator;
import org.tribuo.provenance.DataProvenance;

/** An evaluator that evaluates as another does, and has its run log it. */
final class TrackedEvaluator<T extends Output<T>, E extends Evaluation<T>> implements Evaluator<T, E> {
    private final TribuoRun run;
    private final String prefix;
    private final Evaluator<T, E> evaluator;

    TrackedEvaluator(TribuoRun run, String prefix, Evaluator<T, E> evaluator) {
        this.run = run;
        this.prefix = Objects.requireNonNull(prefix);
        this.evaluator = Objects.requireNonNull(evaluator);
    }

    @Override
    public E evaluate(Model<T> model, Dataset<T> dataset) {
        return run.evaluated(
                prefix, model, dataset.getProvenance(), dataset.getData(), evaluator.evaluate(model, dataset));
    }

    /** The source is read once, as by the evaluator: what it gave is in the predictions. */
    @Override
    public E evaluate(Model<T> model, DataSource<T> datasource) {
        return run.evaluated(prefix, model, datasource.getProvenance(), null, evaluator.evaluate(model, datasource));
    }

    @Override
    public E evaluate(Model<T> model, List<Prediction<T>> predictions, DataProvenance dataProvenance) {
        return run.evaluated(
                prefix, model, dataProvenance, null, evaluator.evaluate(model, predictions, dataProvenance));
    }

    @Override
    public E evaluate(
            Model<T> model, List<Prediction<T>> predictions, List<T> groundTruth, DataProvenance dataProvenance) {
        return run.evaluated(
                prefix,
                model,
                dataProvenance,
                null,
                evaluator.evaluate(model, predictions, groundTruth, dataProvenance));
    }

    /** Its evaluations are logged as all others, at one step after the other. */
    @Override
    public OnlineEvaluator<T, E> createOnlineEvaluator(Model<T> model, DataProvenance provenance) {
        return new OnlineEvaluator<>(this, model, provenance);
    }

    @Override
    public String toString() {
        return evaluator.toString();
    }
}
