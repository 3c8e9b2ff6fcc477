"""One evaluation of a program: the values of its latents, parameters and nodes, each made once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..diagnostics import InternalError
from ..ir import nodes as ir
from ..lazy import jnp, lax, np
from .axes import Value
from .laws import AnyLaw, site_law
from .layout import Layout, Numbers, entries
from .values import Plan, Values

Source = Callable[[str], Value]

WEIGHT = "weight"
"""The entry of ``prepared`` that says how much the terms of latents count."""


class Run:
    """Values at one point.

    Args:
        plan: of the program.
        params: layout of its parameters.
        prepared: what was made from data alone, or at least ``data`` itself while that is made; and how much the terms
            of the latents count, where that is not once.
        theta: the flat unconstrained parameters.
        dtype: the working precision.
        latents: where to get the value of a latent.
    """

    def __init__(
        self,
        plan: Plan,
        params: Layout,
        prepared: Mapping[str, Any],
        theta: Value,
        dtype: Any,
        latents: Source,
    ) -> None:
        self.plan = plan
        self.params = params
        self.prepared = prepared
        self.theta = theta
        self.latents = latents
        self.data: Mapping[str, Value] = prepared["data"]
        self.weight: Value | None = prepared.get(WEIGHT)
        self.values = Values(plan, self._leaf, dtype, prepared["nodes"], prepared["designs"], self._numbers)
        self._laws: dict[str, AnyLaw] = {}
        self._parameters: dict[str, Value] = {}

    def weighed(self, term: Value) -> Value:
        """A term of a latent, as much as it counts."""
        return term if self.weight is None else self.weight * term

    def law(self, site: ir.Site) -> AnyLaw:
        """The law of a site with its arguments, made once."""
        if site.name not in self._laws:
            self._laws[site.name] = site_law(site, self.values)
        return self._laws[site.name]

    def parameter(self, name: str) -> Value:
        """The constrained value of a parameter."""
        if name not in self._parameters:
            self._parameters[name] = self.params.pieces[name].constrain(self.theta, self)[0]
        return self._parameters[name]

    def hold(self, name: str, value: Value) -> None:
        """Take ``value`` for a latent of the model."""
        assert isinstance(self.latents, Latents)
        self.latents.found[name] = value

    def set_parameter(self, name: str, value: Value) -> None:
        """Take ``value`` for a parameter instead of what ``theta`` says."""
        self._parameters[name] = value

    def _numbers(self, names: Sequence[str]) -> Value | None:
        return self.latents.numbers(names) if isinstance(self.latents, Latents) else None

    def _leaf(self, op: ir.Input | ir.Latent | ir.Parameter | ir.Before | ir.Varying) -> Value:
        match op:
            case ir.Input(name):
                return self.data[name]
            case ir.Latent(name):
                return self.latents(name)
            case ir.Parameter(name):
                return self.parameter(name)
            case ir.Before(name) | ir.Varying(name):
                raise InternalError(f"the step before of `{name}` is asked for outside of its recursion")


class Latents:
    """Constrained values of a model's latents: those given, and those that come from a flat vector.

    Args:
        layout: of the flat vector.
        flat: the unconstrained values, or ``None`` where all are given.
        given: values by name.

    ``log_det`` collects the log Jacobian of each latent that came from the vector, and ``log_prob`` the log density
    together with it of those whose standardised values have a known law; ``log_dets`` collects those of single numbers
    that are mapped together. ``run`` is set to the evaluation in which bounds and the laws of noncentred sites are
    found.
    """

    run: Run

    def __init__(self, layout: Layout, flat: Value | None, given: Mapping[str, Value]) -> None:
        self.layout = layout
        self.flat = flat
        self.found: dict[str, Value] = dict(given)
        self.log_det: dict[str, Value] = {}
        self.log_prob: dict[str, Value] = {}
        self.log_dets: dict[Numbers, Value] = {}
        self._mapped: dict[Numbers, Value] = {}
        self._apart: dict[Numbers, Sequence[Value]] = {}

    def __call__(self, name: str) -> Value:
        if name not in self.found:
            group = self.layout.numbers.get(name)
            if group is not None and self._together(group):
                self.found[name] = self._single(group, group.places[name])
                return self.found[name]
            piece = self.layout.pieces[name]
            self.found[name], self.log_det[name], log_prob = piece.constrain(self.flat, self.run)
            if log_prob is not None:
                self.log_prob[name] = log_prob
        return self.found[name]

    def numbers(self, names: Sequence[str]) -> Value | None:
        """The values of single numbers as one vector, where they are mapped together."""
        group = self.layout.numbers.get(names[0])
        if group is None or not all(name in group.places for name in names) or not self._together(group):
            return None
        return entries(self._mapped[group], np.array([group.places[name] for name in names]))

    def vector(self, group: Numbers) -> Value:
        """The values of a group that comes from the flat vector."""
        found = self.numbers(tuple(group.places))
        assert found is not None
        return found

    def _together(self, group: Numbers) -> bool:
        """Whether a group comes from the vector, as a whole."""
        if group not in self._mapped and self.flat is not None and self.found.keys().isdisjoint(group.places):
            self._mapped[group], self.log_dets[group] = group.constrain(self.flat, self.run)
        return group in self._mapped

    def _single(self, group: Numbers, place: int) -> Value:
        if group not in self._apart:
            # The gradient puts all of them together once.
            self._apart[group] = lax.split(self._mapped[group], [1] * len(group.places))
        return jnp.reshape(self._apart[group][place], ())


def numbers(what: str, value: Any) -> Value:
    """A value as an array.

    Raises:
        ValueError: it holds something else than numbers.
    """
    try:
        return jnp.asarray(value)
    except (TypeError, ValueError):
        raise ValueError(f"{what} must be a number or an array of numbers") from None


def vector(what: str, value: Any, size: int) -> Value:
    """A value as a vector of floating-point numbers.

    Raises:
        ValueError: it is none of that size.
    """
    found = numbers(what, value)
    if found.shape != (size,):
        raise ValueError(f"{what} has {size} numbers, and that given has shape {found.shape}")
    return found if jnp.issubdtype(found.dtype, jnp.inexact) else found.astype(float)


def as_arrays(latents: Mapping[str, Value], dtype: Any) -> dict[str, Value]:
    """Given values in the working precision; integers stay integers."""
    return {
        name: value.astype(dtype) if jnp.issubdtype(value.dtype, jnp.inexact) else value
        for name, value in latents.items()
    }


def remade(run: Run, nodes: Sequence[ir.Id]) -> Callable[[Mapping[str, Value]], list[Value]]:
    """The values of some nodes as a function of those of some latents; all others stay as they are in ``run``."""

    def make(changed: Mapping[str, Value]) -> list[Value]:
        def latent(name: str) -> Value:
            return changed[name] if name in changed else run.latents(name)

        again = Run(run.plan, run.params, run.prepared, run.theta, run.values.dtype, latent)
        return [jnp.asarray(again.values[node]) for node in nodes]

    return make
