package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelSignature;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Batches of rows that are known or not, of any types and shapes, are answered as by the model alone. */
class RowsPropertyTest {
    private static final DataType[] TYPES = DataType.values();

    /** An array of small numbers, among them those that are hard to tell apart. */
    private static Tensor tensor(DataType type, SplittableRandom random, long... shape) {
        int size = (int) Shape.of(shape).elements();
        float[] floats = new float[size];
        double[] doubles = new double[size];
        long[] longs = new long[size];
        int[] ints = new int[size];
        short[] shorts = new short[size];
        byte[] bytes = new byte[size];
        boolean[] flags = new boolean[size];
        String[] texts = new String[size];
        float[] hard = {0f, -0f, Float.NaN, 1, Float.MIN_VALUE, Float.NEGATIVE_INFINITY};
        String[] words = {"", "a", "aa", "\0", "\ud800", "?"};
        for (int i = 0; i < size; i++) {
            int choice = random.nextInt(6);
            floats[i] = hard[choice];
            doubles[i] = hard[choice];
            longs[i] = choice < 3 ? choice : (long) choice << 32;
            ints[i] = choice < 3 ? choice : choice << 16;
            shorts[i] = (short) (choice < 3 ? choice : choice << 8);
            bytes[i] = (byte) (choice - 3);
            flags[i] = choice < 3;
            texts[i] = words[choice];
        }
        return switch (type) {
            case FP32 -> Tensor.transfer(floats, shape);
            case FP64 -> Tensor.transfer(doubles, shape);
            case INT64 -> Tensor.transfer(longs, shape);
            case INT32 -> Tensor.transfer(ints, shape);
            case INT16, FP16, BF16 -> Tensor.transfer(type, shorts, shape);
            case INT8, UINT8 -> Tensor.transfer(type, bytes, shape);
            case BOOL -> Tensor.transfer(flags, shape);
            case BYTES -> Tensor.transfer(texts, shape);
        };
    }

    /** Its answer is what it was asked, and a fingerprint of the row. */
    private static FunctionModel mirror(List<TensorSpec> inputs, boolean coupled) {
        List<TensorSpec> outputs = new ArrayList<>();
        for (TensorSpec input : inputs) {
            outputs.add(new TensorSpec("same " + input.name(), input.type(), input.shape(), List.of()));
        }
        outputs.add(TensorSpec.of("print", DataType.FP32, -1, 2));
        EchoModel echo =
                new EchoModel("echo", EchoModel.signature(inputs.toArray(TensorSpec[]::new)), coupled, all -> {});
        return new FunctionModel("mirror", new ModelSignature(inputs, outputs), asked -> {
            Tensors.Builder answer = Tensors.builder();
            for (TensorSpec input : inputs) {
                answer.put("same " + input.name(), asked.get(input.name()));
            }
            return answer.put("print", echo.predict(asked).get("print")).build();
        });
    }

    @Property(tries = 250)
    void batchesAreAnsweredAsByTheModel(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int inputs,
            @ForAll boolean open,
            @ForAll boolean tiny,
            @ForAll boolean coupled) {
        SplittableRandom random = new SplittableRandom(seed);
        List<TensorSpec> specs = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            DataType type = TYPES[random.nextInt(TYPES.length)];
            long[] shape = new long[1 + random.nextInt(3)];
            shape[0] = -1;
            for (int axis = 1; axis < shape.length; axis++) {
                shape[axis] = open && random.nextInt(3) == 0 ? -1 : random.nextInt(4);
            }
            specs.add(TensorSpec.of("in" + i, type, shape));
        }
        FunctionModel alone = mirror(specs, coupled);
        CacheSpec spec = tiny ? CacheSpec.maxEntries(3) : CacheSpec.maxBytes(1_000_000);
        PredictionCache cache = new PredictionCache(
                spec.checkEvery(0).rule("m", CacheRule.exact().always()));
        InferenceModel cached = cache.around("m", mirror(specs, coupled));
        List<Tensors> universes = new ArrayList<>();
        for (int u = 0; u < (open ? 2 : 1); u++) {
            universes.add(universe(specs, random));
        }
        for (int call = 0; call < 25; call++) {
            Tensors universe = universes.get(random.nextInt(universes.size()));
            int count = random.nextInt(4) == 0 ? 1 : random.nextInt(7);
            Tensors asked = universe.select(random.ints(count, 0, 6).toArray());
            if (random.nextBoolean()) {
                asked = reversed(asked);
            }
            Tensors truth = alone.predict(asked);
            Tensors answer = cached.predict(asked);
            assertThat(answer).as("%s", specs).isEqualTo(truth);
            for (int i = 0; i < truth.size(); i++) {
                assertThat(bits(answer.get(truth.nameAt(i))))
                        .as(truth.nameAt(i))
                        .isEqualTo(bits(truth.at(i)));
            }
        }
        assertThat(cache.flights()).isEmpty();
        cache.close();
    }

    private static Tensors universe(List<TensorSpec> specs, SplittableRandom random) {
        Tensors.Builder all = Tensors.builder();
        for (TensorSpec spec : specs) {
            long[] shape = spec.shape().dims();
            for (int axis = 0; axis < shape.length; axis++) {
                shape[axis] = axis == 0 ? 6 : shape[axis] == -1 ? random.nextInt(4) : shape[axis];
            }
            all.put(spec.name(), tensor(spec.type(), random, shape));
        }
        return all.build();
    }

    private static Tensors reversed(Tensors tensors) {
        Tensors.Builder all = Tensors.builder();
        for (int i = tensors.size() - 1; i >= 0; i--) {
            all.put(tensors.nameAt(i), tensors.at(i));
        }
        return all.build();
    }

    /** What equality of tensors may overlook. */
    private static List<Object> bits(Tensor tensor) {
        List<Object> bits = new ArrayList<>();
        for (int i = 0; i < tensor.size(); i++) {
            bits.add(
                    tensor.type() == DataType.BYTES
                            ? tensor.stringAt(i)
                            : tensor.type().isFloating()
                                    ? Double.doubleToLongBits(tensor.doubleAt(i))
                                    : tensor.longAt(i));
        }
        return bits;
    }
}
