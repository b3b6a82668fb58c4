package io.jvmlops.tracking.internal.folder;

import io.jvmlops.api.error.InvalidInputException;
import java.nio.file.Path;

/** Scans folder {@code root} of a folder; prints in which encoding it reads names, and what is refused, a line each. */
final class ScanProgram {
    private ScanProgram() {}

    public static void main(String[] arguments) {
        System.out.println("encoding " + System.getProperty("sun.jnu.encoding"));
        try {
            FolderScan.files("test", Path.of(arguments[0], "root"));
        } catch (InvalidInputException e) {
            e.mismatches().forEach(System.out::println);
        }
    }
}
