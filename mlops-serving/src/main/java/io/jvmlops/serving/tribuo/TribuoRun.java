package io.jvmlops.serving.tribuo;

import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.ForwardingRun;
import io.jvmlops.api.tracking.Run;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.Trainer;
import org.tribuo.dataset.DatasetView;
import org.tribuo.evaluation.Evaluation;
import org.tribuo.evaluation.Evaluator;
import org.tribuo.provenance.DataProvenance;
import org.tribuo.provenance.TrainerProvenance;

/**
 * A run that Tribuo's trainers and evaluators log to by themselves:
 *
 * <pre>{@code
 * try (TribuoRun run = TribuoRun.of(tracking.experiment("iris").startRun("logistic regression"))) {
 *     Trainer<Label> trainer = run.trainer("iris", new LogisticRegressionTrainer());
 *     Evaluator<Label, LabelEvaluation> evaluator = run.evaluator(new LabelEvaluator());
 *     Model<Label> model = trainer.train(train);
 *     evaluator.evaluate(model, test);
 *     run.complete();
 * }
 * }</pre>
 *
 * <p><b>A training</b> logs, before it starts, the data as an input with the context {@code training} and the trainer's
 * settings as params ({@code trainer} is its class, {@code trainer.epochs} a setting, {@code
 * trainer.optimiser.initialLearningRate} one of a part); then the metric {@code training_seconds}; and the model, if the
 * trainer was given a name for it.
 *
 * <p><b>The data</b> are known by digest. For a file that was read whole that is the SHA-256 of the file, as Tribuo took it.
 * For everything else (one half of a split, a fold, several sources, transformed features, what was made in memory) it is a
 * digest over the examples: outputs, weights, names and values of features, in their order; and the hashed files that they
 * were made from are inputs too, with the context {@code training source}.
 *
 * <p><b>An evaluation</b> logs its metrics, NaN included, and the data with the contexts {@code evaluation} and {@code evaluation source}. Names are
 * Tribuo's in lower case: {@code accuracy}, {@code f1_macro}, {@code f1_micro}, {@code f1/setosa}; {@code rmse}, {@code
 * mae/DIM-0}. What Tribuo averages in one way only has no suffix, and neither has {@code accuracy}, which is the share of right
 * answers ({@code accuracy_macro} is the mean over the classes). With more than 100 classes or dimensions, the metrics of
 * single ones are left out. The first evaluation logs at step 0, each further one under the same prefix at the next step.
 *
 * <p><b>One training per run.</b> The first training is logged to this run, every further one to a child run of its own,
 * which ends when this one does, or before if more than 256 are open. An evaluation logs to the run that its model was trained in; to this one if the model was
 * trained elsewhere. Each training of a {@link org.tribuo.evaluation.CrossValidation} has a child run, and its model is not
 * registered: it is there to be evaluated. This run gets the mean over the folds so far and its standard deviation as {@code cv/accuracy} and
 * {@code cv/accuracy_sd}, at the number of the fold.
 *
 * <p><b>Ensembles.</b> A training that another trainer asks for (a member of an ensemble, what a {@link
 * org.tribuo.transform.TransformTrainer} wraps) is part of that one and logs nothing: give the outermost trainer to {@link
 * #trainer}.
 *
 * <p><b>If logging fails</b>, training and evaluating go on and return what they return: hours of work are worth more than
 * their record. A warning is logged, and what is missing is tried again by {@link #flush}, {@link #complete} and {@link
 * #close}; while something is missing, {@link #complete} throws and the run does not count as finished. {@link #missing}
 * tells what it is. To complete it nevertheless, complete the run that was given to {@link #of}.
 *
 * <p>Thread-safe; its trainers and evaluators are as thread-safe as those they wrap. Needs Tribuo on the class path.
 */
public final class TribuoRun extends ForwardingRun {
    private static final Logger LOG = LoggerFactory.getLogger(TribuoRun.class);
    private static final int MAX_OPEN_CHILDREN = 256;
    private static final int MAX_MISSING = 1_000;
    private static final int MAX_EVALUATION_INPUTS = 100;
    private static final String SECONDS = "training_seconds";
    private static final String CROSS_VALIDATION = "cv/";

