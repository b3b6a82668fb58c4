package io.jvmlops.api.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.lineage.Lineage.Entry;
import io.jvmlops.api.lineage.Lineage.State;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LineageNodeTest {
    private static final Digest DIGEST = new Digest("0123456789abcdef".repeat(4));

    static List<LineageNode> nodes() {
        return List.of(
                new LineageNode.Dataset("a:b/ü@\"c\"", DIGEST),
                new LineageNode.Dataset("two\u2028lines", DIGEST),
                new LineageNode.Run("0123_-x"),
                new LineageNode.Artifact("host:run\u2028:1", "b\u2029c", DIGEST),
                new LineageNode.Artifact("run-1", "models/a b/@x#y.bin", DIGEST),
                new LineageNode.Version("a model-ü", 17),
                new LineageNode.AliasMove("a model-ü", "champion.eu", 42));
    }

    @ParameterizedTest
    @MethodSource("nodes")
    void anIdIsReadBack(LineageNode node) {
        assertThat(node.id()).startsWith(node.kind() + ":");
        assertThat(LineageNode.parse(node.id())).isEqualTo(node);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "run",
                "run:",
                "iris/3",
                "model_version:iris",
                "model_version:iris@champion",
                "model_version:iris/0",
                "dataset:iris",
                "dataset:0123:iris",
                "artifact:r:x",
                "alias_move:iris@champion",
                "alias_move:-1:iris@champion",
                "alias_move:99999999999999999999:iris@champion",
                "prediction:1",
                "run:a\nb"
            })
    void whatIsNoIdIsRefused(String text) {
        assertThatThrownBy(() -> LineageNode.parse(text)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void aGraphHoldsTogether() {
        LineageNode run = new LineageNode.Run("r");
        LineageNode version = new LineageNode.Version("m", 1);
        Entry ofRun = new Entry(run, State.PRESENT, Map.of());
        LineageEdge edge = new LineageEdge(version, LineageRelation.WAS_GENERATED_BY, run);
        assertThatThrownBy(() -> new Lineage(run, List.of(ofRun), List.of(edge), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Lineage(version, List.of(ofRun), List.of(), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Lineage(run, List.of(ofRun, ofRun), List.of(), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(edge).hasToString("model_version:m/1 wasGeneratedBy run:r");
    }
}
