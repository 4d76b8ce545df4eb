package io.longstrand.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares one configuration key on the record component that holds its value. The component's name in kebab case is
 * the key's last word, the component's type is the key's type, so that nothing about a key is written twice.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Key {
    /** What the key does, with its unit: the comment above it in {@code reference.conf}. */
    String doc();

    /** The default, in HOCON, as it stands in {@code reference.conf}; may refer to another key as {@code ${other}}. */
    String value();

    /** Which values of the type are valid. */
    Check check() default Check.ANY;
}
