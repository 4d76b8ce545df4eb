package io.longstrand.comm;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Ranks that are threads of one process. */
class InMemoryTest extends CommunicatorContract {
    @Override
    protected List<World> join(int ranks, Duration operationTimeout) {
        return InMemory.worlds(ranks, operationTimeout);
    }

    @Test
    void a_tensor_beyond_two_gibibytes_is_sent_to_its_end() {
        long elements = (1L << 31) / 4 + 1000;
        try (Crew crew = crew(2)) {
            crew.run(world -> {
                Mirage memory = new Mirage(4 * elements);
                world.all().broadcast(0, Tensor.contiguous(memory, 0, DataType.FLOAT32, 1, elements));
                assertThat(memory.farthest.get()).isEqualTo(4 * elements);
            });
        }
    }

    /** Memory that looks large: every window shows the same few bytes. */
    private static final class Mirage implements Memory {
        private final long bytes;
        private final ByteBuffer shown = ByteBuffer.allocateDirect(4 << 20);
        private final AtomicLong farthest = new AtomicLong();

        Mirage(long bytes) {
            this.bytes = bytes;
        }

        @Override
        public long address() {
            throw new UnsupportedOperationException("communication asks for no address");
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public Place place() {
            return Place.HOST;
        }

        @Override
        public ByteBuffer bytes(long offset, int length) {
            farthest.accumulateAndGet(offset + length, Math::max);
            return shown.slice(0, length).order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public void close() {}
    }
}
