package io.longstrand.backend.nd4j;

import org.bytedeco.javacpp.Pointer;

/** A native pointer that owns nothing. */
final class NativeAddress extends Pointer {
    NativeAddress(long target) {
        super((Pointer) null);
        address = target;
    }
}
