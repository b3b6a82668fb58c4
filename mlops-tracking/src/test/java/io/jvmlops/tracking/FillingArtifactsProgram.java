package io.jvmlops.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.Run;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Logs artifacts until the disk is full: {@code <folder> <folder to log> <ballast>}. Prints {@code failed <message>} and what
 * is wrong then, as {@code wrong <list>}; when it is sent a line it deletes the ballast, logs again, and prints {@code done
 * <list of what is wrong>}.
 */
final class FillingArtifactsProgram {
    private FillingArtifactsProgram() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Path large = Path.of(arguments[1]);
        for (int i = 0; i < 8; i++) {
            byte[] bytes = new byte[600_000];
            new Random(i).nextBytes(bytes);
            Files.write(large.resolve("f" + i), bytes);
        }
        try (CollectingProgram.Place place = CollectingProgram.Place.open(folder);
                Run run = place.tracking().experiment("e").startRun("run")) {
            run.logText("before", "stored before");
            for (Attempt attempt : List.<Attempt>of(
                    () -> run.logArtifact("folder", large), () -> run.logArtifact("stream", new Endless()))) {
                try {
                    attempt.log();
                    System.out.println("logged");
                } catch (StorageException e) {
                    System.out.println(
                            "failed " + String.valueOf(e.getMessage()).replace('\n', ' '));
                }
                System.out.println("wrong " + wrong(place, run, 1));
            }
            StoreProgram.awaitLine();
            Files.delete(Path.of(arguments[2]));
            run.logArtifact("folder", large);
            System.out.println("done " + wrong(place, run, 9));
        }
    }

    @FunctionalInterface
    private interface Attempt {
        void log();
    }

    private static List<String> wrong(CollectingProgram.Place place, Run run, int files) throws Exception {
        List<String> wrong = new ArrayList<>(CollectingProgram.misnamed(place.artifacts()));
        if (run.artifacts().files().size() != files) {
            wrong.add(run.artifacts().toString());
        }
        try (InputStream in = run.openArtifact("before")) {
            if (!new String(in.readAllBytes(), UTF_8).equals("stored before")) {
                wrong.add("before");
            }
        }
        wrong.addAll(place.tracking().verify().problems().stream()
                .map(Object::toString)
                .toList());
        try (Stream<Path> making = Files.walk(place.artifacts().folder().resolve("tmp"))) {
            making.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(".lock"))
                    .forEach(wrong::add);
        }
        return wrong;
    }

    private static final class Endless extends InputStream {
        private final Random random = new Random(99);

        @Override
        public int read() {
            return random.nextInt(256);
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            random.nextBytes(into);
            return length;
        }
    }
}
