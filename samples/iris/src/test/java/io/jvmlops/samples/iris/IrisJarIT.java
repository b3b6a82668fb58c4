package io.jvmlops.samples.iris;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Starts the jar as a user does. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class IrisJarIT {
    @TempDir
    static Path folder;

    private record Ended(int status, String output) {}

    private static Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                System.getProperty("sample.jar")));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
    }

    private static Ended run(String... arguments) throws Exception {
        Process process = start(arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), output);
    }

    private static HttpResponse<String> post(int port, String body) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/predict"))
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString());
    }

    /** The port it says it serves on. */
    private static int port(BufferedReader output) throws IOException {
        Pattern line = Pattern.compile("Serving on http://127\\.0\\.0\\.1:(\\d+)/predict.*");
        for (String text = output.readLine(); text != null; text = output.readLine()) {
            Matcher matcher = line.matcher(text);
            if (matcher.matches()) {
                return Integer.parseInt(matcher.group(1));
            }
        }
        throw new AssertionError("the server ended without saying where it serves");
    }

    private static void stop(Process process, BufferedReader output) throws Exception {
        // Not Process.destroy(), which closes what the process says last.
        assertThat(process.toHandle().destroy()).isTrue();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        // 128 + SIGTERM, as every JVM that a signal ends.
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(output.lines()).contains("Stopped");
    }

    @Test
    @Order(1)
    void withoutAModelTheServerSaysWhatToRun() throws Exception {
        Process process = start("--serve", "0", "--folder", "empty");
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            int port = port(output);
            assertThat(output.readLine()).contains("no model yet").contains("java -jar samples/iris/target/iris.jar");
            HttpResponse<String> response = post(port, "{\"features\":[5.1,3.5,1.4,0.2]}");
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.body()).contains("java -jar samples/iris/target/iris.jar");
            stop(process, output);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    @Order(2)
    void tellsTheStory() throws Exception {
        Ended story = run();
        assertThat(story.output())
                .contains("105 flowers to learn from, 45 to test on")
                .contains("FINISHED")
                .contains("live as iris@champion")
                .contains("they agree on all 45 test flowers")
                .contains("is setosa")
                .containsPattern("90 predictions, \\d+ of them from the cache, answers equal")
                .contains("drifted inputs: [sepalWidth]")
                .contains("Everything is stored in " + folder.resolve("mlops").toRealPath());
        assertThat(story.status()).isZero();
        assertThat(folder.resolve("mlops/mlops.db")).isRegularFile();
        // Again, beside what is there: the next version.
        Ended again = run();
        assertThat(again.output()).contains("iris/2");
        assertThat(again.status()).isZero();
    }

    @Test
    @Order(3)
    void servesWhatTheStoryTrained() throws Exception {
        Process process = start("--serve", "0");
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            int port = port(output);
            HttpResponse<String> response = post(port, "{\"features\":[5.1,3.5,1.4,0.2]}");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body())
                    .startsWith("{\"predicted_class\":0,\"label\":\"setosa\",\"scores\":{\"setosa\":0.");
            assertThat(post(port, "{\"features\":[6.5,3.0,5.8,2.2]}").body()).contains("\"predicted_class\":2,");
            assertThat(post(port, "{\"features\":[1]}").statusCode()).isEqualTo(400);
            Ended second = run("--serve", String.valueOf(port));
            assertThat(second.status()).isEqualTo(1);
            assertThat(second.output()).contains("is taken").doesNotContain("Stopped");
            stop(process, output);
            // SQLite takes it away when the last connection is closed.
            assertThat(folder.resolve("mlops/mlops.db-wal")).doesNotExist();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    @Order(4)
    void unknownArgumentsAreAnsweredWithTheUsage() throws Exception {
        Ended help = run("--help");
        assertThat(help.status()).isZero();
        assertThat(help.output()).contains("--serve [port]");
        for (String[] bad : List.of(
                new String[] {"serve"}, new String[] {"--serve", "x"}, new String[] {"--serve", "70000"}, new String[] {
                    "--folder"
                })) {
            Ended ended = run(bad);
            assertThat(ended.status()).isEqualTo(2);
            assertThat(ended.output()).contains("--serve [port]");
        }
    }

    @Test
    @Order(5)
    void alteredModelBytesAreRefusedAndNamed() throws Exception {
        List<Path> blobs;
        try (var files = Files.walk(folder.resolve("mlops/artifacts/sha256"))) {
            blobs = files.filter(Files::isRegularFile).toList();
        }
        assertThat(blobs).isNotEmpty();
        for (Path blob : blobs) {
            byte[] bytes = Files.readAllBytes(blob);
            bytes[bytes.length / 2] ^= 1;
            assertThat(blob.toFile().setWritable(true)).isTrue();
            Files.write(blob, bytes);
        }
        Process process = start("--serve", "0");
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            int port = port(output);
            HttpResponse<String> response = post(port, "{\"features\":[5.1,3.5,1.4,0.2]}");
            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(response.body()).doesNotContain("at io.jvmlops");
            assertThat(process.toHandle().destroy()).isTrue();
            assertThat(output.lines()).anyMatch(l -> l.contains("was altered") && l.contains("sha256:"));
        } finally {
            process.destroyForcibly();
        }
    }
}
