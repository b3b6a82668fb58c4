package io.jvmlops.serving.folder;

import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.data.RecordCodec;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelSignature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An example of what a model takes, kept beside it for people and for Python's MLflow ({@code load_input_example}):
 *
 * <pre>{@code
 * run.logModel("iris", InputExample.of(new Flower(5.1, 3.5, 1.4, 0.2)).attachTo(TribuoModels.export(model)));
 * }</pre>
 *
 * <p>It is stored as {@value #FILE}, in MLflow's form, and readable for everybody who can read the model: make the values
 * up, and leave people's data out.
 */
public final class InputExample {
    /** The file within the model's folder. */
    public static final String FILE = "input_example.json";

    /** The same as a request to MLflow's scoring server. */
    static final String SERVING_FILE = "serving_input_example.json";

    /** The largest example, in bytes: it is there to be read. */
    public static final int MAX_BYTES = 1 << 20;

    private final Form form;

    /** What the example is for a model. */
    @FunctionalInterface
    private interface Form {
        ExampleJson of(@Nullable ModelSignature signature);
    }

    private InputExample(Form form) {
        this.form = form;
    }

    /** Tensors as the model takes them; MLflow reads them as NumPy arrays, by name. */
    public static InputExample of(Tensors inputs) {
        return new InputExample(signature -> {
            if (signature != null && !signature.inputs().isEmpty()) {
                signature.checkInputs("input example", inputs);
            }
            return ExampleJson.ofTensors(inputs);
        });
    }

    /**
     * One row. A model whose inputs are columns, or that does not say what they are, gets it as a table, which MLflow reads as
     * a data frame; any other gets the tensors that it takes.
     *
     * @throws InvalidInputException if the record's type is none that {@link RecordCodec#of} compiles
     */
    public static InputExample of(Record row) {
        return ofOne(row);
    }

    private static <R extends Record> InputExample ofOne(R row) {
        @SuppressWarnings("unchecked") // the class of an R, and records have no subclasses
        Class<R> type = (Class<R>) row.getClass();
        return of(RecordCodec.of(type), List.of(row));
    }

    /**
     * Rows, as {@link #of(Record)} has one.
     *
     * @throws InvalidInputException if there are none
     */
    public static <R extends Record> InputExample of(RecordCodec<R> codec, List<? extends R> rows) {
        List<R> copy = List.copyOf(rows);
        if (copy.isEmpty()) {
            throw new InvalidInputException("input example: expected a row or more, found none");
        }
        return new InputExample(signature -> signature == null || isTable(signature)
                ? ExampleJson.ofTable(codec.encode(copy))
                : ExampleJson.ofTensors(codec.encoder(signature.inputs()).encode(copy)));
    }

    private static boolean isTable(ModelSignature signature) {
        return signature.inputs().stream()
                .allMatch(spec -> spec.shape().rank() == 1 && spec.shape().dim(0) == Shape.DYNAMIC);
    }

    /**
     * The example that a model's folder names, as the tensors that the model takes; empty if it names none. Of MLflow's forms,
     * arrays and tables ({@code split}) are read.
     *
     * @param signature the loaded model's
     * @throws IntegrityException if its bytes are not those of the manifest
     * @throws ModelLoadException if it is not there, has more than {@value #MAX_BYTES} bytes, another form or other inputs
     */
    public static Optional<Tensors> read(ModelFiles files, ModelDescriptor descriptor, ModelSignature signature) {
        String path = descriptor.inputExample();
        if (path == null) {
            return Optional.empty();
        }
        String what = "input example '" + path + "' of model " + files.name();
        long size = files.manifest().find(path).map(FileEntry::size).orElse(0L);
        if (size > MAX_BYTES) {
            throw new ModelLoadException(what + " has " + size + " bytes, expected at most " + MAX_BYTES);
        }
        try {
            Tensors inputs = ExampleJson.read(files.read(path), signature);
            signature.checkInputs("it", inputs);
            return Optional.of(inputs);
        } catch (IOException | InvalidInputException | ArithmeticException e) {
            throw new ModelLoadException(what + " is not one of its inputs: " + e.getMessage(), e);
        }
    }

    /**
     * An exporter that writes what the given one does, and this example.
     *
     * @return it throws {@link InvalidInputException} if the example is not one of the model's inputs, or has more than
     *     {@value #MAX_BYTES} bytes
     */
    public ModelExporter attachTo(ModelExporter exporter) {
        return (folder, runId) -> write(folder, exporter.export(folder, runId));
    }

    private ModelDescriptor write(Path folder, ModelDescriptor descriptor) {
        ExampleJson json = form.of(descriptor.signature());
        byte[] example = json.example();
        if (example.length > MAX_BYTES) {
            throw new InvalidInputException("input example: " + example.length + " bytes of JSON, expected at most "
                    + MAX_BYTES + "; a row or two are enough");
        }
        try {
            Files.write(folder.resolve(FILE), example);
            Files.write(folder.resolve(SERVING_FILE), json.request());
        } catch (IOException e) {
            throw new StorageException("model folder " + folder + ": its input example cannot be written", e);
        }
        return ModelFolder.write(
                folder,
                new ModelDescriptor(
                        descriptor.flavors(),
                        descriptor.signature(),
                        descriptor.labels(),
                        descriptor.runId(),
                        descriptor.provenance(),
                        descriptor.digests(),
                        FILE,
                        descriptor.goldenRows()));
    }
}
