"""Evidence lower bounds of the guide families on posteriors of real data, beside NumPyro's same families.

``python tests/posterior/bounds.py [family or part of the name of a case …]`` fits them and records the figures in
``docs/bounds.csv``, from which the reference prints its tables. Both sides take as many steps, after their log
densities were found to be equal.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import figures
import jax
import numpy as np
import numpyro
from families import SAME
from numpyro import handlers
from numpyro.distributions import constraints
from numpyro.infer import SVI, Trace_ELBO, autoguide
from numpyro.infer.util import initialize_model, log_density
from numpyro.primitives import Messenger
from peers import PEERS
from posterior_cases import Case

import svilang
from svilang.lower.surrogate import spread_rows

STEPS = 4000
DRAWS = 4000
_ROWS = 50
"""Rows of a surrogate where nothing else is said."""
FILE = Path(__file__).parents[2] / "docs" / "bounds.csv"
HEADS = ("case", "family", "bound", "error", "numpyro")

FAMILIES = (
    *("mean_field", "student", "full_rank", "low_rank(1)", "structured", "graph_gaussian", "laplace", "pathfinder"),
    *("mixture", "iaf", "bnaf", "coupling", "spline", "dais", "semi_dais", "surrogate_dais"),
)


def applies(case: Case, family: str) -> bool:
    """Whether the family can be the guide of the model: rows that stand for all need a plate of observations, and
    members that move by themselves one of latent variables.
    """
    try:
        svilang.compile(f"{case.text}\n{_guide(case, family)}", name=f"{case.name}.svi")
    except svilang.SvilangError:
        return False
    return True


def _guide(case: Case, family: str) -> str:
    """The guide by a family: of all latent variables, or with a mean field for those that no plate has."""
    if family != "semi_dais":
        return f"guide = {family}"
    sites = svilang.compile(case.text, name=f"{case.name}.svi").checked.model.sites
    members = ", ".join(site.name for site in sites if site.plates and not site.kind.discrete)
    return f"guide {{ {members} ~ {family}  rest ~ mean_field }}"


def data_of(case: Case) -> dict[str, Any]:
    """What NumPyro's model takes."""
    wanted = PEERS[case.name].__code__
    read = case.read("data")
    return {name: np.asarray(read[name]) for name in wanted.co_varnames[: wanted.co_argcount]}


def apart(case: Case) -> float:
    """Greatest difference of the log densities of both sides, relative to their size, at draws of a fit."""
    model = case.model("guide = laplace")
    draws = model.fit(seed=0, progress="none").take(5).values
    sites = [site.name for site in model.program.checked.model.sites if not site.kind.discrete]
    gaps: list[float] = []
    with jax.enable_x64(True):
        data = data_of(case)
        for i in range(5):
            point = {name: np.asarray(draws[name][i], float) for name in sites}
            theirs = float(log_density(PEERS[case.name], (), data, point)[0])
            gaps.append(abs(float(model.log_density(point)) - theirs) / max(1.0, abs(theirs)))
    return max(gaps)


def ours(case: Case, family: str) -> tuple[float, float]:
    """The bound of a family and its standard error, in nats; minus infinity where the fit ends in an error."""
    model = case.model(f"{_guide(case, family)} fit {{ steps = {STEPS} }}")
    try:
        fit = model.fit(seed=0, progress="none")
    except svilang.SvilangError:
        return float("-inf"), 0.0
    sample = fit.take(DRAWS)
    weights = sample.log_p - sample.log_q
    return float(np.mean(weights)), float(np.std(weights) / np.sqrt(len(weights)))


class _Weighted(Messenger):
    """The observations of a plate with the weights of a surrogate."""

    def __init__(self, fn: Any, plate: str, weights: Any) -> None:
        super().__init__(fn)
        self.plate, self.weights = plate, weights

    def process_message(self, msg: dict[str, Any]) -> None:
        if msg["type"] == "sample" and msg["is_observed"] and _plates(msg) == [(self.plate, len(self.weights))]:
            msg["scale"] = self.weights


def _plates(site: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(frame.name, frame.size) for frame in site["cond_indep_stack"]]


