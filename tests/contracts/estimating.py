"""The bound of a small program and its gradient, drawn many times, for comparison with exact ones."""

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np

import svilang
from svilang import pipeline
from svilang.runtime import baselines, layout, noise
from svilang.runtime.baselines import Averages
from svilang.runtime.noise import Plan, Stream
from svilang.runtime.objectives import OBJECTIVES
from svilang.runtime.program import Recipe
from svilang.runtime.view import View
from svilang.runtime.whitening import diagonal


def logit(p):
    return float(np.log(p / (1 - p)))


@dataclass
class Estimates:
    """Losses and gradients of many steps at the initial parameters; gradients by the guide's flat parameters."""

    bounds: np.ndarray
    gradients: np.ndarray
    recipe: Recipe

    @property
    def mean(self):
        return self.gradients.mean(0)

    @property
    def error(self):
        return self.gradients.std(0, ddof=1) / np.sqrt(len(self.gradients))

    @property
    def bound_error(self):
        return self.bounds.std(ddof=1) / np.sqrt(len(self.bounds))


def lowered(text, data=None, sets=None, batches=None, objective="elbo"):
    """A spec as pure functions in double precision."""
    program = svilang.compile(text)
    bound = program.bind(data or {}, set=sets).bound
    return pipeline.lower(bound, program.checked, program.source, tuple((batches or {}).items()), objective)


def estimates(
    text,
    *,
    data=None,
    steps=4000,
    particles=2,
    objective="elbo",
    seed=0,
    at=None,
    sampled=False,
    batches=None,
    rows=None,
    weight=None,
    baseline=None,
    averages=None,
    antithetic=True,
    **settings,
):
    """The bound and its gradient at the initial parameters (or at ``at``), ``steps`` times.

    ``sampled`` draws every site; ``rows`` are those of ``batches`` that a step sees, ``[rows]`` or ``[steps, rows]``;
    ``weight`` is that of the terms of the latents; ``averages`` are those of the costs that ``baseline`` takes;
    particles are independent where they are not ``antithetic``.
    """
    low = lowered(text, data, batches=batches, objective=objective)
    target = low.target
    made = layout.make(target, low.families)
    row = replace(OBJECTIVES[objective], analytic=False) if sampled else OBJECTIVES[objective]
    told = {} if weight is None else {"weight": jnp.asarray(float(weight))}
    seen = {name: np.asarray(one, np.int32) for name, one in (rows or {}).items()}
    seen = {name: np.broadcast_to(one, (steps, one.shape[-1])) for name, one in seen.items()}
    size = View(made).noise
    plan = Plan(1, particles, size, antithetic)
    taken = baselines.of(None if baseline is None else pipeline.setting("baseline", baseline))
    recipe = Recipe(made, row, {**row.settings, **settings}, None, plan, "float64", True, baseline=taken)
    whitens = _plain(low)
    params = jnp.asarray(made.init(whitens) if at is None else at)
    source = noise.on_host(Plan(steps, particles, size, antithetic), seed, Stream.FIT, 0, np.dtype(float))

    @jax.jit
    def many(data, source, seen):
        prepared = recipe.view.layout.target.prepare(data)

        def loss(params, row, rows):
            given = {"noise": row, "rows": rows, **told}
            before = Averages() if averages is None else Averages(tuple(map(jnp.asarray, averages)), 1.0)
            return recipe.estimate(params, whitens, prepared, given, jnp.ones(()), before)[0]

        return jax.vmap(lambda row, rows: jax.value_and_grad(loss)(params, row, rows))(source, seen)

    losses, gradients = many(target.data, source, seen)
    return Estimates(-np.asarray(losses), -np.asarray(gradients), recipe)


def _plain(low):
    """Whitens that leave everything where it is."""
    target, theta = low.target, np.asarray(low.target.theta)
    families = [diagonal(np.zeros(target.size), np.ones(target.size), use.indices) for use in low.families]
    return (*families, diagonal(theta, np.ones_like(theta), range(len(theta))))


def bound(text, evaluate):
    """The bound of one particle at the initial parameters, and its gradient; ``evaluate(function, at)`` computes it."""
    low, row = lowered(text), OBJECTIVES["elbo"]
    made = layout.make(low.target, low.families)
    recipe = Recipe(made, row, row.settings, None, Plan(1, 1, made.noise), "float64", True)
    whitens, source = _plain(low), noise.on_host(recipe.plan, 0, Stream.FIT, 0, np.dtype(float))
    given = {"noise": jax.tree.map(lambda values: values[0], source), "rows": {}}

    def value(params):
        return -recipe.loss(params, whitens, low.target.prepare(low.target.data), given, jnp.ones(()))

    return evaluate(jax.value_and_grad(value), jnp.asarray(made.init(whitens)))
