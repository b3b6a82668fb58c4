package io.jvmlops.serving.tribuo;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.Digest;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tribuo.Example;
import org.tribuo.classification.Label;
import org.tribuo.impl.ArrayExample;

class ExampleDigestTest {
    private static Example<Label> example(String label, float weight, String name, double value) {
        ArrayExample<Label> example = new ArrayExample<>(new Label(label), new String[] {name}, new double[] {value});
        example.setWeight(weight);
        return example;
    }

    @Test
    void isOverTheBytesThatItSays() throws IOException {
        List<Example<Label>> examples = new ArrayList<>();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write("jvmlops tribuo examples 1\n".getBytes(StandardCharsets.UTF_8));
            // More than fits in the buffer, with a name that does not fit by itself.
            for (int i = 0; i < 2_000; i++) {
                String name = i == 1_000 ? "x".repeat(100_000) : "Größe " + i;
                examples.add(example("yes", 0.5f, name, i / 3.0));
                byte[] output = new Label("yes").serialize().toByteArray();
                out.writeInt(output.length);
                out.write(output);
                out.writeFloat(0.5f);
                out.writeInt(1);
                byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
                out.writeInt(utf8.length);
                out.write(utf8);
                out.writeDouble(i / 3.0);
            }
        }
        assertThat(ExampleDigest.of(examples)).isEqualTo(Digest.of(bytes.toByteArray()));
    }

    /** It is in people's stores: if this fails, data that have not changed would be other data. */
    @Test
    void staysWhatItWas() {
        assertThat(ExampleDigest.of(List.of(example("yes", 1, "a", 1.5), example("no", 2, "b", -0.0))))
                .hasToString("sha256:366416de5547c14a7795158ec0e8f64307833235350431e0fd69c1a74c80b359");
        assertThat(ExampleDigest.of(List.of()))
                .isEqualTo(Digest.of("jvmlops tribuo examples 1\n".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void everythingThatIsLearnedFromCounts() {
        List<Example<Label>> all = List.of(
                example("yes", 1, "a", 1),
                example("no", 1, "a", 1),
                example("yes", 2, "a", 1),
                example("yes", 1, "b", 1),
                example("yes", 1, "a", 1.0000000000000002));
        assertThat(all.stream()
                        .map(example -> ExampleDigest.of(List.of(example)))
                        .distinct())
                .hasSize(all.size());
        assertThat(ExampleDigest.of(all.subList(0, 2))).isNotEqualTo(ExampleDigest.of(List.of(all.get(1), all.get(0))));
    }
}
