"""Elementwise special functions: error functions, the gamma and beta families, Bessel functions."""

from __future__ import annotations

import math
from typing import Any

from ...lazy import jnp, special
from ...types import Interval
from ...types.intervals import NONNEGATIVE, UNIT, inf
from ..beta_function import betainc
from ..distributions.numeric import betaln
from ..function import Function, Role
from . import supports
from .numbers import reals

_SIGNS = Interval(-1, 1)
_POSITIVE_UNIT = Interval(0, 1, lower_open=True)


def _log_ndtr(x: Any) -> Any:
    """The scaled complementary error function below 0, where the plain one would underflow."""
    x = jnp.asarray(*reals(x))
    below = x < 0
    low, high = jnp.where(below, x, -1.0) * math.sqrt(0.5), jnp.where(below, 1.0, x) * math.sqrt(0.5)
    return jnp.where(below, jnp.log(special.erfcx(-low) / 2) - jnp.square(low), jnp.log1p(-special.erfc(high) / 2))


def _log_choose(n: Any, k: Any) -> Any:
    n, k = reals(n, k)
    return -jnp.log1p(n) - betaln(n - k + 1.0, k + 1.0)


def _times_log(x: Interval, y: Interval) -> Interval:
    return x * supports.rising(math.log, NONNEGATIVE)(y)


def _times_log1p(x: Interval, y: Interval) -> Interval:
    return x * supports.rising(math.log1p, Interval(-1, inf))(y)


def _ndtr_of(x: float) -> float:
    return math.erfc(-x * math.sqrt(0.5)) / 2


def _row(
    name: str,
    params: str,
    apply: Any,
    support: supports.Rule,
    summary: str,
    *domain: Interval | None,
) -> Function:
    return Function(name, Role.ELEMENTWISE, tuple(params.split()), apply, support, summary, domain=domain or None)


ROWS = (
    _row("erf", "x", lambda x: special.erf(*reals(x)), supports.rising(math.erf), "the error function"),
    _row("erfc", "x", lambda x: special.erfc(*reals(x)), supports.falling(math.erfc), "1 - erf(x), exact for large x"),
    _row("erfcx", "x", lambda x: special.erfcx(*reals(x)), supports.always(Interval(0, inf, True)), "exp(x^2) erfc(x)"),
    _row("erfinv", "x", lambda x: special.erfinv(*reals(x)), supports.anywhere, "the inverse of erf", _SIGNS),
    _row(
        "erfcinv",
        "x",
        lambda x: -special.ndtri(*reals(x / 2)) / math.sqrt(2),
        supports.anywhere,
        "the inverse of erfc, exact for small x",
        Interval(0, 2),
    ),
    _row("ndtr", "x", lambda x: special.ndtr(*reals(x)), supports.rising(_ndtr_of), "the normal distribution function"),
    _row("ndtri", "p", lambda p: special.ndtri(*reals(p)), supports.anywhere, "the normal quantile of p", UNIT),
    _row(
        "log_ndtr",
        "x",
        _log_ndtr,
        supports.always(Interval(-inf, 0)),
        "the logarithm of the normal distribution function, exact in both tails",
    ),
    _row(
        "gammaln",
        "x",
        lambda x: special.gammaln(*reals(x)),
        supports.anywhere,
        "the logarithm of the gamma function",
        NONNEGATIVE,
    ),
    _row(
        "digamma",
        "x",
        lambda x: special.digamma(*reals(x)),
        supports.anywhere,
        "the derivative of gammaln",
        NONNEGATIVE,
    ),
    _row(
        "trigamma",
        "x",
        lambda x: special.polygamma(1, *reals(x)),
        supports.always(Interval(0, inf, True)),
        "the derivative of digamma",
        NONNEGATIVE,
    ),
    _row(
        "betaln",
        "a b",
        lambda a, b: betaln(*reals(a, b)),
        supports.anywhere,
        "gammaln(a) + gammaln(b) - gammaln(a + b), without cancellation",
        NONNEGATIVE,
        NONNEGATIVE,
    ),
    _row(
        "log_choose",
        "n k",
        _log_choose,
        supports.anywhere,
        "the logarithm of the number of ways to choose k of n",
        NONNEGATIVE,
        NONNEGATIVE,
    ),
    _row(
        "gammainc",
        "a x",
        lambda a, x: special.gammainc(*reals(a, x)),
        supports.always(UNIT),
        "the regularised lower incomplete gamma function",
        NONNEGATIVE,
        NONNEGATIVE,
    ),
    _row(
        "gammaincc",
        "a x",
        lambda a, x: special.gammaincc(*reals(a, x)),
        supports.always(UNIT),
        "1 - gammainc(a, x)",
        NONNEGATIVE,
        NONNEGATIVE,
    ),
    _row(
        "betainc",
        "a b x",
        lambda a, b, x: betainc(*reals(a, b, x)),
        supports.always(UNIT),
        "the regularised incomplete beta function",
        NONNEGATIVE,
        NONNEGATIVE,
        UNIT,
    ),
    _row(
        "xlogy",
        "x y",
        lambda x, y: special.xlogy(*reals(x, y)),
        _times_log,
        "x log(y), 0 where x is 0",
        None,
        NONNEGATIVE,
    ),
    _row(
        "xlog1py",
        "x y",
        lambda x, y: special.xlog1py(*reals(x, y)),
        _times_log1p,
        "x log(1 + y), 0 where x is 0",
        None,
        Interval(-1, inf),
    ),
    _row(
        "i0",
        "x",
        lambda x: special.i0(*reals(x)),
        supports.always(Interval(1, inf)),
        "the modified Bessel function of order 0",
    ),
    _row("i0e", "x", lambda x: special.i0e(*reals(x)), supports.always(_POSITIVE_UNIT), "exp(-|x|) i0(x)"),
    _row("i1", "x", lambda x: special.i1(*reals(x)), supports.anywhere, "the modified Bessel function of order 1"),
    _row("i1e", "x", lambda x: special.i1e(*reals(x)), supports.always(Interval(-0.22, 0.22)), "exp(-|x|) i1(x)"),
)

ALIASES = {"lgamma": "gammaln", "lbeta": "betaln", "lchoose": "log_choose", "Phi": "ndtr", "inv_Phi": "ndtri"}
