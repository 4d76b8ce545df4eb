package io.longstrand.comm.nccl;

import io.longstrand.tensor.DataType;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nccl;
import org.bytedeco.cuda.nccl.ncclComm;
import org.bytedeco.cuda.nccl.ncclConfig_t;
import org.bytedeco.cuda.nccl.ncclUniqueId;
import org.bytedeco.javacpp.Pointer;

/** The library itself. Not run on a GPU. */
final class BytedecoNccl implements NcclCalls {
    /** What {@code NCCL_CONFIG_INITIALIZER} of nccl.h says. */
    private static final int CONFIG_MAGIC = 0xcafebeef;

    private static final int UNDEFINED = Integer.MIN_VALUE;
    private static final int DONE = 0;

    private final int device;

    /** @param device its number among those this process sees */
    BytedecoNccl(int device) {
        this.device = device;
    }

    static String version() {
        int[] version = new int[1];
        require("ncclGetVersion", nccl.ncclGetVersion(version));
        return version[0] / 10_000 + "." + version[0] / 100 % 100 + "." + version[0] % 100;
    }

    /** A handle or an address. */
    private static final class At extends Pointer {
        At(long address) {
            this.address = address;
        }
    }

    @Override
    public byte[] uniqueId() {
        try (ncclUniqueId id = new ncclUniqueId()) {
            require("ncclGetUniqueId", nccl.ncclGetUniqueId(id));
            byte[] bytes = new byte[UniqueIds.BYTES];
            id.internal().capacity(UniqueIds.BYTES).get(bytes);
            return bytes;
        }
    }

    @Override
    public long open(int ranks, byte[] uniqueId, int rank) {
        select();
        try (ncclUniqueId id = new ncclUniqueId();
                ncclConfig_t config = new ncclConfig_t()) {
            id.internal().capacity(UniqueIds.BYTES).put(uniqueId);
            config.size(config.sizeof())
                    .magic(CONFIG_MAGIC)
                    .version(nccl.NCCL_VERSION_CODE)
                    .blocking(0)
                    .cgaClusterSize(UNDEFINED)
                    .minCTAs(UNDEFINED)
                    .maxCTAs(UNDEFINED)
                    .netName(null)
                    .splitShare(UNDEFINED);
            ncclComm communicator = new ncclComm();
            begun("ncclCommInitRankConfig", nccl.ncclCommInitRankConfig(communicator, ranks, id, rank, config));
            return communicator.address();
        }
    }

    @Override
    public boolean settled(long communicator) {
        int[] state = new int[1];
        require("ncclCommGetAsyncError", nccl.ncclCommGetAsyncError(communicator(communicator), state));
        if (state[0] == nccl.ncclInProgress) {
            return false;
        }
        if (state[0] != nccl.ncclSuccess) {
            String last = nccl.ncclGetLastError(communicator(communicator)).getString();
            throw new NcclException("NCCL says " + text(state[0]) + (last.isBlank() ? "" : " (" + last.strip() + ")"));
        }
        return true;
    }

    @Override
    public void abort(long communicator) {
        select();
        begun("ncclCommAbort", nccl.ncclCommAbort(communicator(communicator)));
    }

    @Override
    public void finish(long communicator) {
        select();
        begun("ncclCommFinalize", nccl.ncclCommFinalize(communicator(communicator)));
    }

    @Override
    public void destroy(long communicator) {
        select();
        begun("ncclCommDestroy", nccl.ncclCommDestroy(communicator(communicator)));
    }

    @Override
    public long openStream() {
        select();
        CUstream_st stream = new CUstream_st();
        requireCuda(
                "cudaStreamCreateWithFlags", cudart.cudaStreamCreateWithFlags(stream, cudart.cudaStreamNonBlocking));
        return stream.address();
    }

    @Override
    public boolean idle(long stream) {
        select();
        int status = cudart.cudaStreamQuery(stream(stream));
        if (status == cudart.cudaErrorNotReady) {
            return false;
        }
        requireCuda("cudaStreamQuery", status);
        return true;
    }

