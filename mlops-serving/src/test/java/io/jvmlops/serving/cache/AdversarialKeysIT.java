package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.test.Concurrently;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Inputs that a key may take for each other though the model does not: a quarter of a million by default,
 * {@code -Djvmlops.keys=1000000} for a million. Each is asked twice, in mixed order, and each answer compared with that of the
 * model alone. The same traffic goes past the {@link PeerKeys}.
 */
class AdversarialKeysIT {
    private static final int KEYS = Integer.getInteger("jvmlops.keys", 250_000);

    /** Inputs that are asked in mixed order, each twice. */
    private static final int ROUND = 64;

    /** Bounded, as caches are: the others forget everything when they are full. */
    private static final int PEER_ENTRIES = 1 << 14;

    private final SplittableRandom random = new SplittableRandom(42);
    private final Map<PeerKeys, Integer> wrongElsewhere = new EnumMap<>(PeerKeys.class);
    private int asked;
    private int wrong;
    private long computed;

    /** One version of a model: alone, and behind the cache. */
    private record Version(String name, int number, EchoModel alone, EchoModel behind, InferenceModel cached) {}

    private record Ask(Version version, Tensors inputs, Tensors truth) {
        Ask(Version version, Tensors inputs) {
            this(version, inputs, version.alone.predict(inputs));
        }
    }

    /** Makes inputs that are hard to tell apart. */
    private interface Family {
        /** @param i counts up, so that inputs differ from those before */
        List<Ask> twins(int i);
    }

    private static Version version(PredictionCache cache, String name, int number, ModelSignature signature) {
        return version(cache, name, number, signature, -1);
    }

    private static Version version(
            PredictionCache cache, String name, int number, ModelSignature signature, long hashMask) {
        String content = name + number;
        EchoModel behind = new EchoModel(content, signature);
        return new Version(
                name,
                number,
                new EchoModel(content, signature),
                behind,
                // Of one name and so of one rule.
                cache.around("m", behind, hashMask));
    }

    private static PredictionCache cache() {
        return new PredictionCache(CacheSpec.maxBytes(12_000_000)
                .checkEvery(0)
                .rule("m", CacheRule.exact().always()));
    }

    private void run(int keys, Version[] versions, Family family) {
        Map<PeerKeys, Map<Object, Tensors>> peers = new EnumMap<>(PeerKeys.class);
        for (PeerKeys peer : PeerKeys.values()) {
            peers.put(peer, new HashMap<>());
        }
        List<Ask> round = new ArrayList<>();
        int done = 0;
        for (int i = 0; done < keys; i++) {
            List<Ask> twins = family.twins(i);
            done += twins.size();
            round.addAll(twins);
            round.addAll(twins);
            if (round.size() >= 2 * ROUND || done >= keys) {
                shuffle(round);
                for (Ask ask : round) {
                    if (!ask.version.cached.predict(ask.inputs).equals(ask.truth)) {
                        wrong++;
                    }
                }
                round.clear();
            }
            for (Ask ask : twins) {
                peers.forEach((peer, known) -> {
                    if (known.size() == PEER_ENTRIES) {
                        known.clear();
                    }
                    Object key = peer.of(ask.version.name, ask.version.number, ask.inputs);
                    Tensors found = known.putIfAbsent(key, ask.truth);
                    if (found != null && !found.equals(ask.truth)) {
                        wrongElsewhere.merge(peer, 1, Integer::sum);
                    }
                });
            }
        }
        asked += 2 * done;
        for (Version version : versions) {
            computed += version.behind.rows.sum();
        }
    }

    private void shuffle(List<Ask> asks) {
        for (int last = asks.size() - 1; last > 0; last--) {
            int other = random.nextInt(last + 1);
            Ask swapped = asks.get(last);
            asks.set(last, asks.get(other));
            asks.set(other, swapped);
        }
    }

    private static Tensors row(float... values) {
        return Tensors.of("x", Tensor.transfer(values, 1, values.length));
    }

    /** As {@code Arrays.hashCode} has it of the bytes, little-endian: one more in a byte, and 31 less in the next. */
    private static Tensors twinOf(float[] values) {
        float[] twin = values.clone();
        int bits = Float.floatToRawIntBits(twin[0]);
        twin[0] = Float.intBitsToFloat((bits & 0xffff0000) | ((bits & 0xff) + 1) | ((bits >> 8 & 0xff) - 31) << 8);
        return row(twin);
    }

    private static List<Ask> each(Tensors inputs, Version... versions) {
        List<Ask> asks = new ArrayList<>();
        for (Version version : versions) {
            asks.add(new Ask(version, inputs));
        }
        return asks;
    }

    private static List<Ask> of(Version version, Tensors... inputs) {
        List<Ask> asks = new ArrayList<>();
        for (Tensors each : inputs) {
            asks.add(new Ask(version, each));
        }
        return asks;
    }

    private void firstHalf() {
        modelsAndVersions(KEYS / 5);
        smallIntegers(KEYS / 5);
        paddedBatches(KEYS / 20);
    }

