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
 * @param gpu address of the GPU that Spark gave it; empty when it gave none
 * @param card the GPU that it computes on
 */
record Introduction(PeerAddress address, String build, String settings, String gpu, Card card) {
    private static final String SEPARATOR = "\t";

    static Introduction of(PeerAddress address, String settings, String gpu, Card card) {
        byte[] bytes = settings.getBytes(StandardCharsets.UTF_8);
        Checksum checksum = new Checksum();
        checksum.update(bytes, 0, bytes.length);
        return new Introduction(address, Build.present().name(), checksum.value(), gpu, card);
    }

    /** One line. */
    String text() {
        return String.join(
                SEPARATOR,
                address.toString(),
                build,
                settings,
                gpu,
                card.uuid(),
                Integer.toString(card.cuda()),
                card.nccl(),
                card.obstacle());
    }

    static Introduction parse(String text) {
        String[] parts = text.split(SEPARATOR, -1);
        if (parts.length != 8) {
            throw new IllegalArgumentException("'" + text + "' introduces no rank");
        }
        return new Introduction(
                PeerAddress.parse(parts[0]),
                parts[1],
                parts[2],
                parts[3],
                new Card(parts[4], Integer.parseInt(parts[5]), parts[6], parts[7]));
    }
}
