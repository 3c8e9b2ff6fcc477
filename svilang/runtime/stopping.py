"""When to stop: tests on losses, not on their looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..lazy import np
from . import errors
from .limit import MOST, Limit
from .settings import CallSpec

STOPS: dict[str, dict[str, float]] = {"plateau": {"tolerance": 0.01, "patience": 2}, "none": {}}
"""Stopping rules and their settings: nats below which a gain does not count, looks in a row that must agree."""

LIMITS = {"tolerance": Limit(0), "patience": Limit(1, MOST, whole=True)}
"""Which numbers these may be."""

_WILD = 10
"""How many times as much as before losses may scatter and still be compared by their standard error."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A stopping rule.

    Args:
        tolerance: a gain below this many nats does not count.
        patience: looks in a row that must find no gain.
        active: whether the rule may end a run, or only judges it.
    """

    tolerance: float
    patience: int
    active: bool


def rule(spec: CallSpec | None, active: bool = True) -> Rule:
    """The rule that a fit block names; ``None`` for the default, which ends a run only if ``active``."""
    settings = {**STOPS["plateau"], **(arguments(spec, STOPS[spec.name]) if spec else {})}
    on = active if spec is None else spec.name != "none"
    return Rule(settings["tolerance"], int(settings["patience"]), on)


def arguments(spec: CallSpec, defaults: dict[str, float]) -> dict[str, float]:
    """Arguments of a call by name, over their defaults."""
    positional = dict(zip(defaults, (value for name, value in spec.args if name is None), strict=False))
    named = {name: value for name, value in spec.args if name is not None}
    return {**defaults, **positional, **named}  # type: ignore[dict-item]


def problems(spec: CallSpec, table: dict[str, dict[str, float]], what: str) -> list[tuple[str, str | None]]:
    """What is wrong with a call of a stopping rule, objective or family, against a table of settings."""
    defaults = table.get(spec.name)
    if defaults is None:
        return [errors.unknown(what, spec.name, list(table))]
    known = f"its arguments are {', '.join(f'`{name}`' for name in defaults)}" if defaults else "it takes none"
    found: list[tuple[str, str | None]] = [
        (f"`{spec.name}` takes no argument `{name}`", known)
        for name, _ in spec.args
        if name is not None and name not in defaults
    ]
    excess = sum(name is None for name, _ in spec.args) > len(defaults)
    found += [(f"`{spec.name}` is given too many arguments", known)] * excess
    found += [
        (f"`{name or 'an argument'}` of `{spec.name}` must be a number", None)
        for name, value in spec.args
        if isinstance(value, (str, bool, CallSpec))
    ]
    return found or list(beyond(spec, arguments(spec, defaults), LIMITS))


def beyond(call: CallSpec, given: Mapping[str, float], limits: Mapping[str, Limit]) -> Iterator[tuple[str, None]]:
    """The arguments of a call that are none of the numbers that they may be."""
    for name, value in given.items():
        if name in limits and not limits[name].allows(value):
            yield f"in `{call.name}` the number `{name}` must be {limits[name].wanted(value)}", None


def gain(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much the loss fell between two sets of parameters seen under the same noise, and its standard error.

    Both are those of each start, from losses ``[starts, steps]``.
    """
    difference = before - after
    return np.mean(difference, axis=1), np.std(difference, axis=1, ddof=1) / np.sqrt(difference.shape[1])


def wild(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Whether the losses of each start rose, and scatter so much more than before that their errors say nothing.

    A few draws far beyond the posterior do that: one outlier is as large as the standard error that it makes.
    """
    scatter = np.std(after, axis=1) > _WILD * np.std(before, axis=1) + 1
    return scatter & (np.mean(after, axis=1) > np.mean(before, axis=1))


def still_falling(losses: np.ndarray, tolerance: float) -> bool:
    """Whether the mean of the last quarter of the losses is below that of the quarter before it, beyond chance.

    The windows grow with the run, so that slow progress is seen too. The standard error is taken from means of blocks,
    because neighbouring losses share parameters.
    """
    window = len(losses) // 4
    if window < 50:
        return True
    old, new = losses[-2 * window : -window], losses[-window:]
    fall = float(np.mean(old) - np.mean(new))
    error = float(np.hypot(_standard_error(old), _standard_error(new)))
    return fall > max(tolerance, 2 * error)


def _standard_error(losses: np.ndarray, blocks: int = 10) -> float:
    means = [float(np.mean(block)) for block in np.array_split(losses, blocks)]
    return float(np.std(means, ddof=1) / np.sqrt(blocks))
