package io.jvmlops.tracking;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commit of a program, and whether it was changed since. Nothing is written to the repository, and nothing in it is
 * run that git would not run to compare files.
 *
 * <p>Files as described in gitrepository-layout(5) and git-pack-refs(1); {@code git.properties} as the Maven and Gradle
 * plugins write it that Spring Boot too reads.
 */
final class Git {
    private static final Logger LOG = LoggerFactory.getLogger(Git.class);
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final Pattern BUILT_COMMIT = Pattern.compile("[0-9a-f]{7,64}");
    private static final Pattern REF = Pattern.compile("refs/[^\\s\\\\]+");
    private static final Duration DIFF_LIMIT = Duration.ofSeconds(10);
    private static final int MAX_LINKS = 5;
    private static final int MAX_FILE = 4096;

    private final @Nullable String commit;
    private final @Nullable Boolean builtDirty;
    private final @Nullable Path workTree;

    private Git(@Nullable String commit, @Nullable Boolean builtDirty, @Nullable Path workTree) {
        this.commit = commit;
        this.builtDirty = builtDirty;
        this.workTree = workTree;
    }

    /** What was built into the class path, else the repository around the folder, else nothing. */
    static Git of(ClassLoader classes, Path folder) {
        try {
            Git built = built(classes);
            return built == null ? around(folder) : built;
        } catch (IOException | RuntimeException e) {
            LOG.debug("No commit found around {}", folder, e);
            return new Git(null, null, null);
        }
    }

    private static @Nullable Git built(ClassLoader classes) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = classes.getResourceAsStream("git.properties")) {
            if (in == null) {
                return null;
            }
            properties.load(in);
        }
        String commit = properties.getProperty("git.commit.id.full", properties.getProperty("git.commit.id", ""));
        if (!BUILT_COMMIT.matcher(commit).matches()) {
            return null;
        }
        String dirty = properties.getProperty("git.dirty");
        return new Git(commit, dirty == null ? null : Boolean.valueOf(dirty), null);
    }

    private static Git around(Path folder) throws IOException {
        for (Path each = folder.toAbsolutePath().normalize(); each != null; each = each.getParent()) {
            Path git = each.resolve(".git");
            if (Files.exists(git)) {
                Path directory = Files.isDirectory(git) ? git : linked(git);
                return new Git(directory == null ? null : head(directory), null, each);
            }
        }
        return new Git(null, null, null);
    }

    /** In a worktree or submodule {@code .git} is a file that says where the directory is. */
    private static @Nullable Path linked(Path file) throws IOException {
        String text = text(file);
        return text.startsWith("gitdir: ")
                ? file.resolveSibling(text.substring("gitdir: ".length())).normalize()
                : null;
    }

    private static @Nullable String head(Path directory) throws IOException {
        Path commonFile = directory.resolve("commondir");
        Path common =
                Files.exists(commonFile) ? directory.resolve(text(commonFile)).normalize() : directory;
        String found = text(directory.resolve("HEAD"));
        for (int links = 0; found.startsWith("ref: ") && links < MAX_LINKS; links++) {
            String ref = found.substring("ref: ".length());
            if (!REF.matcher(ref).matches() || ref.contains("..")) {
                return null;
            }
            if (Files.isRegularFile(directory.resolve(ref))) {
                found = text(directory.resolve(ref));
            } else if (Files.isRegularFile(common.resolve(ref))) {
                found = text(common.resolve(ref));
            } else {
                found = packed(common.resolve("packed-refs"), ref);
            }
        }
        return COMMIT.matcher(found).matches() ? found : null;
    }

    private static String packed(Path file, String ref) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        String end = " " + ref;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.endsWith(end)) {
                    return line.substring(0, line.length() - end.length());
                }
            }
        }
        return "";
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_FILE), StandardCharsets.UTF_8).trim();
        }
    }

    /** Hexadecimal, in full unless a build has cut it; null if unknown. */
    @Nullable
    String commit() {
        return commit;
    }

    /** Whether tracked files differ from the commit; null if there is no answer in time. */
    @Nullable
    Boolean dirty() {
        return workTree == null || commit == null ? builtDirty : differs(workTree, DIFF_LIMIT, "git");
    }

    static @Nullable Boolean differs(Path workTree, Duration limit, String program) {
        // Compares as git status does, and answers by its exit status. The monitor of the file system is the one thing
        // that a repository may have run here. Untracked files do not count: the tracking's own folder would be one.
        ProcessBuilder command = new ProcessBuilder(List.of(
                        program,
                        "--no-optional-locks",
                        "-c",
                        "core.fsmonitor=false",
                        "-c",
                        "core.hooksPath=/dev/null",
                        "diff",
                        "--quiet",
                        "--no-ext-diff",
                        "--no-textconv",
                        "HEAD"))
                .directory(workTree.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        // Set where a hook of git runs us; they would lead to another repository.
        command.environment().keySet().removeAll(List.of("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"));
        Process process;
        try {
            process = command.start();
        } catch (IOException e) {
            LOG.debug("No git to ask whether {} is dirty", workTree, e);
            return null;
        }
        try {
            process.getOutputStream().close();
            int answer = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS) ? process.exitValue() : -1;
            return answer == 0 ? Boolean.FALSE : answer == 1 ? Boolean.TRUE : null;
        } catch (IOException e) {
            LOG.debug("git did not say whether {} is dirty", workTree, e);
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
