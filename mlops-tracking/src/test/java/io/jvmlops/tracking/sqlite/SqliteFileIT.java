package io.jvmlops.tracking.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.test.Concurrently;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that is in use: copied, read at all times, taken away. */
class SqliteFileIT {
    @TempDir
    Path folder;

    @Test
    void aCopyIsOfOneMomentAndHoldsWhatWasAcknowledgedBeforeIt() {
        Path file = folder.resolve("mlops.db");
        int writers = 3;
        int copies = 5;
        try (SqliteStores stores = SqliteStores.open(file)) {
            String experiment = stores.runs().experiment("e").id();
            AtomicInteger[] acknowledged = new AtomicInteger[writers];
            for (int i = 0; i < writers; i++) {
                stores.runs().createRun(new NewRun("run" + i, experiment, "r", Instant.EPOCH));
                acknowledged[i] = new AtomicInteger();
            }
            AtomicBoolean done = new AtomicBoolean();
            List<List<Integer>> before = new ArrayList<>();
            Concurrently.run(writers + 1, thread -> {
                if (thread < writers) {
                    for (int n = 1; !done.get(); n++) {
                        stores.runs()
                                .updateRun(
                                        "run" + thread,
                                        RunChanges.builder()
                                                .param("p" + n, "v" + n)
                                                .tag("last", "" + n)
                                                .metric(new MetricPoint("loss", n, n, 1.0 / n))
                                                .build());
                        acknowledged[thread].set(n);
                    }
                } else {
                    try {
                        for (int copy = 0; copy < copies; copy++) {
                            before.add(Stream.of(acknowledged)
                                    .map(AtomicInteger::get)
                                    .toList());
                            stores.backup(folder.resolve("copy" + copy + ".db"));
                        }
                    } finally {
                        done.set(true);
                    }
                }
                return thread;
            });
            for (int copy = 0; copy < copies; copy++) {
                try (SqliteStores copied = SqliteStores.open(folder.resolve("copy" + copy + ".db"))) {
                    for (int i = 0; i < writers; i++) {
                        RunInfo run = copied.runs().findRun("run" + i).orElseThrow();
                        int count = run.params().size();
                        assertThat(count)
                                .isGreaterThanOrEqualTo(before.get(copy).get(i));
                        if (count > 0) {
                            assertThat(run.params()).containsEntry("p" + count, "v" + count);
                            assertThat(run.tags()).containsEntry("last", "" + count);
                            assertThat(run.metrics().get("loss"))
                                    .isEqualTo(new MetricPoint("loss", count, count, 1.0 / count));
                            try (Stream<MetricPoint> history = copied.metrics().history("run" + i, "loss")) {
                                assertThat(history).hasSize(count);
                            }
                        }
                    }
                    // A store like any other.
                    copied.runs().createRun(new NewRun("new", experiment, "new", Instant.EPOCH));
                }
            }
        }
    }

    @Test
    void aCopyIsReadableByItsOwnerOnlyAndLeavesNothingBeside() throws IOException {
        Path copies = Files.createDirectory(folder.resolve("it's a copy"));
        Path target = copies.resolve("odd ?mode=memory # %41 'ünï'.db");
        try (SqliteStores stores = SqliteStores.open(folder.resolve("mlops.db"))) {
            stores.runs().experiment("e");
            stores.backup(target);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(copies)) {
            assertThat(files).containsExactly(target);
        }
        try (SqliteStores copied = SqliteStores.open(target)) {
            assertThat(copied.runs().findExperimentByName("e")).isPresent();
        }
    }

    @Test
    void whatIsThereAlreadyIsNotReplaced() throws IOException {
        Path target = Files.writeString(folder.resolve("precious"), "precious");
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere"));
        try (SqliteStores stores = SqliteStores.open(folder.resolve("mlops.db"))) {
            for (Path there : List.of(target, link, folder, stores.file())) {
                assertThatThrownBy(() -> stores.backup(there))
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining(there.toString())
                        .hasMessageContaining("there already");
            }
            assertThat(target).hasContent("precious");
            assertThat(folder.resolve("nowhere")).doesNotExist();
        }
    }

