package io.jvmlops.serving.tribuo;

import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.MapProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import io.jvmlops.api.metadata.Keys;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tribuo.provenance.TrainerProvenance;

/**
 * How a trainer is configured, as params of a run: {@code trainer} is its class, {@code trainer.epochs} a setting, {@code
 * trainer.optimiser} the class of a part and {@code trainer.optimiser.initialLearningRate} a setting of that. Bounded in
 * number, length and depth.
 */
final class TrainerParams {
    static final String PREFIX = "trainer";

    /** Known only when the training begins: the trainer may be used by others, or set to a number. */
    static final String INVOCATION = PREFIX + "." + TrainerProvenance.TRAIN_INVOCATION_COUNT;

    private static final int MAX_PARAMS = 256;
    private static final int MAX_DEPTH = 8;

    /** What says nothing of how a model is trained. */
    private static final Set<String> LEFT_OUT = Set.of("host-short-name", TrainerProvenance.IS_SEQUENCE);

    private final Map<String, String> params = new TreeMap<>();

    private TrainerParams() {}

    /** Sorted by key. */
    static Map<String, String> of(TrainerProvenance provenance) {
        TrainerParams params = new TrainerParams();
        params.flatten(PREFIX, provenance, 0);
        return params.params;
    }

    private void flatten(String name, Provenance provenance, int depth) {
        if (depth > MAX_DEPTH) {
            return;
        }
        if (provenance instanceof PrimitiveProvenance<?> primitive) {
            put(name, Secrets.hidden(name, primitive));
        } else if (provenance instanceof ListProvenance<?> list) {
            int i = 0;
            for (Provenance element : list.getList()) {
                flatten(name + "." + i++, element, depth + 1);
            }
        } else if (provenance instanceof MapProvenance<?> map) {
            map.getMap().forEach((key, value) -> flatten(name + "." + key, value, depth + 1));
        } else if (provenance instanceof ObjectProvenance object) {
            for (Pair<String, Provenance> part : object) {
                if (part.getA().equals(ObjectProvenance.CLASS_NAME)) {
                    put(name, object.getClassName());
                } else if (!LEFT_OUT.contains(part.getA())) {
                    flatten(name + "." + part.getA(), part.getB(), depth + 1);
                }
            }
        }
    }

    private void put(String key, String value) {
        if (params.size() < MAX_PARAMS) {
            params.put(Texts.key(key), Texts.value(value, Keys.MAX_PARAM_VALUE));
        }
    }
}
