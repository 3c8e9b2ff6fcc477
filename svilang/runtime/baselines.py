"""Baselines of the score function: what is taken from a cost before it multiplies the gradient of a log density.

``E[(c - b) ∇ log q(x)] = E[c ∇ log q(x)]`` for every ``b`` that does not depend on the draw ``x``: the gradient stays
without bias, and has least noise where ``b`` is near the mean of the cost.

Source: Williams (1992); Mnih & Gregor (2014) for the running average; Kool, van Hoof & Welling (2019) for the mean over
the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ..lazy import jnp
from . import stopping
from .bounds import Problem
from .limit import Limit
from .settings import CallSpec

if TYPE_CHECKING:
    from jax import Array


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """One way to a baseline.

    Args:
        name: as the language spells it.
        summary: one line.
        of: ``(costs, average) -> baseline``, ``[particles, …]`` each; ``average`` is that of the steps before,
            ``[…]``.
        settings: arguments of the call and their defaults.
        limits: which numbers they may be.
        averages: whether it takes the average over the steps before.
    """

    name: str
    summary: str
    of: Callable[[Array, Array], Array]
    settings: Mapping[str, float] = field(default_factory=dict[str, float])
    limits: Mapping[str, Limit] = field(default_factory=dict[str, Limit])
    averages: bool = False


def _others(costs: Array, average: Array) -> Array:
    particles = costs.shape[0]
    return (jnp.sum(costs, axis=0) - costs) / (particles - 1) if particles > 1 else jnp.zeros_like(costs)


BASELINES: dict[str, BaselineRow] = {
    row.name: row
    for row in (
        BaselineRow("others", "the mean of the same cost over the other particles of the step", _others),
        BaselineRow(
            "average",
            "the mean of the same cost over the steps before, each counted `decay` times the next: for few particles",
            lambda costs, average: jnp.broadcast_to(average, costs.shape),
            settings={"decay": 0.9},
            limits={"decay": Limit(0, 1)},
            averages=True,
        ),
        BaselineRow("none", "nothing", lambda costs, average: jnp.zeros_like(costs)),
    )
}


class Averages(NamedTuple):
    """Weighted sums of the costs of the steps so far, and the sum of the weights.

    Args:
        sums: one for each pair of costs and log densities, without the axis of the particles.
        weight: 0 before the first step.
    """

    sums: tuple[Any, ...] = ()
    weight: Any = 0.0

    @property
    def means(self) -> tuple[Array, ...]:
        """The averages; 0 before the first step."""
        whole = jnp.where(self.weight > 0, self.weight, 1)
        return tuple(one / whole for one in self.sums)


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline with its arguments."""

    row: BaselineRow
    settings: Mapping[str, float]

    def next(self, averages: Averages, costs: tuple[Array, ...], pooled: bool) -> Averages:
        """The averages after a step with these costs, ``[particles, …]`` each.

        Where steps see other members each time, all members share one average.
        """
        if not self.row.averages:
            return averages
        decay = self.settings["decay"]

        def later(old: Array, seen: Array) -> Array:
            mean = jnp.full_like(old, jnp.mean(seen)) if pooled else jnp.mean(seen, axis=0)
            return decay * old + (1 - decay) * mean

        sums = tuple(map(later, averages.sums, costs))
        return Averages(sums, decay * averages.weight + (1 - decay))


def problems(call: CallSpec) -> list[Problem]:
    """What is wrong with the name or the arguments of a baseline."""
    table = {name: dict(row.settings) for name, row in BASELINES.items()}
    if found := stopping.problems(call, table, "baseline"):
        return found
    return list(stopping.beyond(call, of(call).settings, BASELINES[call.name].limits))


def of(call: CallSpec | None) -> Baseline:
    """The baseline that a fit block names; the mean over the others where it names none."""
    row = BASELINES["others" if call is None else call.name]
    return Baseline(row, {} if call is None else stopping.arguments(call, dict(row.settings)))
