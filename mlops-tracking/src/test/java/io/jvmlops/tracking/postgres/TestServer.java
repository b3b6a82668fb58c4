package io.jvmlops.tracking.postgres;

import io.jvmlops.tracking.PooledSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** A real PostgreSQL, one for all tests of this JVM, in which every test has a schema of its own. */
public final class TestServer {
    private static final AtomicInteger SCHEMAS = new AtomicInteger();

    private TestServer() {}

    /** Started when it is first asked for; it ends with the JVM. */
    private static final class Holder {
        private static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setServerConfig("max_connections", "200")
                        // As it is everywhere else; the tests crash it.
                        .setServerConfig("synchronous_commit", "on")
                        .start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    try {
                        server.close();
                    } catch (IOException e) {
                        // It is going away anyway.
                    }
                }));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A connection each time: what is not closed is noticed by running out of them. */
    public static DataSource source() {
        return Holder.SERVER.getPostgresDatabase();
    }

    /** Connections that are used again, for the many tests that take one after the other. */
    public static DataSource pool() {
        return Pool.SOURCE;
    }

    private static final class Pool {
        private static final DataSource SOURCE = new PooledSource(source());
    }

    public static int port() {
        return Holder.SERVER.getPort();
    }

    public static String newSchema() {
        return "test_" + SCHEMAS.incrementAndGet();
    }
}
