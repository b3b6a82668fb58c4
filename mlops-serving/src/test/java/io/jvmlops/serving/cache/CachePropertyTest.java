package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.predict.PredictionCacheStore;
import io.jvmlops.serving.Fixture;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import io.jvmlops.serving.internal.FloatRows;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.ActionChainArbitrary;
import net.jqwik.api.state.Transformer;
import org.jspecify.annotations.Nullable;

/** Whatever is done to a cache, its models answer as they do without one. */
class CachePropertyTest {
    private static final Fixture CANCER = Fixture.load("breast_cancer");

    /** A second level with faults. */
    private static final class Faulty implements PredictionCacheStore {
        enum Fault {
            NONE,
            DOWN,
            GARBAGE,
            ANOTHER,
            CUT
        }

        private final Map<ByteBuffer, byte[]> values = new ConcurrentHashMap<>();
        private volatile Fault fault = Fault.NONE;
        private volatile byte[] last = {};

        @Override
        public Optional<byte[]> get(byte[] key) {
            byte[] value = values.get(ByteBuffer.wrap(key));
            return switch (fault) {
                case NONE -> Optional.ofNullable(value).map(byte[]::clone);
                case DOWN -> throw new IllegalStateException("down");
                case GARBAGE -> Optional.of(new byte[] {1, 2, 3, 4, 5, 6, 7});
                case ANOTHER -> Optional.of(last.clone());
                case CUT -> Optional.ofNullable(value).map(all -> Arrays.copyOf(all, all.length - 1));
            };
        }

        @Override
        public void put(byte[] key, byte[] value) {
            if (fault == Fault.DOWN) {
                throw new IllegalStateException("down");
            }
            last = value.clone();
            values.put(ByteBuffer.wrap(key.clone()), value.clone());
        }
    }

    /** How a cache is set up. */
    private record Setup(int bound, boolean bytes, boolean expires, boolean backed, boolean whole) {
        CacheSpec spec(Faulty store) {
            CacheSpec spec = bytes ? CacheSpec.maxBytes(bound * 400L) : CacheSpec.maxEntries(bound);
            if (expires) {
                spec = spec.expireAfterWrite(Duration.ofSeconds(10)).expireAfterAccess(Duration.ofSeconds(5));
            }
            if (backed) {
                spec = spec.backedBy(store);
            }
            CacheRule rule = whole ? CacheRule.exact().wholeCalls() : CacheRule.exact();
            return spec.checkEvery(0).rule("m", rule.always());
        }
    }

    /** A cache, the version that is live in it, and what else there is to go wrong. */
    private abstract static class World {
        private final AtomicLong nanos = new AtomicLong();
        final AtomicBoolean failing = new AtomicBoolean();
        private final Faulty store = new Faulty();
        private final PredictionCache cache;
        private final Setup setup;
        private int version;
        private @Nullable InferenceModel live;

        World(Setup setup) {
            this.setup = setup;
            Ticker ticker = nanos::get;
            cache = new PredictionCache(setup.spec(store), ticker);
        }

        /** Opens a version that fails when it is to. */
        abstract InferenceModel open(int which);

        abstract InferenceModel alone(int which);

        abstract Tensors rows(int... numbers);

        abstract boolean same(Tensors one, Tensors other);

        private InferenceModel live() {
            InferenceModel current = live;
            if (current == null) {
                current = cache.around("m", open(version));
                live = current;
            }
            return current;
        }

