"""Prints the variance of gradients beside NumPyro's on the same models, guides and numbers of draws.

``python tests/bench/variance.py``
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
import optax
from numpyro.infer import ELBO, SVI, Trace_ELBO, TraceGraph_ELBO, TraceMeanField_ELBO

sys.path.insert(0, str(Path(__file__).parent.parent / "contracts"))
from estimating import estimates

DRAWS = 4000
PARTICLES = 2
Y = np.array([0.3, 1.2, -0.4, 2.0, 0.9])


@dataclass(frozen=True)
class Case:
    """One model and guide, written twice."""

    name: str
    text: str
    data: Mapping[str, Any]
    model: Callable[..., None]
    guide: Callable[..., None]
    peers: Callable[[int], tuple[ELBO, ...]]
    particles: int = PARTICLES
    rows: int | None = None
    """Of the plate `o` in each step, the same ones for all particles; `None` for all."""


@dataclass(frozen=True)
class Spread:
    """The variance of the gradient, summed over the parameters: ours and those of the peer's estimators."""

    ours: float
    peers: Mapping[str, float]
    gap: float
    """Between the mean gradients, in standard errors: the largest over all parameters and unbiased peers."""


def _param(name: str, value: Any, kind: Any = dist.constraints.real) -> Any:
    return numpyro.param(name, value, constraint=kind)


POSITIVE, UNIT = dist.constraints.positive, dist.constraints.unit_interval


def _normal(y: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 2))
    with numpyro.plate("o", len(y)):
        numpyro.sample("y", dist.Normal(mu, 1), obs=y)


def _normal_guide(y: Any) -> None:
    numpyro.sample("mu", dist.Normal(_param("a", 0.2), _param("b", 0.5, POSITIVE)))


def _gamma(y: Any) -> None:
    rate = numpyro.sample("rate", dist.Gamma(2, 3))
    with numpyro.plate("o", len(y)):
        numpyro.sample("y", dist.Poisson(rate), obs=y)


def _gamma_guide(y: Any) -> None:
    numpyro.sample("rate", dist.Gamma(_param("a", 4.0, POSITIVE), _param("b", 3.0, POSITIVE)))


def _scale(y: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 2))
    s = numpyro.sample("s", dist.Normal(0, 1))
    with numpyro.plate("o", len(y)):
        numpyro.sample("y", dist.Normal(mu, jax.numpy.exp(s)), obs=y)


def _scale_guide(y: Any) -> None:
    numpyro.sample("mu", dist.Normal(_param("a", 0.2), _param("b", 0.5, POSITIVE)))
    numpyro.sample("s", dist.Normal(_param("c", 0.1), _param("d", 0.3, POSITIVE)))


def _switch(y: Any) -> None:
    z = numpyro.sample("z", dist.Bernoulli(0.3))
    with numpyro.plate("o", len(y)):
        numpyro.sample("y", dist.Normal(2.0 * z, 1), obs=y)


def _switch_guide(y: Any) -> None:
    numpyro.sample("z", dist.Bernoulli(_param("q", 0.4, UNIT)))


def _local(y: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 2))
    with numpyro.plate("o", len(y)):
        z = numpyro.sample("z", dist.Bernoulli(0.3))
        numpyro.sample("y", dist.Normal(mu + 2.0 * z, 1), obs=y)


def _local_guide(y: Any) -> None:
    numpyro.sample("mu", dist.Normal(_param("a", 0.2), _param("b", 0.5, POSITIVE)))
    with numpyro.plate("o", len(y)):
        numpyro.sample("z", dist.Bernoulli(_param("q", np.full(len(Y), 0.4), UNIT)))


def _count(y: Any) -> None:
    n = numpyro.sample("n", dist.Poisson(3))
    with numpyro.plate("o", len(y)):
        numpyro.sample("y", dist.Normal(n, 1), obs=y)


def _count_guide(y: Any) -> None:
    numpyro.sample("n", dist.Poisson(_param("r", 2.0, POSITIVE)))


def _tails(y: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 2))
    with numpyro.plate("o", len(y)):
        numpyro.sample("y", dist.StudentT(4, mu, 1), obs=y)


def _masked(y: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 2))
    with numpyro.plate("o", len(y)), numpyro.handlers.mask(mask=USE == 1):
        numpyro.sample("y", dist.StudentT(4, mu, 1), obs=y)


def _weighted(y: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 2))
    with numpyro.plate("o", len(y)), numpyro.handlers.scale(scale=WEIGHTS):
        numpyro.sample("y", dist.StudentT(4, mu, 1), obs=y)


def _masked_switches(y: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 2))
    with numpyro.plate("o", len(y)):
        z = numpyro.sample("z", dist.Bernoulli(0.3))
        with numpyro.handlers.mask(mask=USE == 1), numpyro.handlers.scale(scale=WEIGHTS):
            numpyro.sample("y", dist.Normal(mu + 2.0 * z, 1), obs=y)


def _batched(y: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 2))
    with numpyro.plate("o", len(y), subsample_size=2) as rows:
        x = numpyro.sample("x", dist.Normal(mu, 1))
        numpyro.sample("y", dist.StudentT(4, x, 1), obs=jax.numpy.asarray(y)[rows])


