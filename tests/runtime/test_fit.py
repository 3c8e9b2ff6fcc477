"""Whole fits of targets with known posteriors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from runtime_targets import (
    beta_binomial,
    eight_schools,
    everything,
    gaussian,
    logistic,
    normal,
    random_covariance,
    regression,
    simple,
)
from scipy import special, stats

from svilang.diagnostics import NumericalError, SvilangError
from svilang.runtime.checks import Reading, khat
from svilang.runtime.errors import NotFinite
from svilang.runtime.guides import placed
from svilang.runtime.settings import CallSpec, FitSettings
from svilang.runtime.status import Status
from svilang.runtime.structure import FamilyUse
from svilang.runtime.svi import draw, fit
from svilang.runtime.target import Block, Explicit, GuideDraw, Noise, Target

NOTHING = FitSettings(steps=400)


def _moments(result):
    return placed(result.families[0]).moments(result.params, result.whitens[0])


def _covariance(result):
    """Of a full-rank guide, by its map of the noise."""
    whiten = result.whitens[0]
    size = len(whiten.loc)
    square = result.params[size:].reshape(size, size)
    root = whiten.tril @ (np.tril(square, -1) + np.diag(np.exp(np.diag(square))))
    return root @ root.T


def _kl(mean, covariance, exact_mean, exact_covariance):
    root = np.linalg.cholesky(exact_covariance)
    inner = np.linalg.solve(root, np.linalg.solve(root, covariance).T)
    shift = np.linalg.solve(root, mean - exact_mean)
    return 0.5 * (np.trace(inner) - len(mean) + shift @ shift - np.linalg.slogdet(inner)[1])


@pytest.mark.parametrize(("size", "condition"), [(2, 1e8), (10, 1e4), (50, 1e8)])
def test_a_full_rank_guide_finds_an_ill_conditioned_gaussian_far_from_the_origin(size, condition):
    covariance = random_covariance(size, condition, seed=size)
    mean = 1e4 * np.random.default_rng(size).standard_normal(size)
    target = gaussian(mean, covariance, log_evidence=-7.0)
    result = fit(target, everything("full_rank", target), FitSettings(steps=600))
    assert result.status is Status.CONVERGED
    assert _kl(_moments(result)[0], _covariance(result), mean, covariance) < 1e-3
    assert result.elbo[0] == pytest.approx(-7.0, abs=1e-2)


def test_a_mean_field_of_a_gaussian_has_its_mean_and_the_conditional_spread():
    covariance = random_covariance(6, 1e4, seed=2)
    target = gaussian(np.arange(6.0), covariance)
    result = fit(target, everything("mean_field", target), NOTHING)
    mean, sd = _moments(result)
    precision = np.linalg.inv(covariance)
    np.testing.assert_allclose((mean - np.arange(6.0)) / np.sqrt(np.diag(covariance)), 0, atol=0.02)
    np.testing.assert_allclose(sd * np.sqrt(np.diag(precision)), 1, rtol=0.02)
    shortfall = 0.5 * (np.sum(np.log(np.diag(precision))) + np.linalg.slogdet(covariance)[1])
    assert result.elbo[0] == pytest.approx(-shortfall, abs=0.02)


def _raw_regression():
    """Two predictors on raw scales: coefficients correlate at 0.999, posterior sds from 1e-3 to 10."""
    source = np.random.default_rng(5)
    score = 100 + 15 * source.standard_normal(300)
    X = np.column_stack([np.ones(300), score, 1000 * source.standard_normal(300)])
    y = X @ [20.0, 0.6, 0.01] + 18 * source.standard_normal(300)
    return X, y


def _regression_posterior(X, y):
    """Exact moments under flat priors on coefficients and sigma: beta is multivariate t, sigma² inverse gamma."""
    rows, columns = X.shape
    beta = np.linalg.lstsq(X, y, rcond=None)[0]
    freedom = rows - columns - 1
    square = np.sum((y - X @ beta) ** 2)
    covariance = np.linalg.inv(X.T @ X) * square / (freedom - 2)
    log_ratio = special.gammaln((freedom - 1) / 2) - special.gammaln(freedom / 2)
    sigma = np.sqrt(square / 2) * np.exp(log_ratio)
    return beta, np.sqrt(np.diag(covariance)), sigma, np.sqrt(square / (freedom - 2) - sigma**2), covariance


@pytest.mark.parametrize("family", ["full_rank", "mean_field"])
def test_a_regression_on_raw_scales_meets_the_criteria_of_its_family(family):
    X, y = _raw_regression()
    beta, sd, sigma, sigma_sd, covariance = _regression_posterior(X, y)
    target = regression(X, y)
    result = fit(target, everything(family, target), FitSettings())
    values = draw(result, target, 4000, seed=1).values
    mean, spread = _moments(result)
    floor = 1.0 if family == "full_rank" else 1 / np.sqrt(np.diag(np.linalg.inv(covariance)) * np.diag(covariance))
    assert np.max(np.abs(mean[:3] - beta) / sd) < 0.1
    assert np.max(np.abs(spread[:3] / (sd * floor) - 1)) < 0.1
    assert abs(values["sigma"].mean() - sigma) / sigma_sd < 0.15
    assert values["sigma"].std() / sigma_sd == pytest.approx(1, abs=0.1)


def test_a_logistic_regression_agrees_with_importance_sampling():
    target = logistic()
    result = fit(target, everything("full_rank", target), FitSettings(steps=2000))
    sample = draw(result, target, 20_000, seed=3)
    weights = np.exp(sample.log_p - sample.log_q - np.max(sample.log_p - sample.log_q))
    weights /= weights.sum()
    exact = weights @ sample.z
    exact_sd = np.sqrt(weights @ (sample.z - exact) ** 2)
    mean, sd = _moments(result)
    assert khat(sample.log_p, sample.log_q)[0] < 0.5
    np.testing.assert_allclose((mean - exact) / exact_sd, 0, atol=0.05)
    np.testing.assert_allclose(sd / exact_sd, 1, atol=0.05)


def test_a_beta_posterior_on_the_logit_scale_agrees_with_quadrature():
    target = beta_binomial(7, 10)
    result = fit(target, everything("mean_field", target), FitSettings())
    grid = np.linspace(-10, 10, 20_001)
    density = 8 * stats.norm.logcdf(0) + 8 * special.log_expit(grid) + 4 * special.log_expit(-grid)
    density = np.exp(density - density.max())
    density /= density.sum()
    mean = density @ grid
    sd = np.sqrt(density @ (grid - mean) ** 2)
    loc, scale = _moments(result)
    assert abs(loc[0] - mean) < 0.1 * sd
    assert scale[0] == pytest.approx(sd, rel=0.06)
    assert special.betaln(8, 4) - 0.02 < result.elbo[0] < special.betaln(8, 4)


@pytest.mark.parametrize("centred", [True, False])
def test_eight_schools_starts_somewhere_useful_although_its_mode_runs_away(centred):
    target = eight_schools(centred)
    result = fit(target, everything("full_rank", target), FitSettings(steps=4000))
    assert np.all(np.isfinite(result.params))
    values = draw(result, target, 4000, seed=0).values
    assert abs(values["mu"].mean() - 4.4) < 0.25 * 3.3
    assert result.elbo[0] > (-32.8 if centred else -31.65)
    # Standardised there is a mode, only no Gaussian one; centred there is none, and the fit says so.
    assert [(m.code, "`tau`" in m.message) for m in result.messages] == ([("W0702", True)] if centred else [])


def test_a_point_guide_is_the_mode_and_takes_no_steps():
    target = beta_binomial(7, 10)
    result = fit(target, everything("delta", target), FitSettings())
    assert result.steps == 0
    assert result.status is Status.CONVERGED
    np.testing.assert_allclose(_moments(result)[0], special.logit(8 / 12), atol=1e-6)


def test_a_laplace_guide_has_the_curvature_at_the_mode():
    target = beta_binomial(7, 10)
    result = fit(target, everything("laplace", target), FitSettings())
    share = 8 / 12
    np.testing.assert_allclose(_moments(result)[1], 1 / np.sqrt(12 * share * (1 - share)), rtol=1e-5)
    assert result.elbo[0] < special.betaln(8, 4)


def test_a_low_rank_guide_lies_between_mean_field_and_full_rank():
    target = gaussian(np.ones(6), random_covariance(6, 100.0, seed=4), log_evidence=1.0)
    low, high = (fit(target, everything("low_rank", target, rank=r), FitSettings()).elbo[0] for r in (1, 6))
    assert fit(target, everything("mean_field", target), NOTHING).elbo[0] < low < high <= 1.0 + 1e-3
    assert high > 0.95


def test_several_families_share_one_guide_in_any_order_of_coordinates():
    covariance = np.array([[1.0, 0.9, 0, 0], [0.9, 1, 0, 0], [0, 0, 4, 1], [0, 0, 1, 4.0]])
    target = gaussian([1.0, 2, 3, 4], covariance[np.ix_([0, 2, 1, 3], [0, 2, 1, 3])])
    families = (FamilyUse("full_rank", (0, 2)), FamilyUse("mean_field", (3,)), FamilyUse("delta", (1,)))
    result = fit(target, families, FitSettings(steps=1000))
    sample = draw(result, target, 4000, seed=1).z
    np.testing.assert_allclose(sample.mean(axis=0), [1, 2, 3, 4], atol=0.15)
    assert np.corrcoef(sample[:, 0], sample[:, 2])[0, 1] == pytest.approx(0.9, abs=0.02)
    assert sample[:, 3].std() == pytest.approx(np.sqrt(4 - 1 / 4), rel=0.05)
    np.testing.assert_allclose(sample[:, 1].std(), 0, atol=1e-14)


def _random_effects(theta):
    """y_i ~ N(z_i, 1), z_i ~ N(theta, 2): the marginal is N(theta, sqrt 5)."""
    y = np.array([1.0, 3.0, 4.0, 8.0])

    def log_density(d, z, theta, given):
        return jnp.sum(normal(z, theta[0], 2.0)) + jnp.sum(normal(d["y"], z, 1.0))

    return y, simple(4, {"y": y}, log_density, theta=theta)


def test_parameters_of_the_model_maximise_the_evidence():
    y, target = _random_effects([0.0])
    result = fit(target, everything("mean_field", target), FitSettings())
    assert result.theta[0] == pytest.approx(y.mean(), abs=0.02)
    assert result.elbo[0] == pytest.approx(stats.norm(y.mean(), np.sqrt(5)).logpdf(y).sum(), abs=0.01)


def test_a_model_of_parameters_alone_is_maximum_likelihood():
    y = np.array([1.0, 3.0, 4.0, 8.0])

    def log_density(d, z, theta, given):
        return jnp.sum(normal(d["y"], theta[0], jnp.exp(theta[1])))

    result = fit(simple(0, {"y": y}, log_density, theta=[0.0, 0.0]), (), FitSettings())
    np.testing.assert_allclose(result.theta, [y.mean(), np.log(y.std())], atol=1e-6)
    assert result.elbo == pytest.approx((stats.norm(y.mean(), y.std()).logpdf(y).sum(), 0.0))
    assert result.status is Status.CONVERGED


def _explicit(size):
    """A latent ``x ~ N(0, 1)``, ``y = 1.5 ~ N(x + sum z, 1)``, ``z ~ N(0, 1)``, with x made by the explicit part."""

    def sample(prepared, phi, noise, z):
        eps = noise["normal"][0]
        return GuideDraw(phi[0] + jnp.exp(phi[1]) * eps, normal(eps, 0.0, 1.0) - phi[1], None)

    def log_density(d, z, theta, given):
        return normal(given, 0.0, 1.0) + jnp.sum(normal(z, 0.0, 1.0)) + normal(d["y"], given + jnp.sum(z), 1.0)

    explicit = Explicit(2, np.array([-1.0, 1.0]), Noise(normal=1), sample, (Block("x", 0, 2),))
    plain = simple(size, {"y": np.asarray(1.5)}, log_density)
    parts = {
        name: getattr(plain, name) for name in ("size", "blocks", "data", "prepare", "log_density", "terms", "theta")
    }
    return Target(**parts, explicit=explicit, draws=lambda *at: ({"x": at[-1]}, log_density(*at)))


def test_an_explicit_guide_is_fitted_to_the_exact_posterior():
    target = _explicit(0)
    result = fit(target, (), FitSettings())
    np.testing.assert_allclose([result.phi[0], np.exp(result.phi[1])], [0.75, np.sqrt(0.5)], rtol=0.02)
    assert result.elbo[0] == pytest.approx(stats.norm(0, np.sqrt(2)).logpdf(1.5), abs=0.01)
    sample = draw(result, target, 2000, seed=0)
    assert sample.elbo[0] == pytest.approx(stats.norm(0, np.sqrt(2)).logpdf(1.5), abs=0.01)
    assert sample.values["x"].mean() == pytest.approx(0.75, abs=0.06)


def test_families_and_an_explicit_part_are_fitted_together():
    target = _explicit(1)
    result = fit(target, everything("mean_field", target), FitSettings())
    # Given the others, each of x and z has precision 2; both means are y / 3.
    mean, sd = _moments(result)
    np.testing.assert_allclose([result.phi[0], mean[0]], 0.5, atol=0.03)
    np.testing.assert_allclose([np.exp(result.phi[1]), sd[0]], np.sqrt(0.5), rtol=0.03)


def test_the_standard_error_of_the_elbo_covers_its_error():
    target = beta_binomial(7, 10)
    result = fit(target, everything("mean_field", target), NOTHING)
    values = [draw(result, target, 500, seed=seed).elbo for seed in range(40)]
    exact = draw(result, target, 100_000, seed=99).elbo[0]
    scores = np.array([(value - exact) / error for value, error in values])
    assert 0.7 < scores.std() < 1.4
    assert abs(scores.mean()) < 0.5


@pytest.mark.parametrize("objective", ["iwae", "renyi"])
def test_other_bounds_are_tight_where_the_guide_is_exact(objective):
    target = gaussian([1.0, -1.0], np.array([[2.0, 0.5], [0.5, 1.0]]), log_evidence=3.0)
    result = fit(target, everything("full_rank", target), FitSettings(CallSpec(objective), steps=2000))
    assert result.elbo[0] == pytest.approx(3.0, abs=0.01)


def test_float32_gives_the_same_answer():
    target = logistic()
    single, double = (
        fit(target, everything("mean_field", target), FitSettings(steps=1000, precision=precision))
        for precision in ("float32", "float64")
    )
    assert single.precision == "float32"
    np.testing.assert_allclose(_moments(single)[0], _moments(double)[0], atol=0.01)


def test_weights_that_vanish_beside_the_largest_are_no_good_sign():
    ratios = 3000 * np.random.default_rng(2).normal(size=1000)
    assert khat(ratios, np.ones(1000)) == (np.inf, Reading.BAD)


def test_point_posteriors_do_not_pretend_to_a_khat():
    assert khat(np.linspace(0, 1, 100), np.zeros(100))[1] is Reading.UNKNOWN


def test_khat_reads_a_guide_that_is_too_narrow_as_bad_and_one_that_is_wide_as_good():
    noise = np.random.default_rng(0).standard_normal(4000)
    wide = khat(stats.norm.logpdf(1.5 * noise), stats.norm(0, 1.5).logpdf(1.5 * noise))
    narrow = khat(stats.norm.logpdf(0.3 * noise), stats.norm(0, 0.3).logpdf(0.3 * noise))
    assert wide[0] < 0.5
    assert wide[1] is Reading.GOOD
    assert narrow[0] > 0.7
    assert narrow[1] is Reading.BAD


def test_the_shape_of_ratios_that_are_nearly_equal_is_not_held_against_a_guide():
    tail = np.log1p(0.0005 * np.random.default_rng(1).pareto(1.1, 2000))
    value, reading = khat(tail, np.ones(2000))
    assert value > 0.7
    assert reading is Reading.EXACT


def test_a_flat_direction_is_bounded_and_named():
    def log_density(d, z, theta, given):
        return normal(z[0] + z[1], 0.0, 1.0) + normal(z[2], 0.0, 1.0)

    target = simple(3, {}, log_density, ["a", "b", "c"])
    result = fit(target, everything("mean_field", target), FitSettings(steps=200))
    assert "W0701" in [message.code for message in result.messages]
    assert "`a`, `b`" in result.messages[0].message
    assert np.all(np.isfinite(result.params))


def test_many_coordinates_are_whitened_by_scale_alone():
    scale = np.geomspace(1e-2, 1e2, 600)

    def log_density(d, z, theta, given):
        return jnp.sum(normal(z, 3.0, d["scale"]))

    target = simple(600, {"scale": scale}, log_density)
    result = fit(target, everything("mean_field", target), FitSettings(steps=600))
    mean, sd = _moments(result)
    np.testing.assert_allclose((mean - 3) / scale, 0, atol=0.05)
    np.testing.assert_allclose(sd / scale, 1, rtol=0.05)


def test_an_impossible_model_names_the_term_before_the_first_step():
    def terms(d, z, theta, given):
        return {"mu": normal(z[0], 0.0, 1.0), "y": jnp.log(-jnp.exp(z[0]))}

    target = simple(1, {}, lambda *a: sum(terms(*a).values()), ["mu"], terms=terms)
    with pytest.raises(NotFinite) as caught:
        fit(target, everything("mean_field", target), NOTHING)
    assert caught.value.terms == ("y",)
    assert caught.value.diagnostics[0].code == "E0701"


def _edge(value_at_edge):
    """A density that is fine near its mode and not finite far from it."""

    def terms(d, z, theta, given):
        return {"mu": normal(z[0], 0.0, 1.0), "y": jnp.where(z[0] > 3.0, value_at_edge(z[0]), 0.0)}

    return simple(1, {}, lambda *a: sum(terms(*a).values()), ["mu"], terms=terms)


def test_a_density_that_stops_being_finite_is_named_with_its_step():
    target = _edge(lambda x: -jnp.inf)
    with pytest.raises(NumericalError) as caught:
        fit(target, everything("mean_field", target), FitSettings())
    assert caught.value.terms == ("y",)
    assert caught.value.step > 0
    assert "`y` is -inf" in caught.value.diagnostics[0].message


@jax.custom_vjp
def _broken(x):
    """Zero, with a gradient that is not a number beyond 3."""
    return 0.0 * x


_broken.defvjp(lambda x: (0.0 * x, x), lambda x, g: (jnp.where(x > 3.0, jnp.nan, 0.0) * g,))


@pytest.mark.parametrize(("value", "when"), [(_broken, "step"), (lambda x: jnp.sqrt(x - x), "starting point")])
def test_a_gradient_that_is_not_finite_is_named(value, when):
    def terms(d, z, theta, given):
        return {"mu": normal(z[0], 0.0, 1.0), "y": value(z[0])}

    target = simple(1, {}, lambda *a: sum(terms(*a).values()), ["mu"], terms=terms)
    with pytest.raises(NumericalError) as caught:
        fit(target, everything("mean_field", target), FitSettings())
    assert caught.value.terms == ("y",)
    assert caught.value.diagnostics[0].code == "E0703"
    assert when in caught.value.diagnostics[0].message


def test_no_program_leaks_double_precision_into_the_caller():
    target = beta_binomial()
    fit(target, everything("mean_field", target), NOTHING)
    assert not jax.config.jax_enable_x64


@pytest.mark.posterior
def test_a_laplace_approximation_of_many_coordinates_has_their_whole_covariance():
    covariance = random_covariance(520, 1e3, seed=1)
    target = gaussian(np.zeros(520), covariance, log_evidence=0.0)
    result = fit(target, everything("laplace", target), FitSettings())
    found = placed(result.families[0]).covariance(result.params, result.whitens[0])
    np.testing.assert_allclose(found, covariance, atol=1e-5 * np.max(covariance))


def test_a_laplace_approximation_of_more_coordinates_than_it_can_curve_is_refused():
    target = simple(2_001, {"b": np.asarray(1.0)}, lambda d, z, t, g: -0.5 * d["b"] * jnp.sum(z**2), ["a"] * 2_001)
    with pytest.raises(SvilangError, match=r"E0707[\s\S]*2,000 numbers, and there are 2,001"):
        fit(target, everything("laplace", target), FitSettings())


def test_a_laplace_approximation_of_a_flat_density_is_an_error_that_names_the_variable():
    target = simple(2, {"b": np.asarray(1.0)}, lambda d, z, t, g: -0.5 * d["b"] * z[0] ** 2 + 0 * z[1], ["a", "flat"])
    with pytest.raises(SvilangError, match=r"E0706[\s\S]*`flat`"):
        fit(target, everything("laplace", target), FitSettings())
