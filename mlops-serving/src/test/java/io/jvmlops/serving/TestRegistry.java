package io.jvmlops.serving;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.registry.InMemoryModelRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A registry with models in it, and a flavor of our own whose models answer with a constant. */
final class TestRegistry implements AutoCloseable {
    final InMemoryArtifactStore artifacts = new InMemoryArtifactStore();
    final ModelRegistry registry = new InMemoryModelRegistry(artifacts);

    /** Registers an ONNX model. */
    ModelVersion onnx(String name, byte[] onnx) {
        return register(name, "onnx", "model.onnx", onnx);
    }

    /** Registers a model of {@link Constants}. */
    ModelVersion constant(String name, String value) {
        return register(name, "constant", "value.txt", value.getBytes(StandardCharsets.UTF_8));
    }

    private ModelVersion register(String name, String flavor, String file, byte[] bytes) {
        try {
            Path folder = Files.createTempDirectory("test-model");
            Files.write(folder.resolve(file), bytes);
            ModelFolder.write(folder, ModelDescriptor.ofFile(flavor, file));
            ModelVersion version = register(artifacts, registry, name, folder);
            for (FileEntry entry : ModelFolder.files(folder).manifest().files()) {
                Files.delete(folder.resolve(entry.path()));
            }
            Files.delete(folder);
            return version;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ModelVersion register(ArtifactStore artifacts, ModelRegistry registry, String name, Path folder)
            throws IOException {
        return registry.register(
                NewModelVersion.builder(name, store(artifacts, folder)).build());
    }

    static Manifest store(ArtifactStore artifacts, Path folder) throws IOException {
        List<FileEntry> stored = new ArrayList<>();
        for (FileEntry entry : ModelFolder.files(folder).manifest().files()) {
            try (InputStream in = Files.newInputStream(folder.resolve(entry.path()))) {
                ArtifactStore.Stored s = artifacts.put(in);
                stored.add(new FileEntry(entry.path(), s.size(), s.digest()));
            }
        }
        return new Manifest(stored);
    }

    @Override
    public void close() {
        registry.close();
        artifacts.close();
    }

    /** Loads a file that holds a number, or {@code broken}, or {@code other} for another input. */
    static final class Constants implements ModelLoader {
        final AtomicInteger open = new AtomicInteger();

        @Override
        public String flavor() {
            return "constant";
        }

        @Override
        public InferenceModel load(ModelFiles files, ModelDescriptor descriptor) {
            String text = new String(files.read("value.txt"), StandardCharsets.UTF_8);
            if (text.equals("broken")) {
                throw new ModelLoadException("it is broken");
            }
            String input = text.equals("other") ? "y" : "x";
            double value = text.equals("other") ? 0 : Double.parseDouble(text);
            ModelSignature signature = new ModelSignature(
                    List.of(TensorSpec.of(input, DataType.FP64, -1)),
                    List.of(TensorSpec.of("value", DataType.FP64, -1)));
            open.incrementAndGet();
            return new Constant(descriptor, signature, files.digest(), value);
        }

        private final class Constant implements InferenceModel {
            private final ModelDescriptor descriptor;
            private final ModelSignature signature;
            private final Digest digest;
            private final double value;
            private volatile boolean closed;

            Constant(ModelDescriptor descriptor, ModelSignature signature, Digest digest, double value) {
                this.descriptor = descriptor;
                this.signature = signature;
                this.digest = digest;
                this.value = value;
            }

            @Override
            public ModelDescriptor descriptor() {
                return descriptor;
            }

            @Override
            public ModelSignature signature() {
                return signature;
            }

            @Override
            public String flavor() {
                return "constant";
            }

            @Override
            public Digest digest() {
                return digest;
            }

            @Override
            public Tensors predict(Tensors inputs, Deadline deadline) {
                signature.checkInputs("input", inputs);
                double[] values = new double[inputs.get("x").size()];
                Arrays.fill(values, value);
                // A handle that lets go of a model too early is found out here.
                if (closed) {
                    throw new ClosedException("the constant is closed");
                }
                return Tensors.of("value", Tensor.transfer(values, values.length));
            }

            @Override
            public void close() {
                if (!closed) {
                    closed = true;
                    open.decrementAndGet();
                }
            }
        }
    }
}
