package io.jvmlops.test.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDecorator;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ModelDecorator} does: its model keeps the whole contract of a model, answers as what it wraps, and
 * closes it.
 */
public abstract class ModelDecoratorContract extends InferenceModelContract {
    protected abstract ModelDecorator decorator();

    /** A fresh model to wrap, open. */
    protected abstract InferenceModel openBare();

    @Override
    protected final InferenceModel open() {
        return decorator().decorate(openBare());
    }

    @Test
    void isWhatItWraps() {
        try (InferenceModel bare = openBare();
                InferenceModel decorated = open()) {
            assertThat(decorated.digest()).isEqualTo(bare.digest());
            assertThat(decorated.flavor()).isEqualTo(bare.flavor());
            assertThat(decorated.signature()).isEqualTo(bare.signature());
            assertThat(decorated.descriptor()).isEqualTo(bare.descriptor());
        }
    }

    @Test
    void answersAsWhatItWraps() {
        try (InferenceModel bare = openBare();
                InferenceModel decorated = open()) {
            ModelRows.assertClose(decorated.predict(inputs()), bare.predict(inputs()), tolerance());
            // Asked again, when a cache would answer.
            ModelRows.assertClose(decorated.predict(inputs()), bare.predict(inputs()), tolerance());
        }
    }

    @Test
    void closesWhatItWraps() {
        InferenceModel bare = openBare();
        decorator().decorate(bare).close();
        assertThatThrownBy(() -> bare.predict(inputs())).isInstanceOf(ClosedException.class);
    }

    @Test
    void keepsTwoModelsApart() {
        InferenceModel closed = open();
        try (InferenceModel open = open()) {
            closed.close();
            assertThat(open.predict(inputs())).isNotNull();
        }
    }
}
