"""Write the optimisation by hand: Optax on the guide and the density of a model."""

import jax
import jax.numpy as jnp
import optax

import svilang

SPEC = """
data { y: real[row] = [1.2, 0.4, 2.2, 1.9] }
model {
  mu ~ Normal(0, 5)
  sigma ~ HalfNormal(2)
  plate row { observe y ~ Normal(mu, sigma) }
}
guide = full_rank
"""


def main(steps: int = 1500, particles: int = 16) -> tuple[float, float]:
    model = svilang.compile(SPEC).bind()
    guide = model.guide
    optimizer = optax.adam(optax.cosine_decay_schedule(0.05, steps))

    def loss(params, key):
        def term(key):
            latents, log_q = guide.sample(params, key)
            return log_q - model.log_density(latents)

        return jnp.mean(jax.vmap(term)(jax.random.split(key, particles)))

    def step(carry, key):
        params, state = carry
        value, slope = jax.value_and_grad(loss)(params, key)
        change, state = optimizer.update(slope, state)
        return (optax.apply_updates(params, change), state), value

    params = jnp.asarray(guide.init())
    keys = jax.random.split(jax.random.key(0), steps)
    (params, _), losses = jax.jit(lambda carry: jax.lax.scan(step, carry, keys))((params, optimizer.init(params)))
    own = -float(losses[-200:].mean())
    fitted = model.fit(progress="none").elbo.value
    print(f"ELBO of the loop {own:.3f}, of model.fit() {fitted:.3f}")
    return own, fitted


if __name__ == "__main__":
    main()
