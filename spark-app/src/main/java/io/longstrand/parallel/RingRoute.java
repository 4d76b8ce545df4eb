package io.longstrand.parallel;

import io.longstrand.attention.KeyReach;
import io.longstrand.mesh.Positions.Run;
import java.util.ArrayList;
import java.util.List;

/**
 * Which rows of which shard of keys go where. A shard's keys and values visit the ranks behind its own one after the
 * other; hop h brings shard {@code rank − h} to a rank. What nobody at this hop or behind it reads is not sent. Every rank
 * works this out for every shard alike, from the masks.
 */
final class RingRoute {
    private final KeyReach reach;
    private final int rank;
    private final int ranks;
    /** [owner][hop]: what the rank so many hops behind the owner reads. */
    private final List<List<List<Run>>> read = new ArrayList<>();

    /**
     * @param rank in the ring
     * @param known whether the masks are there; in a rehearsal everything is taken to be read
     */
    RingRoute(KeyReach reach, int rank, int ranks, boolean known) {
        this.reach = reach;
        this.rank = rank;
        this.ranks = ranks;
        for (int owner = 0; owner < ranks; owner++) {
            List<List<Run>> ofOwner = new ArrayList<>();
            for (int hop = 0; hop < ranks; hop++) {
                ofOwner.add(known ? reach.rows((owner + hop) % ranks, owner) : reach.all(owner));
            }
            read.add(ofOwner);
        }
    }

    /** The shard at hand after so many hops. */
    int owner(int hop) {
        return Math.floorMod(rank - hop, ranks);
    }

    /** Whether this rank reads any of the shard at hand. */
    boolean reads(int hop) {
        return isRead(owner(hop), hop);
    }

    /** Rows of the shard that comes with a hop, for this rank or those behind it. */
    List<Run> taken(int hop) {
        return from(owner(hop), hop);
    }

    /** Rows of the shard at hand that the next rank is given. */
    List<Run> given(int hop) {
        return from(owner(hop), hop + 1);
    }

    /** Rows of a shard that have a gradient from other ranks. */
    List<Run> summed(int owner) {
        return from(owner, 1);
    }

    /** The first hop, behind its own rank, at which a shard is read; the number of ranks when it is read nowhere. */
    int firstReader(int owner) {
        int hop = 1;
        while (hop < ranks && !isRead(owner, hop)) {
            hop++;
        }
        return hop;
    }

    /** The last hop at which a shard is read; 0 when no other rank reads it. */
    int lastReader(int owner) {
        int hop = ranks - 1;
        while (hop > 0 && !isRead(owner, hop)) {
            hop--;
        }
        return hop;
    }

    private boolean isRead(int owner, int hop) {
        return read.get(owner).get(hop).stream().anyMatch(run -> !run.isEmpty());
    }

    /** Rows to send so that they are there at a hop and behind it. */
    private List<Run> from(int owner, int firstHop) {
        if (firstHop >= ranks) {
            return List.of();
        }
        List<Run> rows = new ArrayList<>(read.get(owner).get(firstHop));
        for (int hop = firstHop + 1; hop < ranks; hop++) {
            for (int piece = 0; piece < rows.size(); piece++) {
                rows.set(piece, rows.get(piece).hull(read.get(owner).get(hop).get(piece)));
            }
        }
        return reach.sent(owner, rows);
    }
}
