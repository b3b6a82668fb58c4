package io.jvmlops.tracking.internal.folder;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.tracking.internal.OwnerOnly;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which bytes the files of a folder had when they were last read, so that those that have not changed since need not be read
 * again: what Git calls the index. A file per folder, named by the folder's path.
 *
 * <p>A file has not changed if its {@link FileStat} is what it was. That needs care with time, as a file system's clock ticks
 * every few milliseconds, on some every two seconds: what is written within the tick in which a file was read leaves no
 * trace (Git's "racy" entries). So files that had changed less than {@value #SETTLED_SECONDS} seconds before they were
 * looked at are not remembered, nor are those from the future. Two changes cannot be seen: through memory that is mapped and not
 * yet written back; and, on platforms that keep no time of change (Windows), one that puts size and time of modification back.
 *
 * <p>It is a cache: damaged, of another version or of another folder, it counts as empty; if it cannot be written, the next
 * one reads more. Whoever can write it can lie about the files, so only its owner may.
 *
 * <p>Thread-safe. Of several processes that write the same one, the last wins.
 */
public final class StatCache {
    /** How long ago a file must have changed to be remembered. */
    static final int SETTLED_SECONDS = 2;

    /** How many folders are remembered; those that were not asked for the longest are forgotten. */
    static final int MAX_FOLDERS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(StatCache.class);
    private static final byte[] MAGIC = "JVMLOPS\0stat\0\0\0\1".getBytes(StandardCharsets.ISO_8859_1);
    private static final String SUFFIX = ".stat";
    /** In hexadecimal digits, as that is what a {@link Digest} holds. */
    private static final int DIGEST = 64;

    /** Below these, no entry is: how much memory a damaged number may ask for. */
    private static final int LEAST_ENTRY = 4 + 4 * Long.BYTES + DIGEST;

    /** A temporary file that is older was left behind. */
    private static final Duration LEFT = Duration.ofHours(1);

    private final @Nullable Path folder;
    private final InstantSource clock;

    private StatCache(@Nullable Path folder, InstantSource clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /**
     * @param folder where the files are; created when there is something to remember
     * @param clock that goes by the same time as the file systems
     */
    public static StatCache in(Path folder, InstantSource clock) {
        return new StatCache(folder.toAbsolutePath().normalize(), clock);
    }

    /** Remembers nothing. */
    public static StatCache none() {
        return new StatCache(null, InstantSource.system());
    }

    /**
     * Begins to look at a folder; before its files are.
     *
     * @param root its real path
     */
    public Session begin(Path root) {
        long settled =
                FileTime.from(clock.instant().minusSeconds(SETTLED_SECONDS)).to(TimeUnit.NANOSECONDS);
        // Unlike its text, it tells names apart that this JVM cannot read.
        String name = root.toUri().toString();
        Path file = folder == null
                ? null
                : folder.resolve(
                        Digest.of(name.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32) + SUFFIX);
        Entries known = file == null ? Entries.NONE : read(file, name);
        return new Session(file, name, settled, known);
    }

    private Entries read(Path file, String name) {
        try {
            Entries entries = parse(Files.readAllBytes(file), name);
            if (entries == null) {
                LOG.debug("{} is damaged, of another version or of another folder, and is made anew", file);
                return Entries.NONE;
            }
            touch(file);
            return entries;
        } catch (NoSuchFileException e) {
            return Entries.NONE;
        } catch (IOException e) {
            LOG.debug("{} cannot be read; all files are", file, e);
            return Entries.NONE;
        }
    }

    /** So that others are forgotten first. */
    private void touch(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        } catch (IOException e) {
            // Then it is forgotten sooner.
        }
    }

    private static @Nullable Entries parse(byte[] bytes, String name) {
        int body = bytes.length - Long.BYTES;
        if (body < MAGIC.length || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getLong(body) != checksum(bytes, body)) {
            return null;
        }
        in.position(MAGIC.length).limit(body);
        try {
            if (!text(in).equals(name)) {
                return null;
            }
            int count = in.getInt();
            if (count < 0 || (long) count * LEAST_ENTRY > in.remaining()) {
                return null;
            }
            Entries entries = new Entries(count);
            for (int i = 0; i < count; i++) {
                entries.paths[i] = text(in);
                entries.stats[i] =
                        new FileStat(FileStat.Kind.FILE, in.getLong(), in.getLong(), in.getLong(), in.getLong());
                entries.digests[i] = new Digest(text(in, DIGEST, StandardCharsets.ISO_8859_1));
            }
            return in.hasRemaining() ? null : entries;
        } catch (BufferUnderflowException e) {
            return null;
        }
    }

    private static String text(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0) {
            throw new BufferUnderflowException();
        }
        return text(in, length, StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer in, int length, Charset charset) {
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        String text = new String(in.array(), in.arrayOffset() + in.position(), length, charset);
        in.position(in.position() + length);
        return text;
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static long checksum(byte[] bytes, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, length);
        return checksum.getValue();
    }

    /** Sorted by path. */
    private static final class Entries {
        static final Entries NONE = new Entries(0);

        final String[] paths;
        final FileStat[] stats;
        final Digest[] digests;

        Entries(int count) {
            paths = new String[count];
            stats = new FileStat[count];
            digests = new Digest[count];
        }
    }

    /** One look at a folder, by one thread. */
    public final class Session {
        private final @Nullable Path file;
        private final String name;
        private final long settled;
        private final Entries known;
        private boolean allKnown;

        private Session(@Nullable Path file, String name, long settled, Entries known) {
            this.file = file;
            this.name = name;
            this.settled = settled;
            this.known = known;
        }

        /**
         * The digests of the files that have not changed since they were read; null for those that have, or were never read.
         *
         * @param files sorted by path
         */
        public List<@Nullable Digest> find(List<ScannedFile> files) {
            List<@Nullable Digest> found = new ArrayList<>(files.size());
            int i = 0;
            int hits = 0;
            for (ScannedFile scanned : files) {
                int order = -1;
                while (i < known.paths.length && (order = known.paths[i].compareTo(scanned.path())) < 0) {
                    i++;
                }
                boolean same = i < known.paths.length && order == 0 && known.stats[i].equals(scanned.stat());
                found.add(same ? known.digests[i] : null);
                hits += same ? 1 : 0;
            }
            allKnown = hits == files.size() && hits == known.paths.length;
            return found;
        }

        /**
         * Remembers the files of the folder, and no others. If that fails, nothing is lost but time.
         *
         * @param files sorted by path, with the stats that they had before they were read and still had afterwards
         * @param digests of these
         */
        public void save(List<ScannedFile> files, List<Digest> digests) {
            if (file == null || (allKnown && sameObjects(digests))) {
                return;
            }
            List<Integer> kept = new ArrayList<>();
            boolean same = true;
            for (int i = 0; i < files.size(); i++) {
                FileStat stat = files.get(i).stat();
                if (isSettled(stat.modified()) && isSettled(stat.changed())) {
                    int at = kept.size();
                    same = same
                            && at < known.paths.length
                            && known.paths[at].equals(files.get(i).path())
                            && known.stats[at].equals(stat)
                            && known.digests[at].equals(digests.get(i));
                    kept.add(i);
                }
            }
            if (same && kept.size() == known.paths.length) {
                return;
            }
            try {
                write(file, encode(files, digests, kept));
                forgetSome(file);
            } catch (IOException e) {
                LOG.info("What is known of the files of {} cannot be remembered in {}: {}", name, file, e.toString());
            }
        }

        /** Whether they are those that were found, and so nothing had to be read. */
        @SuppressWarnings("ReferenceEquality")
        private boolean sameObjects(List<Digest> digests) {
            for (int i = 0; i < digests.size(); i++) {
                if (digests.get(i) != known.digests[i]) {
                    return false;
                }
            }
            return digests.size() == known.digests.length;
        }

        /** Saturated times, which may stand for others, are from the future or 1677. */
        private boolean isSettled(long nanos) {
            return nanos != Long.MIN_VALUE && nanos <= settled;
        }

        private byte[] encode(List<ScannedFile> files, List<Digest> digests, List<Integer> kept) throws IOException {
            ByteArrayOutputStream bytes =
                    new ByteArrayOutputStream((int) Math.min(1 << 24, 64L + name.length() + 128L * kept.size()));
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(MAGIC);
            text(out, name);
            out.writeInt(kept.size());
            for (int i : kept) {
                FileStat stat = files.get(i).stat();
                text(out, files.get(i).path());
                out.writeLong(stat.size());
                out.writeLong(stat.modified());
                out.writeLong(stat.changed());
                out.writeLong(stat.inode());
                out.writeBytes(digests.get(i).hex());
            }
            out.flush();
            byte[] body = bytes.toByteArray();
            out.writeLong(checksum(body, body.length));
            return bytes.toByteArray();
        }
    }

    private static void write(Path file, byte[] content) throws IOException {
        Path folder = file.getParent();
        if (folder == null) {
            throw new IOException("no folder");
        }
        OwnerOnly.createFolders(folder);
        Path temporary = folder.resolve(UUID.randomUUID() + ".tmp");
        try {
            OwnerOnly.createFile(temporary);
            // Not a channel, which an interrupt would close; not forced: after a power cut it is a damaged cache, or
            // none.
            try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
                out.write(content);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private void forgetSome(Path justWritten) throws IOException {
        if (folder == null) {
            return;
        }
        Map<Path, Instant> ages = new HashMap<>();
        Instant left = clock.instant().minus(LEFT);
        try (Stream<Path> all = Files.list(folder)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                try {
                    Instant used = Files.getLastModifiedTime(each).toInstant();
                    String name = each.getFileName().toString();
                    if (name.endsWith(SUFFIX) && !each.equals(justWritten)) {
                        ages.put(each, used);
                    } else if (name.endsWith(".tmp") && used.isBefore(left)) {
                        Files.deleteIfExists(each);
                    }
                } catch (NoSuchFileException e) {
                    // Somebody else has forgotten it.
                }
            }
        }
        List<Path> oldest = ages.keySet().stream()
                .sorted(Comparator.comparing(ages::get))
                .limit(Math.max(0, ages.size() - (MAX_FOLDERS - 1)))
                .toList();
        for (Path each : oldest) {
            Files.deleteIfExists(each);
        }
    }
}
