"""The three programs that optimise one workload, each ready to take steps, and the proof that they agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from workloads import HALF_LOG_2PI, Workload

import svilang
from svilang import pipeline
from svilang.runtime import layout, noise, start
from svilang.runtime.runner import Runner
from svilang.runtime.settings import CallSpec, FitSettings
from svilang.runtime.svi import _Fit

RATE = 0.01
STEPS = 2000
"""Steps of the fit whose loop is timed."""
Take = Callable[[], None]
"""Takes one timed run of steps."""


@dataclass(frozen=True)
class Side:
    """One program, compiled: ``take`` runs so many ``steps``."""

    take: Take
    steps: int


def compiled(work: Workload) -> svilang.api.Model:
    return svilang.compile(work.spec).bind(work.data)


def lowered(work: Workload, precision: str | None = None) -> tuple[Any, FitSettings]:
    """What ``Model.fit`` hands to the runtime, rewrites of the data included."""
    model = compiled(work)
    checked, source = model.program.checked, model.program.source
    bound, _ = pipeline.compress(model.bound, checked)
    adam, chunk = CallSpec("adam", ((None, RATE),)), min(500, work.steps)
    chosen = FitSettings(optimizer=adam, particles=1, precision=precision, chunk=chunk)
    return pipeline.lower(bound, checked, source, checked.fit.minibatch), chosen


def ours(work: Workload, precision: str | None = None, *, searched: bool = True) -> Side:
    """The runtime's own loop: noise on the host, a program call for each chunk, losses back.

    Where nothing is ``searched`` it starts at the origin, as the other sides do.
    """
    low, settings = lowered(work, precision)
    target, families = low.target, low.families
    size = target.size + len(target.theta)
    here = start.Start(start._whitens(target, families, np.zeros(size), np.full(size, 0.1), {}), 0.0, True)
    found = start.find(target, families, settings.seed) if searched else here
    plan = layout.make(low.target, low.families)
    fit = _Fit(low.target, low.families, settings, lambda _: None)
    fit.limit = STEPS
    recipe = fit.recipe(plan, [found])
    runner = Runner(recipe, [found.whitens], plan.init(found.whitens)[None], settings.seed)

    chunks = max(1, work.steps // runner.capacity)

    def take() -> None:
        for _ in range(chunks):
            runner.advance(np.ones((1, runner.capacity)), np.ones(runner.capacity), 0, lambda done, losses: None)

    return Side(take, chunks * runner.capacity)


def numpyros(work: Workload, guide: Callable[..., Any] | None = None) -> Side:
    """The loop of ``SVI.run(progress_bar=False)``, compiled once: as it stands it compiles at each call."""
    from numpyro.infer import SVI, Trace_ELBO
    from numpyro.infer.autoguide import AutoNormal
    from numpyro.optim import Adam

    data = {name: jnp.asarray(values) for name, values in work.data.items()}
    svi = SVI(work.numpyro, (guide or AutoNormal)(work.numpyro), Adam(RATE), Trace_ELBO())
    state = svi.init(jax.random.key(0), **data)

    @jax.jit
    def run(state: Any, data: Any) -> Any:
        return jax.lax.scan(lambda state, _: svi.update(state, **data), state, None, length=work.steps)

    return Side(_repeated(run, state, data), work.steps)


def straight(work: Workload) -> Side:
    """One flat mean field with its entropy in closed form, the noise drawn inside the loop."""
    data = {name: jnp.asarray(values) for name, values in work.data.items()}
    size = _size(work)
    adam = optax.adam(RATE)

    def loss(params: Any, key: Any, data: Any) -> Any:
        loc, log_scale = params
        draw = loc + jnp.exp(log_scale) * jax.random.normal(key, (size,))
        return -work.straight(draw, data) - jnp.sum(log_scale)

    def step(data: Any, state: Any, _: Any) -> Any:
        params, memory, key = state
        key, now = jax.random.split(key)
        value, gradient = jax.value_and_grad(loss)(params, now, data)
        updates, memory = adam.update(gradient, memory)
        return (optax.apply_updates(params, updates), memory, key), value

    @jax.jit
    def run(state: Any, data: Any) -> Any:
        return jax.lax.scan(partial(step, data), state, None, length=work.steps)

    params = (jnp.zeros(size), jnp.full(size, -2.0))
    return Side(_repeated(run, (params, adam.init(params), jax.random.key(0)), data), work.steps)


def _repeated(run: Any, state: Any, data: Any) -> Take:
    held = [state]

    def take() -> None:
        held[0], losses = run(held[0], data)
        losses.block_until_ready()

    return take


def _size(work: Workload) -> int:
    return lowered(work)[0].target.size


# --- the same objective -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """Greatest differences between the sides, relative to the size of what is compared (1 where that is smaller)."""

    log_joint: float
    elbo: float
    gradient: float


def agreement(work: Workload, points: int = 4) -> Agreement:
    """Log joint, ELBO and its gradient at equal parameters and equal draws, in float64."""
    with jax.enable_x64(True):
        low, _ = lowered(work, "float64")
        target, size = low.target, low.target.size
        blocks = {block.name: slice(block.start, block.stop) for block in target.blocks}
        order = np.concatenate([np.arange(size)[blocks[name]] for name in work.sites])
        data = {name: jnp.asarray(values) for name, values in work.data.items()}
        prepared = target.prepare(target.data)
        source = np.random.default_rng(23)
        loc, scale = 0.3 * source.standard_normal(size), np.exp(0.2 * source.standard_normal(size) - 1)
        draws = loc + scale * source.standard_normal((points, size))
        ours = jax.jit(jax.vmap(lambda z: target.log_density(prepared, z, target.theta, {})))
        by_hand = jax.jit(jax.vmap(lambda z: work.straight(z[order], data)))
        theirs = [_numpyro_at(work, draw, loc, scale, blocks, data) for draw in draws]
        log_q = np.sum(-0.5 * ((draws - loc) / scale) ** 2 - np.log(scale) - HALF_LOG_2PI, axis=1)
        log_p = [np.asarray(ours(draws)), np.asarray(by_hand(draws)), np.array([p for p, _ in theirs])]
        bounds = [log_p[0] - log_q, log_p[1] - log_q, np.array([p - q for p, q in theirs])]
        slopes = [np.asarray(jax.vmap(jax.grad(lambda z, f=f: f(z[None])[0]))(draws)) for f in (ours, by_hand)]
        runner = _entropy_gap(low, loc, scale, draws, log_p[0])
        return Agreement(_apart(log_p), max(_apart(bounds), runner), _apart(slopes))


def _numpyro_at(work: Workload, draw: Any, loc: Any, scale: Any, blocks: Any, data: Any) -> tuple[float, float]:
    """Log joint and log density of AutoNormal at one draw, both with the Jacobian of the unconstraining maps."""
    from numpyro import handlers
    from numpyro.infer.autoguide import AutoNormal
    from numpyro.infer.util import log_density, potential_energy

    guide = AutoNormal(work.numpyro)
    with handlers.seed(rng_seed=0), handlers.block():
        guide(**data)
    own = {name: draw[at].reshape(np.shape(guide._init_locs[name])) for name, at in blocks.items()}
    params = {f"{name}_auto_loc": loc[at].reshape(own[name].shape) for name, at in blocks.items()}
    params |= {f"{name}_auto_scale": scale[at].reshape(own[name].shape) for name, at in blocks.items()}
    log_p = -float(potential_energy(work.numpyro, (), data, own))
    values = guide._postprocess_fn(own)
    held = {name: values[name] for name in own}
    log_q, _ = log_density(handlers.seed(guide, 0), (), data, {**params, **held})
    model, _ = log_density(work.numpyro, (), data, held)
    return log_p, float(log_q) + log_p - float(model)


def _entropy_gap(low: Any, loc: Any, scale: Any, draws: Any, log_p: Any) -> float:
    """How far the runtime's own loss is from ``log p + entropy`` at the same draws."""
    plan = layout.make(low.target, low.families)
    whitens = start._whitens(low.target, low.families, np.zeros(len(loc)), np.ones(len(loc)), {})
    settings = FitSettings(optimizer=CallSpec("adam"), particles=1, precision="float64")
    fit = _Fit(low.target, low.families, settings, lambda _: None)
    fit.limit = STEPS
    recipe = fit.recipe(plan, [start.Start(whitens, 0.0, True)])
    params, eps = np.concatenate([loc, np.log(scale)]), (draws - loc) / scale
    prepared = low.target.prepare(low.target.data)
    shape = noise.Plan(1, 1, plan.noise)
    rows = noise.on_host(shape, 0, noise.Stream.FIT, 0, np.dtype(float))

    def bound(one: Any) -> Any:
        drawn = {**{name: jnp.asarray(values[0]) for name, values in rows.items()}, "normal": one[None]}
        return -recipe.loss(params, whitens, prepared, {"noise": drawn, "rows": {}}, jnp.zeros(()))

    entropy = np.sum(np.log(scale) + 0.5 + HALF_LOG_2PI)
    return _apart([np.asarray(jax.vmap(bound)(jnp.asarray(eps))), log_p + entropy])


def _apart(values: list[np.ndarray]) -> float:
    size = max(1.0, float(np.max(np.abs(values[0]))))
    return max(float(np.max(np.abs(values[0] - other))) for other in values[1:]) / size
