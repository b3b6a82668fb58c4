package io.jvmlops.monitoring.detector;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** Detectors for tests. */
final class Detectors {
    private Detectors() {}

    /** One of each kind at its defaults, and some with other options; all take zeros and ones. */
    static Map<String, Supplier<ChangeDetector>> all() {
        Map<String, Supplier<ChangeDetector>> all = new LinkedHashMap<>(defaults());
        for (String text : List.of(
                "adwin delta=0.05 clock=3 maxBuckets=2 minWindow=2 gracePeriod=0",
                "cusum minInstances=20 slack=0.2 threshold=2 direction=up",
                "ddm warmUp=10 warningThreshold=1 driftThreshold=1.5",
                "eddm warmUp=5 alpha=0.99 beta=0.95",
                "hddm-a driftConfidence=0.05 warningConfidence=0.2 direction=both",
                "hddm-w driftConfidence=0.05 warningConfidence=0.2 lambda=0.1 direction=both",
                "kswin alpha=0.05 windowSize=40 statSize=20 seed=7",
                "page-hinkley minInstances=5 delta=0.01 threshold=3 alpha=0.999 direction=down",
                "stepd windowSize=70 driftLevel=0.02 warningLevel=0.2 direction=up")) {
            all.put(text, () -> parse(text));
        }
        return all;
    }

    static Map<String, Supplier<ChangeDetector>> defaults() {
        Map<String, Supplier<ChangeDetector>> all = new LinkedHashMap<>();
        for (String name :
                List.of("adwin", "cusum", "ddm", "eddm", "hddm-a", "hddm-w", "kswin", "page-hinkley", "stepd")) {
            all.put(name, () -> parse(name));
        }
        return all;
    }

    static boolean takesNumbers(String name) {
        return name.startsWith("adwin")
                || name.startsWith("cusum")
                || name.startsWith("kswin")
                || name.startsWith("page-hinkley");
    }

    /** {@code "kind option=value option=value"}, as the golden file has it. */
    static ChangeDetector parse(String text) {
        String[] words = text.split(" ", -1);
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            options.put(words[i].substring(0, equals), words[i].substring(equals + 1));
        }
        ChangeDetector detector = switch (words[0]) {
            case "adwin" -> {
                Adwin.Builder b = Adwin.builder();
                options.forEach((name, value) -> {
                    switch (name) {
                        case "delta" -> b.delta(Double.parseDouble(value));
                        case "clock" -> b.clock(Integer.parseInt(value));
                        case "maxBuckets" -> b.maxBuckets(Integer.parseInt(value));
                        case "minWindow" -> b.minWindow(Integer.parseInt(value));
                        case "gracePeriod" -> b.gracePeriod(Integer.parseInt(value));
                        default -> throw new IllegalArgumentException(name);
                    }
                });
                yield b.build();
            }
            case "cusum" -> {
                Cusum.Builder b = Cusum.builder();
                options.forEach((name, value) -> {
                    switch (name) {
                        case "minInstances" -> b.minInstances(Integer.parseInt(value));
                        case "slack" -> b.slack(Double.parseDouble(value));
                        case "threshold" -> b.threshold(Double.parseDouble(value));
                        case "direction" -> b.direction(direction(value));
                        default -> throw new IllegalArgumentException(name);
                    }
                });
                yield b.build();
            }
            case "ddm" -> {
                Ddm.Builder b = Ddm.builder();
                options.forEach((name, value) -> {
                    switch (name) {
                        case "warmUp" -> b.warmUp(Integer.parseInt(value));
                        case "warningThreshold" -> b.warningThreshold(Double.parseDouble(value));
                        case "driftThreshold" -> b.driftThreshold(Double.parseDouble(value));
                        default -> throw new IllegalArgumentException(name);
                    }
                });
                yield b.build();
            }
            case "eddm" -> {
                Eddm.Builder b = Eddm.builder();
                options.forEach((name, value) -> {
                    switch (name) {
                        case "warmUp" -> b.warmUp(Integer.parseInt(value));
                        case "alpha" -> b.alpha(Double.parseDouble(value));
                        case "beta" -> b.beta(Double.parseDouble(value));
                        default -> throw new IllegalArgumentException(name);
                    }
                });
                yield b.build();
            }
            case "hddm-a" -> {
                HddmA.Builder b = HddmA.builder();
                options.forEach((name, value) -> {
                    switch (name) {
                        case "driftConfidence" -> b.driftConfidence(Double.parseDouble(value));
                        case "warningConfidence" -> b.warningConfidence(Double.parseDouble(value));
                        case "direction" -> b.direction(direction(value));
                        default -> throw new IllegalArgumentException(name);
                    }
                });
                yield b.build();
            }
            case "hddm-w" -> {
                HddmW.Builder b = HddmW.builder();
                options.forEach((name, value) -> {
                    switch (name) {
                        case "driftConfidence" -> b.driftConfidence(Double.parseDouble(value));
                        case "warningConfidence" -> b.warningConfidence(Double.parseDouble(value));
                        case "lambda" -> b.lambda(Double.parseDouble(value));
                        case "direction" -> b.direction(direction(value));
                        default -> throw new IllegalArgumentException(name);
                    }
                });
                yield b.build();
            }
            case "kswin" -> {
                Kswin.Builder b = Kswin.builder();
                options.forEach((name, value) -> {
                    switch (name) {
                        case "alpha" -> b.alpha(Double.parseDouble(value));
                        case "windowSize" -> b.windowSize(Integer.parseInt(value));
                        case "statSize" -> b.statSize(Integer.parseInt(value));
                        case "seed" -> b.seed(Long.parseLong(value));
                        default -> throw new IllegalArgumentException(name);
                    }
                });
                yield b.build();
            }
            case "page-hinkley" -> {
                PageHinkley.Builder b = PageHinkley.builder();
                options.forEach((name, value) -> {
                    switch (name) {
                        case "minInstances" -> b.minInstances(Integer.parseInt(value));
                        case "delta" -> b.delta(Double.parseDouble(value));
                        case "threshold" -> b.threshold(Double.parseDouble(value));
                        case "alpha" -> b.alpha(Double.parseDouble(value));
                        case "direction" -> b.direction(direction(value));
                        default -> throw new IllegalArgumentException(name);
                    }
                });
                yield b.build();
            }
            case "stepd" -> {
                Stepd.Builder b = Stepd.builder();
                options.forEach((name, value) -> {
                    switch (name) {
                        case "windowSize" -> b.windowSize(Integer.parseInt(value));
                        case "driftLevel" -> b.driftLevel(Double.parseDouble(value));
                        case "warningLevel" -> b.warningLevel(Double.parseDouble(value));
                        case "direction" -> b.direction(direction(value));
                        default -> throw new IllegalArgumentException(name);
                    }
                });
                yield b.build();
            }
            default -> throw new IllegalArgumentException(text);
        };
        return detector;
    }

    private static Direction direction(String text) {
        return Direction.valueOf(text.toUpperCase(Locale.ROOT));
    }
}
