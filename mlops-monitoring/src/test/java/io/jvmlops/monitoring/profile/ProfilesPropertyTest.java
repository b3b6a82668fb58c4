package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.NumericProfile;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ProfilesPropertyTest {
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(TensorSpec.of("x", DataType.FP64, -1), TensorSpec.of("s", DataType.BYTES, -1)), List.of());

    private static final ReferenceProfile REFERENCE = ReferenceProfile.builder(SIGNATURE)
            .add(rows(List.of(
                    new Row(-3, "a"),
                    new Row(-1, "a"),
                    new Row(0, "a"),
                    new Row(0, "b"),
                    new Row(2, "b"),
                    new Row(9, "c"))))
            .build();

    record Row(double x, String s, int part) {
        Row(double x, String s) {
            this(x, s, 0);
        }
    }

    @Provide
    Arbitrary<Row> rows() {
        Arbitrary<Double> values = Arbitraries.frequencyOf(
                Tuple.of(8, Arbitraries.doubles().between(-10, 10)),
                Tuple.of(1, Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0)));
        return Combinators.combine(
                        values,
                        Arbitraries.of("a", "b", "c", "new"),
                        Arbitraries.integers().between(0, 4))
                .as(Row::new);
    }

    private static Tensors rows(List<Row> rows) {
        return Tensors.of(
                "x",
                Tensor.transfer(rows.stream().mapToDouble(Row::x).toArray(), rows.size()),
                "s",
                Tensor.transfer(rows.stream().map(Row::s).toArray(String[]::new), rows.size()));
    }

    private static ReferenceProfile count(List<Row> rows) {
        Monitor monitor = Monitor.builder(REFERENCE).build();
        monitor.onPrediction(Data.event(SIGNATURE, rows(rows), null));
        return monitor.window();
    }

    @Property(tries = 300)
    void anySplitCountsTheSame(
            @ForAll @Size(max = 60) List<@From("rows") Row> rows, @ForAll @IntRange(min = 1, max = 5) int parts) {
        ReferenceProfile whole = count(rows);
        ReferenceProfile merged = count(List.of());
        for (int p = 0; p < parts; p++) {
            int part = p;
            merged = merged.merge(
                    count(rows.stream().filter(r -> r.part() % parts == part).toList()));
        }

        assertThat(merged.inputs().rows()).isEqualTo(whole.inputs().rows());
        assertThat(Data.column(merged.inputs(), "s")).isEqualTo(Data.column(whole.inputs(), "s"));
        NumericProfile expected = (NumericProfile) Data.column(whole.inputs(), "x");
        NumericProfile found = (NumericProfile) Data.column(merged.inputs(), "x");
        assertThat(found.bins()).isEqualTo(expected.bins());
        assertThat(found.missing()).isEqualTo(expected.missing());
        assertThat(found.finite()).isEqualTo(expected.finite());
        assertThat(Double.compare(found.min(), expected.min())).isZero();
        assertThat(Double.compare(found.max(), expected.max())).isZero();
        assertClose(found.mean(), expected.mean());
        assertClose(found.variance(), expected.variance());
    }

    private static void assertClose(double found, double expected) {
        if (Double.isNaN(expected)) {
            assertThat(found).isNaN();
        } else {
            assertThat(found).isCloseTo(expected, within(1e-9 * (1 + Math.abs(expected))));
        }
    }

    @Property(tries = 200)
    void theOrderOfTwoDoesNotMatter(
            @ForAll @Size(max = 30) List<@From("rows") Row> a, @ForAll @Size(max = 30) List<@From("rows") Row> b) {
        assertThat(count(a).merge(count(b)).toBytes())
                .isEqualTo(count(b).merge(count(a)).toBytes());
    }

    @Property(tries = 200)
    void bytesReadBack(@ForAll @Size(max = 60) List<@From("rows") Row> rows) {
        ReferenceProfile window = count(rows);
        ReferenceProfile own =
                ReferenceProfile.builder(SIGNATURE).add(rows(rows)).build();

        assertThat(ReferenceProfile.parse(window.toBytes())).isEqualTo(window);
        assertThat(ReferenceProfile.parse(own.toBytes())).isEqualTo(own);
    }

    @Property(tries = 200)
    void dataNeverDriftFromThemselves(@ForAll @Size(max = 200) List<@From("rows") Row> rows) {
        ReferenceProfile own =
                ReferenceProfile.builder(SIGNATURE).add(rows(rows)).build();
        Monitor monitor = Monitor.builder(own)
                .policy(DriftPolicy.builder().minimumRows(1).build())
                .build();
        monitor.onPrediction(Data.event(SIGNATURE, rows(rows), null));

        assertThat(monitor.report().columns())
                .allSatisfy(c -> assertThat(Double.isNaN(c.correctedP()) || c.correctedP() > 0.999)
                        .isTrue());
    }

    @Example
    void otherEdgesOrSignaturesAreRefused() {
        ReferenceProfile other = ReferenceProfile.builder(SIGNATURE)
                .add(rows(List.of(new Row(1, "z"))))
                .build();

        assertThatThrownBy(() -> REFERENCE.merge(other)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        REFERENCE.merge(ReferenceProfile.builder(Data.numbers()).build()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Profiles.merge(
                        REFERENCE.inputs(),
                        ReferenceProfile.builder(Data.numbers()).build().inputs()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
