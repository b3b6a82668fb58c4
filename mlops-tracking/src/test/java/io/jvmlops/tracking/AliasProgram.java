package io.jvmlops.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.tracking.files.LocalArtifactStore;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What processes do that share a registry, each after it is sent a line. */
final class AliasProgram {
    static final String MODEL = "iris";
    static final String ALIAS = "champion";

    private AliasProgram() {}

    /**
     * Registers a version whose files say what it is.
     *
     * @param padding how many bytes its weights have more than they need
     */
    static int register(ModelRegistry registry, ArtifactStore artifacts, String content, int padding) {
        Manifest files = new Manifest(List.of(
                put(artifacts, "MLmodel", "model " + content),
                put(artifacts, "weights", content + "x".repeat(padding))));
        return registry.register(NewModelVersion.builder(MODEL, files)
                        .description(content)
                        .build())
                .version();
    }

    private static FileEntry put(ArtifactStore artifacts, String path, String content) {
        ArtifactStore.Stored stored = artifacts.put(new ByteArrayInputStream(content.getBytes(UTF_8)));
        return new FileEntry(path, stored.size(), stored.digest());
    }

    /**
     * Races for an alias: {@code <place> <rounds> <number>}. Round n is for moving it from version n to n + 1. After
     * each, what has happened is followed. Prints {@code ready} first, and at the end {@code won <round>...}.
     */
    static final class Racing {
        private Racing() {}

        public static void main(String[] arguments) throws Exception {
            int rounds = Integer.parseInt(arguments[1]);
            StringBuilder won = new StringBuilder("won");
            try (StoreProgram.Stores stores = StoreProgram.open(arguments[0]);
                    ModelRegistry registry = stores.registry().apply(new InMemoryArtifactStore())) {
                // Everything has been loaded, so that all begin at once.
                registry.aliases(MODEL);
                System.out.println("ready");
                StoreProgram.awaitLine();
                long seen = 0;
                for (int round = 1; round <= rounds; round++) {
                    try {
                        registry.compareAndSetAlias(MODEL, ALIAS, round, round + 1, arguments[2]);
                        won.append(' ').append(round);
                    } catch (ConflictException e) {
                        // Who lost knows that it has moved, and so has to see it.
                        if (registry.aliases(MODEL).get(ALIAS) <= round) {
                            throw new IllegalStateException("lost round " + round + ", and nobody has moved it", e);
                        }
                    }
                    for (AliasChange move : registry.aliasChanges(seen, 7)) {
                        if (move.sequence() != seen + 1) {
                            throw new IllegalStateException("after move " + seen + " came " + move);
                        }
                        seen = move.sequence();
                    }
                }
            }
            System.out.println(won);
        }
    }

    /**
     * Registers versions and moves an alias until it is killed: {@code <place> <folder of artifacts> <seed>}. Prints {@code
     * registered <version> <content>} and {@code moved <sequence> <version>} when it knows that these are durable.
     */
    static final class Moving {
        private Moving() {}

        public static void main(String[] arguments) {
            Random random = new Random(Long.parseLong(arguments[2]));
            StoreProgram.awaitLine();
            try (ArtifactStore artifacts = LocalArtifactStore.open(Path.of(arguments[1]));
                    StoreProgram.Stores stores = StoreProgram.open(arguments[0]);
                    ModelRegistry registry = stores.registry().apply(artifacts)) {
                System.out.println("begun");
                while (true) {
                    String content = "c" + random.nextLong();
                    int version = register(registry, artifacts, content, random.nextInt(100_000));
                    System.out.println("registered " + version + " " + content);
                    Map<String, Integer> aliases = registry.aliases(MODEL);
                    AliasChange move;
                    try {
                        move = random.nextInt(4) == 0
                                ? registry.rollback(MODEL, ALIAS, aliases.get(ALIAS), content)
                                : registry.compareAndSetAlias(MODEL, ALIAS, aliases.get(ALIAS), version, content);
                    } catch (ConflictException nothingEarlier) {
                        continue;
                    }
                    System.out.println("moved " + move.sequence() + " " + move.to());
                }
            }
        }
    }
}
