package io.jvmlops.tracking.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.model.ModelSignature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SignatureTextPropertyTest {
    @Provide
    Arbitrary<ModelSignature> signatures() {
        Arbitrary<List<TensorSpec>> side = specs().list().ofMaxSize(4);
        return Combinators.combine(side, side).as(ModelSignature::new);
    }

    private static Arbitrary<TensorSpec> specs() {
        // All of UTF-16, half characters and NUL among it.
        Arbitrary<String> names = Arbitraries.strings().all().ofMaxLength(12);
        Arbitrary<Long> dims = Arbitraries.longs().between(-1, Long.MAX_VALUE);
        Arbitrary<DataType> types = Arbitraries.of(DataType.class);
        Arbitrary<TensorSpec> plain = Combinators.combine(
                        names, types, dims.list().ofMaxSize(5))
                .as((name, type, shape) -> new TensorSpec(name, type, shape(shape), List.of()));
        Arbitrary<TensorSpec> withColumns = Combinators.combine(
                        names,
                        types,
                        dims.list().ofMaxSize(3),
                        names.list().ofMinSize(1).ofMaxSize(6))
                .as((name, type, shape, columns) -> {
                    List<Long> full = new ArrayList<>(shape);
                    full.add(columns.hashCode() % 2 == 0 ? -1L : columns.size());
                    return new TensorSpec(name, type, shape(full), columns);
                });
        return Arbitraries.oneOf(plain, withColumns);
    }

    private static Shape shape(List<Long> dims) {
        return Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
    }

    @Property(tries = 500)
    void whatIsReadIsWhatWasWritten(@ForAll("signatures") ModelSignature signature) throws IOException {
        String text = SignatureText.write(signature);
        assertThat(text).matches("[ -\\x7F]*");
        assertThat(SignatureText.read(text)).isEqualTo(signature);
    }

    @Property(tries = 500)
    void damagedTextIsRefusedOrIsASignature(
            @ForAll("signatures") ModelSignature signature,
            @ForAll int position,
            @ForAll @IntRange(min = 1, max = 127) int flip) {
        char[] text = SignatureText.write(signature).toCharArray();
        text[Math.floorMod(position, text.length)] ^= (char) flip;
        try {
            // A name may have become another one; only nothing else may happen.
            assertThat(SignatureText.read(new String(text))).isNotNull();
        } catch (IOException refused) {
            assertThat(refused).hasMessageMatching("(?s).+");
        }
    }

    @Property(tries = 200)
    void cutTextIsRefused(@ForAll("signatures") ModelSignature signature, @ForAll int position) {
        String text = SignatureText.write(signature);
        assertThatThrownBy(() -> SignatureText.read(text.substring(0, Math.floorMod(position, text.length()))))
                .isInstanceOf(IOException.class);
    }

    @Test
    void textOfSomethingElseIsRefused() {
        for (String text : List.of(
                "",
                "null",
                "[]",
                "{}",
                "{\"inputs\":[]}",
                "{\"inputs\":[],\"outputs\":[],\"inputs\":[]}",
                "{\"inputs\":[],\"outputs\":[]} {}",
                "{\"inputs\":[],\"outputs\":[],\"more\":1}",
                "{\"inputs\":[1],\"outputs\":[]}",
                "{\"inputs\":[{}],\"outputs\":[]}",
                "{\"inputs\":[{\"name\":\"x\",\"type\":\"FP31\",\"shape\":[]}],\"outputs\":[]}",
                "{\"inputs\":[{\"name\":\"x\",\"type\":\"FP32\",\"shape\":[-2]}],\"outputs\":[]}",
                "{\"inputs\":[{\"name\":\"x\",\"type\":\"FP32\",\"shape\":[1e3]}],\"outputs\":[]}",
                "{\"inputs\":[{\"name\":\"x\",\"type\":\"FP32\",\"shape\":[99999999999999999999]}],\"outputs\":[]}",
                "{\"inputs\":[{\"name\":\"x\",\"type\":\"FP32\",\"shape\":[2],\"columns\":[\"a\"]}],\"outputs\":[]}",
                "{\"inputs\":[{\"name\":\"x\",\"type\":\"FP32\",\"shape\":[2],\"columns\":[null]}],\"outputs\":[]}")) {
            assertThatThrownBy(() -> SignatureText.read(text)).as(text).isInstanceOf(IOException.class);
        }
    }
}
