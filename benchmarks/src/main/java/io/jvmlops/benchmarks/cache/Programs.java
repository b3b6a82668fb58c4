package io.jvmlops.benchmarks.cache;

import io.jvmlops.benchmarks.forks.JavaProgram;
import io.jvmlops.benchmarks.study.StudyContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Runs contenders in processes of their own, which take turns. */
final class Programs {
    private final StudyContext context;
    private int runs;

    Programs(StudyContext context) {
        this.context = context;
    }

    /** What a process said. */
    record Said(JavaProgram.Ended ended) {
        double number(String name) {
            return ended.number(name);
        }

        /** Empty if it said nothing under that name. */
        String text(String name) {
            return ended.lines().stream()
                    .filter(line -> line.startsWith(name + " "))
                    .map(line -> line.substring(name.length() + 1))
                    .findFirst()
                    .orElse("");
        }
    }

    /** Empty if it did not end well; the log has what it said. */
    Optional<Said> run(Duration limit, List<String> flags, Class<?> main, Object... arguments)
            throws IOException, InterruptedException {
        JavaProgram.Ended ended = JavaProgram.run(
                context, main.getSimpleName() + ++runs, limit, JavaProgram.command(flags, main, arguments));
        return ended.well() ? Optional.of(new Said(ended)) : Optional.empty();
    }

    /** The order of a round: every other one goes backwards, so that nobody is always the first. */
    static <T> List<T> turn(List<T> contenders, int round) {
        List<T> order = new ArrayList<>(contenders);
        if (round % 2 == 0) {
            Collections.reverse(order);
        }
        return order;
    }

    /** The sum of some numbers, of each process. */
    static List<Double> numbers(List<Said> all, String... names) {
        return all.stream()
                .map(said -> List.of(names).stream().mapToDouble(said::number).sum())
                .toList();
    }
}
