package io.jvmlops.serving.tribuo;

import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.MapProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.URLProvenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.util.regex.Pattern;

/**
 * Keeps passwords out of what is logged. Tribuo leaves the password of a {@code SQLDBConfig} out of its provenance, but
 * not one in the connection's address or properties, nor what comes with the address of a file: user, password, signed query.
 */
final class Secrets {
    private static final String HIDDEN = "(hidden)";
    private static final int MAX_DEPTH = 64;

    private static final String WORDS = "(?:passw(?:or)?d|passphrase|pwd|secret|credential"
            + "|(?:api|access|private|account)[-_. ]?key"
            + "|(?:access|auth|bearer|refresh|sas|session)[-_. ]?token|(?<![a-z])token(?![a-z]))";

    private static final Pattern NAME = Pattern.compile(WORDS, Pattern.CASE_INSENSITIVE);

    /** {@code PASSWORD=x} in an address. */
    private static final Pattern SETTING =
            Pattern.compile("([\\w.-]*" + WORDS + "[\\w.-]*\\s*=\\s*)[^;&,\\s)]+", Pattern.CASE_INSENSITIVE);

    /** {@code //user:x@host}. */
    private static final Pattern USER = Pattern.compile("//[^/@\\s]+@");

    /** {@code jdbc:oracle:thin:user/x@host}. */
    private static final Pattern ORACLE = Pattern.compile("(jdbc:oracle:\\w+:)[^/@\\s]+/[^@\\s]+@");

    private static final Pattern QUERY = Pattern.compile("[?#].*", Pattern.DOTALL);

    private Secrets() {}

    /**
     * A value without what should not be read by everybody who can read a run.
     *
     * @param name dotted, of which the last part counts
     */
    static String hidden(String name, PrimitiveProvenance<?> value) {
        String text = String.valueOf(value.getValue());
        if (!text.isEmpty()
                && NAME.matcher(name.substring(name.lastIndexOf('.') + 1)).find()) {
            return HIDDEN;
        }
        return hidden(value instanceof URLProvenance ? QUERY.matcher(text).replaceFirst("") : text);
    }

    static String hidden(String text) {
        String shown = USER.matcher(text).replaceAll("//");
        shown = ORACLE.matcher(shown).replaceAll("$1@");
        return SETTING.matcher(shown).replaceAll("$1" + HIDDEN);
    }

    /** Whether there is something to hide, however deep. */
    static boolean areIn(Provenance provenance) {
        return areIn("", provenance, 0);
    }

    private static boolean areIn(String name, Provenance provenance, int depth) {
        if (provenance instanceof PrimitiveProvenance<?> primitive) {
            return !hidden(name, primitive).equals(String.valueOf(primitive.getValue()));
        }
        if (depth > MAX_DEPTH) {
            return true;
        }
        if (provenance instanceof ListProvenance<?> list) {
            for (Provenance element : list.getList()) {
                if (areIn(name, element, depth + 1)) {
                    return true;
                }
            }
        } else if (provenance instanceof MapProvenance<?> map) {
            return map.getMap().entrySet().stream()
                    .anyMatch(entry -> areIn(entry.getKey(), entry.getValue(), depth + 1));
        } else if (provenance instanceof ObjectProvenance object) {
            for (Pair<String, Provenance> part : object) {
                if (areIn(part.getA(), part.getB(), depth + 1)) {
                    return true;
                }
            }
        }
        return false;
    }
}
