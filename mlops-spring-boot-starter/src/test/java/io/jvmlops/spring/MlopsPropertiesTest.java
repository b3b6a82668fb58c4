package io.jvmlops.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.spring.MlopsProperties.Serving;
import io.jvmlops.tracking.Tracking;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

class MlopsPropertiesTest {
    @TempDir
    private Path folder;

    @Test
    void areBound() {
        Contexts.in(folder)
                .withPropertyValues(
                        "mlops.tracking.lease=5m",
                        "mlops.tracking.record-source=false",
                        "mlops.tracking.fail-fast=true",
                        "mlops.serving.cache.max-bytes=64MB",
                        "mlops.serving.cache.expire-after-write=1h",
                        "mlops.serving.cache.expire-after-access=10m",
                        "mlops.serving.cache.store-timeout=5ms",
                        "mlops.serving.cache.check-every=100",
                        "mlops.serving.poll-interval=30s",
                        "mlops.serving.listener-queue=10",
                        "mlops.serving.listener-queue-bytes=5MB",
                        "mlops.serving.timeout=250ms",
                        "mlops.serving.flavors.iris=onnx",
                        "mlops.serving.flavors.[fraud.v2]=tribuo")
                .run(context -> {
                    MlopsProperties properties = context.getBean(MlopsProperties.class);
                    assertThat(properties.tracking())
                            .isEqualTo(new MlopsProperties.Tracking(
                                    true, folder.toString(), Duration.ofMinutes(5), false, true));
                    assertThat(properties.serving())
                            .isEqualTo(new Serving(
                                    true,
                                    new MlopsProperties.Cache(
                                            DataSize.ofMegabytes(64),
                                            null,
                                            Duration.ofHours(1),
                                            Duration.ofMinutes(10),
                                            Duration.ofMillis(5),
                                            100),
                                    Duration.ofSeconds(30),
                                    10,
                                    DataSize.ofMegabytes(5),
                                    Duration.ofMillis(250),
                                    Map.of("iris", "onnx", "fraud.v2", "tribuo")));
                });
    }

    @Test
    void haveDefaults() {
        Contexts.in(folder)
                .run(context -> assertThat(context.getBean(MlopsProperties.class))
                        .isEqualTo(new MlopsProperties(
                                new MlopsProperties.Tracking(
                                        true, folder.toString(), Tracking.DEFAULT_LEASE, true, false),
                                new Serving(
                                        true,
                                        new MlopsProperties.Cache(null, null, null, null, Duration.ofMillis(50), 4096),
                                        Duration.ofSeconds(5),
                                        4096,
                                        DataSize.ofMegabytes(32),
                                        null,
                                        Map.of()))));
    }

    @ParameterizedTest
    @CsvSource({
        "mlops.tracking.folder=, mlops.tracking.folder is blank",
        "mlops.tracking.lease=10ms, mlops.tracking.lease is PT0.01S: expected PT0.1S or more",
        "mlops.serving.poll-interval=-1s, mlops.serving.poll-interval is PT-1S: expected 0 or more",
        "mlops.serving.poll-interval=often, 'often' is not a valid duration",
        "mlops.serving.listener-queue=0, mlops.serving.listener-queue is 0: expected 1 or more",
        "mlops.serving.listener-queue-bytes=0MB, mlops.serving.listener-queue-bytes is 0B: expected more than 0",
        "mlops.serving.timeout=0s, mlops.serving.timeout is PT0S: expected more than 0",
        "mlops.serving.timeout=-1s, mlops.serving.timeout is PT-1S: expected more than 0",
        "mlops.serving.cache.max-bytes=0MB, mlops.serving.cache.max-bytes is 0B: expected more than 0",
        "mlops.serving.cache.max-bytes=-5MB, mlops.serving.cache.max-bytes is -5242880B: expected more than 0",
        "mlops.serving.cache.max-entries=0, mlops.serving.cache.max-entries is 0: expected more than 0",
        "mlops.serving.cache.expire-after-write=0s, mlops.serving.cache.expire-after-write is PT0S: expected more than 0",
        "mlops.serving.cache.expire-after-access=-1s, mlops.serving.cache.expire-after-access is PT-1S: expected more",
        "mlops.serving.cache.store-timeout=0s, mlops.serving.cache.store-timeout is PT0S: expected more than 0",
        "mlops.serving.cache.check-every=-1, mlops.serving.cache.check-every is -1: expected 0 or more",
        "mlops.serving.flavors.iris=, mlops.serving.flavors.iris is blank",
        "mlops.serving.flavors.[a/b]=onnx, name of a model",
    })
    void aValueThatCannotBeMeantStopsTheStart(String property, String reason) {
        Contexts.in(folder)
                .withPropertyValues(property)
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining(reason));
    }

    @Test
    void theCacheHasOneBound() {
        Contexts.in(folder)
                .withPropertyValues("mlops.serving.cache.max-bytes=1MB", "mlops.serving.cache.max-entries=10")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("max-bytes and max-entries are both set"));
    }

    /** An editor shows what the processor found: every property with a description. */
    @Test
    void areDescribedForEditors() throws IOException {
        String metadata;
        try (InputStream in = Objects.requireNonNull(
                MlopsProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json"))) {
            metadata = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        for (String name : new String[] {
            "mlops.tracking.enabled",
            "mlops.tracking.folder",
            "mlops.tracking.lease",
            "mlops.tracking.record-source",
            "mlops.tracking.fail-fast",
            "mlops.serving.enabled",
            "mlops.serving.cache.max-bytes",
            "mlops.serving.cache.max-entries",
            "mlops.serving.cache.expire-after-write",
            "mlops.serving.cache.expire-after-access",
            "mlops.serving.cache.store-timeout",
            "mlops.serving.cache.check-every",
            "mlops.serving.poll-interval",
            "mlops.serving.listener-queue",
            "mlops.serving.listener-queue-bytes",
            "mlops.serving.timeout",
            "mlops.serving.flavors",
            "management.health.mlops-tracking.enabled",
            "management.health.mlops-serving.enabled",
        }) {
            Matcher property = Pattern.compile(
                            "\"name\": \"" + Pattern.quote(name) + "\",[^}]*\"description\": \"[^\"]{10,}")
                    .matcher(metadata);
            assertThat(property.find()).as(name).isTrue();
        }
    }
}
