package io.jvmlops.monitoring.profile;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.api.monitoring.Sketch;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a model's inputs and outputs looked like when it was made: what a monitor compares with. Immutable.
 *
 * <p><b>Columns</b> are the positions along the last axis of each tensor of the signature, by their names there; a matrix
 * without names gives {@code tensor[0]}, {@code tensor[1]}, ... up to 1024 positions, other tensors without names are not
 * watched. Where two tensors of one side name a column alike, the second is {@code tensor.column}.
 *
 * <p><b>Numeric columns</b> are counted between edges at the quantiles of these data: {@code min(20, floor(sqrt(n)))} bins,
 * at least 2, values that many rows share in bins of their own, and a bin on each side for what is below or above all of them. <b>String columns</b> are counted by their levels, of at most
 * 200 characters; of a column with more than 10,000 of them, those 10,000 with the least hashes are told apart and the others
 * counted together. <b>Boolean columns</b> have both levels. NaN is a missing value; an empty string is a level like others.
 *
 * <p>It holds the levels of string columns, and some values of numeric ones as edges: store it like the data.
 */
public final class ReferenceProfile {
    private final ModelSignature signature;
    private final Profile inputs;
    private final Profile outputs;
    private final TensorLayout inputLayout;
    private final TensorLayout outputLayout;
    // Made when they are first asked for; made twice, they are the same.
    private volatile @Nullable TablePlan inputPlan;
    private volatile @Nullable TablePlan outputPlan;

    ReferenceProfile(ModelSignature signature, Profile inputs, Profile outputs) {
        this.signature = signature;
        this.inputs = inputs;
        this.outputs = outputs;
        inputLayout = TensorLayout.of(signature.inputs());
        outputLayout = TensorLayout.of(signature.outputs());
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
     * file     = "JMPF" version:u8=2 content:u8=1 specs(inputs) specs(outputs) profile(inputs) profile(outputs) crc32c-of-all-before:u32
     * spec     = name:string type:string shape:list(i64) columns:list(string)
     * profile  = rows:i64 columns:list(column)
     * column   = name:string kind:u8 missing:i64 (numeric | levels)
     * numeric  = [kind 1: edges, 3: sketch] nan:i64 negative-infinities:i64 positive-infinities:i64 moments (edges | sketch) distinct
     * moments  = count:i64 [min:f64 max:f64 sum squares, if count > 0]
     * sum      = exponent:i32 unscaled:list(u8), two's complement, big-endian, shortest, odd or 0
     * edges    = edges:list(f64) bins:i64 * (edges + 1)
     * sketch   = shift:u8 list(key:i64 count:i64), see {@link Sketch}
     * distinct = UltraLogLog registers:list(u8)
     * levels   = [kind 2] bound:u64 outside:i64 levels:list(name:string count:i64) unseen
     * unseen   = limit:i32 rows:i64 list(name:string count:i64), by ascending Komihash 5.0 of the UTF-16 units
     * </pre>
     */
    public byte[] toBytes() {
        return ProfileCodec.write(this);
    }

    TensorLayout inputLayout() {
        return inputLayout;
    }

    TensorLayout outputLayout() {
        return outputLayout;
    }

    /** Shared by all that count over this. */
    TablePlan inputPlan() {
        TablePlan plan = inputPlan;
        if (plan == null) {
            plan = TablePlan.like(inputLayout, inputs);
            inputPlan = plan;
        }
        return plan;
    }

    TablePlan outputPlan() {
        TablePlan plan = outputPlan;
        if (plan == null) {
            plan = TablePlan.like(outputLayout, outputs);
            outputPlan = plan;
        }
        return plan;
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

    /** Counts rows over the edges and levels of this reference; see {@link WindowProfiler}. */
    public WindowProfiler profiler() {
        return new WindowProfiler(this);
    }

    /**
     * Gathers data, in memory that does not grow with them: up to {@value Sketch#MAX_BINS} bins a numeric column and 10,000
     * levels a string column. Not thread-safe.
     */
    public static final class Builder {
        private final ModelSignature signature;
        private final TableCounter inputs;
        private final TensorLayout inputLayout;
        private final TensorLayout outputLayout;
        private @Nullable TableCounter outputs;

        private Builder(ModelSignature signature) {
            this.signature = signature;
            inputLayout = TensorLayout.of(signature.inputs());
            outputLayout = TensorLayout.of(signature.outputs());
            inputs = new TableCounter(TablePlan.of(inputLayout));
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
            this.inputs.add(inputs, inputRows);
            if (outputs != null) {
                if (this.outputs == null) {
                    this.outputs = new TableCounter(TablePlan.of(outputLayout));
                }
                this.outputs.add(outputs, outputRows);
            }
            return this;
        }

        /** What was added so far; more may be added and built afterwards. Outputs are watched only if some were added. */
        public ReferenceProfile build() {
            return new ReferenceProfile(
                    signature,
                    Profiles.asReference(inputs.profile()),
                    outputs == null ? Profile.EMPTY : Profiles.asReference(outputs.profile()));
        }
    }
}
