package io.jvmlops.monitoring.detector;

import io.jvmlops.api.error.InvalidInputException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** The form that {@link ChangeDetector#toBytes} tells of. */
final class DetectorCodec {
    private static final int MAGIC = 0x4A4D4344; // JMCD
    private static final int VERSION = 1;

    private DetectorCodec() {}

    /** With the byte that stands for it in what has been stored: never another one. */
    enum Kind {
        ADWIN(1),
        CUSUM(2),
        DDM(3),
        EDDM(4),
        HDDM_A(5),
        HDDM_W(6),
        KSWIN(7),
        PAGE_HINKLEY(8),
        STEPD(9);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** A detector as built. */
        Detector read(DetectorReader in) {
            return switch (this) {
                case ADWIN -> Adwin.readOptions(in);
                case CUSUM -> Cusum.readOptions(in);
                case DDM -> Ddm.readOptions(in);
                case EDDM -> Eddm.readOptions(in);
                case HDDM_A -> HddmA.readOptions(in);
                case HDDM_W -> HddmW.readOptions(in);
                case KSWIN -> Kswin.readOptions(in);
                case PAGE_HINKLEY -> PageHinkley.readOptions(in);
                case STEPD -> Stepd.readOptions(in);
            };
        }

        static Kind of(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw invalid("kind " + code + " is unknown");
        }
    }

    static byte[] write(Detector detector) {
        DetectorWriter out = new DetectorWriter();
        out.writeInt(MAGIC);
        out.writeByte(VERSION);
        out.writeByte(detector.kind().code);
        detector.writeOptions(out);
        detector.writeCommon(out);
        detector.writeSeen(out);
        return out.finish();
    }

    static Detector read(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < 10 || in.getInt() != MAGIC) {
            throw invalid("it does not begin like one");
        }
        int version = in.get();
        if (version != VERSION) {
            throw invalid("version " + version + " is unknown, expected " + VERSION);
        }
        if (in.getInt(bytes.length - 4) != DetectorWriter.checksum(bytes, bytes.length - 4)) {
            throw invalid("its checksum does not fit: it was damaged or cut short");
        }
        in.limit(bytes.length - 4);
        try {
            Kind kind = Kind.of(in.get());
            DetectorReader reader = new DetectorReader(in);
            Detector detector = kind.read(reader);
            detector.readCommon(reader);
            detector.readSeen(reader);
            if (in.hasRemaining()) {
                throw invalid(in.remaining() + " bytes are left over");
            }
            return detector;
        } catch (BufferUnderflowException e) {
            throw invalid("it ends too early");
        } catch (IllegalArgumentException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
    }

    static InvalidInputException invalid(String why) {
        return new InvalidInputException("stored change detector: " + why);
    }
}
