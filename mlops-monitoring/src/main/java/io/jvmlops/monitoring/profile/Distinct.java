package io.jvmlops.monitoring.profile;

import com.dynatrace.hash4j.distinctcount.UltraLogLog;
import com.dynatrace.hash4j.hashing.Hashing;
import io.jvmlops.api.monitoring.DistinctCount;

/**
 * Counts distinct numbers by UltraLogLog (Ertl 2024) with 2^{@value #PRECISION} registers of a byte: a standard error of
 * 4.8 %, and the same state for the same set of values.
 */
final class Distinct {
    static final int PRECISION = 8;

    private Distinct() {}

    static UltraLogLog empty() {
        return UltraLogLog.create(PRECISION);
    }

    /** Of a number's bits: the finalizer of Stafford (2011), variant 13, which mixes every bit into every other. */
    static long hash(double value) {
        return mix(Double.doubleToRawLongBits(value));
    }

    static long mix(long bits) {
        long x = bits;
        x = (x ^ x >>> 30) * 0xbf58476d1ce4e5b9L;
        x = (x ^ x >>> 27) * 0x94d049bb133111ebL;
        return x ^ x >>> 31;
    }

    /** Of a level's name; part of the stored form, so it never changes. */
    static long hash(String level) {
        return Hashing.komihash5_0().hashCharsToLong(level);
    }

    static void add(UltraLogLog sketch, double value) {
        sketch.add(hash(value));
    }

    /**
     * Adds many. Of all but the first few thousand values nearly none changes a register, and most of what an update costs is to
     * put it back as it was: so it is asked first whether it is there already.
     */
    static void add(UltraLogLog sketch, double[] values, int count) {
        byte[] registers = sketch.getState();
        for (int i = 0; i < count; i++) {
            long hash = hash(values[i]);
            int register = registers[(int) (hash >>> Long.SIZE - PRECISION)];
            // The register's greatest update and which of the two below it came, as bits at their places; see
            // UltraLogLog.
            long updates = (register & 3 | 4L) << (register >>> 2) - 2;
            int place = Long.numberOfLeadingZeros(~(~hash << PRECISION)) + PRECISION - 1;
            // Its own bit is not set, and those above it are the two at most that are told apart.
            if ((updates >>> place & ~6) == 0) {
                sketch.add(hash);
            }
        }
    }

    /**
     * Whether values can leave a register so: none, or the place of the greatest update, which is at least
     * {@code PRECISION - 1}, above two bits for the places below it, as far as there are such.
     */
    static boolean isRegister(byte register) {
        int unsigned = Byte.toUnsignedInt(register);
        int below = (unsigned >>> 2) - (PRECISION - 1);
        return unsigned == 0 || below >= 2 || below == 1 && (unsigned & 1) == 0 || below == 0 && (unsigned & 3) == 0;
    }

    static DistinctCount plus(DistinctCount a, DistinctCount b) {
        return of(UltraLogLog.wrap(a.sketch()).add(UltraLogLog.wrap(b.sketch())));
    }

    static DistinctCount of(UltraLogLog sketch) {
        return new DistinctCount(sketch.getDistinctCountEstimate(), sketch.getState());
    }
}
