package io.longstrand.backend.cpu;

import java.lang.reflect.Field;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import jdk.internal.vm.vector.VectorSupport;
import org.bytedeco.javacpp.Pointer;
import sun.misc.Unsafe;

/**
 * Native memory by address: single numbers, and vectors by one instruction each. Java 17's Vector API reads arrays and
 * buffers alone, and a loop over buffers loads their address and tests it again for every vector: five instructions
 * beside the one that moves data. {@link VectorSupport} is what that API itself is compiled from, and takes addresses; the
 * JVM has to export its package ({@code --add-exports}, among the options of pom.xml). Nothing here is checked: whoever
 * calls has looked at shapes.
 */
final class Native {
    /** Vectors of half the bits of {@link Floats#SPECIES}: as many bfloat16 as those hold floats. */
    static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Floats.SPECIES.vectorBitSize() / 2));

    private static final Unsafe MEMORY = unsafe();
    // The classes of vectors: the compiler needs constants.
    private static final Class<? extends FloatVector> FLOATS_CLASS =
            FloatVector.zero(Floats.SPECIES).getClass();
    private static final Class<? extends ShortVector> SHORTS_CLASS =
            ShortVector.zero(SHORTS).getClass();

    /** An address as an object; compiled code never makes one. (A {@code Long} would leave the test whether it is cached.) */
    private record Place(long address) {}

    private Native() {}

    private static Unsafe unsafe() {
        try {
            Field field = Unsafe.class.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return (Unsafe) field.get(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM has no sun.misc.Unsafe", e);
        }
    }

    static float getFloat(long address) {
        return MEMORY.getFloat(address);
    }

    static void putFloat(long address, float value) {
        MEMORY.putFloat(address, value);
    }

    static int getInt(long address) {
        return MEMORY.getInt(address);
    }

    static void putInt(long address, int value) {
        MEMORY.putInt(address, value);
    }

    static short getShort(long address) {
        return MEMORY.getShort(address);
    }

    static void putShort(long address, short value) {
        MEMORY.putShort(address, value);
    }

    /** Copies bytes as fast as the C library does; neither stretch may lie in the other. */
    static void copy(long from, long to, long bytes) {
        MEMORY.copyMemory(from, to, bytes);
    }

    /** Sets bytes to zero by the C library, whose way of storing does not read lines first. A call costs as much as KiBs. */
    static void clear(long address, long bytes) {
        Pointer.memset(new NativeAddress().set(address), 0, bytes);
    }

    // Raw types: what the API's own calls are, below its generic surface. The last argument of each call is what
    // happens
    // before the compiler has replaced it; it gets the address as an object.

    /** A vector of {@link Floats#SPECIES}. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    static FloatVector floats(long address) {
        return (FloatVector) (Object) VectorSupport.load(
                (Class) FLOATS_CLASS,
                float.class,
                Floats.WIDTH,
                null,
                address,
                new Place(address),
                0,
                (VectorSupport.VectorSpecies) (Object) Floats.SPECIES,
                (VectorSupport.LoadOperation)
                        (from, index, species) -> slowly(Floats.SPECIES, ((Place) from).address()));
    }

    /** A vector of {@link #SHORTS}. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    static ShortVector shorts(long address) {
        return (ShortVector) (Object) VectorSupport.load(
                (Class) SHORTS_CLASS,
                short.class,
                Floats.WIDTH,
                null,
                address,
                new Place(address),
                0,
                (VectorSupport.VectorSpecies) (Object) SHORTS,
                (VectorSupport.LoadOperation) (from, index, species) -> slowly(((Place) from).address()));
    }

    /** Writes a vector of {@link Floats#SPECIES}. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    static void put(FloatVector vector, long address) {
        VectorSupport.store(
                FLOATS_CLASS,
                float.class,
                Floats.WIDTH,
                null,
                address,
                // the very class, known not to be null: else the call is not replaced where the vector crosses a loop
                (VectorSupport.Vector) (Object) FLOATS_CLASS.cast(Objects.requireNonNull(vector)),
                new Place(address),
                0,
                (VectorSupport.StoreVectorOperation)
                        (to, index, values) -> slowly((FloatVector) (Object) values, ((Place) to).address()));
    }

    /** Writes a vector of {@link #SHORTS}. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    static void put(ShortVector vector, long address) {
        VectorSupport.store(
                SHORTS_CLASS,
                short.class,
                Floats.WIDTH,
                null,
                address,
                (VectorSupport.Vector) (Object) SHORTS_CLASS.cast(Objects.requireNonNull(vector)),
                new Place(address),
                0,
                (VectorSupport.StoreVectorOperation)
                        (to, index, values) -> slowly((ShortVector) (Object) values, ((Place) to).address()));
    }

    private static FloatVector slowly(VectorSpecies<Float> species, long from) {
        float[] values = new float[species.length()];
        MEMORY.copyMemory(null, from, values, Unsafe.ARRAY_FLOAT_BASE_OFFSET, (long) values.length * Float.BYTES);
        return FloatVector.fromArray(species, values, 0);
    }

    private static ShortVector slowly(long from) {
        short[] values = new short[SHORTS.length()];
        MEMORY.copyMemory(null, from, values, Unsafe.ARRAY_SHORT_BASE_OFFSET, (long) values.length * Short.BYTES);
        return ShortVector.fromArray(SHORTS, values, 0);
    }

    private static Object slowly(FloatVector vector, long to) {
        float[] values = vector.toArray();
        MEMORY.copyMemory(values, Unsafe.ARRAY_FLOAT_BASE_OFFSET, null, to, (long) values.length * Float.BYTES);
        return null;
    }

    private static Object slowly(ShortVector vector, long to) {
        short[] values = vector.toArray();
        MEMORY.copyMemory(values, Unsafe.ARRAY_SHORT_BASE_OFFSET, null, to, (long) values.length * Short.BYTES);
        return null;
    }
}
