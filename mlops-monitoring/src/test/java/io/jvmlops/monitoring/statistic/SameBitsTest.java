package io.jvmlops.monitoring.statistic;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.Column;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Schema;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.monitoring.profile.Profiles;
import io.jvmlops.monitoring.profile.TableProfiler;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Every bit of every statistic's scores on some profiles, as a digest that is written here: so all JDKs that run the tests are held to
 * the same. Who changes what a statistic gives on purpose writes the new digest down.
 */
// Commons Statistics uses Math, whose last bits other processors may have otherwise.
@EnabledIfSystemProperty(named = "os.arch", matches = "amd64|x86_64")
class SameBitsTest {
    private static final Schema SCHEMA = Schema.of(
            Column.of("flag", DataType.BOOL),
            Column.of("level", DataType.BYTES),
            Column.of("many", DataType.BYTES),
            Column.of("number", DataType.FP64),
            Column.of("tailed", DataType.FP64));

    private static final int[] SIZES = {3, 40, 700, 6_000};

    private long state;

    /** Of no generator of the JDK's, which may change. */
    private double uniform() {
        state = state * 6364136223846793005L + 1442695040888963407L;
        return (state >>> 11) * 0x1p-53;
    }

    private Profile rows(TableProfiler profiler, int rows, double shift) {
        for (int i = 0; i < rows; i++) {
            double u = uniform();
            double sum = uniform() + uniform() + uniform() + shift;
            profiler.add(
                    u < 0.01 ? null : uniform() < 0.3 + shift,
                    "level " + (int) (uniform() * uniform() * 5 + 3 * shift),
                    "level " + (int) (uniform() * 400 * (1 + shift)),
                    u < 0.02 ? null : sum,
                    1 / (uniform() + 1e-9));
        }
        return profiler.profile();
    }

    @Test
    void everyStatisticGivesTheSameBitsOnEveryJdk() throws NoSuchAlgorithmException {
        Map<String, MessageDigest> digests = new TreeMap<>();
        for (String name : Statistics.names()) {
            digests.put(name, MessageDigest.getInstance("SHA-256"));
        }
        Map<String, Integer> scores = new TreeMap<>();
        for (int n : SIZES) {
            for (int m : SIZES) {
                for (double shift : new double[] {0, 0.02, 0.4}) {
                    Profile reference = Profiles.asReference(rows(TableProfiler.of(SCHEMA), n, 0));
                    Profile current = rows(TableProfiler.like(reference), m, shift);
                    for (String column : reference.columns().keySet()) {
                        ColumnProfile before = reference.columns().get(column);
                        ColumnProfile now = current.columns().get(column);
                        for (String name : Statistics.names()) {
                            DriftStatistic statistic = Statistics.named(name);
                            if (statistic.supports(before)) {
                                digests.get(name).update(bits(statistic.compare(before, now)));
                                scores.merge(name, 1, Integer::sum);
                            }
                        }
                    }
                }
            }
        }
        Map<String, String> found = new TreeMap<>();
        digests.forEach((name, digest) -> found.put(name, HexFormat.of().formatHex(digest.digest(), 0, 8)));

        assertThat(scores.keySet()).containsExactlyInAnyOrderElementsOf(Statistics.names());
        assertThat(scores.values()).allMatch(count -> count >= 48);
        assertThat(found).isEqualTo(EXPECTED);
    }

    private static byte[] bits(DriftScore score) {
        return ByteBuffer.allocate(6 * Long.BYTES)
                .putLong(Double.doubleToLongBits(score.statistic()))
                .putLong(Double.doubleToLongBits(score.pValue()))
                .putLong(Double.doubleToLongBits(score.effect()))
                .putLong(score.referenceCount())
                .putLong(score.currentCount())
                .putLong(Double.doubleToLongBits(score.error()))
                .array();
    }

    private static final Map<String, String> EXPECTED = new TreeMap<>(Map.ofEntries(
            Map.entry("anderson-darling", "99e48385fcfb5462"),
            Map.entry("chi-square", "9bfd5d1d1fac3f10"),
            Map.entry("cramer-von-mises", "4542595a03adfc9b"),
            Map.entry("energy", "a7bba55be1e6aaeb"),
            Map.entry("fisher", "a893880914e66239"),
            Map.entry("g-test", "5967b932d0ebf3de"),
            Map.entry("hellinger", "9e1daad1e4914ea3"),
            Map.entry("jensen-shannon", "d86619fcdb2b5c19"),
            Map.entry("kl", "934e87dd6db6f920"),
            Map.entry("ks", "68c928dd63537a43"),
            Map.entry("l-infinity", "27e3f0615931a0a2"),
            Map.entry("mann-whitney", "754f3f431577c53c"),
            Map.entry("missing", "b2a4dded39b9bfa2"),
            Map.entry("psi", "27969f94df66df9b"),
            Map.entry("t-test", "32ff50bd8aa520e4"),
            Map.entry("tvd", "92013058f84487a2"),
            Map.entry("two-proportions", "cc33693ae29a91e5"),
            Map.entry("wasserstein", "be93b0ed826fff11"),
            Map.entry("wasserstein-scaled", "c0b218684ba01b2f"),
            Map.entry("welch", "2d57d0ade4711f20")));
}
