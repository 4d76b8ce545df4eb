package io.longstrand.comm.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.comm.Operation;
import io.longstrand.comm.OperationKind;
import io.longstrand.tensor.DataType;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static final long RUN = 0x1234_5678_9ABC_DEF0L;

    @Property(tries = 300)
    void a_frame_read_is_the_frame_written(
            @ForAll Frame.Kind kind,
            @ForAll OperationKind operation,
            @ForAll DataType type,
            @ForAll boolean pointToPoint,
            @ForAll long group,
            @ForAll long number,
            @ForAll int index,
            @ForAll int root,
            @ForAll long elements,
            @ForAll @LongRange(min = 0, max = 1L << 50) long offset,
            @ForAll @IntRange(min = 0, max = Frame.MOST_TEXT) int length,
            @ForAll @LongRange(min = 0, max = 1L << 50) long more)
            throws ProtocolException {
        Operation.Key key = new Operation.Key(group, number, pointToPoint);
        Operation.Work work = new Operation.Work(operation, type, elements, root);
        Frame frame = new Frame(kind, key, work, index, offset + length + more, offset, length);
        ByteBuffer header = ByteBuffer.allocate(Frame.HEADER);

        frame.write(header, RUN);

        assertThat(header.hasRemaining()).isFalse();
        assertThat(Frame.read(header.flip(), RUN)).isEqualTo(frame);
    }

    @Property(tries = 500)
    void random_bytes_are_no_frame(@ForAll @Size(Frame.HEADER) byte[] bytes) {
        assertThatThrownBy(() -> Frame.read(ByteBuffer.wrap(bytes), RUN))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("it sent what is no frame of this run");
    }

    @Test
    void lengths_that_leave_the_message_or_what_may_follow_a_header_are_refused() {
        assertRefused(Frame.Kind.DATA, Long.MAX_VALUE, 0, Frame.PIECE + 1L);
        assertRefused(Frame.Kind.FAILURE, Long.MAX_VALUE, 0, Frame.MOST_TEXT + 1L);
        assertRefused(Frame.Kind.DATA, 100, 50, 51);
        assertRefused(Frame.Kind.REQUEST, 100, Long.MAX_VALUE, 51);
        assertRefused(Frame.Kind.REQUEST, 100, -1, 5);
        assertRefused(Frame.Kind.REQUEST, 100, 0, -5);
        assertRefused(Frame.Kind.REQUEST, -100, 0, 0);
    }

    private static void assertRefused(Frame.Kind kind, long bytes, long offset, long length) {
        Frame any = Frame.heartbeat();
        ByteBuffer header = ByteBuffer.allocate(Frame.HEADER);
        new Frame(kind, any.key(), any.work(), 0, bytes, offset, length).write(header, RUN);

        assertThatThrownBy(() -> Frame.read(header.flip(), RUN))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("are possible");
    }
}
