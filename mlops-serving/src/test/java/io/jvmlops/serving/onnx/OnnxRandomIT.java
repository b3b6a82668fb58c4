package io.jvmlops.serving.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import io.jvmlops.serving.cache.CacheSpec;
import io.jvmlops.serving.cache.CacheStatus;
import io.jvmlops.serving.cache.PredictionCache;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that draw random numbers say so, wherever in the file the operator is. */
class OnnxRandomIT {
    private static final int FLOAT = 1;
    private static final int BOOL = 9;
    private static final Tensors ROW = Tensors.of("x", Tensor.transfer(new float[4], 1, 4));

    private static NodeProto.Builder node(String operator, String output, String... inputs) {
        NodeProto.Builder node = NodeProto.newBuilder().setOpType(operator).addOutput(output);
        for (String input : inputs) {
            node.addInput(input);
        }
        return node;
    }

    /** From rows of four to rows of four. */
    private static GraphProto.Builder graph(NodeProto.Builder... nodes) {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .setName("g")
                .addInput(LoopModel.value("x", FLOAT, "n", 4))
                .addOutput(LoopModel.value("y", FLOAT, "n", 4));
        for (NodeProto.Builder node : nodes) {
            graph.addNode(node);
        }
        return graph;
    }

    private static ModelProto.Builder model(GraphProto.Builder graph) {
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(15))
                .setGraph(graph);
    }

    private static TensorProto.Builder bool(String name, boolean value) {
        return TensorProto.newBuilder().setName(name).setDataType(BOOL).addInt32Data(value ? 1 : 0);
    }

    private static boolean isDeterministic(ModelProto.Builder model) {
        return OnnxFile.parse(model.build().toByteArray(), "file").isDeterministic();
    }

    private static InferenceModel load(ModelProto.Builder model) {
        return Models.load(
                ModelSource.bytes("model.onnx", model.build().toByteArray()).trusted());
    }

    private static ModelProto.Builder noise() {
        return model(graph(node("RandomNormalLike", "r", "x"), node("Add", "y", "x", "r")));
    }

    @Test
    void aModelThatDrawsIsNeverCached() {
        try (InferenceModel model = load(noise());
                PredictionCache cache = new PredictionCache(CacheSpec.maxBytes(1_000_000))) {
            assertThat(model.isDeterministic()).isFalse();
            try (InferenceModel cached = cache.around("noise", model)) {
                assertThat(cached.isDeterministic()).isFalse();
                assertThat(cached.predict(ROW)).isNotEqualTo(cached.predict(ROW));
                assertThat(cache.entries()).isZero();
                CacheStatus status = cache.status(cached);
                assertThat(status.calls()).allSatisfy(calls -> {
                    assertThat(calls.state()).isEqualTo(CacheStatus.State.NON_DETERMINISTIC);
                    assertThat(calls.reason()).isEqualTo("the model says that it is not deterministic");
                });
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RandomNormal",
                "RandomNormalLike",
                "RandomUniform",
                "RandomUniformLike",
                "Multinomial",
                "Bernoulli"
            })
    void everyOperatorThatDrawsIsKnown(String operator) {
        assertThat(isDeterministic(model(graph(node(operator, "y", "x"))))).isFalse();
        assertThat(isDeterministic(model(graph(node(operator, "y", "x").setDomain("ai.onnx")))))
                .isFalse();
        assertThat(isDeterministic(model(graph(node(operator, "y", "x").setDomain("my.own")))))
                .as("another's operator of that name")
                .isTrue();
    }

    @Test
    void graphsWithinAndFunctionsAreLookedAt() {
        GraphProto.Builder within = GraphProto.newBuilder()
                .setName("within")
                .addNode(node("RandomNormalLike", "drawn", "x"))
                .addOutput(LoopModel.value("drawn", FLOAT, "n", 4));
        GraphProto.Builder otherwise = GraphProto.newBuilder()
                .setName("otherwise")
                .addNode(node("Identity", "same", "x"))
                .addOutput(LoopModel.value("same", FLOAT, "n", 4));
        NodeProto.Builder branch = node("If", "y", "yes")
                .addAttribute(AttributeProto.newBuilder()
                        .setName("then_branch")
                        .setType(AttributeProto.AttributeType.GRAPH)
                        .setG(within))
                .addAttribute(AttributeProto.newBuilder()
                        .setName("else_branch")
                        .setType(AttributeProto.AttributeType.GRAPH)
                        .setG(otherwise));
        ModelProto.Builder nested = model(graph(branch).addInitializer(bool("yes", true)));
        assertThat(isDeterministic(nested)).isFalse();
        try (InferenceModel model = load(nested)) {
            assertThat(model.isDeterministic()).isFalse();
            assertThat(model.predict(ROW)).isNotEqualTo(model.predict(ROW));
        }
        ModelProto.Builder function = model(graph(node("Noise", "y", "x").setDomain("my.own")))
                .addFunctions(FunctionProto.newBuilder()
                        .setName("Noise")
                        .setDomain("my.own")
                        .addInput("a")
                        .addOutput("b")
                        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(15))
                        .addNode(node("RandomNormalLike", "b", "a")))
                .addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain("my.own").setVersion(1));
        assertThat(isDeterministic(function)).isFalse();
    }

    @Test
    void aDropoutDrawsWhileItTrains() {
        TensorProto.Builder ratio =
                TensorProto.newBuilder().setName("ratio").setDataType(FLOAT).addFloatData(0.5f);
        assertThat(isDeterministic(model(graph(node("Dropout", "y", "x"))))).isTrue();
        assertThat(isDeterministic(
                        model(graph(node("Dropout", "y", "x", "ratio")).addInitializer(ratio))))
                .isTrue();
        ModelProto.Builder off = model(graph(node("Dropout", "y", "x", "ratio", "training"))
                .addInitializer(ratio)
                .addInitializer(bool("training", false)));
        try (InferenceModel model = load(off)) {
            assertThat(model.isDeterministic()).isTrue();
            assertThat(model.predict(ROW)).isEqualTo(model.predict(ROW));
        }
        assertThat(isDeterministic(model(graph(node("Dropout", "y", "x", "ratio", "training"))
                        .addInitializer(ratio)
                        .addInitializer(TensorProto.newBuilder()
                                .setName("training")
                                .setDataType(BOOL)
                                .setRawData(ByteString.copyFrom(new byte[] {0}))))))
                .isTrue();
        ModelProto.Builder on = model(graph(node("Dropout", "y", "x", "ratio", "training"))
                .addInitializer(ratio)
                .addInitializer(bool("training", true)));
        assertThat(isDeterministic(on)).isFalse();
        assertThat(isDeterministic(
                        model(graph(node("Dropout", "y", "x", "ratio", "training"), node("Cast", "training", "ratio"))
                                .addInitializer(ratio))))
                .as("nobody knows what is computed")
                .isFalse();
    }

    @Test
    void modelsThatDrawNothingSaySo() {
        try (InferenceModel model = load(model(graph(node("Relu", "y", "x"))))) {
            assertThat(model.isDeterministic()).isTrue();
        }
    }
}