        void ask(int[] numbers, boolean floats, boolean deadline) {
            InferenceModel model = live();
            FloatRows side = floats ? FloatRows.of(model) : null;
            Tensors inputs = rows(numbers);
            Deadline until = deadline ? Deadline.after(Duration.ofSeconds(30)) : Deadline.NONE;
            Tensors truth = alone(version).predict(inputs);
            Tensors answer;
            try {
                if (side == null) {
                    answer = model.predict(inputs, until);
                } else {
                    float[] values = inputs.at(0).toFloatArray();
                    answer = side.predict(
                            target -> System.arraycopy(values, 0, target, 0, values.length), numbers.length, until);
                    if (side.givesFloats()) {
                        Tensor again = Tensor.transfer(
                                side.predict(values, until), truth.at(0).shape().dims());
                        assertThat(same(Tensors.of(truth.nameAt(0), again), truth))
                                .as("floats of %s", Arrays.toString(numbers))
                                .isTrue();
                    }
                }
            } catch (ModelFailureException e) {
                assertThat(e).hasMessage("to be expected");
                return;
            }
            assertThat(same(answer, truth))
                    .as("rows %s of version %s", Arrays.toString(numbers), version)
                    .isTrue();
            assertThat(cache.flights()).isEmpty();
            if (setup.bytes) {
                assertThat(cache.bytes()).isLessThanOrEqualTo(setup.bound * 400L);
            } else {
                assertThat(cache.entries()).isLessThanOrEqualTo(setup.bound);
            }
        }

        PredictionCache cacheOf() {
            return cache;
        }

        void close() {
            cache.close();
        }

        void pass(Duration time) {
            nanos.addAndGet(time.toNanos());
        }

        void fault(Faulty.Fault fault) {
            store.fault = fault;
        }

        void swap(int to) {
            if (live != null) {
                live.close();
            }
            live = null;
            version = to;
        }
    }

    /** Versions of arithmetic that is exact, one of which answers rows by what is beside them. */
    private static final class Echoes extends World {
        Echoes(Setup setup) {
            super(setup);
        }

        private EchoModel model(int which) {
            return new EchoModel("m" + which, EchoModel.FLOATS, which == 2, inputs -> {});
        }

        @Override
        InferenceModel open(int which) {
            return failingWhenTold(model(which));
        }

        @Override
        InferenceModel alone(int which) {
            return model(which);
        }

        @Override
        Tensors rows(int... numbers) {
            float[] values = new float[numbers.length * 4];
            for (int i = 0; i < values.length; i++) {
                int number = numbers[i / 4];
                values[i] = number == 0 ? (i % 2 == 0 ? 0f : -0f) : number == 1 ? Float.NaN : number * (i % 4);
            }
            return Tensors.of("x", Tensor.transfer(values, numbers.length, 4));
        }

        @Override
        boolean same(Tensors one, Tensors other) {
            return one.equals(other);
        }

        private InferenceModel failingWhenTold(EchoModel model) {
            if (failing.getAndSet(false)) {
                model.failure.set(new ModelFailureException("to be expected"));
            }
            toFail = model;
            return model;
        }

        private @Nullable EchoModel toFail;

        void fail() {
            if (toFail == null) {
                failing.set(true);
            } else {
                toFail.failure.set(new ModelFailureException("to be expected"));
            }
        }
    }

    /** ONNX, whose last bits depend on the number of rows. */
    private static final class Cancers extends World {
        private final InferenceModel model;

        Cancers(Setup setup, InferenceModel model) {
            super(setup);
            this.model = model;
        }

        @Override
        InferenceModel open(int which) {
            return new ForwardingModel(model) {
                @Override
                public Tensors predict(Tensors inputs, Deadline deadline) {
                    if (failing.getAndSet(false)) {
                        throw new ModelFailureException("to be expected");
                    }
                    return super.predict(inputs, deadline);
                }

                @Override
                public void close() {}
            };
        }

        @Override
        InferenceModel alone(int which) {
            return model;
        }

        @Override
        Tensors rows(int... numbers) {
            return CANCER.inputs.select(numbers);
        }

