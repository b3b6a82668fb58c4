package io.jvmlops.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.MissingDependencyException;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application on class paths that really lack what is optional, so that every link to it would fail. */
class BareClassPathIT {
    private static final List<String> OPTIONAL = List.of(
            "/micrometer-",
            "/spring-boot-micrometer",
            "/spring-boot-health",
            "/spring-boot-test",
            "/jackson-annotations",
            "/org/tribuo/",
            "/archunit");

    @TempDir
    private Path folder;

    @Test
    void servesAnOnnxModelWithoutMicrometerHealthAndTribuo() throws Exception {
        try (URLClassLoader bare = without(OPTIONAL)) {
            for (String name : List.of(
                    "io.micrometer.core.instrument.MeterRegistry",
                    "org.springframework.boot.health.contributor.HealthIndicator",
                    "org.tribuo.Model")) {
                assertThatThrownBy(() -> bare.loadClass(name)).isInstanceOf(ClassNotFoundException.class);
            }
            assertThat(kindOfASetosa(bare)).isEqualTo("setosa");
        }
    }

    @Test
    void withoutOnnxRuntimeItStartsAndSaysWhatIsMissing() throws Exception {
        try (URLClassLoader bare = without(List.of("/onnxruntime"))) {
            assertThatThrownBy(() -> kindOfASetosa(bare))
                    // Its exceptions are of classes that this class path does not know.
                    .hasStackTraceContaining(MissingDependencyException.class.getName())
                    .hasStackTraceContaining("add com.microsoft.onnxruntime:onnxruntime");
        }
    }

    private Object kindOfASetosa(ClassLoader loader) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return loader.loadClass(IrisApplication.class.getName())
                    .getMethod("kindOfASetosa", String.class)
                    .invoke(null, folder.toString());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** The tests' class path less the entries with one of these in their path, seeing nothing of this JVM's own. */
    private static URLClassLoader without(List<String> parts) {
        URL[] entries = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> parts.stream().noneMatch(entry::contains))
                .map(entry -> {
                    try {
                        return Path.of(entry).toUri().toURL();
                    } catch (MalformedURLException e) {
                        throw new AssertionError(e);
                    }
                })
                .toArray(URL[]::new);
        return new URLClassLoader(entries, ClassLoader.getPlatformClassLoader());
    }
}
