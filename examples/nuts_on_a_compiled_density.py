"""Check a fit against NUTS: the compiled density is a pure JAX function of one unconstrained vector."""

import blackjax
import jax
import jax.numpy as jnp
import numpy as np

import svilang

SPEC = """
data { x: real[row]   y: real[row] }
model {
  intercept ~ Normal(0, 5)
  slope ~ Normal(0, 5)
  noise ~ HalfNormal(2)
  plate row { observe y ~ Normal(intercept + slope * x, noise) }
}
guide = full_rank
"""


def nuts(model: svilang.Model, warmup: int, draws: int) -> dict[str, np.ndarray]:
    """Draws of all latent variables, on their own scales."""
    density = jax.jit(model.unconstrained.log_density)
    start, key = jnp.zeros(model.unconstrained.size), jax.random.key(0)
    adaptation = blackjax.window_adaptation(blackjax.nuts, density)
    (state, settings), _ = adaptation.run(jax.random.fold_in(key, 0), start, num_steps=warmup)
    kernel = blackjax.nuts(density, **settings)

    def step(state, key):
        state, _ = kernel.step(key, state)
        return state, state.position

    _, positions = jax.lax.scan(step, state, jax.random.split(jax.random.fold_in(key, 1), draws))
    return {name: np.asarray(values) for name, values in jax.vmap(model.unconstrained.constrain)(positions).items()}


def main(warmup: int = 500, draws: int = 1000) -> list[tuple[str, float, float, float]]:
    random = np.random.default_rng(0)
    x = random.normal(size=50)
    model = svilang.compile(SPEC).bind({"x": x, "y": 1 + 2 * x + random.normal(size=50)})
    fit, chain = model.fit(progress="none"), nuts(model, warmup, draws)
    rows = [(row.name, row.mean, float(chain[row.name].mean()), float(chain[row.name].std())) for row in fit.summary()]
    for name, fitted, sampled, sd in rows:
        print(f"{name:>10}   fit {fitted:6.3f}   NUTS {sampled:6.3f} ± {sd:.3f}")
    return rows


if __name__ == "__main__":
    main()
