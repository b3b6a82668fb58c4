package io.jvmlops.serving.tribuo;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.serving.internal.LoadedModel;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tribuo.Model;
import org.tribuo.RealIDInfo;
import org.tribuo.VariableIDInfo;
import org.tribuo.protos.core.ModelProto;

/** A loaded model of Tribuo's. */
final class TribuoModel extends LoadedModel {
    private static final int MAX_MISMATCHES = 20;

    /** Between two looks at the clock; a power of two. */
    private static final int CHECKED_ROWS = 64;

    private final TensorSpec input;
    private final Answers answers;
    private final int features;
    private final int width;
    private final List<String> names;

    /** Null once freed; read and cleared under the gate. */
    private @Nullable Scorer scorer;

    private TribuoModel(
            String name,
            ModelDescriptor descriptor,
            ModelSignature signature,
            Digest digest,
            Domain domain,
            Scorer scorer) {
        super(name, digest, TribuoModelLoader.FLAVOR, descriptor, signature);
        this.input = signature.inputs().get(0);
        this.answers = new Answers(domain, signature.outputs());
        this.features = domain.features().size();
        this.width = domain.width();
        this.names = domain.features();
        this.scorer = scorer;
    }

    static TribuoModel load(ModelFiles files, ModelDescriptor descriptor) {
        Map<String, String> settings = descriptor.flavors().get(TribuoModelLoader.FLAVOR);
        String path = settings == null ? null : settings.get(ModelDescriptor.DATA);
        if (path == null) {
            throw new ModelLoadException("model " + files.name() + ": its descriptor names no file of flavor '"
                    + TribuoModelLoader.FLAVOR + "'; it has the flavors "
                    + descriptor.flavors().keySet());
        }
        String what = "file '" + path + "' of model " + files.name();
        ModelProto proto = TribuoFile.check(files.read(path), what);
        Model<?> model = deserialize(proto, what);
        Domain domain = Domain.of(model, what);
        ModelSignature signature = signature(files.name(), descriptor, domain);
        List<String> labels = domain.labels();
        if (!labels.isEmpty()
                && !descriptor.labels().isEmpty()
                && !descriptor.labels().equals(labels)) {
            throw new ModelLoadException("model " + files.name() + " is not what its MLmodel says: "
                    + difference("label", labels, descriptor.labels()));
        }
        Scorer scorer = scorer(model, proto, domain, what);
        tryOut(scorer, model, domain, what);
        ModelDescriptor full = descriptor.with(signature, labels.isEmpty() ? descriptor.labels() : labels);
        return new TribuoModel(files.name(), full, signature, files.digest(), domain, scorer);
    }

    private static Model<?> deserialize(ModelProto proto, String what) {
        try {
            return Model.deserialize(proto);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            if (root instanceof NoClassDefFoundError missing) {
                throw missing;
            }
            throw new ModelLoadException(
                    what + " is not a model that Tribuo can read: "
                            + (root.getMessage() == null ? root.toString() : root.getMessage()),
                    e);
        }
    }

    private static Scorer scorer(Model<?> model, ModelProto proto, Domain domain, String what) {
        if (proto.getClassName().equals(KMeansScorer.MODEL)) {
            return KMeansScorer.of(model, proto);
        }
        Scorer linear = LinearScorer.handles(proto.getClassName()) ? LinearScorer.of(model, proto, domain, what) : null;
        return linear == null ? new ExampleScorer<>(model, domain) : linear;
    }

    /** One answer, to the mean of the training data, so that parts that do not fit each other show now and not live. */
    private static void tryOut(Scorer scorer, Model<?> model, Domain domain, String what) {
        double[] row = new double[domain.features().size()];
        for (int i = 0; i < row.length; i++) {
            VariableIDInfo info = model.getFeatureIDMap().get(i);
            if (info instanceof RealIDInfo real && Double.isFinite(real.getMean())) {
                row[i] = real.getMean();
            }
        }
        try {
            scorer.score(row, new double[domain.width()]);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw new ModelLoadException(what + " fails on the mean of its own training data: " + e, e);
        }
    }

    private static ModelSignature signature(String name, ModelDescriptor descriptor, Domain domain) {
        ModelSignature said = descriptor.signature();
        TensorSpec saidInput = said == null ? null : only(said.inputs());
        TensorSpec saidOutput = said == null ? null : only(said.outputs());
        TensorSpec in = domain.input(nameOf(saidInput, Domain.INPUT), typeOf(saidInput));
        List<TensorSpec> out = domain.outputs(
                nameOf(saidOutput, Domain.OUTPUT),
                said == null || saidOutput != null ? typeOf(saidOutput) : typeOf(said.outputs()));
        // Without columns, so that what the descriptor says of them comes through and can be compared.
        ModelSignature own = new ModelSignature(
                List.of(in.withColumns(List.of())),
                out.stream().map(spec -> spec.withColumns(List.of())).toList());
        ModelSignature both = ModelFolder.reconcile(name, own, descriptor);
        checkColumns(name, "input column", domain.features(), both.inputs().get(0));
        for (TensorSpec spec : both.outputs()) {
            List<String> columns = spec.shape().rank() == 2 ? domain.outputs() : List.of(spec.name());
            checkColumns(name, "output column", columns, spec);
        }
        return new ModelSignature(List.of(in), out);
    }