    @Override
    public void closeStream(long stream) {
        select();
        requireCuda("cudaStreamDestroy", cudart.cudaStreamDestroy(stream(stream)));
    }

    @Override
    public void beginGroup() {
        select();
        require("ncclGroupStart", nccl.ncclGroupStart());
    }

    @Override
    public void endGroup() {
        begun("ncclGroupEnd", nccl.ncclGroupEnd());
    }

    @Override
    public void allReduce(long vector, long count, DataType type, long communicator, long stream) {
        select();
        begun(
                "ncclAllReduce",
                nccl.ncclAllReduce(
                        new At(vector),
                        new At(vector),
                        count,
                        typeOf(type),
                        nccl.ncclSum,
                        communicator(communicator),
                        stream(stream)));
    }

    @Override
    public void reduce(long from, long to, long count, DataType type, int root, long communicator, long stream) {
        select();
        begun(
                "ncclReduce",
                nccl.ncclReduce(
                        new At(from),
                        new At(to),
                        count,
                        typeOf(type),
                        nccl.ncclSum,
                        root,
                        communicator(communicator),
                        stream(stream)));
    }

    @Override
    public void reduceScatter(long from, long to, long count, DataType type, long communicator, long stream) {
        select();
        begun(
                "ncclReduceScatter",
                nccl.ncclReduceScatter(
                        new At(from),
                        new At(to),
                        count,
                        typeOf(type),
                        nccl.ncclSum,
                        communicator(communicator),
                        stream(stream)));
    }

    @Override
    public void allGather(long from, long to, long count, DataType type, long communicator, long stream) {
        select();
        begun(
                "ncclAllGather",
                nccl.ncclAllGather(
                        new At(from), new At(to), count, typeOf(type), communicator(communicator), stream(stream)));
    }

    @Override
    public void broadcast(long from, long to, long count, DataType type, int root, long communicator, long stream) {
        select();
        begun(
                "ncclBroadcast",
                nccl.ncclBroadcast(
                        new At(from),
                        new At(to),
                        count,
                        typeOf(type),
                        root,
                        communicator(communicator),
                        stream(stream)));
    }

    @Override
    public void send(long from, long count, DataType type, int peer, long communicator, long stream) {
        select();
        begun(
                "ncclSend",
                nccl.ncclSend(new At(from), count, typeOf(type), peer, communicator(communicator), stream(stream)));
    }

    @Override
    public void receive(long to, long count, DataType type, int peer, long communicator, long stream) {
        select();
        begun(
                "ncclRecv",
                nccl.ncclRecv(new At(to), count, typeOf(type), peer, communicator(communicator), stream(stream)));
    }

    /** CUDA keeps a device for each thread. */
    private void select() {
        requireCuda("cudaSetDevice", cudart.cudaSetDevice(device));
    }

    private static ncclComm communicator(long handle) {
        return new ncclComm(new At(handle));
    }

    private static CUstream_st stream(long handle) {
        return new CUstream_st(new At(handle));
    }

    private static int typeOf(DataType type) {
        return switch (type) {
            case FLOAT32 -> nccl.ncclFloat32;
            case BFLOAT16 -> nccl.ncclBfloat16;
            case INT32 -> nccl.ncclInt32;
        };
    }

    /** Of a call that may go on when it has returned. */
    private static void begun(String call, int status) {
        if (status != nccl.ncclInProgress) {
            require(call, status);
        }
    }

    private static void require(String call, int status) {
        if (status != nccl.ncclSuccess) {
            throw new NcclException(call + ": " + text(status));
        }
    }

    private static String text(int status) {
        return nccl.ncclGetErrorString(status).getString();
    }

    private static void requireCuda(String call, int status) {
        if (status != DONE) {
            throw new NcclException(
                    call + ": " + cudart.cudaGetErrorString(status).getString());
        }
    }
}
