package io.jvmlops.samples.iris;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.samples.iris.FeaturesRequest.BadRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers {@code POST /predict} on the loopback address. */
final class PredictServer implements AutoCloseable {
    static {
        // Without this, every answer waits 40 ms for the client's acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        // Seconds for a client to send its request, so that idle connections do not hold threads.
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
    }

    static final int MAX_BODY = 1 << 20;

    /** What is read of a body over the limit, so that the client gets to see the answer. */
    private static final long MAX_DRAINED = 64L << 20;

    /** A client that is slow to send its request holds one as long as it may take. */
    private static final int WORKERS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(PredictServer.class);
    private static final JsonFactory JSON = new JsonFactory();
    private static final String PATH = "/predict";

    private final Function<Flower, Classification> model;
    private final HttpServer server;
    private final ThreadPoolExecutor workers =
            new ThreadPoolExecutor(WORKERS, WORKERS, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread thread = new Thread(task, "iris-http");
                thread.setDaemon(true);
                return thread;
            });

    private PredictServer(Function<Flower, Classification> model, HttpServer server) {
        this.model = model;
        this.server = server;
        workers.allowCoreThreadTimeOut(true);
    }

    /**
     * @param model throws {@link NotFoundException} as long as there is none
     * @param port 0 for any that is free
     */
    static PredictServer start(Function<Flower, Classification> model, int port) throws IOException {
        HttpServer http =
                HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 64);
        PredictServer server = new PredictServer(model, http);
        http.createContext("/", server::handle);
        http.setExecutor(server.workers);
        http.start();
        return server;
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body;
            try {
                body = read(exchange.getRequestBody());
            } catch (IOException e) {
                error(exchange, 400, "the body cannot be read: it is cut off, or its chunks are malformed");
                return;
            }
            String path = exchange.getRequestURI().getPath();
            if (!PATH.equals(path)) {
                error(exchange, 404, "there is nothing at this path; POST a flower to " + PATH);
            } else if (!exchange.getRequestMethod().equals("POST")) {
                exchange.getResponseHeaders().set("Allow", "POST");
                error(exchange, 405, "this method is not for " + PATH + "; use POST");
            } else if (body.length > MAX_BODY) {
                error(exchange, 413, "the body has more than " + MAX_BODY + " bytes");
            } else {
                predict(exchange, body);
            }
        }
    }

    private static byte[] read(InputStream in) throws IOException {
        byte[] body = in.readNBytes(MAX_BODY + 1);
        long drained = 0;
        byte[] buffer = new byte[1 << 16];
        while (body.length > MAX_BODY && drained < MAX_DRAINED) {
            int read = in.read(buffer);
            if (read < 0) {
                break;
            }
            drained += read;
        }
        return body;
    }

    private void predict(HttpExchange exchange, byte[] body) throws IOException {
        Classification answer;
        try {
            answer = model.apply(Flower.of(FeaturesRequest.parse(body, IrisData.FEATURES.size())));
        } catch (BadRequest e) {
            error(exchange, 400, String.valueOf(e.getMessage()));
            return;
        } catch (NotFoundException e) {
            error(exchange, 503, Main.NO_MODEL);
            return;
        } catch (RuntimeException e) {
            LOG.error("A prediction failed", e);
            error(exchange, 500, "the model failed; the log says why");
            return;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeNumberField("predicted_class", answer.index());
            json.writeStringField("label", answer.label());
            json.writeObjectFieldStart("scores");
            for (int i = 0; i < answer.labels().size(); i++) {
                json.writeNumberField(answer.labels().get(i), answer.score(i));
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        send(exchange, 200, bytes.toByteArray());
    }

    private static void error(HttpExchange exchange, int status, String message) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("error", message);
            json.writeEndObject();
        }
        send(exchange, status, bytes.toByteArray());
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            OutputStream out = exchange.getResponseBody();
            out.write(body);
            // Closing the exchange looks for the rest of the request first, which may never come.
            out.flush();
        }
    }

    /** Takes no new requests, and gives those that run a second to end. */
    @Override
    public void close() {
        workers.shutdown();
        try {
            if (!workers.awaitTermination(1, TimeUnit.SECONDS)) {
                LOG.warn("Requests still run; they are cut off");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // Its own grace period is always waited for to the end, busy or not.
        server.stop(0);
    }
}
