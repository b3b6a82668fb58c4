package io.jvmlops.samples.iris;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.predict.Classification;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server's own part; that a real model stands behind it is shown by IrisJarIT. */
class PredictServerTest {
    private static final Classification SETOSA = Classification.of(List.of("setosa", "versicolor"), 0.9, 0.1);

    private final HttpClient client = HttpClient.newHttpClient();
    private Function<Flower, Classification> model = flower -> SETOSA;
    private PredictServer server;

    @BeforeEach
    void start() throws IOException {
        server = PredictServer.start(flower -> model.apply(flower), 0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String body) throws Exception {
        return send("POST", "/predict", body);
    }

    @Test
    void answersWithClassLabelAndScores() throws Exception {
        HttpResponse<String> response = post("{\"features\":[5.1,3.5,1.4,0.2]}");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.body())
                .isEqualTo(
                        "{\"predicted_class\":0,\"label\":\"setosa\",\"scores\":{\"setosa\":0.9,\"versicolor\":0.1}}");
    }

    @Test
    void featuresArriveInOrderAndOtherFieldsAreIgnored() throws Exception {
        model = flower -> {
            assertThat(flower).isEqualTo(new Flower(1, 2.5, -3e2, 4));
            return SETOSA;
        };
        assertThat(post("{\"id\":{\"a\":[1]},\"features\":[1, 2.5, -3e2, 4]}").statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                                          | is empty",
                "not json                                    | not JSON",
                "[1,2,3,4]                                   | an array, expected an object",
                "3                                           | a number, expected an object",
                "null                                        | null, expected an object",
                "{}                                          | 'features' is missing",
                "{\"feature\":[1,2,3,4]}                     | 'features' is missing",
                "{\"features\":[1,2,3,4]                     | expected close marker for Object\"}",
                "{\"features\":[1,2,3,4]}}                   | not JSON",
                "{\"features\":[1,2,3,4]} {}                 | goes on after its object",
                "{\"features\":[1,2,3,4],\"features\":[1,2,3,4]} | Duplicate field 'features'",
                "{\"a\":{\"b\":1,\"b\":2},\"features\":[1,2,3,4]} | Duplicate field 'b'",
                "{\"features\":null}                         | 'features' is null",
                "{\"features\":\"1,2,3,4\"}                  | 'features' is a string",
                "{\"features\":{\"0\":1}}                    | 'features' is an object",
                "{\"features\":[]}                           | 0 numbers, expected 4",
                "{\"features\":[1,2,3]}                      | 3 numbers, expected 4",
                "{\"features\":[1,2,3,4,5]}                  | 5 numbers, expected 4",
                "{\"features\":[1,2,\"3\",4]}                | features[2] is a string",
                "{\"features\":[true,2,3,4]}                 | features[0] is a boolean",
                "{\"features\":[1,null,3,4]}                 | features[1] is null",
                "{\"features\":[1,2,3,NaN]}                  | not JSON",
                "{\"features\":[1,2,3,-Infinity]}            | not JSON",
                "{\"features\":[1,2,1e999,4]}                | features[2] is beyond the range",
                "{\"features\":[[1,2,3,4]]}                  | features[0] is an array",
                "{\"features\":[1,2,3,{}]}                   | features[3] is an object",
                "{\"features\":[1,2,3,04]}                   | not JSON",
                "{'features':[1,2,3,4]}                      | not JSON",
            })
    void refusesWhatIsNoFlowerAndSaysWhy(String body, String why) throws Exception {
        HttpResponse<String> response = post(body == null ? "" : body);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).startsWith("{\"error\":\"").contains(why);
    }

    @Test
    void refusesAHundredThousandLevelsOfNesting() throws Exception {
        for (String open : List.of("[", "{\"a\":", "{\"f\":[")) {
            HttpResponse<String> response = post(open.repeat(100_000));
            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(response.body()).startsWith("{\"error\":");
        }
        HttpResponse<String> nested = post("{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
        assertThat(nested.statusCode()).isEqualTo(400);
        assertThat(nested.body()).contains("not JSON");
    }

    @Test
    void aBodyOverTheLimitIsDrainedAndAnswered() throws Exception {
        String large = "{\"features\":[1,2,3,4], \"x\":\"" + "y".repeat(8 << 20) + "\"}";
        HttpResponse<String> response = post(large);
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(response.body()).contains("more than 1048576 bytes");
        assertThat(post("{\"features\":[1,2,3,4]}").statusCode()).isEqualTo(200);
    }

    @Test
    void bytesThatAreNoUtf8AreRefused() throws Exception {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/predict"))
                        .POST(BodyPublishers.ofByteArray(
                                new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe, '"', ':', '1', '}'}))
                        .build(),
                BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(400);
    }

    @Test
    void otherPathsAndMethods() throws Exception {
        assertThat(send("POST", "/", "{}").statusCode()).isEqualTo(404);
        assertThat(send("POST", "/predict/", "{}").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/favicon.ico", "").body()).startsWith("{\"error\":");
        HttpResponse<String> get = send("GET", "/predict", "");
        assertThat(get.statusCode()).isEqualTo(405);
        assertThat(get.headers().firstValue("Allow")).hasValue("POST");
        assertThat(send("PUT", "/predict", "{\"features\":[1,2,3,4]}").statusCode())
                .isEqualTo(405);
        assertThat(send("DELETE", "/predict", "").statusCode()).isEqualTo(405);
        assertThat(send("HEAD", "/predict", "").statusCode()).isEqualTo(405);
    }

    @Test
    void aFailingModelIsA500WithoutAStackTrace() throws Exception {
        for (RuntimeException e :
                List.of(new ModelFailureException("secret inside"), new IllegalStateException("secret inside"))) {
            model = flower -> {
                throw e;
            };
            HttpResponse<String> response = post("{\"features\":[1,2,3,4]}");
            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(response.body()).isEqualTo("{\"error\":\"the model failed; the log says why\"}");
        }
        model = flower -> SETOSA;
        assertThat(post("{\"features\":[1,2,3,4]}").statusCode()).isEqualTo(200);
    }

    @Test
    void withoutAModelItSaysWhatToRun() throws Exception {
        model = flower -> {
            throw new NotFoundException("no model");
        };
        HttpResponse<String> response = post("{\"features\":[1,2,3,4]}");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).contains("java -jar samples/iris/target/iris.jar");
    }

    @Test
    void clientsThatAreSlowToAskDoNotKeepOthersFromBeingAnswered() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                slow.add(socket);
                socket.getOutputStream()
                        .write("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
                                .getBytes(StandardCharsets.US_ASCII));
            }
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/predict"))
                    .timeout(Duration.ofSeconds(5))
                    .POST(BodyPublishers.ofString("{\"features\":[1,2,3,4]}"))
                    .build();
            assertThat(client.send(request, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void malformedChunksAreAnswered() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream()
                    .write("POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout(5000);
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 400");
        }
    }

    @Test
    void aClientThatHangsUpHarmsNobody() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                OutputStream out = socket.getOutputStream();
                out.write("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"fea"
                        .getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
        }
        assertThat(post("{\"features\":[1,2,3,4]}").statusCode()).isEqualTo(200);
    }
}
