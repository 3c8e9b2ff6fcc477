"""A logistic regression in minibatches by ``surrogate_dais``, beside NumPyro's guide of the same kind: cost and bounds.

Both sides see 100 of 2,000 rows in a step, follow the same 50 rows in four moves, and begin with equal weights.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import sides
from measure import Times, cpu_seconds, interleaved, table
from numpyro.infer import SVI, Trace_ELBO, autoguide
from workloads import Workload

from svilang.lower.surrogate import spread_rows

ALL, SEEN, ROWS, COLUMNS = 2000, 100, 50, 8
STEPS, TIMED = 4000, 1000
HEADS = ("guide", "bound after 4,000 steps", "µs/step")

SPEC = f"""
data {{ y: binary[obs]   x: real[obs, k] }}
model {{
  tau ~ HalfNormal(1)
  a ~ Normal(0, 2)
  plate k {{ b ~ Normal(0, 3 * tau) }}
  plate obs {{ observe y ~ Bernoulli(logits=a + x @ b) }}
}}
guide = GUIDE
fit {{ minibatch[obs] = {SEEN}   steps = {STEPS} }}"""


def regression(guide: str) -> Workload:
    """Eight rare features: a posterior that is not quite a Gaussian."""
    source = np.random.default_rng(1)
    x = (source.random((ALL, COLUMNS)) < 0.015).astype(float)
    b = 2 * source.standard_normal(COLUMNS)
    y = (source.random(ALL) < 1 / (1 + np.exp(1 - x @ b))).astype(int)
    spec = SPEC.replace("GUIDE", guide)
    return Workload("regression", spec, {"y": y, "x": x}, _model, lambda z, data: z, ("tau", "a", "b"), TIMED)


def _prior() -> tuple[Any, Any]:
    tau = numpyro.sample("tau", dist.HalfNormal(1))
    a = numpyro.sample("a", dist.Normal(0, 2))
    with numpyro.plate("k", COLUMNS):
        return a, numpyro.sample("b", dist.Normal(0, 3 * tau))


def _model(y: Any, x: Any, seen: int | None = SEEN) -> None:
    a, b = _prior()
    with numpyro.plate("obs", ALL, subsample_size=seen) as rows:
        numpyro.sample("y", dist.Bernoulli(logits=a + x[rows] @ b), obs=y[rows])


def _guide(model: Any, **settings: Any) -> Any:
    """NumPyro's, with the surrogate that its documentation proposes."""
    chosen, data = spread_rows(ALL, ROWS), regression("dais").data
    y, x = jnp.asarray(data["y"][chosen]), jnp.asarray(data["x"][chosen])

    def surrogate() -> None:
        a, b = _prior()
        weights = numpyro.param("weights", jnp.full(ROWS, ALL / ROWS), constraint=dist.constraints.positive)
        with numpyro.plate("rows", ROWS), numpyro.handlers.scale(scale=weights):
            numpyro.sample("y", dist.Bernoulli(logits=a + x @ b), obs=y)

    return autoguide.AutoSurrogateLikelihoodDAIS(model, surrogate, K=4, **settings)


def bound(guide: str) -> float:
    """Of our guide, over all rows."""
    fit = sides.compiled(regression(guide)).fit(seed=0, progress="none")
    sample = fit.take(8000)
    return float(np.mean(sample.log_p - sample.log_q))


def peers(base: str) -> float:
    """Of NumPyro's, over all rows, at the better of two rates of Adam."""
    data, found = {name: jnp.asarray(one) for name, one in regression("dais").data.items()}, list[float]()
    for rate in (0.01, 0.001):
        guide = _guide(_model, base_dist=base)
        result = SVI(_model, guide, numpyro.optim.Adam(rate), Trace_ELBO()).run(
            jax.random.key(0), STEPS, progress_bar=False, **data
        )
        loss = Trace_ELBO(num_particles=8000).loss(jax.random.key(1), result.params, _model, guide, seen=None, **data)
        found.append(-float(loss))
    return max(found)


def steps() -> dict[str, Times]:
    """Seconds a step of both sides, compiled and warm."""
    made = {
        "NumPyro": sides.numpyros(regression("dais"), _guide),
        "svilang": sides.ours(regression(f"surrogate_dais({ROWS})")),
    }
    for side in made.values():
        side.take()
    takes = {name: partial(lambda one: cpu_seconds(one.take) / one.steps, one) for name, one in made.items()}
    return interleaved(takes)


def print_rows() -> None:
    """A row for each guide."""
    times = steps()
    rows = [
        ["`surrogate_dais`", f"{bound(f'surrogate_dais({ROWS})'):.2f}", times["svilang"].text(1e6)],
        ["`full_rank`", f"{bound('full_rank'):.2f}", ""],
        ["NumPyro, diagonal base", f"{peers('diagonal'):.2f}", times["NumPyro"].text(1e6)],
        ["NumPyro, Cholesky base", f"{peers('cholesky'):.2f}", ""],
    ]
    print(table(HEADS, rows), flush=True)
