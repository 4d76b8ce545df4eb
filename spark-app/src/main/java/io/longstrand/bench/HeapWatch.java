package io.longstrand.bench;

import java.lang.management.ManagementFactory;

/** The most heap that was reachable while something ran: collects garbage again and again and looks what is left. */
final class HeapWatch implements AutoCloseable {
    private static final long INTERVAL_MILLIS = 50;

    private final Thread thread;
    private volatile boolean running = true;
    private volatile long most;

    HeapWatch() {
        thread = new Thread(this::watch, "heap-watch");
        thread.setDaemon(true);
        thread.start();
    }

    /** Bytes; to be asked after {@link #close}. */
    long most() {
        return most;
    }

    @Override
    public void close() throws InterruptedException {
        running = false;
        thread.join();
    }

    private void watch() {
        try {
            while (running) {
                ManagementFactory.getMemoryMXBean().gc();
                long used =
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
                most = Math.max(most, used);
                Thread.sleep(INTERVAL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
