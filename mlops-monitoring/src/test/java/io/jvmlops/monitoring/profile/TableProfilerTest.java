package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.Column;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.RecordCodec;
import io.jvmlops.api.data.Schema;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Profile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableProfilerTest {
    private static final Schema SCHEMA = Schema.of(
            Column.of("age", DataType.INT32),
            Column.of("income", DataType.FP64),
            Column.of("city", DataType.BYTES),
            Column.of("member", DataType.BOOL));

    record Person(int age, double income, String city, boolean member) {}

    private static List<Person> people(int count) {
        SplittableRandom random = new SplittableRandom(1);
        List<Person> people = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double income = random.nextInt(10) == 0 ? Double.NaN : Math.rint(random.nextDouble() * 1e6) / 100;
            people.add(new Person(random.nextInt(18, 90), income, "city " + random.nextInt(30), random.nextBoolean()));
        }
        return people;
    }

    private static String csv(List<Person> people) {
        StringBuilder csv = new StringBuilder("age,income,city,member\r\n");
        for (Person p : people) {
            csv.append(p.age).append(',').append(Double.isNaN(p.income) ? "NaN" : Double.toString(p.income));
            csv.append(",\"")
                    .append(p.city)
                    .append("\",")
                    .append(p.member ? "True" : "false")
                    .append("\r\n");
        }
        return csv.toString();
    }

    private static Profile read(CsvProfiler profiler, String csv) {
        return profiler.profile(new StringReader(csv), "test");
    }

    @Test
    void valuesRecordsTensorsAndShardsGiveTheSame() {
        List<Person> people = people(2_000);
        TableProfiler byValues = TableProfiler.of(SCHEMA);
        people.forEach(p -> byValues.add(p.age, p.income, p.city, p.member));
        TableProfiler byRecords = TableProfiler.of(SCHEMA).addAll(RecordCodec.of(Person.class), people);
        Profile first = TableProfiler.of(SCHEMA)
                .addAll(RecordCodec.of(Person.class), people.subList(0, 700))
                .profile();
        Profile second = TableProfiler.of(SCHEMA)
                .addAll(RecordCodec.of(Person.class), people.subList(700, 2_000))
                .profile();

        byte[] expected = Profiles.toBytes(byValues.profile());
        assertThat(Profiles.toBytes(byRecords.profile())).isEqualTo(expected);
        assertThat(Profiles.toBytes(Profiles.merge(second, first))).isEqualTo(expected);
        // Asking changes nothing.
        assertThat(Profiles.toBytes(byValues.profile())).isEqualTo(expected);
        assertThat(byValues.profile().rows()).isEqualTo(2_000);
    }

    @Test
    void aFileGivesWhatItsRowsGive() {
        List<Person> people = people(2_000);
        // In CSV, a missing number is missing, and no NaN.
        TableProfiler rows = TableProfiler.of(SCHEMA);
        people.forEach(p -> rows.add(p.age, Double.isNaN(p.income) ? null : p.income, p.city, p.member));
        List<Long> progress = new ArrayList<>();
        CsvProfiler inferring =
                CsvProfiler.builder().inferFrom(50).onProgress(progress::add).build();

        byte[] expected = Profiles.toBytes(rows.profile());
        assertThat(Profiles.toBytes(read(CsvProfiler.builder().schema(SCHEMA).build(), csv(people))))
                .isEqualTo(expected);
        assertThat(Profiles.toBytes(read(inferring, csv(people)))).isEqualTo(expected);
        assertThat(progress).containsExactly(2_000L);

        Profile reference = Profiles.asReference(rows.profile());
        Profile again = read(CsvProfiler.builder().like(reference).build(), csv(people));
        assertThat(Profiles.toBytes(again)).isEqualTo(Profiles.toBytes(reference));
        TableProfiler over = TableProfiler.like(reference);
        people.forEach(p -> over.add(p.age, Double.isNaN(p.income) ? null : p.income, p.city, p.member));
        assertThat(over.profile()).isEqualTo(again);
    }

    @Test
    void columnsMayBeMissingOrNew() {
        Profile reference = Profiles.asReference(read(CsvProfiler.ofDefaults(), "a,b\n1,x\n2,y\n"));
        Profile current = read(CsvProfiler.builder().like(reference).build(), "c,a\n7,1\n8,5\n");

        assertThat(current.columns().keySet()).containsExactly("c", "a");
        assertThat(Data.column(current, "a").isOver(Data.column(reference, "a")))
                .isTrue();
        assertThat(Data.column(current, "c")).isInstanceOf(NumericProfile.class);
    }

    @Test
    void typesAreInferredAsDocumented() {
        String csv =
                "\ufeffn,i,f,t,m,e,x\n1,-inf,TRUE,1d,NA,1e5,0x10\n\n+2.5e-3,Infinity,false,2,,.5,1\n 7 ,3,null,3,NaN,5.,2\n";
        Profile profile = read(CsvProfiler.ofDefaults(), csv);

        assertThat(profile.rows()).isEqualTo(3);
        NumericProfile n = (NumericProfile) Data.column(profile, "n");
        assertThat(n.moments().min()).isEqualTo(0.0025);
        assertThat(n.moments().max()).isEqualTo(7);
        NumericProfile i = (NumericProfile) Data.column(profile, "i");
        assertThat(i.negativeInfinities()).isEqualTo(1);
        assertThat(i.positiveInfinities()).isEqualTo(1);
        CategoricalProfile f = (CategoricalProfile) Data.column(profile, "f");
        assertThat(f.levels()).containsExactly("false", "true");
        assertThat(f.missing()).isEqualTo(1);
        assertThat(Data.column(profile, "t")).isInstanceOf(CategoricalProfile.class);
        assertThat(Data.column(profile, "x")).isInstanceOf(CategoricalProfile.class);
        NumericProfile m = (NumericProfile) Data.column(profile, "m");
        assertThat(m.missing()).isEqualTo(3);
        assertThat(m.nan()).isZero();
        NumericProfile e = (NumericProfile) Data.column(profile, "e");
        assertThat(e.moments().sum().doubleValue()).isEqualTo(100_005.5);
    }

    @Test
    void whatDoesNotFitIsSaidWithoutValues(@TempDir Path folder) throws IOException {
        CsvProfiler defaults = CsvProfiler.ofDefaults();
        CsvProfiler two = CsvProfiler.builder().inferFrom(2).build();
        assertThatThrownBy(() -> read(two, "a,b\n1,x\n2,y\nsecret,z\n"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("csv 'test', line 4, column 'a': expected a number")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> read(defaults, "a,b\n1\n"))
                .hasMessage("csv 'test', line 2: 1 fields, expected 2 as in the header");
        assertThatThrownBy(() -> read(defaults, "")).hasMessageContaining("no header");
        assertThatThrownBy(() -> read(defaults, "a,a\n")).hasMessageContaining("differ");
        assertThatThrownBy(() -> read(CsvProfiler.builder().schema(SCHEMA).build(), "age,city\n"))
                .hasMessageContaining("columns [income, member] of the schema are not in the header");
        assertThatThrownBy(
                        () -> read(CsvProfiler.builder().maxRecord(1024).build(), "a\n1\n\"" + "secret".repeat(5_000)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("after line 2")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> defaults.profile(folder.resolve("none.csv"))).isInstanceOf(StorageException.class);
        Path latin = Files.write(folder.resolve("latin.csv"), "a\n\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> defaults.profile(latin))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("UTF-8");
        assertThat(CsvProfiler.builder()
                        .charset(StandardCharsets.ISO_8859_1)
                        .build()
                        .profile(latin)
                        .rows())
                .isEqualTo(1);
        assertThat(read(
                                CsvProfiler.builder()
                                        .separator(';')
                                        .missing(Set.of("?"))
                                        .maxRows(1)
                                        .build(),
                                "a;b\n?;NA\n1;2\n")
                        .rows())
                .isEqualTo(1);
        assertThat(read(defaults, "a,b\n").rows()).isZero();
    }

    @Test
    void rowsThatDoNotFitLeaveNothingBehind() {
        TableProfiler profiler = TableProfiler.of(SCHEMA);
        byte[] empty = Profiles.toBytes(profiler.profile());

        assertThatThrownBy(() -> profiler.add(1, 2, "x", "secret"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("column 'member': expected a boolean, found a value of java.lang.String")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> profiler.add(1, 2)).hasMessageContaining("2 values, expected 4");
        assertThatThrownBy(() -> profiler.add(Tensors.of("age", Tensor.copyOf(new String[] {"x"}, 1))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("column 'age': expected a number a row, found BYTES[1]")
                .hasMessageContaining("column 'city': expected text, found none");
        assertThat(Profiles.toBytes(profiler.profile())).isEqualTo(empty);
        profiler.add(null, null, null, null);
        assertThat(profiler.profile().columns().values()).allMatch(c -> c.missing() == 1 && c.count() == 1);
    }
}