    private final TrainingTarget main;
    private final AtomicBoolean mainTaken = new AtomicBoolean();
    private final AtomicBoolean warnedOfParts = new AtomicBoolean();
    /** Those that have not ended; guarded by itself, as is the number of all there were. */
    private final List<TrainingTarget> children = new ArrayList<>();

    private int trainings;

    private final Map<Model<?>, TrainingTarget> trained = Collections.synchronizedMap(new WeakHashMap<>());
    /** Guarded by itself. */
    private final List<Attempt> missing = new ArrayList<>();

    private long lost;

    private final Object retrying = new Object();

    /** Something that could not be logged. */
    private record Attempt(TrainingTarget target, String what, Runnable action, Throwable failure) {
        @Override
        public String toString() {
            String message = failure.getMessage();
            return what + " of " + target + " (" + failure.getClass().getSimpleName()
                    + (message == null ? "" : ": " + message) + ")";
        }
    }

    private TribuoRun(Run run) {
        super(run);
        this.main = TrainingTarget.of(run);
    }

    /**
     * @param run ends with the one that is returned: what is done to either is done to both
     */
    public static TribuoRun of(Run run) {
        return new TribuoRun(run);
    }

    /** A trainer that trains as the given one does, and logs what it does; without its models. */
    public <T extends Output<T>> Trainer<T> trainer(Trainer<T> trainer) {
        return TrackedTrainer.of(this, null, trainer, null);
    }

    /**
     * A trainer that trains as the given one does, and logs what it does and its models, as {@link TribuoModels#export}
     * writes them: each becomes the next version of the registered model.
     *
     * @param model the name of the registered model
     * @throws InvalidInputException if the name is not one, see {@link ModelRef#checkName}; and by the trainer, before it
     *     trains, if the data are neither for classification nor for regression, so that the model could not be stored
     */
    public <T extends Output<T>> Trainer<T> trainer(String model, Trainer<T> trainer) {
        return TrackedTrainer.of(this, ModelRef.checkName(model), trainer, null);
    }

    /**
     * The same, with models in another form: {@code TribuoModels::exportBoth}, say.
     *
     * @throws InvalidInputException if the name is not one, see {@link ModelRef#checkName}
     */
    public <T extends Output<T>> Trainer<T> trainer(
            String model, Trainer<T> trainer, Function<? super Model<T>, ? extends ModelExporter> exporter) {
        return TrackedTrainer.of(this, ModelRef.checkName(model), trainer, exporter);
    }

    /** An evaluator that evaluates as the given one does, and logs the metrics and which data they are of. */
    public <T extends Output<T>, E extends Evaluation<T>> Evaluator<T, E> evaluator(Evaluator<T, E> evaluator) {
        return evaluator("", evaluator);
    }

    /**
     * The same, with other names for its metrics.
     *
     * @param prefix put before each as it is: with {@code test/}, the accuracy is {@code test/accuracy}
     */
    public <T extends Output<T>, E extends Evaluation<T>> Evaluator<T, E> evaluator(
            String prefix, Evaluator<T, E> evaluator) {
        return new TrackedEvaluator<>(this, prefix, evaluator);
    }

    /** The version that a model was registered as by one of this run's trainers; empty if it was not, or not yet. */
    public Optional<ModelVersion> version(Model<?> model) {
        TrainingTarget target = trained.get(model);
        return target == null ? Optional.empty() : Optional.ofNullable(target.version());
    }

    /**
     * The run that a model was trained in: this one, or a child.
     *
     * @return empty if no trainer of this run has trained the model, or its child run could not be started so far
     */
    public Optional<Run> runOf(Model<?> model) {
        TrainingTarget target = trained.get(model);
        return target == main ? Optional.of(this) : target == null ? Optional.empty() : target.startedRun();
    }

