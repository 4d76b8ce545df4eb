package io.longstrand.comm;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Objects;

/**
 * Ranks that communicate.
 *
 * @param name as messages call it, e.g. {@code "context"}
 * @param members their numbers in the world, in the order of their numbers in the group
 * @param id the same on every rank without asking: a digest of name and members
 */
public record Group(String name, List<Integer> members, long id) {
    /** A group by its name and members. @throws IllegalArgumentException when empty or a rank is there twice */
    public static Group of(String name, List<Integer> members) {
        if (members.isEmpty() || members.stream().distinct().count() != members.size()) {
            throw new IllegalArgumentException(
                    "group " + name + " of ranks " + members + ": each rank once, at least one");
        }
        return new Group(name, List.copyOf(members), digest(name + members));
    }

    /** Number of ranks. */
    public int size() {
        return members.size();
    }

    /** Number in the world of a member. @throws IndexOutOfBoundsException unless 0 ≤ rank < size */
    public int inWorld(int rank) {
        return members.get(Objects.checkIndex(rank, members.size()));
    }

    private static long digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(hash).getLong();
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }
}
