package io.jvmlops.serving.onnx;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How ONNX Runtime runs models. The defaults suit an application that has threads of its own: one thread per call, no
 * spinning, the CPU. Immutable; names no type of ONNX Runtime, so it can be made where that is absent.
 *
 * <pre>{@code
 * OnnxOptions options = OnnxOptions.builder()
 *     .provider("CUDA", Map.of("device_id", "0"))
 *     .intraOpThreads(4)
 *     .build();
 * Serving.builder(registry).loader(new OnnxModelLoader(options))
 * }</pre>
 */
public final class OnnxOptions {
    /** System property that names the folder of {@link Builder#nativeFolder}, for a process whose code does not. */
    public static final String FOLDER_PROPERTY = "jvmlops.onnx.folder";

    /** Settings that would undo a check of ours, or that have a method of their own. */
    private static final Map<String, String> RESERVED = Map.of(
            "session.load_model_format", "it stays ONNX, which is what was checked",
            "session.use_ort_model_bytes_directly", "the runtime would keep an array that is not its own",
            "session.use_ort_model_bytes_for_initializers", "the runtime would keep an array that is not its own",
            "session.model_external_initializers_file_folder_path",
                    "weights come from the verified files of the model only",
            "session.intra_op.allow_spinning", "use spinning(boolean)",
            "session.inter_op.allow_spinning", "use spinning(boolean)");

    private final int intraOpThreads;
    private final int sharedPool;
    private final boolean spinning;
    private final Optimization optimization;
    private final List<Provider> providers;
    private final Map<String, String> config;
    private final @Nullable Path nativeFolder;

    private OnnxOptions(Builder builder) {
        this.intraOpThreads = builder.intraOpThreads;
        this.sharedPool = builder.sharedPool;
        this.spinning = builder.spinning;
        this.optimization = builder.optimization;
        this.providers = List.copyOf(builder.providers);
        this.config = Collections.unmodifiableMap(new LinkedHashMap<>(builder.config));
        this.nativeFolder = builder.nativeFolder;
    }

    public static OnnxOptions ofDefaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    public int intraOpThreads() {
        return intraOpThreads;
    }

    public boolean spinning() {
        return spinning;
    }

    public Optimization optimization() {
        return optimization;
    }

    /** In order of preference; the CPU comes after them, also where it is not named. */
    public List<Provider> providers() {
        return providers;
    }

    public Map<String, String> config() {
        return config;
    }

    /** Threads of the pool that all sessions share; empty if each has its own. */
    public OptionalInt sharedPool() {
        return sharedPool == 0 ? OptionalInt.empty() : OptionalInt.of(sharedPool);
    }

    public Optional<Path> nativeFolder() {
        return Optional.ofNullable(nativeFolder);
    }

    /** What the runtime may do to a graph before it runs it. Each includes the ones before. */
    public enum Optimization {
        /** The graph as it is. */
        NONE,
        /** Constant folding and the removal of what does nothing; the same on every provider. */
        BASIC,
        /** Fusions of nodes too. */
        EXTENDED,
        /** Layouts of the processor at hand too. */
        ALL
    }

    /**
     * An execution provider.
     *
     * @param name as ONNX Runtime calls it, with or without {@code ExecutionProvider}, in any case: {@code CUDA}
     * @param options as ONNX Runtime documents them for it: {@code device_id}
     */
    public record Provider(String name, Map<String, String> options) {
        /** Copies the options. */
        public Provider {
            Objects.requireNonNull(name, "name of an execution provider");
            options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
            if (name.isBlank()) {
                throw new IllegalArgumentException("the name of an execution provider is blank");
            }
        }
    }

    /** Collects options. Not thread-safe. */
    public static final class Builder {
        private int intraOpThreads = 1;
        private int sharedPool;
        private boolean spinning;
        private Optimization optimization = Optimization.ALL;
        private final List<Provider> providers = new ArrayList<>();
        private final Map<String, String> config = new LinkedHashMap<>();
        private @Nullable Path nativeFolder;

        private Builder() {}

        /**
         * Threads that work on one call, the caller's among them: every loaded model has its own. Default 1.
         *
         * @throws IllegalArgumentException if less than 1
         */
        public Builder intraOpThreads(int threads) {
            this.intraOpThreads = positive("intraOpThreads", threads);
            return this;
        }

        /** Whether idle threads of a model burn processor time for a while in case there is more. Default no. */
        public Builder spinning(boolean spinning) {
            this.spinning = spinning;
            return this;
        }

        /** Default {@link Optimization#ALL}. */
        public Builder optimization(Optimization optimization) {
            this.optimization = Objects.requireNonNull(optimization);
            return this;
        }

        /** As {@link #provider(String, Map)}, without options. */
        public Builder provider(String name) {
            return provider(name, Map.of());
        }

        /**
         * Lets an execution provider take the nodes that it can, before those named after it and before the CPU. Loading fails
         * where it is absent: nothing falls back to the CPU unsaid.
         */
        public Builder provider(String name, Map<String, String> options) {
            providers.add(new Provider(name, options));
            return this;
        }

        /**
         * Sets an entry of ONNX Runtime's session configuration.
         *
         * @throws IllegalArgumentException if it would undo what loading has checked, or has a method of its own here
         */
        public Builder config(String key, String value) {
            String reason = RESERVED.get(Objects.requireNonNull(key));
            if (reason != null) {
                throw new IllegalArgumentException("session setting '" + key + "' cannot be set: " + reason);
            }
            config.put(key, Objects.requireNonNull(value));
            return this;
        }

        /**
         * Lets all models with these options share one pool of threads, in place of {@link #intraOpThreads} of each. The pool
         * belongs to ONNX Runtime's environment, of which a process has one: it is made with the first model, and loading
         * fails if the environment was made without this pool, by the host or by other options.
         *
         * @throws IllegalArgumentException if less than 1
         */
        public Builder sharedPool(int threads) {
            this.sharedPool = positive("sharedPool", threads);
            return this;
        }

        /**
         * The folder below which this process keeps a folder of its own, for the native library (which needs the right to
         * execute there) and for copies of weights that lie beside a model; removed at exit, and by the next process after a
         * crash. Default: the system property {@value #FOLDER_PROPERTY}, else {@code java.io.tmpdir}. The library is loaded
         * once per process, from the folder that the first model names.
         */
        public Builder nativeFolder(Path folder) {
            this.nativeFolder = folder.toAbsolutePath();
            return this;
        }

        public OnnxOptions build() {
            return new OnnxOptions(this);
        }

        private static int positive(String name, int threads) {
            if (threads < 1) {
                throw new IllegalArgumentException(name + " is " + threads + ", expected at least 1");
            }
            return threads;
        }
    }
}