def _batched_guide(y: Any) -> None:
    _normal_guide(y)
    with numpyro.plate("o", len(y), subsample_size=2) as rows:
        loc = _param("c", np.full(len(Y), 0.1))[rows]
        numpyro.sample("x", dist.Normal(loc, _param("d", np.full(len(Y), 0.3), POSITIVE)[rows]))


def _batched_rows(y: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 2))
    with numpyro.plate("o", len(y), subsample_size=2) as rows:
        numpyro.sample("y", dist.Normal(mu, 1), obs=jax.numpy.asarray(y)[rows])


def _mixture_guide(y: Any) -> None:
    parts = dist.Normal(_param("m", np.array([-1.0, 1.5])), _param("s", 0.7, POSITIVE))
    weights = dist.Categorical(_param("w", np.array([0.4, 0.6]), dist.constraints.simplex))
    numpyro.sample("mu", dist.MixtureSameFamily(weights, parts))


def _spread(y: Any) -> None:
    s = numpyro.sample("s", dist.LogNormal(0, 1))
    with numpyro.plate("o", len(y)):
        numpyro.sample("y", dist.Normal(0, s), obs=y)


def _formula_guide(y: Any) -> None:
    inner = dist.Normal(_param("c", 0.1), _param("d", 0.3, POSITIVE))
    numpyro.sample("s", dist.TransformedDistribution(inner, dist.transforms.ExpTransform()))


USE, WEIGHTS = np.array([1, 1, 0, 1, 0]), np.array([1, 2, 0.5, 1, 0.7])
TOLD = {"y": Y, "use": USE, "w": WEIGHTS}
OBSERVED = "data { y: real[o]  use: binary[o]  w: positive[o] }"
REAL = "data { y: real[o] }"
LOCAL = f"""{REAL}
model {{ mu ~ Normal(0, 2)  plate o {{ z ~ Bernoulli(0.3)  observe y ~ Normal(mu + 2 * z, 1) }} }}
guide {{ param a: real = 0.2  param b: positive = 0.5  mu ~ Normal(a, b)
         plate o {{ param q: unit = 0.4  z ~ Bernoulli(q) }} SCORE }}
"""
SEEN = LOCAL.replace(REAL, OBSERVED).replace("+ 2 * z, 1)", "+ 2 * z, 1) where use == 1 weight w")
SWITCH = f"""{REAL}
model {{ z ~ Bernoulli(0.3)  plate o {{ observe y ~ Normal(2 * z, 1) }} }}
guide {{ param q: unit = 0.4  z ~ Bernoulli(q) SCORE }}
"""


def pathwise(particles: int) -> tuple[ELBO, ...]:
    """The peer's estimators where all draws can be differentiated."""
    return Trace_ELBO(particles), TraceMeanField_ELBO(particles), TraceGraph_ELBO(particles)


def graph(particles: int) -> tuple[ELBO, ...]:
    """Those where some cannot."""
    return (TraceGraph_ELBO(particles),)


