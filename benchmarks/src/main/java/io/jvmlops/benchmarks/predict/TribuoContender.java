package io.jvmlops.benchmarks.predict;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.impl.ArrayExample;
import org.tribuo.interop.onnx.DenseTransformer;
import org.tribuo.interop.onnx.LabelTransformer;
import org.tribuo.interop.onnx.ONNXExternalModel;

/** Tribuo as its documentation shows it: an example from the caller's numbers, then {@code Model.predict}. */
final class TribuoContender implements Contender {
    private final Model<Label> model;
    private final String[] names;
    private final float[] rows;
    private final List<String> labels;

    private TribuoContender(Model<Label> model, Fixture fixture, int batch) {
        this.model = model;
        this.names = Fixture.featureNames(fixture.features()).toArray(String[]::new);
        this.rows = fixture.rows(batch);
        this.labels = fixture.labels();
    }

    /** A model in Tribuo's own form. */
    static TribuoContender own(Fixture fixture, int batch) throws IOException {
        return new TribuoContender(
                Model.deserializeFromFile(fixture.folder().resolve(Fixture.TRIBUO_FILE))
                        .castModel(Label.class),
                fixture,
                batch);
    }

    /** A model in ONNX, through Tribuo's bridge to ONNX Runtime. */
    static TribuoContender external(Fixture fixture, int batch) throws OrtException {
        Map<String, Integer> features = new HashMap<>();
        for (String name : Fixture.featureNames(fixture.features())) {
            features.put(name, features.size());
        }
        Map<Label, Integer> outputs = new HashMap<>();
        for (String label : fixture.labels()) {
            outputs.put(new Label(label), outputs.size());
        }
        return new TribuoContender(
                ONNXExternalModel.createOnnxModel(
                        new LabelFactory(),
                        features,
                        outputs,
                        new DenseTransformer(),
                        new LabelTransformer(true),
                        new OrtSession.SessionOptions(),
                        fixture.folder().resolve(Fixture.MODEL_FILE),
                        Fixture.INPUT),
                fixture,
                batch);
    }

    @Override
    public Object predict() {
        if (rows.length == names.length) {
            return List.of(model.predict(example(0)));
        }
        List<Example<Label>> examples = new ArrayList<>(rows.length / names.length);
        for (int at = 0; at < rows.length; at += names.length) {
            examples.add(example(at));
        }
        return model.predict(examples);
    }

    private Example<Label> example(int at) {
        double[] values = new double[names.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = rows[at + i];
        }
        return new ArrayExample<>(LabelFactory.UNKNOWN_LABEL, names, values);
    }

    @Override
    public float[] flatten(Object answer) {
        List<?> answers = (List<?>) answer;
        float[] flat = new float[answers.size() * labels.size()];
        int position = 0;
        for (Object one : answers) {
            Map<String, ?> scores = ((Prediction<?>) one).getOutputScores();
            for (String label : labels) {
                flat[position++] = (float) ((Label) Objects.requireNonNull(scores.get(label), label)).getScore();
            }
        }
        return flat;
    }

    @Override
    public void close() {
        if (model instanceof ONNXExternalModel<?> external) {
            external.close();
        }
    }
}
