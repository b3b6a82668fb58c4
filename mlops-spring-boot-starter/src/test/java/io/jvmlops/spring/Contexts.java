package io.jvmlops.spring;

import java.nio.file.Path;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Contexts with our auto-configuration and nothing else. */
final class Contexts {
    private Contexts() {}

    static ApplicationContextRunner in(Path folder) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        MlopsTrackingAutoConfiguration.class,
                        MlopsMetricsAutoConfiguration.class,
                        MlopsServingAutoConfiguration.class,
                        MlopsHealthAutoConfiguration.class))
                .withPropertyValues("mlops.tracking.folder=" + folder);
    }
}
