package io.jvmlops.monitoring;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Profile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a model's inputs and outputs looked like when it was made: what a {@link Monitor} compares with. Immutable.
 *
 * <p><b>Columns</b> are the positions along the last axis of each tensor of the signature, by their names there; a matrix
 * without names gives {@code tensor[0]}, {@code tensor[1]}, ... up to 1024 positions, other tensors without names are not
 * watched. Where two tensors of one side name a column alike, the second is {@code tensor.column}.
 *
 * <p><b>Numeric columns</b> are counted between edges at the quantiles of these data: {@code min(20, floor(sqrt(n)))} bins,
 * at least 2, values that many rows share in bins of their own. <b>String columns</b> are counted by their frequent levels,
 * at most 64 of at most 200 characters; rarer ones, and all levels of a column with more than 10,000 of them, are counted
 * together. <b>Boolean columns</b> have both levels. NaN is a missing value; an empty string is a level like others.
 *
 * <p>It holds the frequent levels of string columns, and some values of numeric ones as edges: store it like the data.
 */
public final class ReferenceProfile {
    private final ModelSignature signature;
    private final Profile inputs;
    private final Profile outputs;
    private final Layout inputLayout;
    private final Layout outputLayout;

    ReferenceProfile(ModelSignature signature, Profile inputs, Profile outputs) {
        this.signature = signature;
        this.inputs = inputs;
        this.outputs = outputs;
        inputLayout = Layout.of(signature.inputs());
        outputLayout = Layout.of(signature.outputs());
    }

