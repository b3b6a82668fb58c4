package io.jvmlops.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowTest {
    @Test
    void theMedianIsTheMiddleOrTheMeanOfTheTwoMiddleOnes() {
        assertThat(Numbers.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2.0);
        assertThat(Numbers.median(List.of(8.0, 1.0, 2.0, 4.0))).isEqualTo(3.0);
        assertThatThrownBy(() -> Numbers.median(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1234567.8, '1,234,568'",
        "99.94, 99.9",
        "-12.34, -12.3",
        "1.004, 1.00",
        "0.9876, 0.988",
        "0.00123456, 0.00123",
        "NaN, –",
        "Infinity, –"
    })
    void numbersAreWrittenWithThreeDigits(double value, String expected) {
        assertThat(Numbers.format(value)).isEqualTo(expected);
    }

    @Test
    void theRatioIsOfTheMediansAndTheSpreadOfNeighbours() {
        Row row = Row.compared("x", "µs", List.of(1.0, 3.0, 2.0), List.of(4.0, 2.0, 5.0));

        assertThat(row.oursMedian()).hasValue(2.0);
        assertThat(row.peerMedian()).hasValue(4.0);
        assertThat(row.ratio()).hasValue(0.5);
        Row.Spread spread = row.spread().orElseThrow();
        assertThat(spread.of()).isEqualTo(Row.Spread.Of.RATIO);
        assertThat(spread.low()).isCloseTo(0.25, within(1e-12));
        assertThat(spread.high()).isCloseTo(1.5, within(1e-12));
    }

    @Test
    void aTargetMayBindTheDifference() {
        Row row = Row.compared("x", "B", List.of(640.0, 650.0, 630.0), List.of(440.0));

        assertThat(row.beyond()).hasValue(200);
        assertThat(row.withTarget(Target.beyondAtMost(200)).met()).contains(true);
        assertThat(row.withTarget(Target.beyondAtMost(199)).met()).contains(false);
        assertThat(Row.measured("x", "B", List.of(1.0))
                        .withTarget(Target.beyondAtMost(200))
                        .met())
                .contains(false);
        assertThat(Target.beyondAtMost(200)).hasToString("beyond ≤ 200");
    }

    @Test
    void whatWasMeasuredAloneHasNoRatioAndASpreadOfItsOwn() {
        Row ours = Row.measured("x", "ms", List.of(3.0, 7.0));
        Row peer = new Row("x", "ms", List.of(), List.of(5.0, 4.0), null);

        assertThat(ours.ratio()).isEmpty();
        assertThat(ours.spread()).contains(new Row.Spread(Row.Spread.Of.OURS, 3, 7));
        assertThat(peer.oursMedian()).isEmpty();
        assertThat(peer.ratio()).isEmpty();
        assertThat(peer.spread()).contains(new Row.Spread(Row.Spread.Of.PEER, 4, 5));
    }

    @Test
    void thereIsNoSpreadOfOneRepetitionNorOfOnesThatDoNotPairUp() {
        assertThat(Row.compared("x", "ms", List.of(1.0), List.of(2.0)).spread()).isEmpty();
        assertThat(Row.compared("x", "ms", List.of(1.0, 2.0), List.of(2.0)).spread())
                .isEmpty();
        assertThat(Row.compared("x", "B", List.of(1.0, 2.0), List.of(0.0, 1.0)).spread())
                .isEmpty();
    }

    @Test
    void aPeerThatNeedsNothingHasNoRatio() {
        Row row = Row.compared("x", "B", List.of(1.0), List.of(0.0)).withTarget(Target.ratioAtMost(2));

        assertThat(row.ratio()).isEmpty();
        assertThat(row.met()).contains(false);
    }

    @Test
    void aTargetBindsOneNumberFromOneSide() {
        Row row = Row.compared("x", "ms", List.of(2.0), List.of(4.0));

        assertThat(row.met()).isEmpty();
        assertThat(row.withTarget(Target.ratioAtMost(0.5)).met()).contains(true);
        assertThat(row.withTarget(Target.ratioAtMost(0.49)).met()).contains(false);
        assertThat(row.withTarget(Target.ratioAtLeast(0.5)).met()).contains(true);
        assertThat(row.withTarget(Target.oursAtMost(1.9)).met()).contains(false);
        assertThat(row.withTarget(Target.oursAtLeast(2)).met()).contains(true);
        assertThat(row.withTarget(Target.oursAtLeast(2.1)).met()).contains(false);
    }

    @Test
    void aRowWithoutValuesIsRefused() {
        assertThatThrownBy(() -> Row.measured("x", "ms", List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'x'");
    }
}
