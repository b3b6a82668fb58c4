package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.DriftStatistic;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The statistics that are defined on profiles, by their names, as a configuration names them. {@link EppsSingleton} and
 * {@link GoodnessOfFit} are not among them: they need samples, or a known distribution.
 */
public final class Statistics {
    private static final Map<String, DriftStatistic> BY_NAME = new LinkedHashMap<>();

    static {
        Stream.of(
                        new KolmogorovSmirnov(),
                        new ChiSquareHomogeneity(),
                        new Psi(),
                        new JensenShannon(),
                        new Hellinger(),
                        new KullbackLeibler(),
                        new TotalVariation(),
                        new LInfinity(),
                        new GTest(),
                        new Fisher(),
                        new TwoProportions(),
                        new Wasserstein(),
                        Wasserstein.scaled(),
                        new EnergyDistance(),
                        new MannWhitney(),
                        new AndersonDarling(),
                        new CramerVonMises(),
                        new StudentT(),
                        new Welch(),
                        new MissingRate())
                .forEach(statistic -> BY_NAME.put(statistic.name(), statistic));
    }

    private Statistics() {}

    /** All names. */
    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /** @throws IllegalArgumentException if there is none of this name; the message has the names */
    public static DriftStatistic named(String name) {
        DriftStatistic statistic = BY_NAME.get(name);
        if (statistic == null) {
            throw new IllegalArgumentException("no statistic '" + name + "', expected one of " + names());
        }
        return statistic;
    }
}
