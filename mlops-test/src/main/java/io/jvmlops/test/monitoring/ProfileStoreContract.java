package io.jvmlops.test.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.monitoring.ProfileStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every {@link ProfileStore} does. Extend it and say how to open an empty one. */
public abstract class ProfileStoreContract {
    private static final Digest MODEL = Digest.of(bytes("model"));
    private static final Digest OTHER_MODEL = Digest.of(bytes("another model"));

    /** An empty store; asked once a test. */
    protected abstract ProfileStore openEmpty();

    @Test
    void anEmptyStoreHasNothing() {
        ProfileStore store = openEmpty();

        assertThat(store.get(MODEL, ProfileStore.REFERENCE)).isEmpty();
        assertThat(store.names(MODEL)).isEmpty();
    }

    @Test
    void whatWasPutIsThere() {
        ProfileStore store = openEmpty();

        store.put(MODEL, ProfileStore.REFERENCE, bytes("profile"));

        assertThat(store.get(MODEL, ProfileStore.REFERENCE)).contains(bytes("profile"));
        assertThat(store.names(MODEL)).containsExactly(ProfileStore.REFERENCE);
    }

    @Test
    void theLaterOfOneNameReplacesTheEarlierWhateverTheirLengths() {
        ProfileStore store = openEmpty();

        store.put(MODEL, "a", bytes("a long first profile"));
        store.put(MODEL, "a", bytes("short"));
        assertThat(store.get(MODEL, "a")).contains(bytes("short"));

        store.put(MODEL, "a", new byte[0]);
        assertThat(store.get(MODEL, "a")).contains(new byte[0]);
        assertThat(store.names(MODEL)).containsExactly("a");
    }

    @Test
    void modelsAndNamesAreApart() {
        ProfileStore store = openEmpty();

        store.put(MODEL, "a", bytes("1"));
        store.put(MODEL, "b", bytes("2"));
        store.put(OTHER_MODEL, "a", bytes("3"));

        assertThat(store.get(MODEL, "a")).contains(bytes("1"));
        assertThat(store.get(MODEL, "b")).contains(bytes("2"));
        assertThat(store.get(OTHER_MODEL, "a")).contains(bytes("3"));
        assertThat(store.get(OTHER_MODEL, "b")).isEmpty();
    }

    @Test
    void namesAreSorted() {
        ProfileStore store = openEmpty();
        for (String name : List.of("window-2", "reference", "window-10", "0", "window-1")) {
            store.put(MODEL, name, bytes(name));
        }

        assertThat(store.names(MODEL)).containsExactly("0", "reference", "window-1", "window-10", "window-2");
        assertThat(store.names(OTHER_MODEL)).isEmpty();
    }

    @Test
    void everyAllowedNameWorks() {
        ProfileStore store = openEmpty();
        List<String> names = List.of("x", "2026-01-31", "a_b.c-d", "a..b", "a.profile", "n".repeat(64));

        for (String name : names) {
            store.put(MODEL, name, bytes(name));
        }

        for (String name : names) {
            assertThat(store.get(MODEL, name)).contains(bytes(name));
        }
        assertThat(store.names(MODEL)).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void otherNamesAreRefusedAndNothingIsStored() {
        ProfileStore store = openEmpty();
        List<String> names = List.of(
                "",
                ".",
                "..",
                "../x",
                "a/b",
                "a\\b",
                "/etc/x",
                "-a",
                "_a",
                ".a",
                "a b",
                "a\u0000",
                "ä",
                "a:b",
                "n".repeat(65));

        for (String name : names) {
            assertThatThrownBy(() -> store.put(MODEL, name, bytes("x")))
                    .as("put '%s'", name)
                    .isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> store.get(MODEL, name))
                    .as("get '%s'", name)
                    .isInstanceOf(InvalidInputException.class);
        }
        assertThat(store.names(MODEL)).isEmpty();
    }

    @Test
    void arraysAreNotShared() {
        ProfileStore store = openEmpty();
        byte[] given = bytes("profile");
        store.put(MODEL, "a", given);

        given[0] = 'X';
        store.get(MODEL, "a").orElseThrow()[0] = 'Y';

        assertThat(store.get(MODEL, "a")).contains(bytes("profile"));
    }

    @Test
    void aMegabyteOfAllBytesSurvives() {
        ProfileStore store = openEmpty();
        byte[] profile = new byte[1 << 20];
        for (int i = 0; i < profile.length; i++) {
            profile[i] = (byte) (i * 31 + (i >> 8));
        }

        store.put(MODEL, "large", profile);

        assertThat(store.get(MODEL, "large")).contains(profile);
    }

    @Test
    void anInterruptedThreadCanStoreAndReadAndStaysInterrupted() {
        ProfileStore store = openEmpty();
        Optional<byte[]> found;
        Thread.currentThread().interrupt();
        try {
            store.put(MODEL, "a", bytes("last window before the end"));
            found = store.get(MODEL, "a");
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        assertThat(found).contains(bytes("last window before the end"));
        assertThat(store.names(MODEL)).containsExactly("a");
    }

    @Test
    void readersSeeWholeProfilesWhileOthersWrite() throws Exception {
        ProfileStore store = openEmpty();
        int threads = 4;
        int rounds = 50;
        store.put(MODEL, "a", uniform((byte) 0));
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                byte value = (byte) t;
                tasks.add(() -> {
                    boolean whole = true;
                    for (int i = 0; i < rounds; i++) {
                        store.put(MODEL, "a", uniform(value));
                        byte[] found = store.get(MODEL, "a").orElseThrow();
                        whole &= Arrays.equals(found, uniform(found.length == 0 ? -1 : found[0]));
                    }
                    return whole;
                });
            }
            for (Future<Boolean> task : executor.invokeAll(tasks)) {
                assertThat(task.get()).isTrue();
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(store.names(MODEL)).containsExactly("a");
    }

    /** Its length tells its value too. */
    private static byte[] uniform(byte value) {
        byte[] bytes = new byte[5000 + 100 * value];
        Arrays.fill(bytes, value);
        return bytes;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
