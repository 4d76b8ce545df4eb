package io.longstrand.crooked.model;

import java.util.concurrent.atomic.AtomicInteger;

/** State that every model of the process would share. */
final class Changes {
    static final AtomicInteger COUNT = new AtomicInteger();
    static int last = COUNT.get();

    private Changes() {}
}
