"""The one compiled program of a fit: a loop of optimiser steps over a chunk of noise."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..lazy import jax, jnp, lax, np, special
from . import baselines, effort, errors, noise, steered, surrogate
from .adam import Method
from .baselines import Averages, Baseline
from .bounds import Annealing
from .layout import Layout, Whitens
from .noise import Plan, Stream
from .objectives import ObjectiveRow
from .terms import bad_gradients, not_finite_in_step
from .view import View, rows_of

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
        total: sum of the parameters so far.
        averages: of the costs of score functions, where a baseline takes them.
    """

    params: Any
    memory: Any
    total: Any
    averages: Averages


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
        """The same with the averages of the steps before, and the costs that go into the next ones."""
        params, whitens, prepared = self.view.at(params, whitens, prepared, row["rows"])
        layout, heat = self.view.layout, row.get(WEIGHT)
        if heat is not None:
            assert layout.target.weighed is not None
            prepared = layout.target.weighed(prepared, heat)
        log_weight = self._expected if self.expects else self._sampled

        def one(noise: Any, branch: Array | None) -> tuple[Array, Any]:
            drawn, value, score = log_weight(params, whitens, prepared, noise, branch, heat)
            value = value - _times(heat, layout.log_q(params, whitens, drawn, known=not self.analytic))
            if not self.analytic:
                return value, score
            return value + strength * layout.control(params, whitens, noise["normal"]), score

        def weight(noise: Any) -> tuple[Array, Any]:
            if layout.branches == 1:
                return one(noise, None)
            values, score = jax.vmap(partial(one, noise))(jnp.arange(layout.branches))
            return self._over_branches(layout.log_weights(params), values, score)

        particles = noise.spread_pairs(self.plan, row["noise"])
        if self.objective.slopes is not None:
            settings = {**self.settings, PROGRESS: row.get(PROGRESS, 1.0)}
            return -steered.bound(self.objective, settings, layout, params, whitens, prepared, particles), ()
        if self.plan.particles == 1:
            alone = weight({name: values[0] for name, values in particles.items()})
            weights, score = jax.tree.map(lambda value: value[None], alone)
        else:
            weights, score = lax.map(weight, particles) if self.mapped else jax.vmap(weight)(particles)
        bound = self._bound(weights) + self._surrogate(weights, score, averages)
        if self.analytic:
            bound = bound + _times(heat, layout.entropy(params, whitens))
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
        self, params: Array, whitens: Whitens, prepared: Any, noise: Any, branch: Array | None, heat: Array | None
    ) -> tuple[Any, Array, Any]:
        """A draw of everything, its log weight but for the families' part, and the log density to be scored."""
        drawn = self.view.layout.draw(params, whitens, prepared, noise, branch)
        value = self.view.layout.target.log_density(prepared, drawn.z, drawn.theta, drawn.given)
        return drawn, value if drawn.log_q is None else value - _times(heat, drawn.log_q), drawn.scored

    def _expected(
        self, params: Array, whitens: Whitens, prepared: Any, noise: Any, branch: Array | None, heat: Array | None
    ) -> tuple[Any, Array, Any]:
        """The same with the explicit part's sums taken exactly, and pairs of costs and log densities."""
        return self.view.layout.expected(params, whitens, prepared, noise, branch)

    def _bound(self, weights: Array) -> Array:
        return self.objective.bound(weights, self.settings)

    def _surrogate(self, weights: Array, score: Any, averages: Averages) -> Array | float:
        """Zero, with the derivative that goes through draws without a pathwise one."""
        if self.expects:
            means = averages.means or [jnp.zeros(())] * len(score)
            taken = [self.baseline.row.of(costs, mean) for (costs, _), mean in zip(score, means, strict=True)]
            return sum((surrogate.of_costs(c, q, one) for (c, q), one in zip(score, taken, strict=True)), 0.0)
        return 0.0 if score is None else surrogate.of_bound(self._bound, weights, score)

    @property
    def pooled(self) -> bool:
        """Whether all members share the average of a baseline, since each step sees others."""
        return self.layout.target.batch is not None

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
            the last of them was finite.
        """
        prepared = self.view.layout.target.prepare(data)
        chunk = self.chunk(source)
        blank = self.optimizer.init(state.params)
        memory = jax.tree.map(lambda new, old: jnp.where(fresh, new, old), blank, state.memory)

        def body(carry: Any) -> Any:
            i, params, memory, total, averages, losses, last = carry
            # Kept one step late, so that the loss is computed for nobody else and only once.
            losses = _put(losses, last, i - 1)
            row = jax.tree.map(lambda values: _at(values, i), chunk)
            given = params, whitens, prepared, row, strength, averages
            (loss, costs), gradient = jax.value_and_grad(self.estimate, has_aux=True)(*given)
            averages = self.baseline.next(averages, costs, self.pooled)
            updates, memory = self.optimizer.update(gradient, memory, params)
            params = params + _at(rates, i) * cast("Array", updates)
            return i + 1, params, memory, total + params, averages, losses, loss + 0 * jnp.sum(gradient)

        begun = window[0], state.params, memory, state.total, state.averages
        carry = (*begun, jnp.zeros_like(rates), jnp.zeros((), rates.dtype))
        done = lax.while_loop(lambda carry: (carry[0] < window[1]) & jnp.isfinite(carry[-1]), body, carry)
        taken, params, memory, total, averages, losses, last = done
        losses, ok = _put(losses, last, taken - 1), jnp.isfinite(last)
        return State(params, memory, total, averages), losses, taken, ok


def _times(weight: Array | None, value: Array) -> Array:
    return value if weight is None else weight * value


def _at(values: Array, i: Array) -> Array:
    """``values[i]`` for a position that exists."""
    return lax.dynamic_index_in_dim(values, i, keepdims=False, allow_negative_indices=False)


def _put(values: Array, value: Array, i: Array) -> Array:
    """``values`` with ``value`` at the position ``i``, at the first for one before it."""
    return lax.dynamic_update_slice(values, value[None], (i,), allow_negative_indices=False)


class Runner:
    """The compiled program with its arguments: takes steps, evaluates, and says what went wrong."""

    def __init__(self, recipe: Recipe, whitens: Whitens, params: np.ndarray, seed: int) -> None:
        self._recipe, self._seed = recipe, seed
        self._dtype = np.dtype(recipe.dtype)
        self._whitens = jax.tree.map(lambda array: np.asarray(array, self._dtype), whitens)
        with jax.enable_x64(self._dtype.itemsize == 8):
            self._constant = jax.device_put((recipe.layout.target.data, self._whitens))
        self._second, self._strength = 0.0, 1.0
        self.chunk = 0
        with jax.enable_x64(self._dtype.itemsize == 8):
            self._blank = self._averages(np.asarray(params, self._dtype))
        self.place(params)
        began = time.perf_counter()
        self._compiled = self._compile()
        self.compile_seconds = time.perf_counter() - began

    def _averages(self, params: np.ndarray) -> Averages:
        recipe, source = self._recipe, self._source(Stream.FIT, 0)
        prepared = jax.eval_shape(recipe.view.layout.target.prepare, self._constant[0])
        row = jax.eval_shape(lambda: jax.tree.map(lambda values: values[0], recipe.chunk(source)))
        return recipe.blank(prepared, self._whitens, params, row)

    @property
    def capacity(self) -> int:
        """Most steps of one call."""
        return self._recipe.plan.steps

    def place(self, params: np.ndarray) -> None:
        """Sets the parameters and forgets the optimiser's memory."""
        flat = np.asarray(params, self._dtype)
        with jax.enable_x64(self._dtype.itemsize == 8):
            shapes = jax.eval_shape(self._recipe.optimizer.init, flat)
        memory = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), shapes)
        self._state, self._fresh = State(flat, memory, np.zeros_like(flat), self._blank), True

    @property
    def params(self) -> np.ndarray:
        return np.asarray(self._state.params, float)

    def forget_total(self) -> None:
        """Starts the sum of the parameters afresh."""
        self._state = self._state._replace(total=np.zeros(len(self._state.params), self._dtype))

    @property
    def total(self) -> np.ndarray:
        """Sum of the parameters over the steps since :meth:`place` or :meth:`forget_total`."""
        return np.asarray(self._state.total, float)

    def advance(self, rates: np.ndarray, progress: np.ndarray, taken: int, look: Any) -> np.ndarray:
        """As many steps as there are rates (at most a chunk), with a look every half second or so.

        Args:
            rates: factors of the optimiser's updates.
            progress: how much of the run lies behind each step, from 0 to 1.
            taken: steps taken in the fit before these, for messages.
            look: called with the number of steps taken and the losses of each piece.

        Raises:
            NotFinite: when the loss or its gradient is not finite; the message names the terms.
        """
        source = self._source(Stream.FIT, self.chunk)
        self.chunk += 1
        count, first = len(rates), 0
        source[PROGRESS][:count] = progress
        if self._recipe.annealing is not None:
            source[WEIGHT][:count] = self._recipe.annealing.weights(taken, count)
        padded = np.zeros(self._recipe.plan.steps, self._dtype)
        padded[:count] = rates
        losses = np.empty(count)
        while first < count:
            last = min(count, first + self._piece())
            before, fresh, began = self._state, self._fresh, time.perf_counter()
            some, reached, ok = self._call(source, padded, first, last)
            self._second = (time.perf_counter() - began) / (last - first)
            if not ok:
                self._state, self._fresh = before, fresh
                self._explain(source, padded, first, reached - 1, taken + reached)
            losses[first:last] = some[first:last]
            look(last, some[first:last])
            first = last
        return losses

    def evaluate(self, stream: Stream, steps: int = 200, taken: int | None = None) -> np.ndarray:
        """Losses of independent steps at the present parameters, which stay as they are.

        Args:
            stream: of the noise.
            steps: how many.
            taken: steps taken in the fit before these, where a loss that is not finite ends it; without it the losses
                from there on are NaN.

        Raises:
            NotFinite: as :meth:`advance`, where ``taken`` is given.
        """
        state, fresh = self._state, self._fresh
        capacity = self._recipe.plan.steps
        losses: list[np.ndarray] = []
        for chunk in range(-(-steps // capacity)):
            count = min(capacity, steps - chunk * capacity)
            source, rates = self._source(stream, chunk), np.zeros(capacity, self._dtype)
            some, reached, ok = self._call(source, rates, 0, count)
            self._state, self._fresh = state, fresh
            if not ok:
                if taken is not None:
                    self._explain(source, rates, 0, reached - 1, taken)
                # The loop stops there, and what follows was never computed.
                some[reached - 1 :] = np.nan
            losses.append(some[:count])
        return np.concatenate(losses)

    def calibrate(self, stream: Stream, steps: int = 200) -> np.ndarray:
        """Losses as of :meth:`evaluate`, with control variates as strong as makes them least noisy."""
        self._strength = 0.0
        plain = self.evaluate(stream, steps)
        self._strength = 1.0
        control = plain - self.evaluate(stream, steps)
        spread = float(np.var(control))
        if spread > 0:
            self._strength = float(np.clip(np.mean((plain - plain.mean()) * (control - control.mean())) / spread, 0, 1))
        return plain - self._strength * control

    def _piece(self) -> int:
        return max(1, int(0.5 / self._second)) if self._second else 20

    def _call(self, source: Any, rates: np.ndarray, first: int, last: int) -> tuple[np.ndarray, int, bool]:
        window = np.array([first, last], np.int32)
        arguments = self._arguments(source, rates, window)
        with jax.enable_x64(self._dtype.itemsize == 8):
            self._state, losses, taken, ok = self._compiled(*arguments)
        self._fresh = False
        return np.array(losses, float), int(taken), bool(ok)

    def _compile(self) -> Any:
        plan = self._recipe.plan
        rates, window = np.zeros(plan.steps, self._dtype), np.zeros(2, np.int32)
        arguments = self._arguments(self._source(Stream.FIT, 0), rates, window)
        numbers = effort.count(self._recipe.layout.target.data)
        with jax.enable_x64(self._dtype.itemsize == 8):
            return effort.compiled(self._recipe.steps, arguments, numbers, loop=True)

    def _arguments(self, source: Any, rates: np.ndarray, window: np.ndarray) -> tuple[Any, ...]:
        strength = np.asarray(self._strength, self._dtype)
        return *self._constant, self._state, source, rates, window, np.array(self._fresh), strength

    def _source(self, stream: Stream, chunk: int) -> Any:
        plan = self._recipe.plan
        rows = rows_of(self._recipe.layout.target, plan.steps, self._seed, stream, chunk)
        keyed = self._seed, stream, chunk
        drawn = noise.on_host(plan, *keyed, self._dtype) if self._recipe.host else noise.key_of(*keyed)
        told = (PROGRESS,) if self._recipe.annealing is None else (PROGRESS, WEIGHT)
        return {"noise": drawn, "rows": rows, **{name: np.ones(plan.steps, self._dtype) for name in told}}

    def _explain(self, source: Any, rates: np.ndarray, first: int, failed: int, step: int) -> None:
        """Raises with the names of the terms that were not finite at one step of the chunk; ``step`` is its number."""
        recipe = self._recipe
        if failed > first:
            self._call(source, rates, first, failed)
        with jax.enable_x64(self._dtype.itemsize == 8):
            drawn = jax.jit(lambda key: noise.on_device(recipe.plan, key, recipe.dtype))
            chunk = source["noise"] if recipe.host else drawn(source["noise"])
            row, rows = jax.tree.map(lambda values: np.asarray(values)[failed], (chunk, source["rows"]))
            particles = jax.jit(lambda row: noise.spread_pairs(recipe.plan, row))(row)
            params = np.asarray(self._state.params)
            terms = not_finite_in_step(recipe.view, params, self._whitens, particles, rows)
            if terms:
                raise errors.density_not_finite(terms, step)
            bad = bad_gradients(recipe.view, params, self._whitens, particles, rows)
            raise errors.gradient_not_finite(bad, step)
