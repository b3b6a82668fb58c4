package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;

import com.dynatrace.hash4j.distinctcount.UltraLogLog;
import io.jvmlops.api.monitoring.DistinctCount;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DistinctTest {
    @Test
    void askingFirstChangesNothing() {
        SplittableRandom random = new SplittableRandom(1);
        for (int distinct : new int[] {1, 5, 100, 1_000, 100_000}) {
            UltraLogLog plain = Distinct.empty();
            UltraLogLog asked = Distinct.empty();
            double[] block = new double[500];
            for (int round = 0; round < 400; round++) {
                for (int i = 0; i < block.length; i++) {
                    block[i] = random.nextInt(distinct) * 0.1;
                    plain.add(Distinct.hash(block[i]));
                }
                Distinct.add(asked, block, block.length);
            }
            assertThat(asked.getState()).as("%s values", distinct).isEqualTo(plain.getState());
        }
    }

    /** The law of the estimate, from 400 sets of each size: its error's root mean square is 4.8 %, and it is not off to one side. */
    @Test
    void theErrorIsAsStated() {
        SplittableRandom random = new SplittableRandom(2);
        int sets = 400;
        for (int size : new int[] {10, 1_000, 10_000}) {
            double errors = 0;
            double squares = 0;
            for (int set = 0; set < sets; set++) {
                UltraLogLog sketch = Distinct.empty();
                for (int i = 0; i < size; i++) {
                    sketch.add(Distinct.hash(random.nextDouble()));
                }
                double error = Distinct.of(sketch).estimate() / size - 1;
                errors += error;
                squares += error * error;
            }
            // 1.15 covers the chance of 400 sets (its standard error is 3.5 %); small sets are known better.
            assertThat(Math.sqrt(squares / sets)).as("of %s", size).isLessThan(0.048 * 1.15);
            assertThat(Math.abs(errors / sets)).as("of %s", size).isLessThan(4 * 0.048 / Math.sqrt(sets));
        }
    }

    @Test
    void partsAddToTheWhole() {
        UltraLogLog whole = Distinct.empty();
        UltraLogLog[] parts = {Distinct.empty(), Distinct.empty(), Distinct.empty()};
        for (int i = 0; i < 5_000; i++) {
            whole.add(Distinct.hash((double) i));
            parts[i % 3].add(Distinct.hash((double) i));
            parts[i % 2].add(Distinct.hash((double) i));
        }
        DistinctCount sum =
                Distinct.plus(Distinct.of(parts[2]), Distinct.plus(Distinct.of(parts[0]), Distinct.of(parts[1])));

        assertThat(sum).isEqualTo(Distinct.of(whole));
        assertThat(sum.estimate()).isEqualTo(Distinct.of(whole).estimate());
    }
}
