package io.jvmlops.monitoring;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.monitoring.internal.SealedForm;
import io.jvmlops.monitoring.profile.WindowProfile;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What a monitor keeps over a restart. Stored big-endian as
 *
 * <pre>
 * "JMPS" version:u8=1 opened:instant window list(from:instant to:instant window) crc32c-of-all-before:u32
 * instant = seconds:i64 nanos:i32
 * window  = length:i32 bytes of {@link WindowProfile#toBytes}
 * </pre>
 *
 * @param open what was counted since
 * @param closed windows that later ones are compared with, the oldest first; of more than {@value #MAX_CLOSED_BYTES} bytes,
 *     the latest are stored
 */
record WindowState(Instant openedAt, WindowProfile open, List<Closed> closed) {
    /** JMPS. */
    private static final SealedForm FORM = new SealedForm(0x4A4D5053, 1, "stored state of a monitor");

    /** Stores have limits. */
    static final int MAX_CLOSED_BYTES = 32 << 20;

    /** Some 30,000 years: with those beyond, times could not be reckoned. */
    private static final long MAX_SECONDS = 1L << 40;

    private static final int NANOS = 1_000_000_000;

    /** A window that has ended. */
    record Closed(Instant from, Instant to, WindowProfile profile) {}

    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            write(out, openedAt);
            write(out, open.toBytes());
            Deque<byte[]> latest = latest();
            out.writeInt(latest.size());
            for (Closed window : closed.subList(closed.size() - latest.size(), closed.size())) {
                write(out, window.from());
                write(out, window.to());
                write(out, latest.removeFirst());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be written", e);
        }
        return FORM.seal(bytes.toByteArray());
    }

    /** The bytes of as many of the latest closed windows as may be stored. */
    private Deque<byte[]> latest() {
        Deque<byte[]> latest = new ArrayDeque<>();
        long size = 0;
        for (int i = closed.size() - 1; i >= 0; i--) {
            byte[] window = closed.get(i).profile().toBytes();
            size += window.length;
            if (size > MAX_CLOSED_BYTES) {
                break;
            }
            latest.addFirst(window);
        }
        return latest;
    }

    private static void write(DataOutputStream out, Instant instant) throws IOException {
        out.writeLong(instant.getEpochSecond());
        out.writeInt(instant.getNano());
    }

    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /** @throws InvalidInputException if the bytes are damaged, cut short, or of an unknown version */
    static WindowState parse(byte[] bytes) {
        ByteBuffer in = FORM.open(bytes);
        try {
            Instant openedAt = readInstant(in);
            WindowProfile open = readWindow(in);
            int size = in.getInt();
            List<Closed> closed = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                closed.add(new Closed(readInstant(in), readInstant(in), readWindow(in)));
            }
            if (size < 0 || in.hasRemaining()) {
                throw FORM.invalid("it does not end where it says");
            }
            return new WindowState(openedAt, open, closed);
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw FORM.invalid("it ends too early");
        }
    }

    private static Instant readInstant(ByteBuffer in) {
        long seconds = in.getLong();
        int nanos = in.getInt();
        if (seconds < -MAX_SECONDS || seconds > MAX_SECONDS || nanos < 0 || nanos >= NANOS) {
            throw FORM.invalid("a time of " + seconds + " seconds and " + nanos + " nanoseconds is none");
        }
        return Instant.ofEpochSecond(seconds, nanos);
    }

    private static WindowProfile readWindow(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw FORM.invalid("a window of " + length + " bytes does not fit the " + in.remaining() + " left");
        }
        byte[] window = new byte[length];
        in.get(window);
        return WindowProfile.parse(window);
    }
}
