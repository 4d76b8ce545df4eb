package io.longstrand.backend.cpu;

import org.bytedeco.javacpp.Pointer;

/** A native pointer that owns nothing and is aimed again for every call, so that a call leaves no garbage. */
final class NativeAddress extends Pointer {
    NativeAddress() {
        super((Pointer) null);
    }

    /** Aims at an address. */
    NativeAddress set(long target) {
        address = target;
        return this;
    }
}
