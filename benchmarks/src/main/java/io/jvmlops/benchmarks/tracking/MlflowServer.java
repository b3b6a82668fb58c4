package io.jvmlops.benchmarks.tracking;

import io.jvmlops.benchmarks.study.StudyContext;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** MLflow's own server on the loopback address, with its SQLite store, and callers of its REST interface. */
final class MlflowServer implements AutoCloseable {
    private static final int BATCH = 1000;
    private static final Pattern RUN_ID = Pattern.compile("\"run_id\": *\"([0-9a-f]{32})\"");

    private final Process process;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String root;

    private MlflowServer(Process process, int port) {
        this.process = process;
        this.root = "http://127.0.0.1:" + port;
    }

    static MlflowServer start(StudyContext context, String python, String folder)
            throws IOException, InterruptedException {
        Path home = Files.createDirectories(Path.of(folder));
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process process = new ProcessBuilder(
                        python,
                        "-W",
                        "ignore",
                        "-m",
                        "mlflow",
                        "server",
                        "--backend-store-uri",
                        "sqlite:///" + home.resolve("mlflow.db"),
                        "--default-artifact-root",
                        home.resolve("artifacts").toString(),
                        "--host",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port),
                        "--workers",
                        "1")
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("server.log").toFile())
                .start();
        MlflowServer server = new MlflowServer(process, port);
        for (int attempt = 0; attempt < 300; attempt++) {
            try {
                if (server.get("/health") == 200) {
                    return server;
                }
            } catch (IOException e) {
                if (!process.isAlive()) {
                    break;
                }
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
        server.close();
        throw new IOException("MLflow's server did not start within a minute: "
                + String.join(" | ", Files.readAllLines(home.resolve("server.log"))));
    }

    /** Points a second, in batches of 1,000. */
    double batches(int points, int callers) throws IOException, InterruptedException {
        return timed(callers, points / callers, (run, share) -> {
            for (int first = 0; first < share; first += BATCH) {
                StringBuilder metrics = new StringBuilder();
                for (int step = first; step < Math.min(share, first + BATCH); step++) {
                    metrics.append(step == first ? "" : ",").append(metric(step));
                }
                post("/api/2.0/mlflow/runs/log-batch", "{\"run_id\":\"" + run + "\",\"metrics\":[" + metrics + "]}");
            }
        });
    }

    /** Points a second, one a call. */
    double singles(int points, int callers) throws IOException, InterruptedException {
        return timed(callers, points / callers, (run, share) -> {
            for (int step = 0; step < share; step++) {
                post(
                        "/api/2.0/mlflow/runs/log-metric",
                        "{\"run_id\":\"" + run + "\"," + metric(step).substring(1));
            }
        });
    }

    private static String metric(int step) {
        return "{\"key\":\"loss\",\"value\":" + 1 / Math.sqrt(1.0 + step) + ",\"timestamp\":"
                + (1_772_000_000_000L + step) + ",\"step\":" + step + "}";
    }

    @FunctionalInterface
    private interface Calls {
        void make(String run, int share) throws IOException, InterruptedException;
    }

    private double timed(int callers, int share, Calls calls) throws IOException, InterruptedException {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            Matcher id =
                    RUN_ID.matcher(post("/api/2.0/mlflow/runs/create", "{\"experiment_id\":\"0\",\"start_time\":0}"));
            if (!id.find()) {
                throw new IOException("MLflow's server gave no run id");
            }
            runs.add(id.group(1));
        }
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        long start = System.nanoTime();
        for (String run : runs) {
            Thread thread = new Thread(() -> {
                try {
                    calls.make(run, share);
                } catch (IOException | InterruptedException e) {
                    failure.set(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Exception failed = failure.get();
        if (failed != null) {
            throw new IOException(failed);
        }
        return share * (double) callers / seconds;
    }

    private int get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(root + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private String post(String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(root + path))
                .timeout(Duration.ofMinutes(2))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    /** Ends the server and the workers that it started. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
