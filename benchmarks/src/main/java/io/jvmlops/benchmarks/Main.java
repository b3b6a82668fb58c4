package io.jvmlops.benchmarks;

import io.jvmlops.benchmarks.cache.CacheStudy;
import io.jvmlops.benchmarks.calibration.CalibrationStudy;
import io.jvmlops.benchmarks.endurance.LeakStudy;
import io.jvmlops.benchmarks.endurance.SwapStudy;
import io.jvmlops.benchmarks.handover.HandOverStudy;
import io.jvmlops.benchmarks.kill.KillStudy;
import io.jvmlops.benchmarks.monitor.DetectorStudy;
import io.jvmlops.benchmarks.predict.PredictStudy;
import io.jvmlops.benchmarks.profile.ProfileStudy;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.tracking.AliasStudy;
import io.jvmlops.benchmarks.tracking.ArtifactStudy;
import io.jvmlops.benchmarks.tracking.CodecStudy;
import io.jvmlops.benchmarks.tracking.DatasetStudy;
import io.jvmlops.benchmarks.tracking.HistoryStudy;
import io.jvmlops.benchmarks.tracking.IngestStudy;
import io.jvmlops.benchmarks.tracking.LogMetricStudy;
import io.jvmlops.benchmarks.tracking.RunsStudy;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;

/** The entry point: {@code java -jar benchmarks.jar help}. */
public final class Main {
    /** A new study is added here, and nowhere else. */
    private static final List<Study> STUDIES = List.of(
            new PredictStudy(),
            new CacheStudy(),
            new HandOverStudy(),
            new SwapStudy(),
            new LeakStudy(),
            new ProfileStudy(),
            new KillStudy(),
            new CalibrationStudy(),
            new CodecStudy(),
            new LogMetricStudy(),
            new IngestStudy(),
            new HistoryStudy(),
            new RunsStudy(),
            new AliasStudy(),
            new DatasetStudy(),
            new ArtifactStudy(),
            new DetectorStudy());

    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(STUDIES, home(), System.out, System.err, InstantSource.system()).run(args));
    }

    /** The folder that holds the jar, or the compiled classes. */
    private static Path home() {
        try {
            Path code = Path.of(Main.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return Objects.requireNonNull(code.toAbsolutePath().getParent(), "the jar has no folder");
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the jar's own place is not a path", e);
        }
    }
}
