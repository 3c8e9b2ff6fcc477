"""For every row of the table of functions: what computes the same in NumPy or SciPy, and where to compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.special as sp

Range = tuple[float, float]


@dataclass(frozen=True)
class Case:
    """An oracle and the ranges from which its arguments are drawn."""

    oracle: Callable[..., Any]
    ranges: tuple[Range, ...] = ((-5.0, 5.0),)


def _two(oracle: Callable[..., Any], first: Range = (-5.0, 5.0), second: Range = (-5.0, 5.0)) -> Case:
    return Case(oracle, (first, second))


def _one(oracle: Callable[..., Any], low: float = -5.0, high: float = 5.0) -> Case:
    return Case(oracle, ((low, high),))


def _log1mexp(x):
    return np.log(-np.expm1(x))


ELEMENTWISE: dict[str, Case] = {
    "+": _two(np.add),
    "-": _two(np.subtract),
    "*": _two(np.multiply),
    "/": _two(np.divide),
    "^": _two(np.power, (0.0, 5.0), (-3.0, 3.0)),
    "negate": _one(np.negative),
    "<": _two(np.less),
    "<=": _two(np.less_equal),
    ">": _two(np.greater),
    ">=": _two(np.greater_equal),
    "==": _two(np.equal),
    "!=": _two(np.not_equal),
    "and": _two(np.logical_and, (0, 1), (0, 1)),
    "or": _two(np.logical_or, (0, 1), (0, 1)),
    "not": _one(np.logical_not, 0, 1),
    "if": Case(lambda c, a, b: np.where(c != 0, a, b), ((0, 1), (-5.0, 5.0), (-5.0, 5.0))),
    "abs": _one(np.abs),
    "sign": _one(np.sign),
    "square": _one(np.square),
    "sqrt": _one(np.sqrt, 0.0),
    "cbrt": _one(np.cbrt),
    "exp": _one(np.exp),
    "exp2": _one(np.exp2),
    "expm1": _one(np.expm1),
    "log": _one(np.log, 1e-3),
    "log1p": _one(np.log1p, -0.999),
    "log2": _one(np.log2, 1e-3),
    "log10": _one(np.log10, 1e-3),
    "log1mexp": _one(_log1mexp, -3.0, -1e-3),
    "sin": _one(np.sin),
    "cos": _one(np.cos),
    "tan": _one(np.tan, -1.5, 1.5),
    "arcsin": _one(np.arcsin, -1.0, 1.0),
    "arccos": _one(np.arccos, -1.0, 1.0),
    "arctan": _one(np.arctan),
    "arctan2": _two(np.arctan2),
    "sinh": _one(np.sinh),
    "cosh": _one(np.cosh),
    "tanh": _one(np.tanh),
    "arcsinh": _one(np.arcsinh),
    "arccosh": _one(np.arccosh, 1.0, 20.0),
    "arctanh": _one(np.arctanh, -0.999, 0.999),
    "hypot": _two(np.hypot),
    "expit": _one(sp.expit, -40.0, 40.0),
    "logit": _one(sp.logit, 1e-6, 1 - 1e-6),
    "inv_cloglog": _one(lambda x: -np.expm1(-np.exp(x))),
    "cloglog": _one(lambda x: np.log(-np.log1p(-x)), 1e-6, 0.99),
    "log_sigmoid": _one(sp.log_expit, -40.0, 40.0),
    "softplus": _one(lambda x: np.logaddexp(0, x), -40.0, 40.0),
    "relu": _one(lambda x: np.maximum(x, 0)),
    "gelu": _one(lambda x: x * sp.ndtr(x)),
    "silu": _one(lambda x: x * sp.expit(x)),
    "elu": _one(lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0)))),
    "leaky_relu": _one(lambda x: np.where(x > 0, x, 0.01 * x)),
    "selu": _one(lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))),
    "floor": _one(np.floor),
    "ceil": _one(np.ceil),
    "round": _one(np.round),
    "step": _one(lambda x: np.where(x >= 0, 1, 0)),
    "minimum": _two(np.minimum),
    "maximum": _two(np.maximum),
    "clip": Case(lambda x, lower, upper: np.minimum(np.maximum(x, lower), upper), ((-5.0, 5.0),) * 3),
    "mod": _two(np.mod, (-5.0, 5.0), (0.5, 3.0)),
    "logaddexp": _two(np.logaddexp, (-40.0, 40.0), (-40.0, 40.0)),
    "erf": _one(sp.erf),
    "erfc": _one(sp.erfc),
    "erfcx": _one(sp.erfcx),
    "erfinv": _one(sp.erfinv, -0.999, 0.999),
    "erfcinv": _one(sp.erfcinv, 1e-100, 1.999),
    "ndtr": _one(sp.ndtr, -8.0, 8.0),
    "ndtri": _one(sp.ndtri, 1e-8, 1 - 1e-8),
    "log_ndtr": _one(sp.log_ndtr, -40.0, 12.0),
    "gammaln": _one(sp.gammaln, 0.05, 30.0),
    "digamma": _one(sp.digamma, 0.05, 30.0),
    "trigamma": _one(lambda x: sp.polygamma(1, x), 0.05, 30.0),
    "betaln": _two(sp.betaln, (0.05, 30.0), (0.05, 30.0)),
    "log_choose": _two(
        lambda n, k: sp.gammaln(n + 1) - sp.gammaln(k + 1) - sp.gammaln(n - k + 1), (10.0, 30.0), (0.0, 10.0)
    ),
    "gammainc": _two(sp.gammainc, (0.1, 10.0), (0.0, 10.0)),
    "gammaincc": _two(sp.gammaincc, (0.1, 10.0), (0.0, 10.0)),
    "betainc": Case(sp.betainc, ((0.1, 10.0), (0.1, 10.0), (0.0, 1.0))),
    "xlogy": _two(sp.xlogy, (-5.0, 5.0), (0.01, 5.0)),
    "xlog1py": _two(sp.xlog1py, (-5.0, 5.0), (-0.99, 5.0)),
    "i0": _one(sp.i0),
    "i0e": _one(sp.i0e, -40.0, 40.0),
    "i1": _one(sp.i1),
    "i1e": _one(sp.i1e, -40.0, 40.0),
}

Along = Callable[[Any, int], Any]



def _broken(shares: np.ndarray) -> np.ndarray:
    """The parts of a stick, one after another."""
    left, parts = 1.0, []
    for share in shares[:-1]:
        parts.append(share * left)
        left -= parts[-1]
    return np.array([*parts, left])


REDUCTIONS: dict[str, Along] = {
    "sum": lambda x, axis: np.sum(x, axis),
    "prod": lambda x, axis: np.prod(x, axis),
    "mean": lambda x, axis: np.mean(x, axis),
    "median": lambda x, axis: np.median(x, axis),
    "max": lambda x, axis: np.max(x, axis),
    "min": lambda x, axis: np.min(x, axis),
    "var": lambda x, axis: np.var(x, axis),
    "std": lambda x, axis: np.std(x, axis),
    "norm": lambda x, axis: np.linalg.norm(x, axis=axis),
    "logsumexp": lambda x, axis: sp.logsumexp(x, axis),
    "any": lambda x, axis: np.any(x, axis),
    "all": lambda x, axis: np.all(x, axis),
    "cummax": lambda x, axis: np.maximum.accumulate(x, axis),
    "cummin": lambda x, axis: np.minimum.accumulate(x, axis),
    "cumsum": lambda x, axis: np.cumsum(x, axis),
    "cumprod": lambda x, axis: np.cumprod(x, axis),
    "cumlogsumexp": lambda x, axis: np.logaddexp.accumulate(x, axis),
    "softmax": lambda x, axis: sp.softmax(x, axis),
    "log_softmax": lambda x, axis: sp.log_softmax(x, axis),
    "stick_breaking": lambda x, axis: np.apply_along_axis(_broken, axis, x),
    "center": lambda x, axis: x - np.mean(x, axis, keepdims=True),
    "standardize": lambda x, axis: (x - np.mean(x, axis, keepdims=True)) / np.std(x, axis, keepdims=True),
    "sort": lambda x, axis: np.sort(x, axis),
    "reverse": lambda x, axis: np.flip(x, axis),
}


def _each(oracle: Callable[..., Any]) -> Callable[..., Any]:
    """An oracle for one matrix, applied to every member of a batch."""
    return lambda *arrays: np.stack([np.asarray(oracle(*parts)) for parts in zip(*arrays, strict=True)])


def _kernel(shape: Callable[..., Any]) -> Callable[..., Any]:
    """A stationary covariance from its shape."""
    return _each(lambda x, length, scale: scale**2 * shape(np.abs(np.subtract.outer(x, x)) / abs(length)))


def _matern(order: float) -> Callable[..., Any]:
    """By the Bessel function (Rasmussen & Williams 2006, eq. 4.14)."""

    def shape(d: Any) -> Any:
        r = np.sqrt(2 * order) * np.where(d > 0, d, 1)
        return np.where(d > 0, 2 ** (1 - order) / sp.gamma(order) * r**order * sp.kv(order, r), 1)

    return shape


MATRICES: dict[str, Callable[..., Any]] = {
    "cholesky": np.linalg.cholesky,
    "solve": _each(np.linalg.solve),
    "solve_triangular": _each(lambda a, b: scipy.linalg.solve_triangular(np.tril(a), b, lower=True)),
    "inverse": np.linalg.inv,
    "det": np.linalg.det,
    "logdet": lambda a: np.linalg.slogdet(a)[1],
    "matrix_exp": scipy.linalg.expm,
    "eigvalsh": np.linalg.eigvalsh,
    "trace": _each(np.trace),
    "diag": _each(np.diag),
    "diagonal": _each(np.diag),
    "tril": _each(np.tril),
    "outer": _each(np.outer),
    "transpose": _each(np.transpose),
    "dot": _each(np.dot),
    "interp": _each(lambda x, at, values: np.interp(x, np.sort(at), values[np.argsort(at)])),
    "quad_form": _each(lambda a, x: x @ a @ x),
    "tcrossprod": _each(lambda a: a @ a.T),
    "rbf": _kernel(lambda d: np.exp(-(d**2) / 2)),
    "matern12": _kernel(_matern(0.5)),
    "matern32": _kernel(_matern(1.5)),
    "matern52": _kernel(_matern(2.5)),
    "periodic": _each(
        lambda x, period, length, scale: scale**2
        * np.exp(-2 * np.sin(np.pi * np.subtract.outer(x, x) / period) ** 2 / length**2)
    ),
    "linear": _each(lambda x, centre, scale: scale**2 * np.outer(x - centre, x - centre)),
}



def _splines(x: float, count: int, lower: float, upper: float) -> np.ndarray:
    step = (upper - lower) / (count - 3)
    knots = lower + step * np.arange(-3, count + 1)
    return scipy.interpolate.BSpline.design_matrix(np.array([x]), knots, 3).toarray()[0]


def _spectrum(shape: Callable[..., Any]) -> np.ndarray:
    """Roots of the Fourier integral of a covariance with lengthscale 0.7 and scale 1.5, by quadrature."""
    frequencies = 0.7 * np.pi * np.arange(1, 4) / 3
    halves = [scipy.integrate.quad(shape, 0, 60, weight="cos", wvar=w, limit=200)[0] for w in frequencies]
    return 1.5 * np.sqrt(2 * 0.7 * np.array(halves))


FILLS: dict[str, tuple[tuple[int, ...], tuple[Any, ...], Any]] = {
    "ones": ((2, 3), (), np.ones((2, 3))),
    "zeros": ((2, 3), (), np.zeros((2, 3))),
    "full": ((3,), (2.5,), np.full(3, 2.5)),
    "eye": ((3,), (), np.eye(3)),
    "position": ((4,), (), np.arange(4)),
    "size": ((4,), (), 4),
    "bspline": ((7,), (0.3, -1.0, 2.0), _splines(0.3, 7, -1.0, 2.0)),
    "fourier": ((4,), (0.3, 2.0), [f(np.pi * k * 0.3) for k in (1, 2) for f in (np.sin, np.cos)]),
    "sine_basis": ((3,), (0.3, -1.0, 2.0), [np.sqrt(2 / 3) * np.sin(j * np.pi * 1.3 / 3) for j in (1, 2, 3)]),
    "rbf_spectrum": ((3,), (3.0, 0.7, 1.5), _spectrum(lambda d: np.exp(-(d**2) / 2))),
    **{
        f"matern{round(2 * order)}2_spectrum": ((3,), (3.0, 0.7, 1.5), _spectrum(_matern(order)))
        for order in (0.5, 1.5, 2.5)
    },
    "legendre": ((4,), (0.5, 0.0, 2.0), [sp.eval_legendre(n, -0.5) for n in range(1, 5)]),
}
"""Sizes, values, and the result."""
