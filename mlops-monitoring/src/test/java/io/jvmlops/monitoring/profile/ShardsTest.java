package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.monitoring.DriftPolicy;
import io.jvmlops.monitoring.ReportJson;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The same rows in 1 to 1,000 shards, merged in 100 orders: the same bytes, scores and verdict, of which the digests are written
 * here, so that all JDKs are held to them. {@code -Dshards.values=10000000} runs it at full length.
 */
class ShardsTest {
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(
                    TensorSpec.of("x", DataType.FP64, -1, 4)
                            .withColumns(List.of("normal", "tailed", "rounded", "gaps")),
                    TensorSpec.of("s", DataType.BYTES, -1)),
            List.of());

    private static final int COLUMNS = 5;
    private static final int VALUES = Integer.getInteger("shards.values", 200_000);
    private static final int ROWS = VALUES / COLUMNS;

    private static double uniform(long seed) {
        return (Distinct.mix(seed) >>> 11) * 0x1p-53;
    }

    private static Tensors rows(int[] chosen) {
        double[] x = new double[4 * chosen.length];
        String[] s = new String[chosen.length];
        for (int i = 0; i < chosen.length; i++) {
            long seed = 8L * chosen[i];
            double sum = 0;
            for (int k = 0; k < 4; k++) {
                sum += uniform(seed + k) - 0.5;
            }
            x[4 * i] = sum;
            x[4 * i + 1] = 1 / uniform(seed + 4);
            x[4 * i + 2] = Math.rint(sum * 10);
            x[4 * i + 3] =
                    chosen[i] % 20 == 0 ? Double.NaN : chosen[i] % 1001 == 0 ? Double.POSITIVE_INFINITY : sum * 1e300;
            s[i] = "level " + (int) (1 / uniform(seed + 5));
        }
        return Tensors.of("x", Tensor.transfer(x, chosen.length, 4), "s", Tensor.transfer(s, chosen.length));
    }

    private static Tensors range(int from, int to) {
        int[] chosen = new int[to - from];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = from + i;
        }
        return rows(chosen);
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static List<int[]> cuts(SplittableRandom random) {
        List<int[]> cuts = new ArrayList<>();
        for (int shards : new int[] {1, 2, 7, 64, 1_000}) {
            int[] cut = random.ints(shards - 1, 0, ROWS + 1).sorted().toArray();
            int[] all = new int[shards + 1];
            System.arraycopy(cut, 0, all, 1, cut.length);
            all[shards] = ROWS;
            cuts.add(all);
        }
        return cuts;
    }

    private static Profile merged(List<Profile> parts, SplittableRandom random) {
        List<Profile> left = new ArrayList<>(parts);
        while (left.size() > 1) {
            // Any two next: trees of every shape.
            Profile a = take(left, random);
            Profile b = take(left, random);
            left.add(Profiles.merge(a, b));
        }
        return left.get(0);
    }

    private static Profile take(List<Profile> from, SplittableRandom random) {
        int at = random.nextInt(from.size());
        Profile taken = from.get(at);
        from.set(at, from.get(from.size() - 1));
        from.remove(from.size() - 1);
        return taken;
    }

    @Test
    void anyShardsInAnyOrderGiveTheSameBytesAndVerdict() {
        SplittableRandom random = new SplittableRandom(1);
        ReferenceProfile reference = ReferenceProfile.builder(SIGNATURE)
                .add(range(0, Math.min(ROWS, 5_000)))
                .build();
        String table = null;
        String window = null;
        String verdict = null;
        DriftPolicy policy = DriftPolicy.ofDefaults();
        for (int[] cut : cuts(random)) {
            List<Profile> tables = new ArrayList<>();
            List<Profile> windows = new ArrayList<>();
            for (int i = 0; i + 1 < cut.length; i++) {
                TableCounter counter = new TableCounter(TablePlan.of(TensorLayout.of(SIGNATURE.inputs())));
                WindowProfiler profiler = reference.profiler();
                for (int from = cut[i]; from < cut[i + 1]; from += 10_000) {
                    Tensors rows = range(from, Math.min(cut[i + 1], from + 10_000));
                    counter.add(rows, rows.at(0).rows());
                    profiler.add(rows, null, 0);
                }
                tables.add(counter.profile());
                windows.add(profiler.profile().uniform().inputs());
            }
            for (int order = 0; order < ORDERS / 5; order++) {
                String mergedTable = digest(Profiles.toBytes(merged(tables, random)));
                Profile counted = merged(windows, random);
                String mergedWindow = digest(Profiles.toBytes(counted));
                DriftReport report = policy.compare("m", Instant.EPOCH, reference.inputs(), counted);
                assertThat(report.drifted(ColumnDrift.Kind.INPUT)).isEqualTo(DRIFTED);
                // It has every bit of every score.
                String given = digest(ReportJson.write(report).getBytes(StandardCharsets.UTF_8));
                table = table == null ? mergedTable : table;
                window = window == null ? mergedWindow : window;
                verdict = verdict == null ? given : verdict;
                assertThat(mergedTable).isEqualTo(table);
                assertThat(mergedWindow).isEqualTo(window);
                assertThat(given).isEqualTo(verdict);
            }
        }
        if (VALUES == 200_000) {
            assertThat(List.of(table, window, verdict)).isEqualTo(SHORT);
        } else if (VALUES == 10_000_000) {
            assertThat(List.of(table, window, verdict)).isEqualTo(FULL);
        }
    }

    /** Of the table, of the window, and of the verdict on it. */
    private static final List<String> SHORT = List.of(
            "2378806cdda707770dcbd30b9f966df0534c3fecee7a56a4980547a5ffdcb7ea",
            "5855bc7c87f336bdbb91c356b4471ab9fe1b7def3d1ab25589ba2165e05d3802",
            "7337e84a36fe1ac133412b97e772243592f070f824779f0d3e6b00f60387e492");

    private static final List<String> FULL = List.of(
            "62768c1ff0bba17cbc4b9438eae56a5ce5e2c7c82777af2fcce8a8073ce891cf",
            "616329ea9c5032a3c19431ed1742ba345b0159ffe5759dbb2a9bdd745942397a",
            "65b9bb5e987081c0ab1c7998da28674b45f60340705e6eb30fcea91fa4274e8d");

    private static final List<String> DRIFTED = List.of();

    /** Most of the short form's time would go into the levels of a thousand small parts. */
    private static final int ORDERS = VALUES < 1_000_000 ? 20 : 100;
}
