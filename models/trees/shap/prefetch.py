"""A hint to the processor, for kernels that wait for memory more than they compute."""

from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

_READ, _KEEP, _DATA = 0, 3, 1


@intrinsic  # type: ignore[untyped-decorator] # numba has no types
def prefetch(typing_context: Any, array: numba.types.Array, index: numba.types.Integer) -> Any:  # noqa: ANN401, ARG001
    """Ask for the cache line of ``array[index]`` (contiguous, one axis) ahead of its use; changes no result."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401 - numba's own
        held = context.make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.bitcast(builder.gep(held.data, [arguments[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer(), number, number, number])
        hint = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(hint, [address, *(ir.Constant(number, each) for each in (_READ, _KEEP, _DATA))])
        return context.get_dummy_value()

    return types.void(array, index), generate
