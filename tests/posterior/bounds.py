"""Evidence lower bounds of the guide families on posteriors of real data, beside NumPyro's same families.

``python tests/posterior/bounds.py [part of a name …]`` fits them and records the figures in ``docs/bounds.csv``, from
which the reference prints its table. Both sides take as many steps, after their log densities were found to be equal.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from families import SAME
from numpyro.infer import SVI, Trace_ELBO
from numpyro.infer.util import log_density
from posterior_cases import Case

STEPS = 4000
DRAWS = 4000
FILE = Path(__file__).parents[2] / "docs" / "bounds.csv"
HEADS = ("case", "family", "bound", "error", "numpyro")

FAMILIES = (
    *("mean_field", "full_rank", "low_rank(1)", "structured", "graph_gaussian", "laplace", "pathfinder"),
    *("mixture", "iaf", "bnaf", "coupling", "spline", "dais"),
)


def _schools(y: Any, sigma: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 5))
    tau = numpyro.sample("tau", dist.HalfCauchy(5))
    with numpyro.plate("school", 8):
        theta = numpyro.sample("theta", dist.Normal(mu, tau))
        numpyro.sample("y", dist.Normal(theta, sigma), obs=y)


def _standard_schools(y: Any, sigma: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 5))
    tau = numpyro.sample("tau", dist.HalfCauchy(5))
    with numpyro.plate("school", 8):
        theta = numpyro.sample("theta_trans", dist.Normal(0, 1))
        numpyro.sample("y", dist.Normal(mu + tau * theta, sigma), obs=y)


def _scores(kid_score: Any, mom_iq: Any) -> None:
    beta = numpyro.sample("beta", dist.ImproperUniform(dist.constraints.real_vector, (), (2,)))
    sigma = numpyro.sample("sigma", dist.HalfCauchy(2.5))
    with numpyro.plate("child", len(kid_score)):
        numpyro.sample("kid_score", dist.Normal(beta[0] + beta[1] * mom_iq, sigma), obs=kid_score)


def _autoregression(y: Any) -> None:
    alpha = numpyro.sample("alpha", dist.Normal(0, 10))
    beta = numpyro.sample("beta", dist.Normal(0, 10).expand([5]).to_event(1))
    sigma = numpyro.sample("sigma", dist.HalfCauchy(2.5))
    past = sum(beta[i] * y[4 - i : -1 - i] for i in range(5))
    numpyro.sample("y", dist.Normal(alpha + past, sigma).to_event(1), obs=y[5:])


PEERS: dict[str, Callable[..., None]] = {
    "eight_schools-eight_schools_centered": _schools,
    "eight_schools-eight_schools_noncentered": _standard_schools,
    "kidiq-kidscore_momiq": _scores,
    "arK-arK": _autoregression,
}


def _data(case: Case) -> dict[str, Any]:
    wanted = PEERS[case.name].__code__
    read = case.read("data")
    return {name: np.asarray(read[name]) for name in wanted.co_varnames[: wanted.co_argcount]}


def apart(case: Case) -> float:
    """Greatest difference of the log densities of both sides, relative to their size, at draws of a fit."""
    model = case.model("guide = laplace")
    draws = model.fit(seed=0, progress="none").take(5).values
    data, names = _data(case), [site.name for site in model.program.checked.model.sites]
    gaps: list[float] = []
    with jax.enable_x64(True):
        for i in range(5):
            point = {name: np.asarray(draws[name][i], float) for name in names}
            theirs = float(log_density(PEERS[case.name], (), data, point)[0])
            gaps.append(abs(float(model.log_density(point)) - theirs) / max(1.0, abs(theirs)))
    return max(gaps)


def ours(case: Case, family: str) -> tuple[float, float]:
    """The bound of a family and its standard error, in nats."""
    fit = case.model(f"guide = {family} fit {{ steps = {STEPS} }}").fit(seed=0, progress="none")
    sample = fit.take(DRAWS)
    weights = sample.log_p - sample.log_q
    return float(np.mean(weights)), float(np.std(weights) / np.sqrt(len(weights)))


def peers(case: Case, family: str) -> float:
    """The bound of NumPyro's guide of the same family after as many steps of Adam; not a number where it has none."""
    if family not in SAME or family == "laplace":
        return float("nan")
    model, data = PEERS[case.name], _data(case)
    guide = SAME[family](model)
    svi = SVI(model, guide, numpyro.optim.Adam(0.01), Trace_ELBO())
    try:
        result = svi.run(jax.random.key(0), STEPS, progress_bar=False, **data)
    except (RuntimeError, ValueError):
        return float("-inf")
    return -float(Trace_ELBO(num_particles=DRAWS).loss(jax.random.key(1), result.params, model, guide, **data))


def record(name: str) -> None:
    """Fits all families to one case and puts the figures in the place of those that stand there."""
    case = Case(name)
    if (gap := apart(case)) > 1e-9:
        raise AssertionError(f"{name}: the two sides have other log densities: {gap}")
    rows: list[list[str]] = []
    for family in FAMILIES:
        bound, error = ours(case, family)
        rows.append([name, family, f"{bound:.3f}", f"{error:.3f}", f"{peers(case, family):.3f}"])
        print(" ".join(rows[-1]), flush=True)
    kept: list[list[str]] = []
    if FILE.exists():
        with FILE.open(encoding="utf-8") as file:
            kept = [row for row in list(csv.reader(file, delimiter=";"))[1:] if row[0] != name]
    order = list(PEERS)
    with FILE.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter=";", lineterminator="\n")
        table.writerow(HEADS)
        table.writerows(sorted([*kept, *rows], key=lambda row: order.index(row[0])))


if __name__ == "__main__":
    for name in PEERS:
        if not sys.argv[1:] or any(part in name for part in sys.argv[1:]):
            record(name)
