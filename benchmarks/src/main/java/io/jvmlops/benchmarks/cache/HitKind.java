package io.jvmlops.benchmarks.cache;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Who looks up what is known: ours first, and peers from the strongest on. */
enum HitKind {
    /** {@code PredictionCache.around(model).predict(Tensors)}. */
    TENSORS("our cache, tensors"),
    /** A predictor from {@code float[]} to {@code float[]} over the same. */
    FLOATS("our cache, float[]"),
    /** A key made before the measurement, equal to the one that was put, but another object. */
    PERFECT("Caffeine, perfect keys made ahead"),
    /** The very object that was put. */
    IDENTICAL("Caffeine, the same key objects"),
    /** A key made for each call. */
    HASH_CODE("Caffeine, Arrays.hashCode keys"),
    /** {@code @Cacheable} with the key that it makes itself. */
    SPRING("Spring's @Cacheable"),
    /** The row as text. */
    TO_STRING("Caffeine, Arrays.toString keys");

    private final String title;

    HitKind(String title) {
        this.title = title;
    }

    /** For people. */
    String title() {
        return title;
    }

    boolean isOurs() {
        return this == TENSORS || this == FLOATS;
    }

    /** Of all. */
    static List<String> ids() {
        return Arrays.stream(values()).map(HitKind::id).toList();
    }

    /** For the command line. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static HitKind of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** Knows all rows when this returns. */
    Hits open(HitInputs inputs) {
        return switch (this) {
            case TENSORS -> new OurHits.OfTensors(inputs);
            case FLOATS -> new OurHits.OfFloats(inputs);
            case PERFECT -> PeerHits.perfect(inputs, false);
            case IDENTICAL -> PeerHits.perfect(inputs, true);
            case HASH_CODE -> PeerHits.hashCode(inputs);
            case TO_STRING -> PeerHits.text(inputs);
            case SPRING -> new SpringHits(inputs);
        };
    }
}
