"""``centered(learned)``: the map between centred and noncentred, its Jacobian, and the degrees that a fit finds."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import svilang
from svilang import pipeline

LAWS = {
    "Normal": "Normal(mu, tau)",
    "LogNormal": "LogNormal(mu, tau)",
    "StudentT": "StudentT(4, mu, tau)",
    "Laplace": "Laplace(mu, tau)",
    "Gumbel": "Gumbel(mu, tau)",
}

STANDARD = {
    "Normal": stats.norm,
    "LogNormal": stats.norm,
    "StudentT": stats.t(4),
    "Laplace": stats.laplace,
    "Gumbel": stats.gumbel_r,
}

SPEC = """
data { y: real[school] = [28, 8, -3, 7]   stderr: positive[school] = [15, 10, 16, 11] }
model {
  mu ~ Normal(0, 1)
  tau ~ HalfNormal(1)
  plate school { theta ~ %s   observe y ~ Normal(theta, stderr) }
}
guide seen { centered(learned) theta }
guide written { rest ~ mean_field }
guide standard { noncentered theta }
"""

SCHOOLS = """
data {
  effect: real[school] = [28, 8, -3, 7, -1, 1, 18, 12]
  stderr: positive[school] = [15, 10, 16, 11, 9, 11, 10, 18]
  precision: positive
}
model {
  mu ~ Normal(0, 5)
  tau ~ HalfCauchy(5)
  plate school { theta ~ Normal(mu, tau)   observe effect ~ Normal(theta, stderr / precision) }
}
guide seen { centered(learned) theta }
guide written { rest ~ mean_field }
guide standard { noncentered theta }
"""


def lowered(law, guide):
    return svilang.compile(SPEC % law, guide=guide).bind().guide._lowered


def mapped(target, z, degree):
    """The constrained latents and the log density at coordinates of the guide."""
    theta = jnp.full(target.held, jnp.log(degree) - jnp.log1p(-degree))
    prepared = target.prepare(target.data)
    return target.draws(prepared, z, theta, {})


@functools.cache
def densities(law):
    """At coordinates and a degree: the log density, that of the model at the latents, and the map's log determinant."""
    one = lowered(LAWS[law], "seen")

    def latents(z, degree):
        values = mapped(one.target, z, degree)[0]
        return {name: values[name] for name in ("mu", "tau", "theta")}

    def flat(z, degree):
        return jnp.concatenate([jnp.ravel(value) for value in latents(z, degree).values()])

    def all_three(z, degree):
        log_det = jnp.linalg.slogdet(jax.jacfwd(flat)(z, degree))[1]
        return mapped(one.target, z, degree)[1], one.log_density(latents(z, degree)), log_det

    return jax.jit(all_three)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("degree", [1e-12, 0.3, 0.8, 1 - 1e-12])
def test_the_log_density_is_that_of_the_model_with_the_log_determinant_of_the_map(law, degree):
    with jax.enable_x64(True):
        found, of_model, log_det = densities(law)(np.random.default_rng(3).normal(size=6), degree)
    np.testing.assert_allclose(found, of_model + log_det, rtol=1e-10)


@pytest.mark.parametrize(("degree", "guide"), [(1e-13, "standard"), (1 - 1e-13, "written")])
def test_the_ends_are_the_noncentred_and_the_centred_form(degree, guide):
    with jax.enable_x64(True):
        z = jnp.asarray(np.random.default_rng(4).normal(size=6))
        seen, plain = (lowered(LAWS["Normal"], one).target for one in ("seen", guide))
        found, exact = jax.jit(lambda z: (mapped(seen, z, degree)[0], mapped(plain, z, 0.5)[0]))(z)
    np.testing.assert_allclose(found["theta"], exact["theta"], rtol=1e-9)


@pytest.mark.parametrize("degree", [1e-13, 0.1])
@pytest.mark.parametrize("law", LAWS)
def test_the_density_keeps_its_digits_where_the_scale_is_too_small_for_those_of_the_value(law, degree):
    """There ``mu + tau^(1 - degree) (z - degree mu)`` is ``mu``, to all digits."""
    mu, log_tau, standard = 2.0, -60.0, np.array([0.4, -1.2, 3.0, 0.1])
    z = degree * mu + np.exp(degree * log_tau) * standard
    prior = STANDARD[law].logpdf(standard)
    value = np.exp(mu) if law == "LogNormal" else mu
    likelihood = stats.norm.logpdf([28, 8, -3, 7], value, [15, 10, 16, 11])
    scales = stats.halfnorm.logpdf(np.exp(log_tau)) + log_tau
    exact = stats.norm.logpdf(mu) + scales + np.sum(prior - degree * log_tau + likelihood)
    with jax.enable_x64(True):
        found = densities(law)(np.array([mu, log_tau, *z]), degree)[0]
    np.testing.assert_allclose(found, exact, rtol=1e-10)


@pytest.mark.posterior
@pytest.mark.parametrize(("precision", "least", "most", "best"), [(1, 0.0, 0.2, "standard"), (20, 0.9, 1.0, "written")])
def test_a_fit_finds_the_better_form(precision, least, most, best):
    """With little data the noncentred form has the better bound, with much the centred one."""
    data = {"precision": precision}
    fit = svilang.compile(SCHOOLS, guide="seen").bind(data).fit(progress="none")
    degrees = fit.params["centered(theta)"].values
    other = svilang.compile(SCHOOLS, guide=best).bind(data).fit(progress="none")
    assert degrees.shape == (8,)
    assert np.all((least <= degrees) & (degrees <= most))
    assert fit.elbo.value > other.elbo.value - 0.15


def test_the_guide_as_a_function_has_the_density_of_its_own_draws():
    """The bound from its draws is that of the target."""
    model = svilang.compile(SPEC % LAWS["Normal"], guide="seen").bind()
    with jax.enable_x64(True):
        params = jnp.asarray(np.random.default_rng(5).normal(size=model.guide.size) * 0.3)
        latents, log_q = model.guide.sample(params, jax.random.key(1))
        degree = jax.nn.sigmoid(params[-4:])
        loc, scale = params[:6], jnp.exp(params[6:12])
        mu, tau = latents["mu"], latents["tau"]
        z = degree * mu + tau**degree * (latents["theta"] - mu) / tau
        seen = jnp.concatenate([jnp.stack([mu, jnp.log(tau)]), z])
        normal = jnp.sum(jax.scipy.stats.norm.logpdf(seen, loc, scale))
        exact = normal - jnp.log(tau) - jnp.sum((1 - degree) * jnp.log(tau))
    np.testing.assert_allclose(log_q, exact, rtol=1e-10)


def test_a_fit_with_degrees_is_saved_and_predicts(tmp_path):
    model = svilang.compile(SCHOOLS, guide="seen").bind({"precision": 1})
    fit = model.fit(steps=200, progress="none")
    fit.save(tmp_path / "fit.nc")
    again = svilang.load_fit(tmp_path / "fit.nc")
    np.testing.assert_allclose(again.params["centered(theta)"].values, fit.params["centered(theta)"].values)
    assert np.all(np.isfinite(again.predict().values["effect"]))


def test_the_plan_says_that_the_degree_is_fitted():
    program = svilang.compile(SPEC % LAWS["Normal"], guide="seen")
    assert "centred by a degree that is fitted" in str(pipeline.planned(program.checked, program.source))
