package io.jvmlops.serving.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.serving.ForkedJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that ends while threads predict ends as it was told to. More often with {@code -Djvmlops.exits=500}. */
class ExitIT {
    private static final int EXITS = Integer.getInteger("jvmlops.exits", 8);
    /** At once: they wait for each other's processors, which only varies where they are caught. */
    private static final int PAIR = 2;

    @TempDir
    Path folder;

    @Test
    void everyWayToEndIsSafeWhileThreadsPredict() {
        List<String> ways = List.of("exit", "term", "halt", "close");
        for (int i = 0; i < EXITS; i += PAIR) {
            ForkedJvm[] jvms = new ForkedJvm[PAIR];
            for (int j = 0; j < PAIR; j++) {
                // Each way with and without a shared pool.
                String pool = (i + j) / ways.size() % 2 == 0 ? "own" : "pool";
                jvms[j] = ForkedJvm.start(
                        folder,
                        List.of(),
                        List.of(),
                        ExitProgram.class,
                        ways.get((i + j) % ways.size()),
                        pool,
                        i / PAIR);
            }
            for (int j = 0; j < PAIR; j++) {
                String way = ways.get((i + j) % ways.size());
                try (ForkedJvm jvm = jvms[j]) {
                    assertThat(jvm.line()).as("exit %s, %s", i + j, way).isEqualTo("running");
                    if (way.equals("term")) {
                        // Of the handle: the process itself would close its streams too.
                        jvm.process().toHandle().destroy();
                    }
                    assertThat(jvm.exitCode())
                            .as("exit %s, %s: %s", i + j, way, jvm.errors())
                            .isEqualTo(ExitProgram.exitCodes().get(way));
                    assertThat(jvm.crashes()).isEmpty();
                    // What a shutdown hook of the host still asks is answered, unless the models are closed.
                    assertThat(jvm.lines())
                            .containsExactlyElementsOf(
                                    way.equals("exit") || way.equals("term") ? List.of("drained") : List.of());
                }
            }
        }
    }
}
