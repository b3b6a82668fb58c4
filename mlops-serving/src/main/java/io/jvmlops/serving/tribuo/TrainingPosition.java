package io.jvmlops.serving.tribuo;

import java.lang.StackWalker.Option;
import java.util.Iterator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tribuo.Trainer;
import org.tribuo.evaluation.CrossValidation;

/**
 * Who asks for a training, told from the calls that led to it: Tribuo passes nothing along that would say so, and both
 * AdaBoost and whoever trains twice call {@code train(data)}.
 *
 * @param within the trainer or cross-validation that asks for it; null if neither does
 * @param isTracked whether a tracked trainer is further out
 */
record TrainingPosition(@Nullable Class<?> within, boolean isTracked) {
    private static final StackWalker WALKER = StackWalker.getInstance(Option.RETAIN_CLASS_REFERENCE);

    /** Of the tracked trainer that calls this. */
    static TrainingPosition find() {
        return WALKER.walk(TrainingPosition::of);
    }

    private static TrainingPosition of(Stream<StackWalker.StackFrame> calls) {
        Class<?> within = null;
        Iterator<Class<?>> classes =
                calls.<Class<?>>map(StackWalker.StackFrame::getDeclaringClass).iterator();
        while (classes.hasNext()) {
            Class<?> caller = classes.next();
            if (TrackedTrainer.class.isAssignableFrom(caller)) {
                if (within != null) {
                    return new TrainingPosition(within, true);
                }
            } else if (within == null
                    && (Trainer.class.isAssignableFrom(caller) || CrossValidation.class.isAssignableFrom(caller))) {
                within = caller;
            }
        }
        return new TrainingPosition(within, false);
    }

    /** Whether it is a part of another trainer's training. */
    boolean isPart() {
        return within != null && !isFold();
    }

    /** Whether it is one of a cross-validation's. */
    boolean isFold() {
        return within != null && CrossValidation.class.isAssignableFrom(within);
    }
}
