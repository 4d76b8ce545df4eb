package io.longstrand.backend;

import org.bytedeco.javacpp.Pointer;

/** A native pointer that owns nothing. */
public final class NativeAddress extends Pointer {
    /** Points at an address. */
    public NativeAddress(long target) {
        super((Pointer) null);
        address = target;
    }
}