    private void secondHalf() {
        hashTwins(KEYS / 10);
        signsOfZeroAndPayloads(KEYS / 10);
        shapes(KEYS / 10);
        types(KEYS / 10);
        namesOfInputs(KEYS / 20);
        strings(KEYS / 20);
        collidingHashes(KEYS / 20, 0xff);
        collidingHashes(Math.min(400, KEYS / 20), 0);
    }

    @Test
    void noAnswerIsAnothersWhateverKeysLookLike() {
        List<AdversarialKeysIT> halves = Concurrently.run(2, thread -> {
            AdversarialKeysIT half = new AdversarialKeysIT();
            if (thread == 0) {
                half.firstHalf();
            } else {
                half.secondHalf();
            }
            return half;
        });
        for (AdversarialKeysIT half : halves) {
            asked += half.asked;
            wrong += half.wrong;
            computed += half.computed;
            half.wrongElsewhere.forEach((peer, count) -> wrongElsewhere.merge(peer, count, Integer::sum));
        }
        System.out.printf(
                "%,d adversarial inputs, each asked twice: %d wrong answers; %,d rows computed. "
                        + "Wrong answers by the key rules of others, asked once: %s%n",
                asked / 2, wrong, computed, wrongElsewhere);
        assertThat(wrong).isZero();
        // The cache was in it: what was asked twice was computed once, but for what was evicted between.
        assertThat(computed).isLessThan(asked * 6L / 10);
        assertThat(wrongElsewhere.keySet()).containsExactlyInAnyOrder(PeerKeys.values());
    }

    private void modelsAndVersions(int keys) {
        PredictionCache cache = cache();
        Version[] versions = {
            version(cache, "a", 1, EchoModel.FLOATS),
            version(cache, "a", 2, EchoModel.FLOATS),
            version(cache, "b", 1, EchoModel.FLOATS)
        };
        run(keys, versions, i -> each(row(i, i % 7, 0.5f, -i), versions));
    }

    /** Where a hash of 31 times this plus that gives few values. */
    private void smallIntegers(int keys) {
        PredictionCache cache = cache();
        Version version = version(cache, "a", 1, EchoModel.signature(TensorSpec.of("x", DataType.FP32, -1, 8)));
        run(keys, new Version[] {version}, i -> {
            float[] values = new float[8];
            for (int j = 0, rest = i; j < 8; j++, rest /= 6) {
                values[j] = rest % 6;
            }
            return of(version, row(values));
        });
    }

    private void hashTwins(int keys) {
        PredictionCache cache = cache();
        Version version = version(cache, "a", 1, EchoModel.FLOATS);
        run(keys, new Version[] {version}, i -> {
            float[] values = {Float.intBitsToFloat(0x3f004000 + (i << 17 >>> 1) + (i & 0x7f)), i, 2, 3};
            return of(version, row(values), twinOf(values));
        });
    }

    private void signsOfZeroAndPayloads(int keys) {
        PredictionCache cache = cache();
        Version version = version(cache, "a", 1, EchoModel.FLOATS);
        run(keys, new Version[] {version}, i -> {
            float payload = Float.intBitsToFloat(0x7fc00001 + i % 4000);
            float negative = Float.intBitsToFloat(0xff800001 + i % 4000);
            return of(
                    version,
                    row(0f, i, 0f, 1),
                    row(-0f, i, 0f, 1),
                    row(0f, i, -0f, 1),
                    row(-0f, i, -0f, 1),
                    row(payload, i, 0f, 1),
                    row(negative, i, 0f, 1),
                    row(Float.NaN, i, -0f, 1),
                    row(Float.POSITIVE_INFINITY, i, 0f, 1),
                    row(Float.MIN_VALUE, i, 0f, 1));
        });
    }

    /** Equal bytes: as one row of four, two of two and four of one, where the model takes any; and in one more dimension. */
    private void shapes(int keys) {
        PredictionCache cache = cache();
        Version flat = version(cache, "a", 1, EchoModel.signature(TensorSpec.of("x", DataType.FP32, -1, -1)));
        Version whole = version(cache, "b", 1, EchoModel.wholes(TensorSpec.of("x", DataType.FP32, -1, -1, -1)));
        run(keys, new Version[] {flat, whole}, i -> {
            float[] values = {i, 2, 3, i % 5};
            List<Ask> asks = new ArrayList<>();
            for (long[] shape : new long[][] {{1, 4}, {2, 2}, {4, 1}}) {
                asks.add(new Ask(flat, Tensors.of("x", Tensor.copyOf(values, shape))));
            }
            for (long[] shape : new long[][] {{1, 2, 2}, {2, 1, 2}, {2, 2, 1}, {1, 1, 4}, {4, 1, 1}}) {
                asks.add(new Ask(whole, Tensors.of("x", Tensor.copyOf(values, shape))));
            }
            return asks;
        });
    }

