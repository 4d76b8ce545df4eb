package io.longstrand.mesh;

import java.util.Objects;

/**
 * Contiguous slices of a vector, one a rank: as equal as whole elements allow, one element more for each of the first
 * ranks until the remainder is used up.
 *
 * @param elements length of the vector, 0 or more
 * @param parts number of ranks, at least 1
 */
public record Slices(long elements, int parts) {
    public Slices {
        if (elements < 0 || parts < 1) {
            throw new IllegalArgumentException(elements + " elements in " + parts + " slices");
        }
    }

    /** First element of a slice. @throws IndexOutOfBoundsException unless 0 ≤ part < parts */
    public long from(int part) {
        Objects.checkIndex(part, parts);
        return part * (elements / parts) + Math.min(part, elements % parts);
    }

    /** Number of elements of a slice; 0 for the last ones when there are fewer elements than slices. */
    public long length(int part) {
        Objects.checkIndex(part, parts);
        return elements / parts + (part < elements % parts ? 1 : 0);
    }

    /** One past the last element of a slice. */
    public long to(int part) {
        return from(part) + length(part);
    }

    /** Length of the longest slice. */
    public long longest() {
        return length(0);
    }

    /** The slice an element lies in. @throws IndexOutOfBoundsException unless 0 ≤ element < elements */
    public int owner(long element) {
        Objects.checkIndex(element, elements);
        long base = elements / parts;
        long longer = elements % parts; // so many slices hold base + 1 elements
        long inLonger = longer * (base + 1);
        return Math.toIntExact(
                element < inLonger ? element / (base + 1) : longer + (element - inLonger) / Math.max(base, 1));
    }
}
