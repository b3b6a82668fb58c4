package io.jvmlops.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.ColumnDrift.Verdict;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.monitoring.profile.Data;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How often the defaults alarm though nothing has changed, and how often they see what has. Seeds are fixed, so the shares are
 * always the same; run {@link #main} for many more rounds.
 */
class FalseAlarmTest {
    /** Normal, exponential, five integers, mostly zero, a tenth missing; a few colours, a long tail, a boolean; an output. */
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(
                    TensorSpec.of("x", DataType.FP64, -1, 5)
                            .withColumns(List.of("normal", "exponential", "integers", "zeros", "missing")),
                    TensorSpec.of("colour", DataType.BYTES, -1),
                    TensorSpec.of("tail", DataType.BYTES, -1),
                    TensorSpec.of("flag", DataType.BOOL, -1)),
            List.of(TensorSpec.of("score", DataType.FP64, -1)));

    private static final int COLUMNS = 9;

    private static Tensors inputs(SplittableRandom random, int rows, double shift) {
        double[] x = new double[5 * rows];
        String[] colour = new String[rows];
        String[] tail = new String[rows];
        boolean[] flag = new boolean[rows];
        for (int i = 0; i < rows; i++) {
            x[5 * i] = random.nextGaussian() + shift;
            x[5 * i + 1] = random.nextExponential();
            x[5 * i + 2] = random.nextInt(5);
            x[5 * i + 3] = random.nextInt(10) < 7 ? 0 : random.nextGaussian();
            x[5 * i + 4] = random.nextInt(10) == 0 ? Double.NaN : random.nextGaussian();
            colour[i] = "colour" + Math.min(random.nextInt(8), random.nextInt(8));
            // Pareto: some levels that everybody has, and many that come once.
            tail[i] = "level" + (int) Math.min(1e9, 1 / random.nextDouble());
            flag[i] = random.nextInt(10) == 0;
        }
        return Tensors.builder()
                .put("x", Tensor.transfer(x, rows, 5))
                .put("colour", Tensor.transfer(colour, rows))
                .put("tail", Tensor.transfer(tail, rows))
                .put("flag", Tensor.transfer(flag, rows))
                .build();
    }

    private static Tensors outputs(SplittableRandom random, int rows) {
        return Tensors.of("score", Tensor.transfer(random.doubles(rows).toArray(), rows));
    }

    /** What many reports said. */
    private record Alarms(double reports, double columns, double firstColumn) {
        static Alarms of(int referenceRows, int rows, double shift, int rounds) {
            SplittableRandom random = new SplittableRandom(20_260_101);
            int reports = 0;
            int columns = 0;
            int first = 0;
            for (int i = 0; i < rounds; i++) {
                Monitor monitor = Monitor.builder(ReferenceProfile.builder(SIGNATURE)
                                .add(inputs(random, referenceRows, 0), outputs(random, referenceRows))
                                .build())
                        .build();
                monitor.onPrediction(Data.event(SIGNATURE, inputs(random, rows, shift), outputs(random, rows)));
                DriftReport report = monitor.report();
                reports += report.hasDrift() ? 1 : 0;
                for (ColumnDrift column : report.columns()) {
                    boolean drift = column.verdict() == Verdict.DRIFT;
                    columns += drift ? 1 : 0;
                    first += drift && column.column().equals("normal") ? 1 : 0;
                }
            }
            return new Alarms((double) reports / rounds, (double) columns / rounds / COLUMNS, (double) first / rounds);
        }
    }

    @ParameterizedTest
    @CsvSource({"105, 45, 400", "500, 200, 150", "2000, 2000, 40"})
    void unchangedDataSeldomAlarm(int referenceRows, int rows, int rounds) {
        Alarms alarms = Alarms.of(referenceRows, rows, 0, rounds);

        assertThat(alarms.reports()).isLessThanOrEqualTo(0.06);
        assertThat(alarms.columns()).isLessThanOrEqualTo(0.01);
    }

    @ParameterizedTest
    @CsvSource({"105, 45, 300, 0.9", "500, 200, 50, 1", "2000, 2000, 10, 1"})
    void aShiftOfOneStandardDeviationIsSeen(int referenceRows, int rows, int rounds, double atLeast) {
        Alarms alarms = Alarms.of(referenceRows, rows, 1, rounds);

        assertThat(alarms.firstColumn()).isGreaterThanOrEqualTo(atLeast);
        // The others are not drawn in with it.
        assertThat(alarms.columns() - alarms.firstColumn() / COLUMNS).isLessThanOrEqualTo(0.015);
    }

    @Test
    void aColumnOfRareLevelsDoesNotAlarmByItself() {
        SplittableRandom random = new SplittableRandom(5);
        int alarms = 0;
        for (int i = 0; i < 200; i++) {
            // A thousand rows over 300 levels: each level has about three, whichever they are.
            Monitor monitor = Monitor.builder(ReferenceProfile.builder(Data.strings())
                            .add(Data.strings(levels(random, 1000)))
                            .build())
                    .build();
            monitor.onPrediction(Data.event(Data.strings(), Data.strings(levels(random, 1000)), null));
            alarms += monitor.report().hasDrift() ? 1 : 0;
        }
        assertThat(alarms).isLessThanOrEqualTo(4);
    }

    private static String[] levels(SplittableRandom random, int rows) {
        String[] levels = new String[rows];
        for (int i = 0; i < rows; i++) {
            levels[i] = "level" + random.nextInt(300);
        }
        return levels;
    }

    /** Prints the shares of the tests above over many more rounds. */
    public static void main(String[] args) {
        int[][] sizes = {{105, 45, 10_000}, {500, 200, 3_000}, {2_000, 2_000, 500}};
        for (int[] size : sizes) {
            for (double shift : new double[] {0, 0.5, 1}) {
                System.out.println(size[0] + "/" + size[1] + " shift " + shift + ": "
                        + Alarms.of(size[0], size[1], shift, size[2]));
            }
        }
    }
}
