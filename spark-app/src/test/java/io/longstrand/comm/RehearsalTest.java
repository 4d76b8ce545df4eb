package io.longstrand.comm;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.mesh.Slices;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RehearsalTest {
    /** Not a multiple of any number of ranks. */
    private static final long ELEMENTS = 1013;

    @ParameterizedTest(name = "{0} ranks")
    @ValueSource(ints = {1, 2, 3, 4})
    void aRehearsalCountsTheBytesThatEveryRankSends(int ranks) {
        try (Crew crew = new Crew(InMemory.worlds(ranks, Duration.ofSeconds(10)))) {
            crew.run(world -> {
                everything(world);
                World rehearsal = World.rehearsal(world.rank(), ranks);
                everything(rehearsal);
                assertThat(bytes(rehearsal)).isEqualTo(bytes(world));
            });
        }
    }

    private static void everything(World world) {
        Communicator all = world.all();
        Tensor tensor = vector(ELEMENTS);
        long own = new Slices(ELEMENTS, all.size()).length(all.rank());
        all.allReduce(tensor);
        all.reduceScatter(tensor, vector(own));
        all.allGather(vector(own), tensor);
        all.allToAll(parts(all), parts(all));
        all.broadcast(0, tensor);
        if (all.size() > 1) {
            Pending sent = all.startSend((all.rank() + 1) % all.size(), tensor);
            all.receive((all.rank() + all.size() - 1) % all.size(), vector(ELEMENTS));
            sent.await();
        }
    }

    private static List<Tensor> parts(Communicator all) {
        return IntStream.range(0, all.size()).mapToObj(peer -> vector(17)).toList();
    }

    private static Map<OperationKind, Long> bytes(World world) {
        Map<OperationKind, Long> sent = new EnumMap<>(OperationKind.class);
        world.traffic().forEach((kind, traffic) -> sent.put(kind, traffic.bytesSent()));
        return sent;
    }

    private static Tensor vector(long elements) {
        return DirectMemory.tensor(DataType.FLOAT32, elements);
    }
}
