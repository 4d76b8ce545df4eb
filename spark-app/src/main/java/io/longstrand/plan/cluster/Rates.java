package io.longstrand.plan.cluster;

import io.longstrand.config.UserError;

/**
 * What share of published peaks a step reaches. Given, or measured on the cluster at hand.
 *
 * @param products of the peak, by the matrix products of linear layers
 * @param attention of the peak, by attention, forward and backward
 * @param links of the line rate, by collective operations of many megabytes
 * @param hostLink of the line rate, by copies from and to pinned host memory
 */
public record Rates(double products, double attention, double links, double hostLink) {
    /**
     * What well-tuned steps are known to reach on A100: products of thousands of rows and columns about 0.65 of the
     * peak; FlashAttention-2 0.5 to 0.73 forward, less backward (Dao 2023, section 4.1); collective operations over eight
     * adapters a node about 0.9 of the line rate; pinned copies about 0.8.
     */
    public static Rates given() {
        return new Rates(0.65, 0.5, 0.9, 0.8);
    }

    /**
     * The same with another share.
     *
     * @param part {@code products}, {@code attention}, {@code links} or {@code host-link}
     * @throws UserError for another part, or a share that is not above 0 and at most 1
     */
    public Rates with(String part, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new UserError("--rate " + part + "=" + share + ": must be above 0 and at most 1");
        }
        return switch (part) {
            case "products" -> new Rates(share, attention, links, hostLink);
            case "attention" -> new Rates(products, share, links, hostLink);
            case "links" -> new Rates(products, attention, share, hostLink);
            case "host-link" -> new Rates(products, attention, links, share);
            default ->
                throw new UserError("--rate " + part + "=" + share
                        + ": no part of a step is called so; there are products, attention, links, host-link");
        };
    }

    /** Seconds of products. @param flops of one GPU */
    public double productSeconds(ClusterProfile cluster, double flops) {
        return flops / (cluster.peakFlops() * products);
    }

    /** Seconds of attention. @param flops of one GPU */
    public double attentionSeconds(ClusterProfile cluster, double flops) {
        return flops / (cluster.peakFlops() * attention);
    }

    /** Seconds to send some bytes. @param bandwidth of the line */
    public double linkSeconds(double bytes, double bandwidth) {
        return bytes / (bandwidth * links);
    }

    /** Seconds to copy some bytes between a GPU and the memory of its node. */
    public double hostSeconds(ClusterProfile cluster, double bytes) {
        return bytes / (cluster.hostLink() * hostLink);
    }
}
