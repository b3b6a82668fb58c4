package io.jvmlops.serving;

import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.api.model.ModelVerifier;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.serving.folder.GoldenRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Loads single models, without cache or metrics. */
public final class Models {
    private Models() {}

    /**
     * Loads a model with the loaders found on the class path. The caller closes it.
     *
     * @throws IntegrityException if its bytes are not those expected; no parser has seen them
     * @throws ModelLoadException if it is not a model that a loader understands, or does not reproduce its golden rows
     * @throws io.jvmlops.api.error.MissingDependencyException if the runtime it needs is not on the class path
     */
    public static InferenceModel load(ModelSource source) {
        return loader().load(source);
    }

    /** Loads models otherwise than {@link #load}. */
    public static Loader loader() {
        return new Loader();
    }

    /**
     * A predictor in the caller's types over one model, which stays the caller's: after {@link InferenceModel#close} it
     * throws {@link io.jvmlops.api.error.ClosedException}. Asynchronous calls run on threads of its own, as many as there are
     * processors, which end when they are idle; 1024 may wait.
     *
     * @param input as for {@link Serving#predictor(String, Class, Class)}
     * @param output as for {@link Serving#predictor(String, Class, Class)}
     * @throws InvalidInputException if the types do not fit the model; every difference is listed
     */
    public static <I, O> Predictor<I, O> predictor(InferenceModel model, Class<I> input, Class<O> output) {
        return new ModelPredictor<>(Binding.Types.of(input, output).fit(model), model.digest());
    }

    /** Says how models are to be loaded. Not thread-safe. */
    public static final class Loader {
        private final List<ModelLoader> loaders = new ArrayList<>();
        private final List<ModelVerifier> verifiers = new ArrayList<>();
        private final List<GoldenRows> golden = new ArrayList<>();
        private @Nullable String flavor;
        private int warmUp;

        private Loader() {}

        /** Adds a loader, before those of the class path. */
        public Loader loader(ModelLoader loader) {
            loaders.add(Objects.requireNonNull(loader));
            return this;
        }

        /** Adds a condition that the model must meet before anything of it is parsed. */
        public Loader verifier(ModelVerifier verifier) {
            verifiers.add(Objects.requireNonNull(verifier));
            return this;
        }

        /** Loads a folder in this form, where it has several. The default is its own first. */
        public Loader flavor(String flavor) {
            this.flavor = Objects.requireNonNull(flavor);
            return this;
        }

        /** Adds rows that the model must reproduce, besides those in its folder. */
        public Loader golden(GoldenRows rows) {
            golden.add(Objects.requireNonNull(rows));
            return this;
        }

        /** Asks the model so often once it is loaded, as {@link Serving.Builder#warmUp} does; not at all if not said. */
        public Loader warmUp(int calls) {
            if (calls < 0) {
                throw new IllegalArgumentException("warm-up of " + calls + " calls: expected zero or more");
            }
            warmUp = calls;
            return this;
        }

        /** As {@link Models#load}. */
        public InferenceModel load(ModelSource source) {
            ModelOpener opener = ModelOpener.of(loaders, verifiers);
            ModelSource.Found found = source.open();
            ModelFiles files = found.files();
            InferenceModel model = found.file() ? opener.openFile(files) : opener.openFolder(files, flavor);
            try {
                new Rehearsal(warmUp, Rehearsal.DEFAULT_TIME).hold(files, model, golden);
                return model;
            } catch (RuntimeException | Error e) {
                model.close();
                throw e;
            }
        }
    }
}
