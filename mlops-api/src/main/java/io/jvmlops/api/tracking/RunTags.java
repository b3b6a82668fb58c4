package io.jvmlops.api.tracking;

/**
 * The keys of tags that mean something: MLflow's own where it has one, so that its tools show them, else ours below
 * {@code jvmlops}. The parent and the note are set through {@link Run}, the others are recorded when a run starts.
 */
public final class RunTags {
    /** The id of the run that this one is part of. */
    public static final String PARENT = "mlflow.parentRunId";
    /** What people have to say about the run, in Markdown. */
    public static final String NOTE = "mlflow.note.content";
    /** Who started the run: the user of the operating system; a search knows it as {@code user_id}. */
    public static final String USER = "mlflow.user";
    /** The program: its main class, or the file name of its jar. */
    public static final String SOURCE_NAME = "mlflow.source.name";
    /** Where the program ran, in MLflow's words; ours run as {@value #LOCAL}. */
    public static final String SOURCE_TYPE = "mlflow.source.type";
    /** The commit that the program was built from, or else the one checked out around its working directory. */
    public static final String GIT_COMMIT = "mlflow.source.git.commit";
    /** {@code true} if tracked files differed from that commit, {@code false} if not; absent if that is unknown. */
    public static final String GIT_DIRTY = "jvmlops.git.dirty";
    /** Vendor, name and version of the JVM. */
    public static final String JVM = "jvmlops.jvm";
    /** The options of the JVM; values of system properties and options of agents are left out. */
    public static final String JVM_FLAGS = "jvmlops.jvm.flags";
    /** Name, version and architecture of the operating system. */
    public static final String OS = "jvmlops.os";
    /** The arguments of the program, if asked for. */
    public static final String ARGUMENTS = "jvmlops.arguments";

    /** The value of {@link #SOURCE_TYPE} of a program that nobody has scheduled. */
    public static final String LOCAL = "LOCAL";

    private RunTags() {}
}
