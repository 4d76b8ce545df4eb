package io.longstrand.comm.nccl;

import io.longstrand.tensor.DataType;

/**
 * What is called of NCCL, and of CUDA for its streams, on one device. Communicators and streams are what NCCL and CUDA
 * call them, as numbers; addresses are on the device. Communicators do not block: a call may return before NCCL has done
 * what it asks for, and {@link #settled} says when it has.
 *
 * <p>Every call throws {@link NcclException} when NCCL or CUDA answers with an error. Thread-safe; one communicator belongs
 * to one thread.
 */
interface NcclCalls {
    /** What makes a communicator, given to all its ranks by one of them. */
    byte[] uniqueId();

    /** Begins to open a communicator. */
    long open(int ranks, byte[] uniqueId, int rank);

    /** Whether all that a communicator was asked for so far has begun; asked again and again, also tells what went wrong. */
    boolean settled(long communicator);

    /** Waits for nothing that is under way: ends it. */
    void abort(long communicator);

    /** Begins to end a communicator whose operations are done. */
    void finish(long communicator);

    /** Gives back a communicator that has {@linkplain #finish finished}. */
    void destroy(long communicator);

    /** A new stream that waits for no other. */
    long openStream();

    /** Whether all that a stream was given is done. */
    boolean idle(long stream);

    /** Gives back a stream. */
    void closeStream(long stream);

    /** Everything until {@link #endGroup()} on this thread is one operation. */
    void beginGroup();

    /** See {@link #beginGroup()}. */
    void endGroup();

    /** A vector of every rank, which is replaced by their sum. */
    void allReduce(long vector, long count, DataType type, long communicator, long stream);

    /** The sum of a vector of every rank, given to one of them. @param to read there alone */
    void reduce(long from, long to, long count, DataType type, int root, long communicator, long stream);

    /** The sum of a vector of every rank, of which each gets as many elements as any other. @param count elements of each */
    void reduceScatter(long from, long to, long count, DataType type, long communicator, long stream);

    /** All ranks' vectors of the same length. @param count elements of each */
    void allGather(long from, long to, long count, DataType type, long communicator, long stream);

    /** One rank's vector. @param from read there alone */
    void broadcast(long from, long to, long count, DataType type, int root, long communicator, long stream);

    /** Gives a rank a vector. */
    void send(long from, long count, DataType type, int peer, long communicator, long stream);

    /** Takes a vector from a rank. */
    void receive(long to, long count, DataType type, int peer, long communicator, long stream);
}