def _by_surrogate(model: Any, data: Mapping[str, Any]) -> Any:
    """NumPyro's guide by a surrogate of the rows that ours takes, with weights that are learned from equal ones."""
    trace = initialize_model(jax.random.key(0), model, model_kwargs=data).model_trace
    observed = (site for site in trace.values() if site["type"] == "sample" and site["is_observed"])
    ((plate, size),) = {one for site in observed for one in _plates(site)}
    rows = spread_rows(size, min(size, _ROWS))

    def surrogate() -> None:
        start = np.full(len(rows), size / len(rows))
        weights = numpyro.param("weights", start, constraint=constraints.positive)
        with _Weighted(None, plate, jax.numpy.zeros(size).at[rows].set(weights)):
            model(**data)

    return autoguide.AutoSurrogateLikelihoodDAIS(model, surrogate)


def _by_members(model: Any, data: Mapping[str, Any]) -> Any:
    """NumPyro's guide that moves the members of the plate of latent variables, with a mean field for the others."""
    trace = initialize_model(jax.random.key(0), model, model_kwargs=data).model_trace
    latents = {name: site for name, site in trace.items() if site["type"] == "sample" and not site["is_observed"]}
    ((plate, _),) = {one for site in latents.values() for one in _plates(site)}
    shared = [name for name, site in latents.items() if not _plates(site)]
    placed = handlers.substitute(model, {name: site["value"] for name, site in latents.items()})

    def others(**data: Any) -> dict[str, Any]:
        drawn = handlers.trace(handlers.block(placed, expose=shared)).get_trace(**data)
        return {name: drawn[name]["value"] for name in shared}

    def members(values: Mapping[str, Any]) -> None:
        handlers.block(handlers.substitute(placed, values), hide=shared)(**data)

    return autoguide.AutoSemiDAIS(model, members, autoguide.AutoNormal(others), subsample_plate=plate)


_BY_PARTS = {"semi_dais": _by_members, "surrogate_dais": _by_surrogate}


def peers(case: Case, family: str) -> float:
    """The bound of NumPyro's guide of the same family after as many steps of Adam; not a number where it has none."""
    if family not in {*SAME, *_BY_PARTS} - {"laplace"}:
        return float("nan")
    model, data = PEERS[case.name], data_of(case)
    guide = _BY_PARTS[family](model, data) if family in _BY_PARTS else SAME[family](model)
    svi = SVI(model, guide, numpyro.optim.Adam(0.01), Trace_ELBO())
    try:
        result = svi.run(jax.random.key(0), STEPS, progress_bar=False, **data)
        return -float(Trace_ELBO(num_particles=DRAWS).loss(jax.random.key(1), result.params, model, guide, **data))
    except (RuntimeError, ValueError):
        return float("-inf")


def recorded() -> dict[tuple[str, str], tuple[float, float, float]]:
    """Our bound, its error, and NumPyro's, by case and family."""
    rows = figures.read(FILE)
    return {(row["case"], row["family"]): tuple(float(row[key]) for key in HEADS[2:]) for row in rows}


def record(name: str, families: Sequence[str]) -> None:
    """Fits families to one case and puts the figures in the place of those that stand there."""
    case = Case(name)
    if (gap := apart(case)) > 1e-9:
        raise AssertionError(f"{name}: the two sides have other log densities: {gap}")
    for family in families:
        if not applies(case, family):
            continue
        found = *ours(case, family), peers(case, family)
        print(name, family, *(f"{one:.3f}" for one in found), flush=True)
        _write({**recorded(), (name, family): found})


def _write(found: Mapping[tuple[str, str], tuple[float, ...]]) -> None:
    cases, families = list(PEERS), list(FAMILIES)
    in_order = sorted(found, key=lambda key: (cases.index(key[0]), families.index(key[1])))
    figures.write(FILE, HEADS, ((key, found[key]) for key in in_order))


if __name__ == "__main__":
    wanted = [word for word in sys.argv[1:] if word in FAMILIES]
    parts = [word for word in sys.argv[1:] if word not in FAMILIES]
    for name in PEERS:
        if not parts or any(part in name for part in parts):
            record(name, wanted or FAMILIES)
