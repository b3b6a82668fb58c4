package io.jvmlops.serving;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.onnx.LoopModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs in a JVM of its own: alters model files in many ways, and loads each twice, with the digest of the unaltered file and
 * as trusted. Arguments: how many, a seed, and a file of Tribuo's.
 */
public final class MutationProgram {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private ExecutorService predicting = newThread();

    private MutationProgram() {}

    private static final class Subject {
        private final String name;
        private final byte[] bytes;
        private final Tensors inputs;

        Subject(String name, byte[] bytes, Tensors inputs) {
            this.name = name;
            this.bytes = bytes;
            this.inputs = inputs;
        }
    }

    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[0]);
        long seed = Long.parseLong(args[1]);
        List<Subject> subjects = new ArrayList<>();
        for (String name : List.of("breast_cancer", "friedman_regression", "iris_zipmap", "mixed_columns")) {
            Fixture fixture = Fixture.load(name);
            subjects.add(new Subject("model.onnx", fixture.onnx, fixture.inputs));
        }
        subjects.add(new Subject("model.onnx", LoopModel.onnx(), LoopModel.inputs(3)));
        byte[] tribuo = Files.readAllBytes(Path.of(args[2]));
        try (InferenceModel model =
                Models.load(ModelSource.bytes("model.tribuo", tribuo).trusted())) {
            int width = (int) model.signature().inputs().get(0).width();
            subjects.add(new Subject(
                    "model.tribuo",
                    tribuo,
                    Tensors.of(
                            model.signature().inputs().get(0).name(), Tensor.transfer(new double[width], 1, width))));
        }
        Map<String, Integer> outcomes = new TreeMap<>();
        Random random = new Random(seed);
        for (int i = 0; i < count; i++) {
            Subject subject = subjects.get(i % subjects.size());
            outcomes.merge("verified: " + verified(subject, mutate(subject, subjects, random)), 1, Integer::sum);
        }
        // No library of ONNX Runtime's has been written yet, so none has been loaded.
        outcomes.put("folders of native libraries", System.getProperty("jvmlops.onnx.held") == null ? 0 : 1);
        random.setSeed(seed);
        MutationProgram program = new MutationProgram();
        for (int i = 0; i < count; i++) {
            Subject subject = subjects.get(i % subjects.size());
            outcomes.merge("trusted: " + program.trusted(subject, mutate(subject, subjects, random)), 1, Integer::sum);
        }
        outcomes.forEach((outcome, times) -> System.out.println(ForkedJvm.SAYS + outcome + " " + times));
        System.out.println(ForkedJvm.SAYS + "survived");
    }

    /** Loaded as what was approved: nothing may look at it but the digest. */
    private static String verified(Subject subject, byte[] altered) {
        try {
            Models.load(ModelSource.bytes(subject.name, altered).expecting(Digest.of(subject.bytes)))
                    .close();
            return "loaded";
        } catch (IntegrityException e) {
            return isParsing(e) ? "refused by a loader" : "refused";
        } catch (RuntimeException e) {
            return e.toString();
        }
    }

    private static boolean isParsing(Exception e) {
        return Arrays.stream(e.getStackTrace())
                .anyMatch(frame -> frame.getClassName().matches("io\\.jvmlops\\.serving\\.(onnx|tribuo)\\..*"));
    }

    /** On a thread that may be left behind: what never comes to an end within one operator cannot be stopped. */
    private String trusted(Subject subject, byte[] altered) throws Exception {
        Future<String> outcome = predicting.submit(() -> loadedAndAsked(subject, altered));
        try {
            return outcome.get(10 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            Files.write(Files.createTempFile(Path.of(""), "endless-", subject.name), altered);
            predicting = newThread();
            return "does not end";
        }
    }

    private static ExecutorService newThread() {
        return Executors.newSingleThreadExecutor(run -> {
            Thread thread = new Thread(run, "predicting");
            thread.setDaemon(true);
            return thread;
        });
    }

    private static String loadedAndAsked(Subject subject, byte[] altered) {
        InferenceModel model;
        try {
            model = Models.load(ModelSource.bytes(subject.name, altered).trusted());
        } catch (ModelLoadException e) {
            return "not loaded";
        } catch (RuntimeException e) {
            return "unexpected at load: " + e;
        }
        try (model) {
            model.predict(subject.inputs, Deadline.after(PATIENCE));
            return "answered";
        } catch (MlopsException e) {
            return e.getClass().getSimpleName();
        } catch (RuntimeException e) {
            return "unexpected at predict: " + e;
        }
    }

    /** Altered for certain. */
    private static byte[] mutate(Subject subject, List<Subject> all, Random random) {
        Subject other = all.get(random.nextInt(all.size()));
        byte[] altered = mutate(subject.bytes, other.bytes, random);
        if (Arrays.equals(altered, subject.bytes)) {
            altered[random.nextInt(altered.length)] ^= 1;
        }
        return altered;
    }

    private static byte[] mutate(byte[] bytes, byte[] other, Random random) {
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                byte[] copy = bytes.clone();
                for (int n = 1 + random.nextInt(3); n > 0; n--) {
                    copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
                }
                return copy;
            }
            case 2 -> {
                byte[] copy = bytes.clone();
                copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
                copy[random.nextInt(copy.length)] = (byte) (random.nextBoolean() ? 0xff : 0x7f);
                return copy;
            }
            case 3 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            case 4 -> {
                // A piece of another model in the place of a piece of this.
                int length = 1 + random.nextInt(Math.min(64, other.length));
                byte[] copy = bytes.clone();
                int from = random.nextInt(other.length - length + 1);
                int to = random.nextInt(copy.length);
                System.arraycopy(other, from, copy, to, Math.min(length, copy.length - to));
                return copy;
            }
            default -> {
                // A piece doubled, or left out.
                int at = random.nextInt(bytes.length);
                int length = random.nextInt(Math.min(64, bytes.length - at) + 1);
                byte[] head = Arrays.copyOf(bytes, at + (random.nextBoolean() ? length : 0));
                byte[] both = Arrays.copyOf(head, head.length + bytes.length - at);
                System.arraycopy(bytes, at, both, head.length, bytes.length - at);
                return both;
            }
        }
    }
}
