package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.serving.tribuo.TribuoModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * Altered model files, in one JVM, which survives them: with a digest each is refused before anything parses it; trusted, each
 * is refused, fails or answers. More of them with {@code -Djvmlops.mutations=10000}.
 */
class MutatedModelsIT {
    private static final int MUTATIONS = Integer.getInteger("jvmlops.mutations", 1500);
    private static final long SEED = Long.getLong("jvmlops.mutations.seed", 42);

    /**
     * Address space, in KiB: altered models ask for memory by the gigabyte, which a machine may well give. With a limit the
     * runtime is refused it, and says so.
     */
    private static final String LIMIT = "ulimit -v 8000000; exec \"$@\"";

    @TempDir
    Path folder;

    @Test
    void everyAlteredByteIsRefusedAndTheProcessSurvivesWhatIsTrusted() throws Exception {
        MutableDataset<Label> data = new MutableDataset<>(
                new SimpleDataSourceProvenance("mutations", new LabelFactory()), new LabelFactory());
        for (int i = 0; i < 40; i++) {
            data.add(new ArrayExample<>(
                    new Label(i % 2 == 0 ? "even" : "odd"),
                    new String[] {"a", "b", "c"},
                    new double[] {i % 2, i % 3, 1 + i}));
        }
        Path exported = Files.createDirectory(folder.resolve("tribuo"));
        TribuoModels.export(new LogisticRegressionTrainer().train(data)).export(exported, null);

        List<String> limited =
                Files.isExecutable(Path.of("/bin/sh")) ? List.of("/bin/sh", "-c", LIMIT, "sh") : List.of();
        Path run = Files.createDirectory(folder.resolve("run"));
        try (ForkedJvm jvm = ForkedJvm.start(
                run,
                limited,
                List.of("-Xmx256m", "-XX:CompressedClassSpaceSize=64m", "-XX:ReservedCodeCacheSize=64m"),
                MutationProgram.class,
                MUTATIONS,
                SEED,
                exported.resolve("model.tribuo"))) {
            List<String> lines = new ArrayList<>(jvm.lines());
            assertThat(jvm.crashes()).as(jvm.errors()).isEmpty();
            assertThat(jvm.exitCode()).as(jvm.errors()).isZero();
            assertThat(lines.remove(lines.size() - 1)).isEqualTo("survived");
            Map<String, Integer> outcomes = new LinkedHashMap<>();
            for (String line : lines) {
                int space = line.lastIndexOf(' ');
                outcomes.put(line.substring(0, space), Integer.valueOf(line.substring(space + 1)));
            }
            assertThat(outcomes)
                    .containsEntry("verified: refused", MUTATIONS)
                    .containsEntry("folders of native libraries", 0);
            assertThat(outcomes.keySet())
                    .isSubsetOf(
                            "verified: refused",
                            "folders of native libraries",
                            "trusted: not loaded",
                            "trusted: answered",
                            "trusted: ModelFailureException",
                            "trusted: InvalidInputException",
                            "trusted: TimedOutException",
                            "trusted: does not end");
            // Once in some ten thousand, a tree is altered so that it leads back into itself. The runtime follows it
            // within one
            // operator, where a deadline does not reach: why a model is verified, or trusted with reason.
            assertThat(outcomes.getOrDefault("trusted: does not end", 0)).isLessThanOrEqualTo(1 + MUTATIONS / 2000);
            // Both kinds were there: the alterations are neither all gross nor all without effect.
            assertThat(outcomes.get("trusted: not loaded")).isGreaterThan(MUTATIONS / 10);
            assertThat(outcomes.get("trusted: answered")).isGreaterThan(MUTATIONS / 20);
        }
    }
}
