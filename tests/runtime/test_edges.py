"""Guides that go beyond the end of a law whose arguments move it are taken as those within."""

import numpy as np
import pytest
from scipy import optimize, special, stats

import svilang
from svilang.ir.walk import moved_ends

EXTREMES = """
data { y: real[year] }
model {
  a ~ Normal(0, 2)
  s ~ LogNormal(0, 1)
  k ~ Normal(0, 0.5)
  plate year { observe y ~ GeneralizedExtremeValue(a, s, k) }
}
"""
Y = stats.genextreme.rvs(-0.1, size=30, random_state=8)


def _evidence():
    """The log probability of the data and the posterior means, by a sum over a grid. SciPy's shape is minus ours."""
    axes = np.linspace(-1, 1, 41), np.linspace(-1, 1, 41), np.linspace(-0.8, 1.2, 61)
    a, t, k = np.meshgrid(*axes, indexing="ij")
    k = np.where(np.abs(k) < 1e-9, 1e-9, k)
    z = 1 + k[..., None] * (Y - a[..., None]) / np.exp(t)[..., None]
    inside = np.all(z > 0, axis=-1)
    rows = np.log(np.where(z > 0, z, 1))
    each = -(1 + 1 / k[..., None]) * rows - np.exp(-rows / k[..., None]) - t[..., None]
    log_p = np.where(inside, each.sum(-1), -np.inf)
    log_p += stats.norm.logpdf(a, 0, 2) + stats.norm.logpdf(t, 0, 1) + stats.norm.logpdf(k, 0, 0.5)
    weights = np.exp(log_p - log_p.max())
    cell = np.prod([axis[1] - axis[0] for axis in axes])
    means = [float(np.sum(weights * values) / weights.sum()) for values in (a, np.exp(t), k)]
    return np.log(weights.sum() * cell) + log_p.max(), means


def test_the_bound_is_that_of_the_guide_within_the_support():
    evidence, means = _evidence()
    fits = {
        family: svilang.compile(f"{EXTREMES} guide = {family}").bind({"y": Y}).fit(seed=0, progress="none")
        for family in ("full_rank", "laplace")
    }
    for fit in fits.values():
        sample = fit.take(4_000)
        assert np.all(np.isfinite(sample.log_p))
        weights = sample.log_p - sample.log_q
        assert abs(fit.elbo.value - weights.mean()) < 5 * (fit.elbo.se + weights.std() / 60)
        # Weighted by these the draws have the evidence and the means of the posterior, whatever the guide.
        assert abs(np.log(np.mean(np.exp(weights - evidence)))) < 0.05
        assert fit.elbo.value < evidence
    assert fits["full_rank"].elbo.value > max(fits["laplace"].elbo.value, evidence - 0.2)
    for name, mean in zip(("a", "s", "k"), means, strict=True):
        draws = fits["full_rank"].draws[name]
        assert abs(draws.mean() - mean) < 0.1 * draws.std()


@pytest.mark.parametrize(("declared", "fits"), [("t", False), ("t: lower(max(y))", True)])
def test_a_guide_that_loses_much_is_refused_and_bounds_by_the_data_mend_that(declared, fits):
    model = svilang.compile(f"""
    data {{ y: positive[i] = [1, 2, 3, 4, 2.2, 3.3] }}
    model {{ {declared} ~ HalfNormal(10)   plate i {{ observe y ~ Uniform(0, t) }} }}
    """).bind()
    if fits:
        assert model.fit(seed=0, progress="none").draws["t"].min() > 4
        return
    with pytest.raises(svilang.SvilangError) as caught:
        model.fit(seed=0, progress="none")
    (told,) = caught.value.diagnostics
    assert told.code == "E0702"
    assert "`Uniform` ends where its arguments say" in told.help


def test_a_region_without_density_is_to_be_written_as_bounds():
    """The disc of radius 1 under two standard normals: by a term that ends there, and by bounds."""
    by_term = "y ~ Normal(0, 1)   factor 0 if x^2 + y^2 <= 1 else -inf"
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(f"model {{ x ~ Normal(0, 1)   {by_term} }}").bind().fit(seed=0, progress="none")
    (told,) = caught.value.diagnostics
    assert told.code == "E0702"
    assert "write a region without density as bounds" in told.help


CUTS = """
data {{ y: level[row]   x: real[row]   dim level = 4   dim cut = size(level) - 1 }}
model {{
  tau: ordered[cut] ~ Normal(0, 2)
  b: real[cut] ~ Normal(0, 0.5)
  s ~ HalfNormal(1)
  plate row {{ observe y ~ OrderedLogistic(0, {cuts}) }}
}}
guide = full_rank
"""


@pytest.mark.parametrize(
    ("cuts", "may_fall"),
    [
        ("tau", False),
        ("tau - s * x", False),
        ("s * (x + tau) / 2", False),
        ("tau - b * x", True),
        ("x - tau", True),
        ("x * tau", True),
        ("tau + b", True),
    ],
)
def test_cut_points_that_may_fall_are_an_end_of_the_law(cuts, may_fall):
    bound = svilang.compile(CUTS.format(cuts=cuts)).bind({"row": {"y": [0, 1, 2, 3], "x": [0.1, 0.2, 0.3, 0.4]}})
    assert list(moved_ends(bound.bound.program)) == (["y"] if may_fall else [])


def test_effects_that_differ_by_level_are_fitted_where_some_draws_have_cut_points_that_fall():
    """Partial proportional odds, against draws from a Student law about the mode, weighted by a density by SciPy."""
    rng = np.random.default_rng(7)
    x, tau, b = rng.uniform(0, 1, 150), np.array([-1, 0, 1.0]), np.array([0.3, 0.5, 0.2])
    y = (rng.random(150)[:, None] > special.expit(tau - np.outer(x, b))).sum(1)
    rows = np.arange(150)

    def density(at):
        cuts = special.expit(at[:3] - np.outer(x, at[3:6]))
        shares = np.diff(np.hstack([np.zeros((150, 1)), cuts, np.ones((150, 1))]), axis=1)[rows, y]
        if (np.diff(at[:3]) <= 0).any() or (np.diff(cuts, axis=1) <= 0).any():
            return -np.inf
        return stats.norm.logpdf(at[:3], 0, 2).sum() + stats.norm.logpdf(at[3:], 0, 0.5).sum() + np.log(shares).sum()

    mode = optimize.minimize(lambda at: min(-density(at), 1e9), [*tau, *b], method="Nelder-Mead", tol=1e-4)
    scale = 0.08 * np.eye(6)
    for _ in range(3):
        proposal = stats.multivariate_t(mode.x, scale, df=5)
        draws = proposal.rvs(6000, random_state=rng)
        logs = np.array([density(one) for one in draws]) - proposal.logpdf(draws)
        weights = special.softmax(logs)
        scale = np.cov(draws.T, aweights=weights)
    mean, sd = weights @ draws, np.sqrt(np.diag(scale))
    text = CUTS.format(cuts="tau - b * x").replace("  s ~ HalfNormal(1)\n", "")
    fit = svilang.compile(text).bind({"row": {"y": y, "x": x}}).fit(seed=0, progress="none")
    found = np.concatenate([fit.draws["tau"].mean(0), fit.draws["b"].mean(0)])
    np.testing.assert_allclose((found - mean) / sd, 0, atol=0.15)
