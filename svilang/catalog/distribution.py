"""The row that holds everything known about one distribution.

Conventions of all functions in a row: arrays come broadcast-compatible, batch axes first, then the event axes that the
parameter or the variate declares; results have the batch shape (densities) or batch + event shape (draws). Functions
are pure, traceable by JAX, and finite wherever the density is, with finite gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ..types import Interval, Kind

if TYPE_CHECKING:
    import numpy as np
    from jax import Array

Fn = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a distribution.

    Args:
        name: the keyword, as NumPyro spells it.
        kind: what its values must be.
        meaning: one line for the reference.
        event: names of its event axes; equal names in one row are equal axes, so ``("k", "k")`` is a square and a
            parameter with ``("k",)`` has one free dimension in the language.
        default: used when the argument is left out; ``None`` makes it required.
        singular: whether a matrix may have eigenvalues of 0, since something is added to it.
    """

    name: str
    kind: Kind
    meaning: str
    event: tuple[str, ...] = ()
    default: float | None = None
    singular: bool = False


@dataclass(frozen=True, slots=True)
class Grouped:
    """An exponential-family likelihood of many outcomes that share their parameters, from per-group statistics.

    Args:
        collapse: ``(y[N, …], group[N], groups) -> arrays[groups, …]``, in NumPy float64, centred where that matters.
        log_prob: ``(statistics, *params) -> [groups]``: the sum of the log densities of each group.
        rotates: whether outcomes enter through their number and ``sum (y - loc)^2`` alone, ``loc`` being the first
            parameter, and the statistics are their number, mean and squared deviations: an orthogonal map of many
            outcomes and locations then keeps the sum.
    """

    collapse: Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, ...]]
    log_prob: Callable[..., Array]
    rotates: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One set of parameters under which a distribution can be written.

    Args:
        params: in positional order.
        log_prob: ``(x, *params) -> [batch]``.
        canonical: these parameters turned into those of the row's first form; ``None`` for the first form itself.
        grouped: sums over outcomes that share their parameters.
    """

    params: tuple[Param, ...]
    log_prob: Fn
    canonical: Callable[..., tuple[Array, ...]] | None = None
    grouped: Grouped | None = None


@dataclass(frozen=True, slots=True)
class LocationScale:
    """How a variate is made from a standard one whose law has no parameters that matter: ``x = forward(z, *params)``.

    Args:
        forward: ``(z, *params) -> x``, differentiable, one to one.
        inverse: ``(x, *params) -> z``.
        log_det: ``(z, *params) -> [batch]``, log |dx/dz|.
        log_prob: ``(z, *params) -> [batch]``, the log density of z, of rows that have one for all parameters: that of
            ``x`` at ``forward(z)`` costs more, and loses its digits where the scale is small beside the location.
    """

    forward: Fn
    inverse: Fn
    log_det: Fn
    log_prob: Fn | None = None


@dataclass(frozen=True, slots=True)
class ExponentialFamily:
    """``log p(x) = <natural, statistics(x)> - log_partition + log_base(x)``.

    Args:
        natural: ``(*params) -> tuple`` of natural parameters.
        statistics: ``(x) -> tuple`` of sufficient statistics, matching.
        log_partition: ``(*params) -> [batch]``.
        log_base: ``(x) -> [batch]``.
        shifted: ``(centre, *params) -> tuple``: the parameters of ``x - centre``, where that is of the same family.
    """

    natural: Fn
    statistics: Fn
    log_partition: Fn
    log_base: Fn
    shifted: Fn | None = None


@dataclass(frozen=True, slots=True)
class FiniteSupport:
    """A support that can be enumerated: the integers from ``lower`` to ``upper``.

    An end is a number, the name of a parameter, or ``("axis", name, offset)``: the size of an event axis plus an
    offset.
    """

    lower: int | str
    upper: int | str | tuple[Literal["axis"], str, int]


@dataclass(frozen=True, slots=True)
class Distribution:
    """Everything known about one distribution; the compiler reads nothing else.

    Args:
        name: as the language spells it.
        forms: sets of parameters; the first is canonical, and all functions below take its parameters.
        support: of the variate, before its bounds are known.
        bounds: lower and upper end of the support where they are parameters, by name.
        event: names of the event axes of a variate (``()`` for a scalar), tied to those of the parameters by name.
        sizes: event axes of a set size, with that size.
        sample: ``(key, shape, *params) -> [*shape]``; ``shape`` is batch + event.
        reparameterised: whether draws are differentiable in the parameters with the right (pathwise) gradient.
        noise: law of the parameter-free noise that ``from_noise`` takes, where a draw is a function of such noise of
            the variate's own shape.
        from_noise: ``(noise, *params) -> draw``.
        location_scale: the standardising map, where the row has one; needed by ``noncentered``.
        mean, variance, entropy: ``(*params) -> [batch + event]`` (entropy: ``[batch]``).
        cdf, icdf: ``(x, *params)``, ``(q, *params)``; scalar variates only.
        log_cdf, log_sf: stable in the tails, where they are worth having; else derived from ``cdf``.
        exponential_family: natural parameters and statistics, where there are any.
        marginal: ``(x, present, *params) -> [batch]``, the log density of those entries of a vector that are present,
            ``[batch + event]``; what ``x`` holds in the place of the others has no part in it.
        finite_support: how to enumerate the support, where it is finite.
        causal: whether each value along the first event axis is made of noise up to its place, so that more can follow.
        edge_moves: where the support ends depends on the arguments together, so that the row stands for data only.
        normalised: false only for improper laws.
        centred: the row of as many of these given that they sum to 0, by name; its parameters are among those here.
        dimension_first: the first positional argument is a dimension (``LKJCholesky(effect, …)``), which names the
            event axes.
        summary: what it is used for, one line.
        reference: where the formulas stand.
    """

    name: str
    forms: tuple[Form, ...]
    support: Kind
    sample: Fn | None
    reparameterised: bool
    summary: str
    reference: str
    bounds: tuple[str | None, str | None] = (None, None)
    event: tuple[str, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    noise: Literal["normal", "uniform"] | None = None
    from_noise: Fn | None = None
    location_scale: LocationScale | None = None
    mean: Fn | None = None
    variance: Fn | None = None
    entropy: Fn | None = None
    cdf: Fn | None = None
    icdf: Fn | None = None
    log_cdf: Fn | None = None
    log_sf: Fn | None = None
    exponential_family: ExponentialFamily | None = None
    marginal: Fn | None = None
    finite_support: FiniteSupport | None = None
    causal: bool = False
    edge_moves: bool = False
    normalised: bool = True
    centred: str | None = None
    dimension_first: bool = False

    @property
    def walks(self) -> bool:
        """Whether its values along the first event axis follow each other in that order, and in no other."""
        return self.causal and self.dimension_first


@dataclass(frozen=True)
class Bound:
    """A distribution with its arguments as arrays: what combinators wrap and lowering evaluates.

    Args:
        row: the distribution.
        form: which of its parameter sets ``args`` follows.
        args: arrays, in the order of that form's params.
    """

    row: Distribution
    form: Form
    args: tuple[Any, ...]

    def canonical(self) -> tuple[Any, ...]:
        """The arguments in the row's first form."""
        return self.args if self.form.canonical is None else self.form.canonical(*self.args)

    def log_prob(self, x: Any) -> Any:
        """Log density at ``x``."""
        return self.form.log_prob(x, *self.args)

    def sample(self, key: Any, shape: tuple[int, ...]) -> Any:
        """A draw of shape ``shape`` (batch + event)."""
        assert self.row.sample is not None
        return self.row.sample(key, shape, *self.canonical())


