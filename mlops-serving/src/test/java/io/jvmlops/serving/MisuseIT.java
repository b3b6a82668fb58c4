package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All that a caller can do wrong, in one JVM, which survives it: a refusal of ours or a right answer each. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MisuseIT {
    private final Map<String, String> outcomes = new LinkedHashMap<>();
    private int exitCode;
    private String errors = "";
    private List<Path> crashes = List.of();

    @BeforeAll
    void misuse(@TempDir Path folder) {
        try (ForkedJvm jvm = ForkedJvm.start(
                folder, List.of(), List.of("-Xmx512m", "-XX:MaxDirectMemorySize=64m"), MisuseProgram.class)) {
            for (String line : jvm.lines()) {
                int colon = line.indexOf(": ");
                outcomes.put(line.substring(0, colon), line.substring(colon + 2));
            }
            exitCode = jvm.exitCode();
            errors = jvm.errors();
            crashes = jvm.crashes();
        }
    }

    @Test
    void theProcessSurvivesAllAndEndsAsItIsTold() {
        assertThat(crashes).as(errors).isEmpty();
        assertThat(outcomes).containsEntry("exit during predictions", "begins");
        assertThat(exitCode).as(errors).isEqualTo(7);
        assertThat(outcomes.values()).noneMatch(outcome -> outcome.startsWith("unexpected"));
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " -> ", textBlock = """
        predict after close -> ClosedException model .* is closed.*
        two closes -> right
        closes by eight threads at once -> right
        what a closed model says of itself -> \\[0, 1].*
        close during predictions -> right
        close during one long prediction -> right
        null inputs -> NullPointerException.*
        null deadline -> NullPointerException.*
        wrong name -> InvalidInputException .*'input' is missing.*'x' is not an input.*
        wrong type -> InvalidInputException .*FP64\\[1, 30], expected FP32.*
        strings for numbers -> InvalidInputException .*BYTES\\[1, 1], expected FP32.*
        too few columns -> InvalidInputException .*FP32\\[1, 29], expected FP32\\[-1, 30].*
        too many columns -> InvalidInputException .*FP32\\[1, 31], expected FP32\\[-1, 30].*
        rank one -> InvalidInputException .*FP32\\[30], expected FP32\\[-1, 30].*
        rank three -> InvalidInputException .*FP32\\[1, 1, 30], expected FP32\\[-1, 30].*
        a scalar -> InvalidInputException .*FP32\\[], expected FP32\\[-1, 30].*
        two inputs where there is one -> InvalidInputException .*'more' is not an input.*
        no rows -> FP32\\[0, 2]
        no columns -> InvalidInputException .*FP32\\[1, 0], expected FP32\\[-1, 30].*
        negative dimension -> IllegalArgumentException .*
        dynamic dimension -> IllegalArgumentException .*
        overflowing dimensions -> IllegalArgumentException .*overflows.*
        dimensions that overflow to nothing -> IllegalArgumentException .*overflows.*
        dimensions that overflow an int -> IllegalArgumentException .*4294967326 elements, but the array has 30.*
        array and shape differ -> IllegalArgumentException .*60 elements, but the array has 30.*
        rows that differ -> InvalidInputException .*has 3 rows, but .* has 20.*
        infinities and NaN -> FP32\\[3, 2]
        buffers of a tensor in another order -> right
        garbage as a model -> ModelLoadException .*is not an ONNX model.*
        nothing as a model -> ModelLoadException .*is empty.*
        null as a model -> NullPointerException.*
        a null string -> NullPointerException element 0 .*null.*
        a string set to null afterwards -> InvalidInputException .*element 7 of tensor 'city' is null.*
        strings set to null all the time -> right
        a string with a zero -> InvalidInputException .*position 1 that is zero.*
        half a character -> InvalidInputException .*position 0 .*
        a string of a million characters -> .*20.*
        a batch beyond direct memory -> ModelFailureException .*did not get the memory.*fewer rows.*
        a large batch -> FP32\\[100000, 2]
        an array that changes during the call -> right
        an answer that is changed -> right
        interrupt before a call -> right
        interrupts during calls -> right
        interrupt of a loading thread -> right
        deadlines that have passed and that pass -> right
        negative trips -> 0.0
        threads that end after one call -> right
        threads that are stopped -> right|IllegalArgumentException this version of Java stops no threads
        sixty-four threads -> right
        a deep stack -> right
        types of all kinds for an input of floats -> right
        """)
    void isRefusedOrAnsweredRightly(String name, String expected) {
        assertThat(outcomes.get(name)).as(errors).matches(expected);
    }
}
