package io.jvmlops.tracking;

import java.util.ArrayList;
import java.util.List;

/** Opens stores when it is sent a line: {@code <place>}. Prints {@code ready}, then {@code opened <experiments>}. */
public final class OpeningProgram {
    private OpeningProgram() {}

    public static void main(String[] arguments) throws Exception {
        System.out.println("ready");
        StoreProgram.awaitLine();
        try (StoreProgram.Stores stores = StoreProgram.open(arguments[0])) {
            System.out.println("opened " + stores.runs().experiments().size());
        }
    }

    /** Lets so many processes open one place at the same moment; returns what each said last. */
    public static List<String> openAtOnce(int processes, String place) throws Exception {
        List<ForkedJvm> jvms = new ArrayList<>();
        try {
            for (int i = 0; i < processes; i++) {
                jvms.add(new ForkedJvm(OpeningProgram.class, place));
            }
            for (ForkedJvm jvm : jvms) {
                jvm.requireLine();
            }
            for (ForkedJvm jvm : jvms) {
                jvm.println("go");
            }
            List<String> said = new ArrayList<>();
            for (ForkedJvm jvm : jvms) {
                said.add(String.join("\n", jvm.readLines()));
            }
            return said;
        } finally {
            jvms.forEach(ForkedJvm::close);
        }
    }
}
