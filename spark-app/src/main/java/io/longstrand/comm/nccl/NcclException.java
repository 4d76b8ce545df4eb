package io.longstrand.comm.nccl;

/** NCCL or CUDA answered with an error. */
final class NcclException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message the call and what it answered */
    NcclException(String message) {
        super(message);
    }
}
