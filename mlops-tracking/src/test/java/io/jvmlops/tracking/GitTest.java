package io.jvmlops.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Against repositories that git itself has made; without git on the path, only those made by hand. */
class GitTest {
    private static final String A = "a".repeat(40);
    private static final String B = "b".repeat(64);

    @TempDir
    Path folder;

    @Test
    void theCommitIsFoundFromAFolderWithin() throws Exception {
        Path repository = repository("one");
        Path below = Files.createDirectories(repository.resolve("src/main"));
        assertThat(commit(below)).isEqualTo(git(repository, "rev-parse", "HEAD"));
    }

    @Test
    void refsMayBePackedAndTheHeadDetached() throws Exception {
        Path repository = repository("one");
        String commit = git(repository, "rev-parse", "HEAD");
        git(repository, "tag", "v1");
        git(repository, "pack-refs", "--all");
        assertThat(repository.resolve(".git/refs/heads/main")).doesNotExist();
        assertThat(commit(repository)).isEqualTo(commit);
        git(repository, "checkout", "-q", "--detach");
        assertThat(commit(repository)).isEqualTo(commit);
        Files.writeString(repository.resolve("more.txt"), "more");
        commitAll(repository);
        assertThat(commit(repository)).isNotEqualTo(commit).isEqualTo(git(repository, "rev-parse", "HEAD"));
    }

    @Test
    void aWorktreeHasItsOwnCommit() throws Exception {
        Path repository = repository("one");
        git(repository, "worktree", "add", "-q", "-b", "other", "../tree");
        Path tree = folder.resolve("tree");
        Files.writeString(tree.resolve("more.txt"), "more");
        commitAll(tree);
        assertThat(commit(tree)).isEqualTo(git(tree, "rev-parse", "HEAD")).isNotEqualTo(commit(repository));
        git(repository, "pack-refs", "--all");
        assertThat(commit(tree)).isEqualTo(git(tree, "rev-parse", "HEAD"));
    }