    /** Equal bytes of different types, to models that have the same digest, too. */
    private void types(int keys) {
        PredictionCache cache = cache();
        DataType[] types = {DataType.FP32, DataType.INT32, DataType.INT64, DataType.FP64, DataType.FP16, DataType.BF16};
        Version[] versions = new Version[types.length];
        for (int t = 0; t < types.length; t++) {
            int width = 16 / types[t].bytes();
            versions[t] = version(cache, "a", 1, EchoModel.signature(TensorSpec.of("x", types[t], -1, width)));
        }
        run(keys, versions, i -> {
            int[] ints = {i, i >>> 3, 1, 0x3f800000};
            long[] longs = {ints[0] | (long) ints[1] << 32, ints[2] | (long) ints[3] << 32};
            float[] floats = new float[4];
            double[] doubles = new double[2];
            short[] shorts = new short[8];
            for (int j = 0; j < 8; j++) {
                shorts[j] = (short) (ints[j / 2] >>> 16 * (j % 2));
                floats[j / 2] = Float.intBitsToFloat(ints[j / 2]);
                doubles[j / 4] = Double.longBitsToDouble(longs[j / 4]);
            }
            Tensor[] tensors = {
                Tensor.transfer(floats, 1, 4),
                Tensor.transfer(ints, 1, 4),
                Tensor.transfer(longs, 1, 2),
                Tensor.transfer(doubles, 1, 2),
                Tensor.transfer(DataType.FP16, shorts, 1, 8),
                Tensor.transfer(DataType.BF16, shorts, 1, 8)
            };
            List<Ask> asks = new ArrayList<>();
            for (int t = 0; t < tensors.length; t++) {
                asks.add(new Ask(versions[t], Tensors.of("x", tensors[t])));
            }
            return asks;
        });
    }

    private void namesOfInputs(int keys) {
        PredictionCache cache = cache();
        Version version = version(
                cache,
                "a",
                1,
                EchoModel.signature(
                        TensorSpec.of("x", DataType.INT32, -1, 2), TensorSpec.of("y", DataType.INT32, -1, 2)));
        run(keys, new Version[] {version}, i -> {
            Tensor one = Tensor.copyOf(new int[] {i, 1}, 1, 2);
            Tensor other = Tensor.copyOf(new int[] {1, i + 1}, 1, 2);
            return of(
                    version,
                    Tensors.of("x", one, "y", other),
                    Tensors.of("y", one, "x", other),
                    Tensors.of("y", other, "x", one),
                    Tensors.of("x", one, "y", one));
        });
    }

    /** Strings that put together are the same, and those that have no UTF-8. */
    private void strings(int keys) {
        PredictionCache cache = cache();
        Version version = version(cache, "a", 1, EchoModel.signature(TensorSpec.of("x", DataType.BYTES, -1, 2)));
        run(keys, new Version[] {version}, i -> {
            String n = Integer.toString(i);
            String[][] pairs = {
                {"ab" + n, "c"},
                {"a", "b" + n + "c"},
                {"ab" + n + "c", ""},
                {"", "ab" + n + "c"},
                {"ab" + n + "\0", "c"},
                {"ab" + n, "\0c"},
                {n + "?", "c"},
                {n + "\ud800", "c"},
                {n + "\udc00", "c"},
                {n + "\u00e9", "c"},
                {n + "e\u0301", "c"}
            };
            List<Ask> asks = new ArrayList<>();
            for (String[] pair : pairs) {
                asks.add(new Ask(version, Tensors.of("x", Tensor.copyOf(pair, 1, 2))));
            }
            return asks;
        });
    }

    /** Rows of batches, among others, in other order, and filled up with zeros. */
    private void paddedBatches(int keys) {
        PredictionCache cache = cache();
        Version version = version(cache, "a", 1, EchoModel.signature(TensorSpec.of("x", DataType.FP32, -1, -1)));
        run(keys, new Version[] {version}, i -> {
            float a = i + 1;
            return of(
                    version,
                    Tensors.of("x", Tensor.transfer(new float[] {a, 0, 0, a}, 2, 2)),
                    Tensors.of("x", Tensor.transfer(new float[] {0, a, a, 0}, 2, 2)),
                    Tensors.of("x", Tensor.transfer(new float[] {a, 0, 0, 0, a, 0}, 2, 3)),
                    Tensors.of("x", Tensor.transfer(new float[] {a, 0}, 1, 2)),
                    Tensors.of("x", Tensor.transfer(new float[] {a, 0, 0}, 1, 3)),
                    Tensors.of("x", Tensor.transfer(new float[] {0, 0, a}, 1, 3)),
                    Tensors.of("x", Tensor.transfer(new float[] {a}, 1, 1)));
        });
    }

    /** Where only the comparison of keys tells inputs apart; few at a time, since a search goes past all of them. */
    private void collidingHashes(int keys, long hashMask) {
        for (int done = 0; done < keys; done += 2_000) {
            PredictionCache cache = cache();
            Version one = version(cache, "a", 1, EchoModel.FLOATS, hashMask);
            Version two = version(cache, "a", 2, EchoModel.FLOATS, hashMask);
            run(Math.min(2_000, keys - done), new Version[] {one, two}, i -> each(row(i, i % 3, 0, 1), one, two));
        }
    }
}