    /** What could not be logged so far, and why; empty if nothing is missing. */
    public List<String> missing() {
        synchronized (missing) {
            List<String> all =
                    new ArrayList<>(missing.stream().map(Attempt::toString).toList());
            if (lost > 0) {
                all.add(lost + " more");
            }
            return all;
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws StorageException also if something that a trainer or evaluator should have logged is still missing; the
     *     message lists it
     */
    @Override
    public void flush() {
        retry();
        openChildren().forEach(child -> child.startedRun().ifPresent(Run::flush));
        super.flush();
    }

    /**
     * Ends the child runs, then this one.
     *
     * @throws StorageException also if something that a trainer or evaluator should have logged is still missing; the
     *     message lists it, and the run stays open
     */
    @Override
    public void complete() {
        retry();
        for (TrainingTarget child : openChildren()) {
            child.complete();
            forget(child);
        }
        super.complete();
    }

    @Override
    public void fail(Throwable cause) {
        endChildren();
        super.fail(cause);
    }

    /** Ends the child runs, then closes this one. */
    @Override
    public void close() {
        endChildren();
        super.close();
    }

    // What trainers and evaluators call

    <T extends Output<T>> Model<T> train(TrackedTrainer<T> trainer, Dataset<T> data, Supplier<Model<T>> training) {
        TrainingPosition position = TrainingPosition.find();
        if (position.isPart()) {
            if (!position.isTracked() && warnedOfParts.compareAndSet(false, true)) {
                LOG.warn(
                        "{} trains for {}, so it logs nothing; to track that, give it to TribuoRun.trainer() instead",
                        trainer.name(),
                        position.within());
            }
            return training.get();
        }
        trainer.check(data);
        TrainingTarget target = target(trainer, data, position);
        attempt(target, "training data", () -> logData(target.run(), data.getProvenance(), data.getData(), "training"));
        attempt(target, "params", () -> target.run().logParams(trainer.params()));
        long start = System.nanoTime();
        Model<T> model;
        try {
            model = training.get();
        } catch (Throwable e) {
            if (target != main) {
                failChild(target, e);
            }
            throw e;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        target.setDone();
        trained.put(model, target);
        attempt(target, SECONDS, () -> target.run().logMetric(SECONDS, seconds));
        attempt(target, TrainerParams.INVOCATION, () -> logInvocation(target.run(), model));
        String name = trainer.model();
        if (name != null && !position.isFold()) {
            attempt(
                    target,
                    "model '" + name + "'",
                    () -> target.setVersion(target.run().logModel(name, trainer.exporter(model))));
        }
        return model;
    }

    /**
     * @param examples what was evaluated; null to take them from the predictions
     */
    <T extends Output<T>, E extends Evaluation<T>> E evaluated(
            String prefix,
            Model<T> model,
            DataProvenance provenance,
            @Nullable Iterable<Example<T>> examples,
            E evaluation) {
        TrainingTarget target = trained.getOrDefault(model, main);
        if (target.isEnded()) {
            LOG.warn("{} has ended, so an evaluation of its model is logged to {}", target, main);
            target = main;
        }
        log(target, prefix, provenance, examples, evaluation);
        return evaluation;
    }

    private <T extends Output<T>> void log(
            TrainingTarget target,
            String prefix,
            DataProvenance provenance,
            @Nullable Iterable<Example<T>> examples,
            Evaluation<T> evaluation) {
        int step = target.nextStep(prefix);
        attempt(target, "metrics of an evaluation", () -> {
            EvaluationMetrics metrics = EvaluationMetrics.of(evaluation);
            target.run().logMetrics(metrics.named(prefix), step);
        });
        FoldMetrics folds = target.folds();
        if (folds != null && step == 0) {
            FoldMetrics.Summary summary = folds.add(prefix + CROSS_VALIDATION, EvaluationMetrics.of(evaluation));
            attempt(
                    main,
                    "metrics of a cross-validation",
                    () -> main.run().logMetrics(summary.metrics(), summary.fold()));
        }
        if (step < MAX_EVALUATION_INPUTS) {
            attempt(target, "evaluation data", () -> {
                Iterable<? extends Example<?>> read = examples == null
                        ? evaluation.getPredictions().stream()
                                .map(Prediction::getExample)
                                .toList()
                        : examples;
                logData(target.run(), provenance, read, "evaluation");
            });
        }
    }

    private <T extends Output<T>> TrainingTarget target(
            TrackedTrainer<T> trainer, Dataset<T> data, TrainingPosition position) {
        int number;
        synchronized (children) {
            number = ++trainings;
        }
        if (!position.isFold() && mainTaken.compareAndSet(false, true)) {
            return main;
        }
        String suffix = position.isFold()
                        && data instanceof DatasetView<T> view
                        && !view.getTag().isBlank()
                ? view.getTag()
                : Integer.toString(number);
        TrainingTarget child = TrainingTarget.child(
                wrapped(), Texts.key(trainer.name() + " " + suffix), position.isFold() ? trainer.folds() : null);
        TrainingTarget eldest = null;
        synchronized (children) {
            children.add(child);
            if (children.size() > MAX_OPEN_CHILDREN) {
                eldest = children.stream()
                        .filter(TrainingTarget::isDone)
                        .findFirst()
                        .orElse(null);
                if (eldest != null) {
                    children.remove(eldest);
                }
            }
        }
        if (eldest != null) {
            attempt(eldest, "end", eldest::complete);
        }
        return child;
    }

    private static void logData(
            Run run, DataProvenance provenance, Iterable<? extends Example<?>> examples, String context) {
        TrainingData data = TrainingData.of(provenance, examples);
        run.logInput(data.data(), context);
        for (DatasetVersion source : data.sources()) {
            run.logInput(source, context + " source");
        }
    }

    private static void logInvocation(Run run, Model<?> model) {
        TrainerProvenance provenance = model.getProvenance().getTrainerProvenance();
        String count = TrainerParams.of(provenance).get(TrainerParams.INVOCATION);
        if (count != null) {
            run.logParam(TrainerParams.INVOCATION, count);
        }
    }

    // What could not be logged

    /** Never throws: what is logged is worth less than the training that logs it. */
    private void attempt(TrainingTarget target, String what, Runnable action) {
        try {
            action.run();
        } catch (Throwable e) {
            Attempt attempt = new Attempt(target, what, action, e);
            LOG.warn("Not logged for now, and tried again when the run is flushed or completed: {}", attempt, e);
            synchronized (missing) {
                if (missing.size() < MAX_MISSING) {
                    missing.add(attempt);
                } else {
                    lost++;
                }
            }
        }
    }

    private void retry() {
        // One at a time: while one tries, what is missing is with it, and another would see nothing missing.
        synchronized (retrying) {
            retryAll();
        }
    }

    private void retryAll() {
        List<Attempt> attempts;
        synchronized (missing) {
            attempts = List.copyOf(missing);
            missing.clear();
        }
        List<Attempt> failed = new ArrayList<>();
        for (Attempt attempt : attempts) {
            try {
                attempt.action.run();
            } catch (Throwable e) {
                failed.add(new Attempt(attempt.target, attempt.what, attempt.action, e));
            }
        }
        synchronized (missing) {
            missing.addAll(0, failed);
            if (missing.isEmpty() && lost == 0) {
                return;
            }
        }
        Throwable cause = failed.isEmpty() ? null : failed.get(0).failure;
        StorageException incomplete = new StorageException(
                "run " + id() + " is incomplete; what was trained has been returned, but not all of it is logged: "
                        + String.join("; ", missing())
                        + ". Log it by hand and complete the run that TribuoRun.of was given, or end it by fail()",
                cause);
        failed.stream().skip(1).forEach(attempt -> incomplete.addSuppressed(attempt.failure));
        throw incomplete;
    }

    private void endChildren() {
        try {
            retry();
        } catch (RuntimeException e) {
            LOG.warn("{}", e.getMessage());
        }
        for (TrainingTarget child : openChildren()) {
            Throwable failure = failureOf(child);
            try {
                if (!child.isDone()) {
                    child.close();
                } else if (failure == null) {
                    child.complete();
                } else {
                    child.fail(failure);
                }
                forget(child);
            } catch (RuntimeException e) {
                LOG.warn("{} could not be ended: {}", child, e.toString());
            }
        }
    }

    private @Nullable Throwable failureOf(TrainingTarget target) {
        synchronized (missing) {
            return missing.stream()
                    .filter(attempt -> attempt.target == target)
                    .map(Attempt::failure)
                    .findFirst()
                    .orElse(null);
        }
    }

    private void failChild(TrainingTarget child, Throwable cause) {
        try {
            child.fail(cause);
            forget(child);
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    private List<TrainingTarget> openChildren() {
        synchronized (children) {
            return List.copyOf(children);
        }
    }

    private void forget(TrainingTarget child) {
        synchronized (children) {
            children.remove(child);
        }
    }
}
