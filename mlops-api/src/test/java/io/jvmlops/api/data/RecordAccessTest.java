package io.jvmlops.api.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.InvalidInputException;
import java.io.File;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of other modules, of other loaders, and of many components. */
class RecordAccessTest {
    /** In half as many bytes as a method may have, and beyond what the JIT compiles as one, if it were one. */
    private static final int MANY = 200;

    @TempDir
    static Path folder;

    private static ClassLoader modules;

    @BeforeAll
    static void compile() throws IOException {
        source("module-info", "module app { exports app.shown; opens app.opened; }");
        source("app/shown/Point", "package app.shown; public record Point(float x, float y) {}");
        source("app/shown/Many", "package app.shown; public record Many(" + components(MANY, "float") + ") {}");
        source("app/shown/Most", "package app.shown; public record Most(" + components(253, "float") + ") {}");
        source("app/shown/TooMany", "package app.shown; public record TooMany(" + components(127, "double") + ") {}");
        source(
                "app/opened/Outer",
                "package app.opened; public class Outer { private record Point(float x, float y) {} }");
        source("app/closed/Point", "package app.closed; public record Point(float x, float y) {}");
        source(
                "app/shown/Keys",
                "package app.shown; public class Keys { public static java.lang.invoke.MethodHandles.Lookup lookup() {"
                        + " return java.lang.invoke.MethodHandles.lookup(); } }");
        List<String> arguments =
                new ArrayList<>(List.of("-d", folder.resolve("classes").toString(), "--release", "17"));
        try (var files = Files.walk(folder)) {
            files.filter(f -> f.toString().endsWith(".java"))
                    .map(Path::toString)
                    .forEach(arguments::add);
        }
        assertThat(ToolProvider.findFirst("javac")
                        .orElseThrow()
                        .run(System.out, System.err, arguments.toArray(String[]::new)))
                .isZero();
        ModuleLayer boot = ModuleLayer.boot();
        Configuration configuration = boot.configuration()
                .resolve(ModuleFinder.of(folder.resolve("classes")), ModuleFinder.of(), Set.of("app"));
        modules = boot.defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader())
                .findLoader("app");
    }

    private static String components(int count, String type) {
        return IntStream.range(0, count).mapToObj(i -> type + " c" + i).collect(Collectors.joining(", "));
    }

    private static void source(String name, String text) throws IOException {
        Path file = folder.resolve("src").resolve(name.replace('/', File.separatorChar) + ".java");
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static Class<? extends Record> load(String name) throws ClassNotFoundException {
        return modules.loadClass(name).asSubclass(Record.class);
    }

    private static Record make(Class<? extends Record> type, Object... values) throws ReflectiveOperationException {
        Constructor<?> constructor = type.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        return (Record) constructor.newInstance(values);
    }

    private static <R extends Record> void roundTrip(RecordCodec<R> codec, Record row) {
        R typed = codec.type().cast(row);
        Tensors tensors = codec.encode(List.of(typed, typed));
        assertThat(codec.decode(tensors, 1)).isEqualTo(row);
    }

    @Test
    void publicRecordsOfExportedPackagesAndPrivateOnesOfOpenPackages() throws ReflectiveOperationException {
        Class<? extends Record> shown = load("app.shown.Point");
        assertThat(shown.getModule().isNamed()).isTrue();
        roundTrip(RecordCodec.of(shown), make(shown, 1f, 2f));
        Class<? extends Record> opened = load("app.opened.Outer$Point");
        roundTrip(RecordCodec.of(opened), make(opened, 1f, 2f));
    }

    @Test
    void aClosedPackageNeedsALookup() throws ReflectiveOperationException {
        Class<? extends Record> closed = load("app.closed.Point");
        assertThatThrownBy(() -> RecordCodec.of(closed))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("app.closed.Point")
                .hasMessageContaining("open its package")
                .hasCauseInstanceOf(IllegalAccessException.class);
        MethodHandles.Lookup lookup = (MethodHandles.Lookup)
                modules.loadClass("app.shown.Keys").getMethod("lookup").invoke(null);
        RecordCodec<? extends Record> codec = RecordCodec.of(closed, lookup);
        assertThat(codec.decode(
                        Tensors.of("x", Tensor.copyOf(new float[] {1}, 1), "y", Tensor.copyOf(new float[] {2}, 1)), 0))
                .hasToString("Point[x=1.0, y=2.0]");
    }

    @Test
    void recordsOfTwoHundredComponents() throws ReflectiveOperationException {
        Class<? extends Record> many = load("app.shown.Many");
        many(RecordCodec.of(many), many);
    }

    @Test
    void asManyComponentsAsAMethodHandleTakes() throws ReflectiveOperationException {
        Class<? extends Record> most = load("app.shown.Most");
        Object[] values = IntStream.range(0, 253).mapToObj(i -> (float) i).toArray();
        roundTrip(RecordCodec.of(most), make(most, values));
        assertThatThrownBy(() -> RecordCodec.of(load("app.shown.TooMany")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("it has 127 components, which take 254 slots")
                .hasMessageContaining("expected at most 253")
                .hasMessageContaining("give it an array");
    }

    private static <R extends Record> void many(RecordCodec<R> codec, Class<? extends Record> type)
            throws ReflectiveOperationException {
        List<String> reversed =
                IntStream.range(0, MANY).mapToObj(i -> "c" + (MANY - 1 - i)).toList();
        RecordCodec.Encoder<R> encoder = codec.encoder(
                List.of(TensorSpec.of("x", DataType.FP32, -1, MANY).withColumns(reversed)));
        Object[] values = IntStream.range(0, MANY).mapToObj(i -> (float) i).toArray();
        R row = codec.type().cast(make(type, values));
        double[] expected =
                IntStream.range(0, MANY).mapToDouble(i -> MANY - 1 - i).toArray();
        // Often enough that the JIT has its say too.
        for (int i = 0; i < 20_000; i++) {
            Tensors tensors = encoder.encode(row);
            if (i % 1_000 == 0) {
                assertThat(tensors.get("x").toDoubleArray()).containsExactly(expected);
            }
        }
        roundTrip(codec, row);
    }

    private record Hidden(int a, String b) {}

    @Test
    void privateNestedRecordsAndLookups() {
        roundTrip(RecordCodec.of(Hidden.class), new Hidden(1, "x"));
        roundTrip(RecordCodec.of(Hidden.class, MethodHandles.lookup()), new Hidden(1, "x"));
        record Local(double z) {}
        roundTrip(RecordCodec.of(Local.class), new Local(3));
    }

    @Test
    void oneEncoderServesManyThreads() throws InterruptedException {
        RecordCodec.Encoder<Hidden> encoder = RecordCodec.of(Hidden.class)
                .encoder(List.of(TensorSpec.of("a", DataType.FP32, -1, 1), TensorSpec.of("b", DataType.BYTES, -1)));
        boolean[] right = new boolean[4];
        Thread[] threads = new Thread[right.length];
        for (int t = 0; t < threads.length; t++) {
            int seed = t * 1_000_000;
            int index = t;
            threads[t] = new Thread(() -> {
                boolean all = true;
                for (int i = 0; i < 5_000; i++) {
                    int number = seed + i;
                    Tensors tensors = encoder.encode(
                            List.of(new Hidden(number, Integer.toString(number)), new Hidden(-number, "other")));
                    all &= tensors.get("a").doubleAt(0) == number
                            && tensors.get("a").doubleAt(1) == -number
                            && tensors.get("b").stringAt(0).equals(Integer.toString(number));
                }
                right[index] = all;
            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(Arrays.toString(right)).doesNotContain("false");
    }
}
