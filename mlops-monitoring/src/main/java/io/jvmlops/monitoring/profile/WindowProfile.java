package io.jvmlops.monitoring.profile;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.Profile;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a model was asked and answered during some time, over the edges and levels of its reference. Immutable.
 *
 * <p>Where there was more to count than the processor time allows, only a part of the rows was: the rows of a segment were
 * taken with the probability {@code 2^-sampling} each. {@link #uniform} makes of all segments one sample, in which every row of
 * the time has the same chance to be.
 */
public final class WindowProfile {
    private final ModelSignature signature;
    private final SortedMap<Integer, Segment> segments;

    /** Rows that were taken alike. */
    public record Segment(Profile inputs, Profile outputs) {
        Segment plus(Segment other) {
            return new Segment(Profiles.merge(inputs, other.inputs), Profiles.merge(outputs, other.outputs));
        }
    }

    /**
     * A sample in which every row has the same chance to be.
     *
     * @param sampling the binary logarithm of one over that chance: 0 if all rows are in it
     */
    public record Sample(int sampling, Profile inputs, Profile outputs) {}

    /** @param segments by sampling, at least one */
    WindowProfile(ModelSignature signature, Map<Integer, Segment> segments) {
        this.signature = signature;
        this.segments = Collections.unmodifiableSortedMap(new TreeMap<>(segments));
    }

    /** Of the model it belongs to. */
    public ModelSignature signature() {
        return signature;
    }

    /** By sampling; at least one. */
    public SortedMap<Integer, Segment> segments() {
        return segments;
    }

    /** Rows of inputs that were counted. */
    public long rows() {
        return segments.values().stream().mapToLong(s -> s.inputs().rows()).sum();
    }

    /**
     * All segments as one uniform sample: those that were sampled less are thinned to the one that was sampled most. Which
     * rows go is decided by numbers that depend on the counts alone, so that the same window always gives the same sample.
     */
    public Sample uniform() {
        int sampling = segments.lastKey();
        Segment sum = null;
        for (Map.Entry<Integer, Segment> entry : segments.entrySet()) {
            Segment thinned = Thinning.of(entry.getValue(), sampling - entry.getKey());
            sum = sum == null ? thinned : sum.plus(thinned);
        }
        Segment all = Objects.requireNonNull(sum);
        return new Sample(sampling, all.inputs(), all.outputs());
    }

    /**
     * Both together, as if their rows had been counted at once.
     *
     * @throws IllegalArgumentException if they are not over the same signature, edges and levels
     */
    public WindowProfile merge(WindowProfile other) {
        if (!signature.equals(other.signature)) {
            throw new IllegalArgumentException("windows of two signatures cannot be merged");
        }
        Map<Integer, Segment> merged = new TreeMap<>(segments);
        other.segments.forEach((sampling, segment) -> merged.merge(sampling, segment, Segment::plus));
        return of(signature, merged);
    }

    /** Leaves out segments without rows, all but one if there are no others. */
    static WindowProfile of(ModelSignature signature, Map<Integer, Segment> segments) {
        TreeMap<Integer, Segment> kept = new TreeMap<>(segments);
        kept.values().removeIf(s -> s.inputs().rows() == 0 && s.outputs().rows() == 0);
        if (kept.isEmpty()) {
            kept.put(0, segments.values().iterator().next());
        }
        return new WindowProfile(signature, kept);
    }

    /**
     * The canonical binary form, as that of {@link ReferenceProfile#toBytes} with content 3 and
     * {@code specs(inputs) specs(outputs) list(sampling:u8 profile(inputs) profile(outputs))}.
     */
    public byte[] toBytes() {
        return ProfileCodec.write(this);
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @throws InvalidInputException if the bytes are damaged, cut short, or of an unknown version
     */
    public static WindowProfile parse(byte[] bytes) {
        return ProfileCodec.readWindow(bytes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WindowProfile that
                && signature.equals(that.signature)
                && segments.equals(that.segments);
    }

    @Override
    public int hashCode() {
        return segments.hashCode();
    }

    /** Numbers of rows, no values. */
    @Override
    public String toString() {
        return rows() + " rows, sampled " + segments.keySet();
    }
}
