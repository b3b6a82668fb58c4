package io.jvmlops.serving.onnx;

import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Weights that an ONNX file keeps in files beside it. The runtime opens those by path, so they are only let through if
 * each is a file of the model version, within its size; what the runtime then opens is a private copy, verified while it
 * is written.
 */
final class ExternalData {
    /** Where a location has this, the runtime takes the offset for an address in its own memory. */
    private static final String IN_MEMORY = "_ORT_MEM_ADDR_";

    private final ModelFiles files;
    private final String model;
    /** Paths in the manifest by paths relative to the model file's folder, which are where the runtime looks. */
    private final Map<String, String> copies;

    private ExternalData(ModelFiles files, String model, Map<String, String> copies) {
        this.files = files;
        this.model = model;
        this.copies = copies;
    }

    /**
     * @param subject what messages call the model file
     * @param model its path in the manifest
     * @throws ModelLoadException if a reference leads anywhere but into a file of the manifest
     */
    static ExternalData of(OnnxFile structure, String subject, String model, ModelFiles files) {
        Map<String, String> copies = new TreeMap<>();
        String folder = model.substring(0, model.lastIndexOf('/') + 1);
        for (Reference reference : structure.references()) {
            String relative = reference.normalized();
            if (relative == null) {
                throw refuse(subject, reference, "which is no plain relative path below the model's folder");
            }
            FileEntry entry = files.manifest().find(folder + relative).orElse(null);
            if (entry == null || (folder + relative).equals(model)) {
                throw refuse(
                        subject,
                        reference,
                        "which is not a weights file of this model, whose files are "
                                + files.manifest().files().stream()
                                        .map(FileEntry::path)
                                        .toList()
                                + "; load the folder that holds both (ModelSource.folder, or a registered version), or save"
                                + " the model with all weights in the one file");
            }
            if (!reference.fits(entry.size())) {
                throw refuse(
                        subject,
                        reference,
                        "from byte " + reference.offset
                                + (reference.length == null ? "" : ", " + reference.length + " bytes")
                                + ", which the file of " + entry.size() + " bytes does not have");
            }
            copies.put(relative, entry.path());
        }
        return new ExternalData(files, model, copies);
    }

    private static ModelLoadException refuse(String subject, Reference reference, String why) {
        return new ModelLoadException(subject + " keeps weights in other files (external data): one refers to '"
                + reference.location + "', " + why);
    }

    boolean isEmpty() {
        return copies.isEmpty();
    }

    /**
     * Writes the model and its weights to a new folder of this process.
     *
     * @param bytes of the model file, verified
     * @return the folder; the model file in it is {@link #in}
     * @throws IntegrityException if a file is not what the manifest says
     * @throws StorageException if it cannot be written
     */
    Path copy(byte[] bytes, OnnxOptions options) {
        Path folder = ProcessFolder.of(options).newFolder("model-");
        boolean complete = false;
        try {
            for (Map.Entry<String, String> copy : copies.entrySet()) {
                Path target = folder.resolve(copy.getKey());
                Path parent = target.getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                files.copy(copy.getValue(), target);
            }
            Files.write(in(folder), bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            complete = true;
            return folder;
        } catch (IOException | InvalidPathException e) {
            throw new StorageException("model " + files.name() + " cannot be copied to " + folder, e);
        } finally {
            if (!complete) {
                ProcessFolder.discard(folder);
            }
        }
    }

    Path in(Path folder) {
        return folder.resolve(model.substring(model.lastIndexOf('/') + 1));
    }

    /**
     * Where one tensor's elements are.
     *
     * @param length null for the rest of the file
     */
    record Reference(String location, long offset, @Nullable Long length) {
        /** Without dots; null if it could lead elsewhere, on any system. */
        private @Nullable String normalized() {
            if (location.isEmpty() || location.contains(IN_MEMORY)) {
                return null;
            }
            for (int i = 0; i < location.length(); i++) {
                char c = location.charAt(i);
                if (c < ' ' || c == 0x7f || "\\:*?\"<>|".indexOf(c) >= 0) {
                    return null;
                }
            }
            List<String> names = new ArrayList<>();
            for (String name : location.split("/", -1)) {
                if (name.isEmpty() || name.equals("..")) {
                    return null;
                }
                if (!name.equals(".")) {
                    names.add(name);
                }
            }
            return names.isEmpty() ? null : String.join("/", names);
        }

        private boolean fits(long size) {
            long taken = length == null ? 0 : length;
            return offset >= 0 && taken >= 0 && offset <= size && taken <= size - offset;
        }
    }
}
