package io.jvmlops.tracking.dataset;

/**
 * How far an operation on a dataset is. What need not be read, as it is known from last time, is not counted.
 *
 * @param filesDone how many files are done
 * @param files how many there are to do
 * @param bytesDone how many bytes have been read
 * @param bytes how many there are to read; a file that changes meanwhile makes it only nearly right
 */
public record Progress(long filesDone, long files, long bytesDone, long bytes) {
    /** From 0 to 1. */
    public double fraction() {
        double share = bytes > 0 ? (double) bytesDone / bytes : files > 0 ? (double) filesDone / files : 1;
        return Math.max(0, Math.min(1, share));
    }

    /** For people: {@code 3 of 10 files, 42 %}. */
    @Override
    public String toString() {
        return filesDone + " of " + files + " files, " + Math.round(100 * fraction()) + " %";
    }
}
