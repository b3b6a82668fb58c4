package io.jvmlops.serving.tribuo;

import ai.onnx.proto.OnnxMl;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.folder.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tribuo.Model;
import org.tribuo.ONNXExportable;
import org.tribuo.Tribuo;
import org.tribuo.protos.core.ModelProto;

/**
 * Writes trained Tribuo models as model folders: {@code run.logModel("iris", TribuoModels.export(model))}.
 *
 * <p>The signature comes from the model: one tensor {@code input} of shape {@code [-1, features]}, its columns named as
 * Tribuo's features and in the order of their ids, and one {@code output} of shape {@code [-1, classes]} or {@code [-1,
 * dimensions]}, in the order of theirs; what clusterings and anomaly detections give, {@link TribuoModelLoader} tells. Tribuo's provenance of the model goes flattened into the descriptor, without
 * passwords; where it holds one, in the address of a database for instance, the model's files are written without it.
 *
 * <p>An example of what the model takes goes beside it by {@link io.jvmlops.serving.folder.InputExample#attachTo}.
 *
 * <p>Exporting the same model again gives the same bytes. Exporters are thread-safe. All of this needs Tribuo on the
 * class path.
 */
public final class TribuoModels {
    private static final Logger LOG = LoggerFactory.getLogger(TribuoModels.class);
    private static final String TRIBUO_FILE = "model.tribuo";
    private static final String ONNX = "onnx";
    private static final String ONNX_FILE = "model.onnx";

    private TribuoModels() {}

    /**
     * In Tribuo's own format, flavor {@code tribuo}, with tensors of {@code FP64}: what {@link TribuoModelLoader} loads.
     *
     * @throws ModelLoadException if the model is of a kind that the loader does not know; and from the exporter, if it is
     *     or holds a kind of model that the loader does not load
     */
    public static ModelExporter export(Model<?> model) {
        Domain domain = Domain.of(model, describe(model));
        return (folder, runId) -> write(folder, runId, model, domain, true, null);
    }

    /**
     * As ONNX, flavor {@code onnx}, with tensors of {@code FP32}: what any ONNX runtime and Python's MLflow load.
     *
     * @throws ModelLoadException if the model is of a kind that the loader does not know, or Tribuo has no ONNX form for
     *     it
     */
    public static ModelExporter exportOnnx(Model<?> model) {
        Domain domain = Domain.of(model, describe(model));
        OnnxMl.ModelProto onnx = toOnnx(model, domain);
        return (folder, runId) -> write(folder, runId, model, domain, false, onnx);
    }

    /**
     * In both forms in one folder, {@code tribuo} preferred, with one signature, of {@code FP32}: served without native
     * code here, opened by Python there.
     *
     * @throws ModelLoadException as {@link #export} and {@link #exportOnnx} do
     */
    public static ModelExporter exportBoth(Model<?> model) {
        Domain domain = Domain.of(model, describe(model));
        OnnxMl.ModelProto onnx = toOnnx(model, domain);
        return (folder, runId) -> write(folder, runId, model, domain, true, onnx);
    }

    private static String describe(Model<?> model) {
        return "Tribuo model '" + model.getName() + "' (" + model.getClass().getName() + ")";
    }

