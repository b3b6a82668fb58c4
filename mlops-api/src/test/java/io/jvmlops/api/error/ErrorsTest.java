package io.jvmlops.api.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErrorsTest {
    @Test
    void sayWhetherARetryCanHelp() {
        assertThat(new OverloadedException("x").retryable()).isTrue();
        assertThat(new TimedOutException("x").retryable()).isTrue();
        assertThat(new StorageException("x", null, true).retryable()).isTrue();
        assertThat(new StorageException("x", null).retryable()).isFalse();
        assertThat(new ConflictException("x").retryable()).isFalse();
        assertThat(new NotFoundException("x").retryable()).isFalse();
    }

    @Test
    void invalidInputTellsAllMismatchesAtOnce() {
        InvalidInputException e = new InvalidInputException("input of iris/3", List.of("a is missing", "b is FP64"));
        assertThat(e).hasMessage("input of iris/3: a is missing; b is FP64");
        assertThat(e.mismatches()).containsExactly("a is missing", "b is FP64");
    }

    @Test
    void survivesTheSerializationThatLoggersAndRemotingDo() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new InvalidInputException("subject", List.of("a", "b")));
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            InvalidInputException back = (InvalidInputException) in.readObject();
            assertThat(back).hasMessage("subject: a; b");
            assertThat(back.mismatches()).containsExactly("subject: a; b");
        }
    }
}
