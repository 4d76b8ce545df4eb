package io.longstrand.backend.nd4j;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.factory.Nd4j;

/** Where ND4J keeps intermediate results: one reused stretch of memory a thread, instead of waiting for the collector. */
final class Scratch implements AutoCloseable {
    private final WorkspaceConfiguration configuration = WorkspaceConfiguration.builder()
            .initialSize(0)
            .policyAllocation(AllocationPolicy.STRICT)
            .policyLearning(LearningPolicy.FIRST_LOOP)
            .policySpill(SpillPolicy.REALLOCATE)
            .build();
    private final String name = "longstrand-" + Integer.toHexString(System.identityHashCode(this));
    private final Map<MemoryWorkspace, Long> peaks = new ConcurrentHashMap<>();

    /** Runs operations whose intermediate results end with them. */
    void run(Runnable operations) {
        MemoryWorkspace workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, name);
        try {
            operations.run();
            peaks.merge(workspace, workspace.getThisCycleAllocations(), Math::max);
        } finally {
            workspace.close();
        }
    }

    /** Most bytes the threads' intermediate results ever took. */
    long peakBytes() {
        return peaks.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void close() {
        peaks.keySet().forEach(workspace -> workspace.destroyWorkspace(true));
    }
}
