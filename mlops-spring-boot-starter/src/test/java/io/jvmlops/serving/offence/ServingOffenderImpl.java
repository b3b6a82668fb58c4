package io.jvmlops.serving.offence;

import ai.onnxruntime.OrtSession;
import io.jvmlops.tracking.offence.TrackingOffender;
import io.jvmlops.tracking.offence.internal.Hidden;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.springframework.util.StringUtils;
import org.sqlite.SQLiteConfig;
import org.tribuo.Model;

/** Breaks what {@code HouseTest} forbids. */
public class ServingOffenderImpl {
    static int count;

    TrackingOffender tracking;
    Hidden hidden;
    Model<?> model;
    Connection connection;
    SQLiteConfig sqlite;
    MeterRegistry meters;

    public OrtSession getSession() throws Exception {
        throw new RuntimeException("of no kind");
    }

    public void take(Optional<String> name) {
        name.ifPresent(System.out::println);
    }

    Instant now() {
        return Instant.now();
    }

    Object read(InputStream in) throws IOException, ClassNotFoundException {
        return new ObjectInputStream(in).readObject();
    }

    CompletableFuture<String> onTheCommonPool(List<String> names) {
        return CompletableFuture.supplyAsync(() -> names.get(0));
    }

    Thread nameless(Runnable task) {
        return new Thread(task);
    }

    void end() {
        System.exit(1);
    }

    boolean spring(String text) {
        return StringUtils.hasText(text);
    }
}