        @Override
        boolean same(Tensors one, Tensors other) {
            if (!one.names().equals(other.names())) {
                return false;
            }
            for (int i = 0; i < one.size(); i++) {
                Tensor a = one.at(i);
                Tensor b = other.at(i);
                boolean floating = a.type().isFloating()
                        && a.type() == b.type()
                        && a.shape().equals(b.shape());
                for (int e = 0; floating && e < a.size(); e++) {
                    floating = Math.abs(a.doubleAt(e) - b.doubleAt(e)) <= 1e-5 * (1 + Math.abs(b.doubleAt(e)));
                }
                if (!floating && !a.equals(b)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static <W extends World> Transformer<W> step(String what, Consumer<W> change) {
        return Transformer.mutate(what, change);
    }

    private static <W extends World> Action.Independent<W> ask() {
        Arbitrary<int[]> numbers = Arbitraries.integers()
                .between(0, 7)
                .array(int[].class)
                .ofMinSize(1)
                .ofMaxSize(9);
        Arbitrary<Boolean> flags = Arbitraries.of(true, false);
        return () -> Combinators.combine(numbers, flags, flags)
                .as((rows, floats, deadline) -> step(
                        (floats ? "ask floats " : "ask ") + Arrays.toString(rows) + (deadline ? " in time" : ""),
                        world -> world.ask(rows, floats, deadline)));
    }

    private static <W extends World, A> Action.Independent<W> ofSome(
            String what, Arbitrary<A> arguments, BiConsumer<W, A> change) {
        return () -> arguments.map(argument -> step(what + " " + argument, world -> change.accept(world, argument)));
    }

    private static <W extends World> Action.Independent<W> of(String what, Consumer<W> change) {
        return () -> Arbitraries.just(step(what, change));
    }

    private static <W extends World> ActionChainArbitrary<W> chains(Supplier<W> start, Consumer<W> fail) {
        return ActionChain.startWith(start)
                .withAction(12, CachePropertyTest.<W>ask())
                .withAction(
                        2,
                        CachePropertyTest.ofSome(
                                "swap to", Arbitraries.integers().between(0, 2), World::swap))
                .withAction(
                        1,
                        CachePropertyTest.<W>of(
                                "invalidate", world -> world.cacheOf().invalidate("m")))
                .withAction(
                        1,
                        CachePropertyTest.<W>of(
                                "invalidate all", world -> world.cacheOf().invalidateAll()))
                .withAction(
                        2,
                        CachePropertyTest.ofSome(
                                "seconds pass:",
                                Arbitraries.of(1, 6, 11),
                                (world, seconds) -> world.pass(Duration.ofSeconds(seconds))))
                .withAction(2, CachePropertyTest.<W>of("the next call fails", fail))
                .withAction(
                        2,
                        CachePropertyTest.ofSome("store has fault", Arbitraries.of(Faulty.Fault.class), World::fault))
                .withMaxTransformations(60);
    }

    private static Arbitrary<Setup> setups() {
        Arbitrary<Boolean> flags = Arbitraries.of(true, false);
        return Combinators.combine(
                        Arbitraries.of(1, 4, 1000),
                        flags,
                        flags,
                        flags,
                        Arbitraries.frequencyOf(
                                Tuple.of(4, Arbitraries.just(false)), Tuple.of(1, Arbitraries.just(true))))
                .as(Setup::new);
    }

    @Provide
    Arbitrary<ActionChain<Echoes>> echoes() {
        return setups().flatMap(setup -> chains(() -> new Echoes(setup), Echoes::fail));
    }

    @Property(tries = 200)
    void agreesWithTheModelWhateverHappens(@ForAll("echoes") ActionChain<Echoes> chain) {
        chain.run().close();
    }

    @Provide
    Arbitrary<ActionChain<Cancers>> cancers() {
        return setups().flatMap(setup -> chains(() -> new Cancers(setup, ONNX), world -> world.failing.set(true)));
    }

    private static final InferenceModel ONNX =
            Models.load(ModelSource.bytes("model.onnx", CANCER.onnx).trusted());

    @Property(tries = 40)
    void agreesWithAnOnnxModelWhateverHappens(@ForAll("cancers") ActionChain<Cancers> chain) {
        chain.run().close();
    }
}
