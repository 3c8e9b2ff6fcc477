"""The one compiled program of a fit: a loop of optimiser steps over a chunk of noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..lazy import jax, jnp, lax, np, special
from . import baselines, errors, noise, steered, surrogate
from .adam import Method
from .baselines import Averages, Baseline
from .bounds import Annealing
from .layout import Layout, Pieces, Whitens
from .noise import Plan
from .objectives import ObjectiveRow
from .target import Rows
from .view import View

if TYPE_CHECKING:
    import optax
    from jax import Array


PROGRESS = "progress"
"""Of each step: how much of the run lies behind it, from 0 to 1."""

WEIGHT = "weight"
"""Of each step of an annealed run: how much the terms of the latents count, from 0 to 1."""


class State(NamedTuple):
    """What one step hands to the next.

    Args:
        params: the parameters.
        memory: of the optimiser.
        averages: of the costs of score functions, where a baseline takes them.
        sums: of the parameters over the steps that moved them and of the gradients over those that did not, in one
            vector, since nobody wants both; and of the squares of the gradients.
    """

    params: Any
    memory: Any
    averages: Averages
    sums: tuple[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """Everything static about the program.

    Args:
        layout: the guide.
        objective: the bound to be maximised.
        settings: its arguments.
        optimizer: turns gradients into updates, which are then multiplied by the rates of the call.
        plan: shape of the noise of one chunk.
        dtype: ``"float32"`` or ``"float64"``.
        host: whether noise is drawn by NumPy and comes as an input.
        mapped: whether particles are computed one after the other, in less memory.
        annealing: how the terms of the latents gain weight, where they do.
        baseline: what is taken from the costs of score functions.
        many: whether several starts are optimised at once, under the same noise: parameters, whitenings, rates, losses
            and strengths then have an axis of starts (the first one, but for rates and losses).
    """

    layout: Layout
    objective: ObjectiveRow
    settings: Mapping[str, float]
    optimizer: Method | optax.GradientTransformation
    plan: Plan
    dtype: str
    host: bool
    mapped: bool = False
    annealing: Annealing | None = None
    baseline: Baseline = field(default_factory=partial(baselines.of, None))
    many: bool = False

    @property
    def view(self) -> View:
        """What a step sees."""
        return View(self.layout)

    @property
    def analytic(self) -> bool:
        """Whether entropies stand in for sampled log densities, where families know theirs."""
        return self.objective.analytic

    def loss(self, params: Array, whitens: Whitens, prepared: Any, row: dict[str, Any], strength: Array) -> Array:
        """Minus the bound, from the noise and the rows of one step.

        The entry ``weight`` of the row is that of the terms of the latents, in model and guide alike: all treatments
        take it from there. Where the bound is linear in the log weights, ``strength`` times the families' control
        variates is added: near a Gaussian posterior that leaves no noise in the loss or its gradient.

        Source: Miller, Foti, D'Amour & Adams (2017), Reducing reparameterization gradient variance.
        """
        return self.estimate(params, whitens, prepared, row, strength, Averages())[0]

    def estimate(
        self,
        params: Array,
        whitens: Whitens,
        prepared: Any,
        row: dict[str, Any],
        strength: Array,
        averages: Averages,
    ) -> tuple[Array, tuple[Array, ...]]:
        """The same with the averages of the steps before, and the costs that go into the next ones.

        Where bounds are taken for each member by itself, the estimate is the mean of those from one member.
        """
        if not self.view.apart:
            return self._of_rows(params, whitens, prepared, row, strength, averages)

        def one(rows: Rows, noise: Mapping[str, Array]) -> Array:
            own = {**row, "rows": rows, "noise": noise}
            return self._of_rows(params, whitens, prepared, own, strength, averages)[0]

        return jnp.mean(jax.vmap(one)(*self.view.members(row["rows"], row["noise"]))), ()

    def _of_rows(
        self,
        params: Array,
        whitens: Whitens,
        prepared: Any,
        row: dict[str, Any],
        strength: Array,
        averages: Averages,
    ) -> tuple[Array, tuple[Array, ...]]:
        pieces, whitens, prepared = self.view.at(params, whitens, prepared, row["rows"])
        layout, heat = self.view.layout, row.get(WEIGHT)
        if heat is not None:
            assert layout.target.weighed is not None
            prepared = layout.target.weighed(prepared, heat)
        log_weight = self._expected if self.expects else self._sampled

        def one(noise: Any, branch: Array | None) -> tuple[Array, Any]:
            drawn, value, score = log_weight(pieces, whitens, prepared, noise, branch, heat)
            value = value - _times(heat, layout.log_q(pieces, whitens, drawn, known=not self.analytic))
            if not self.analytic:
                return value, score
            return value + strength * layout.control(pieces, whitens, noise["normal"]), score

        def weight(noise: Any) -> tuple[Array, Any]:
            if layout.branches == 1:
                return one(noise, None)
            values, score = jax.vmap(partial(one, noise))(jnp.arange(layout.branches))
            return self._over_branches(layout.log_weights(pieces), values, score)

        particles = noise.spread_pairs(self.plan, row["noise"])
        if self.objective.slopes is not None:
            settings = {**self.settings, PROGRESS: row.get(PROGRESS, 1.0)}
            return -steered.bound(self._row, settings, layout, pieces, whitens, prepared, particles), ()
        if self.plan.particles == 1:
            alone = weight({name: values[0] for name, values in particles.items()})
            weights, score = jax.tree.map(lambda value: value[None], alone)
        else:
            weights, score = lax.map(weight, particles) if self.mapped else jax.vmap(weight)(particles)
        bound = self._bound(weights) + self._surrogate(weights, score, averages)
        if self.analytic:
            bound = bound + _times(heat, layout.entropy(pieces, whitens))
        return -bound, tuple(costs for costs, _ in score) if self.expects and self.baseline.row.averages else ()

    def _over_branches(self, log_weights: Array, values: Array, score: Any) -> tuple[Array, Any]:
        """The branches of one draw summed out: their log weights where the bound is a mean of these, else the evidence.

        Raises:
            SvilangError: where sampled sites without a pathwise gradient meet a bound that is no such mean.
        """
        if self.expects:
            weights = jnp.exp(log_weights)
            pairs = jax.tree.leaves(score)
            shares = [jax.vmap(jnp.multiply)(lax.stop_gradient(weights), costs) for costs in pairs[::2]]
            return weights @ values, tuple(zip(shares, pairs[1::2], strict=True))
        if score is not None:
            raise errors.bad_settings([errors.mixture_with_score()])
        if self.analytic:
            return jnp.exp(log_weights) @ values, None
        return special.logsumexp(log_weights + values), None

    @property
    def expects(self) -> bool:
        """Whether sums of the explicit part are taken exactly: where the bound is linear in the log weights."""
        return self.objective.analytic and self.view.layout.has_expectation

    def _sampled(
        self, params: Pieces, whitens: Whitens, prepared: Any, noise: Any, branch: Array | None, heat: Array | None
    ) -> tuple[Any, Array, Any]:
        """A draw of everything, its log weight but for the families' part, and the log density to be scored."""
        drawn = self.view.layout.draw(params, whitens, prepared, noise, branch)
        value = self.view.layout.target.log_density(prepared, drawn.z, drawn.theta, drawn.given)
        return drawn, value if drawn.log_q is None else value - _times(heat, drawn.log_q), drawn.scored

    def _expected(
        self, params: Pieces, whitens: Whitens, prepared: Any, noise: Any, branch: Array | None, heat: Array | None
    ) -> tuple[Any, Array, Any]:
        """The same with the explicit part's sums taken exactly, and pairs of costs and log densities."""
        return self.view.layout.expected(params, whitens, prepared, noise, branch)

    def _bound(self, weights: Array) -> Array:
        """Of a mean, over draws within the supports that latents move; without any, not finite.

        That is the bound of the guide within them, but for the logarithm of what is left of it.
        """
        if not (self.layout.target.edges and self.objective.linear):
            return self._row.bound(weights, self.settings)
        inside = weights > -jnp.inf
        share = jnp.mean(inside, dtype=weights.dtype)
        mean = self._row.bound(jnp.where(inside, weights, 0), self.settings)
        return jnp.where(share > 0, mean / jnp.where(share > 0, share, 1), -jnp.inf)

    @property
    def _row(self) -> ObjectiveRow:
        """The objective as a function of the log weights that a view gives."""
        return self.objective if self.view.share == 1 else self.objective.of_shares(self.view.share)

    def _surrogate(self, weights: Array, score: Any, averages: Averages) -> Array | float:
        """Zero, with the derivative that goes through draws without a pathwise one."""
        if self.expects:
            means = averages.means or [jnp.zeros(())] * len(score)
            taken = [self.baseline.row.of(costs, mean) for (costs, _), mean in zip(score, means, strict=True)]
            return sum((surrogate.of_costs(c, q, one) for (c, q), one in zip(score, taken, strict=True)), 0.0)
        return 0.0 if score is None else surrogate.of_bound(self._bound, weights, score / self.view.share)

    @property
    def pooled(self) -> bool:
        """Whether all members share the average of a baseline, since each step sees others."""
        return self.layout.target.partial

    def blank(self, prepared: Any, whitens: Whitens, params: Any, row: Any) -> Averages:
        """The averages before the first step, from the shapes of what a step takes."""
        if not self.baseline.row.averages:
            return Averages((), np.zeros((), self.dtype))

        def costs(prepared: Any, params: Any, row: Any) -> tuple[Array, ...]:
            return self.estimate(params, whitens, prepared, row, jnp.zeros(()), Averages())[1]

        shapes = jax.eval_shape(costs, prepared, params, row)
        return Averages(tuple(np.zeros(one.shape[1:], self.dtype) for one in shapes), np.zeros((), self.dtype))

    def chunk(self, source: Any) -> dict[str, Any]:
        """What the steps of a chunk take, step by step."""
        drawn = source["noise"] if self.host else noise.on_device(self.plan, source["noise"], self.dtype)
        return {**source, "noise": drawn}

    def steps(
        self,
        data: Any,
        whitens: Whitens,
        state: State,
        source: Any,
        rates: Array,
        window: Array,
        fresh: Array,
        strength: Array,
    ) -> tuple[State, Array, Array, Array]:
        """Steps ``window[0] .. window[1]`` of a chunk.

        Returns:
            The state, the losses of the chunk (zero outside the window), how many steps were taken in all, and whether
            the last of them was finite. Of many starts those that are not finite go on as such, to the end of the last.
        """
        prepared = self.view.layout.target.prepare(data)
        chunk = self.chunk(source)
        blank = self.memory(state.params)
        memory = jax.tree.map(lambda new, old: jnp.where(fresh, new, old), blank, state.memory)

        def body(carry: Any) -> Any:
            i, params, memory, averages, sums, losses, last = carry
            # Kept one step late, so that the loss is computed for nobody else and only once.
            losses = _put(losses, last, i - 1)
            row = jax.tree.map(lambda values: _at(values, i), chunk)
            step = partial(self._step, prepared, row)
            taken = jax.vmap(step) if self.many else step
            rate = _at(rates, i)
            params, memory, averages, slope, last = taken(params, memory, averages, whitens, strength, rate)
            first = jnp.where(rate[..., None] == 0, slope, params)
            sums = sums[0] + first, sums[1] + slope * slope
            return i + 1, params, memory, averages, sums, losses, last

        begun = window[0], state.params, memory, state.averages, state.sums
        carry = (*begun, jnp.zeros_like(rates), jnp.zeros(rates.shape[1:], rates.dtype))
        done = lax.while_loop(lambda carry: (carry[0] < window[1]) & jnp.any(jnp.isfinite(carry[-1])), body, carry)
        taken, params, memory, averages, sums, losses, last = done
        losses, ok = _put(losses, last, taken - 1), jnp.isfinite(last)
        return State(params, memory, averages, sums), losses, taken, ok

    def memory(self, params: Array) -> Any:
        """The optimiser's before the first step."""
        return jax.vmap(self.optimizer.init)(params) if self.many else self.optimizer.init(params)

    def _step(
        self,
        prepared: Any,
        row: dict[str, Any],
        params: Array,
        memory: Any,
        averages: Averages,
        whitens: Whitens,
        strength: Array,
        rate: Array,
    ) -> tuple[Array, Any, Averages, Array, Array]:
        """One step of one start, its gradient, and its loss, which is not finite where the gradient is not."""
        given = params, whitens, prepared, row, strength, averages
        (loss, costs), gradient = jax.value_and_grad(self.estimate, has_aux=True)(*given)
        # Made once: the sum below would make it anew, entry after entry.
        gradient = lax.optimization_barrier(gradient)
        averages = self.baseline.next(averages, costs, self.pooled)
        updates, memory = self.optimizer.update(gradient, memory, params)
        return params + rate * cast("Array", updates), memory, averages, gradient, loss + 0 * jnp.sum(gradient)


def _times(weight: Array | None, value: Array) -> Array:
    return value if weight is None else weight * value


def _at(values: Array, i: Array) -> Array:
    """``values[i]`` for a position that exists."""
    return lax.dynamic_index_in_dim(values, i, keepdims=False, allow_negative_indices=False)


def _put(values: Array, value: Array, i: Array) -> Array:
    """``values`` with ``value`` at the position ``i``, at the first for one before it."""
    first = [jnp.zeros_like(i)] * value.ndim
    return lax.dynamic_update_slice(values, value[None], (i, *first), allow_negative_indices=False)
