"""A variational autoencoder of the digits, beside NumPyro's with the same layers and the same parameters."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import optax
import pytest
from numpyro.infer.util import log_density

import svilang
from svilang import pipeline

SPEC = Path(__file__).parents[2] / "specs" / "vae_digits" / "vae_digits.svi"
IMAGES, CODE = 60, 8
PIXELS = np.load(SPEC.parent / "digits.npz")["pixels"][:IMAGES].astype(int)


def decoder(p, z):
    h = jax.nn.softplus(z @ p["decode.1.z"] + p["decode.1.bias"])
    return h @ p["decode.logits.weight"] + p["decode.logits.bias"]


def encoder(p, x):
    h = jax.nn.softplus(x @ p["encode.1.x"] + p["encode.1.bias"])
    loc = h @ p["encode.loc.weight"] + p["encode.loc.bias"]
    return loc, jnp.exp(h @ p["encode.scale.weight"] + p["encode.scale.bias"])


def model(pixels, p):
    with numpyro.plate("image", len(pixels), dim=-1):
        z = numpyro.sample("z", dist.Normal(jnp.zeros(CODE), 1).to_event(1))
        numpyro.sample("pixels", dist.Binomial(16, logits=decoder(p, z)).to_event(1), obs=pixels)


def guide(pixels, p):
    with numpyro.plate("image", len(pixels), dim=-1):
        loc, scale = encoder(p, pixels / 16)
        numpyro.sample("z", dist.Normal(loc, scale).to_event(1))


@pytest.fixture(scope="module")
def ours():
    bound = svilang.load(SPEC).bind({"pixels": PIXELS})
    lowered = pipeline.lower(bound.bound, bound.program.checked, bound.program.source)
    with jax.enable_x64(True):
        target = lowered.target
        prepared = target.prepare(target.data)
    return lowered, target, prepared


def named(layout, flat):
    return {name: flat[piece.start : piece.stop].reshape(piece.shape) for name, piece in layout.pieces.items()}


def parameters(lowered, phi, theta):
    return {**named(lowered.full.params, theta), **named(lowered.guide.params, phi)}


def drawn(lowered, target, prepared, phi, theta, normals):
    """Our draw, the log density of the model at it, and that of the guide."""
    noise = {"normal": normals, "uniform": jnp.zeros(0), "keys": jnp.zeros((0, 2), jnp.uint32)}
    none = jnp.zeros(0)
    given, log_q, _ = target.explicit.sample(prepared, phi, noise, none)
    return given["z"], target.log_density(prepared, none, theta, given), log_q


def test_model_and_guide_have_numpyros_densities_at_equal_parameters(ours):
    lowered, target, _ = ours
    rng = np.random.default_rng(0)
    with jax.enable_x64(True):
        phi, theta = (rng.normal(size=len(start)) * 0.3 for start in (target.explicit.init, target.theta))
        p = parameters(lowered, phi, theta)
        normals = rng.normal(size=IMAGES * CODE)
        z, log_p, log_q = jax.jit(lambda *at: drawn(*ours, *at))(phi, theta, normals)
        loc, scale = encoder(p, PIXELS / 16)
        np.testing.assert_allclose(z, loc + scale * normals.reshape(IMAGES, CODE), rtol=1e-12)
        assert float(log_p) == pytest.approx(float(log_density(model, (PIXELS, p), {}, {"z": z})[0]), rel=1e-10)
        assert float(log_q) == pytest.approx(float(log_density(guide, (PIXELS, p), {}, {"z": z})[0]), rel=1e-10)


def test_the_slopes_of_the_objective_are_numpyros(ours):
    lowered, target, _ = ours
    with jax.enable_x64(True):
        phi, theta = jnp.asarray(target.explicit.init), jnp.asarray(target.theta)
        normals = np.random.default_rng(1).normal(size=IMAGES * CODE)

        def mine(phi, theta):
            _, log_p, log_q = drawn(*ours, phi, theta, normals)
            return log_p - log_q

        def theirs(phi, theta):
            p = parameters(lowered, phi, theta)
            loc, scale = encoder(p, PIXELS / 16)
            z = loc + scale * normals.reshape(IMAGES, CODE)
            return log_density(model, (PIXELS, p), {}, {"z": z})[0] - log_density(guide, (PIXELS, p), {}, {"z": z})[0]

        found, expected = (jax.jit(jax.grad(one, (0, 1)))(phi, theta) for one in (mine, theirs))
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-7 * float(jnp.max(jnp.abs(b))))


@pytest.mark.posterior
def test_the_bound_rises_as_numpyros_does():
    """Both from the same start by Adam at the same rate, with their own noise; the last hundred losses are compared.

    Ours come in pairs of opposite noise, so that they may be lower.
    """
    steps, rate = 600, 0.003
    bound = svilang.load(SPEC).bind({"pixels": PIXELS})
    lowered = pipeline.lower(bound.bound, bound.program.checked, bound.program.source)
    start = parameters(lowered, lowered.target.explicit.init, np.asarray(lowered.target.theta))
    fit = bound.fit(seed=0, steps=steps, minibatch={}, progress="none")

    def their_model(pixels):
        names = [name for name in start if name.startswith("decode")]
        model(pixels, {name: numpyro.param(name, start[name]) for name in names})

    def their_guide(pixels):
        names = [name for name in start if name.startswith("encode")]
        guide(pixels, {name: numpyro.param(name, start[name]) for name in names})

    svi = numpyro.infer.SVI(their_model, their_guide, optax.adam(rate), numpyro.infer.Trace_ELBO())
    theirs = np.asarray(svi.run(jax.random.key(0), steps, PIXELS, progress_bar=False).losses)
    assert np.mean(fit.losses[:5]) == pytest.approx(np.mean(theirs[:5]), rel=0.05)
    assert np.mean(fit.losses[-100:]) <= 1.01 * np.mean(theirs[-100:])
