package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.tracking.MetricBatch;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.test.tracking.InMemoryTrackingStore;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MetricCsvTest {
    private final InMemoryTrackingStore runs = new InMemoryTrackingStore();
    private final MetricStore metrics = runs.metrics();

    @Test
    void writesRunsAndKeysInTheOrderAskedFor() throws IOException {
        run("a", new MetricPoint("loss", 2, 20, 0.1), new MetricPoint("loss", -1, 10, Double.NaN));
        run("b", new MetricPoint("loss", 0, 5, Double.NEGATIVE_INFINITY), new MetricPoint("acc, \"top\"", 0, 5, -0.0));
        StringBuilder out = new StringBuilder();
        long points = MetricCsv.write(metrics, List.of("b", "a", "c"), List.of("loss", "acc, \"top\""), out);
        assertThat(points).isEqualTo(4);
        assertThat(out).hasToString("""
                        run,key,step,timestamp,value
                        b,loss,0,5,-Infinity
                        b,"acc, ""top""\",0,5,-0.0
                        a,loss,-1,10,NaN
                        a,loss,2,20,0.1
                        """);
    }

    @Test
    void writesAllMetricsOfARun() throws IOException {
        run("a", new MetricPoint("w", 1, 1, 1), new MetricPoint("v", 1, 1, 1e-300));
        StringBuilder out = new StringBuilder();
        assertThat(MetricCsv.write(metrics, List.of("a"), out)).isEqualTo(2);
        assertThat(out).hasToString("run,key,step,timestamp,value\na,v,1,1,1.0E-300\na,w,1,1,1.0\n");
    }

    @Test
    void everyDoubleComesBackFromItsText() throws IOException {
        Random random = new Random(3);
        List<MetricPoint> points = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            points.add(new MetricPoint("v", i, random.nextLong(), Double.longBitsToDouble(random.nextLong())));
        }
        run("a", points.toArray(new MetricPoint[0]));
        StringBuilder out = new StringBuilder();
        assertThat(MetricCsv.write(metrics, List.of("a"), List.of("v"), out)).isEqualTo(points.size());
        List<MetricPoint> read = out.toString()
                .lines()
                .skip(1)
                .map(line -> line.split(",", -1))
                .map(cells -> new MetricPoint(
                        cells[1], Long.parseLong(cells[2]), Long.parseLong(cells[3]), Double.parseDouble(cells[4])))
                .toList();
        assertThat(read).isEqualTo(points);
    }

    private void run(String id, MetricPoint... points) {
        runs.createRun(new NewRun(id, runs.experiment("e").id(), id, Instant.EPOCH));
        metrics.append(List.of(MetricBatch.of(id, List.of(points))));
    }
}
