package io.longstrand.comm.tcp;

import io.longstrand.comm.CommunicatorContract;
import io.longstrand.comm.World;
import java.time.Duration;
import java.util.List;

/** Ranks that reach each other over TCP, in clear. */
class TcpTest extends CommunicatorContract {
    @Override
    protected List<World> join(int ranks, Duration operationTimeout) {
        return Joining.join(ranks, TcpSettings.of("run", RunSecret.random(), operationTimeout));
    }
}
