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
    private final String[] names;
    private final Tensor[] tensors;

    private Tensors(String[] names, Tensor[] tensors) {
        this.names = names;
        this.tensors = tensors;
    }

    public static Tensors of(String name, Tensor tensor) {
        return new Tensors(new String[] {requireName(name)}, new Tensor[] {requireTensor(name, tensor)});
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
        return names.length;
    }

    public String nameAt(int position) {
        return names[position];
    }

    public Tensor at(int position) {
        return tensors[position];
    }

    public List<String> names() {
        return List.of(names);
    }

    public Optional<Tensor> find(String name) {
        int position = indexOf(name);
        return position < 0 ? Optional.empty() : Optional.of(tensors[position]);
    }

    /** @throws NoSuchElementException if there is none of that name; the message lists the names there are */
    public Tensor get(String name) {
        int position = indexOf(name);
        if (position < 0) {
            throw new NoSuchElementException("no tensor '" + name + "'; there are " + names());
        }
        return tensors[position];
    }

    /**
     * Some of the rows of every tensor, copied, in the order given.
     *
     * @throws IllegalStateException if one is a scalar
     * @throws IndexOutOfBoundsException if one has no such row
     */
    public Tensors select(int... rows) {
        Tensor[] selected = new Tensor[tensors.length];
        for (int i = 0; i < selected.length; i++) {
            selected[i] = tensors[i].select(rows);
        }
        return new Tensors(names, selected);
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
            if (each.tensors.length != first.tensors.length) {
                throw apart(first, each);
            }
        }
        Tensor[] joined = new Tensor[first.tensors.length];
        for (int i = 0; i < joined.length; i++) {
            List<Tensor> parts = new ArrayList<>(all.size());
            for (Tensors each : all) {
                int position = each.names == first.names ? i : each.indexOf(first.names[i]);
                if (position < 0) {
                    throw apart(first, each);
                }
                parts.add(each.tensors[position]);
            }
            joined[i] = Tensor.concat(parts);
        }
        return new Tensors(first.names, joined);
    }

    private static IllegalArgumentException apart(Tensors one, Tensors other) {
        return new IllegalArgumentException("tensors named " + one.names() + " and " + other.names()
                + " cannot be put together: expected the same names");
    }

    /** The position of a name, or -1. */
    public int indexOf(String name) {
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    public Map<String, Tensor> toMap() {
        Map<String, Tensor> map = new LinkedHashMap<>();
        for (int i = 0; i < names.length; i++) {
            map.put(names[i], tensors[i]);
        }
        return map;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Tensors that) || that.names.length != names.length) {
            return false;
        }
        for (int i = 0; i < names.length; i++) {
            int position = that.indexOf(names[i]);
            if (position < 0 || !tensors[i].equals(that.tensors[position])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int sum = 0;
        for (int i = 0; i < names.length; i++) {
            sum += 31 * names[i].hashCode() ^ tensors[i].hashCode();
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
            return new Tensors(names.toArray(String[]::new), tensors.toArray(Tensor[]::new));
        }
    }
}