    private static @Nullable TensorSpec only(List<TensorSpec> specs) {
        return specs.size() == 1 && specs.get(0).shape().rank() == 2 ? specs.get(0) : null;
    }

    private static String nameOf(@Nullable TensorSpec spec, String otherwise) {
        return spec == null ? otherwise : spec.name();
    }

    private static DataType typeOf(@Nullable TensorSpec spec) {
        return spec != null && spec.type() == DataType.FP32 ? DataType.FP32 : DataType.FP64;
    }

    /** Several outputs have one type for all that is floating. */
    private static DataType typeOf(List<TensorSpec> specs) {
        return specs.stream().anyMatch(spec -> spec.type() == DataType.FP32) ? DataType.FP32 : DataType.FP64;
    }

    private static void checkColumns(String name, String side, List<String> own, TensorSpec said) {
        if (!said.columns().isEmpty() && !said.columns().equals(own)) {
            throw new ModelLoadException(
                    "model " + name + " is not what its MLmodel says: " + difference(side, own, said.columns()));
        }
    }

    private static String difference(String side, List<String> own, List<String> said) {
        for (int i = 0; i < Math.min(own.size(), said.size()); i++) {
            if (!own.get(i).equals(said.get(i))) {
                return side + " " + i + " is '" + own.get(i) + "' in the model, '" + said.get(i) + "' in MLmodel";
            }
        }
        return own.size() + " " + side + "s in the model, " + said.size() + " in MLmodel";
    }

    @Override
    protected Tensors answer(Tensors inputs, Deadline deadline) {
        Tensor values = inputs.get(input.name());
        Scorer current = Objects.requireNonNull(scorer, "freed while it was asked");
        int rows = values.rows();
        long size = (long) rows * width;
        if (size > Integer.MAX_VALUE - 16) {
            throw new InvalidInputException(subject() + ": " + rows + " rows would give " + size
                    + " values, more than fit in a tensor; send fewer at a time");
        }
        double[] out = new double[(int) size];
        if (rows == 1) {
            // The most common call: nothing to be read twice.
            double[] only = values.toDoubleArray();
            check(find(only, 0, List.of()));
            score(current, only, out, 0);
            return answers.of(out, rows);
        }
        double[] row = new double[features];
        checkNumbers(new Rows(values), rows, row);
        Rows next = new Rows(values);
        double[] scores = new double[width];
        for (int r = 0; r < rows; r++) {
            if ((r & (CHECKED_ROWS - 1)) == CHECKED_ROWS - 1) {
                deadline.check(subject() + ": stopped at row " + r + " of " + rows);
            }
            next.read(row);
            score(current, row, scores, r);
            System.arraycopy(scores, 0, out, r * width, width);
        }
        return answers.of(out, rows);
    }

    private void score(Scorer current, double[] row, double[] scores, int index) {
        try {
            current.score(row, scores);
        } catch (RuntimeException | StackOverflowError e) {
            throw failure(index, e);
        }
    }

    /** The rows of a tensor, one after the other, as doubles. */
    private static final class Rows {
        private final @Nullable DoubleBuffer doubles;
        private final @Nullable FloatBuffer floats;

        Rows(Tensor values) {
            boolean wide = values.type() == DataType.FP64;
            doubles = wide ? values.asDoubleBuffer() : null;
            floats = wide ? null : values.asFloatBuffer();
        }

        void read(double[] row) {
            if (doubles != null) {
                doubles.get(row);
            } else if (floats != null) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = floats.get();
                }
            }
        }
    }

    private void checkNumbers(Rows values, int rows, double[] row) {
        List<String> mismatches = List.of();
        for (int r = 0; r < rows; r++) {
            values.read(row);
            mismatches = find(row, r, mismatches);
        }
        check(mismatches);
    }

    private List<String> find(double[] row, int index, List<String> mismatches) {
        List<String> found = mismatches;
        for (int i = 0; i < features; i++) {
            if (Double.isNaN(row[i])) {
                found = add(found, index * features + i);
            }
        }
        return found;
    }

    private void check(List<String> mismatches) {
        if (!mismatches.isEmpty()) {
            throw new InvalidInputException(subject(), mismatches);
        }
    }

    private List<String> add(List<String> mismatches, int index) {
        if (mismatches.size() > MAX_MISMATCHES) {
            return mismatches;
        }
        List<String> more = mismatches.isEmpty() ? new ArrayList<>() : mismatches;
        more.add(
                more.size() == MAX_MISMATCHES
                        ? "and more"
                        : "column '" + names.get(index % features) + "' of row " + index / features
                                + " is NaN, expected a number: Tribuo's models take no missing values");
        return more;
    }

    /** Tribuo's messages may show the example, so only the kind of failure and its place are kept. */
    private ModelFailureException failure(int row, Throwable failure) {
        IllegalStateException cause = new IllegalStateException(
                failure.getClass().getName() + "; its message is left out, since it may hold feature values");
        cause.setStackTrace(failure.getStackTrace());
        return new ModelFailureException(
                subject() + ": Tribuo failed on row " + row + " with "
                        + failure.getClass().getName(),
                cause);
    }

    @Override
    protected void free() {
        scorer = null;
    }
}
