package io.longstrand.backend.cpu;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.Optional;
import jdk.incubator.foreign.CLinker;
import jdk.incubator.foreign.FunctionDescriptor;

/**
 * Asks Linux for pages of 2 MiB instead of 4 KiB. Tensors of some MiB have more small pages than the processor remembers
 * the places of; sums and copies are up to a third faster on huge ones. Needs the module jdk.incubator.foreign to call
 * the system, and is no more than advice: without the one, in classes Spark has loaded itself, or on a system that keeps
 * to small pages, pages are small.
 */
final class HugePages {
    private static final long SMALL_PAGE = 4096;
    private static final long HUGE_PAGE = 2L << 20;
    /** {@code MADV_HUGEPAGE} of madvise(2). */
    private static final int USE_HUGE_PAGES = 14;

    private static final boolean CALLABLE =
            ModuleLayer.boot().findModule("jdk.incubator.foreign").isPresent();

    private static final Optional<MethodHandle> ADVISE = CALLABLE ? madvise() : Optional.empty();

    private HugePages() {}

    private static Optional<MethodHandle> madvise() {
        try {
            return CLinker.systemLookup().lookup("madvise").map(function -> CLinker.getInstance()
                    .downcallHandle(
                            function,
                            MethodType.methodType(int.class, long.class, long.class, int.class),
                            FunctionDescriptor.of(CLinker.C_INT, CLinker.C_LONG, CLinker.C_LONG, CLinker.C_INT)));
        } catch (IllegalCallerException e) {
            // On executors Spark loads jars that were submitted by a class loader of its own, and no option of Java 17
            // lets the classes of such a one call the system.
            return Optional.empty();
        }
    }

    /** Asks for a stretch of memory that nothing has been written to; one too short for a huge page stays as it is. */
    static void ask(long address, long bytes) {
        long start = (address + SMALL_PAGE - 1) / SMALL_PAGE * SMALL_PAGE;
        long length = (address + bytes - start) / SMALL_PAGE * SMALL_PAGE;
        if (length < 2 * HUGE_PAGE || ADVISE.isEmpty()) {
            return;
        }
        try {
            // Advice: that the system has no such pages is no failure.
            int ignored = (int) ADVISE.get().invokeExact(start, length, USE_HUGE_PAGES);
        } catch (Throwable e) {
            throw new IllegalStateException("madvise cannot be called", e);
        }
    }
}
