package io.jvmlops.benchmarks.tracking;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.tracking.Tracking;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Moves an alias to and fro between two versions, one move after the other. */
final class AliasProgram {
    private static final String MODEL = "iris";
    private static final String ALIAS = "champion";

    private AliasProgram() {}

    /** Arguments: folder, moves that do not count, moves that do. */
    public static void main(String[] args) {
        int behind = Integer.parseInt(args[1]);
        int moves = Integer.parseInt(args[2]);
        try (Tracking tracking = Tracking.open(Path.of(args[0]))) {
            ModelRegistry registry = tracking.registry();
            for (String content : List.of("one", "two")) {
                ArtifactStore.Stored stored =
                        tracking.artifacts().put(new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)));
                registry.register(NewModelVersion.builder(
                                MODEL, new Manifest(List.of(new FileEntry("MLmodel", stored.size(), stored.digest()))))
                        .build());
            }
            registry.compareAndSetAlias(MODEL, ALIAS, null, 1, "begin");
            int at = 1;
            for (int i = 0; i < behind + moves; i++) {
                int to = 3 - at;
                long start = System.nanoTime();
                registry.compareAndSetAlias(MODEL, ALIAS, at, to, "benchmark");
                long nanos = System.nanoTime() - start;
                at = to;
                if (i >= behind) {
                    print("move", nanos);
                }
            }
            long last = 1L + behind + moves;
            for (int i = 0; i < moves; i++) {
                long start = System.nanoTime();
                List<AliasChange> none = registry.aliasChanges(last, ModelRegistry.MAX_CHANGES);
                print("poll", System.nanoTime() - start);
                check(none.isEmpty(), "nobody has moved it");
            }
            for (int i = 0; i < moves / 2; i++) {
                long start = System.nanoTime();
                AliasChange back = registry.rollback(MODEL, ALIAS, at, "benchmark");
                print("rollback", System.nanoTime() - start);
                check(Integer.valueOf(3 - at).equals(back.to()), "it goes back to where it was");
                at = 3 - at;
            }
            // What was measured has happened.
            List<AliasChange> history = registry.aliasHistory(MODEL, ALIAS);
            check(history.size() == last + moves / 2, "every move is kept");
            check(Integer.valueOf(at).equals(registry.aliases(MODEL).get(ALIAS)), "it is where it was moved to");
        }
    }

    private static void print(String what, long nanos) {
        System.out.println(what + " " + nanos / 1e6);
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("expected that " + what);
        }
    }
}
