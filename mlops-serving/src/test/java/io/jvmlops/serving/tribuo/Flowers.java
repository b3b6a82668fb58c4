package io.jvmlops.serving.tribuo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.tribuo.DataSource;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.data.csv.CSVLoader;

/** A file of measurements in three classes, as a person would have it, read by Tribuo. */
final class Flowers {
    static final int ROWS = 90;

    private Flowers() {}

    static Path file(Path folder) {
        return file(folder, "flowers.csv", 5);
    }

    static Path file(Path folder, String name, long seed) {
        Random random = new Random(seed);
        StringBuilder csv = new StringBuilder("length,width,species\n");
        for (int i = 0; i < ROWS; i++) {
            int species = i % 3;
            csv.append(String.format(
                    Locale.ROOT,
                    "%.3f,%.3f,%s%n",
                    1 + 2 * species + random.nextGaussian(),
                    4 - species + random.nextGaussian() / 2,
                    new String[] {"setosa", "versicolor", "virginica"}[species]));
        }
        try {
            return Files.writeString(folder.resolve(name), csv.toString().replace("\r", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static DataSource<Label> source(Path file) {
        try {
            return new CSVLoader<>(new LabelFactory()).loadDataSource(file, "species");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static MutableDataset<Label> dataset(Path file) {
        return new MutableDataset<>(source(file));
    }
}
