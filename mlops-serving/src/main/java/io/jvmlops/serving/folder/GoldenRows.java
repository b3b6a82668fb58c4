package io.jvmlops.serving.folder;

import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelSignature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Inputs with the answers that a model must give: a version that does not reproduce them does not go live. They catch what
 * digests cannot: a runtime, a processor or a conversion that makes something else of the same bytes. Immutable.
 *
 * <pre>{@code
 * GoldenRows rows = GoldenRows.of(inputs, expected).within(1e-6, 1e-4);
 * run.logModel("iris", rows.attachTo(TribuoModels.exportOnnx(model)));   // travel with the version
 * Serving.builder(registry).golden("iris", rows)                         // kept apart from it
 * }</pre>
 *
 * <p>A number fits if it is no further from the expected one than the absolute tolerance and the relative one times the
 * expected one's magnitude, added up; NaN fits NaN, an infinity itself. Integers, truth values and text fit if they are
 * equal. Outputs that are not named are not looked at.
 *
 * <p>In a model's folder they are {@value #FILE}, tensors as in the Open Inference Protocol: {@code {"inputs": [{"name":
 * "x", "shape": [1, 2], "datatype": "FP32", "data": [1.5, 2]}], "outputs": [...], "tolerance": {"absolute": 1e-5,
 * "relative": 1e-5}}}. They are readable for everybody who can read the model: leave people's data out.
 */
public final class GoldenRows {
    /** The file within the model's folder. */
    public static final String FILE = "golden_rows.json";

    /** The most that they may take as a file, in bytes: they are asked whenever a version is loaded. */
    public static final int MAX_BYTES = 8 << 20;

    /** Either tolerance, if not said: what one runtime differs from another in 32-bit floats. */
    public static final double DEFAULT_TOLERANCE = 1e-5;

    /** A version that takes longer has failed; whoever loads would else wait for ever. */
    private static final Duration MAX_TIME = Duration.ofMinutes(1);

    private final Tensors inputs;
    private final Tensors outputs;
    private final double absolute;
    private final double relative;

