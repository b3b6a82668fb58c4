package io.jvmlops.serving.tribuo;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.test.model.InMemoryModelFiles;
import io.jvmlops.test.model.ModelRows;
import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

/** Every kind of model, on rows of any size and sign: zeros, wholes, ties at the splits of trees, far outliers. */
class TribuoModelsPropertyTest {
    private static final Map<String, InferenceModel> MODELS = new LinkedHashMap<>();

    @AfterContainer
    static void close() {
        MODELS.values().forEach(InferenceModel::close);
        MODELS.clear();
    }

    @Property(tries = 200)
    void answersAsTribuoDoes(@ForAll("kinds") String kind, @ForAll("rows") double[] values) {
        Tensor rows = Tensor.copyOf(values, values.length / 5, 5);
        if (kind.equals("naive bayes")) {
            rows = AskedOfTribuo.absolute(rows, DataType.FP64);
        }
        Tensors expected = AskedOfTribuo.ask(Trained.all().get(kind), rows, DataType.FP64);
        Tensors actual = model(kind).predict(Tensors.of("input", rows));
        // Distances of far outliers are as large as these.
        double scale = expected.names().contains("distance") ? 1e-12 * 1e6 : 0;
        ModelRows.assertClose(actual, expected, scale);
    }

    private static InferenceModel model(String kind) {
        return MODELS.computeIfAbsent(
                kind,
                name -> new TribuoModelLoader()
                        .load(
                                InMemoryModelFiles.of(Map.of(
                                                "model.tribuo",
                                                Trained.all()
                                                        .get(name)
                                                        .serialize()
                                                        .toByteArray()))
                                        .toModelFiles(name),
                                ModelDescriptor.ofFile("tribuo", "model.tribuo")));
    }

    @Provide
    static Arbitrary<String> kinds() {
        return Arbitraries.of(Trained.all().keySet());
    }

    @Provide
    static Arbitrary<double[]> rows() {
        Arbitrary<Double> value = Arbitraries.oneOf(
                Arbitraries.doubles().between(-10, 10),
                Arbitraries.doubles().between(-1e6, 1e6).ofScale(2),
                Arbitraries.integers().between(-3, 3).map(Integer::doubleValue));
        return Arbitraries.integers()
                .between(1, 4)
                .flatMap(n -> value.array(double[].class).ofSize(n * 5));
    }
}
