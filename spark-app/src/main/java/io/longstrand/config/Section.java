package io.longstrand.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Declares one configuration section on the record component that holds its record; nested records nest sections. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Section {
    /** What the section is about: the comment above it in {@code reference.conf}. */
    String doc();
}
