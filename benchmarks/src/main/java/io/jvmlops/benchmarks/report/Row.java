package io.jvmlops.benchmarks.report;

import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One line of a report: a thing measured, for us, for a peer, or for both.
 *
 * @param what names what was measured, and against whom
 * @param unit of both
 * @param ours one value per repetition; empty where only a peer was measured
 * @param peer one value per repetition; empty where there is no peer. Where both have as many, the values at one
 *     position were measured next to each other in time.
 * @param target null if there is none
 */
public record Row(
        String what,
        String unit,
        List<Double> ours,
        List<Double> peer,
        @Nullable Target target) {
    public Row {
        ours = List.copyOf(ours);
        peer = List.copyOf(peer);
        if (ours.isEmpty() && peer.isEmpty()) {
            throw new IllegalArgumentException("row '" + what + "' has no values");
        }
    }

    public static Row measured(String what, String unit, List<Double> ours) {
        return new Row(what, unit, ours, List.of(), null);
    }

    public static Row compared(String what, String unit, List<Double> ours, List<Double> peer) {
        return new Row(what, unit, ours, peer, null);
    }

    public Row withTarget(Target target) {
        return new Row(what, unit, ours, peer, target);
    }

    /** Empty where only a peer was measured. */
    public OptionalDouble oursMedian() {
        return ours.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Numbers.median(ours));
    }

    /** Empty where there is no peer. */
    public OptionalDouble peerMedian() {
        return peer.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Numbers.median(peer));
    }

    /** Our median over the peer's. Empty where one of them is, or the peer's is 0. */
    public OptionalDouble ratio() {
        OptionalDouble dividend = oursMedian();
        OptionalDouble divisor = peerMedian();
        return dividend.isEmpty() || divisor.isEmpty() || divisor.getAsDouble() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(dividend.getAsDouble() / divisor.getAsDouble());
    }

    /** Our median less the peer's. Empty where one of them is. */
    public OptionalDouble beyond() {
        OptionalDouble our = oursMedian();
        OptionalDouble their = peerMedian();
        return our.isEmpty() || their.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(our.getAsDouble() - their.getAsDouble());
    }

    /** Whether the target is met; empty where there is none. A number that cannot be formed meets nothing. */
    public Optional<Boolean> met() {
        if (target == null) {
            return Optional.empty();
        }
        OptionalDouble number = switch (target.of()) {
            case OURS -> oursMedian();
            case RATIO -> ratio();
            case BEYOND -> beyond();
        };
        return Optional.of(target.isMetBy(number.orElse(Double.NaN)));
    }

    /**
     * How far repetitions lie apart: the least and the greatest ratio of neighbours where ours pair up with the peer's, of
     * the values of the one that was measured where there is only one. Empty after a single repetition.
     */
    public Optional<Spread> spread() {
        if (Math.max(ours.size(), peer.size()) < 2) {
            return Optional.empty();
        }
        if (!ours.isEmpty() && !peer.isEmpty()) {
            return ours.size() == peer.size() && peer.stream().allMatch(value -> value != 0)
                    ? Optional.of(spread(
                            Spread.Of.RATIO, IntStream.range(0, ours.size()).mapToObj(i -> ours.get(i) / peer.get(i))))
                    : Optional.empty();
        }
        return Optional.of(
                ours.isEmpty() ? spread(Spread.Of.PEER, peer.stream()) : spread(Spread.Of.OURS, ours.stream()));
    }

    private static Spread spread(Spread.Of of, Stream<Double> values) {
        DoubleSummaryStatistics summary = values.collect(Collectors.summarizingDouble(Double::doubleValue));
        return new Spread(of, summary.getMin(), summary.getMax());
    }

    /** The least and the greatest over the repetitions. */
    public record Spread(Of of, double low, double high) {
        /** Whose. */
        public enum Of {
            OURS,
            PEER,
            RATIO
        }

        /** Like {@code 0.94–1.07}. */
        @Override
        public String toString() {
            return Numbers.format(low) + "–" + Numbers.format(high);
        }
    }
}
