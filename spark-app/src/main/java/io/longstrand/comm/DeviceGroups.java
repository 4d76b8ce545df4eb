package io.longstrand.comm;

import java.time.Duration;

/** What opens communicators over the memory of devices, for ranks that reach each other already. */
@FunctionalInterface
public interface DeviceGroups {
    /**
     * Opens this rank's side. All ranks of a group do so, and open what groups they have in common in the same order.
     *
     * @param group who takes part
     * @param control the same ranks over host memory, for nothing else
     * @param transport what carries control: when it says that communication has ended, it has ended here too
     * @param timeout longest time one operation may take
     * @param meter is told what operations send
     */
    Membership open(Group group, Communicator control, Transport transport, Duration timeout, TrafficMeter meter);
}
