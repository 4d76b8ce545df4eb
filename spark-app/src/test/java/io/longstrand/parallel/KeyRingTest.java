package io.longstrand.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.MaskRule;
import io.longstrand.attention.TileSize;
import io.longstrand.comm.Crew;
import io.longstrand.comm.InMemory;
import io.longstrand.comm.World;
import io.longstrand.mesh.SequenceCut;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Keys and values on their way round a ring of two. */
class KeyRingTest {
    private static final long BUDGET = 1 << 20;
    private static final SequenceCut CUT = new SequenceCut(256, 2, 1);
    private static final int WIDTH = 8;

    /** A rank's keys: 1 and 2 in the columns of its two heads, and ten times as much on the other rank. */
    private static float key(int rank, int head) {
        return (rank == 0 ? 1 : 10) * (head + 1);
    }

    @Test
    void the_keys_of_the_next_heads_come_while_their_rank_is_still_at_work_on_these() {
        CountDownLatch ahead = new CountDownLatch(1);
        try (Crew crew = new Crew(InMemory.worlds(2, Duration.ofSeconds(5)))) {
            crew.run(world -> {
                try (Backend backend = new Backends().open("cpu", new BackendProvider.Options(1));
                        Arena device = new Arena(backend, Place.DEVICE, BUDGET);
                        Arena host = new Arena(backend, Place.HOST, BUDGET)) {
                    KeyRing keys = ring(world, backend, device, host);
                    keys.start(0);
                    keys.pass();
                    keys.turn();
                    keys.pass();
                    assertThat(first(keys.key(), host, backend)).isEqualTo(key(1 - world.rank(), 0));
                    if (world.rank() == 0) {
                        assertThat(ahead.await(10, TimeUnit.SECONDS)).isTrue(); // long at work on the last shard
                        return;
                    }
                    keys.turn();
                    keys.start(1);
                    assertThat(first(keys.key(), host, backend)).isEqualTo(key(1, 1));
                    keys.pass();
                    keys.turn();
                    assertThat(first(keys.key(), host, backend)).isEqualTo(key(0, 1));
                    ahead.countDown();
                }
            });
        }
    }

    private static KeyRing ring(World world, Backend backend, Arena device, Arena host) {
        AttentionMask mask = new MaskRule.Causal()
                .take(backend, device, host, TileSize.forLength(CUT.shard()), 1, CUT, world.rank());
        mask.put(0, new int[CUT.length()]);
        Tensor own = device.allocate("test", DataType.FLOAT32, CUT.shard(), 2 * WIDTH);
        for (int head = 0; head < 2; head++) {
            backend.kernels().fill(own.columns(head * WIDTH, (head + 1) * WIDTH), key(world.rank(), head));
        }
        RingRoute route = new RingRoute(mask.reach(), world.rank(), 2, true);
        return new KeyRing(backend, world.all(), route, device, host, own, own, WIDTH);
    }

    private static float first(Tensor keys, Arena host, Backend backend) {
        Tensor read = host.allocate("test", DataType.FLOAT32, 1, WIDTH);
        backend.kernels().copy(keys.rows(0, 1), read);
        backend.synchronize();
        return read.hostBytes().asFloatBuffer().get(0);
    }
}
