"""Everything that the tests ask of a row, computed in one compiled call for each row and kept."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from distribution_cases import CASES, RARE, Scalar, Vector

from svilang.catalog.distributions import DISTRIBUTIONS

LEVELS = np.array([1e-9, 1e-4, 0.03, 0.25, 0.4, 0.5, 0.77, 0.95, 0.9999, 1 - 1e-9])
DRAWS = 4_000

SCALARS = [name for name, case in CASES.items() if isinstance(case, Scalar)]
VECTORS = [name for name, case in CASES.items() if isinstance(case, Vector)]
DISCRETE = [name for name in SCALARS if DISTRIBUTIONS[name].support.discrete]
CONTINUOUS = [name for name in SCALARS if name not in DISCRETE]


def lifted(params: Any) -> tuple[Any, ...]:
    """Parameters with an axis of points before their grid."""
    return tuple(p[None] for p in params)


def law(name: str) -> Any:
    """The reference, with its grid along the last axis."""
    case = CASES[name]
    return case.law(*lifted(case.params))


def ends(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the support, one for each grid point."""
    row, case = DISTRIBUTIONS[name], CASES[name]
    given = dict(zip((p.name for p in row.forms[0].params), case.params, strict=True))
    interval = row.support.interval
    sides = zip(row.bounds, (interval.lower, interval.upper), strict=True)
    lower, upper = (np.broadcast_to(given.get(bound, end), len(case.params[0])) for bound, end in sides)
    return lower, upper


@functools.cache
def points(name: str) -> np.ndarray:
    """Points [point, grid]: quantiles far into both tails."""
    case = CASES[name]
    if isinstance(case, Vector):
        return case.points(np.random.default_rng(1), 6, *case.params)
    grid = len(case.params[0])
    quantiles = np.broadcast_to(law(name).ppf(LEVELS[:, None]), (len(LEVELS), grid)).astype(np.float64)
    return inner(name, quantiles)


def inner(name: str, x: np.ndarray) -> np.ndarray:
    """Points moved off the ends of an interval, where a density may be infinite."""
    lower, upper = ends(name)
    bounded = name in CONTINUOUS and bool(np.all(np.isfinite(lower) & np.isfinite(upper)))
    return np.clip(x, np.nextafter(lower, upper), np.nextafter(upper, lower)) if bounded else x


