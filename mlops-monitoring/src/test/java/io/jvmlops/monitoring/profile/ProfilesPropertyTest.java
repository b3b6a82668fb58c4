package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.Profile;
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

    private static WindowProfile count(List<Row> rows) {
        WindowProfiler profiler = REFERENCE.profiler();
        assertThat(profiler.add(rows(rows), null, 0)).isTrue();
        return profiler.profile();
    }

    private static Profile counted(List<Row> rows) {
        return count(rows).uniform().inputs();
    }

    @Property(tries = 300)
    void anySplitCountsTheSame(
            @ForAll @Size(max = 60) List<@From("rows") Row> rows, @ForAll @IntRange(min = 1, max = 5) int parts) {
        WindowProfile whole = count(rows);
        WindowProfile merged = count(List.of());
        WindowProfiler oneByOne = REFERENCE.profiler();
        for (int p = 0; p < parts; p++) {
            int part = p;
            merged = merged.merge(
                    count(rows.stream().filter(r -> r.part() % parts == part).toList()));
        }
        rows.forEach(r -> oneByOne.add(rows(List.of(r)), null, 0));

        assertThat(merged.toBytes()).isEqualTo(whole.toBytes());
        assertThat(oneByOne.profile().toBytes()).isEqualTo(whole.toBytes());
    }

    /** Without a reference, as sketches and samples of levels. */
    @Property(tries = 200)
    void referencesOfPartsAreThatOfTheWhole(
            @ForAll @Size(max = 100) List<@From("rows") Row> rows, @ForAll @IntRange(max = 100) int cut) {
        TableCounter whole = new TableCounter(TablePlan.of(TensorLayout.of(SIGNATURE.inputs())));
        whole.add(rows(rows), rows.size());
        TableCounter first = new TableCounter(TablePlan.of(TensorLayout.of(SIGNATURE.inputs())));
        TableCounter second = new TableCounter(TablePlan.of(TensorLayout.of(SIGNATURE.inputs())));
        int at = Math.min(cut, rows.size());
        first.add(rows(rows.subList(0, at)), at);
        second.add(rows(rows.subList(at, rows.size())), rows.size() - at);
        Profile merged = Profiles.merge(second.profile(), first.profile());

        assertThat(Profiles.toBytes(merged)).isEqualTo(Profiles.toBytes(whole.profile()));
        assertThat(Profiles.toBytes(Profiles.asReference(merged)))
                .isEqualTo(Profiles.toBytes(Profiles.asReference(whole.profile())));
        assertThat(Profiles.parse(Profiles.toBytes(merged))).isEqualTo(merged);
    }

    /** The reference counted again is itself: its edges and levels hold for its own rows. */
    @Property(tries = 200)
    void aReferenceCountedAgainIsItself(@ForAll @Size(max = 200) List<@From("rows") Row> rows) {
        ReferenceProfile own =
                ReferenceProfile.builder(SIGNATURE).add(rows(rows)).build();
        WindowProfiler profiler = own.profiler();
        profiler.add(rows(rows), null, 0);

        assertThat(profiler.profile().uniform().inputs()).isEqualTo(own.inputs());
    }

    @Property(tries = 200)
    void theOrderOfTwoDoesNotMatter(
            @ForAll @Size(max = 30) List<@From("rows") Row> a, @ForAll @Size(max = 30) List<@From("rows") Row> b) {
        assertThat(count(a).merge(count(b)).toBytes())
                .isEqualTo(count(b).merge(count(a)).toBytes());
    }

    @Property(tries = 200)
    void bytesReadBack(@ForAll @Size(max = 60) List<@From("rows") Row> rows) {
        WindowProfile window = count(rows);
        ReferenceProfile own =
                ReferenceProfile.builder(SIGNATURE).add(rows(rows)).build();

        assertThat(WindowProfile.parse(window.toBytes())).isEqualTo(window);
        assertThat(ReferenceProfile.parse(own.toBytes())).isEqualTo(own);
        assertThat(counted(rows).rows()).isEqualTo(rows.size());
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
