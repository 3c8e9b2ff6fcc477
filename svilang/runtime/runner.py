"""The compiled program of a fit with its arguments: takes steps, evaluates, and says what went wrong.

Everything has an axis of starts in front. The program has it too where there are several, which are then steps of one
program under the same noise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ..lazy import jax, np
from . import effort, errors, noise
from .baselines import Averages
from .layout import Whitens
from .noise import Stream
from .program import PROGRESS, WEIGHT, Recipe, State
from .stand import Stand, leaves
from .terms import bad_gradients, draws_in_step, not_finite_in_step
from .view import rows_of

Look = Callable[[int, "np.ndarray"], None]
"""Told the number of steps taken and the losses of the latest, ``[starts, steps]``."""


class Runner:
    """The program and where it stands.

    Args:
        recipe: what it does.
        whitens: those of each start, of one structure.
        params: the parameters, ``[starts, …]``.
        seed: of all noise.
    """

    def __init__(self, recipe: Recipe, whitens: Sequence[Whitens], params: np.ndarray, seed: int) -> None:
        self._recipe, self._seed = recipe, seed
        self._dtype = np.dtype(recipe.dtype)
        cast = [jax.tree.map(lambda array: np.asarray(array, self._dtype), one) for one in whitens]
        self._first: Whitens = cast[0]
        together = jax.tree.map(lambda *arrays: np.stack(arrays), *cast) if recipe.many else cast[0]
        with jax.enable_x64(self._dtype.itemsize == 8):
            self._constant = jax.device_put((recipe.layout.target.data, together))
        self._second, self._strength = 0.0, np.ones(len(cast))
        self.chunk = 0
        with jax.enable_x64(self._dtype.itemsize == 8):
            self._blank = self._averages(np.asarray(params[0], self._dtype))
        self.place(params)
        began = time.perf_counter()
        self._compiled = self._compile()
        self.compile_seconds = time.perf_counter() - began

    @property
    def capacity(self) -> int:
        """Most steps of one call."""
        return self._recipe.plan.steps

    # --- where it stands -----------------------------------------------------------------------------------------

    def place(self, params: np.ndarray) -> None:
        """Sets the parameters and forgets the optimiser's memory."""
        flat = self._inward(np.asarray(params, self._dtype))
        with jax.enable_x64(self._dtype.itemsize == 8):
            shapes = jax.eval_shape(self._recipe.memory, flat)
        memory = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), shapes)
        blank = self._blank
        if self._recipe.many:
            blank = jax.tree.map(lambda leaf: np.zeros((len(params), *leaf.shape), leaf.dtype), blank)
        nothing = np.zeros_like(flat)
        self._state, self._fresh = State(flat, memory, blank, (nothing, nothing)), True

    @property
    def params(self) -> np.ndarray:
        return self._outward(self._state.params)

    def forget_total(self) -> None:
        """Starts the sum of the parameters afresh."""
        nothing = np.zeros(self._state.params.shape, self._dtype)
        self._state = self._state._replace(sums=(nothing, nothing))

    @property
    def total(self) -> np.ndarray:
        """Sum of the parameters over the steps since :meth:`place` or :meth:`forget_total`."""
        return self._outward(self._state.sums[0])

    def stand(self) -> dict[str, np.ndarray]:
        """Where it stands, by name; without the optimiser's memory where that is forgotten."""
        memory = {} if self._fresh else leaves("memory", self._state.memory) | leaves("costs", self._state.averages)
        scale = {"strength": self._strength, "chunk": np.asarray(self.chunk)}
        return {"params": np.asarray(self._state.params), **scale, **leaves("whiten", self._constant[1]), **memory}

    def restore(self, stand: Stand) -> None:
        """Goes back to where a run of one start stood."""
        self.place(stand.arrays["params"][None])
        self._strength, self.chunk = np.asarray(stand.arrays["strength"], float), int(stand.arrays["chunk"])
        if stand.holds("memory"):
            memory, averages = self._state.memory, self._state.averages
            self._state = self._state._replace(
                memory=stand.tree("memory", memory), averages=stand.tree("costs", averages)
            )
            self._fresh = False

    @property
    def slopes(self) -> tuple[np.ndarray, np.ndarray]:
        """Sums of the gradients and of their squares over the steps of the latest :meth:`evaluate`."""
        return self._slopes

    # --- steps ---------------------------------------------------------------------------------------------------

    def advance(self, rates: np.ndarray, progress: np.ndarray, taken: int, look: Look) -> None:
        """As many steps as there are rates (at most a chunk), with a look every half second or so.

        Args:
            rates: factors of the optimiser's updates, ``[starts, steps]``.
            progress: how much of the run lies behind each step, from 0 to 1.
            taken: steps taken in the fit before these, for messages.
            look: called for each piece.

        Raises:
            NotFinite: when the loss or its gradient is finite for no start; the message names the terms.
        """
        source = self._source(Stream.FIT, self.chunk)
        self.chunk += 1
        count, first = rates.shape[1], 0
        source[PROGRESS][:count] = progress
        if self._recipe.annealing is not None:
            source[WEIGHT][:count] = self._recipe.annealing.weights(taken, count)
        padded = np.zeros((len(rates), self.capacity))
        padded[:, :count] = rates
        while first < count:
            last = min(count, first + self._piece())
            before, fresh, began = self._state, self._fresh, time.perf_counter()
            losses, reached, ok = self._call(source, padded, first, last)
            self._second = (time.perf_counter() - began) / (last - first)
            if not ok.any():
                self._state, self._fresh = before, fresh
                failed = first + int(np.argmin(np.isfinite(losses[0, first:reached])))
                self._explain(source, padded, first, failed, taken + failed + 1)
            look(last, losses[:, first:last])
            first = last

    def evaluate(self, stream: Stream, steps: int = 200, taken: int | None = None) -> np.ndarray:
        """Losses of independent steps at the present parameters, which stay as they are, ``[starts, steps]``.

        Args:
            stream: of the noise.
            steps: how many.
            taken: steps taken in the fit before these, where losses that are not finite for any start end it; without
                it the losses from there on are NaN.

        Raises:
            NotFinite: as :meth:`advance`, where ``taken`` is given.
        """
        state, fresh = self._state, self._fresh
        nothing = np.zeros(state.params.shape, self._dtype)
        losses: list[np.ndarray] = []
        self._slopes = self._outward(nothing), self._outward(nothing)
        for chunk in range(-(-steps // self.capacity)):
            count = min(self.capacity, steps - chunk * self.capacity)
            source, rates = self._source(stream, chunk), np.zeros((len(self._strength), self.capacity))
            self._state = state._replace(sums=(nothing, nothing))
            some, reached, ok = self._call(source, rates, 0, count)
            first, second = map(self._outward, self._state.sums)
            self._slopes = self._slopes[0] + first, self._slopes[1] + second
            self._state, self._fresh = state, fresh
            if not ok.any():
                if taken is not None:
                    self._explain(source, rates, 0, int(np.argmin(np.isfinite(some[0, :reached]))), taken)
                # The loop stops there, and what follows was never computed.
                some[:, reached - 1 :] = np.nan
            losses.append(some[:, :count])
        return np.concatenate(losses, axis=1)

    def calibrate(self, stream: Stream, steps: int = 200) -> np.ndarray:
        """Losses as of :meth:`evaluate`, with control variates, where there are any, as strong as makes them least
        noisy.
        """
        if not self._recipe.analytic:
            return self.evaluate(stream, steps)
        self._strength = np.zeros_like(self._strength)
        plain = self.evaluate(stream, steps)
        self._strength = np.ones_like(self._strength)
        control = plain - self.evaluate(stream, steps)
        spread = np.var(control, axis=1)
        around = control - control.mean(axis=1, keepdims=True)
        shared = np.mean((plain - plain.mean(axis=1, keepdims=True)) * around, axis=1)
        known = spread > 0
        self._strength = np.where(known, np.clip(shared / np.where(known, spread, 1), 0, 1), 1.0)
        return plain - self._strength[:, None] * control

    def _piece(self) -> int:
        return max(1, int(0.5 / self._second)) if self._second else 20

    # --- the program ---------------------------------------------------------------------------------------------

    def _call(self, source: Any, rates: np.ndarray, first: int, last: int) -> tuple[np.ndarray, int, np.ndarray]:
        """The losses ``[starts, steps]``, the number of steps, and which starts were finite at the last one."""
        window = np.array([first, last], np.int32)
        arguments = self._arguments(source, rates, window)
        with jax.enable_x64(self._dtype.itemsize == 8):
            self._state, losses, taken, ok = self._compiled(*arguments)
        self._fresh = False
        along = np.array(losses, float).T if self._recipe.many else np.array(losses, float)[None]
        # Differences of infinite losses would warn, and say no more.
        return np.where(np.isfinite(along), along, np.nan), int(taken), np.atleast_1d(np.asarray(ok))

    def _compile(self) -> Any:
        rates, window = np.zeros((len(self._strength), self.capacity)), np.zeros(2, np.int32)
        arguments = self._arguments(self._source(Stream.FIT, 0), rates, window)
        target = self._recipe.layout.target
        numbers = effort.count(target.data)
        with jax.enable_x64(self._dtype.itemsize == 8):
            return effort.compiled(self._recipe.steps, arguments, numbers, loop=True, factors=target.squares > 0)

    def _arguments(self, source: Any, rates: np.ndarray, window: np.ndarray) -> tuple[Any, ...]:
        strength = self._inward(self._strength.astype(self._dtype))
        along = self._inward(rates.astype(self._dtype)).T
        return *self._constant, self._state, source, along, window, np.array(self._fresh), strength

    def _inward(self, values: np.ndarray) -> np.ndarray:
        """As the program takes it: without the axis of starts where there is one only."""
        return values if self._recipe.many else np.asarray(values[0])

    def _outward(self, values: Any) -> np.ndarray:
        made = np.asarray(values, float)
        return made if self._recipe.many else made[None]

    def _averages(self, params: np.ndarray) -> Averages:
        recipe, source = self._recipe, self._source(Stream.FIT, 0)
        prepared = jax.eval_shape(recipe.view.layout.target.prepare, self._constant[0])
        row = jax.eval_shape(lambda: jax.tree.map(lambda values: values[0], recipe.chunk(source)))
        return recipe.blank(prepared, self._first, params, row)

    def _source(self, stream: Stream, chunk: int) -> Any:
        plan = self._recipe.plan
        rows = rows_of(self._recipe.layout.target, plan.steps, self._seed, stream, chunk)
        keyed = self._seed, stream, chunk
        drawn = noise.on_host(plan, *keyed, self._dtype) if self._recipe.host else noise.key_of(*keyed)
        told = (PROGRESS,) if self._recipe.annealing is None else (PROGRESS, WEIGHT)
        return {"noise": drawn, "rows": rows, **{name: np.ones(plan.steps, self._dtype) for name in told}}

    def _explain(self, source: Any, rates: np.ndarray, first: int, failed: int, step: int) -> None:
        """Raises with the names of the terms that were not finite at one step of the chunk; ``step`` is its number.

        Of several starts it is the first one that is told of.
        """
        recipe = self._recipe
        if failed > first:
            self._call(source, rates, first, failed)
        with jax.enable_x64(self._dtype.itemsize == 8):
            drawn = jax.jit(lambda key: noise.on_device(recipe.plan, key, recipe.dtype))
            chunk = source["noise"] if recipe.host else drawn(source["noise"])
            row, rows = jax.tree.map(lambda values: np.asarray(values)[failed], (chunk, source["rows"]))
            particles = jax.jit(lambda row: noise.spread_pairs(recipe.plan, row))(row)
            params = self.params[0].astype(self._dtype)
            where = (recipe.view, params, self._first, particles, rows)
            draws = draws_in_step(*where)
            if terms := not_finite_in_step(*where):
                raise errors.density_not_finite(terms, step, recipe.layout.target.edges, draws)
            raise errors.gradient_not_finite(bad_gradients(*where), step, draws)
