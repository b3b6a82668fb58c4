package io.jvmlops.monitoring.detector;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.monitoring.internal.SealedForm;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** The form that {@link ChangeDetector#toBytes} tells of. */
final class DetectorCodec {
    /** JMCD. */
    private static final SealedForm FORM = new SealedForm(0x4A4D4344, 1, "stored change detector");

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
        out.writeByte(detector.kind().code);
        detector.writeOptions(out);
        detector.writeCommon(out);
        detector.writeSeen(out);
        return FORM.seal(out.toByteArray());
    }

    static Detector read(byte[] bytes) {
        ByteBuffer in = FORM.open(bytes);
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
        return FORM.invalid(why);
    }
}