    private GoldenRows(Tensors inputs, Tensors outputs, double absolute, double relative) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.absolute = absolute;
        this.relative = relative;
    }

    /**
     * What must be answered to what.
     *
     * @param outputs of the model's, those that are to be compared
     * @throws InvalidInputException if there are no outputs, or nothing in any of them
     */
    public static GoldenRows of(Tensors inputs, Tensors outputs) {
        if (outputs.size() == 0) {
            throw new InvalidInputException("golden rows: expected an output or more, found none");
        }
        if (outputs.toMap().values().stream().allMatch(tensor -> tensor.size() == 0)) {
            throw new InvalidInputException("golden rows: the outputs " + outputs
                    + " hold nothing to compare, so that any model would fit; expected a row or more");
        }
        return new GoldenRows(inputs, outputs, DEFAULT_TOLERANCE, DEFAULT_TOLERANCE);
    }

    /** What a model answers now, in all its outputs; it throws what the model does. */
    public static GoldenRows of(InferenceModel model, Tensors inputs) {
        return of(inputs, model.predict(inputs));
    }

    /** The same with other tolerances, each zero or more. */
    public GoldenRows within(double absolute, double relative) {
        checkTolerance("absolute", absolute);
        checkTolerance("relative", relative);
        return new GoldenRows(inputs, outputs, absolute, relative);
    }

    private static void checkTolerance(String which, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new InvalidInputException(
                    "golden rows: " + which + " tolerance " + value + ", expected a number of zero or more");
        }
    }

    public Tensors inputs() {
        return inputs;
    }

    public Tensors outputs() {
        return outputs;
    }

    public double absoluteTolerance() {
        return absolute;
    }

    public double relativeTolerance() {
        return relative;
    }

    /**
     * Asks the model and compares.
     *
     * @param name what messages call the model
     * @throws ModelLoadException if it fails, takes a minute, or answers otherwise: the message says for every output
     *     where it differs most, by how much and what was allowed, but no value
     */
    public void check(String name, InferenceModel model) {
        Tensors found;
        try {
            found = model.predict(inputs, Deadline.after(MAX_TIME));
        } catch (MlopsException e) {
            throw new ModelLoadException("model " + name + " does not answer its golden rows: " + e.getMessage(), e);
        }
        List<String> differences = differences(found, model.signature());
        if (!differences.isEmpty()) {
            throw new ModelLoadException("model " + name + " does not reproduce its golden rows: "
                    + String.join("; ", differences)
                    + ". It was not loaded; find out why, or make the rows anew if the model is right");
        }
    }

    private List<String> differences(Tensors found, ModelSignature signature) {
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            String output = outputs.nameAt(i);
            Tensor expected = outputs.at(i);
            int position = found.indexOf(output);
            if (position < 0) {
                differences.add("there is no output '" + output + "', only " + found.names());
                continue;
            }
            Tensor actual = found.at(position);
            if (!comparable(expected.type(), actual.type()) || !expected.shape().equals(actual.shape())) {
                differences.add("output '" + output + "' is " + actual + ", expected " + expected);
                continue;
            }
            List<String> columns =
                    signature.output(output).map(TensorSpec::columns).orElse(List.of());
            compare(output, columns, expected, actual, differences);
        }
        return differences;
    }

    /** Another precision is a matter of tolerance. */
    private static boolean comparable(DataType expected, DataType actual) {
        return expected == actual
                || expected.isFloating() && actual.isFloating()
                || expected.isInteger() && actual.isInteger();
    }

    private void compare(
            String output, List<String> columns, Tensor expected, Tensor actual, List<String> differences) {
        int wrong = 0;
        int worst = -1;
        double worstExcess = 0;
        for (int i = 0; i < expected.size(); i++) {
            double excess = excess(expected, actual, i);
            if (excess > 0) {
                wrong++;
                if (worst < 0 || excess > worstExcess) {
                    worst = i;
                    worstExcess = excess;
                }
            }
        }
        if (worst >= 0) {
            differences.add("output '" + output + "' " + place(expected, worst, columns) + " "
                    + difference(expected, actual, worst) + " (" + wrong + " of " + expected.size()
                    + " elements differ)");
        }
    }

    /** By how much a difference is over the tolerance; zero or less if it fits. */
    private double excess(Tensor expected, Tensor actual, int index) {
        if (expected.type() == DataType.BYTES) {
            return expected.stringAt(index).equals(actual.stringAt(index)) ? 0 : Double.POSITIVE_INFINITY;
        }
        if (!expected.type().isFloating()) {
            // Beyond 2^53 the difference is rounded, but never to zero.
            return expected.longAt(index) == actual.longAt(index) ? 0 : Math.max(1, distance(expected, actual, index));
        }
        double e = expected.doubleAt(index);
        double a = actual.doubleAt(index);
        if (Double.compare(e, a) == 0 || e == a) {
            return 0;
        }
        double excess = Math.abs(a - e) - (absolute + relative * Math.abs(e));
        // Of NaN or an infinity beside a number there is no difference.
        return Double.isFinite(e) && Double.isFinite(a) ? excess : Double.POSITIVE_INFINITY;
    }

    private static double distance(Tensor expected, Tensor actual, int index) {
        return Math.abs(actual.doubleAt(index) - expected.doubleAt(index));
    }

    private String difference(Tensor expected, Tensor actual, int index) {
        if (expected.type() == DataType.BYTES) {
            return "is another text than expected";
        }
        if (!expected.type().isFloating()) {
            return "differs by " + (long) distance(expected, actual, index) + ", expected the same "
                    + (expected.type() == DataType.BOOL ? "truth value" : "integer");
        }
        double difference = distance(expected, actual, index);
        return Double.isFinite(difference)
                ? "differs by " + difference + ", allowed is " + absolute + " + " + relative + " * |expected| = "
                        + (absolute + relative * Math.abs(expected.doubleAt(index)))
                : "is " + kind(actual.doubleAt(index)) + ", expected " + kind(expected.doubleAt(index));
    }

    private static String kind(double value) {
        return Double.isNaN(value) ? "NaN" : Double.isInfinite(value) ? "infinite" : "a finite number";
    }

    private static String place(Tensor tensor, int index, List<String> columns) {
        int width = tensor.rowSize();
        if (tensor.shape().rank() < 2) {
            return "row " + index;
        }
        int column = index % width;
        return "row " + index / width + ", column " + column
                + (columns.size() == width ? " ('" + columns.get(column) + "')" : "");
    }

    /**
     * Those that a model's folder names; empty if it names none.
     *
     * @throws IntegrityException if their bytes are not those of the manifest
     * @throws ModelLoadException if they are not there, too large or no such file
     */
    public static Optional<GoldenRows> read(ModelFiles files, ModelDescriptor descriptor) {
        String path = descriptor.goldenRows();
        if (path == null) {
            return Optional.empty();
        }
        String what = "golden rows '" + path + "' of model " + files.name();
        long size = files.manifest().find(path).map(FileEntry::size).orElse(0L);
        if (size > MAX_BYTES) {
            throw new ModelLoadException(what + " have " + size + " bytes, expected at most " + MAX_BYTES);
        }
        try {
            return Optional.of(GoldenJson.read(files.read(path)));
        } catch (IOException | InvalidInputException | IllegalArgumentException e) {
            throw new ModelLoadException(what + " are malformed: " + e.getMessage(), e);
        }
    }

    /**
     * An exporter that writes what the given one does, and these rows.
     *
     * @return it throws {@link InvalidInputException} if they do not fit the model's signature, or have more than
     *     {@value #MAX_BYTES} bytes as JSON
     */
    public ModelExporter attachTo(ModelExporter exporter) {
        return (folder, runId) -> write(folder, exporter.export(folder, runId));
    }

    private ModelDescriptor write(Path folder, ModelDescriptor descriptor) {
        ModelSignature signature = descriptor.signature();
        if (signature != null) {
            checkFit(signature);
        }
        byte[] json = GoldenJson.write(this);
        if (json.length > MAX_BYTES) {
            throw new InvalidInputException("golden rows: " + json.length + " bytes of JSON, expected at most "
                    + MAX_BYTES + "; some dozens of rows are enough");
        }
        try {
            Files.write(folder.resolve(FILE), json);
        } catch (IOException e) {
            throw new StorageException("model folder " + folder + ": its golden rows cannot be written", e);
        }
        return ModelFolder.write(folder, descriptor.withGoldenRows(FILE));
    }

    private void checkFit(ModelSignature signature) {
        if (!signature.inputs().isEmpty()) {
            signature.checkInputs("golden rows", inputs);
        }
        List<String> mismatches = new ArrayList<>();
        for (int i = 0; i < outputs.size() && !signature.outputs().isEmpty(); i++) {
            String name = outputs.nameAt(i);
            Tensor tensor = outputs.at(i);
            TensorSpec spec = signature.output(name).orElse(null);
            if (spec == null) {
                mismatches.add("tensor '" + name + "' is no output; there are "
                        + signature.outputs().stream().map(TensorSpec::name).toList());
            } else if (!comparable(tensor.type(), spec.type()) || !spec.shape().accepts(tensor.shape())) {
                mismatches.add(
                        "tensor '" + name + "' is " + tensor + ", but the model gives " + spec.type() + spec.shape());
            }
        }
        if (!mismatches.isEmpty()) {
            throw new InvalidInputException("golden rows", mismatches);
        }
    }

    /** What they hold, without values. */
    @Override
    public String toString() {
        return "golden rows " + inputs + " -> " + outputs + " within " + absolute + " + " + relative + " * |expected|";
    }
}
