package io.jvmlops.api.search;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jvmlops.api.error.InvalidInputException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Tokens of pages: version, 8 bytes of a digest of what is searched, 8 bytes of one of the orders, the values of the
 * key, CRC-32 of all that; as base64 for URLs.
 */
final class Tokens {
    private static final byte VERSION = 1;
    private static final byte MISSING = 0;
    private static final byte NUMBER = 1;
    private static final byte TEXT = 2;

    private Tokens() {}

    static String encode(Search search, SortKey key) {
        requireFits(search, key);
        List<byte[]> texts = new ArrayList<>();
        int size = 1 + 8 + 8 + 4;
        for (SortKey.Value value : key.values()) {
            byte[] text = value instanceof SortKey.TextValue t ? t.value().getBytes(UTF_8) : new byte[0];
            texts.add(text);
            size += value instanceof SortKey.Missing ? 1 : value instanceof SortKey.NumberValue ? 9 : 5 + text.length;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.put(VERSION).putLong(what(search)).putLong(order(search));
        for (int i = 0; i < texts.size(); i++) {
            SortKey.Value value = key.values().get(i);
            if (value instanceof SortKey.NumberValue number) {
                out.put(NUMBER).putDouble(number.value());
            } else if (value instanceof SortKey.TextValue) {
                out.put(TEXT).putInt(texts.get(i).length).put(texts.get(i));
            } else {
                out.put(MISSING);
            }
        }
        out.putInt(checksum(out.array(), out.position()));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(out.array());
    }

    static SortKey decode(Search search, String token) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            throw damaged(search);
        }
        int end = bytes.length - 4;
        if (end < 17 || checksum(bytes, end) != ByteBuffer.wrap(bytes).getInt(end)) {
            throw damaged(search);
        }
        if (bytes[0] != VERSION) {
            throw new InvalidInputException("page token of another version (" + bytes[0] + ", here it is " + VERSION
                    + "); search " + search.subject().name() + " again from the first page");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, end - 1);
        requireSame(search, "filter or scope", in.getLong(), what(search));
        requireSame(search, "order", in.getLong(), order(search));
        try {
            List<SortKey.Value> values = new ArrayList<>();
            while (in.hasRemaining()) {
                values.add(
                        switch (in.get()) {
                            case MISSING -> new SortKey.Missing();
                            case NUMBER -> new SortKey.NumberValue(in.getDouble());
                            case TEXT -> new SortKey.TextValue(text(in));
                            default -> throw damaged(search);
                        });
            }
            SortKey key = new SortKey(values);
            requireFits(search, key);
            return key;
        } catch (BufferUnderflowException | CharacterCodingException | IllegalArgumentException e) {
            throw damaged(search);
        }
    }

    private static String text(ByteBuffer in) throws CharacterCodingException {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer slice = in.slice(in.position(), length);
        in.position(in.position() + length);
        return UTF_8.newDecoder().decode(slice).toString();
    }

    private static void requireFits(Search search, SortKey key) {
        List<Order> orders = search.orders();
        boolean fits = key.values().size() == orders.size();
        for (int i = 0; fits && i < orders.size(); i++) {
            SortKey.Value value = key.values().get(i);
            fits = value instanceof SortKey.Missing
                    || value instanceof SortKey.NumberValue == orders.get(i).field() instanceof NumberField;
        }
        if (!fits) {
            throw new IllegalArgumentException("key " + key + " does not fit the orders " + orders);
        }
    }

    private static InvalidInputException damaged(Search search) {
        return new InvalidInputException("page token is damaged or none of ours; expected the one that came with the"
                + " page before, or none for the first page of "
                + search.subject().name());
    }

    private static void requireSame(Search search, String what, long found, long expected) {
        if (found != expected) {
            throw new InvalidInputException("page token of a search with another " + what
                    + "; expected the token of this search of "
                    + search.subject().name()
                    + ", or none for its first page");
        }
    }

    private static long what(Search search) {
        return digest(search.subject().name(), search.scope(), search.filter().toString());
    }

    private static long order(Search search) {
        return digest(search.orders().stream().map(Order::toString).toArray(String[]::new));
    }

    private static long digest(String... parts) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        for (String part : parts) {
            byte[] bytes = part.getBytes(UTF_8);
            digest.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
            digest.update(bytes);
        }
        return ByteBuffer.wrap(Arrays.copyOf(digest.digest(), 8)).getLong();
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
