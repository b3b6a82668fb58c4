package io.jvmlops.serving;

import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelVerifier;
import io.jvmlops.test.model.InMemoryModelFiles;
import io.jvmlops.test.model.ModelVerifierContract;
import java.util.Map;
import java.util.Set;

class AllowedDigestsTest extends ModelVerifierContract {
    private static final InMemoryModelFiles APPROVED =
            InMemoryModelFiles.of(Map.of("model.onnx", new byte[] {1, 2, 3}));

    @Override
    protected ModelVerifier verifier() {
        return ModelVerifier.allowing(Set.of(accepted().digest()));
    }

    @Override
    protected ModelFiles accepted() {
        return APPROVED.toModelFiles("approved");
    }

    @Override
    protected ModelFiles refused() {
        return InMemoryModelFiles.of(Map.of("model.onnx", new byte[] {1, 2, 4})).toModelFiles("other");
    }
}
