package io.jvmlops.serving.tribuo;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.metadata.Keys;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TextsPropertyTest {
    @Provide
    Arbitrary<String> anything() {
        // All chars: halves of surrogates, controls and NUL too.
        return Arbitraries.strings().all().ofMinLength(0).ofMaxLength(600);
    }

    @Property(tries = 300)
    void whateverTribuoCallsItIsAKey(@ForAll("anything") String text) {
        Keys.check("key", Texts.key(text));
    }

    @Property(tries = 300)
    void whateverItHoldsIsAValue(@ForAll("anything") String text) {
        Keys.checkValue("value", Texts.value(text, 100), 100);
    }

    @Property(tries = 100)
    void longKeysThatDifferAtTheEndStayTwo(@ForAll("anything") String text) {
        String start = "x".repeat(300) + text;
        assertThat(Texts.key(start + "a")).isNotEqualTo(Texts.key(start + "b"));
    }
}