@dataclass(frozen=True, slots=True)
class Combinator:
    """A distribution made from others: ``Truncated(D, lower, upper)``, ``Mixture(weights, D)``.

    Args:
        name: as the language spells it.
        params: its own parameters, besides the distributions. Positional order of the call: see ``inner_first``.
        inner: whether it takes one distribution or a list of them (a list arrives as several children).
        inner_first: whether the distribution comes before the parameters (``Truncated``) or after (``Mixture``).
        mixes: the name of a parameter whose free dimension is mixed over; arrays of the single child then carry that
            dimension as their last batch axis (just before the child's event axes), and ``log_prob`` adds it to ``x``.
        log_prob: ``(x, children: tuple[AnyLaw, ...], *params) -> [batch]``. A parameter left out arrives as ``None``.
        sample: ``(key, shape, children, *params) -> [*shape]``.
        support: how the support follows from that of the child: kept, met with ``[lower, upper]``, hull of children, or
            what a function makes of it.
        besides: whole numbers that it can be besides what its children can; ``None`` where its values are not theirs.
        each: the name of a parameter with one value for each of those of the child's variate, so that it has its event
            axes.
        moves: the name of a parameter by which both ends of the child's support are moved.
        along: the event axis of its own parameters over which its variate is a vector of variates of the child, which
            is a law of one number; arrays of the child then carry that dimension as their last batch axis.
        optional: parameters that may be left out.
        one_of: parameters of which exactly one must be given.
        requires: what the child must have or be (``"cdf"``, ``"continuous"``, ``"number"``, ``"centred"``); the check
            refuses others.
        domain: what the support of the child must lie in.
        log_cdf, log_sf: ``(x, children, *params)``, where they follow from those of the children.
        pathwise: when draws are differentiable: never, when those of the children are, or when the children are
            continuous numbers with a distribution function.
        marginal: ``(x, present, children, *params) -> [batch]``, as of a distribution.
        atoms: whether single values have probability, also where the child has a density.
        functions: one row for each function that the last argument may name; this row stands for all of them.
    """

    causal: ClassVar = False
    walks: ClassVar = False
    name: str
    params: tuple[Param, ...]
    inner: Literal["one", "many", "one or many"]
    inner_first: bool
    log_prob: Fn
    sample: Fn | None
    support: Literal["same", "meet", "hull"] | Callable[[Interval], Interval]
    summary: str
    reference: str
    besides: tuple[int, ...] | None = None
    mixes: str | None = None
    each: str | None = None
    moves: str | None = None
    along: str | None = None
    optional: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    requires: tuple[str, ...] = field(default=())
    domain: Interval | None = None
    log_cdf: Fn | None = None
    log_sf: Fn | None = None
    pathwise: Literal["never", "children", "tails"] = "never"
    marginal: Fn | None = None
    atoms: bool = False
    functions: Mapping[str, Combinator] = field(default_factory=dict["str", "Combinator"], hash=False)


@dataclass(frozen=True)
class Compound:
    """A combinator with its children and arguments: what :class:`Bound` is for a distribution.

    ``row`` tells an outer combinator the support and event of the variate; it has none of the functions that the
    combinator changes.
    """

    combinator: Combinator
    row: Distribution
    children: tuple[AnyLaw, ...]
    args: tuple[Any, ...]

    def log_prob(self, x: Any) -> Any:
        """Log density at ``x``."""
        return self.combinator.log_prob(x, self.children, *self.args)

    def sample(self, key: Any, shape: tuple[int, ...]) -> Any:
        """A draw of shape ``shape`` (batch + event)."""
        assert self.combinator.sample is not None
        return self.combinator.sample(key, shape, self.children, *self.args)


AnyLaw = Bound | Compound
