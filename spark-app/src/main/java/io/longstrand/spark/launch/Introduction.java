package io.longstrand.spark.launch;

import io.longstrand.comm.tcp.PeerAddress;
import io.longstrand.storage.Checksum;
import java.nio.charset.StandardCharsets;

/**
 * What a rank tells the others about itself before they connect.
 *
 * @param address where it listens
 * @param build of the application it runs
 * @param settings SHA-256 of what must be the same on every rank
 * @param gpu address of its GPU; empty without one
 */
record Introduction(PeerAddress address, String build, String settings, String gpu) {
    private static final String SEPARATOR = "\t";

    static Introduction of(PeerAddress address, String settings, String gpu) {
        byte[] bytes = settings.getBytes(StandardCharsets.UTF_8);
        Checksum checksum = new Checksum();
        checksum.update(bytes, 0, bytes.length);
        return new Introduction(address, Build.present().name(), checksum.value(), gpu);
    }

    /** One line. */
    String text() {
        return String.join(SEPARATOR, address.toString(), build, settings, gpu);
    }

    static Introduction parse(String text) {
        String[] parts = text.split(SEPARATOR, -1);
        if (parts.length != 4) {
            throw new IllegalArgumentException("'" + text + "' introduces no rank");
        }
        return new Introduction(PeerAddress.parse(parts[0]), parts[1], parts[2], parts[3]);
    }
}
