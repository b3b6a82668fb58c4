package io.jvmlops.serving.tribuo;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Internal;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.oracle.labs.mlrg.olcut.config.protobuf.ProtoProvenanceSerialization;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.RootProvenanceProto;
import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import io.jvmlops.api.error.MissingDependencyException;
import io.jvmlops.api.error.ModelLoadException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tribuo.Model;
import org.tribuo.math.protos.DenseTensorProto;
import org.tribuo.math.protos.SparseTensorProto;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.protos.core.TransformerMapProto;
import org.tribuo.provenance.EnsembleModelProvenance;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.impl.EmptyDatasetProvenance;
import org.tribuo.provenance.impl.EmptyTrainerProvenance;

/**
 * A model file of Tribuo's, made safe to hand to Tribuo.
 *
 * <p>Tribuo 4.3.2 calls {@code Class.forName} on names in the file in two places. {@code ProtoUtil.deserialize} does for
 * every message that has a {@code class_name} beside an {@code Any} of data, at any depth, through the payloads of those
 * {@code Any}s; and OLCUT's {@code ProvenanceUtil} and {@code SimpleMarshalledProvenance} do in the provenance, where
 * lists that hold each other can also be unfolded without end. So:
 *
 * <ul>
 *   <li>The file is walked with the same generated parsers that Tribuo will use. Each place for a class takes only the
 *       classes listed for that place below, each with only its own payload type; everything is looked up by name, and
 *       only names of the list are ever resolved.
 *   <li>Provenance is replaced by an empty one, so that nothing of it is resolved or unfolded. It is for people, and
 *       stays in the file and in the descriptor.
 *   <li>Tribuo gets the message that was walked, not the bytes.
 * </ul>
 *
 * <p>Not on the list, on purpose: LibLinear (its models hold serialized Java objects, read without a filter), TensorFlow,
 * ONNX and XGBoost models inside of Tribuo's (native parsers, folders outside), models that call services (OCI), nearest
 * neighbours (threads of its own, their number from the file), hashed features (their names are lost).
 */
final class TribuoFile {
    private static final int MAX_DEPTH = 64;
    private static final String PROVENANCE = RootProvenanceProto.getDescriptor().getFullName();
    private static final String ANY = Any.getDescriptor().getFullName();
    private static final String ENSEMBLE = "org.tribuo.ensemble.WeightedEnsembleModel";

    /** Class name by place: the full name of the message that holds it. */
    private static final Map<String, Map<String, Entry>> ALLOWED = new HashMap<>();

