package io.jvmlops.monitoring.profile;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.jvmlops.api.data.Column;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Schema;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Profile;
import java.io.IOException;
import java.io.PushbackReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Profiles CSV files (RFC 4180, with a header) in one pass and in memory that does not grow with them. Immutable and
 * thread-safe; several files of the same columns, or parts of one, are put together by {@link Profiles#merge}.
 *
 * <p><b>Types.</b> A column is what the schema says; else what the reference says; else it is inferred from the first
 * {@code inferFrom} rows: of booleans if all its values there are {@code true} or {@code false} in any case, of numbers if all are
 * decimal numbers or infinities, else of text; a column without values there is of numbers. A value that does not fit its column
 * is an error with line, column and what was expected; never with the value.
 *
 * <p><b>Missing</b> is an empty field and each of the missing words, quoted or not, in all columns. Empty lines are skipped.
 */
public final class CsvProfiler {
    private final @Nullable Schema schema;
    private final @Nullable Profile reference;
    private final Set<String> missing;
    private final char separator;
    private final Charset charset;
    private final int inferFrom;
    private final int maxRecord;
    private final long maxRows;
    private final @Nullable LongConsumer progress;

    private CsvProfiler(Builder builder) {
        schema = builder.schema;
        reference = builder.reference;
        missing = Set.copyOf(builder.missing);
        separator = builder.separator;
        charset = builder.charset;
        inferFrom = builder.inferFrom;
        maxRecord = builder.maxRecord;
        maxRows = builder.maxRows;
        progress = builder.progress;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** With all defaults: types inferred, UTF-8, commas. */
    public static CsvProfiler ofDefaults() {
        return builder().build();
    }

    /**
     * Profiles a file.
     *
     * @throws InvalidInputException if it is no such table; see {@link #profile(Reader, String)}
     * @throws StorageException if it cannot be read
     */
    public Profile profile(Path file) {
        try (Reader reader = Files.newBufferedReader(file, charset)) {
            return profile(reader, file.toString());
        } catch (IOException e) {
            throw unreadable(file.toString(), e);
        }
    }

    private StorageException unreadable(String name, Exception cause) {
        return new StorageException("csv '" + name + "': cannot be read as " + charset + ": " + cause, cause);
    }

    /**
     * Profiles what a reader gives; it is not closed.
     *
     * @param name for messages
     * @throws InvalidInputException if there is no header, names in it are empty or occur twice, a column of the schema is not
     *     there, a row has more or fewer fields than the header, a value does not fit its column, or a record is too long
     * @throws StorageException if it cannot be read
     */
    public Profile profile(Reader reader, String name) {
        CsvReader<CsvRecord> records = CsvReader.builder()
                .fieldSeparator(separator)
                .allowExtraFields(true)
                .allowMissingFields(true)
                .maxBufferSize(maxRecord)
                .ofCsvRecord(withoutByteOrderMark(reader, name));
        Pass pass = new Pass("csv '" + name + "'");
        try {
            Iterator<CsvRecord> iterator = records.iterator();
            return pass.run(iterator);
        } catch (CsvParseException e) {
            // Its own message might hold data.
            throw new InvalidInputException("csv '" + name + "': after line " + pass.line
                    + ": expected quotes that are closed, then '" + separator
                    + "' or the end of the line, and records of"
                    + " at most " + maxRecord + " characters and 16,384 fields");
        } catch (UncheckedIOException e) {
            throw unreadable(name, e);
        }
    }

    /** It would make the quotes around the first name part of it. */
    private Reader withoutByteOrderMark(Reader reader, String name) {
        try {
            int first = reader.read();
            if (first < 0 || first == BYTE_ORDER_MARK) {
                return reader;
            }
            PushbackReader all = new PushbackReader(reader, 1);
            all.unread(first);
            return all;
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    /** One reading of one table. */
    private final class Pass {
        private final String subject;
        private long line;

        Pass(String subject) {
            this.subject = subject;
        }

        Profile run(Iterator<CsvRecord> records) {
            if (!records.hasNext()) {
                throw new InvalidInputException(subject + ": no header, expected the columns' names in the first line");
            }
            List<String> header = header(records.next());
            List<CsvRecord> first = new ArrayList<>();
            boolean infers = schema == null
                    && !(reference != null && reference.columns().keySet().containsAll(header));
            long held = 0;
            while (infers && first.size() < Math.min(inferFrom, maxRows) && held < MAX_HELD && records.hasNext()) {
                CsvRecord record = records.next();
                line = record.getStartingLineNumber();
                first.add(checked(record, header));
                for (String field : record.getFields()) {
                    held += field.length();
                }
            }
            Schema columns = schema != null ? schema : inferred(header, first);
            int[] positions = positions(columns, header);
            TableProfiler profiler =
                    reference == null ? TableProfiler.of(columns) : TableProfiler.like(reference, columns);
            long rows = 0;
            for (CsvRecord record : first) {
                add(record, columns, positions, profiler);
                rows++;
            }
            while (rows < maxRows && records.hasNext()) {
                CsvRecord record = records.next();
                line = record.getStartingLineNumber();
                add(checked(record, header), columns, positions, profiler);
                rows++;
                if (progress != null && rows % PROGRESS_ROWS == 0) {
                    progress.accept(rows);
                }
            }
            if (progress != null) {
                progress.accept(rows);
            }
            return profiler.profile();
        }

        private List<String> header(CsvRecord record) {
            List<String> names = new ArrayList<>(record.getFields());
            names.replaceAll(String::strip);
            if (names.contains("") || new HashSet<>(names).size() != names.size()) {
                throw new InvalidInputException(
                        subject + ": header " + names + ", expected names that are not empty and differ");
            }
            line = record.getStartingLineNumber();
            return names;
        }

        private CsvRecord checked(CsvRecord record, List<String> header) {
            if (record.getFieldCount() != header.size()) {
                throw new InvalidInputException(subject + ", line " + record.getStartingLineNumber() + ": "
                        + record.getFieldCount() + " fields, expected " + header.size() + " as in the header");
            }
            return record;
        }

        private Schema inferred(List<String> header, List<CsvRecord> rows) {
            List<Column> columns = new ArrayList<>();
            for (int i = 0; i < header.size(); i++) {
                ColumnProfile known =
                        reference == null ? null : reference.columns().get(header.get(i));
                DataType type = known != null ? TableProfiler.type(known) : inferred(rows, i);
                columns.add(new Column(header.get(i), type, true, List.of()));
            }
            return new Schema(columns);
        }

        private DataType inferred(List<CsvRecord> rows, int column) {
            boolean booleans = false;
            boolean numbers = true;
            for (CsvRecord row : rows) {
                String field = row.getField(column);
                if (missing.contains(field)) {
                    continue;
                }
                boolean flag = flag(field) != null;
                if (flag && (booleans || numbers)) {
                    booleans = true;
                    numbers = false;
                } else if (booleans || !numbers || !isNumber(field)) {
                    return DataType.BYTES;
                } else {
                    // A number rules out booleans from now on.
                    return inferredNumbers(rows, column);
                }
            }
            return booleans ? DataType.BOOL : DataType.FP64;
        }

        private DataType inferredNumbers(List<CsvRecord> rows, int column) {
            for (CsvRecord row : rows) {
                String field = row.getField(column);
                if (!missing.contains(field) && !isNumber(field)) {
                    return DataType.BYTES;
                }
            }
            return DataType.FP64;
        }

        private int[] positions(Schema columns, List<String> header) {
            List<String> absent = new ArrayList<>(columns.names());
            absent.removeAll(header);
            if (!absent.isEmpty()) {
                throw new InvalidInputException(
                        subject + ": columns " + absent + " of the schema are not in the header " + header);
            }
            return columns.names().stream().mapToInt(header::indexOf).toArray();
        }

        /** A row that does not fit ends the reading: nothing of this pass is kept, so it may be half counted. */
        private void add(CsvRecord record, Schema columns, int[] positions, TableProfiler profiler) {
            for (int i = 0; i < positions.length; i++) {
                String field = record.getField(positions[i]);
                DataType type = columns.columns().get(i).type();
                if (missing.contains(field)) {
                    profiler.missing(i);
                } else if (type == DataType.BYTES) {
                    profiler.level(i, field);
                } else if (type == DataType.BOOL) {
                    String flag = flag(field);
                    if (flag == null) {
                        throw unfit(record, columns.columns().get(i), "true or false");
                    }
                    profiler.level(i, flag);
                } else {
                    if (!isNumber(field)) {
                        throw unfit(record, columns.columns().get(i), "a number");
                    }
                    profiler.number(i, number(field));
                }
            }
            profiler.endRow();
        }

        private InvalidInputException unfit(CsvRecord record, Column column, String expected) {
            return new InvalidInputException(subject + ", line " + record.getStartingLineNumber() + ", column '"
                    + column.name() + "': expected " + expected + ", found other text; "
                    + (schema == null
                            ? "the rows before, or the reference, have it so: give a schema if it is text"
                            : "the schema says so"));
        }
    }

    private static final long PROGRESS_ROWS = 100_000;

    private static final int BYTE_ORDER_MARK = 0xfeff;

    /** The most characters that are held to infer types from. */
    private static final long MAX_HELD = 1 << 25;

    private static @Nullable String flag(String field) {
        return field.equalsIgnoreCase("true") ? "true" : field.equalsIgnoreCase("false") ? "false" : null;
    }

    /** Decimal numbers, with an exponent if need be, and infinities; not what else Java takes, as {@code 1d} and {@code 0x1p3}. */
    private static boolean isNumber(String field) {
        int end = field.length();
        int at = 0;
        while (at < end && field.charAt(at) == ' ') {
            at++;
        }
        while (end > at && field.charAt(end - 1) == ' ') {
            end--;
        }
        if (at < end && (field.charAt(at) == '-' || field.charAt(at) == '+')) {
            at++;
        }
        int digits = 0;
        boolean point = false;
        for (; at < end; at++) {
            char c = field.charAt(at);
            if (c >= '0' && c <= '9') {
                digits++;
            } else if (c == '.' && !point) {
                point = true;
            } else {
                break;
            }
        }
        if (digits == 0) {
            return !point && isInfinity(field.substring(at, end));
        }
        if (at < end && (field.charAt(at) == 'e' || field.charAt(at) == 'E')) {
            at++;
            if (at < end && (field.charAt(at) == '-' || field.charAt(at) == '+')) {
                at++;
            }
            int from = at;
            while (at < end && field.charAt(at) >= '0' && field.charAt(at) <= '9') {
                at++;
            }
            return at == end && at > from;
        }
        return at == end;
    }

    private static boolean isInfinity(String text) {
        return text.equalsIgnoreCase("inf") || text.equalsIgnoreCase("infinity");
    }

    private static double number(String field) {
        char last = field.strip().charAt(field.strip().length() - 1);
        if (last >= '0' && last <= '9' || last == '.') {
            return Double.parseDouble(field);
        }
        return field.indexOf('-') >= 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }

    /** What to read and how. Not thread-safe. */
    public static final class Builder {
        private @Nullable Schema schema;
        private @Nullable Profile reference;
        private Set<String> missing = Set.of("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None");
        private char separator = ',';
        private Charset charset = StandardCharsets.UTF_8;
        private int inferFrom = 10_000;
        private int maxRecord = 1 << 20;
        private long maxRows = Long.MAX_VALUE;
        private @Nullable LongConsumer progress;

        private Builder() {}

        /** The columns to profile, by name, and their types; columns of the file that it lacks are left out. */
        public Builder schema(Schema schema) {
            this.schema = schema;
            return this;
        }

        /**
         * Counts over the edges and levels of this profile. Columns that it lacks are profiled on their own, and those that the
         * file lacks are left out: a comparison tells of both.
         */
        public Builder like(Profile reference) {
            this.reference = reference;
            return this;
        }

        /** The words that mean missing, beside the empty field; as they are by default: NA, N/A, NaN, nan, null, NULL, None. */
        public Builder missing(Set<String> words) {
            Set<String> all = new HashSet<>(words);
            all.add("");
            missing = all;
            return this;
        }

        /** A comma by default. */
        public Builder separator(char separator) {
            this.separator = separator;
            return this;
        }

        /** UTF-8 by default; bytes that are not of it are an error. */
        public Builder charset(Charset charset) {
            this.charset = charset;
            return this;
        }

        /**
         * Rows that types are inferred from, which are held in memory meanwhile: 10,000 by default, fewer if those have 32
         * million characters.
         *
         * @throws IllegalArgumentException if it is less than 1 or more than a million
         */
        public Builder inferFrom(int rows) {
            if (rows < 1 || rows > 1_000_000) {
                throw new IllegalArgumentException(rows + " rows to infer from, expected 1 to 1,000,000");
            }
            inferFrom = rows;
            return this;
        }

        /**
         * The most characters of a record: 2^20 by default. Keeps a quote that is not closed from taking in the whole file.
         *
         * @throws IllegalArgumentException if it is less than 1,024
         */
        public Builder maxRecord(int characters) {
            if (characters < 1024) {
                throw new IllegalArgumentException(
                        "records of at most " + characters + " characters, expected 1,024 or more");
            }
            maxRecord = characters;
            return this;
        }

        /** Reads so many rows and no more; all by default. */
        public Builder maxRows(long rows) {
            maxRows = rows;
            return this;
        }

        /** Told how many rows were read, now and then and at the end, by the thread that reads. */
        public Builder onProgress(LongConsumer rows) {
            progress = rows;
            return this;
        }

        public CsvProfiler build() {
            return new CsvProfiler(this);
        }
    }
}
