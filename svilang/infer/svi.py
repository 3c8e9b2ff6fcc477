"""Stochastic variational inference step by step: pure functions of a state, with any Optax transformation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import pipeline, plan
from ..diagnostics import SvilangError
from ..lazy import jax, jnp, lax, np, random
from ..runtime import baselines, effort, noise
from ..runtime.baselines import Averages
from ..runtime.errors import density_not_finite, gradient_not_finite
from ..runtime.noise import Plan
from ..runtime.program import WEIGHT, Recipe
from ..runtime.terms import bad_gradients, draws_in_step, not_finite_in_step
from ..runtime.view import View
from . import errors
from .elbo import ELBO, TraceEnumELBO
from .names import Names

if TYPE_CHECKING:
    import optax
    from jax import Array

    from ..api import Model
    from ..lower import Lowered

CHUNK = 500
"""Steps between two looks at the losses in :meth:`SVI.run`."""

Params = Mapping[str, Any]
"""Unconstrained parameters by name: see :meth:`SVI.init`."""


class SVIState(NamedTuple):
    """All that a step needs of those before it: a tree of arrays, which pickles.

    Args:
        params: unconstrained parameters by name.
        optim_state: the optimiser's own.
        key: two words that all noise comes from.
        step: steps taken.
        averages: of the costs of score functions, where a baseline takes them.
    """

    params: Params
    optim_state: Any
    key: Any
    step: Any
    averages: Any = Averages()


class SVIRunResult(NamedTuple):
    """What :meth:`SVI.run` returns.

    Args:
        params: constrained parameters by name.
        state: to go on from.
        losses: minus the bound at each step, in nats.
    """

    params: dict[str, Any]
    state: SVIState
    losses: Any


class SVI:
    """Fits a guide to a model by steps that the caller takes.

    Parameters are a mapping by name: those of a hand-written guide and of the model under their own names,
    unconstrained, and one vector for each family, such as ``mean_field(mu, tau)``. An optimiser for each is made by
    ``optax.multi_transform`` over these names. Where :meth:`Model.fit` finds a start and a step size, here both are the
    caller's.

    Args:
        model: with its data.
        optim: an Optax transformation. Loss, gradient and the loss as a function are handed to those that ask for them.
        loss: an estimator of the bound.
        anneal: how much the terms of the latents (priors less log densities of the guide) count in a step, from the
            number of steps before it: any Optax schedule. ``None`` where they always count once.

    Raises:
        SvilangError: the estimator would be wrong for the guide, or its terms cannot be annealed.

    Example:
        >>> import optax, svilang
        >>> from svilang.infer import SVI, TraceELBO
        >>> text = "data { y: real[n] = [1, 3] } model { m ~ Normal(0, 1) plate n { observe y ~ Normal(m, 1) } }"
        >>> svi = SVI(svilang.compile(text).bind(), optax.adam(0.05), TraceELBO(num_particles=4))
        >>> result = svi.run(0, 500)
        >>> abs(float(result.params["m.loc"]) - 4 / 3) < 0.2
        True

    Source: Hoffman, Blei, Wang & Paisley (2013), Stochastic variational inference.
    """

    def __init__(
        self,
        model: Model,
        optim: optax.GradientTransformation,
        loss: ELBO | None = None,
        *,
        anneal: Callable[[Any], Any] | None = None,
    ) -> None:
        import optax

        self.model = model
        self.loss = TraceEnumELBO() if loss is None else loss
        self.loss.refuse(model.program.checked.guide)
        self._anneal = anneal
        if anneal is not None:
            self._refuse_annealing()
        self.optim = optax.with_extra_args_support(optim)
        self._lowered = _lowered(model, self.loss)
        self._names = Names(self._lowered)
        self._refuse_fixed()
        layout = self._names.layout
        drawn = Plan(1, self.loss.num_particles, View(layout).noise, antithetic=False)
        dtype = str(jnp.result_type(float))
        mapped = not self.loss.vectorize_particles
        arguments = {**self.loss.objective.settings, **self.loss.settings}
        row, baseline = self.loss.objective, baselines.of(pipeline.setting("baseline", self.loss.baseline))
        self._recipe = Recipe(layout, row, arguments, optim, drawn, dtype, False, mapped, baseline=baseline)

    def _refuse_annealing(self) -> None:
        """Bounds and sums of which the terms of the latents are no part by themselves."""
        if not self.loss.is_sum:
            raise SvilangError([errors.nothing_to_anneal(type(self.loss).__name__)])
        checked = self.model.program.checked
        plan.check_annealing(plan.treat(checked.model, self.loss.seen(checked.guide)).model)

    def _refuse_fixed(self) -> None:
        """Families that a start alone determines have nothing to step."""
        fixed = [part.use.name for part in self._names.layout.parts if part.row.fixed]
        if fixed:
            raise SvilangError([errors.nothing_to_step(name) for name in fixed])

    # --- a state and its steps -----------------------------------------------------------------------------------

    def init(self, key: Any, *, init_params: Params | None = None) -> SVIState:
        """The state before the first step.

        Args:
            key: a JAX key, or a seed.
            init_params: constrained values of some parameters of the guide and the model, and vectors of families.

        Raises:
            SvilangError: a name or a shape that no parameter has.
        """
        params = self._names.start()
        for name, value in (init_params or {}).items():
            if name not in params:
                raise SvilangError([errors.unknown_parameter(name, params)])
            params[name] = self._names.unconstrained(name, value)
        params = {name: jnp.asarray(value, self._recipe.dtype) for name, value in params.items()}
        word = random.key_data(random.key(key) if isinstance(key, int) else key)
        row, flat = jax.eval_shape(self._row, word, np.int32(0)), jax.eval_shape(self._names.flat, params)
        averages = self._recipe.blank(self._prepared, self._names.plain, flat, row)
        return SVIState(params, jax.jit(self.optim.init)(params), word, np.int32(0), averages)

    def update(self, state: SVIState) -> tuple[SVIState, Array]:
        """One step, and the loss before it, annealed as the step is; compiled once, and pure under ``jit``."""
        return self._update(self._prepared, state)

    def stable_update(self, state: SVIState) -> tuple[SVIState, Array]:
        """One step, or none where the loss or its gradient is not finite; the loss is then NaN."""
        return self._stable(self._prepared, state)

    def evaluate(self, state: SVIState) -> Array:
        """The loss from the noise that the next step would see, in nats; never annealed."""
        return self._evaluate(self._prepared, state)

    def get_params(self, state: SVIState) -> dict[str, Any]:
        """Constrained parameters of guide and model, and ``site.loc`` and ``site.scale`` of families that have them.

        The latter are means and standard deviations of the unconstrained values of a site.
        """
        return self._names.constrained(state.params)

    def guide_params(self, state: SVIState) -> Any:
        """All parameters as the flat vector that ``model.guide`` and :class:`Predictive` take."""
        return self._names.flat(state.params)

    def run(
        self,
        key: Any,
        num_steps: int,
        *,
        init_state: SVIState | None = None,
        init_params: Params | None = None,
        stable_update: bool = False,
    ) -> SVIRunResult:
        """Many steps as one compiled program, which a second run uses again.

        Args:
            key: a JAX key, or a seed; not used where ``init_state`` is given.
            num_steps: how many.
            init_state: to go on from.
            init_params: as for :meth:`init`.
            stable_update: whether steps that are not finite are left out instead of ending the run.

        Raises:
            NumericalError: a loss or gradient is not finite; the message names the terms.
        """
        state = self.init(key, init_params=init_params) if init_state is None else init_state
        losses: list[np.ndarray] = []
        done = 0
        while done < num_steps:
            count = min(CHUNK, num_steps - done)
            before = state
            state, some, ok = self._chunk(self._prepared, state, np.int32(count), np.bool_(stable_update))
            if not ok:
                self._explain(before, int(state.step) - int(before.step) - 1)
            losses.append(np.asarray(some)[:count])
            done += count
        return SVIRunResult(self.get_params(state), state, np.concatenate(losses) if losses else np.zeros(0))

    # --- programs ------------------------------------------------------------------------------------------------

    def _jit(self, function: Callable[..., Any]) -> Any:
        factors = self._recipe.layout.target.squares > 0
        return jax.jit(function, compiler_options=effort.in_order() if factors else None)

    @cached_property
    def _prepared(self) -> Any:
        target = self._recipe.layout.target
        return jax.jit(target.prepare)(target.data)

    @cached_property
    def _update(self) -> Any:
        def update(prepared: Any, state: SVIState) -> tuple[SVIState, Array]:
            moved, loss, _ = self._step(prepared, state, self._row(state.key, state.step))
            return moved, loss

        return self._jit(update)

    @cached_property
    def _stable(self) -> Any:
        def update(prepared: Any, state: SVIState) -> tuple[SVIState, Array]:
            moved, loss, finite = self._step(prepared, state, self._row(state.key, state.step))
            return _chosen(finite, moved, state), jnp.where(finite, loss, jnp.nan)

        return self._jit(update)

    @cached_property
    def _evaluate(self) -> Any:
        def evaluate(prepared: Any, state: SVIState) -> Array:
            row = self._row(state.key, state.step)
            row.pop(WEIGHT, None)
            return self._estimate(state.params, prepared, row, state.averages)[0]

        return self._jit(evaluate)

    @cached_property
    def _chunk(self) -> Any:
        """Up to ``CHUNK`` steps, with their noise drawn before the first."""

        def chunk(prepared: Any, state: SVIState, count: Any, stable: Any) -> tuple[SVIState, Array, Array]:
            rows = jax.vmap(lambda i: self._row(state.key, state.step + i))(jnp.arange(CHUNK))

            def body(carry: Any) -> Any:
                i, state, losses, ok = carry
                row = jax.tree.map(lambda values: lax.dynamic_index_in_dim(values, i, keepdims=False), rows)
                moved, loss, finite = self._step(prepared, state, row)
                taken = _chosen(finite, moved, state)
                ok = finite | stable
                return i + 1, taken, losses.at[i].set(jnp.where(finite, loss, jnp.nan)), ok

            losses = jnp.zeros(CHUNK, self._recipe.dtype)
            carry = (jnp.int32(0), state, losses, jnp.bool_(True))
            done = lax.while_loop(lambda carry: (carry[0] < count) & carry[-1], body, carry)
            return done[1], done[2], done[3]

        return self._jit(chunk)

    def _step(self, prepared: Any, state: SVIState, row: Any) -> tuple[SVIState, Array, Array]:
        averages = state.averages

        def estimate(params: Params) -> tuple[Array, tuple[Array, ...]]:
            return self._estimate(params, prepared, row, averages)

        def loss_of(params: Params) -> Array:
            return estimate(params)[0]

        (loss, costs), gradient = jax.value_and_grad(estimate, has_aux=True)(state.params)
        updates, memory = self.optim.update(
            gradient, state.optim_state, state.params, value=loss, grad=gradient, value_fn=loss_of
        )
        params = jax.tree.map(jnp.add, state.params, updates)
        finite = jnp.isfinite(loss)
        for leaf in jax.tree.leaves(gradient):
            finite = finite & jnp.all(jnp.isfinite(leaf))
        averages = self._recipe.baseline.next(averages, costs, self._recipe.pooled)
        return SVIState(params, memory, state.key, state.step + 1, averages), loss, finite

    def _estimate(
        self, params: Params, prepared: Any, row: Any, averages: Averages
    ) -> tuple[Array, tuple[Array, ...]]:
        flat = self._names.flat(params)
        return self._recipe.estimate(flat, self._names.plain, prepared, row, jnp.zeros((), flat.dtype), averages)

    def _row(self, key: Any, step: Any) -> dict[str, Any]:
        """The noise of one step, its weight, and the rows that it sees: independent, with replacement."""
        own = random.fold_in(random.wrap_key_data(key), step)
        first, second = random.split(own)
        drawn = noise.on_device(self._recipe.plan, random.key_data(first), self._recipe.dtype)
        batch = self._recipe.layout.target.batch
        axes = () if batch is None else [(i, one) for i, one in enumerate(batch.axes) if not batch.knows(one)]
        rows = {
            axis.name: random.randint(random.fold_in(second, i), (axis.rows,), 0, axis.size, jnp.int32)
            for i, axis in axes
        }
        row: dict[str, Any] = {"noise": {name: values[0] for name, values in drawn.items()}, "rows": rows}
        return row if self._anneal is None else {**row, WEIGHT: jnp.asarray(self._anneal(step), self._recipe.dtype)}

    def _explain(self, state: SVIState, failed: int) -> None:
        """Raises with the terms that were not finite, their place, and the entries of the data that made them so."""
        recipe = self._recipe
        for _ in range(failed):
            state, _ = self.update(state)
        row = jax.jit(self._row)(state.key, state.step)
        flat = np.asarray(jax.jit(self._names.flat)(state.params))
        step = int(state.step) + 1
        where = (recipe.view, flat, self._names.plain, row["noise"], row["rows"])
        draws = draws_in_step(*where)
        if terms := not_finite_in_step(*where):
            error = density_not_finite(terms, step, recipe.layout.target.edges, draws)
        else:
            error = gradient_not_finite(bad_gradients(*where), step, draws)
        with pipeline.about(self.model.program.source):
            raise pipeline.located(error, self._lowered, self.model.bound)


def _lowered(model: Model, loss: ELBO) -> Lowered:
    """The model with its data in as few rows as is exact, and the guide of its spec as the estimator treats it."""
    checked, source = model.program.checked, model.program.source
    checked = replace(checked, guide=loss.seen(checked.guide))
    batches = checked.fit.minibatch
    with pipeline.about(source):
        treated = plan.treat(checked.model, checked.guide).model
        plan.check_batches(treated, checked.guide, [name for name, _ in batches], loss.name)
    bound, _ = pipeline.compress(model.bound, checked)
    return pipeline.lower(bound, checked, source, batches, loss.name)


def _chosen(finite: Array, new: SVIState, old: SVIState) -> SVIState:
    """The new state where the step was finite, else the old one one step later."""
    kept = jax.tree.map(lambda a, b: jnp.where(finite, a, b), new, old)
    return kept._replace(step=new.step)
