package io.jvmlops.tracking;

import io.jvmlops.api.error.StorageException;

/** Opens stores where that must not work: {@code <place>}. Prints {@code refused <message>}. */
final class RefusedProgram {
    private RefusedProgram() {}

    public static void main(String[] arguments) throws Exception {
        try (StoreProgram.Stores stores = StoreProgram.open(arguments[0])) {
            System.out.println("opened " + stores.runs().experiments().size());
        } catch (StorageException e) {
            System.out.println("refused " + e.getMessage().replace('\n', ' '));
        }
    }
}
