package io.longstrand.genome.sequence;

import io.longstrand.config.UserError;
import java.io.IOException;

/** A sequence file that is not what it should be. Becomes a {@link UserError} where the file's name is known. */
public final class MalformedInput extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean line;
    private final long position;

    private MalformedInput(boolean line, long position, String what) {
        super(what);
        this.line = line;
        this.position = position;
    }

    /** @param line counted from 1 at the start of what is scanned; @param what what is wrong and what would be right */
    public static MalformedInput atLine(long line, String what) {
        return new MalformedInput(true, line, what);
    }

    /** @param position byte of the file, from 0; @param what what is wrong and what would be right */
    public static MalformedInput atByte(long position, String what) {
        return new MalformedInput(false, position, what);
    }

    /** @param linesBefore lines of the file before what was scanned; @return the same, counted from the file's start */
    public MalformedInput after(long linesBefore) {
        return line ? new MalformedInput(true, position + linesBefore, getMessage()) : this;
    }

    /** The one line a user sees. */
    public UserError in(String path) {
        return new UserError(path + ": " + (line ? "line " : "byte ") + position + ": " + getMessage());
    }
}
