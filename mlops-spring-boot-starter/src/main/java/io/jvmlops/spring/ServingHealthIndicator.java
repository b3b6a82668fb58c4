package io.jvmlops.spring;

import io.jvmlops.serving.LiveModel;
import io.jvmlops.serving.Serving;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * Up while what is live is what the registry names; {@code WARNING} while a newer version could not be put into service.
 * Not down: the version before it answers every call, and an instance that answers must not be taken out of the balance
 * or restarted, all instances at once, because of a bad model file. Spring Boot's aggregation leaves statuses out that it
 * does not know, so the application's own status, and its HTTP code, stay as they are.
 */
final class ServingHealthIndicator extends AbstractHealthIndicator {
    static final Status WARNING =
            new Status("WARNING", "A newer version could not be put into service; the one before it answers");

    private final Serving serving;

    ServingHealthIndicator(Serving serving) {
        super("The serving does not say what is live");
        this.serving = serving;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        List<LiveModel> live = serving.live();
        Map<String, Object> models = new LinkedHashMap<>();
        for (LiveModel model : live) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("version", model.version());
            facts.put("digest", model.digest().toString());
            facts.put("flavor", model.flavor());
            facts.put("since", model.since().toString());
            if (model.lastFailure() != null) {
                facts.put("lastFailure", model.lastFailure());
            }
            models.put(model.ref().toString(), facts);
        }
        boolean stale = live.stream().anyMatch(model -> model.lastFailure() != null);
        builder.status(stale ? WARNING : Status.UP).withDetail("models", models);
    }
}
