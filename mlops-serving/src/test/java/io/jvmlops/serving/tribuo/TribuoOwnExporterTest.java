package io.jvmlops.serving.tribuo;

import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.test.model.ModelExporterContract;

class TribuoOwnExporterTest extends ModelExporterContract {
    @Override
    protected ModelExporter exporter() {
        return TribuoModels.export(Trained.logistic());
    }
}
