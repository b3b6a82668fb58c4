package io.jvmlops.serving.onnx;

import static io.jvmlops.serving.onnx.LoopModel.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Graphs of one or two nodes, at the edges of what a model may be. */
class OnnxEdgesIT {
    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int STRING = 8;

    private static InferenceModel open(byte[] onnx) {
        return Models.load(ModelSource.bytes("model.onnx", onnx).trusted());
    }

    private static InferenceModel open(GraphProto.Builder graph) {
        return open(model(graph).toByteArray());
    }

    private static ModelProto model(GraphProto.Builder graph) {
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
                .addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain("ai.onnx.ml").setVersion(2))
                .setGraph(graph.setName("g"))
                .build();
    }

    private static NodeProto.Builder node(String op, List<String> inputs, String output) {
        return NodeProto.newBuilder().setOpType(op).addAllInput(inputs).addOutput(output);
    }

    private static AttributeProto.Builder ints(String name, long... values) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        return attribute;
    }

    private static Tensors x(float[] values, long... shape) {
        return Tensors.of("x", Tensor.copyOf(values, shape));
    }

    @Test
    void anOutputThatIsAnInputComesBackAsItWentIn() {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addNode(node("Neg", List.of("x"), "y"))
                .addInput(value("x", FLOAT, "n", 2))
                .addOutput(value("x", FLOAT, "n", 2))
                .addOutput(value("y", FLOAT, "n", 2));
        try (InferenceModel model = open(graph)) {
            for (float v = 1; v < 4; v++) {
                Tensors answer = model.predict(x(new float[] {v, v + 1}, 1, 2));
                assertThat(answer.get("x").toDoubleArray()).containsExactly(v, v + 1);
                assertThat(answer.get("y").toDoubleArray()).containsExactly(-v, -v - 1);
            }
        }
    }

    @Test
    void anOutputThatIsAConstantComesBack() {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addNode(node("Neg", List.of("x"), "y"))
                .addInitializer(TensorProto.newBuilder()
                        .setName("c")
                        .setDataType(FLOAT)
                        .addDims(2)
                        .addFloatData(5)
                        .addFloatData(6))
                .addInput(value("x", FLOAT, "n", 2))
                .addOutput(value("c", FLOAT, 2))
                .addOutput(value("y", FLOAT, "n", 2));
        try (InferenceModel model = open(graph)) {
            for (int i = 0; i < 3; i++) {
                Tensors answer = model.predict(x(new float[] {1, 2}, 1, 2));
                assertThat(answer.get("c").toDoubleArray()).containsExactly(5, 6);
            }
        }
    }

    @Test
    void identityAndReshapedViewsComeBack() {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addNode(node("Identity", List.of("x"), "y"))
                .addNode(node("Flatten", List.of("x"), "z"))
                .addInput(value("x", FLOAT, "n", 2))
                .addOutput(value("y", FLOAT, "n", 2))
                .addOutput(value("z", FLOAT, "n", 2));
        try (InferenceModel model = open(graph)) {
            for (float v = 1; v < 4; v++) {
                Tensors answer = model.predict(x(new float[] {v, v + 1}, 1, 2));
                assertThat(answer.get("y").toDoubleArray()).containsExactly(v, v + 1);
                assertThat(answer.get("z").toDoubleArray()).containsExactly(v, v + 1);
            }
        }
    }

    @Test
    void aScalarOutputOfNoRowsIsNoCrash() {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addNode(node("ReduceMax", List.of("x"), "y")
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("keepdims")
                                .setType(AttributeProto.AttributeType.INT)
                                .setI(0)))
                .addInput(value("x", FLOAT, "n", 2))
                .addOutput(value("y", FLOAT));
        try (InferenceModel model = open(graph)) {
            assertThat(model.predict(x(new float[] {1, 7, 3, 4}, 2, 2)).get("y").toDoubleArray())
                    .containsExactly(7);
            assertThatThrownBy(() -> model.predict(x(new float[0], 0, 2)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("'x' is FP32[0, 2]");
        }
    }

    @Test
    void rowsWithoutElementsAreStillRows() {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addNode(node("ReduceSum", List.of("x", "axes"), "y")
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("keepdims")
                                .setType(AttributeProto.AttributeType.INT)
                                .setI(0)))
                .addInitializer(TensorProto.newBuilder()
                        .setName("axes")
                        .setDataType(INT64)
                        .addDims(1)
                        .addInt64Data(1))
                .addInput(value("x", FLOAT, "n", "words"))
                .addOutput(value("y", FLOAT, "n"));
        try (InferenceModel model = open(graph)) {
            assertThat(model.predict(x(new float[] {1, 2, 3, 4}, 2, 2)).get("y").toDoubleArray())
                    .containsExactly(3, 7);
            assertThatThrownBy(() -> model.predict(x(new float[0], 3, 0)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("'x' is FP32[3, 0]");
        }
    }

    @Test
    void stringsThatWouldReachTheModelAlteredAreRefused() {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addNode(node("LabelEncoder", List.of("x"), "y")
                        .setDomain("ai.onnx.ml")
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("keys_strings")
                                .setType(AttributeProto.AttributeType.STRINGS)
                                .addStrings(ByteString.copyFromUtf8("\u00e9"))
                                .addStrings(ByteString.copyFromUtf8("\ud83d\ude00")))
                        .addAttribute(ints("values_int64s", 1, 2)))
                .addInput(value("x", STRING, "n"))
                .addOutput(value("y", INT64, "n"));
        try (InferenceModel model = open(graph)) {
            assertThat(model.predict(Tensors.of("x", Tensor.copyOf(new String[] {"\u00e9"}, 1)))
                            .get("y")
                            .longAt(0))
                    .isEqualTo(1);
            for (String altered : List.of("\ud83d\ude00", "a\u0000b", "\ud83d")) {
                assertThatThrownBy(() -> model.predict(Tensors.of("x", Tensor.copyOf(new String[] {"a", altered}, 2))))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining("element 1 of tensor 'x'")
                        .hasMessageNotContaining(altered);
            }
        }
    }

    @Test
    void textsAreLetGoOfWithTheCall() {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addNode(node("LabelEncoder", List.of("x"), "y")
                        .setDomain("ai.onnx.ml")
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("keys_strings")
                                .setType(AttributeProto.AttributeType.STRINGS)
                                .addStrings(ByteString.copyFromUtf8("a")))
                        .addAttribute(ints("values_int64s", 1)))
                .addInput(value("x", STRING, "n"))
                .addOutput(value("y", INT64, "n"));
        try (InferenceModel model = open(graph)) {
            for (int i = 0; i < 3; i++) {
                String[] texts = {"a", "a".repeat(1 << 20)};
                assertThat(model.predict(Tensors.of("x", Tensor.copyOf(texts, 2)))
                                .get("y")
                                .longAt(0))
                        .isEqualTo(1);
                assertThat(((OnnxModel) model).idle()).hasSize(1).noneMatch(lane -> lane.holds("x"));
            }
        }
    }

    @Test
    void aModelIsTakenForNothingButOnnx() throws Exception {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addNode(node("Neg", List.of("x"), "y"))
                .addInput(value("x", FLOAT, "n", 2))
                .addOutput(value("y", FLOAT, "n", 2));
        // A producer's name that lies where the runtime looks for the mark of its own format.
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(new byte[] {0x12, 6, ' ', ' ', 'O', 'R', 'T', 'M'});
        bytes.write(model(graph).toByteArray());
        try (InferenceModel model = open(bytes.toByteArray())) {
            assertThat(model.predict(x(new float[] {1, 2}, 1, 2)).get("y").toDoubleArray())
                    .containsExactly(-1, -2);
        }
    }

    @Test
    void ofSeveralClassifiersTheOneThatNamesTheScoresNamesTheClasses() {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addNode(node("Identity", List.of("x"), "unused").addAttribute(ints("classlabels_ints", 7, 8)))
                .addNode(node("ZipMap", List.of("unused"), "y")
                        .setDomain("ai.onnx.ml")
                        .addAttribute(ints("classlabels_int64s", 3, 4)))
                .addInput(value("x", FLOAT, "n", 2))
                .addOutput(value("y", FLOAT, "n", 2));
        assertThat(OnnxFile.parse(model(graph).toByteArray(), "file").labels()).containsExactly("3", "4");
    }

    @Test
    void classifiersThatDifferNameNoClasses() {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addNode(node("LinearClassifier", List.of("x"), "a").addAttribute(ints("classlabels_ints", 7, 8)))
                .addNode(node("LinearClassifier", List.of("x"), "b").addAttribute(ints("classlabels_ints", 3, 4)))
                .addOutput(value("a", INT64, "n"));
        assertThat(OnnxFile.parse(model(graph).toByteArray(), "file").labels()).containsExactly("7", "8");
        graph.addOutput(value("b", INT64, "n"));
        assertThat(OnnxFile.parse(model(graph).toByteArray(), "file").labels()).isEmpty();
    }

    /** What scikit-learn's votes and stacks become: classes counted from 0 within, called by their names in the end. */
    @Test
    void aClassifierWhoseClassesAreLookedUpAfterwardsNamesNone() {
        GraphProto.Builder graph = classifier("counted")
                .addNode(node("ArrayFeatureExtractor", List.of("names", "counted"), "named")
                        .setDomain("ai.onnx.ml"))
                .addNode(node("Reshape", List.of("named", "flat"), "label"))
                .addInitializer(TensorProto.newBuilder()
                        .setName("flat")
                        .setDataType(INT64)
                        .addDims(1)
                        .addInt64Data(-1))
                .addInitializer(TensorProto.newBuilder()
                        .setName("names")
                        .setDataType(INT64)
                        .addDims(1)
                        .addDims(3)
                        .addInt64Data(1)
                        .addInt64Data(2)
                        .addInt64Data(10))
                .addOutput(value("label", INT64, "n"))
                .addOutput(value("scores", FLOAT, "n", 3));
        assertThat(OnnxFile.parse(model(graph).toByteArray(), "m").labels()).isEmpty();
        try (InferenceModel model = open(graph)) {
            assertThat(model.predict(x(new float[] {1, 0}, 1, 2)).get("label").longAt(0))
                    .isEqualTo(1);
            assertThatThrownBy(() -> Models.predictor(model, float[].class, Classification.class))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("which class each score")
                    .hasMessageContaining("MLmodel");
        }
    }

    @Test
    void aClassifierWhoseChoiceIsGivenNamesTheClasses() {
        for (String operator : List.of("Identity", "Cast")) {
            NodeProto.Builder last = node(operator, List.of("counted"), "label");
            if (operator.equals("Cast")) {
                last.addAttribute(AttributeProto.newBuilder()
                        .setName("to")
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(INT64));
            }
            GraphProto.Builder graph = classifier("counted")
                    .addNode(last)
                    .addOutput(value("label", INT64, "n"))
                    .addOutput(value("scores", FLOAT, "n", 3));
            assertThat(OnnxFile.parse(model(graph).toByteArray(), "m").labels()).containsExactly("0", "1", "2");
        }
        GraphProto.Builder scoresOnly = classifier("dropped").addOutput(value("scores", FLOAT, "n", 3));
        assertThat(OnnxFile.parse(model(scoresOnly).toByteArray(), "m").labels())
                .containsExactly("0", "1", "2");
    }

    private static GraphProto.Builder classifier(String chosen) {
        AttributeProto.Builder weights =
                AttributeProto.newBuilder().setName("coefficients").setType(AttributeProto.AttributeType.FLOATS);
        for (float weight : new float[] {1, 0, 0, 1, -1, -1}) {
            weights.addFloats(weight);
        }
        return GraphProto.newBuilder()
                .addInput(value("x", FLOAT, "n", 2))
                .addNode(node("LinearClassifier", List.of("x"), chosen)
                        .setDomain("ai.onnx.ml")
                        .addOutput("scores")
                        .addAttribute(weights)
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("intercepts")
                                .setType(AttributeProto.AttributeType.FLOATS)
                                .addAllFloats(List.of(0f, 0f, 0f)))
                        .addAttribute(ints("classlabels_ints", 0, 1, 2)));
    }

    @Test
    void aWalkOverManyIntegersMakesNoObjectsOfThem() {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addNode(node("TreeEnsembleClassifier", List.of("x"), "y")
                        .addAttribute(ints("nodes_nodeids", new long[1 << 20])));
        byte[] bytes = model(graph).toByteArray();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        OnnxFile.parse(bytes, "file");
        long after = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        assertThat(after - before).isLessThan(1 << 20);
    }

    @Test
    void classesWithoutEndAreRefused() {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addNode(node("LinearClassifier", List.of("x"), "y")
                        .addAttribute(ints("classlabels_ints", new long[1 << 20])));
        byte[] bytes = model(graph).toByteArray();
        assertThatThrownBy(() -> OnnxFile.parse(bytes, "file"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("more than 100000 classes");
    }
}