    /**
     * Starts an empty one.
     *
     * @throws InvalidInputException if two columns of the signature have one name even with their tensors' names
     */
    public static Builder builder(ModelSignature signature) {
        return new Builder(signature);
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @throws InvalidInputException if the bytes are damaged, cut short, or of an unknown version
     */
    public static ReferenceProfile parse(byte[] bytes) {
        return ProfileCodec.read(bytes);
    }

    /** Of the model it belongs to. */
    public ModelSignature signature() {
        return signature;
    }

    public Profile inputs() {
        return inputs;
    }

    /** Without columns if the reference was made without outputs. */
    public Profile outputs() {
        return outputs;
    }

    /**
     * Both together, as if their rows had been counted at once.
     *
     * @throws IllegalArgumentException if they are not over the same signature, edges and levels
     * @see Profiles#merge
     */
    public ReferenceProfile merge(ReferenceProfile other) {
        if (!signature.equals(other.signature)) {
            throw new IllegalArgumentException("profiles of two signatures cannot be merged");
        }
        return new ReferenceProfile(
                signature, Profiles.merge(inputs, other.inputs), Profiles.merge(outputs, other.outputs));
    }

    /**
     * The canonical binary form: equal profiles have equal bytes, on every machine. Big-endian; strings are a 32-bit number of
     * UTF-16 units and the units, lists a 32-bit number of items and the items.
     *
     * <pre>
     * file     = "JMPF" version:u8=1 specs(inputs) specs(outputs) profile(inputs) profile(outputs) crc32c-of-all-before:u32
     * spec     = name:string type:string shape:list(i64) columns:list(string)
     * profile  = rows:i64 columns:list(column)
     * column   = name:string kind:u8 missing:i64 (numeric | levels)
     * numeric  = [kind 1] finite:i64 min:f64 max:f64 mean:f64 variance:f64 edges:list(f64) bins:i64 * (edges + 1)
     * levels   = [kind 2] other:i64 levels:list(name:string count:i64)
     * </pre>
     */
    public byte[] toBytes() {
        return ProfileCodec.write(this);
    }

    Layout inputLayout() {
        return inputLayout;
    }

    Layout outputLayout() {
        return outputLayout;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ReferenceProfile that
                && signature.equals(that.signature)
                && inputs.equals(that.inputs)
                && outputs.equals(that.outputs);
    }

    @Override
    public int hashCode() {
        return Objects.hash(signature, inputs, outputs);
    }

    /** Numbers of rows and columns, no values. */
    @Override
    public String toString() {
        return inputs.rows() + " rows of " + inputs.columns().size() + " input and "
                + outputs.columns().size() + " output columns";
    }

    /**
     * Gathers data. Keeps up to {@link #maxValues} values a numeric column, 8 bytes each, and counts of up to 10,000 strings
     * a string column, until {@link #build}. Not thread-safe.
     */
    public static final class Builder {
        private final ModelSignature signature;
        private final Layout inputLayout;
        private final Layout outputLayout;
        private int maxValues = 100_000;
        private @Nullable Table inputs;
        private @Nullable Table outputs;

        private Builder(ModelSignature signature) {
            this.signature = signature;
            inputLayout = Layout.of(signature.inputs());
            outputLayout = Layout.of(signature.outputs());
        }

        /**
         * How many values to keep of each numeric column: 100,000 unless told. Of more, a uniform sample is kept, the same on
         * every run over the same data in the same order; its counts are then what the profile has.
         *
         * @throws IllegalArgumentException if it is less than 1
         * @throws IllegalStateException if data were added already
         */
        public Builder maxValues(int values) {
            if (values < 1) {
                throw new IllegalArgumentException("at most " + values + " values: expected 1 or more");
            }
            if (inputs != null) {
                throw new IllegalStateException("the number of values to keep is set before data are added");
            }
            maxValues = values;
            return this;
        }

        /**
         * Adds a batch of inputs.
         *
         * @throws InvalidInputException if the batch does not fit the signature; nothing of it is added
         */
        public Builder add(Tensors inputs) {
            return add(inputs, null);
        }

        /**
         * Adds a batch of inputs and what the model answered.
         *
         * @throws InvalidInputException if either does not fit the signature; nothing of them is added
         */
        public Builder add(Tensors inputs, @Nullable Tensors outputs) {
            int inputRows = inputLayout.requireRows("inputs of the reference", inputs);
            int outputRows = outputs == null ? 0 : outputLayout.requireRows("outputs of the reference", outputs);
            if (this.inputs == null) {
                this.inputs = new Table(inputLayout, maxValues);
            }
            this.inputs.add(inputs, inputRows);
            if (outputs != null) {
                if (this.outputs == null) {
                    this.outputs = new Table(outputLayout, maxValues);
                }
                this.outputs.add(outputs, outputRows);
            }
            return this;
        }

        /** What was added so far; more may be added and built afterwards. Outputs are watched only if some were added. */
        public ReferenceProfile build() {
            return new ReferenceProfile(
                    signature,
                    (inputs == null ? new Table(inputLayout, maxValues) : inputs).profile(),
                    outputs == null ? new Profile(0, Map.of()) : outputs.profile());
        }
    }

    private static final class Table {
        private final Layout layout;
        private final Map<String, ColumnSample> byName = new LinkedHashMap<>();
        private final ColumnSample[] samples;
        private long rows;

        Table(Layout layout, int maxValues) {
            this.layout = layout;
            layout.columns()
                    .forEach((name, type) ->
                            byName.put(name, ColumnSample.of(name, type, maxValues, byName.size() + 1L)));
            samples = byName.values().toArray(ColumnSample[]::new);
        }

        void add(Tensors tensors, int count) {
            rows += count;
            for (int i = 0; i < layout.slots().size(); i++) {
                Layout.Slot slot = layout.slots().get(i);
                if (slot.width() == 0) {
                    continue;
                }
                Tensor tensor = tensors.at(layout.position(tensors, i));
                for (int index = 0; index < tensor.size(); index++) {
                    samples[slot.first() + index % slot.width()].add(tensor, index);
                }
            }
        }

        Profile profile() {
            Map<String, ColumnProfile> columns = new LinkedHashMap<>();
            byName.forEach((name, sample) -> columns.put(name, sample.profile()));
            return new Profile(rows, columns);
        }
    }
}
