package io.longstrand.genome.token;

import io.longstrand.config.UserError;

/** How a token is stored, with the type codes of Megatron-LM's indexed dataset. Little-endian. */
public enum TokenType {
    UINT8(1, 1),
    UINT16(8, 2),
    INT32(4, 4);

    private final int code;
    private final int bytes;

    TokenType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** @return the narrowest type that holds every id of the vocabulary */
    public static TokenType forVocabulary(int size) {
        return size <= 1 << 8 ? UINT8 : size <= 1 << 16 ? UINT16 : INT32;
    }

    /** @param file named in the error when the code is none that holds tokens */
    static TokenType ofCode(int code, String file) {
        for (TokenType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new UserError(file + ": byte 17: token type " + code
                + " is not one Longstrand reads; it should be 1 (uint8), 8 (uint16) or 4 (int32)");
    }

    int code() {
        return code;
    }

    /** @return bytes a token takes */
    public int bytes() {
        return bytes;
    }

    void put(int token, byte[] into, int at) {
        for (int i = 0; i < bytes; i++) {
            into[at + i] = (byte) (token >>> 8 * i);
        }
    }

    int get(byte[] from, int at) {
        int token = 0;
        for (int i = 0; i < bytes; i++) {
            token |= (from[at + i] & 0xff) << 8 * i;
        }
        return token;
    }
}
