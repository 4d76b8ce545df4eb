package io.longstrand.backend.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A libtorch tensor in a scope, with the operations our kernels are written in. Methods named by what they yield
 * allocate a result, which is counted as scratch; those named by what they do change this array and return it.
 */
final class TorchArray {
    private final Tensor values;
    private final Scratch scratch;

    TorchArray(Tensor values, Scratch scratch) {
        this.values = values;
        this.scratch = scratch;
    }

    private TorchArray held(Tensor result) {
        return new TorchArray(scratch.hold(result), scratch);
    }

    private TorchArray view(Tensor result) {
        return new TorchArray(result, scratch);
    }

    /** libtorch's own handle. */
    Tensor values() {
        return values;
    }

    /** Number of indices of the first axis. */
    long rows() {
        return values.size(0);
    }

    /** Whether another array has the same element type. */
    boolean typed(TorchArray other) {
        return type() == other.type();
    }

    private ScalarType type() {
        return values.scalar_type().intern();
    }

    // Views

    TorchArray transposed() {
        return view(values.t());
    }

    /** One index of an axis, which disappears. */
    TorchArray at(long axis, long index) {
        return view(values.select(axis, index));
    }

    /** The same elements with an axis of one index put in. */
    TorchArray withAxis(long axis) {
        return view(values.unsqueeze(axis));
    }

    /** Indices {@code from} (inclusive) to {@code to} (exclusive) of an axis. */
    TorchArray part(long axis, long from, long to) {
        return view(values.narrow(axis, from, to - from));
    }

    TorchArray swapped(long axis, long other) {
        return view(values.transpose(axis, other));
    }

    TorchArray flattened() {
        return view(values.flatten());
    }

    // Results

    /** As FLOAT32; the array itself when it is. */
    TorchArray widened() {
        return as(ScalarType.Float);
    }

    TorchArray as(ScalarType type) {
        return type() == type ? this : held(values.to(type));
    }

    TorchArray plus(TorchArray other) {
        return held(values.add(other.values));
    }

    TorchArray minus(TorchArray other) {
        return held(values.sub(other.values));
    }

    TorchArray times(TorchArray other) {
        return held(values.mul(other.values));
    }

    TorchArray times(double factor) {
        return held(values.mul(new Scalar(factor)));
    }

    TorchArray dividedBy(TorchArray other) {
        return held(values.div(other.values));
    }

    TorchArray square() {
        return held(values.square());
    }

    TorchArray exponential() {
        return held(values.exp());
    }

    TorchArray logarithm() {
        return held(values.log());
    }

    TorchArray sigmoid() {
        return held(values.sigmoid());
    }

    /** {@code x · σ(x)}. */
    TorchArray silu() {
        return held(torch.silu(values));
    }

    /** {@code gradient · d silu(this)}. */
    TorchArray siluGradient(TorchArray gradient) {
        return held(torch.silu_backward(gradient.values, values));
    }

    /** Natural logarithm of the softmax of each row. */
    TorchArray logSoftmax() {
        return held(values.log_softmax(1));
    }

    /** Sum over an axis, which keeps one index. */
    TorchArray sum(long axis) {
        return held(values.sum(new long[] {axis}, true, new ScalarTypeOptional()));
    }

    /** Mean over an axis, which keeps one index. */
    TorchArray mean(long axis) {
        return held(values.mean(new long[] {axis}, true, new ScalarTypeOptional()));
    }

    /** Largest of each row, (rows, 1). */
    TorchArray rowMaximum() {
        return held(values.amax(new long[] {1}, true));
    }

    TorchArray maximum(TorchArray other) {
        return held(torch.maximum(values, other.values));
    }

    /** Where this is below the other. */
    TorchArray below(TorchArray other) {
        return held(values.lt(other.values));
    }

    /** Where this is not below the other. */
    TorchArray notBelow(TorchArray other) {
        return held(values.ge(other.values));
    }

    /** Where this equals a number. */
    TorchArray is(double number) {
        return held(values.eq(new Scalar(number)));
    }

    /** Where this is below a number. */
    TorchArray below(double number) {
        return held(values.lt(new Scalar(number)));
    }

