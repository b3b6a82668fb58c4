package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Regression;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@SuppressWarnings("ArrayRecordComponent") // arrays are what is tested
class BindingTest {
    private static final TensorSpec X = TensorSpec.of("x", DataType.FP32, -1, 2).withColumns(List.of("a", "b"));
    private static final TensorSpec SCORES = TensorSpec.of("scores", DataType.FP32, -1, 3);
    private static final TensorSpec LABEL = TensorSpec.of("label", DataType.INT64, -1);

    private record Row(float a, float b) {}

    /** A model that is a function, and remembers what it was asked. */
    private static final class Formula implements InferenceModel {
        final List<Tensors> asked = new ArrayList<>();
        private final ModelSignature signature;
        private final List<String> labels;
        private final Function<Tensors, Tensors> formula;

        Formula(List<TensorSpec> outputs, List<String> labels, Function<Tensors, Tensors> formula) {
            this(List.of(X), outputs, labels, formula);
        }

        Formula(
                List<TensorSpec> inputs,
                List<TensorSpec> outputs,
                List<String> labels,
                Function<Tensors, Tensors> formula) {
            this.signature = new ModelSignature(inputs, outputs);
            this.labels = labels;
            this.formula = formula;
        }

        @Override
        public ModelDescriptor descriptor() {
            return ModelDescriptor.ofFile("formula", "f").with(signature, labels);
        }

        @Override
        public ModelSignature signature() {
            return signature;
        }

        @Override
        public String flavor() {
            return "formula";
        }

