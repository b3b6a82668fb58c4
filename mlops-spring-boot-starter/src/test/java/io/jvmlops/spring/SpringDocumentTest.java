package io.jvmlops.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/spring.md}: its Java compiles, and its table of properties is the one that editors get. */
class SpringDocumentTest {
    private static final Path DOCUMENT = Path.of("../docs/spring.md");

    @TempDir
    private static Path classes;

    @TestFactory
    Stream<DynamicTest> everyJavaFenceCompiles() throws IOException {
        List<String> fences = Pattern.compile("^```java\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(Files.readString(DOCUMENT))
                .results()
                .map(fence -> fence.group(1))
                .toList();
        assertThat(fences).isNotEmpty();
        return Stream.iterate(0, i -> i < fences.size(), i -> i + 1)
                .map(i -> DynamicTest.dynamicTest("fence " + (i + 1), () -> compile(fences.get(i))));
    }

    private static void compile(String text) throws IOException {
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///Fence.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return text;
                    }
                };
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(problems, null, null)) {
            compiler.getTask(
                            null,
                            files,
                            problems,
                            List.of(
                                    "-proc:none",
                                    "-d",
                                    classes.toString(),
                                    "-cp",
                                    System.getProperty("java.class.path")),
                            null,
                            List.of(source))
                    .call();
        }
        assertThat(problems.getDiagnostics())
                .filteredOn(d -> d.getKind() == Diagnostic.Kind.ERROR)
                .as(text)
                .isEmpty();
    }

    @Test
    void theTableHasEveryPropertyAndNoOther() throws IOException {
        assertThat(names(
                        "^\\| `((?:mlops\\.(?:serving|tracking)|management)\\.[a-z.-]+?)(?:\\.<model>)?` \\| [^|]+\\| [^|]+\\|$",
                        DOCUMENT))
                .isEqualTo(names(
                        "^      \"name\": \"([a-z.-]+)\",\\n      \"type\": \"java\\.(?:lang|util|time)|"
                                + "^      \"name\": \"([a-z.-]+)\",\\n      \"type\": \"org.springframework.util.unit",
                        Path.of("target/classes/META-INF/spring-configuration-metadata.json")));
    }

    private static Set<String> names(String pattern, Path file) throws IOException {
        Set<String> names = new TreeSet<>();
        Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(Files.readString(file))
                .results()
                .map(SpringDocumentTest::group)
                .forEach(names::add);
        assertThat(names).isNotEmpty();
        return names;
    }

    private static String group(MatchResult match) {
        return match.group(1) != null ? match.group(1) : match.group(2);
    }
}
