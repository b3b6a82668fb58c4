package io.jvmlops.serving;

import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.api.model.ModelVerifier;
import io.jvmlops.serving.folder.ModelFolder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** From verified files to a loaded model: verifiers, descriptor, choice of flavor, loader. */
final class ModelOpener {
    private final Map<String, ModelLoader> loaders;
    private final List<ModelVerifier> verifiers;

    private ModelOpener(Map<String, ModelLoader> loaders, List<ModelVerifier> verifiers) {
        this.loaders = loaders;
        this.verifiers = verifiers;
    }

    /** @param own loaders that come before those of the class path; of one flavor the first counts */
    static ModelOpener of(List<ModelLoader> own, List<ModelVerifier> verifiers) {
        Map<String, ModelLoader> loaders = new LinkedHashMap<>();
        own.forEach(loader -> loaders.putIfAbsent(loader.flavor(), loader));
        // The loader of this class rather than the thread's: a host's thread may belong to anything.
        ServiceLoader.load(ModelLoader.class, ModelOpener.class.getClassLoader())
                .forEach(loader -> loaders.putIfAbsent(loader.flavor(), loader));
        return new ModelOpener(loaders, List.copyOf(verifiers));
    }

    /** @param preferred the flavor to load, or null for the first that there is a loader for */
    InferenceModel openFolder(ModelFiles files, @Nullable String preferred) {
        verifiers.forEach(verifier -> verifier.verify(files));
        ModelDescriptor descriptor = ModelFolder.read(files);
        String flavor = preferred;
        if (flavor == null) {
            flavor = descriptor.flavors().keySet().stream()
                    .filter(loaders::containsKey)
                    .findFirst()
                    .orElse(null);
        } else if (!descriptor.flavors().containsKey(flavor)) {
            throw new ModelLoadException("model " + files.name() + " has no flavor '" + flavor + "', only "
                    + descriptor.flavors().keySet());
        }
        ModelLoader loader = flavor == null ? null : loaders.get(flavor);
        if (loader == null) {
            throw new ModelLoadException("model " + files.name() + " has the flavors "
                    + descriptor.flavors().keySet() + ", but there are loaders only for " + loaders.keySet());
        }
        return loader.load(files, descriptor);
    }

    /** The only file's ending is the flavor. */
    InferenceModel openFile(ModelFiles files) {
        verifiers.forEach(verifier -> verifier.verify(files));
        String path = files.manifest().files().get(0).path();
        String flavor = path.substring(path.lastIndexOf('.') + 1);
        ModelLoader loader = loaders.get(flavor);
        if (loader == null) {
            throw new ModelLoadException("model file '" + path
                    + "' has an ending for which there is no loader; there are " + loaders.keySet());
        }
        return loader.load(files, ModelDescriptor.ofFile(flavor, path));
    }
}