    /** The matrix product. */
    TorchArray product(TorchArray right) {
        return held(values.mm(right.values));
    }

    /** Columns of an integer matrix, named by an integer vector. */
    TorchArray lookUpColumns(TorchArray indices) {
        return held(values.index_select(1, indices.values));
    }

    /** Integers shifted right. */
    TorchArray shifted(TorchArray bits) {
        return held(values.bitwise_right_shift(bits.values));
    }

    /** Integers shifted right. */
    TorchArray shifted(long bits) {
        return held(values.bitwise_right_shift(new Scalar(bits)));
    }

    /** The bits an integer has in common with a mask. */
    TorchArray masked(long mask) {
        return held(values.bitwise_and(new Scalar(mask)));
    }

    TorchArray or(TorchArray other) {
        return held(torch.logical_or(values, other.values));
    }

    /** This, with another number where a condition holds. */
    TorchArray replaced(TorchArray condition, double number) {
        return held(values.masked_fill(condition.values, new Scalar(number)));
    }

    /** The rows that indices name. */
    TorchArray lookUp(TorchArray indices) {
        return held(values.index_select(0, indices.values));
    }

    /** Of each row the element that the (rows, 1) int64 indices name. */
    TorchArray pick(TorchArray indices) {
        return held(values.gather(1, indices.values));
    }

    /** The sum of all elements, on the host. */
    double total() {
        return held(values.sum()).values.item_double();
    }

    /**
     * This where its rows begin at multiples of so many elements in memory, else a copy; the last axis is contiguous.
     *
     * @param elements a power of two
     */
    TorchArray aligned(int elements) {
        boolean well = values.data_ptr().address() % (elements * values.element_size()) == 0;
        for (long axis = 0; axis < values.dim() - 1; axis++) {
            well &= values.size(axis) == 1 || values.stride(axis) % elements == 0;
        }
        return well ? this : held(values.clone());
    }

    /** This where its elements lie side by side in order, else a copy. */
    TorchArray packed() {
        return values.is_contiguous() ? this : held(values.contiguous());
    }

    // Changes

    TorchArray assign(TorchArray other) {
        values.copy_(other.values);
        return this;
    }

    /** As {@link #assign}; on CUDA the host goes on as soon as the copy is submitted. */
    void assignWithoutWaiting(TorchArray other) {
        values.copy_(other.values, true);
    }

    TorchArray fill(double number) {
        values.fill_(new Scalar(number));
        return this;
    }

    TorchArray fillWhere(TorchArray condition, double number) {
        values.masked_fill_(condition.values, new Scalar(number));
        return this;
    }

    TorchArray add(TorchArray other) {
        values.add_(other.values);
        return this;
    }

    TorchArray add(double number) {
        values.add_(new Scalar(number));
        return this;
    }

    TorchArray subtract(TorchArray other) {
        values.sub_(other.values);
        return this;
    }

    TorchArray multiply(TorchArray other) {
        values.mul_(other.values);
        return this;
    }

    TorchArray multiply(double factor) {
        values.mul_(new Scalar(factor));
        return this;
    }

    /** Becomes {@code e^this}. */
    TorchArray exponentiate() {
        values.exp_();
        return this;
    }

    /** Becomes one over its root. */
    TorchArray invertRoot() {
        values.rsqrt_();
        return this;
    }

    /** Becomes {@code left · right}. */
    TorchArray assignProduct(TorchArray left, TorchArray right) {
        torch.mm_outf(left.values, right.values, values);
        return this;
    }

    /** Adds {@code left · right}. */
    TorchArray addProduct(TorchArray left, TorchArray right) {
        values.addmm_(left.values, right.values);
        return this;
    }

    /** Adds row i of the addends to the row that index i names, in the order of i. */
    TorchArray addAt(TorchArray indices, TorchArray addends) {
        values.index_add_(0, indices.values, addends.values);
        return this;
    }

    /** Adds a number to the element of each row that the (rows, 1) int64 indices name. */
    TorchArray addAtEach(TorchArray indices, TorchArray addends) {
        values.scatter_add_(1, indices.values, addends.values);
        return this;
    }
}
