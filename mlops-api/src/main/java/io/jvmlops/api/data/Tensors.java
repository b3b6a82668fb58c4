package io.jvmlops.api.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Named tensors in a fixed order: what goes into a model and what comes out. Immutable. Names are unique and compared
 * exactly; order matters to {@link #at} but not to equality.
 */
public final class Tensors {
    private static final String[] NO_NAMES = {};
    private static final Tensor[] NO_TENSORS = {};

    // The first lies here, not in an array: most models take one tensor, and its look-up is on the way of every call.
    private final @Nullable String name;
    private final @Nullable Tensor tensor;
    private final String[] otherNames;
    private final Tensor[] others;

    private Tensors(@Nullable String name, @Nullable Tensor tensor, String[] otherNames, Tensor[] others) {
        this.name = name;
        this.tensor = tensor;
        this.otherNames = otherNames;
        this.others = others;
    }

    public static Tensors of(String name, Tensor tensor) {
        return new Tensors(requireName(name), requireTensor(name, tensor), NO_NAMES, NO_TENSORS);
    }

    /** @throws IllegalArgumentException if both names are the same */
    public static Tensors of(String name1, Tensor tensor1, String name2, Tensor tensor2) {
        return builder().put(name1, tensor1).put(name2, tensor2).build();
    }

    /** The entries of a map, in its order. */
    public static Tensors copyOf(Map<String, Tensor> tensors) {
        Builder builder = builder();
        tensors.forEach(builder::put);
        return builder.build();
    }

    public static Builder builder() {
        return new Builder();
    }

    public int size() {
        return tensor == null ? 0 : 1 + others.length;
    }

    /** @throws IndexOutOfBoundsException if there are not so many */
    public String nameAt(int position) {
        return position == 0 && name != null ? name : otherNames[position - 1];
    }

    /** @throws IndexOutOfBoundsException if there are not so many */
    public Tensor at(int position) {
        return position == 0 && tensor != null ? tensor : others[position - 1];
    }

    public List<String> names() {
        return List.copyOf(toMap().keySet());
    }

    public Optional<Tensor> find(String name) {
        int position = indexOf(name);
        return position < 0 ? Optional.empty() : Optional.of(at(position));
    }

    /** @throws NoSuchElementException if there is none of that name; the message lists the names there are */
    public Tensor get(String name) {
        int position = indexOf(name);
        if (position < 0) {
            throw new NoSuchElementException("no tensor '" + name + "'; there are " + names());
        }
        return at(position);
    }

    /**
     * Some of the rows of every tensor, copied, in the order given.
     *
     * @throws IllegalStateException if one is a scalar
     * @throws IndexOutOfBoundsException if one has no such row
     */
    public Tensors select(int... rows) {
        Tensor[] selected = new Tensor[others.length];
        for (int i = 0; i < selected.length; i++) {
            selected[i] = others[i].select(rows);
        }
        return new Tensors(name, tensor == null ? null : tensor.select(rows), otherNames, selected);
    }

    /**
     * The rows of all, tensor by tensor, one after the other, copied.
     *
     * @throws IllegalArgumentException if there are none, or they differ in names, types or the shapes of rows
     */
    public static Tensors concat(List<Tensors> all) {
        if (all.isEmpty()) {
            throw new IllegalArgumentException("no tensors to put together");
        }
        Tensors first = all.get(0);
        for (Tensors each : all) {
            if (each.size() != first.size()) {
                throw apart(first, each);
            }
        }
        Tensor[] joined = new Tensor[first.others.length];
        for (int i = 0; i < joined.length; i++) {
            joined[i] = concat(all, i + 1);
        }
        return new Tensors(first.name, first.tensor == null ? null : concat(all, 0), first.otherNames, joined);
    }

    /** @param position of the tensor in the first of them */
    private static Tensor concat(List<Tensors> all, int position) {
        String name = all.get(0).nameAt(position);
        List<Tensor> parts = new ArrayList<>(all.size());
        for (Tensors each : all) {
            int there = each.nameAt(position).equals(name) ? position : each.indexOf(name);
            if (there < 0) {
                throw apart(all.get(0), each);
            }
            parts.add(each.at(there));
        }
        return Tensor.concat(parts);
    }

    private static IllegalArgumentException apart(Tensors one, Tensors other) {
        return new IllegalArgumentException("tensors named " + one.names() + " and " + other.names()
                + " cannot be put together: expected the same names");
    }

    /** The position of a name, or -1. */
    public int indexOf(String name) {
        for (int i = 0; i < size(); i++) {
            if (nameAt(i).equals(name)) {
                return i;
            }
        }
        return -1;
    }

    public Map<String, Tensor> toMap() {
        Map<String, Tensor> map = new LinkedHashMap<>();
        for (int i = 0; i < size(); i++) {
            map.put(nameAt(i), at(i));
        }
        return map;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Tensors that) || that.size() != size()) {
            return false;
        }
        for (int i = 0; i < size(); i++) {
            int position = that.indexOf(nameAt(i));
            if (position < 0 || !at(i).equals(that.at(position))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int sum = 0;
        for (int i = 0; i < size(); i++) {
            sum += 31 * nameAt(i).hashCode() ^ at(i).hashCode();
        }
        return sum;
    }

    /** Names, types and shapes, never elements. */
    @Override
    public String toString() {
        return toMap().toString();
    }

    private static String requireName(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("the name of a tensor is " + (name == null ? "null" : "empty"));
        }
        return name;
    }

    private static Tensor requireTensor(String name, @Nullable Tensor tensor) {
        if (tensor == null) {
            throw new NullPointerException("tensor '" + name + "' is null");
        }
        return tensor;
    }

    /** Collects tensors in order. Not thread-safe. */
    public static final class Builder {
        private final List<String> names = new ArrayList<>();
        private final List<Tensor> tensors = new ArrayList<>();

        private Builder() {}

        /** @throws IllegalArgumentException if the name is taken */
        public Builder put(String name, Tensor tensor) {
            requireTensor(requireName(name), tensor);
            if (names.contains(name)) {
                throw new IllegalArgumentException("two tensors are named '" + name + "'");
            }
            names.add(name);
            tensors.add(tensor);
            return this;
        }

        public Tensors build() {
            if (tensors.isEmpty()) {
                return new Tensors(null, null, NO_NAMES, NO_TENSORS);
            }
            int size = tensors.size();
            return new Tensors(
                    names.get(0),
                    tensors.get(0),
                    names.subList(1, size).toArray(NO_NAMES),
                    tensors.subList(1, size).toArray(NO_TENSORS));
        }
    }
}