    static {
        String core = "tribuo-core";
        String coreProtos = "org.tribuo.protos.core.";
        place("tribuo.core.ModelProto")
                .of(core, ENSEMBLE, coreProtos + "WeightedEnsembleModelProto")
                .of(core, "org.tribuo.transform.TransformedModel", coreProtos + "TransformedModelProto")
                .of(
                        "tribuo-classification-core",
                        "org.tribuo.classification.baseline.DummyClassifierModel",
                        "org.tribuo.classification.protos.DummyClassifierModelProto")
                .of(
                        "tribuo-classification-sgd",
                        "org.tribuo.classification.sgd.linear.LinearSGDModel",
                        "org.tribuo.classification.sgd.protos.ClassificationLinearSGDProto")
                .of(
                        "tribuo-classification-sgd",
                        "org.tribuo.classification.sgd.fm.FMClassificationModel",
                        "org.tribuo.classification.sgd.protos.FMClassificationModelProto")
                .of(
                        "tribuo-classification-sgd",
                        "org.tribuo.classification.sgd.kernel.KernelSVMModel",
                        "org.tribuo.classification.sgd.protos.KernelSVMModelProto")
                .of(
                        "tribuo-classification-mnnaivebayes",
                        "org.tribuo.classification.mnb.MultinomialNaiveBayesModel",
                        "org.tribuo.classification.mnb.protos.MultinomialNaiveBayesProto")
                .of(
                        "tribuo-classification-libsvm",
                        "org.tribuo.classification.libsvm.LibSVMClassificationModel",
                        "org.tribuo.classification.libsvm.protos.LibSVMClassificationModelProto")
                .of(
                        "tribuo-common-tree",
                        "org.tribuo.common.tree.TreeModel",
                        "org.tribuo.common.tree.protos.TreeModelProto")
                .of(
                        "tribuo-regression-core",
                        "org.tribuo.regression.baseline.DummyRegressionModel",
                        "org.tribuo.regression.protos.DummyRegressionModelProto")
                .of(
                        "tribuo-regression-sgd",
                        "org.tribuo.regression.sgd.linear.LinearSGDModel",
                        "org.tribuo.regression.sgd.protos.RegressionLinearSGDProto")
                .of(
                        "tribuo-regression-sgd",
                        "org.tribuo.regression.sgd.fm.FMRegressionModel",
                        "org.tribuo.regression.sgd.protos.FMRegressionModelProto")
                .of(
                        "tribuo-regression-slm",
                        "org.tribuo.regression.slm.SparseLinearModel",
                        "org.tribuo.regression.slm.protos.SparseLinearModelProto")
                .of(
                        "tribuo-regression-libsvm",
                        "org.tribuo.regression.libsvm.LibSVMRegressionModel",
                        "org.tribuo.regression.libsvm.protos.LibSVMRegressionModelProto")
                .of(
                        "tribuo-regression-tree",
                        "org.tribuo.regression.rtree.IndependentRegressionTreeModel",
                        "org.tribuo.regression.rtree.protos.IndependentRegressionTreeModelProto")
                .of(
                        "tribuo-clustering-kmeans",
                        KMeansScorer.MODEL,
                        "org.tribuo.clustering.kmeans.protos.KMeansModelProto")
                .of(
                        "tribuo-clustering-hdbscan",
                        "org.tribuo.clustering.hdbscan.HdbscanModel",
                        "org.tribuo.clustering.hdbscan.protos.HdbscanModelProto")
                .of(
                        "tribuo-anomaly-libsvm",
                        "org.tribuo.anomaly.libsvm.LibSVMAnomalyModel",
                        "org.tribuo.anomaly.libsvm.protos.LibSVMAnomalyModelProto");
        place("tribuo.core.FeatureDomainProto")
                .of(core, "org.tribuo.ImmutableFeatureMap", coreProtos + "ImmutableFeatureMapProto");
        place("tribuo.core.VariableInfoProto")
                .of(core, "org.tribuo.RealIDInfo", coreProtos + "RealIDInfoProto")
                .of(core, "org.tribuo.CategoricalIDInfo", coreProtos + "CategoricalIDInfoProto");
        place("tribuo.core.OutputDomainProto")
                .of(
                        "tribuo-classification-core",
                        "org.tribuo.classification.ImmutableLabelInfo",
                        "org.tribuo.classification.protos.ImmutableLabelInfoProto")
                .of(
                        "tribuo-regression-core",
                        "org.tribuo.regression.ImmutableRegressionInfo",
                        "org.tribuo.regression.protos.ImmutableRegressionInfoProto")
                .of(
                        "tribuo-clustering-core",
                        "org.tribuo.clustering.ImmutableClusteringInfo",
                        "org.tribuo.clustering.protos.ClusteringInfoProto")
                .of(
                        "tribuo-anomaly-core",
                        "org.tribuo.anomaly.ImmutableAnomalyInfo",
                        "org.tribuo.anomaly.protos.AnomalyInfoProto");
        place("tribuo.core.OutputProto")
                .of(
                        "tribuo-classification-core",
                        "org.tribuo.classification.Label",
                        "org.tribuo.classification.protos.LabelProto")
                .of(
                        "tribuo-regression-core",
                        "org.tribuo.regression.Regressor",
                        "org.tribuo.regression.protos.RegressorProto")
                .of(
                        "tribuo-regression-core",
                        "org.tribuo.regression.Regressor$DimensionTuple",
                        "org.tribuo.regression.protos.DimensionTupleProto");
        place("tribuo.core.EnsembleCombinerProto")
                .of("tribuo-classification-core", "org.tribuo.classification.ensemble.VotingCombiner")
                .of("tribuo-classification-core", "org.tribuo.classification.ensemble.FullyWeightedVotingCombiner")
                .of("tribuo-regression-core", "org.tribuo.regression.ensemble.AveragingCombiner");
        String transformations = "org.tribuo.transform.transformations.";
        place("tribuo.core.TransformerProto")
                .of(
                        core,
                        transformations + "BinningTransformation$BinningTransformer",
                        coreProtos + "BinningTransformerProto")
                .of(core, transformations + "IDFTransformation$IDFTransformer", coreProtos + "IDFTransformerProto")
                .of(
                        core,
                        transformations + "LinearScalingTransformation$LinearScalingTransformer",
                        coreProtos + "LinearScalingTransformerProto")
                .of(
                        core,
                        transformations + "MeanStdDevTransformation$MeanStdDevTransformer",
                        coreProtos + "MeanStdDevTransformerProto")
                .of(core, transformations + "SimpleTransform", coreProtos + "SimpleTransformProto");
        String math = "tribuo-math";
        String mathProtos = "org.tribuo.math.protos.";
        place("tribuo.math.NormalizerProto")
                .of(math, "org.tribuo.math.util.ExpNormalizer")
                .of(math, "org.tribuo.math.util.NoopNormalizer")
                .of(math, "org.tribuo.math.util.Normalizer")
                .of(math, "org.tribuo.math.util.SigmoidNormalizer");
        place("tribuo.math.ParametersProto")
                .of(math, "org.tribuo.math.LinearParameters", mathProtos + "LinearParametersProto")
                .of(
                        "tribuo-common-sgd",
                        "org.tribuo.common.sgd.FMParameters",
                        "org.tribuo.common.sgd.protos.FMParametersProto");
        place("tribuo.math.TensorProto")
                .of(math, "org.tribuo.math.la.DenseMatrix", mathProtos + "DenseTensorProto")
                .of(math, "org.tribuo.math.la.DenseVector", mathProtos + "DenseTensorProto")
                .of(math, "org.tribuo.math.la.DenseSparseMatrix", mathProtos + "SparseTensorProto")
                .of(math, "org.tribuo.math.la.SparseVector", mathProtos + "SparseTensorProto");
        place("tribuo.math.KernelProto")
                .of(math, "org.tribuo.math.kernel.Linear")
                .of(math, "org.tribuo.math.kernel.Polynomial", mathProtos + "PolynomialKernelProto")
                .of(math, "org.tribuo.math.kernel.RBF", mathProtos + "RBFKernelProto")
                .of(math, "org.tribuo.math.kernel.Sigmoid", mathProtos + "SigmoidKernelProto");
        place("tribuo.math.DistanceProto")
                .of(math, "org.tribuo.math.distance.CosineDistance")
                .of(math, "org.tribuo.math.distance.L1Distance")
                .of(math, "org.tribuo.math.distance.L2Distance");
        // Tribuo 4.3.2 writes the name of a leaf for splits too, and reads by the type of the payload.
        String treeProtos = "org.tribuo.common.tree.protos.";
        place("tribuo.common.tree.TreeNodeProto")
                .of(
                        "tribuo-common-tree",
                        "org.tribuo.common.tree.SplitNode",
                        treeProtos + "SplitNodeProto",
                        treeProtos + "LeafNodeProto")
                .of(
                        "tribuo-common-tree",
                        "org.tribuo.common.tree.LeafNode",
                        treeProtos + "SplitNodeProto",
                        treeProtos + "LeafNodeProto");
    }

