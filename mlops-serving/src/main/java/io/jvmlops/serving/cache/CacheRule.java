package io.jvmlops.serving.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What counts as the same input for one model, and whether its answers may be kept at all. Immutable.
 *
 * <p>{@link #exact} is the default, and the only rule under which a cached answer is the model's answer to that very input. Every
 * other rule trades that for hits: inputs that count as the same get the answer of whoever came first. The choice is the host's,
 * feature by feature; nothing is rounded or left out unless it is named here.
 */
public final class CacheRule {
    /** Digits that a double can tell apart, and some. */
    private static final int MAX_DIGITS = 18;

    private static final CacheRule EXACT = new CacheRule(Mode.ADAPTIVE, Map.of(), null, false, false);

    /** Whether answers are kept. */
    enum Mode {
        /** Where that is measured to pay. */
        ADAPTIVE,
        /** Even where it costs more than the model. */
        ALWAYS,
        NEVER
    }

    private final Mode mode;
    /** Digits after the decimal point, by feature. */
    private final Map<String, Integer> digits;
    /** The features that count; null for all. */
    private final @Nullable Set<String> only;

    private final boolean zeroSign;
    private final boolean wholeCalls;

    private CacheRule(
            Mode mode, Map<String, Integer> digits, @Nullable Set<String> only, boolean zeroSign, boolean wholeCalls) {
        this.mode = mode;
        this.digits = digits;
        this.only = only;
        this.zeroSign = zeroSign;
        this.wholeCalls = wholeCalls;
    }

    /**
     * Inputs are the same if every element is: the same bits, but that all NaN are one. {@code 0.0} and {@code -0.0} are two.
     * Rows of a batch are kept one by one where the model answers row by row. The cache steps aside while it does not pay.
     */
    public static CacheRule exact() {
        return EXACT;
    }

    /** Keeps nothing of this model. For one whose answers differ from call to call, or that must not be remembered. */
    public static CacheRule never() {
        return new CacheRule(Mode.NEVER, Map.of(), null, false, false);
    }

    /** Never steps aside, whatever the cache costs. */
    public CacheRule always() {
        return new CacheRule(Mode.ALWAYS, digits, only, zeroSign, wholeCalls);
    }

    /**
     * Rounds a feature before it is compared: inputs that differ only beyond so many digits after the decimal point count as the
     * same, and <em>get the answer of the first of them</em>, for as long as that is kept. The model itself is always asked with
     * what the caller sent. Choose digits below what the model can tell apart, and mind its thresholds: a tree that splits at
     * 0.5 answers 0.49 and 0.51 differently, and with one digit they are the same.
     *
     * @param feature a column of an input, or an input's name for all its elements
     * @param digits 2 for hundredths, 0 for whole numbers, -3 for thousands
     * @throws IllegalArgumentException if there are more than 18 digits on either side
     */
    public CacheRule rounding(String feature, int digits) {
        if (digits < -MAX_DIGITS || digits > MAX_DIGITS) {
            throw new IllegalArgumentException("rounding of '" + feature + "' to " + digits + " digits: expected "
                    + -MAX_DIGITS + " to " + MAX_DIGITS);
        }
        Map<String, Integer> more = new TreeMap<>(this.digits);
        more.put(Objects.requireNonNull(feature), digits);
        return new CacheRule(mode, more, only, zeroSign, wholeCalls);
    }

    /**
     * Compares only these features. <strong>Whoever differs in any other feature gets another's answer.</strong> Right only where
     * the model does not use the others, as with an identifier or a time stamp that is sent along; the cache cannot tell, and
     * does not check. Takes the place of what an earlier call has named.
     *
     * @param features columns of inputs, or inputs' names for all their elements
     * @throws IllegalArgumentException if there are none
     */
    public CacheRule only(String... features) {
        if (features.length == 0) {
            throw new IllegalArgumentException("only() of no features: every input would count as the same");
        }
        return new CacheRule(mode, digits, new TreeSet<>(List.of(features)), zeroSign, wholeCalls);
    }

    /** Takes {@code -0.0} for {@code 0.0}. Few models tell them apart: one that divides by it, or takes its sign, does. */
    public CacheRule ignoringSignOfZero() {
        return new CacheRule(mode, digits, only, true, wholeCalls);
    }

    /**
     * Keeps the answer to a call as a whole, never row by row. The last bits of a row's answer may depend on the rows beside it,
     * since runtimes sum in another order for another number of rows: with this, a batch is answered as the model answers
     * that very batch, and is known again only as a whole.
     */
    public CacheRule wholeCalls() {
        return new CacheRule(mode, digits, only, zeroSign, true);
    }

    Mode mode() {
        return mode;
    }

    /** Null if a feature is not rounded. */
    @Nullable
    Integer digits(String feature) {
        return digits.get(feature);
    }

    boolean counts(String feature) {
        return only == null || only.contains(feature);
    }

    /** All features that are named. */
    List<String> named() {
        List<String> all = new ArrayList<>(digits.keySet());
        if (only != null) {
            all.addAll(only);
        }
        return all;
    }

    boolean zeroSignIgnored() {
        return zeroSign;
    }

    boolean callsAsWholes() {
        return wholeCalls;
    }

    /** Whether only the same input counts as the same, but for what {@link #exact} says. */
    boolean isExact() {
        return digits.isEmpty() && only == null && !zeroSign;
    }

    @Override
    public String toString() {
        return (isExact() ? "exact" : "rounding " + digits + ", only " + (only == null ? "all" : only))
                + (zeroSign ? ", sign of zero ignored" : "") + (wholeCalls ? ", whole calls" : "") + ", " + mode;
    }
}
