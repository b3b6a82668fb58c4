package io.jvmlops.api.model;

import io.jvmlops.api.data.Column;
import io.jvmlops.api.data.Schema;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tensors that a model takes and gives, in the model's order. */
public record ModelSignature(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    public ModelSignature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    public Optional<TensorSpec> input(String name) {
        return inputs.stream().filter(s -> s.name().equals(name)).findFirst();
    }

    public Optional<TensorSpec> output(String name) {
        return outputs.stream().filter(s -> s.name().equals(name)).findFirst();
    }

    /** The columns of all inputs that have names, in order. */
    public Schema inputSchema() {
        return schema(inputs);
    }

    /** The columns of all outputs that have names, in order. */
    public Schema outputSchema() {
        return schema(outputs);
    }

    private static Schema schema(List<TensorSpec> specs) {
        List<Column> columns = new ArrayList<>();
        for (TensorSpec spec : specs) {
            columns.addAll(spec.toColumns());
        }
        return new Schema(columns);
    }

    /**
     * Checks tensors against the inputs: every input there, none besides, types equal, shapes accepted, and one leading
     * extent for all inputs whose leading axis is dynamic.
     *
     * @param subject what is checked, for the message
     * @throws InvalidInputException that lists all mismatches
     */
    public void checkInputs(String subject, Tensors actual) {
        // The usual case first, without allocating.
        boolean fits = actual.size() == inputs.size();
        long batch = -1;
        for (int i = 0; fits && i < inputs.size(); i++) {
            TensorSpec spec = inputs.get(i);
            int position = i < actual.size() && actual.nameAt(i).equals(spec.name()) ? i : actual.indexOf(spec.name());
            if (position < 0) {
                fits = false;
                break;
            }
            Tensor tensor = actual.at(position);
            fits = tensor.type() == spec.type() && spec.shape().accepts(tensor.shape());
            if (fits && spec.shape().rank() > 0 && spec.shape().dim(0) == -1) {
                fits = batch == -1 || batch == tensor.shape().dim(0);
                batch = tensor.shape().dim(0);
            }
        }
        if (!fits) {
            throw new InvalidInputException(subject, mismatches(actual));
        }
    }

    private List<String> mismatches(Tensors actual) {
        List<String> found = new ArrayList<>();
        String batchOf = "";
        long batch = -1;
        for (TensorSpec spec : inputs) {
            int position = actual.indexOf(spec.name());
            if (position < 0) {
                found.add("tensor '" + spec.name() + "' is missing, expected " + spec.type() + spec.shape());
                continue;
            }
            Tensor tensor = actual.at(position);
            if (tensor.type() != spec.type() || !spec.shape().accepts(tensor.shape())) {
                found.add("tensor '" + spec.name() + "' is " + tensor + ", expected " + spec.type() + spec.shape());
            } else if (spec.shape().rank() > 0 && spec.shape().dim(0) == -1) {
                if (batch != -1 && batch != tensor.shape().dim(0)) {
                    found.add("tensor '" + spec.name() + "' has "
                            + tensor.shape().dim(0) + " rows, but '" + batchOf + "' has " + batch);
                }
                batch = tensor.shape().dim(0);
                batchOf = spec.name();
            }
        }
        for (String name : actual.names()) {
            if (input(name).isEmpty()) {
                found.add("tensor '" + name + "' is not an input, expected only "
                        + inputs.stream().map(TensorSpec::name).toList());
            }
        }
        return found;
    }
}
