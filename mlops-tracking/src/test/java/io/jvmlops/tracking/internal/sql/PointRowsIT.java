package io.jvmlops.tracking.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PointRowsIT {
    @TempDir
    Path folder;

    @Test
    void rowsOfSchema1BecomeSeries() throws Exception {
        Path file = folder.resolve("test.db");
        try (SqliteStores stores = SqliteStores.open(file)) {
            for (String id : List.of("a", "b")) {
                stores.runs()
                        .createRun(new NewRun(id, stores.runs().experiment("e").id(), id, Instant.EPOCH));
            }
        }
        Random random = new Random(1);
        List<MetricPoint> expected = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Session session = new Session(connection)) {
            session.execute("CREATE TABLE metric_1 (run INTEGER, key INTEGER, step INTEGER, at INTEGER, value INTEGER,"
                    + " times INTEGER, PRIMARY KEY (run, key, step, at, value)) WITHOUT ROWID");
            session.execute("INSERT INTO metric_key (id, name) VALUES (1, 'loss'), (2, 'acc')");
            session.execute("BEGIN");
            PreparedStatement insert = session.prepare(
                    "INSERT INTO metric_1 (run, key, step, at, value, times) VALUES (1, 1, ?, ?, ?, ?)");
            for (int i = 0; i < 20_000; i++) {
                int times = i == 5 ? 10_000 : 1 + i % 2;
                MetricPoint point = new MetricPoint("loss", i / 2, i, i == 77 ? Double.NaN : random.nextGaussian());
                insert.setLong(1, point.step());
                insert.setLong(2, point.timestampMillis());
                insert.setLong(3, codeOfSchema1(point.value()));
                insert.setLong(4, times);
                insert.executeUpdate();
                expected.addAll(Collections.nCopies(times, point));
            }
            session.update("INSERT INTO metric_1 VALUES (2, 2, 1, 1, ?, 1)", codeOfSchema1(-0.5));
            PointRows.move(session);
            session.execute("COMMIT");
        }
        try (SqliteStores stores = SqliteStores.open(file);
                Stream<MetricPoint> history = stores.metrics().history("a", "loss")) {
            assertThat(history.toList()).isEqualTo(expected);
            assertThat(stores.metrics().latest("a")).isEqualTo(Map.of("loss", expected.get(expected.size() - 1)));
            assertThat(stores.metrics().latest("b")).isEqualTo(Map.of("acc", new MetricPoint("acc", 1, 1, -0.5)));
        }
    }

    private static long codeOfSchema1(double value) {
        long bits = Double.doubleToLongBits(value);
        return bits >= 0 ? bits : bits ^ Long.MAX_VALUE;
    }
}