    @Test
    void aPlaceThatCannotBeWrittenSaysSo() throws IOException {
        SqliteStores stores = SqliteStores.open(folder.resolve("mlops.db"));
        try (stores) {
            Path target = folder.resolve("missing/copy.db");
            assertThatThrownBy(() -> stores.backup(target))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(target.toString())
                    .hasMessageContaining("must exist");
            // And the store is as good as before.
            stores.runs().experiment("e");
        }
        assertThatThrownBy(() -> stores.backup(folder.resolve("late.db"))).isInstanceOf(ClosedException.class);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(stores.file());
        }
    }

    @Test
    void aLogThatIsReadAtAllTimesStaysBounded() {
        Path file = folder.resolve("mlops.db");
        Path log = folder.resolve("mlops.db-wal");
        try (SqliteStores stores = SqliteStores.open(file);
                SqliteStores readers = SqliteStores.open(file)) {
            String experiment = stores.runs().experiment("e").id();
            stores.runs().createRun(new NewRun("run", experiment, "r", Instant.EPOCH));
            AtomicBoolean done = new AtomicBoolean();
            List<Long> greatest = Concurrently.run(5, thread -> {
                long size = 0;
                if (thread > 0) {
                    // Each begins before the others have ended: at no moment does nobody read.
                    while (!done.get()) {
                        readers.runs().findRun("run");
                        readers.metrics().latest("run");
                    }
                    return size;
                }
                try {
                    String value = "v".repeat(6_000);
                    for (int n = 0; n < 400; n++) {
                        RunChanges.Builder changes = RunChanges.builder();
                        for (int i = 0; i < 20; i++) {
                            changes.tag("t" + i, n + value);
                        }
                        stores.runs().updateRun("run", changes.build());
                        size = Math.max(size, Files.size(log));
                    }
                    return size;
                } finally {
                    done.set(true);
                }
            });
            assertThat(greatest.get(0)).isLessThan(3 * SqliteDatabase.LOG_LIMIT);
        }
        assertThat(log).doesNotExist();
    }

    /** SQLite puts the log beside the file, not beside the link. */
    @Test
    void theLogOfAFileBehindALinkIsShortenedToo() throws IOException {
        Path file = Files.createDirectory(folder.resolve("data")).resolve("real.db");
        Path link = folder.resolve("mlops.db");
        SqliteStores.open(file).close();
        Files.createSymbolicLink(link, file);
        try (SqliteStores stores = SqliteStores.open(link)) {
            String experiment = stores.runs().experiment("e").id();
            stores.runs().createRun(new NewRun("run", experiment, "r", Instant.EPOCH));
            RunChanges.Builder changes = RunChanges.builder();
            for (int i = 0; i < 2_500; i++) {
                changes.tag("t" + i, "v".repeat(8_000));
            }
            stores.runs().updateRun("run", changes.build());
            assertThat(Files.size(file.resolveSibling("real.db-wal"))).isLessThan(SqliteDatabase.LOG_LIMIT);
        }
    }

    @Test
    void aFileThatIsDeletedOrReplacedWhileOpenIsNoticed() throws IOException {
        Path file = folder.resolve("mlops.db");
        Path other = folder.resolve("other.db");
        SqliteStores.open(other).close();
        try (SqliteStores stores = SqliteStores.open(file)) {
            String experiment = stores.runs().experiment("e").id();
            stores.runs().createRun(new NewRun("run", experiment, "r", Instant.EPOCH));
            Path aside = folder.resolve("aside.db");
            Files.move(file, aside);
            assertThatThrownBy(() -> stores.runs().experiment("lost"))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("deleted or moved");
            Files.move(other, file);
            assertThatThrownBy(() -> stores.metrics()
                            .append(List.of(MetricBatch.of("run", List.of(new MetricPoint("m", 1, 1, 1))))))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("replaced by another file");
            // It was only moved, and is put back.
            Files.delete(file);
            Files.move(aside, file);
            stores.runs().experiment("found again");
        }
        try (SqliteStores stores = SqliteStores.open(file)) {
            assertThat(stores.runs().experiments()).hasSize(2);
        }
    }
}