        @Override
        public Digest digest() {
            return Digest.of("formula".getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public Tensors predict(Tensors inputs, Deadline deadline) {
            signature.checkInputs("input", inputs);
            asked.add(inputs);
            return formula.apply(inputs);
        }

        @Override
        public void close() {}
    }

    private static <I, O> Binding<I, O> fit(Class<I> input, Class<O> output, InferenceModel model) {
        return Binding.Types.of(input, output).fit(model);
    }

    private static <O> O ask(Class<O> output, InferenceModel model) {
        return fit(Row.class, output, model).predict(new Row(1, 2), Deadline.NONE);
    }

    private static Tensors scores(float... scores) {
        return Tensors.of("scores", Tensor.copyOf(scores, 1, scores.length));
    }

    /** As many rows of what is given as the input has. */
    private static Tensors times(Tensors inputs, float... row) {
        int rows = inputs.at(0).rows();
        float[] all = new float[rows * row.length];
        for (int i = 0; i < all.length; i++) {
            int at = i / row.length;
            all[i] = row[i % row.length] + at;
        }
        return Tensors.of("y", Tensor.transfer(all, rows, row.length));
    }

    @Test
    void scoresAreAClassification() {
        Formula model = new Formula(List.of(SCORES), List.of("r", "g", "b"), x -> scores(0.1f, 0.7f, 0.2f));
        Classification c = ask(Classification.class, model);
        assertThat(c.label()).isEqualTo("g");
        assertThat(c.scores()).containsExactly(new double[] {0.1, 0.7, 0.2}, within(1e-7));
        assertThat(c.labels())
                .as("shared")
                .isSameAs(ask(Classification.class, model).labels());
        assertThat(ask(Classification.class, new Formula(List.of(SCORES), List.of(), x -> scores(0, 0, 1)))
                        .label())
                .isEqualTo("2");
    }

    @Test
    void theModelsOwnChoiceGoesBeforeTheGreatestScore() {
        for (Tensor chosen : List.of(Tensor.copyOf(new long[] {30}, 1), Tensor.copyOf(new int[] {30}, 1, 1))) {
            Formula model = new Formula(
                    List.of(TensorSpec.of("label", chosen.type(), chosen.shape().dims()), SCORES),
                    List.of("10", "20", "30"),
                    x -> Tensors.of("label", chosen, "scores", Tensor.copyOf(new float[] {0.1f, 0.5f, 0.4f}, 1, 3)));
            Classification c = ask(Classification.class, model);
            assertThat(c.label()).isEqualTo("30");
            assertThat(c.score()).isEqualTo(0.4f);
        }
        Formula strange = new Formula(
                List.of(LABEL, SCORES),
                List.of("10", "20", "30"),
                x -> Tensors.of(
                        "label", Tensor.copyOf(new long[] {40}, 1), "scores", Tensor.copyOf(new float[3], 1, 3)));
        assertThatThrownBy(() -> ask(Classification.class, strange))
                .isInstanceOf(ModelFailureException.class)
                .hasMessageContaining("none of its 3 labels");
        // Where labels are words and the choice a number, the order of the scores is what is known.
        Formula words = new Formula(
                List.of(LABEL, SCORES),
                List.of("r", "g", "b"),
                x -> Tensors.of(
                        "label",
                        Tensor.copyOf(new long[] {7}, 1),
                        "scores",
                        Tensor.copyOf(new float[] {0, 0, 1}, 1, 3)));
        assertThat(ask(Classification.class, words).label()).isEqualTo("b");
    }

    @Test
    void oneNumberIsTheProbabilityOfTheSecondOfTwoLabels() {
        for (TensorSpec spec : List.of(
                TensorSpec.of("y", DataType.FP32, -1),
                TensorSpec.of("y", DataType.FP32, -1, 1),
                TensorSpec.of("y", DataType.FP32, -1, -1))) {
            Formula model = new Formula(
                    List.of(spec),
                    List.of("no", "yes"),
                    x -> Tensors.of(
                            "y",
                            Tensor.copyOf(
                                    new float[] {0.75f},
                                    spec.shape().rank() == 1 ? new long[] {1} : new long[] {1, 1})));
            Classification c = ask(Classification.class, model);
            assertThat(c.label()).isEqualTo("yes");
            assertThat(c.scores()).containsExactly(0.25, 0.75);
        }
        Formula margin = new Formula(
                List.of(TensorSpec.of("y", DataType.FP32, -1)),
                List.of("no", "yes"),
                x -> Tensors.of("y", Tensor.copyOf(new float[] {1.5f}, 1)));
        assertThatThrownBy(() -> ask(Classification.class, margin))
                .isInstanceOf(ModelFailureException.class)
                .hasMessageContaining("no probability of its label 'yes'")
                .hasMessageNotContaining("1.5");
        assertThatThrownBy(() -> fit(
                        Row.class,
                        Classification.class,
                        new Formula(List.of(TensorSpec.of("y", DataType.FP32, -1)), List.of(), x -> x)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("two labels in its descriptor");
    }

    @Test
    void aLabelAloneIsAClassificationWithoutScores() {
        TensorSpec text = TensorSpec.of("label", DataType.BYTES, -1);
        Classification known = ask(
                Classification.class,
                new Formula(
                        List.of(text),
                        List.of("cat", "dog"),
                        x -> Tensors.of("label", Tensor.copyOf(new String[] {"dog"}, 1))));
        assertThat(known.label()).isEqualTo("dog");
        assertThat(known.labels()).containsExactly("cat", "dog");
        assertThat(known.scores()).containsOnly(Double.NaN);
        Classification unknown = ask(
                Classification.class,
                new Formula(List.of(LABEL), List.of(), x -> Tensors.of("label", Tensor.copyOf(new long[] {42}, 1))));
        assertThat(unknown.label()).isEqualTo("42");
        assertThat(unknown.score()).isNaN();
        Classification position = ask(
                Classification.class,
                new Formula(
                        List.of(LABEL),
                        List.of("cat", "dog"),
                        x -> Tensors.of("label", Tensor.copyOf(new long[] {0}, 1))));
        assertThat(position.label()).isEqualTo("cat");
    }

    private enum Animal {
        CAT,
        DOG
    }

    private record Answer(Animal label, float[] scores) {}

    @Test
    void recordsHoldLabelsAndScores() {
        Formula model = new Formula(
                List.of(TensorSpec.of("label", DataType.BYTES, -1), SCORES),
                List.of(),
                x -> Tensors.of(
                        "label",
                        Tensor.copyOf(new String[] {"DOG"}, 1),
                        "scores",
                        Tensor.copyOf(new float[] {1, 2, 3}, 1, 3)));
        Answer answer = ask(Answer.class, model);
        assertThat(answer.label()).isEqualTo(Animal.DOG);
        assertThat(answer.scores()).containsExactly(1, 2, 3);
    }

    private record Wrong(String a, int c) {}

    private record WrongAnswer(boolean y, float z) {}

    @Test
    void allDifferencesOfBothSidesAreListedAtOnce() {
        Formula model = new Formula(List.of(TensorSpec.of("y", DataType.FP32, -1, 2)), List.of(), x -> times(x, 1, 2));
        assertThatThrownBy(() -> fit(Wrong.class, WrongAnswer.class, model))
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        e -> assertThat(e.mismatches()).hasSize(5))
                .hasMessageContaining("'a' is BYTES, which does not convert to the FP32 of input x: FP32[-1, 2]")
                .hasMessageContaining("no component for column 'b'")
                .hasMessageContaining("'c' is no column of the model; remove it")
                .hasMessageContaining("'y' is boolean, to which output y: FP32[-1, 2] does not convert")
                .hasMessageContaining("'z' is no output of the model");
        assertThatThrownBy(() -> fit(int[].class, Tensors.class, model))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("int[]");
    }

    @Test
    void anEmbeddingIsAnArrayPerRow() {
        Formula model =
                new Formula(List.of(TensorSpec.of("y", DataType.FP32, -1, 3)), List.of(), x -> times(x, 0, 10, 20));
        assertThat(ask(float[].class, model)).containsExactly(0, 10, 20);
        List<double[]> rows =
                fit(Row.class, double[].class, model).predictAll(List.of(new Row(1, 2), new Row(3, 4)), Deadline.NONE);
        assertThat(rows.get(1)).containsExactly(1, 11, 21);
        assertThat(model.asked).as("one call for all").hasSize(2);
    }

    @Test
    void anAnswerBeyondAFloatIsNotReadAsInfinity() {
        Formula model = new Formula(
                List.of(TensorSpec.of("y", DataType.FP64, -1, 1)),
                List.of(),
                x -> Tensors.of("y", Tensor.copyOf(new double[] {1e300}, 1, 1)));
        assertThat(ask(double[].class, model)).containsExactly(1e300);
        assertThatThrownBy(() -> ask(float[].class, model))
                .isInstanceOf(ModelFailureException.class)
                .hasMessageContaining("double[]");
    }

    @Test
    void anArrayIsOneRowOrSeveral() {
        Formula model = new Formula(List.of(TensorSpec.of("y", DataType.FP32, -1, 1)), List.of(), x -> times(x, 5));
        Binding<float[], float[]> floats = fit(float[].class, float[].class, model);
        assertThat(floats.predict(new float[] {1, 2}, Deadline.NONE)).containsExactly(5);
        float[] rows = {1, 2, 3, 4, 5, 6};
        assertThat(floats.predict(rows, Deadline.NONE)).containsExactly(5, 6, 7);
        Arrays.fill(rows, -1);
        assertThat(model.asked.get(1).get("x").toDoubleArray())
                .as("the caller's is not kept")
                .containsExactly(1, 2, 3, 4, 5, 6);
        assertThatThrownBy(() -> floats.predict(new float[5], Deadline.NONE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(
                        "float[] of 5 elements: input x: FP32[-1, 2] takes rows of 2, expected a multiple");
        assertThat(fit(double[].class, double[].class, model).predict(new double[] {1, 2, 3, 4}, Deadline.NONE))
                .containsExactly(5, 6);
        assertThat(fit(float[].class, Regression.class, model)
                        .predict(new float[2], Deadline.NONE)
                        .value())
                .isEqualTo(5);
        assertThatThrownBy(() -> fit(float[].class, Regression.class, model).predict(new float[4], Deadline.NONE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("2 rows, but one answer");
        assertThat(fit(Tensors.class, float[].class, model)
                        .predict(Tensors.of("x", Tensor.copyOf(new float[4], 2, 2)), Deadline.NONE))
                .containsExactly(5, 6);
    }

    @Test
    void manyArraysAreOneCall() {
        Formula model =
                new Formula(List.of(TensorSpec.of("y", DataType.FP32, -1, 2)), List.of(), x -> times(x, 0, 100));
        List<float[]> answers = fit(float[].class, float[].class, model)
                .predictAll(List.of(new float[2], new float[4], new float[0], new float[] {7, 8}), Deadline.NONE);
        assertThat(answers).hasSize(4);
        assertThat(answers.get(0)).containsExactly(0, 100);
        assertThat(answers.get(1)).containsExactly(1, 101, 2, 102);
        assertThat(answers.get(2)).isEmpty();
        assertThat(answers.get(3)).containsExactly(3, 103);
        assertThat(model.asked)
                .singleElement()
                .satisfies(x -> assertThat(x.get("x").toDoubleArray()).containsExactly(0, 0, 0, 0, 0, 0, 7, 8));
        List<Classification> classes = fit(double[].class, Classification.class, model)
                .predictAll(List.of(new double[2], new double[2]), Deadline.NONE);
        assertThat(classes).hasSize(2).allSatisfy(c -> assertThat(c.index()).isEqualTo(1));
        assertThatThrownBy(() -> fit(double[].class, Classification.class, model)
                        .predictAll(List.of(new double[2], new double[6]), Deadline.NONE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("array 1 has 3 rows");
        assertThat(fit(float[].class, float[].class, model).predictAll(List.of(), Deadline.NONE))
                .isEmpty();
        assertThat(model.asked).hasSize(2);
    }

    @Test
    void arraysWidenAndRefuseWhatTheModelCannotHold() {
        TensorSpec wide = TensorSpec.of("x", DataType.FP64, -1, 2, 2);
        Formula model = new Formula(
                List.of(wide),
                List.of(TensorSpec.of("y", DataType.FP64, -1, 4)),
                List.of(),
                x -> Tensors.of(
                        "y",
                        Tensor.transfer(x.get("x").toDoubleArray(), x.get("x").rows(), 4)));
        assertThat(fit(float[].class, double[].class, model).predict(new float[] {1, 2, 3, 4}, Deadline.NONE))
                .containsExactly(1, 2, 3, 4);
        assertThat(fit(double[].class, float[].class, model).predict(new double[] {1, 2, 3, 0.1}, Deadline.NONE))
                .containsExactly(1, 2, 3, 0.1f);
        Formula narrow = new Formula(List.of(TensorSpec.of("y", DataType.FP32, -1, 1)), List.of(), x -> times(x, 5));
        assertThatThrownBy(() -> fit(double[].class, double[].class, narrow)
                        .predict(new double[] {1, 2, 3, 1e300}, Deadline.NONE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("element 1 of row 1 is beyond what the FP32 of input x")
                .hasMessageNotContaining("E300");
    }

    @Test
    void arraysNeedOneFloatingInputOfKnownWidthAndOneFloatingOutput() {
        for (List<TensorSpec> inputs : List.of(
                List.of(X, TensorSpec.of("z", DataType.FP32, -1)),
                List.of(TensorSpec.of("x", DataType.INT64, -1, 2)),
                List.of(TensorSpec.of("x", DataType.FP32, -1, -1)))) {
            Formula model =
                    new Formula(inputs, List.of(SCORES, TensorSpec.of("y", DataType.FP64, -1)), List.of(), x -> x);
            assertThatThrownBy(() -> fit(float[].class, float[].class, model))
                    .isInstanceOfSatisfying(
                            InvalidInputException.class,
                            e -> assertThat(e.mismatches()).hasSize(2))
                    .hasMessageContaining("needs one input of type FP32 or FP64 with rows of a known width")
                    .hasMessageContaining("needs one floating output");
        }
    }

    private record Both(float score, String label) {}

    @Test
    void anAnswerThatIsNoSuchRecordIsTheModelsFailure() {
        List<TensorSpec> outputs =
                List.of(TensorSpec.of("score", DataType.FP32, -1, -1), TensorSpec.of("label", DataType.BYTES, -1));
        Tensor one = Tensor.copyOf(new float[1], 1, 1);
        Formula wide = new Formula(
                outputs,
                List.of(),
                x -> Tensors.of(
                        "score", Tensor.copyOf(new float[3], 1, 3), "label", Tensor.copyOf(new String[] {"a"}, 1)));
        assertThatThrownBy(() -> ask(Both.class, wide))
                .isInstanceOf(ModelFailureException.class)
                .hasMessageContaining("does not make a Both")
                .hasMessageContaining("expected one value a row");
        Formula more = new Formula(
                outputs, List.of(), x -> Tensors.of("score", one, "label", Tensor.copyOf(new String[] {"a", "b"}, 2)));
        assertThatThrownBy(() -> ask(Both.class, more))
                .isInstanceOf(ModelFailureException.class)
                .hasMessageContaining("1 rows of output 'score' and 2 of 'label'");
        Formula none = new Formula(
                outputs, List.of(), x -> Tensors.of("score", one, "label", Tensor.copyOf(new String[0], 0)));
        assertThatThrownBy(() -> ask(Both.class, none)).isInstanceOf(ModelFailureException.class);
        Formula noConstant = new Formula(
                List.of(TensorSpec.of("label", DataType.BYTES, -1), SCORES),
                List.of(),
                x -> Tensors.of(
                        "label", Tensor.copyOf(new String[] {"EEL"}, 1), "scores", Tensor.copyOf(new float[3], 1, 3)));
        assertThatThrownBy(() -> ask(Answer.class, noConstant))
                .isInstanceOf(ModelFailureException.class)
                .hasMessageContaining("expected one of [CAT, DOG]");
    }

    @Test
    void arraysOfSeveralRowsForOneAnswerAreRefusedBeforeTheModelIsAsked() {
        Formula model = new Formula(List.of(TensorSpec.of("y", DataType.FP32, -1, 1)), List.of(), x -> times(x, 5));
        Binding<float[], Regression> binding = fit(float[].class, Regression.class, model);
        for (int rows : new int[] {0, 2}) {
            assertThatThrownBy(() -> binding.predict(new float[2 * rows], Deadline.NONE))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("the input has " + rows + " rows, but one answer");
            assertThatThrownBy(() -> binding.prepare(new float[2 * rows])).isInstanceOf(InvalidInputException.class);
        }
        assertThat(model.asked).isEmpty();
        Formula doubling = new Formula(
                List.of(TensorSpec.of("y", DataType.FP32, -1, 1)),
                List.of(),
                x -> Tensors.of("y", Tensor.copyOf(new float[2], 2, 1)));
        assertThatThrownBy(() -> fit(float[].class, Regression.class, doubling).predict(new float[2], Deadline.NONE))
                .isInstanceOf(ModelFailureException.class)
                .hasMessageContaining("answered with 2 rows to 1");
    }

    @Test
    void aModelThatAnswersWithOtherRowsIsFoundOut() {
        Formula model = new Formula(List.of(SCORES), List.of(), x -> scores(1, 2, 3));
        List<Row> rows = IntStream.range(0, 2).mapToObj(i -> new Row(i, i)).toList();
        assertThatThrownBy(() -> fit(Row.class, float[].class, model).predictAll(rows, Deadline.NONE))
                .isInstanceOf(ModelFailureException.class)
                .hasMessageContaining("answered with 1 rows to 2");
        assertThatThrownBy(() -> fit(float[].class, float[].class, model)
                        .predictAll(List.of(new float[2], new float[2]), Deadline.NONE))
                .isInstanceOf(ModelFailureException.class);
    }
}