    @Test
    void trackedChangesAreDirtAndUntrackedFilesAreNot() throws Exception {
        Path repository = repository("one");
        assertThat(Git.of(none(), repository).dirty()).isFalse();
        Files.writeString(repository.resolve("untracked.txt"), "u");
        assertThat(Git.of(none(), repository).dirty()).isFalse();
        Files.writeString(repository.resolve("file.txt"), "changed");
        assertThat(Git.of(none(), repository).dirty()).isTrue();
        git(repository, "add", "file.txt");
        assertThat(Git.of(none(), repository).dirty()).isTrue();
        Files.writeString(repository.resolve("file.txt"), "content");
        git(repository, "add", "file.txt");
        assertThat(Git.of(none(), repository).dirty()).isFalse();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whatARepositoryWantsRunIsNotRun() throws Exception {
        Path repository = repository("one");
        Path alarm = folder.resolve("alarm");
        Path trap = script("trap", "touch " + alarm);
        git(repository, "config", "core.fsmonitor", trap.toString());
        git(repository, "config", "diff.external", trap.toString());
        git(repository, "config", "core.hooksPath", trap.getParent().toString());
        Files.copy(trap, trap.resolveSibling("post-index-change"));
        // As old as the index: has to be compared by its content.
        Files.writeString(repository.resolve("file.txt"), "CONTENT");
        byte[] index = Files.readAllBytes(repository.resolve(".git/index"));
        assertThat(Git.of(none(), repository).dirty()).isTrue();
        assertThat(alarm).doesNotExist();
        assertThat(Files.readAllBytes(repository.resolve(".git/index"))).isEqualTo(index);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aGitThatIsMissingSlowOrUnhappyKnowsNothing() throws Exception {
        Path program = script("slow-git", "sleep 600");
        assertThat(Git.differs(folder, Duration.ofMillis(50), program.toString()))
                .isNull();
        assertThat(Git.differs(
                        folder,
                        Duration.ofSeconds(30),
                        folder.resolve("missing").toString()))
                .isNull();
        assertThat(Git.differs(
                        folder,
                        Duration.ofSeconds(30),
                        script("broken", "exit 128").toString()))
                .isNull();
    }

    @Test
    void whatIsNoRepositoryHasNoCommit() throws IOException {
        assertThat(commit(folder)).isNull();
        assertThat(Git.of(none(), folder).dirty()).isNull();
        for (String head : List.of(
                "",
                "nonsense",
                "ref: refs/heads/unborn",
                "ref: refs/heads/.invalid",
                "ref: ../../secret",
                "ref: refs/../../../secret",
                "ref: refs/heads/loop",
                "x".repeat(100_000))) {
            Path git = Files.createDirectories(folder.resolve("odd/.git/refs/heads"))
                    .getParent()
                    .getParent();
            Files.writeString(folder.resolve("secret"), A);
            Files.writeString(git.resolve("refs/heads/loop"), "ref: refs/heads/loop");
            Files.writeString(git.resolve("HEAD"), head);
            assertThat(commit(folder.resolve("odd"))).as(head).isNull();
            assertThat(Git.of(none(), folder.resolve("odd")).dirty()).as(head).isNull();
        }
        Files.createDirectories(folder.resolve("lost"));
        Files.writeString(folder.resolve("lost/.git"), "gitdir: ../nowhere");
        assertThat(commit(folder.resolve("lost"))).isNull();
    }

    @Test
    void sha256CommitsAndLinksToRefsAreRead() throws IOException {
        Path git = Files.createDirectories(folder.resolve("hand/.git/refs/heads"))
                .getParent()
                .getParent();
        Files.writeString(git.resolve("HEAD"), "ref: refs/heads/alias\n");
        Files.writeString(git.resolve("refs/heads/alias"), "ref: refs/heads/real\n");
        Files.writeString(
                git.resolve("packed-refs"),
                "# pack-refs with: peeled fully-peeled sorted\n" + A + " refs/heads/unreal\n" + B
                        + " refs/heads/real\n^" + A + "\n");
        assertThat(commit(folder.resolve("hand"))).isEqualTo(B);
    }

    @Test
    void whatWasBuiltInComesFirst() throws Exception {
        assertThat(built("git.commit.id=" + A + "\ngit.dirty=true")).isEqualTo(A + " true");
        assertThat(built("git.commit.id.full=" + A + "\ngit.commit.id=abcdef1\ngit.dirty=false"))
                .isEqualTo(A + " false");
        assertThat(built("git.commit.id=abcdef1")).isEqualTo("abcdef1 null");
        assertThat(built("git.commit.id=${git.commit.id}")).isEqualTo("null null");
        assertThat(built("git.branch=main")).isEqualTo("null null");
        assertThat(built("broken=\\u12")).isEqualTo("null null");
    }

    private String built(String properties) {
        Git git = Git.of(
                new ClassLoader(null) {
                    @Override
                    public @Nullable InputStream getResourceAsStream(String name) {
                        return name.equals("git.properties")
                                ? new ByteArrayInputStream(properties.getBytes(UTF_8))
                                : null;
                    }
                },
                folder);
        return git.commit() + " " + git.dirty();
    }

    private static @Nullable String commit(Path folder) {
        return Git.of(none(), folder).commit();
    }

    private static ClassLoader none() {
        return new ClassLoader(null) {};
    }

    private Path script(String name, String body) throws IOException {
        Path file = Files.createDirectories(folder.resolve("scripts")).resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private Path repository(String name) throws Exception {
        Path repository = Files.createDirectories(folder.resolve(name));
        git(repository, "init", "-q");
        git(repository, "symbolic-ref", "HEAD", "refs/heads/main");
        Files.writeString(repository.resolve("file.txt"), "content");
        commitAll(repository);
        return repository;
    }

    private static void commitAll(Path repository) throws Exception {
        git(repository, "add", ".");
        git(repository, "-c", "user.name=ada", "-c", "user.email=ada@example.org", "commit", "-q", "-m", "change");
    }

    private static String git(Path repository, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(repository.toFile()).redirectErrorStream(true);
        builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
        builder.environment().keySet().removeAll(List.of("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            assumeThat(false).as("no git on the path").isTrue();
            throw e;
        }
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).trim();
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
