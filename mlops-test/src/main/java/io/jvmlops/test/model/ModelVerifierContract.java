package io.jvmlops.test.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelVerifier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every {@link ModelVerifier} does. */
public abstract class ModelVerifierContract {
    protected abstract ModelVerifier verifier();

    /** Files that may be loaded. */
    protected abstract ModelFiles accepted();

    /** Files that may not. */
    protected abstract ModelFiles refused();

    @Test
    void letsGoodFilesPass() {
        assertThatCode(() -> verifier().verify(accepted())).doesNotThrowAnyException();
    }

    @Test
    void refusesOthersAndSaysWhy() {
        assertThatThrownBy(() -> verifier().verify(refused()))
                .isInstanceOf(IntegrityException.class)
                .satisfies(e -> assertThat(e.getMessage()).isNotBlank());
    }

    @Test
    void decidesTheSameForManyThreads() throws Exception {
        ModelVerifier verifier = verifier();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> decisions = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                boolean good = i % 2 == 0;
                decisions.add(threads.submit(() -> {
                    if (good) {
                        verifier.verify(accepted());
                    } else {
                        assertThatThrownBy(() -> verifier.verify(refused())).isInstanceOf(IntegrityException.class);
                    }
                }));
            }
            for (Future<?> decision : decisions) {
                decision.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