@functools.cache
def quadrature(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights over the support: double exponential for a density, every value for counts."""
    lower, upper = ends(name)
    if name in DISCRETE:
        top = float(np.max(law(name).ppf(1 - 1e-14))) + 2
        bottom = np.min(np.where(np.isfinite(lower), lower, np.min(law(name).ppf(1e-14)) - 2))
        nodes = np.arange(bottom, top + 1)[:, None] + np.zeros(len(lower))
        return nodes, ((nodes >= lower) & (nodes <= upper)).astype(float)
    t = np.linspace(-6, 6, 1201)[:, None]
    step, half = t[1, 0] - t[0, 0], np.pi / 2
    if np.all(np.isfinite(lower)) and np.all(np.isfinite(upper)):
        if (kink := CASES[name].kink) is not None:
            corner = kink(*CASES[name].params)
            sides = between(name, lower, corner, t), between(name, corner, upper, t)
            return tuple(np.concatenate(part) for part in zip(*sides, strict=True))
        return between(name, lower, upper, t)
    away = np.exp(half * np.sinh(t))
    weight = away * half * np.cosh(t) * step
    kink = CASES[name].kink
    middle = law(name).ppf(0.5) if kink is None else kink(*lifted(CASES[name].params))
    if np.all(np.isfinite(lower)):
        scale = middle - lower
        return lower + away * scale, weight * scale
    scale = law(name).ppf(0.75) - law(name).ppf(0.5)
    nodes = np.concatenate([middle - away * scale, middle + away * scale])
    return nodes, np.concatenate([weight * scale, weight * scale])


def between(name: str, lower: Any, upper: Any, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Double exponential nodes and weights on an interval."""
    step, half = t[1, 0] - t[0, 0], np.pi / 2
    share = 1 / (1 + np.exp(-2 * half * np.sinh(t)))
    rest = 1 / (1 + np.exp(2 * half * np.sinh(t)))
    weights = (upper - lower) * share * rest * 2 * half * np.cosh(t) * step
    return inner(name, lower + (upper - lower) * share), weights


def finite_slope(name: str, nodes: Any) -> tuple[Any, Any]:
    """A smooth bounded function of a variate, and its slope."""
    middle = law(name).ppf(0.5)
    scale = law(name).ppf(0.75) - law(name).ppf(0.25)
    value = np.tanh((nodes - middle) / scale)
    return value, (1 - value**2) / scale


def slopes(function: Any, params: tuple[Any, ...]) -> tuple[Any, Any]:
    """``function(*params)``, and its derivatives in each parameter along a new first axis."""
    ways = tuple(jnp.stack([jnp.full_like(p, float(i == j)) for i in range(len(params))]) for j, p in enumerate(params))
    return jax.vmap(lambda *way: jax.jvp(function, params, way), out_axes=(None, 0))(*ways)


def compiled(function: Any, *args: Any) -> Any:
    """Run as one program, compiled fast and not well."""
    quick = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
    return jax.tree.map(np.asarray, jax.jit(function).lower(*args).compile(compiler_options=quick)(*args))


@functools.cache
def shifted(name: str) -> tuple[list[np.ndarray], dict[int, np.ndarray]]:
    """Arguments of the density with one of them moved up and down a little, and by how much, for differences."""
    row, case = DISTRIBUTIONS[name], CASES[name]
    if isinstance(case, Vector):
        return [], {}
    arguments = [points(name), *lifted(case.params)]
    kinds = [row.support, *(p.kind for p in row.forms[0].params)]
    moved = [i for i, kind in enumerate(kinds) if not kind.discrete and arguments[i].ndim == 2]
    if not moved:
        return [], {}
    steps = {i: 1e-5 * np.where(arguments[i] == 0, 1, np.abs(arguments[i])) for i in moved}
    wide = [np.broadcast_to(v, (len(arguments[0]), *v.shape[1:])) for v in arguments]
    stacks = [
        np.stack([v + sign * steps[i] if i == j else v for i in moved for sign in (1, -1)]) for j, v in enumerate(wide)
    ]
    return stacks, steps


@functools.cache
def density(name: str) -> dict[str, Any]:
    """Log densities of every form, and the slopes of the first; of a rare row without anything else."""
    if name not in RARE:
        return measured(name)
    given = all_params(name)

    def everything(x: Any, given: Any) -> dict[str, Any]:
        log_prob, slopes = with_slopes(name, x, *lifted(given[0]))
        return {"log_prob": log_prob, "slopes": slopes, **of_other_forms(name, x, given)}

    with jax.enable_x64(True):
        return compiled(everything, points(name), given)


@functools.cache
def measured(name: str) -> dict[str, Any]:
    """Densities, slopes, moments and distribution functions of one row."""
    row, given = DISTRIBUTIONS[name], all_params(name)
    x, params = points(name), lifted(given[0])
    scalar = isinstance(CASES[name], Scalar)
    nodes = [(quadrature(name)[0], *params)] if scalar else []
    moved, _ = shifted(name)
    places = one_after_the_other([(x, *params), *nodes, *([[flat(m) for m in moved]] if moved else [])])

    def everything(places: Any, x: Any, given: Any) -> dict[str, Any]:
        out: dict[str, Any] = {"all": with_slopes(name, *places), **of_other_forms(name, x, given)}
        params = lifted(given[0])
        for key in ("mean", "variance", "entropy"):
            if getattr(row, key) is not None:
                out[key] = getattr(row, key)(*given[0])
        for key in ("cdf", "log_cdf", "log_sf"):
            if getattr(row, key) is not None:
                out[key] = getattr(row, key)(x, *params)
        if row.icdf is not None:
            out["icdf"] = row.icdf(LEVELS[:, None], *params)
        if row.exponential_family is not None:
            out["family"] = exponential_log_prob(row, x, params)
        return out

    with jax.enable_x64(True):
        out = compiled(everything, places, x, given)
    log_prob, slopes = out.pop("all")
    first, end = len(x), len(x) + len(nodes[0][0]) if nodes else len(x)
    out["log_prob"], out["nodes"], out["shifted"] = np.split(log_prob, [first, end])
    out["slopes"] = (slopes[0][:first], *(s[:first].sum(0, keepdims=True) for s in slopes[1:]))
    if scalar and row.reparameterised:
        out["scores"] = [s[first:end].reshape(*out["nodes"].shape, -1).sum(-1) for s in slopes[1:]]
    return out


def all_params(name: str) -> list[tuple[Any, ...]]:
    """The parameters of a case in each of the forms."""
    case = CASES[name]
    return [case.params, *(form(*case.params) for form in case.forms)]


def one_after_the_other(many: Any) -> tuple[np.ndarray, ...]:
    """Arguments of the density for several lists of points, as those of one list."""
    long = [[np.broadcast_to(a, (len(arguments[0]), *a.shape[1:])) for a in arguments] for arguments in many]
    return tuple(np.concatenate(parts) for parts in zip(*long, strict=True))


def flat(moved: np.ndarray) -> np.ndarray:
    """Moved arguments [way, point, …] as a list of points."""
    return moved.reshape(-1, *moved.shape[2:])


def with_slopes(name: str, *arguments: Any) -> tuple[Any, Any]:
    """The log density of the first form, and the slopes of its sum."""
    log_prob, back = jax.vjp(DISTRIBUTIONS[name].forms[0].log_prob, *arguments)
    return log_prob, back(jnp.ones_like(log_prob))


def of_other_forms(name: str, x: Any, given: Any) -> dict[str, Any]:
    """Log densities of the forms after the first, and the parameters of the first that theirs stand for."""
    others = list(zip(DISTRIBUTIONS[name].forms, given, strict=True))[1:]
    return {
        "forms": [form.log_prob(x, *lifted(params)) for form, params in others],
        "canonical": [form.canonical(*params) for form, params in others],
    }


def exponential_log_prob(row: Any, x: Any, params: Any) -> Any:
    """The density put together from natural parameters and statistics."""
    family = row.exponential_family
    batch = x.ndim - len(row.event)
    pairs = zip(family.natural(*params), family.statistics(x), strict=True)
    inner = sum(jnp.sum(eta * t, tuple(range(batch, jnp.ndim(t)))) for eta, t in pairs)
    return inner - family.log_partition(*params) + family.log_base(x)


@functools.cache
def drawn(name: str) -> dict[str, Any]:
    """Draws [draw, grid, event], draws from fresh noise, and how draws move with each parameter."""
    row, case = DISTRIBUTIONS[name], CASES[name]
    grid = len(case.params[0])
    event = points(name).shape[2:]
    shape = (DRAWS, grid, *event)

    def everything(key: Any, params: Any) -> dict[str, Any]:
        draw = functools.partial(row.sample, key, shape)
        out: dict[str, Any] = {}
        if row.reparameterised and isinstance(case, Scalar):
            out["sample"], out["moves"] = slopes(draw, params)
        else:
            out["sample"] = draw(*params)
        if row.noise is not None:
            law_of_noise = jax.random.normal if row.noise == "normal" else jax.random.uniform
            out["noise"] = row.from_noise(law_of_noise(jax.random.key(7), shape, jnp.float64), *params)
        return out

    with jax.enable_x64(True):
        return compiled(everything, jax.random.key(3), lifted(case.params))
