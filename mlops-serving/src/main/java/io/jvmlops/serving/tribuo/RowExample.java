package io.jvmlops.serving.tribuo;

import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.FeatureMap;
import org.tribuo.Output;
import org.tribuo.impl.ArrayExample;
import org.tribuo.protos.core.ExampleProto;
import org.tribuo.util.Merger;

/**
 * A row seen as one of Tribuo's examples, without copying or sorting it. Cannot be changed; Tribuo copies an example
 * before it changes one.
 */
final class RowExample<T extends Output<T>> extends Example<T> {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // refuses to be serialized
    private final transient String[] names;

    private final transient int[] positions;
    private final transient double[] row;

    RowExample(T output, String[] names, int[] positions, double[] row) {
        super(output);
        this.names = names;
        this.positions = positions;
        this.row = row;
    }

    @Override
    public int size() {
        return names.length;
    }

    @Override
    public Iterator<Feature> iterator() {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < names.length;
            }

            @Override
            public Feature next() {
                if (next == names.length) {
                    throw new NoSuchElementException();
                }
                Feature feature = new Feature(names[next], row[positions[next]]);
                next++;
                return feature;
            }
        };
    }

    @Override
    public Example<T> copy() {
        return new ArrayExample<>(this);
    }

    @Override
    public boolean validateExample() {
        return names.length > 0;
    }

    @Override
    public boolean isDense(FeatureMap featureMap) {
        return featureMap.size() == names.length;
    }

    @Override
    public void canonicalize(FeatureMap featureMap) {
        // The names are already those of the model's own map.
    }

    @Override
    protected void sort() {
        // Sorted from the start.
    }

    @Override
    public void add(Feature feature) {
        throw fixed();
    }

    @Override
    public void addAll(Collection<? extends Feature> features) {
        throw fixed();
    }

    @Override
    public void removeFeatures(List<Feature> featureList) {
        throw fixed();
    }

    @Override
    public void reduceByName(Merger merger) {
        throw fixed();
    }

    @Override
    protected void densify(List<String> featureNames) {
        throw fixed();
    }

    @Override
    public void set(Feature feature) {
        throw fixed();
    }

    @Override
    public ExampleProto serialize() {
        throw fixed();
    }

    private static UnsupportedOperationException fixed() {
        return new UnsupportedOperationException("a row of a tensor cannot be changed or stored as an example");
    }

    /** Shows no values: they may be a person's. */
    @Override
    public String toString() {
        return "row of " + names.length + " features";
    }
}
