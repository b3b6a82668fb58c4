package io.jvmlops.serving.tribuo;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Predicate;

/** The test's class path again, with the classes of ours defined anew and some hidden as if their jar were absent. */
final class IsolatedClasses extends URLClassLoader {
    private final Predicate<String> own;
    private final Predicate<String> hidden;

    IsolatedClasses(Predicate<String> own) {
        this(own, name -> false);
    }

    IsolatedClasses(Predicate<String> own, Predicate<String> hidden) {
        super(classPath(), IsolatedClasses.class.getClassLoader());
        this.own = own;
        this.hidden = hidden;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            if (hidden.test(name)) {
                throw new ClassNotFoundException(name);
            }
            if (own.test(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
            return super.loadClass(name, resolve);
        }
    }

    private static URL[] classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> {
                    try {
                        return Path.of(entry).toUri().toURL();
                    } catch (MalformedURLException e) {
                        throw new AssertionError(e);
                    }
                })
                .toArray(URL[]::new);
    }
}
