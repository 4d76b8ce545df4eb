package io.longstrand.backend.torch;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;

/** A libtorch operator that its Java interface leaves out, called by name through the dispatcher. */
final class Operator {
    private final String name;

    /** @param name with its namespace, {@code aten::…} */
    Operator(String name) {
        this.name = name;
    }

    /** Calls it inside a scope and gives its results. */
    IValueVector call(IValue... arguments) {
        IValueVector stack = new IValueVector(arguments);
        handle().callBoxed(stack);
        return stack;
    }

    OperatorHandle handle() {
        return Dispatcher.singleton().findSchemaOrThrow(name, "");
    }

    static IValue argument(TorchArray array) {
        return new IValue(array.values());
    }

    /** A list of tensors. */
    static IValue list(TorchArray... arrays) {
        // The constructor that takes a TensorType itself would take it for the address of a list.
        GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
        for (TorchArray array : arrays) {
            list.push_back(new IValue(array.values()));
        }
        return new IValue(list);
    }

    /** No value for an optional argument. */
    static IValue none() {
        return new IValue();
    }

    static Tensor result(IValueVector results, long index) {
        return results.get(index).toTensor();
    }
}
