package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.tracking.RunTags;
import io.jvmlops.tracking.Source.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SourceTest {
    private static final Duration LONG = Duration.ofSeconds(50);

    @TempDir
    Path folder;

    @Test
    void thisProcessIsDescribed() {
        Map<String, String> tags = new Source(LONG, () -> Git.of(new ClassLoader(null) {}, folder)).tags(false);
        assertThat(tags)
                .containsEntry(RunTags.SOURCE_TYPE, "LOCAL")
                .containsEntry(RunTags.USER, System.getProperty("user.name"))
                .containsKeys(RunTags.SOURCE_NAME, RunTags.JVM_FLAGS)
                .doesNotContainKeys(RunTags.GIT_COMMIT, RunTags.GIT_DIRTY, RunTags.ARGUMENTS);
        assertThat(tags.get(RunTags.JVM)).contains(System.getProperty("java.runtime.version"));
        assertThat(tags.get(RunTags.OS)).contains(System.getProperty("os.arch"));
        assertThat(tags.values()).allSatisfy(value -> assertThat(value).isNotBlank());
    }

    @Test
    void argumentsAreThereWhenAskedFor() {
        assertThat(new Source(LONG, () -> Git.of(new ClassLoader(null) {}, folder)).tags(true))
                .containsKey(RunTags.ARGUMENTS);
    }

    @Test
    void aRepositoryThatHangsIsNotWaitedForTwice() {
        CountDownLatch never = new CountDownLatch(1);
        Source source = new Source(Duration.ofMillis(300), () -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IllegalStateException();
        });
        // What needs no repository is there; more calls than the time limit of this test has patience for.
        for (int i = 0; i < 1_000; i++) {
            assertThat(source.tags(false)).containsKey(RunTags.SOURCE_TYPE).doesNotContainKey(RunTags.GIT_COMMIT);
        }
        never.countDown();
    }

    @Test
    void whatBreaksLeavesTheRest() {
        for (Throwable broken : List.of(new IllegalStateException(), new NoClassDefFoundError())) {
            Source source = new Source(LONG, () -> {
                if (broken instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) broken;
            });
            assertThat(source.tags(false)).containsKey(RunTags.JVM);
        }
    }

    @Test
    void anInterruptedThreadStillGetsTheTagsAndStaysInterrupted() {
        Thread.currentThread().interrupt();
        try {
            assertThat(new Source(LONG, () -> Git.of(new ClassLoader(null) {}, folder)).tags(false))
                    .containsKey(RunTags.JVM_FLAGS);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void flagsKeepNoSecrets() {
        assertThat(Source.flags(List.of(
                        "-Xmx4g",
                        "-XX:+UseZGC",
                        "-Ddb.password=hunter2",
                        "-Ddebug",
                        "-javaagent:/opt/agent.jar=key=hunter2",
                        "-agentlib:jdwp=transport=hunter2",
                        "-agentpath:/opt/lib.so=hunter2",
                        "-Xrunjdwp:hunter2",
                        "-XX:OnOutOfMemoryError=curl hunter2",
                        "-XX:OnError=hunter2",
                        "hunter2 with a space",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-ea")))
                .isEqualTo("-Xmx4g -XX:+UseZGC -Ddb.password=*** -Ddebug -javaagent:/opt/agent.jar=***"
                        + " -agentlib:jdwp=*** -agentpath:/opt/lib.so=*** -Xrunjdwp:*** -XX:OnOutOfMemoryError=***"
                        + " -XX:OnError=*** *** --add-opens=java.base/java.lang=ALL-UNNAMED -ea");
    }

    @Test
    void commandsAreTakenApart() {
        assertThat(Command.parse("org.acme.Main --epochs 3", "/opt/lib/a.jar:/opt/lib/b.jar"))
                .isEqualTo(new Command("org.acme.Main", "--epochs 3"));
        assertThat(Command.parse("org.acme.Main", "/opt")).isEqualTo(new Command("org.acme.Main", ""));
        assertThat(Command.parse("/opt/my app/iris.jar --serve 8080", "/opt/my app/iris.jar"))
                .isEqualTo(new Command("iris.jar", "--serve 8080"));
        assertThat(Command.parse("C:\\apps\\iris.jar", "C:\\apps\\iris.jar")).isEqualTo(new Command("iris.jar", ""));
        assertThat(Command.parse("org.acme/org.acme.Main x", "")).isEqualTo(new Command("org.acme.Main", "x"));
    }
}
