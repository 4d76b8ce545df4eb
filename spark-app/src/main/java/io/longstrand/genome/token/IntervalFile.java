package io.longstrand.genome.token;

import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The intervals of every record in one compact file. Layout: {@code LSINTERV}, then numbers of seven bits a byte, lowest
 * first, the top bit set on all but the last byte: version 1, records, and for each record its intervals, each as the gap
 * since the last one and the length.
 */
public final class IntervalFile {
    private static final long MAGIC = 0x4c53494e54455256L; // "LSINTERV"
    private static final int VERSION = 1;

    private IntervalFile() {}

    /** @param records the intervals of each record, by index */
    public static void write(OutputStream output, List<Intervals> records) throws IOException {
        DataOutputStream data = new DataOutputStream(output);
        data.writeLong(MAGIC);
        writeNumber(data, VERSION);
        writeNumber(data, records.size());
        for (Intervals intervals : records) {
            writeNumber(data, intervals.size());
            long last = 0;
            for (int i = 0; i < intervals.size(); i++) {
                writeNumber(data, intervals.start(i) - last);
                writeNumber(data, intervals.end(i) - intervals.start(i));
                last = intervals.end(i);
            }
        }
        data.flush();
    }

    /** @throws UserError when the file is not one of these */
    public static List<Intervals> read(FileStore store, String path) throws IOException {
        try (DataInputStream data = new DataInputStream(new BufferedInputStream(store.open(path), 1 << 16))) {
            if (data.readLong() != MAGIC || readNumber(data) != VERSION) {
                throw new UserError(path + ": not an interval file of version " + VERSION + "; prepare the data again");
            }
            long count = readNumber(data);
            List<Intervals> records = new ArrayList<>();
            for (long record = 0; record < count; record++) {
                Intervals.Builder intervals = new Intervals.Builder();
                long size = readNumber(data);
                long last = 0;
                for (long i = 0; i < size; i++) {
                    long start = last + readNumber(data);
                    last = start + readNumber(data);
                    intervals.add(start, last);
                }
                records.add(intervals.build());
            }
            return records;
        } catch (EOFException e) {
            throw new UserError(path + ": ends too early; prepare the data again", e);
        }
    }

    private static void writeNumber(DataOutputStream data, long number) throws IOException {
        long rest = number;
        while (rest >= 0x80) {
            data.writeByte((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        data.writeByte((int) rest);
    }

    private static long readNumber(DataInputStream data) throws IOException {
        long number = 0;
        for (int shift = 0; ; shift += 7) {
            int next = data.readUnsignedByte();
            number |= (next & 0x7fL) << shift;
            if (next < 0x80) {
                return number;
            }
        }
    }
}
