"""The likelihood of observations: which elements count, and the log density of each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..catalog.distribution import Bound as BoundLaw
from ..catalog.distribution import Distribution
from ..ir import nodes as ir
from ..ir.walk import knows_parts, law_operands, reachable
from ..lazy import jnp, lax
from .axes import Value, fill, total
from .bound import shape_of
from .laws import AnyLaw, bind_law, is_improper, variate
from .presence import Presence
from .run import Run
from .values import Plan

Keep = Mapping[str, Any]
"""``mask``: which members count, aligned to the plates; ``first``: the position of one that counts, or zeros;
``present``, for vectors that may be there in part: which of their entries are."""


def keep(observation: ir.Observation, run: Run) -> Keep | None:
    """Which members of the plates count, or ``None`` if all do."""
    mask: Value = True
    present: Value | None = None
    if observation.mask is not None:
        given = jnp.asarray(run.values.aligned(observation.mask, observation.plates))
        mask = given if given.dtype == bool else given != 0
    if observation.optional:
        presence = Presence(run, observation.optional)
        present = _entries(observation, presence)
        for node in (*law_operands(observation.law), *(() if present is not None else (observation.value,))):
            mask = presence.over(node, observation.plates) & mask
        if present is not None:
            mask = jnp.any(present, axis=tuple(range(len(observation.plates), present.ndim))) & mask
    if mask is True:
        return None
    if not jnp.ndim(mask):
        mask = jnp.reshape(mask, (1,) * len(observation.plates))
    first = jnp.unravel_index(jnp.argmax(mask), mask.shape) if observation.plates else ()
    return {"mask": mask, "first": first} | ({} if present is None else {"present": present})


def _entries(observation: ir.Observation, presence: Presence) -> Value | None:
    """Which entries of observed vectors are there, where a law knows the density of some of its entries."""
    if not knows_parts(observation.law):
        return None
    present = presence.entries(observation.value, (*observation.plates, *observation.law.event))
    return None if present is True else present


def keeps_early(observation: ir.Observation, plan: Plan) -> bool:
    """Whether it is known from data alone which members count."""
    needed = set() if observation.mask is None else {observation.mask}
    if observation.optional:
        below = reachable(plan.program, (observation.value, *law_operands(observation.law)))
        gathers = (plan.program.nodes[i] for i in below)
        needed |= {node.args[1] for node in gathers if isinstance(node.op, ir.Gather)}
    return not needed & plan.late


def elements(
    observation: ir.Observation, run: Run, kept: Keep | None, args: Sequence[Value] | None = None
) -> Value:
    """Log density of each member of the plates, weighted; axes along which all are equal may be of size 1 or missing.

    ``args`` are taken for the arguments of the law, where they are given.

    A member that does not count gives 0. In its place the value and the arguments of one that counts are used, whose
    density is finite, so that neither the sum nor its gradient ever meets 0 · ∞.
    """
    plates = observation.plates

    def adjust(arg: Value) -> Value:
        return arg if kept is None else replaced(arg, len(plates), kept, everywhere=bool(run.plan.shares))

    if args is None:
        law = bind_law(observation.law, run.values, plates, adjust)
    else:
        row = observation.law.row
        assert isinstance(row, Distribution)
        law = BoundLaw(row, row.forms[observation.law.form], tuple(map(adjust, args)))
    terms = _grouped(observation, law, run) if observation.grouped else _direct(observation, law, run, kept)
    if observation.weight is not None:
        terms = terms * run.values.aligned(observation.weight, plates)
    return terms if kept is None else jnp.where(kept["mask"], terms, 0)


def log_likelihood(observation: ir.Observation, run: Run, kept: Keep | None) -> Value:
    """The sum of :func:`elements` over all members of the plates."""
    if is_improper(observation.law):
        return jnp.zeros((), run.values.dtype)
    return total(elements(observation, run, kept), shape_of(observation.plates, run.plan.sizes))


def pointwise(observation: ir.Observation, run: Run, kept: Keep | None) -> Value:
    """Log density of every member of the plates; NaN for one that does not count."""
    shape = shape_of(observation.plates, run.plan.sizes)
    terms = fill(elements(observation, run, kept), shape)
    return terms if kept is None else jnp.where(kept["mask"], terms, jnp.nan)


def observed(observation: ir.Observation, run: Run) -> Value:
    """The value as the law takes it, aligned to the plates and the event."""
    wanted = (*observation.plates, *observation.law.event)
    value = run.values.aligned(observation.value, wanted)
    return variate(value, observation.law, len(wanted), run.values.dtype)


def _direct(observation: ir.Observation, law: AnyLaw, run: Run, kept: Keep | None) -> Value:
    x = counted(observation, run, kept)
    if kept is None or "present" not in kept:
        return law.log_prob(x)
    present = jnp.broadcast_to(kept["present"], jnp.shape(x))
    if not isinstance(law, BoundLaw):
        assert law.combinator.marginal is not None
        return law.combinator.marginal(x, present, law.children, *law.args)
    assert law.row.marginal is not None
    return law.row.marginal(x, present, *law.canonical())


def counted(observation: ir.Observation, run: Run, kept: Keep | None) -> Value:
    """The value, with that of a member that counts in the place of all that do not."""
    x = observed(observation, run)
    return x if kept is None else replaced(x, len(observation.plates), kept)


def _grouped(observation: ir.Observation, law: AnyLaw, run: Run) -> Value:
    assert isinstance(law, BoundLaw)
    assert law.form.grouped is not None
    return law.form.grouped.log_prob(tuple(run.data[name] for name in observation.grouped), *law.args)


def replaced(values: Value, plates: int, kept: Keep, everywhere: bool = False) -> Value:
    """The values with those of a member that counts in the place of all that do not.

    ``everywhere`` cuts the gradient of members that do not count even where all share a value: among a few members
    there may be none that counts.
    """
    shape = jnp.shape(values)
    mask = kept["mask"]
    if math.prod(shape[:plates]) <= 1:
        if not everywhere or not jnp.ndim(values):
            return values
        return jnp.where(lax.expand_dims(mask, range(mask.ndim, len(shape))), values, lax.stop_gradient(values))
    start = [jnp.where(size > 1, at, 0) for size, at in zip(shape, kept["first"], strict=False)]
    start += [0] * (len(shape) - plates)
    filler = lax.dynamic_slice(lax.stop_gradient(values), start, (*(1,) * plates, *shape[plates:]))
    return jnp.where(lax.expand_dims(mask, tuple(range(mask.ndim, len(shape)))), values, filler)
