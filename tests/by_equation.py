"""What JAX has traced, evaluated in NumPy one equation after the other: a small part of what it takes to compile.

Gradients and hand-written derivatives are among the equations, so that what is evaluated is what would be compiled.
"""

import jax
import numpy as np
from jax.extend.core import Literal

ELEMENTWISE = {
    "abs": np.abs,
    "add": np.add,
    "add_any": np.add,
    "and": np.bitwise_and,
    "div": np.divide,
    "eq": np.equal,
    "exp": np.exp,
    "ge": np.greater_equal,
    "gt": np.greater,
    "is_finite": np.isfinite,
    "le": np.less_equal,
    "log": np.log,
    "log1p": np.log1p,
    "lt": np.less,
    "max": np.maximum,
    "min": np.minimum,
    "mul": np.multiply,
    "ne": np.not_equal,
    "neg": np.negative,
    "not": np.bitwise_not,
    "or": np.bitwise_or,
    "rem": np.fmod,
    "sign": np.sign,
    "stop_gradient": np.asarray,
    "sub": np.subtract,
}
"""Without division of integers, which NumPy rounds down and JAX towards zero."""


def evaluated(function, *arguments):
    """The function at these arguments, with the tree of what it returns."""
    traced, shape = jax.make_jaxpr(function, return_shape=True)(*arguments)
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(arguments)]
    with np.errstate(all="ignore"):
        found = run(traced.jaxpr, [np.asarray(const) for const in traced.consts], leaves)
    return jax.tree.unflatten(jax.tree.structure(shape), found)


def run(jaxpr, consts, arguments):
    """The values of its results, each of the type that the equation declares."""
    known = dict(zip((*jaxpr.constvars, *jaxpr.invars), (*consts, *arguments), strict=True))

    def read(atom):
        return np.asarray(atom.val, atom.aval.dtype) if isinstance(atom, Literal) else known[atom]

    for equation in jaxpr.eqns:
        found = step(equation, [read(atom) for atom in equation.invars])
        for var, value in zip(equation.outvars, found, strict=True):
            assert value.dtype == var.aval.dtype, equation
            assert value.shape == var.aval.shape, equation
            known[var] = value
    return [read(atom) for atom in jaxpr.outvars]


def step(equation, given):
    name, params = equation.primitive.name, equation.params
    if name in ELEMENTWISE and not (name == "div" and given[0].dtype.kind in "iu"):
        return [np.asarray(ELEMENTWISE[name](*given))]
    if name in SHAPED:
        return [np.asarray(SHAPED[name](params, *given))]
    match name:
        case "jit" | "closed_call":
            return run(params["jaxpr"].jaxpr, params["jaxpr"].consts, given)
        case "custom_jvp_call" | "custom_vjp_call":
            return run(params["call_jaxpr"].jaxpr, params["call_jaxpr"].consts, given)
        case "scan":
            return _scan(params, given)
    found = equation.primitive.bind(*given, **params)
    return [np.asarray(one) for one in (found if equation.primitive.multiple_results else [found])]


def _scan(params, given):
    body, length = params["jaxpr"], params["length"]
    if "ft_in" in params:  # from JAX 0.12 on
        fixed, carried = (len(part) for part in params["ft_in"].unpack()[:2])
    else:
        fixed, carried = params["num_consts"], params["num_carry"]
    outer, carry, rows = given[:fixed], given[fixed : fixed + carried], given[fixed + carried :]
    collected = [[None] * length for _ in body.jaxpr.outvars[carried:]]
    for t in range(length)[:: -1 if params["reverse"] else 1]:
        found = run(body.jaxpr, body.consts, [*outer, *carry, *(row[t] for row in rows)])
        carry = found[:carried]
        for kept, value in zip(collected, found[carried:], strict=True):
            kept[t] = value
    return [*carry, *map(np.stack, collected)]


def _broadcast(params, value, *_):
    shape = [1] * len(params["shape"])
    for axis, size in zip(params["broadcast_dimensions"], value.shape, strict=True):
        shape[axis] = size
    return np.broadcast_to(value.reshape(shape), params["shape"])


def _iota(params):
    shape = [1] * len(params["shape"])
    shape[params["dimension"]] = -1
    counted = np.arange(params["shape"][params["dimension"]], dtype=params["dtype"])
    return np.broadcast_to(counted.reshape(shape), params["shape"])


def _slice(params, value):
    bounds = zip(params["start_indices"], params["limit_indices"], params["strides"] or [1] * value.ndim, strict=True)
    return value[tuple(slice(*one) for one in bounds)]


def _dynamic_slice(params, value, *starts):
    last = [size - many for size, many in zip(value.shape, params["slice_sizes"], strict=True)]
    at = [min(max(int(start), 0), most) for start, most in zip(starts, last, strict=True)]
    return value[tuple(slice(start, start + many) for start, many in zip(at, params["slice_sizes"], strict=True))]


def _pad(params, value, filling):
    widths = params["padding_config"]
    assert all(low >= 0 and high >= 0 and inner == 0 for low, high, inner in widths)
    return np.pad(value, [(low, high) for low, high, _ in widths], constant_values=filling)


def _select(params, which, *cases):
    return np.where(which, cases[1], cases[0]) if which.dtype == bool else np.choose(which, cases)


SHAPED = {
    "argmax": lambda params, value: value.argmax(params["axes"][0]).astype(params["index_dtype"]),
    "broadcast_in_dim": _broadcast,
    "concatenate": lambda params, *values: np.concatenate(values, params["dimension"]),
    "convert_element_type": lambda params, value: value.astype(params["new_dtype"]),
    "dynamic_slice": _dynamic_slice,
    "integer_pow": lambda params, value: value ** params["y"],
    "iota": _iota,
    "pad": _pad,
    "reduce_max": lambda params, value: value.max(params["axes"]),
    "reduce_sum": lambda params, value: value.sum(params["axes"], dtype=value.dtype),
    "reshape": lambda params, value: value.reshape(params["new_sizes"]),
    "select_n": _select,
    "slice": _slice,
    "squeeze": lambda params, value: value.squeeze(params["dimensions"]),
    "transpose": lambda params, value: value.transpose(params["permutation"]),
}
"""What rearranges or sums, with the parameters of its equation."""