    private static ModelDescriptor write(
            Path folder,
            @Nullable String runId,
            Model<?> model,
            Domain domain,
            boolean tribuo,
            OnnxMl.@Nullable ModelProto onnx) {
        Map<String, Map<String, String>> flavors = new LinkedHashMap<>();
        boolean secrets = Secrets.areIn(model.getProvenance());
        if (secrets) {
            LOG.warn(
                    "Provenance of {} holds a password, or an address with a user or a query; it is left out of the"
                            + " model's files, and hidden in what is said of the model",
                    describe(model));
        }
        try {
            if (tribuo) {
                byte[] bytes = model.serialize().toByteArray();
                // Better now than when somebody wants to serve it.
                ModelProto plain = TribuoFile.check(bytes, describe(model));
                Files.write(folder.resolve(TRIBUO_FILE), secrets ? plain.toByteArray() : bytes);
                Map<String, String> settings = new LinkedHashMap<>();
                settings.put(ModelDescriptor.DATA, TRIBUO_FILE);
                settings.put("tribuo_version", Tribuo.VERSION);
                settings.put("model_class", model.getClass().getName());
                flavors.put(TribuoModelLoader.FLAVOR, settings);
            }
            if (onnx != null) {
                Files.write(folder.resolve(ONNX_FILE), (secrets ? withoutProvenance(onnx) : onnx).toByteArray());
                Map<String, String> settings = new LinkedHashMap<>();
                settings.put(ModelDescriptor.DATA, ONNX_FILE);
                settings.put("producer", onnx.getProducerName() + " " + onnx.getProducerVersion());
                flavors.put(ONNX, settings);
                // So that mlflow.pyfunc.load_model finds it too.
                Map<String, String> python = new LinkedHashMap<>();
                python.put("loader_module", "mlflow.onnx");
                python.put(ModelDescriptor.DATA, ONNX_FILE);
                flavors.put("python_function", python);
            }
        } catch (IOException e) {
            throw new StorageException(describe(model) + " cannot be written to " + folder, e);
        }
        ModelSignature signature = domain.signature(onnx == null ? DataType.FP64 : DataType.FP32);
        return ModelFolder.write(
                folder,
                new ModelDescriptor(
                        flavors,
                        signature,
                        domain.labels(),
                        runId,
                        ProvenanceFacts.of(model.getProvenance()),
                        Map.of(),
                        null));
    }

    private static OnnxMl.ModelProto withoutProvenance(OnnxMl.ModelProto onnx) {
        // Beside its own entry, provenance is in the description: the model's text.
        OnnxMl.ModelProto.Builder builder =
                onnx.toBuilder().clearMetadataProps().clearDocString();
        builder.getGraphBuilder().clearDocString();
        onnx.getMetadataPropsList().stream()
                .filter(fact -> !fact.getKey().equals(ONNXExportable.PROVENANCE_METADATA_FIELD))
                .forEach(builder::addMetadataProps);
        return builder.build();
    }

    private static OnnxMl.ModelProto toOnnx(Model<?> model, Domain domain) {
        if (!(model instanceof ONNXExportable exportable)) {
            throw new ModelLoadException(
                    describe(model)
                            + " has no ONNX form: its class does not implement org.tribuo.ONNXExportable; use TribuoModels.export");
        }
        OnnxMl.ModelProto onnx;
        try {
            onnx = exportable.exportONNXModel("io.jvmlops.tribuo", 1);
        } catch (RuntimeException e) {
            // An ensemble implements the interface whether or not its members do.
            throw new ModelLoadException(
                    describe(model) + " has no ONNX form: " + e.getMessage() + "; use TribuoModels.export", e);
        }
        ModelSignature expected = domain.signature(DataType.FP32);
        OnnxMl.GraphProto graph = onnx.getGraph();
        check(model, expected.inputs(), graph.getInputList());
        check(model, expected.outputs(), graph.getOutputList());
        return onnx;
    }

    private static void check(Model<?> model, List<TensorSpec> expected, List<OnnxMl.ValueInfoProto> found) {
        List<String> wanted = expected.stream().map(TensorSpec::toString).toList();
        List<String> got = found.stream().map(TribuoModels::describe).toList();
        if (!wanted.equals(got)) {
            throw new ModelLoadException(
                    describe(model) + ": its ONNX form has the tensors " + got + ", expected " + wanted);
        }
    }

    private static String describe(OnnxMl.ValueInfoProto value) {
        OnnxMl.TypeProto.Tensor type = value.getType().getTensorType();
        long[] dims = type.getShape().getDimList().stream()
                .mapToLong(d -> d.hasDimValue() ? d.getDimValue() : Shape.DYNAMIC)
                .toArray();
        String element = type.getElemType() == OnnxMl.TensorProto.DataType.FLOAT.getNumber()
                ? "FP32"
                : "ONNX type " + type.getElemType();
        return value.getName() + ": " + element + Shape.of(dims);
    }
}
