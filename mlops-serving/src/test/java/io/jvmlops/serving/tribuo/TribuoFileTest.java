package io.jvmlops.serving.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.ListProvenanceProto;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.ObjectProvenanceProto;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.RootProvenanceProto;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.SimpleProvenanceProto;
import com.oracle.labs.mlrg.olcut.provenance.primitives.EnumProvenance;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.test.model.InMemoryModelFiles;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.tribuo.MutableDataset;
import org.tribuo.anomaly.libsvm.protos.TribuoAnomalyLibsvm;
import org.tribuo.anomaly.protos.TribuoAnomalyCore;
import org.tribuo.classification.Label;
import org.tribuo.classification.libsvm.protos.LibSVMClassificationModelProto;
import org.tribuo.classification.libsvm.protos.TribuoClassificationLibsvm;
import org.tribuo.classification.mnb.protos.TribuoClassificationMnb;
import org.tribuo.classification.protos.TribuoClassificationCore;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.classification.sgd.protos.ClassificationLinearSGDProto;
import org.tribuo.classification.sgd.protos.TribuoClassificationSgd;
import org.tribuo.clustering.hdbscan.protos.TribuoClusteringHdbscan;
import org.tribuo.clustering.kmeans.protos.TribuoClusteringKmeans;
import org.tribuo.clustering.protos.TribuoClusteringCore;
import org.tribuo.common.libsvm.protos.SVMModelProto;
import org.tribuo.common.sgd.protos.TribuoSgd;
import org.tribuo.common.tree.protos.TribuoTree;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.protos.DenseTensorProto;
import org.tribuo.math.protos.LinearParametersProto;
import org.tribuo.math.protos.SparseTensorProto;
import org.tribuo.math.protos.TensorProto;
import org.tribuo.math.protos.TribuoMathImpl;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.protos.core.TribuoCoreImpl;
import org.tribuo.regression.libsvm.protos.TribuoRegressionLibsvm;
import org.tribuo.regression.protos.TribuoRegressionCore;
import org.tribuo.regression.rtree.protos.TribuoRegressionTree;
import org.tribuo.regression.sgd.protos.TribuoRegressionSgd;
import org.tribuo.regression.slm.protos.TribuoRegressionSlm;

/** Files made to have Tribuo resolve a class of the attacker's choice. */
class TribuoFileTest {
    private static final String TRAP = "io.jvmlops.serving.tribuo.Trap";

    /** Every message that names a class, anywhere in models of every kind, one at a time. */
    @TestFactory
    List<DynamicTest> refusesAStrangeClassInEveryPlace() {
        List<DynamicTest> tests = new ArrayList<>();
        Trained.all().forEach((name, model) -> {
            ModelProto good = model.serialize();
            int places = count(good);
            assertThat(places).isGreaterThanOrEqualTo(8);
            tests.add(DynamicTest.dynamicTest(name + ", " + places + " places", () -> {
                // Trees and forests have thousands of the same kind.
                int step = Math.max(1, places / 30);
                for (int place = 0; place < places; place += step) {
                    ModelProto bad = (ModelProto) new Rewriter(place, TRAP).rewrite(good);
                    assertThatThrownBy(() -> load(bad))
                            .isInstanceOf(ModelLoadException.class)
                            .hasMessageContaining("'" + TRAP + "'");
                }
                assertThat(TrapAlarm.rung()).isFalse();
            }));
        });
        return tests;
    }

    @Test
    void refusesClassesOfTribuoInPlacesOfOthers() {
        ModelProto good = Trained.logistic().serialize();
        int places = count(good);
        for (int place = 0; place < places; place++) {
            // Allowed for a model, and no other place here is one's.
            ModelProto bad =
                    (ModelProto) new Rewriter(place, "org.tribuo.ensemble.WeightedEnsembleModel").rewrite(good);
            assertThatThrownBy(() -> load(bad)).isInstanceOf(ModelLoadException.class);
        }
    }

    @Test
    void refusesAPayloadOfAnotherType() {
        ModelProto good = Trained.logistic().serialize();
        ModelProto bad = good.toBuilder()
                .setSerializedData(good.getSerializedData().toBuilder().setTypeUrl("x/tribuo.core.ModelProto"))
                .build();
        assertThatThrownBy(() -> load(bad))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("'tribuo.core.ModelProto', expected [tribuo.classification.sgd");
    }

    @Test
    void refusesLibLinear() {
        ModelProto bad = ModelProto.newBuilder()
                .setClassName("org.tribuo.classification.liblinear.LibLinearClassificationModel")
                .build();
        assertThatThrownBy(() -> load(bad))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("LibLinearClassificationModel")
                .hasMessageContaining("serialized Java objects");
    }