    /** @param payloads the classes of the messages that the class is read from; none if it has no data */
    private record Entry(String artifact, List<String> payloads) {}

    private record Place(Map<String, Entry> classes) {
        Place of(String artifact, String className, String... payloads) {
            classes.put(className, new Entry(artifact, List.of(payloads)));
            return this;
        }
    }

    private static Place place(String message) {
        return new Place(ALLOWED.computeIfAbsent(message, m -> new HashMap<>()));
    }

    private final String what;
    /** Of the file, in bytes. */
    private final int size;

    private final RootProvenanceProto modelProvenance;
    private final RootProvenanceProto ensembleProvenance;
    private final RootProvenanceProto datasetProvenance;
    private final RootProvenanceProto trainerProvenance;

    private TribuoFile(String what, int size) {
        this.what = what;
        this.size = size;
        OffsetDateTime epoch = OffsetDateTime.of(1970, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
        EmptyDatasetProvenance dataset = new EmptyDatasetProvenance();
        EmptyTrainerProvenance trainer = new EmptyTrainerProvenance();
        modelProvenance = toProto(new ModelProvenance("", epoch, dataset, trainer, Map.of(), false));
        ensembleProvenance = toProto(new EnsembleModelProvenance(
                "", epoch, dataset, trainer, Map.of(), false, new ListProvenance<>(List.of())));
        datasetProvenance = toProto(dataset);
        trainerProvenance = toProto(trainer);
    }

    private static RootProvenanceProto toProto(ObjectProvenance provenance) {
        return new ProtoProvenanceSerialization(false).serializeToProto(ProvenanceUtil.marshalProvenance(provenance));
    }

    /**
     * Parses a file and checks everything that it names.
     *
     * @param what names the file in messages
     * @return the model, with every class allowed and without its provenance
     * @throws ModelLoadException if it is no protobuf of Tribuo's, or names a class that is not on the list
     * @throws MissingDependencyException if it names a class on the list whose jar is absent
     */
    static ModelProto check(byte[] bytes, String what) {
        if (bytes.length > 1 && bytes[0] == (byte) 0xAC && bytes[1] == (byte) 0xED) {
            throw new ModelLoadException(
                    what + " is a serialized Java object, and those are never read; write the model"
                            + " as protobuf, with TribuoModels.export or Tribuo's Model.serializeToFile");
        }
        ModelProto proto;
        try {
            proto = ModelProto.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new ModelLoadException(what + " is not a protobuf of Tribuo's", e);
        }
        if (proto.getClassName().isEmpty()) {
            throw new ModelLoadException(what + " holds no model of Tribuo's");
        }
        return (ModelProto) new TribuoFile(what, bytes.length).vet(proto, "", 0);
    }

    /** The message with everything below it vetted. */
    private Message vet(Message message, String model, int depth) {
        if (depth > MAX_DEPTH) {
            throw new ModelLoadException(what + " is nested deeper than " + MAX_DEPTH);
        }
        Descriptor type = message.getDescriptorForType();
        FieldDescriptor className = type.findFieldByName("class_name");
        FieldDescriptor data = type.findFieldByName("serialized_data");
        if (className != null && data != null) {
            return vetPlace(message, (String) message.getField(className), data, depth);
        }
        if (className != null || type.getFullName().equals(ANY)) {
            throw new ModelLoadException(
                    what + " holds a " + type.getFullName() + " where none is known; it is not loaded");
        }
        // By name: not every model's artifacts have these classes.
        switch (type.getFullName()) {
            case "tribuo.common.libsvm.SVMModelProto" -> checkSvm(message, type);
            case "tribuo.math.impl.DenseTensorProto" -> checkDense((DenseTensorProto) message);
            case "tribuo.math.impl.SparseTensorProto" -> checkSparse((SparseTensorProto) message);
            default -> {}
        }
        Message.Builder builder = message.toBuilder();
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                continue;
            }
            if (field.getMessageType().getFullName().equals(PROVENANCE)) {
                builder.setField(field, emptyProvenance(field, model));
            } else if (field.isRepeated()) {
                List<?> elements = (List<?>) entry.getValue();
                for (int i = 0; i < elements.size(); i++) {
                    builder.setRepeatedField(field, i, vet((Message) elements.get(i), model, depth + 1));
                }
            } else {
                builder.setField(field, vet((Message) entry.getValue(), model, depth + 1));
            }
        }
        return builder.build();
    }

    /**
     * LibSVM makes arrays of the sizes that the file says, on loading and on every prediction, and Tribuo compares them
     * with nothing: here they are those of what is there. Field numbers are those of tribuo-libsvm.proto.
     */
    private void checkSvm(Message svm, Descriptor type) {
        long classes = (int) svm.getField(type.findFieldByNumber(2));
        int vectors = (int) svm.getField(type.findFieldByNumber(3));
        List<?> lengths = (List<?>) svm.getField(type.findFieldByNumber(5));
        boolean fits = vectors == svm.getRepeatedFieldCount(type.findFieldByNumber(4))
                && lengths.size() == classes - 1
                && lengths.stream().allMatch(length -> length.equals(vectors))
                && svm.getRepeatedFieldCount(type.findFieldByNumber(6)) == (classes - 1) * vectors
                && svm.getRepeatedFieldCount(type.findFieldByNumber(7)) == classes * (classes - 1) / 2;
        if (!fits) {
            throw new ModelLoadException(what + ": a support vector machine of " + classes + " classes and " + vectors
                    + " vectors does not have what belongs to these; the file is damaged");
        }
    }

    /** Tribuo multiplies in 32 bits, where 65,536 rows of as many columns are none, and then makes the arrays. */
    private void checkDense(DenseTensorProto tensor) {
        long bytes = Double.BYTES;
        for (int extent : tensor.getDimensionsList()) {
            bytes = extent < 0 || bytes > Integer.MAX_VALUE ? -1 : bytes * extent;
            if (bytes < 0) {
                break;
            }
        }
        if (bytes != tensor.getValues().size()) {
            throw new ModelLoadException(what + ": a tensor of the extents " + shown(tensor.getDimensionsList())
                    + " has " + tensor.getValues().size() + " bytes of values; the file is damaged");
        }
    }

    /** A sparse matrix costs an object per row, whether or not there is anything in it; a row has at least a name. */
    private void checkSparse(SparseTensorProto tensor) {
        List<Integer> extents = tensor.getDimensionsList();
        if (extents.size() > 1 && extents.get(0) > size) {
            throw new ModelLoadException(what + ": a sparse tensor has the extents " + shown(extents) + " in a file of "
                    + size + " bytes; the file is damaged");
        }
    }

    private static String shown(List<Integer> extents) {
        return extents.size() > 8 ? extents.subList(0, 8) + "..." : extents.toString();
    }

    private Message vetPlace(Message message, String className, FieldDescriptor data, int depth) {
        String place = message.getDescriptorForType().getFullName();
        Entry entry = ALLOWED.getOrDefault(place, Map.of()).get(className);
        if (entry == null) {
            throw refuse(place, className);
        }
        Any any = (Any) message.getField(data);
        Message.Builder builder = message.toBuilder();
        if (entry.payloads().isEmpty()) {
            // Tribuo reads nothing here.
            return builder.clearField(data).build();
        }
        Message prototype = prototype(className, entry, any);
        Message payload;
        try {
            payload = prototype.getParserForType().parseFrom(any.getValue());
        } catch (InvalidProtocolBufferException e) {
            throw new ModelLoadException(what + ": the data of class '" + className + "' is damaged", e);
        }
        ByteString vetted = vet(payload, className, depth + 1).toByteString();
        return builder.setField(data, any.toBuilder().setValue(vetted).build()).build();
    }

    private RootProvenanceProto emptyProvenance(FieldDescriptor field, String model) {
        String parent = field.getContainingType().getFullName();
        if (parent.equals(ModelDataProto.getDescriptor().getFullName())) {
            return model.equals(ENSEMBLE) ? ensembleProvenance : modelProvenance;
        }
        if (parent.equals(TransformerMapProto.getDescriptor().getFullName())) {
            return field.getNumber() == TransformerMapProto.DATASETPROVENANCE_FIELD_NUMBER
                    ? datasetProvenance
                    : trainerProvenance;
        }
        throw new ModelLoadException(what + " holds provenance in a " + parent + ", where none is known");
    }

    private ModelLoadException refuse(String place, String className) {
        String shown = className.length() > 200 ? className.substring(0, 200) + "..." : className;
        String name = "'" + shown.replaceAll("\\p{Cntrl}", "?") + "'";
        String why = "which is not one that a Tribuo model may name there";
        if (className.contains(".liblinear.")) {
            why = "a LibLinear model: those hold serialized Java objects and are never read. Export it with"
                    + " TribuoModels.exportOnnx, or train the model with another trainer";
        } else if (place.equals("tribuo.core.ModelProto")) {
            why = "which is not supported; supported are "
                    + ALLOWED.getOrDefault(place, Map.of()).keySet().stream()
                            .sorted()
                            .toList() + ", and any model as ONNX";
        } else if (className.equals("org.tribuo.hash.HashedFeatureMap")) {
            why = "hashed features: their names are not in the file, so nothing can be matched with them";
        }
        return new ModelLoadException(
                what + " names the class " + name + " as " + place + ", " + why + ". Nothing of it was loaded");
    }

    private Message prototype(String className, Entry entry, Any any) {
        String found = any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('/') + 1);
        List<String> expected = new ArrayList<>();
        for (String payload : entry.payloads()) {
            Message prototype;
            try {
                // Not a name from the file, but the one that our list has for it.
                prototype = Internal.getDefaultInstance(Class.forName(payload, true, Model.class.getClassLoader())
                        .asSubclass(Message.class));
            } catch (ClassNotFoundException | LinkageError e) {
                throw new MissingDependencyException(
                        what + " needs " + className + ", which is not on the class path; add "
                                + TribuoModelLoader.coordinates(entry.artifact()),
                        e);
            }
            String name = prototype.getDescriptorForType().getFullName();
            if (name.equals(found)) {
                return prototype;
            }
            expected.add(name);
        }
        throw new ModelLoadException(
                what + ": class '" + className + "' comes with data of type '" + found + "', expected " + expected);
    }
}
