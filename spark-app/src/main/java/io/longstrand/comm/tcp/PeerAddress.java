package io.longstrand.comm.tcp;

/**
 * Where a rank listens.
 *
 * @param host name or address that other ranks can reach
 * @param port TCP port
 */
public record PeerAddress(String host, int port) {
    private static final int LAST_PORT = 65_535;

    public PeerAddress {
        if (host.isEmpty() || port < 1 || port > LAST_PORT) {
            throw new IllegalArgumentException("'" + host + ":" + port + "' is no address; host:port would be");
        }
    }

    /** Reads {@code host:port}; the host may contain colons. */
    public static PeerAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            return new PeerAddress(text.substring(0, Math.max(colon, 0)), Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException("'" + text + "' is no address; host:port would be", wrong);
        }
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