    @Test
    void namesWhatIsSupported() {
        assertThatThrownBy(() -> load(Trained.severalLabels().serialize()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("'org.tribuo.multilabel.baseline.IndependentMultiLabelModel'")
                .hasMessageContaining("org.tribuo.classification.sgd.linear.LinearSGDModel");
    }

    @Test
    void refusesSerializedJavaObjects() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(Trained.logistic());
        }
        assertThatThrownBy(() -> load(bytes.toByteArray()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("serialized Java object");
    }

    @Test
    void resolvesNothingOfTheProvenance() {
        SimpleProvenanceProto anEnum = SimpleProvenanceProto.newBuilder()
                .setIndex(1)
                .setKey("k")
                .setValue("V")
                .setProvenanceClassName(EnumProvenance.class.getName())
                .setAdditional(TRAP)
                .build();
        RootProvenanceProto.Builder evil = RootProvenanceProto.newBuilder()
                .addOmp(ObjectProvenanceProto.newBuilder()
                        .setIndex(0)
                        .setObjectName("o")
                        .setObjectClassName(TRAP)
                        .setProvenanceClassName(TRAP)
                        .putValues("a", 1)
                        .putValues("b", 2))
                .addSmp(anEnum);
        // Lists that hold the next twice, and at last themselves: endless when unfolded.
        for (int i = 2; i < 60; i++) {
            evil.addLmp(ListProvenanceProto.newBuilder()
                    .setIndex(i)
                    .addValues(Math.min(i + 1, 59))
                    .addValues(i));
        }
        ModelProto bad =
                withMetadata(data -> data.toBuilder().setProvenance(evil).build());
        try (InferenceModel model = load(bad)) {
            assertThat(model.predict(Tensors.of("input", Trained.tensor(DataType.FP64, 2, 5, 1))))
                    .isNotNull();
        }
        assertThat(TrapAlarm.rung()).isFalse();
    }

    @Test
    void theTrapWorks() throws Exception {
        // Else the tests above would show nothing: Tribuo itself springs it. In a loader of its own, so that the alarm
        // of the other tests stays silent.
        try (IsolatedClasses isolated = new IsolatedClasses(name -> name.startsWith("io.jvmlops.serving.tribuo."))) {
            Class.forName(TRAP, true, isolated);
            Class<?> alarm = Class.forName(TRAP + "Alarm", true, isolated);
            Method rung = alarm.getDeclaredMethod("rung");
            rung.setAccessible(true);
            assertThat(rung.invoke(null)).isEqualTo(true);
        }
    }

    @Test
    void refusesPartsThatDoNotFit() {
        ModelProto small = new LogisticRegressionTrainer().train(two()).serialize();
        ModelProto bad = withPayload(p -> {
            try {
                return p.toBuilder()
                        .setParams(small.getSerializedData()
                                .unpack(ClassificationLinearSGDProto.class)
                                .getParams())
                        .build();
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        });
        assertThatThrownBy(() -> load(bad))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("weights of 2 x 3 for 3 outputs and 5 features and a bias");
    }

    @Test
    void refusesSupportVectorMachinesThatSayOtherSizesThanTheyHave() throws Exception {
        ModelProto good = Trained.all().get("libsvm").serialize();
        LibSVMClassificationModelProto payload = good.getSerializedData().unpack(LibSVMClassificationModelProto.class);
        SVMModelProto svm = payload.getModel();
        load(good).close();
        for (SVMModelProto bad : List.of(
                svm.toBuilder().setNrClass(30_000).build(),
                svm.toBuilder().setNrClass(-1).build(),
                svm.toBuilder().setNrClass(2).build(),
                svm.toBuilder().setL(1 << 30).build(),
                svm.toBuilder().setL(svm.getL() - 1).build(),
                svm.toBuilder().setSvCoefLengths(0, 1 << 30).build(),
                svm.toBuilder().addRho(1).build())) {
            ModelProto file = good.toBuilder()
                    .setSerializedData(
                            Any.pack(payload.toBuilder().setModel(bad).build()))
                    .build();
            assertThatThrownBy(() -> load(file))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("does not have what belongs to these");
        }
    }

    @Test
    void refusesTensorsThatPromiseMoreThanTheFileHolds() throws Exception {
        DenseTensorProto dense = DenseTensorProto.newBuilder()
                .addDimensions(1 << 16)
                .addDimensions(1 << 16)
                .build();
        assertThatThrownBy(() -> load(withWeights("DenseMatrix", dense)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("extents [65536, 65536] has 0 bytes of values");
        SparseTensorProto sparse = SparseTensorProto.newBuilder()
                .addDimensions(1 << 30)
                .addDimensions(3)
                .setNumNonZero(1)
                .setIndices(ByteString.copyFrom(new byte[8]))
                .setValues(ByteString.copyFrom(new byte[8]))
                .build();
        assertThatThrownBy(() -> load(withWeights("DenseSparseMatrix", sparse)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("extents [1073741824, 3] in a file of");
    }

    private static ModelProto withWeights(String className, Message data) throws InvalidProtocolBufferException {
        ModelProto good = Trained.logistic().serialize();
        ClassificationLinearSGDProto payload = good.getSerializedData().unpack(ClassificationLinearSGDProto.class);
        LinearParametersProto weights = payload.getParams().getSerializedData().unpack(LinearParametersProto.class);
        TensorProto tensor = weights.getWeightMatrix().toBuilder()
                .setClassName("org.tribuo.math.la." + className)
                .setSerializedData(Any.pack(data))
                .build();
        return withPayload(p -> p.toBuilder()
                .setParams(p.getParams().toBuilder()
                        .setSerializedData(Any.pack(
                                weights.toBuilder().setWeightMatrix(tensor).build())))
                .build());
    }

    private static MutableDataset<Label> two() {
        var all = Trained.labelled();
        var two = new MutableDataset<>(all.getSourceProvenance(), all.getOutputFactory());
        for (double[] row : Trained.rows(20, 2, 1)) {
            two.add(new ArrayExample<>(new Label(row[0] > 0 ? "a" : "b"), new String[] {"x", "y"}, row));
        }
        return two;
    }

    private static ModelProto withMetadata(Function<ModelDataProto, ModelDataProto> change) {
        return withPayload(
                p -> p.toBuilder().setMetadata(change.apply(p.getMetadata())).build());
    }

    private static ModelProto withPayload(Function<ClassificationLinearSGDProto, ClassificationLinearSGDProto> change) {
        ModelProto good = Trained.logistic().serialize();
        try {
            return good.toBuilder()
                    .setSerializedData(
                            Any.pack(change.apply(good.getSerializedData().unpack(ClassificationLinearSGDProto.class))))
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static InferenceModel load(ModelProto proto) {
        return load(proto.toByteArray());
    }

    private static InferenceModel load(byte[] bytes) {
        return new TribuoModelLoader()
                .load(
                        InMemoryModelFiles.of(Map.of("model.tribuo", bytes)).toModelFiles("m/1"),
                        ModelDescriptor.ofFile("tribuo", "model.tribuo"));
    }

    private static int count(Message message) {
        Rewriter counter = new Rewriter(-1, "");
        counter.rewrite(message);
        return counter.seen;
    }

    /** Puts another class name into the n-th place, found with no help from the code under test. */
    private static final class Rewriter {
        private final int place;
        private final String className;
        private int seen;

        Rewriter(int place, String className) {
            this.place = place;
            this.className = className;
        }

        Message rewrite(Message message) {
            Message.Builder builder = message.toBuilder();
            FieldDescriptor name = message.getDescriptorForType().findFieldByName("class_name");
            if (name != null && seen++ == place) {
                builder.setField(name, className);
            }
            for (Map.Entry<FieldDescriptor, Object> entry :
                    message.getAllFields().entrySet()) {
                FieldDescriptor field = entry.getKey();
                if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                    continue;
                }
                if (field.isRepeated()) {
                    List<?> elements = (List<?>) entry.getValue();
                    for (int i = 0; i < elements.size(); i++) {
                        builder.setRepeatedField(field, i, rewrite((Message) elements.get(i)));
                    }
                } else if (field.getMessageType().getFullName().equals("google.protobuf.Any")) {
                    builder.setField(field, rewriteAny((Message) entry.getValue()));
                } else {
                    builder.setField(field, rewrite((Message) entry.getValue()));
                }
            }
            return builder.build();
        }

        private Any rewriteAny(Message message) {
            try {
                Any any = Any.parseFrom(message.toByteString());
                String type = any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('/') + 1);
                Message prototype = Objects.requireNonNull(PAYLOADS.get(type), type);
                return Any.pack(rewrite(prototype.getParserForType().parseFrom(any.getValue())));
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static final Map<String, Message> PAYLOADS = payloads();

    private static Map<String, Message> payloads() {
        Map<String, Message> payloads = new HashMap<>();
        for (FileDescriptor file : List.of(
                TribuoCoreImpl.getDescriptor(),
                TribuoMathImpl.getDescriptor(),
                TribuoSgd.getDescriptor(),
                TribuoTree.getDescriptor(),
                TribuoClassificationCore.getDescriptor(),
                TribuoClassificationSgd.getDescriptor(),
                TribuoRegressionCore.getDescriptor(),
                TribuoRegressionSgd.getDescriptor(),
                TribuoRegressionLibsvm.getDescriptor(),
                TribuoRegressionSlm.getDescriptor(),
                TribuoRegressionTree.getDescriptor(),
                TribuoClassificationLibsvm.getDescriptor(),
                TribuoClassificationMnb.getDescriptor(),
                TribuoClusteringCore.getDescriptor(),
                TribuoClusteringKmeans.getDescriptor(),
                TribuoClusteringHdbscan.getDescriptor(),
                TribuoAnomalyCore.getDescriptor(),
                TribuoAnomalyLibsvm.getDescriptor())) {
            for (Descriptor type : file.getMessageTypes()) {
                payloads.put(type.getFullName(), DynamicMessage.getDefaultInstance(type));
            }
        }
        return payloads;
    }
}
