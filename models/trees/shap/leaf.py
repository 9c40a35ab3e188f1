"""The Shapley values of one leaf of a tree."""

import numpy as np
from numba import types

from features.arrays import Flags, Floats
from features.signatures import FLAGS, FLOATS, MATRIX, compiled
from models.trees.shap.subtrees import MAX_PATH


def _quadrature(size: int) -> tuple[Floats, Floats]:
    """Nodes and weights (size + 1, size) of Gauss and Legendre's quadrature on [0, 1] with 1 to ``size`` nodes."""
    nodes, weights = np.zeros((size + 1, size)), np.zeros((size + 1, size))
    for count in range(1, size + 1):
        node, weight = np.polynomial.legendre.leggauss(count)
        nodes[count, :count], weights[count, :count] = (node + 1) / 2, weight / 2
    return nodes, weights


_NODES, _WEIGHTS = _quadrature(MAX_PATH // 2)


@compiled(types.void(types.float64, FLOATS, FLAGS, types.int64, FLOATS, MATRIX))
def leaf_values(
    value: float, zero_fraction: Floats, one_fraction: Flags, size: int, out: Floats, scratch: Floats
) -> None:
    """Put into ``out`` what each of ``size`` features on the path gives to the leaf's value.

    ``one_fraction[i]`` says whether feature i takes all turns of the path; ``zero_fraction[i]`` is the share of the
    training rows that take them. The path-dependent game gives a coalition the product of ``one_fraction`` of its
    members and ``zero_fraction`` of the others. Its Shapley value is the integral over t in [0, 1] of its multilinear
    extension's slope (Owen 1972), a polynomial of degree ``size - 1``, for which Gauss and Legendre's quadrature with
    half as many nodes is exact; all its terms are positive, so nothing cancels out. ``scratch`` is memory of shape
    (2, size) or more.
    """
    factor, before = scratch[0], scratch[1]
    count = (size + 1) // 2
    for i in range(size):
        out[i] = 0.0
    for q in range(count):
        t, product = _NODES[count, q], 1.0
        for i in range(size):
            factor[i] = (t if one_fraction[i] else 0.0) + (1.0 - t) * zero_fraction[i]
            before[i] = product
            product *= factor[i]
        product = _WEIGHTS[count, q]
        for i in range(size - 1, -1, -1):
            out[i] += product * before[i]
            product *= factor[i]
    for i in range(size):
        out[i] *= value * ((1.0 if one_fraction[i] else 0.0) - zero_fraction[i])
