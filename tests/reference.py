"""What a program means, in NumPy float64 and SciPy, one member of each plate at a time: the oracle of the compiler.

It is written to be read beside ``svilang/ir/nodes.py`` and shares no code with the compiler but the nodes themselves.
Missing entries of data are NaN, and NaN spreads.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special, stats

from svilang.catalog.distribution import Distribution
from svilang.ir import nodes as ir
from svilang.types import Dim, Dims

Member = dict[Dim, int]


@dataclass(frozen=True, eq=False)
class Named:
    """An array whose axes have names."""

    values: np.ndarray
    dims: Dims

    def at(self, member: Member) -> Named:
        """What belongs to one member of some axes; axes that it does not name stay."""
        index = tuple(member.get(dim, slice(None)) for dim in self.dims)
        return Named(np.asarray(self.values[index]), tuple(dim for dim in self.dims if dim not in member))

    def number(self, member: Member) -> Any:
        """The one element that belongs to a member."""
        rest = self.at(member)
        assert rest.dims == (), f"{rest.dims} are left"
        return rest.values[()]

    def spread(self, dims: Dims, sizes: Mapping[str, int]) -> np.ndarray:
        """Repeated along the axes that it lacks, in the order of ``dims``."""
        order = [self.dims.index(dim) for dim in dims if dim in self.dims]
        assert len(order) == len(self.dims), f"{self.dims} do not fit into {dims}"
        moved = np.transpose(self.values, order)
        new = tuple(i for i, dim in enumerate(dims) if dim not in self.dims)
        return np.broadcast_to(np.expand_dims(moved, new), [sizes[dim.name] for dim in dims])


@dataclass(frozen=True, eq=False)
class World:
    """Sizes, labels and values of everything from outside."""

    sizes: Mapping[str, int]
    data: Mapping[str, np.ndarray] = field(default_factory=dict)
    latents: Mapping[str, np.ndarray] = field(default_factory=dict)
    params: Mapping[str, np.ndarray] = field(default_factory=dict)
    labels: Mapping[str, tuple[str | int, ...]] = field(default_factory=dict)

    def position(self, dim: str, label: str | int) -> int:
        return self.labels[dim].index(label) if dim in self.labels else int(label)

    def members(self, dims: Dims) -> list[Member]:
        """Every combination of positions along ``dims``."""
        ranges = (range(self.sizes[dim.name]) for dim in dims)
        return [dict(zip(dims, index, strict=True)) for index in itertools.product(*ranges)]

    def table(self, dims: Dims, value: Callable[[Member], Any]) -> Named:
        """An array made one element at a time."""
        shape = [self.sizes[dim.name] for dim in dims]
        elements = [value(member) for member in self.members(dims)]
        return Named(np.asarray(elements, dtype=float).reshape(shape), dims)


# --- nodes -----------------------------------------------------------------------------------------------------------

ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
    "negate": np.negative,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "if": lambda condition, then, otherwise: np.where(np.not_equal(condition, 0), then, otherwise),
    "abs": np.abs,
    "sqrt": np.sqrt,
    "square": np.square,
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "sin": np.sin,
    "tanh": np.tanh,
    "expit": special.expit,
    "logit": special.logit,
    "softplus": lambda x: np.logaddexp(x, 0),
    "erf": special.erf,
    "gammaln": special.gammaln,
    "maximum": lambda *values: functools.reduce(np.maximum, values),
    "minimum": lambda *values: functools.reduce(np.minimum, values),
}

REDUCING: dict[str, Callable[[np.ndarray], Any]] = {
    "sum": np.sum,
    "prod": np.prod,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "var": np.var,
    "logsumexp": special.logsumexp,
}

ALONG: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "cumsum": np.cumsum,
    "softmax": special.softmax,
    "log_softmax": special.log_softmax,
    "center": lambda x: x - np.mean(x),
    "sort": np.sort,
    "reverse": lambda x: x[::-1],
}

MATRIX: dict[str, Callable[..., Any]] = {
    "cholesky": np.linalg.cholesky,
    "solve": np.linalg.solve,
    "inverse": np.linalg.inv,
    "det": np.linalg.det,
    "logdet": lambda a: np.linalg.slogdet(a)[1],
    "trace": np.trace,
    "diag": np.diag,
    "diagonal": np.diag,
    "outer": np.outer,
    "transpose": np.transpose,
    "dot": np.dot,
}


def evaluate(program: ir.Program, world: World) -> list[Named]:
    """The value of every node, with axes as the node lists them."""
    found: list[Named] = []
    with np.errstate(all="ignore"):
        for node in program.nodes:
            value = _value(node, [found[arg] for arg in node.args], world)
            found.append(Named(value.spread(node.dims, world.sizes), node.dims))
    return found


def _value(node: ir.Node, args: list[Named], world: World) -> Named:
    match node.op:
        case ir.Const(value):
            return Named(np.asarray(float(value)), ())
        case ir.Label(dim, label):
            return Named(np.asarray(float(world.position(dim, label))), ())
        case ir.Input(name):
            return Named(np.asarray(world.data[name], float), node.dims)
        case ir.Latent(name):
            return Named(np.asarray(world.latents[name], float), node.dims)
        case ir.Parameter(name):
            return Named(np.asarray(world.params[name], float), node.dims)
        case ir.Apply(function):
            compute = ELEMENTWISE[function.name]
            return world.table(node.dims, lambda member: compute(*(arg.number(_of(arg, member)) for arg in args)))
        case ir.Reduce(function, dim):
            reduced = REDUCING[function.name]
            return world.table(node.dims, lambda member: reduced(_vector(args[0].at(member), dim)))
        case ir.Along(function, dim):
            moved = ALONG[function.name]
            return world.table(
                node.dims, lambda member: moved(_vector(args[0].at(_without(member, dim)), dim))[member[dim]]
            )
        case ir.Matrix(function, events, out):
            return _matrix(MATRIX[function.name], events, out, node.dims, args, world)
        case ir.Contract(left, right):
            return world.table(
                node.dims,
                lambda member: sum(
                    args[0].number({**_of(args[0], member), left: k})
                    * args[1].number({**_of(args[1], member), right: k})
                    for k in range(world.sizes[left.name])
                ),
            )
        case ir.Gather(dim):
            return world.table(node.dims, lambda member: _gathered(args[0], dim, args[1], member))
        case ir.Stack(dim):
            return world.table(node.dims, lambda member: args[member[dim]].number(_of(args[member[dim]], member)))
        case ir.Fill(function, over):
            return world.table(node.dims, lambda member: _filled(function.name, over, args, member, world))
        case ir.Relabel(old, new):
            return Named(args[0].values, tuple(new if dim == old else dim for dim in args[0].dims))
        case ir.Lag(dim, steps):
            return world.table(node.dims, lambda member: _lagged(args[0], args[1], dim, steps, member))


def _of(arg: Named, member: Member) -> Member:
    return {dim: position for dim, position in member.items() if dim in arg.dims}


def _without(member: Member, dim: Dim) -> Member:
    return {other: position for other, position in member.items() if other != dim}


def _vector(value: Named, dim: Dim) -> np.ndarray:
    assert value.dims == (dim,)
    return value.values


def _gathered(value: Named, dim: Dim, index: Named, member: Member) -> float:
    position = index.number(_of(index, member))
    return math.nan if math.isnan(position) else value.number({**_of(value, member), dim: int(position)})


def _lagged(value: Named, start: Named, dim: Dim, steps: int, member: Member) -> float:
    earlier = member[dim] - steps
    if earlier < 0:
        return start.number(_of(start, member))
    return value.number({**_of(value, member), dim: earlier})


def _filled(name: str, over: Dims, args: list[Named], member: Member, world: World) -> float:
    match name:
        case "ones":
            return 1.0
        case "zeros":
            return 0.0
        case "full":
            return args[0].number(_of(args[0], member))
        case "eye":
            return float(len(set(member.values())) == 1)
        case "position":
            return member[over[0]]
        case _:
            assert name == "size"
            return world.sizes[over[0].name]


def _matrix(
    compute: Callable[..., Any], events: tuple[Dims, ...], out: Dims, dims: Dims, args: list[Named], world: World
) -> Named:
    batch = tuple(dim for dim in dims if dim not in out)

    def result(member: Member) -> np.ndarray:
        parts = (
            arg.at({dim: i for dim, i in member.items() if dim in arg.dims and dim not in event})
            for arg, event in zip(args, events, strict=True)
        )
        return compute(*(part.spread(event, world.sizes) for part, event in zip(parts, events, strict=True)))

    shape = [world.sizes[dim.name] for dim in (*batch, *out)]
    return Named(np.asarray([result(member) for member in world.members(batch)], float).reshape(shape), (*batch, *out))


# --- distributions ---------------------------------------------------------------------------------------------------


def _categorical(x: float, logits: np.ndarray) -> float:
    return float(special.log_softmax(logits)[int(x)])


LAWS: dict[tuple[str, tuple[str, ...]], Callable[..., Any]] = {
    ("Normal", ("loc", "scale")): stats.norm.logpdf,
    ("HalfNormal", ("scale",)): lambda x, scale: stats.halfnorm.logpdf(x, scale=scale),
    ("LogNormal", ("loc", "scale")): lambda x, loc, scale: stats.lognorm.logpdf(x, scale, scale=math.exp(loc)),
    ("Cauchy", ("loc", "scale")): stats.cauchy.logpdf,
    ("HalfCauchy", ("scale",)): lambda x, scale: stats.halfcauchy.logpdf(x, scale=scale),
    ("Laplace", ("loc", "scale")): stats.laplace.logpdf,
    ("StudentT", ("df", "loc", "scale")): lambda x, df, loc, scale: stats.t.logpdf(x, df, loc, scale),
    ("Uniform", ("low", "high")): lambda x, low, high: stats.uniform.logpdf(x, low, high - low),
    ("Exponential", ("rate",)): lambda x, rate: stats.expon.logpdf(x, scale=1 / rate),
    ("Gamma", ("concentration", "rate")): lambda x, shape, rate: stats.gamma.logpdf(x, shape, scale=1 / rate),
    ("Beta", ("concentration1", "concentration0")): stats.beta.logpdf,
    ("Bernoulli", ("probs",)): stats.bernoulli.logpmf,
    ("Bernoulli", ("logits",)): lambda x, logits: -np.logaddexp(0, -logits if x else logits),
    ("Poisson", ("rate",)): stats.poisson.logpmf,
    ("Categorical", ("probs",)): lambda x, probs: _categorical(x, np.log(probs)),
    ("Categorical", ("logits",)): _categorical,
    ("Dirichlet", ("concentration",)): stats.dirichlet.logpdf,
    ("MultivariateNormal", ("loc", "scale_tril")): lambda x, loc, scale_tril: stats.multivariate_normal.logpdf(
        x, loc, scale_tril @ scale_tril.T
    ),
    ("MultivariateNormal", ("loc", "covariance_matrix")): stats.multivariate_normal.logpdf,
}
"""Log densities at one variate, by the names of the distribution and of the parameters of its form."""

CDFS: dict[str, Callable[..., Any]] = {
    "Normal": stats.norm.cdf,
    "Exponential": lambda x, rate: stats.expon.cdf(x, scale=1 / rate),
    "Gamma": lambda x, shape, rate: stats.gamma.cdf(x, shape, scale=1 / rate),
}


@functools.lru_cache(maxsize=200_000)
def _scalar_log_prob(name: str, names: tuple[str, ...], x: float, args: tuple[float, ...]) -> float:
    return float(LAWS[name, names](x, *args))


def _leaf_log_prob(name: str, names: tuple[str, ...], x: np.ndarray, args: list[np.ndarray]) -> float:
    if np.ndim(x) == 0 and all(np.ndim(arg) == 0 for arg in args):
        return _scalar_log_prob(name, names, float(x), tuple(map(float, args)))
    return float(LAWS[name, names](x, *args))


def _event_of(law: ir.Law, names: tuple[str, ...]) -> Dims:
    """The axes that a parameter shares with the variate, where it does; the second of a square is primed."""
    known = dict(zip(law.row.event, law.event, strict=True))
    found: list[Dim] = []
    for name in names:
        if name in known:
            found.append(known[name].primed if known[name] in found else known[name])
    return tuple(found) if len(found) == len(names) else ()


def _arguments(law: ir.Law, member: Member, nodes: list[Named], world: World) -> list[np.ndarray | None]:
    params = law.row.forms[law.form].params if isinstance(law.row, Distribution) else law.row.params
    found: list[np.ndarray | None] = []
    for param, arg in zip(params, law.args, strict=True):
        if arg is None:
            found.append(None)
            continue
        own = nodes[arg].at(_of(nodes[arg], member))
        event = _event_of(law, param.event) if isinstance(law.row, Distribution) else ()
        found.append(own.spread(event if set(own.dims) <= set(event) else own.dims, world.sizes))
    return found


def law_log_prob(law: ir.Law, x: np.ndarray, member: Member, nodes: list[Named], world: World) -> float:
    """Log density at one variate ``x`` for one member of the plates."""
    args = _arguments(law, member, nodes, world)
    if any(arg is not None and np.isnan(arg).any() for arg in args) or np.isnan(x).any():
        return math.nan
    if isinstance(law.row, Distribution):
        names = tuple(param.name for param in law.row.forms[law.form].params)
        return _leaf_log_prob(law.row.name, names, x, args) if law.row.normalised else 0.0
    return COMBINED[law.row.name](law, x, member, nodes, world, args)


def _mixture(law: ir.Law, x: Any, member: Member, nodes: list[Named], world: World, args: list[Any]) -> float:
    weights = args[0]
    if len(law.children) > 1:
        parts = [law_log_prob(child, x, member, nodes, world) for child in law.children]
    else:
        (child,) = law.children
        parts = [law_log_prob(child, x, {**member, law.mixed: k}, nodes, world) for k in range(len(weights))]
    return float(special.logsumexp(np.log(weights) + np.asarray(parts)))


def _cdf(law: ir.Law, x: float, member: Member, nodes: list[Named], world: World) -> float:
    return float(CDFS[law.row.name](x, *_arguments(law, member, nodes, world)))


def _truncated(law: ir.Law, x: Any, member: Member, nodes: list[Named], world: World, args: list[Any]) -> float:
    (child,) = law.children
    lower = 0.0 if args[0] is None else _cdf(child, args[0], member, nodes, world)
    upper = 1.0 if args[1] is None else _cdf(child, args[1], member, nodes, world)
    return law_log_prob(child, x, member, nodes, world) - math.log(upper - lower)


def _zero_inflated(law: ir.Law, x: Any, member: Member, nodes: list[Named], world: World, args: list[Any]) -> float:
    (child,) = law.children
    gate, inner = args[0], law_log_prob(child, x, member, nodes, world)
    return float(np.logaddexp(np.log(gate), np.log1p(-gate) + inner) if x == 0 else np.log1p(-gate) + inner)


COMBINED: dict[str, Callable[..., float]] = {
    "Mixture": _mixture,
    "Truncated": _truncated,
    "ZeroInflated": _zero_inflated,
}


# --- the log density -------------------------------------------------------------------------------------------------


def log_density(program: ir.Program, world: World) -> dict[str, float]:
    """The terms of the log density at constrained values, by name; factors as ``factor 0``, ``factor 1``, …"""
    nodes = evaluate(program, world)
    terms = {site.name: _site(site, nodes, world) for site in program.sites}
    for observation in program.observations:
        terms[f"observe {observation.name}"] = sum(elements(observation, nodes, world))
    for i, factor in enumerate(program.factors):
        terms[f"factor {i}"] = float(nodes[factor.value].spread(factor.plates, world.sizes).sum())
    return terms


def _site(site: ir.Site, nodes: list[Named], world: World) -> float:
    value = Named(np.asarray(world.latents[site.name], float), site.dims)
    batch = site.dims[: len(site.dims) - len(site.law.event)]
    total = sum(
        law_log_prob(site.law, value.at(member).values, member, nodes, world) for member in world.members(batch)
    )
    if not site.narrowed or site.normaliser is None:
        return total
    if site.normaliser == "order":
        size = world.sizes[site.dims[-1].name]
        return total + math.lgamma(size + 1) * len(world.members(site.dims[:-1]))
    return total - sum(_log_mass(site, member, nodes, world) for member in world.members(batch))


def _log_mass(site: ir.Site, member: Member, nodes: list[Named], world: World) -> float:
    """The mass of a law inside the narrowed support, for laws on the reals."""

    def end(node: ir.Id | None, default: float) -> float:
        return default if node is None else nodes[node].number(_of(nodes[node], member))

    lower, upper = end(site.bounds.lower, site.kind.interval.lower), end(site.bounds.upper, site.kind.interval.upper)
    return math.log(_cdf(site.law, upper, member, nodes, world) - _cdf(site.law, lower, member, nodes, world))


def elements(observation: ir.Observation, nodes: list[Named], world: World) -> list[float]:
    """The term of each member of the plates; 0 where it does not count."""
    return [_element(observation, member, nodes, world) for member in world.members(observation.plates)]


def _element(observation: ir.Observation, member: Member, nodes: list[Named], world: World) -> float:
    mask, weight, value = observation.mask, observation.weight, nodes[observation.value]
    if mask is not None and not nodes[mask].number(_of(nodes[mask], member)):
        return 0.0
    x = value.at(_of(value, member)).spread(observation.law.event, world.sizes)
    found = law_log_prob(observation.law, x, member, nodes, world)
    if observation.optional and math.isnan(found):
        return 0.0
    return found if weight is None else found * nodes[weight].number(_of(nodes[weight], member))
