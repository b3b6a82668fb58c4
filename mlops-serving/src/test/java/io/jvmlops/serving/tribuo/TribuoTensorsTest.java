package io.jvmlops.serving.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelSignature;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.impl.ArrayExample;

class TribuoTensorsTest {
    private static final ModelSignature TWO = new ModelSignature(
            List.of(TensorSpec.of("input", DataType.FP32, -1, 2).withColumns(List.of("b", "a"))), List.of());

    private static Example<Label> example(String[] names, double... values) {
        return new ArrayExample<>(new Label("x"), names, values);
    }

    /** The model that was exported answers the tensors as Tribuo's model answers the examples. */
    @Test
    void theModelAnswersThemAsTribuoAnswersTheExamples(@TempDir Path folder) {
        Model<Label> model = Trained.logistic();
        MutableDataset<Label> data = Trained.labelled();
        ModelSignature signature =
                TribuoModels.export(model).export(folder, null).signature();
        List<Prediction<Label>> expected = model.predict(data);

        List<Tensors> batches = new ArrayList<>();
        TribuoTensors.batches(data, signature).forEach(batches::add);

        assertThat(batches).hasSize(1);
        Tensor input = batches.get(0).get("input");
        assertThat(input.rows()).isEqualTo(Trained.ROWS);
        List<String> columns = signature.inputs().get(0).columns();
        int row = 0;
        for (Prediction<Label> prediction : expected) {
            double[] values = new double[columns.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = input.doubleAt(row * values.length + i);
            }
            Label answer = model.predict(example(columns.toArray(String[]::new), values))
                    .getOutput();
            assertThat(answer.getScore()).isEqualTo(prediction.getOutput().getScore());
            row++;
        }
    }

    @Test
    void columnsAreByNameAbsentOnesZeroAndUnknownOnesLeftOut() {
        Tensors batch = TribuoTensors.batches(
                        List.of(example(new String[] {"a", "b", "c"}, 1, 2, 3), example(new String[] {"a"}, 4)), TWO)
                .iterator()
                .next();

        assertThat(batch.get("input")).isEqualTo(Tensor.copyOf(new float[] {2, 1, 0, 4}, 2, 2));
    }

    @Test
    void batchesAreBoundedAndCanBeIteratedAgain() {
        Iterable<Tensors> batches = TribuoTensors.batches(
                Collections.nCopies(2 * TribuoTensors.BATCH_ROWS + 1, example(new String[] {"a"}, 1)), TWO);

        for (int again = 0; again < 2; again++) {
            List<Integer> rows = new ArrayList<>();
            batches.forEach(batch -> rows.add(batch.get("input").rows()));
            assertThat(rows).containsExactly(TribuoTensors.BATCH_ROWS, TribuoTensors.BATCH_ROWS, 1);
        }
        assertThat(TribuoTensors.batches(List.of(), TWO)).isEmpty();
    }

    @Test
    void aSignatureWithoutNamedColumnsIsRefused() {
        ModelSignature unnamed = new ModelSignature(List.of(TensorSpec.of("input", DataType.FP32, -1, 2)), List.of());

        assertThatThrownBy(() -> TribuoTensors.batches(List.of(), unnamed))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("columns");
    }
}
