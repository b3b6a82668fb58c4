package io.jvmlops.api.data;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a record component carries, where that is not what its declaration says: another name, or what stands for a value
 * that is missing. On a constant of an enum: the category that the constant is.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.FIELD})
public @interface Feature {
    /** What {@link #missing} is where there is no stand-in. */
    String NONE = "\0";

    /** The feature's name; empty for the component's own. */
    String value() default "";

    /**
     * What the model gets in place of null, written as a value of the component's type: {@code "unknown"}, {@code "-1"},
     * {@code "false"}. With it the component may be null. Without it null is NaN where the model takes floating numbers, and
     * elsewhere nothing stands for it.
     */
    String missing() default NONE;
}
