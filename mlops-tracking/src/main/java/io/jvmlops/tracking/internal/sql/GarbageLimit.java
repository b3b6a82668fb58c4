package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.StorageException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the stores of a database do for garbage collection, see {@link ArtifactReferences}: each has a row of its own in table
 * {@code collection}, which says of what age it takes references.
 */
public final class GarbageLimit {
    /** The owners of the rows. */
    public static final String RUNS = "runs";

    public static final String MODELS = "models";
    public static final String DATASETS = "datasets";

    /** How many digests one transaction reads. */
    private static final int AT_ONCE = 4_096;

    /** By how much clocks may differ. */
    private static final Duration AHEAD = Duration.ofHours(1);

    private static final int DIGEST = 32;
    private static final byte[] FIRST = new byte[0];

    private GarbageLimit() {}

    /**
     * The stores that share a database with these and are not among them: whoever collects asks them too, or their bytes
     * would be garbage.
     */
    public static List<ArtifactReferences> beside(List<? extends ArtifactReferences> stores, ArtifactStore artifacts) {
        Map<SqlDatabase, Set<Class<?>>> known = new HashMap<>();
        for (ArtifactReferences store : stores) {
            if (store instanceof InDatabase in) {
                known.computeIfAbsent(in.database(), database -> new HashSet<>())
                        .add(store.getClass());
            }
        }
        List<ArtifactReferences> beside = new ArrayList<>();
        known.forEach((database, kinds) -> {
            InstantSource clock = InstantSource.system();
            List<ArtifactReferences> all = List.of(
                    new SqlTrackingStore(database, clock),
                    new SqlModelRegistry(database, artifacts, clock, () -> ""),
                    new SqlDatasetStore(database, artifacts, clock, () -> ""));
            all.stream().filter(store -> !kinds.contains(store.getClass())).forEach(beside::add);
        });
        return beside;
    }

    /** A store that has tables of a database, beside others. */
    public interface InDatabase {
        SqlDatabase database();
    }

    /** {@link ArtifactReferences#beginCollection}. Transactions that have {@linkplain #check checked} are waited for. */
    static void begin(SqlDatabase database, String owner, Instant limit) {
        long millis = atLeast(limit);
        database.write("begin to collect garbage", session -> {
            long now = session.requireLong("SELECT " + database.dialect().now());
            if (millis > now + AHEAD.toMillis()) {
                // It would refuse every reference until then.
                throw new StorageException(
                        "no garbage is collected: the artifact store's clock is ahead of that of " + database + ", "
                                + limit + " against " + Instant.ofEpochMilli(now) + "; set the clocks of the machines",
                        null);
            }
            session.update(
                    "UPDATE collection SET collected_before = ? WHERE owner = ? AND collected_before < ?",
                    millis,
                    owner,
                    millis);
            return owner;
        });
    }

    /** Rounded up, as the times of references are rounded down: rather too many are refused than one too few. */
    private static long atLeast(Instant limit) {
        Instant whole = limit.truncatedTo(ChronoUnit.MILLIS);
        return whole.toEpochMilli() + (whole.equals(limit) ? 0 : 1);
    }

    /**
     * Refuses references that are too old, within the transaction that adds them. Until it ends, no collection begins.
     *
     * @param what for messages: {@code "run 1234"}
     * @param storedSince since when the bytes have been stored or renewed; null if nobody knows
     * @throws StorageException if garbage was collected since then
     */
    static void check(Session session, SqlDialect dialect, String owner, String what, @Nullable Instant storedSince)
            throws SQLException {
        long limit = session.requireLong(
                "SELECT collected_before FROM collection WHERE owner = ?" + dialect.forShare(), owner);
        if (storedSince == null) {
            if (limit > 0) {
                throw new StorageException(
                        what + ": garbage is collected here, up to what was stored at " + Instant.ofEpochMilli(limit)
                                + ", so what adds artifacts must say since when they have been stored. Nothing was"
                                + " changed; store them, and give the time before that as storedSince",
                        null);
            }
        } else if (storedSince.toEpochMilli() < limit) {
            throw new StorageException(
                    what + ": its artifacts were stored or renewed at " + storedSince
                            + ", and garbage was collected meanwhile, up to what was stored at "
                            + Instant.ofEpochMilli(limit)
                            + ": they may be gone. Nothing was changed; store or renew them, and try again. If that is"
                            + " refused each time, the grace period is shorter than storing takes, or the clock of"
                            + " whoever collected was ahead",
                    null,
                    true);
        }
    }

    /**
     * Tells of all digests in a column, in several transactions.
     *
     * @param table with an index that begins with the column
     * @throws IntegrityException if one is damaged
     */
    static void forEachDigest(
            SqlDatabase database,
            String table,
            String condition,
            boolean manifests,
            Consumer<ArtifactReferences.Reference> to) {
        byte[] after = FIRST;
        while (true) {
            byte[] last = after;
            List<byte[]> digests = database.read("list the references to artifacts", session -> {
                List<byte[]> some = new ArrayList<>();
                try (ResultSet rows = session.query(
                        "SELECT DISTINCT digest FROM " + table + " WHERE digest > ?" + condition
                                + " ORDER BY digest LIMIT " + AT_ONCE,
                        (Object) last)) {
                    while (rows.next()) {
                        some.add(rows.getBytes(1));
                    }
                }
                return some;
            });
            for (byte[] digest : digests) {
                if (digest.length != DIGEST) {
                    throw new IntegrityException("table " + table + " of " + database + " is damaged: a digest has "
                            + digest.length + " bytes, expected " + DIGEST + ". Restore the database from a backup");
                }
                to.accept(new ArtifactReferences.Reference(SqlTrackingStore.digest(digest), manifests));
            }
            if (digests.size() < AT_ONCE) {
                return;
            }
            after = digests.get(digests.size() - 1);
        }
    }
}
