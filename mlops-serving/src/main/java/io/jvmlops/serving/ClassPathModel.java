package io.jvmlops.serving;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.serving.ModelSource.Found;
import io.jvmlops.serving.folder.ModelFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * A model among the resources of an application. Jars are read through {@link JarURLConnection}, which is what Spring Boot
 * answers with for its nested jars as well; a file system of a jar it has none.
 */
final class ClassPathModel {
    private ClassPathModel() {}

    /** @param find gives null for what is not there */
    static Found open(Function<String, @Nullable URL> find, String resource) {
        String path = resource.endsWith("/") ? resource.substring(0, resource.length() - 1) : resource;
        URL descriptor = find.apply(path + "/" + ModelDescriptor.FILE);
        if (descriptor != null) {
            return new Found(folder(descriptor, resource), false);
        }
        URL file = find.apply(path);
        if (file == null) {
            throw new ModelLoadException("class path " + resource + ": there is no such file, nor a folder that holds "
                    + ModelDescriptor.FILE);
        }
        String name = path.substring(path.lastIndexOf('/') + 1);
        try (InputStream in = connect(file).getInputStream()) {
            byte[] bytes = in.readNBytes((int) ModelFiles.MAX_FILE_SIZE);
            if (in.read() >= 0) {
                throw new ModelLoadException("class path " + resource + " has more bytes than fit in memory");
            }
            return Found.single(name, bytes);
        } catch (IOException e) {
            throw new StorageException("class path " + resource + " cannot be read", e);
        }
    }

    private static URLConnection connect(URL url) throws IOException {
        URLConnection connection = url.openConnection();
        // A jar that is replaced while the application runs must not be read through what was remembered of the old
        // one.
        connection.setUseCaches(false);
        return connection;
    }

    private static ModelFiles folder(URL descriptor, String resource) {
        String what = "class path " + resource;
        try {
            if (descriptor.getProtocol().equals("file")) {
                Path parent = Path.of(descriptor.toURI()).getParent();
                if (parent != null) {
                    ModelFiles files = ModelFolder.hash(parent);
                    return ModelFiles.of(
                            what, files.manifest(), entry -> new ByteArrayInputStream(files.read(entry.path())));
                }
            }
            if (connect(descriptor) instanceof JarURLConnection jar) {
                return inJar(descriptor, jar, what);
            }
        } catch (IOException | URISyntaxException e) {
            throw new StorageException(what + " cannot be read", e);
        }
        throw new ModelLoadException(what + " lies where folders cannot be listed (" + descriptor.getProtocol()
                + "); copy it to a folder and use ModelSource.folder");
    }

    private static ModelFiles inJar(URL descriptor, JarURLConnection connection, String what) throws IOException {
        String entry = connection.getEntryName();
        String prefix = entry.substring(0, entry.length() - ModelDescriptor.FILE.length());
        List<FileEntry> entries = new ArrayList<>();
        try (JarFile jar = connection.getJarFile()) {
            for (JarEntry file : (Iterable<JarEntry>) jar.stream()::iterator) {
                String name = file.getName();
                if (!name.startsWith(prefix) || file.isDirectory()) {
                    continue;
                }
                if (entries.size() == ModelFolder.MAX_FILES) {
                    throw new ModelLoadException(what + " holds more than " + ModelFolder.MAX_FILES + " files");
                }
                try (InputStream in = jar.getInputStream(file)) {
                    entries.add(hash(name.substring(prefix.length()), in));
                } catch (InvalidInputException e) {
                    throw new ModelLoadException(what + ": " + e.getMessage() + "; rename the file", e);
                }
            }
        }
        return ModelFiles.of(what, new Manifest(entries), file -> read(descriptor, prefix + file.path(), file.size()));
    }

    private static FileEntry hash(String path, InputStream in) throws IOException {
        FileEntry.checkPath(path);
        MessageDigest hasher = Digest.newHasher();
        byte[] buffer = new byte[1 << 16];
        long size = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            hasher.update(buffer, 0, n);
            size += n;
        }
        return new FileEntry(path, size, Digest.finish(hasher));
    }

    /** Read whole, so that the jar is not open longer than this. */
    private static InputStream read(URL descriptor, String name, long size) throws IOException {
        if (!(connect(descriptor) instanceof JarURLConnection connection)) {
            throw new IOException("the jar is a jar no more");
        }
        try (JarFile jar = connection.getJarFile()) {
            JarEntry entry = jar.getJarEntry(name);
            if (entry == null) {
                throw new NoSuchFileException(name);
            }
            try (InputStream in = jar.getInputStream(entry)) {
                // One byte more tells that it has grown.
                return new ByteArrayInputStream(in.readNBytes((int) Math.min(size + 1, ModelFiles.MAX_FILE_SIZE)));
            }
        }
    }
}
