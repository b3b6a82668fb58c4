package io.jvmlops.serving.tribuo;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.jvmlops.api.artifact.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.tribuo.Example;
import org.tribuo.Feature;

/**
 * A digest over the content of examples, the same for the same examples in the same order, on every machine.
 *
 * <p>It is the SHA-256 over the line {@code jvmlops tribuo examples 1\n} and then, for each example: its output as Tribuo's
 * protobuf message with the message's length before it, its weight, the number of its features, and for each feature in
 * order its name in UTF-8 with the length before it, and its value. Numbers are big-endian, lengths and counts 4 bytes,
 * weights the bits of a {@code float}, values those of a {@code double}. Metadata of examples do not count: nothing learns
 * from them.
 */
final class ExampleDigest {
    private static final byte[] HEADER = "jvmlops tribuo examples 1\n".getBytes(StandardCharsets.UTF_8);

    private final MessageDigest hasher = Digest.newHasher();
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);

    private ExampleDigest() {}

    static Digest of(Iterable<? extends Example<?>> examples) {
        ExampleDigest digest = new ExampleDigest();
        digest.put(HEADER);
        for (Example<?> example : examples) {
            digest.put(example);
        }
        digest.drain();
        return Digest.finish(digest.hasher);
    }

    private void put(Example<?> example) {
        byte[] output = bytes(example.getOutput().serialize());
        room(4).putInt(output.length);
        put(output);
        room(8).putFloat(example.getWeight()).putInt(example.size());
        for (Feature feature : example) {
            byte[] name = feature.getName().getBytes(StandardCharsets.UTF_8);
            room(4).putInt(name.length);
            put(name);
            room(8).putDouble(feature.getValue());
        }
    }

    private static byte[] bytes(Message message) {
        byte[] bytes = new byte[message.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            message.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("an array has no I/O", e);
        }
        return bytes;
    }

    private void put(byte[] bytes) {
        if (bytes.length > buffer.remaining()) {
            drain();
        }
        if (bytes.length > buffer.remaining()) {
            hasher.update(bytes);
        } else {
            buffer.put(bytes);
        }
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            drain();
        }
        return buffer;
    }

    private void drain() {
        hasher.update(buffer.flip());
        buffer.clear();
    }
}
