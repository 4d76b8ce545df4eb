package io.longstrand.comm.tcp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the ranks of one run know and nobody else: they prove it to each other and derive keys from it. Made anew for
 * every run and handed out over a channel that is itself authenticated.
 */
public final class RunSecret {
    /** Bytes of a secret, of a proof and of a derived key. */
    public static final int BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";

    private final byte[] secret;

    private RunSecret(byte[] secret) {
        this.secret = secret;
    }

    /** A new secret. */
    public static RunSecret random() {
        byte[] secret = new byte[BYTES];
        new SecureRandom().nextBytes(secret);
        return new RunSecret(secret);
    }

    /** A secret that was handed out. @throws IllegalArgumentException unless it has {@link #BYTES} bytes */
    public static RunSecret of(byte[] secret) {
        if (secret.length != BYTES) {
            throw new IllegalArgumentException("a run's secret has " + BYTES + " bytes, not " + secret.length);
        }
        return new RunSecret(secret.clone());
    }

    /** To hand it out. */
    public byte[] bytes() {
        return secret.clone();
    }

    /** HMAC-SHA256 over a purpose and parts of fixed length: a proof of knowing the secret. */
    byte[] prove(String purpose, byte[]... parts) {
        return authenticate(secret, purpose, parts);
    }

    /** A key for one purpose: HKDF-SHA256 (RFC 5869) of one block. */
    byte[] derive(byte[] salt, String purpose, byte[]... parts) {
        byte[] extracted = authenticate(salt, "", secret);
        byte[][] expanded = Arrays.copyOf(parts, parts.length + 1);
        expanded[parts.length] = new byte[] {1};
        return authenticate(extracted, purpose, expanded);
    }

    private static byte[] authenticate(byte[] key, String purpose, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            mac.update(ByteBuffer.wrap(purpose.getBytes(StandardCharsets.UTF_8)));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, missing);
        }
    }
}