def cases() -> tuple[Case, ...]:
    """All of them."""
    counts = np.array([1, 4, 0, 2, 1])
    normal = "guide { param a: real = 0.2  param b: positive = 0.5  mu ~ Normal(a, b)"
    return (
        Case(
            "Normal–Normal",
            f"{REAL} model {{ mu ~ Normal(0, 2)  plate o {{ observe y ~ Normal(mu, 1) }} }} {normal} }}",
            {"y": Y}, _normal, _normal_guide, pathwise,
        ),
        Case(
            "Gamma–Poisson",
            "data { y: count[o] } model { rate ~ Gamma(2, 3)  plate o { observe y ~ Poisson(rate) } } "
            "guide { param a: positive = 4  param b: positive = 3  rate ~ Gamma(a, b) }",
            {"y": counts}, _gamma, _gamma_guide, pathwise,
        ),
        Case(
            "one site analytic, one drawn",
            f"{REAL} model {{ mu ~ Normal(0, 2)  s ~ Normal(0, 1)  plate o {{ observe y ~ Normal(mu, exp(s)) }} }} "
            f"{normal}  param c: real = 0.1  param d: positive = 0.3  s ~ Normal(c, d) }}",
            {"y": Y}, _scale, _scale_guide, pathwise,
        ),
        Case("one discrete variable", SWITCH.replace("SCORE", ""), {"y": Y}, _switch, _switch_guide, graph),
        Case("the same, scored", SWITCH.replace("SCORE", "score z"), {"y": Y}, _switch, _switch_guide, graph),
        Case("discrete variables in a plate", LOCAL.replace("SCORE", ""), {"y": Y}, _local, _local_guide, graph),
        Case("the same, scored", LOCAL.replace("SCORE", "score z"), {"y": Y}, _local, _local_guide, graph),
        Case(
            "a count without an end",
            f"{REAL} model {{ n ~ Poisson(3)  plate o {{ observe y ~ Normal(n, 1) }} }} "
            "guide { param r: positive = 2  n ~ Poisson(r)  score n }",
            {"y": Y}, _count, _count_guide, graph,
        ),
        Case(
            "no closed form",
            f"{REAL} model {{ mu ~ Normal(0, 2)  plate o {{ observe y ~ StudentT(4, mu, 1) }} }} {normal} }}",
            {"y": Y}, _tails, _normal_guide, pathwise,
        ),
        Case(
            "masked",
            f"{OBSERVED} model {{ mu ~ Normal(0, 2)  plate o {{ observe y ~ StudentT(4, mu, 1) where use == 1 }} }} "
            f"{normal} }}",
            TOLD, _masked, _normal_guide, pathwise,
        ),
        Case(
            "weighted",
            f"{OBSERVED} model {{ mu ~ Normal(0, 2)  plate o {{ observe y ~ StudentT(4, mu, 1) weight w }} }} "
            f"{normal} }}",
            TOLD, _weighted, _normal_guide, pathwise,
        ),
        Case(
            "discrete variables, masked and weighted",
            SEEN.replace("SCORE", ""),
            TOLD, _masked_switches, _local_guide, graph,
        ),
        Case("the same, scored", SEEN.replace("SCORE", "score z"), TOLD, _masked_switches, _local_guide, graph),
        Case(
            "minibatches of rows",
            f"{REAL} model {{ mu ~ Normal(0, 2)  plate o {{ observe y ~ Normal(mu, 1) }} }} {normal} }}",
            {"y": Y}, _batched_rows, _normal_guide, pathwise, particles=1, rows=2,
        ),
        Case(
            "minibatches of variables",
            f"{REAL} model {{ mu ~ Normal(0, 2)  plate o {{ x ~ Normal(mu, 1)  observe y ~ StudentT(4, x, 1) }} }} "
            f"{normal}  plate o {{ param c: real = 0.1  param d: positive = 0.3  x ~ Normal(c, d) }} }}",
            {"y": Y}, _batched, _batched_guide, pathwise, particles=1, rows=2,
        ),
        Case(
            "a mixture as guide",
            f"{REAL}  data {{ dim k = 2 }} model {{ mu ~ Normal(0, 2)  plate o {{ observe y ~ Normal(mu, 1) }} }} "
            "guide { param m: real[k] = [-1, 1.5]  param s: positive = 0.7  param w: simplex[k] = [0.4, 0.6] "
            "mu ~ Mixture(w, Normal(m, s)) }",
            {"y": Y}, _normal, _mixture_guide, graph,
        ),
        Case(
            "a formula",
            f"{REAL} model {{ s ~ LogNormal(0, 1)  plate o {{ observe y ~ Normal(0, s) }} }} "
            "guide { param c: real = 0.1  param d: positive = 0.3  aux u ~ Normal(c, d)  s = exp(u) }",
            {"y": Y}, _spread, _formula_guide, pathwise,
        ),
    )


def spread(case: Case) -> Spread:
    """The variance of each side's gradient at the initial parameters, by unconstrained parameters."""
    ours = estimates(case.text, data=case.data, steps=DRAWS, particles=case.particles, **_batches(case))
    found: dict[str, float] = {}
    gaps: list[float] = []
    for peer in case.peers(case.particles):
        gradients = _peer(case, peer)
        found[type(peer).__name__] = float(gradients.var(0, ddof=1).sum())
        error = np.hypot(ours.error, gradients.std(0, ddof=1) / np.sqrt(DRAWS)) + 1e-9
        gaps.append(float(np.max(np.abs(ours.mean - gradients.mean(0)) / error)))
    return Spread(float(ours.gradients.var(0, ddof=1).sum()), found, max(gaps))


def _batches(case: Case) -> dict[str, Any]:
    """Rows of each step, none of them twice."""
    if case.rows is None:
        return {}
    order = np.argsort(np.random.default_rng(0).random((DRAWS, len(Y))), axis=1)
    return {"batches": {"o": case.rows}, "rows": {"o": order[:, : case.rows]}}


def _peer(case: Case, loss: ELBO) -> np.ndarray:
    data = case.data["y"]
    svi = SVI(case.model, case.guide, optax.sgd(1.0), loss)
    state = svi.init(jax.random.key(0), data)
    start = svi.optim.get_params(state.optim_state)

    def bound(params: Any, key: Any) -> Any:
        return -loss.loss(key, svi.constrain_fn(params), case.model, case.guide, data)

    keys = jax.random.split(jax.random.key(1), DRAWS)
    gradients = jax.jit(jax.vmap(jax.grad(bound), (None, 0)))(start, keys)
    return np.concatenate([np.reshape(gradients[name], (DRAWS, -1)) for name in sorted(gradients)], axis=1)


def main() -> None:
    """The table."""
    print(f"Variance of the gradient, {PARTICLES} particles (1 in minibatches), summed over the parameters\n")
    print("| model | svilang | NumPyro |\n| --- | ---: | --- |")
    for case in cases():
        found = spread(case)
        peers = ", ".join(f"{name} {value:.4g}" for name, value in found.peers.items())
        print(f"| {case.name} | {found.ours:.4g} | {peers} |")


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    main()
