package io.jvmlops.samples.iris;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every Java fence of the README and the documents compiles, and every file they link to is there. */
class DocumentsTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

    /** What the fences take for given: imports, and the names that the text around them explains. */
    private static final String BEFORE = """
            import io.jvmlops.api.artifact.*;
            import io.jvmlops.api.data.*;
            import io.jvmlops.api.data.Feature;
            import io.jvmlops.api.dataset.*;
            import io.jvmlops.api.error.*;
            import io.jvmlops.api.lineage.*;
            import io.jvmlops.api.model.*;
            import io.jvmlops.api.monitoring.*;
            import io.jvmlops.api.monitoring.Finding.Check;
            import io.jvmlops.api.predict.*;
            import io.jvmlops.api.registry.*;
            import io.jvmlops.api.search.*;
            import io.jvmlops.api.tracking.*;
            import io.jvmlops.monitoring.*;
            import io.jvmlops.monitoring.convention.*;
            import io.jvmlops.monitoring.detector.*;
            import io.jvmlops.monitoring.profile.*;
            import io.jvmlops.monitoring.statistic.*;
            import io.jvmlops.serving.*;
            import io.jvmlops.serving.cache.*;
            import io.jvmlops.serving.folder.*;
            import io.jvmlops.serving.micrometer.*;
            import io.jvmlops.serving.onnx.*;
            import io.jvmlops.serving.tribuo.*;
            import io.jvmlops.tracking.*;
            import io.jvmlops.tracking.dataset.*;
            import io.jvmlops.tracking.lineage.*;
            import java.io.*;
            import java.nio.file.*;
            import java.time.*;
            import java.util.*;
            import java.util.concurrent.*;
            import org.jspecify.annotations.*;
            import org.tribuo.*;
            import org.tribuo.classification.*;
            import org.tribuo.classification.evaluation.*;
            import org.tribuo.classification.sgd.linear.*;
            import org.tribuo.evaluation.*;

            abstract class Fence {
                double loss;
                long step;
                Model<Label> model;
                Dataset<Label> train;
                Dataset<Label> test;
                ReferenceProfile referenceProfile;
                io.micrometer.core.instrument.MeterRegistry meterRegistry;
                javax.sql.DataSource dataSource;
                ModelRegistry registry;
                Serving serving;
                PredictionCacheStore store;
                Run run;
                Flower flower;
                List<Flower> flowers;
                GoldenRows rows;
                Tensors inputs;
                Tensors expected;
                Tensors answers;
                ReferenceProfile reference;
                double[] lastYear;
                double[] thisYear;
                ColumnProfile before;
                ColumnProfile after;
                byte[] fromNode1;
                byte[] fromNode2;
                Path path;
                byte[] bytes;

                abstract void archive(DriftReport report);

                java.security.PrivateKey privateKey;
                java.security.PublicKey publicKey;
                java.security.PublicKey oldKey;
            """;

    private static final String FLOWER =
            "record Flower(double sepalLength, double sepalWidth, double petalLength, double petalWidth) {}";

    /** Compiled by tests of the modules that they are about, which this one does not see. */
    private static final Set<String> ELSEWHERE = Set.of("benchmarks.md", "spring.md");

    @TempDir
    private static Path classes;

    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(ROOT.resolve("README.md")),
                            docs.filter(p -> p.toString().endsWith(".md")))
                    .toList();
        }
    }

    @TestFactory
    List<DynamicTest> everyJavaFenceCompiles() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path document : documents()) {
            if (ELSEWHERE.contains(document.getFileName().toString())) {
                continue;
            }
            List<String> fence = null;
            int number = 0;
            for (String line : Files.readAllLines(document)) {
                if (line.equals("```java")) {
                    fence = new ArrayList<>();
                } else if (line.equals("```") && fence != null) {
                    List<String> code = fence;
                    number++;
                    tests.add(
                            DynamicTest.dynamicTest(document.getFileName() + " fence " + number, () -> compile(code)));
                    fence = null;
                } else if (fence != null) {
                    fence.add(line);
                }
            }
        }
        assertThat(tests).isNotEmpty();
        return tests;
    }

    private static void compile(List<String> code) throws IOException {
        boolean declaration =
                code.stream().anyMatch(l -> l.matches("(public |final |static )*(record|class|interface) .*"));
        String text = String.join("\n", code);
        String body = declaration ? text : "void fence() throws Exception {\n" + text + "\n}";
        String flower = text.contains("record Flower") ? "" : FLOWER;
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///Fence.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return BEFORE + flower + "\n" + body + "\n}\n";
                    }
                };
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(problems, null, null)) {
            compiler.getTask(
                            null,
                            files,
                            problems,
                            List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path")),
                            null,
                            List.of(source))
                    .call();
        }
        assertThat(problems.getDiagnostics())
                .filteredOn(d -> d.getKind() == Diagnostic.Kind.ERROR)
                .as(text)
                .isEmpty();
    }

    @TestFactory
    List<DynamicTest> everyLinkedFileIsThere() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path document : documents()) {
            Matcher links = Pattern.compile("\\]\\(([^)#]+)[^)]*\\)").matcher(Files.readString(document));
            while (links.find()) {
                String target = links.group(1);
                if (!target.startsWith("http")) {
                    tests.add(DynamicTest.dynamicTest(
                            document.getFileName() + " -> " + target,
                            () -> assertThat(document.resolveSibling(target)).exists()));
                }
            }
        }
        return tests;
    }
}
