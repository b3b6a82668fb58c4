package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WindowProfilerTest {
    private static final int THREADS = 8;
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(
                    TensorSpec.of("x", DataType.FP32, -1, 3).withColumns(List.of("a", "b", "c")),
                    TensorSpec.of("s", DataType.BYTES, -1),
                    TensorSpec.of("flag", DataType.BOOL, -1)),
            List.of(TensorSpec.of("score", DataType.FP64, -1)));

    private static Tensors inputs(SplittableRandom random, int rows) {
        float[] x = new float[3 * rows];
        String[] s = new String[rows];
        boolean[] flags = new boolean[rows];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextInt(20) == 0 ? Float.NaN : (float) random.nextGaussian();
        }
        for (int i = 0; i < rows; i++) {
            s[i] = "level" + random.nextInt(2_000);
            flags[i] = random.nextBoolean();
        }
        return Tensors.builder()
                .put("x", Tensor.transfer(x, rows, 3))
                .put("s", Tensor.transfer(s, rows))
                .put("flag", Tensor.transfer(flags, rows))
                .build();
    }

    private static Tensors outputs(SplittableRandom random, int rows) {
        return Tensors.of("score", Tensor.transfer(random.doubles(rows).toArray(), rows));
    }

    private static ReferenceProfile reference() {
        SplittableRandom random = new SplittableRandom(1);
        return ReferenceProfile.builder(SIGNATURE)
                .add(inputs(random, 1_000), outputs(random, 1_000))
                .build();
    }

    private record Call(Tensors inputs, Tensors outputs, int sampling) {}

    private static List<Call> calls(int count) {
        SplittableRandom random = new SplittableRandom(2);
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            // Rows one by one, and batches that are counted as blocks.
            int rows = i % 3 == 0 ? 1 + random.nextInt(1_200) : 1 + random.nextInt(4);
            calls.add(new Call(inputs(random, rows), outputs(random, rows), i % 50 == 0 ? 2 : 0));
        }
        return calls;
    }

    private static void inThreads(List<Call> calls, WindowProfiler profiler) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try {
            CyclicBarrier barrier = new CyclicBarrier(THREADS);
            AtomicInteger next = new AtomicInteger();
            List<Future<?>> futures = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                futures.add(executor.submit(() -> {
                    barrier.await();
                    for (int i = next.getAndIncrement(); i < calls.size(); i = next.getAndIncrement()) {
                        Call call = calls.get(i);
                        assertThat(profiler.add(call.inputs, call.outputs, call.sampling))
                                .isTrue();
                    }
                    return null;
                }));
            }
            for (Future<?> future : futures) {
                future.get();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void manyThreadsCountWhatOneDoes() throws Exception {
        ReferenceProfile reference = reference();
        List<Call> calls = calls(600);
        WindowProfiler alone = reference.profiler();
        calls.forEach(c -> alone.add(c.inputs, c.outputs, c.sampling));
        WindowProfiler together = reference.profiler();
        inThreads(calls, together);

        assertThat(together.profile().toBytes()).isEqualTo(alone.profile().toBytes());
        // Only looked at: all is still there.
        assertThat(together.profile().segments().keySet()).containsExactly(0, 2);
        assertThat(together.drain().toBytes()).isEqualTo(alone.profile().toBytes());
        assertThat(together.drain().rows()).isZero();
    }

    @Test
    void everyCallIsInOneWindow() throws Exception {
        ReferenceProfile reference = reference();
        List<Call> calls = calls(600);
        WindowProfiler alone = reference.profiler();
        calls.forEach(c -> alone.add(c.inputs, c.outputs, c.sampling));
        WindowProfiler drained = reference.profiler();
        List<WindowProfile> windows = new ArrayList<>();
        ExecutorService counting = Executors.newSingleThreadExecutor();
        try {
            Future<?> done = counting.submit(() -> {
                inThreads(calls, drained);
                return null;
            });
            while (!done.isDone()) {
                windows.add(drained.drain());
            }
            done.get();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } finally {
            counting.shutdownNow();
        }
        windows.add(drained.drain());
        WindowProfile merged = windows.stream().reduce(WindowProfile::merge).orElseThrow();

        assertThat(merged.toBytes()).isEqualTo(alone.profile().toBytes());
        assertThat(windows.stream().mapToLong(WindowProfile::rows).sum())
                .isEqualTo(calls.stream().mapToLong(c -> c.inputs.at(0).rows()).sum());
    }

    @Test
    void whatWasStoredIsAddedAgain() {
        ReferenceProfile reference = reference();
        WindowProfiler all = reference.profiler();
        WindowProfiler before = reference.profiler();
        WindowProfiler after = reference.profiler();
        List<Call> calls = calls(40);
        for (int i = 0; i < calls.size(); i++) {
            Call call = calls.get(i);
            all.add(call.inputs, call.outputs, call.sampling);
            (i < 20 ? before : after).add(call.inputs, call.outputs, call.sampling);
        }
        after.add(WindowProfile.parse(before.profile().toBytes()));

        assertThat(after.profile().toBytes()).isEqualTo(all.profile().toBytes());
        after.drain();
        assertThat(after.profile().rows()).isZero();
    }

    @Test
    void whatDoesNotFitIsRefusedAndLeavesNothing() {
        WindowProfiler profiler = reference().profiler();
        byte[] empty = profiler.profile().toBytes();
        SplittableRandom random = new SplittableRandom(1);
        Tensors good = inputs(random, 20);

        assertThat(profiler.add(Data.numbers(1), null, 0)).isFalse();
        assertThat(profiler.add(good, Data.numbers(1, 2), -1)).isFalse();
        assertThat(profiler.add(good, null, WindowProfiler.MAX_SAMPLING + 1)).isFalse();
        assertThat(profiler.add(good, Tensors.of("score", Tensor.copyOf(new float[20], 20)), 0))
                .isFalse();
        assertThat(profiler.profile().toBytes()).isEqualTo(empty);
        assertThat(profiler.add(good, null, WindowProfiler.MAX_SAMPLING)).isTrue();
        assertThat(profiler.profile().rows()).isEqualTo(20);
    }

    /** Of every type, a batch counted as blocks is what its rows are one by one. */
    @Test
    void blocksCountAsSingleRowsDo() {
        SplittableRandom random = new SplittableRandom(5);
        int rows = 1_500;
        for (DataType type : DataType.values()) {
            if (type == DataType.BYTES || type == DataType.BOOL) {
                continue;
            }
            for (int width : new int[] {1, 3, 1_100}) {
                ModelSignature signature = new ModelSignature(
                        List.of(TensorSpec.of("x", type, -1, width)
                                .withColumns(java.util.stream.IntStream.range(0, width)
                                        .mapToObj(i -> "c" + i)
                                        .toList())),
                        List.of());
                int count = width == 1_100 ? 30 : rows;
                Tensor tensor = random(random, type, count, width);
                ReferenceProfile reference = ReferenceProfile.builder(signature)
                        .add(Tensors.of("x", tensor))
                        .build();
                WindowProfiler blocks = reference.profiler();
                blocks.add(Tensors.of("x", tensor), null, 0);
                WindowProfiler single = reference.profiler();
                for (int i = 0; i < count; i++) {
                    single.add(Tensors.of("x", tensor.select(i)), null, 0);
                }
                assertThat(blocks.profile().toBytes())
                        .as("%s of %s", type, width)
                        .isEqualTo(single.profile().toBytes());
            }
        }
    }

    private static Tensor random(SplittableRandom random, DataType type, int rows, int width) {
        int size = rows * width;
        switch (type) {
            case FP32 -> {
                float[] data = new float[size];
                for (int i = 0; i < size; i++) {
                    data[i] = random.nextInt(3) == 0 ? Float.intBitsToFloat(random.nextInt()) : random.nextInt(9);
                }
                return Tensor.transfer(data, rows, width);
            }
            case FP64 -> {
                double[] data = new double[size];
                for (int i = 0; i < size; i++) {
                    data[i] = random.nextInt(3) == 0
                            ? Double.longBitsToDouble(random.nextLong())
                            : SketchPropertyTest.ODD[random.nextInt(SketchPropertyTest.ODD.length)];
                }
                return Tensor.transfer(data, rows, width);
            }
            case INT64 -> {
                long[] data = random.longs(size).toArray();
                return Tensor.transfer(data, rows, width);
            }
            case INT32 -> {
                int[] data = random.ints(size).toArray();
                return Tensor.transfer(data, rows, width);
            }
            case INT8, UINT8 -> {
                byte[] data = new byte[size];
                random.nextBytes(data);
                return Tensor.transfer(type, data, rows, width);
            }
            default -> {
                short[] data = new short[size];
                for (int i = 0; i < size; i++) {
                    data[i] = (short) random.nextInt();
                }
                return Tensor.transfer(type, data, rows, width);
            }
        }
    }
}
