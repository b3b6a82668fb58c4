package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.tracking.files.LocalArtifactStore;
import io.jvmlops.tracking.postgres.TestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that share the aliases of a registry, and some that are killed. {@code -Djvmlops.rounds=N} races longer, {@code
 * -Djvmlops.kills=N} kills more often.
 */
class AliasIT {
    private static final int PROCESSES = 8;
    private static final int ROUNDS = Integer.getInteger("jvmlops.rounds", 40);
    private static final int KILLS = Integer.getInteger("jvmlops.kills", 8);
    private static final int KILLS_ON_POSTGRES = 2;

    @TempDir
    Path folder;

    @Test
    void ofEightProcessesOneMovesAnAliasOnSqlite() throws Exception {
        race(folder.resolve("mlops.db").toString());
    }

    @Test
    void ofEightProcessesOneMovesAnAliasOnPostgres() throws Exception {
        race("postgres:" + TestServer.port() + ":" + TestServer.newSchema());
    }

    private static void race(String place) throws Exception {
        List<ForkedJvm> processes = new ArrayList<>();
        try (StoreProgram.Stores stores = StoreProgram.open(place);
                ArtifactStore artifacts = new InMemoryArtifactStore();
                ModelRegistry registry = stores.registry().apply(artifacts)) {
            for (int i = 0; i <= ROUNDS; i++) {
                AliasProgram.register(registry, artifacts, "v", 0);
            }
            registry.compareAndSetAlias(AliasProgram.MODEL, AliasProgram.ALIAS, null, 1, "begin");
            for (int i = 0; i < PROCESSES; i++) {
                processes.add(new ForkedJvm(AliasProgram.Racing.class, place, "" + ROUNDS, "p" + i));
            }
            for (ForkedJvm process : processes) {
                assertThat(process.requireLine()).isEqualTo("ready");
            }
            for (ForkedJvm process : processes) {
                process.println("go");
            }
            List<String> winners = new ArrayList<>();
            List<Integer> won = new ArrayList<>();
            for (int i = 0; i < PROCESSES; i++) {
                String[] words = processes.get(i).requireLine().split(" ", -1);
                assertThat(words[0]).isEqualTo("won");
                for (int word = 1; word < words.length; word++) {
                    won.add(Integer.valueOf(words[word]));
                    winners.add("p" + i + " " + words[word]);
                }
                assertThat(processes.get(i).await()).isZero();
            }
            // One winner of each round.
            assertThat(won).hasSize(ROUNDS);
            assertThat(new TreeSet<>(won)).hasSize(ROUNDS);
            List<AliasChange> history = registry.aliasHistory(AliasProgram.MODEL, AliasProgram.ALIAS);
            assertThat(registry.aliasChanges(0, ModelRegistry.MAX_CHANGES)).isEqualTo(history);
            assertThat(history).hasSize(ROUNDS + 1);
            for (int round = 1; round <= ROUNDS; round++) {
                AliasChange move = history.get(round);
                assertThat(move.sequence()).isEqualTo(round + 1);
                assertThat(move.from()).isEqualTo(round);
                assertThat(move.to()).isEqualTo(round + 1);
                assertThat(winners).contains(move.why() + " " + round);
            }
            assertThat(registry.aliases(AliasProgram.MODEL)).containsEntry(AliasProgram.ALIAS, ROUNDS + 1);
        } finally {
            processes.forEach(ForkedJvm::close);
        }
    }

    @Test
    void noAliasPointsAtHalfAModelAfterAKill() throws Exception {
        kill(folder.resolve("mlops.db").toString(), KILLS);
    }

    @Test
    void noAliasPointsAtHalfAModelAfterAKillOnPostgres() throws Exception {
        kill("postgres:" + TestServer.port() + ":" + TestServer.newSchema(), KILLS_ON_POSTGRES);
    }

    private void kill(String place, int kills) throws Exception {
        Random random = new Random(7);
        ForkedJvm next = fork(place, random);
        try {
            for (int kill = 0; kill < kills; kill++) {
                ForkedJvm victim = next;
                victim.println("go");
                next = fork(place, random);
                assertThat(victim.requireLine()).isEqualTo("begun");
                List<String> lines = new ArrayList<>();
                int until = 1 + random.nextInt(20);
                for (int i = 0; i < until; i++) {
                    lines.add(victim.requireLine());
                }
                CrashIT.busyFor(random.nextInt(3_000_000));
                List<String> rest = victim.kill();
                // The kill may have torn the last of them.
                lines.addAll(rest.subList(0, Math.max(0, rest.size() - 1)));
                check(place, lines);
            }
        } finally {
            next.close();
        }
    }

    private ForkedJvm fork(String place, Random random) throws Exception {
        return new ForkedJvm(
                AliasProgram.Moving.class, place, folder.resolve("artifacts").toString(), "" + random.nextLong());
    }

    private void check(String place, List<String> acknowledged) {
        try (ArtifactStore artifacts = LocalArtifactStore.open(folder.resolve("artifacts"));
                StoreProgram.Stores stores = StoreProgram.open(place);
                ModelRegistry registry = stores.registry().apply(artifacts)) {
            List<ModelVersion> versions = registry.versions(AliasProgram.MODEL);
            for (int i = 0; i < versions.size(); i++) {
                ModelVersion version = versions.get(i);
                assertThat(version.version()).isEqualTo(i + 1);
                registry.verify(version).requireIntact();
                ModelFiles files = registry.files(version);
                assertThat(new String(files.read("MLmodel"), StandardCharsets.UTF_8))
                        .isEqualTo("model " + version.description());
                assertThat(new String(files.read("weights"), StandardCharsets.UTF_8))
                        .startsWith(version.description());
            }
            List<AliasChange> moves = registry.aliasChanges(0, ModelRegistry.MAX_CHANGES);
            Integer at = null;
            for (int i = 0; i < moves.size(); i++) {
                assertThat(moves.get(i).sequence()).isEqualTo(i + 1);
                assertThat(moves.get(i).from()).isEqualTo(at);
                at = moves.get(i).to();
            }
            assertThat(registry.aliases(AliasProgram.MODEL).get(AliasProgram.ALIAS))
                    .isEqualTo(at);
            if (at != null) {
                assertThat(registry.get(new ModelRef.Alias(AliasProgram.MODEL, AliasProgram.ALIAS)))
                        .isEqualTo(versions.get(at - 1));
            }
            for (String line : acknowledged) {
                String[] words = line.split(" ", -1);
                int number = Integer.parseInt(words[words[0].equals("moved") ? 2 : 1]);
                if (words[0].equals("moved")) {
                    assertThat(moves.get(Integer.parseInt(words[1]) - 1).to()).isEqualTo(number);
                } else {
                    assertThat(versions.get(number - 1).description()).isEqualTo(words[2]);
                }
            }
        }
    }
}
