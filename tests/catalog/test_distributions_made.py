"""Hurdle, Folded, Transformed, Ordinal, IntervalCensored and gates by log odds; combinators inside combinators."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special as sp
import scipy.stats as st
from distribution_measures import compiled
from test_distributions_combinators import assert_finite, bound, call

import svilang
from svilang.catalog.distribution import Compound
from svilang.catalog.distributions import COMBINATORS
from svilang.catalog.distributions.tails import log_above, log_at_most
from svilang.catalog.distributions.transformed import RISING
from svilang.catalog.functions import FUNCTIONS

MAPS = COMBINATORS["Transformed"].functions


def made(name, children, *args):
    row = COMBINATORS.get(name) or MAPS[name]
    return Compound(row, children[0].row, children, args)


def evaluated(function, *args):
    with jax.enable_x64(True):
        return compiled(function, *args)


def test_a_hurdle_replaces_the_zeros_and_keeps_the_shape_of_the_rest():
    x = np.arange(0, 60.0)
    value, slopes = call("Hurdle", x, (bound("Poisson", 2.0),), 0.3, None)
    rest = st.poisson(2).pmf(x[1:]) / -np.expm1(-2)
    np.testing.assert_allclose(np.exp(value), np.concatenate([[0.3], 0.7 * rest]), rtol=1e-10)
    assert_finite(slopes)
    rare, _ = call("Hurdle", x[:3], (bound("Poisson", 1e-13),), 0.3, None)
    np.testing.assert_allclose(np.exp(rare[:2]), [0.3, 0.7], rtol=1e-10)
    positive, _ = call("Hurdle", np.array([0, 0.5, 2.0]), (bound("Gamma", 2.0, 1.5),), 0.3, None)
    np.testing.assert_allclose(np.exp(positive), [0.3, *(0.7 * st.gamma(2, scale=1 / 1.5).pdf([0.5, 2]))], rtol=1e-10)


@pytest.mark.parametrize("name", ["ZeroInflated", "Hurdle"])
def test_a_gate_by_its_log_odds_is_the_same_gate_and_takes_any_number(name):
    x = np.arange(0, 9.0)
    child = (bound("Poisson", 2.0),)
    by_probability, _ = call(name, x, child, 0.3, None)
    by_odds, _ = call(name, x, child, None, sp.logit(0.3))
    np.testing.assert_allclose(by_odds, by_probability, rtol=1e-12)
    extreme, slopes = call(name, x, child, None, np.array(-900.0))
    assert np.all(np.isfinite(extreme))
    assert_finite(slopes)


def test_draws_of_a_hurdle_have_the_right_share_of_zeros_and_of_ones():
    for child, one in ((bound("Poisson", 0.2), st.poisson(0.2)), (bound("Hypergeometric", 9, 2, 3), None)):
        draws = COMBINATORS["Hurdle"].sample(jax.random.key(1), (4000,), (child,), 0.25, None)
        assert abs(np.mean(np.asarray(draws) == 0) - 0.25) < 4.5 * np.sqrt(0.25 * 0.75 / 4000)
        share = 0.75 * (one.pmf(1) / one.sf(0) if one else 0)
        assert one is None or abs(np.mean(np.asarray(draws) == 1) - share) < 4.5 * np.sqrt(share * (1 - share) / 4000)


def test_a_folded_normal_is_that_of_scipy_and_a_folded_count_keeps_its_zero():
    reference = st.foldnorm(0.7 / 1.3, scale=1.3)
    x = reference.ppf([1e-6, 0.1, 0.5, 0.99, 1 - 1e-9])
    value, slopes = call("Folded", x, (bound("Normal", 0.7, 1.3),))
    np.testing.assert_allclose(value, reference.logpdf(x), rtol=1e-9)
    assert_finite(slopes)
    law = made("Folded", (bound("Normal", 0.7, 1.3),))
    tails = evaluated(lambda x: (jnp.exp(log_at_most(law, x)), jnp.exp(log_above(law, x))), x)
    np.testing.assert_allclose(tails[0], reference.cdf(x), rtol=1e-9)
    np.testing.assert_allclose(tails[1], reference.sf(x), rtol=1e-7)
    counts, _ = call("Folded", np.arange(0, 40.0), (bound("Skellam", 3.0, 1.0),))
    np.testing.assert_allclose(np.exp(counts).sum(), 1, rtol=1e-10)
    np.testing.assert_allclose(counts[0], st.skellam(3, 1).logpmf(0), rtol=1e-10)


def test_a_shifted_law_is_that_of_scipy_with_a_location():
    reference = st.lognorm(0.6, loc=0.3, scale=np.exp(-0.4))
    x = reference.ppf([1e-9, 0.1, 0.5, 0.99, 1 - 1e-9])
    child = bound("LogNormal", -0.4, 0.6)
    value, slopes = call("Shifted", x, (child,), 0.3)
    np.testing.assert_allclose(value, reference.logpdf(x), rtol=1e-9)
    assert_finite(slopes)
    outside, slopes = call("Shifted", np.array([-1.0, 0.2]), (child,), 0.3)
    assert np.all(outside == -np.inf)
    assert_finite(slopes)
    law = made("Shifted", (child,), 0.3)
    tails = evaluated(lambda x: (jnp.exp(log_at_most(law, x)), jnp.exp(log_above(law, x))), x)
    np.testing.assert_allclose(tails[0], reference.cdf(x), rtol=1e-7)
    np.testing.assert_allclose(tails[1], reference.sf(x), rtol=1e-7)
    draws = COMBINATORS["Shifted"].sample(jax.random.key(3), (4000,), (child,), 0.3)
    assert st.kstest(np.asarray(draws), reference.cdf).pvalue > 1e-3


REACTION = """
data { y: positive[n] }
model {
  mu ~ Normal(0, 2)
  s ~ HalfNormal(1)
  shift: upper(min(y)) ~ Normal(0.3, 0.2)
  plate n { observe y ~ Shifted(LogNormal(mu, s), shift) }
}
"""


def test_times_with_a_least_duration_are_fitted_and_predicted():
    y = 0.3 + np.exp(np.random.default_rng(0).normal(-0.7, 0.5, 300))
    model = svilang.compile(REACTION + "guide = full_rank").bind({"y": y})
    at = {"mu": -0.5, "s": 0.4, "shift": 0.2}
    other = {"mu": -0.9, "s": 0.6, "shift": 0.1}

    def exact(p):
        prior = st.norm(0, 2).logpdf(p["mu"]) + st.halfnorm.logpdf(p["s"]) + st.norm(0.3, 0.2).logpdf(p["shift"])
        return prior + st.lognorm(p["s"], p["shift"], np.exp(p["mu"])).logpdf(y).sum()

    with jax.enable_x64(True):
        ours = float(model.log_density(at)) - float(model.log_density(other))
    np.testing.assert_allclose(ours, exact(at) - exact(other), rtol=1e-10)
    fit = model.fit(seed=0, progress="none")
    assert abs(np.median(fit.take(2000).values["shift"]) - 0.3) < 0.1
    drawn = fit.predict().values["y"]
    assert abs(drawn.mean() - y.mean()) < 0.1
    assert not any(one.code == "W0704" for one in fit.warnings)


def test_the_ends_of_a_law_are_moved_with_it():
    text = "data {{ y: real[n] }} model {{ m ~ Normal(0, 1)  plate n {{ {} }} }}"
    y = np.linspace(0.5, 2, 40)
    latent = svilang.compile(text.format("x ~ Shifted(Exponential(1), m)  observe y ~ Normal(x, 1)")).bind({"y": y})
    with jax.enable_x64(True):
        point = latent.unconstrained.constrain(np.full(41, -3.0))
    assert np.all(np.asarray(point["x"]) > np.asarray(point["m"]))
    loose = svilang.compile(text.format("observe y ~ Shifted(Exponential(1), m)")).bind({"y": y})
    with pytest.raises(svilang.SvilangError, match="the density of `Shifted` ends where its arguments say"):
        loose.fit(seed=0, progress="none")


def test_every_function_of_transformed_is_increasing_and_its_inverse_and_slope_are_right():
    for name, rising in RISING.items():
        domain = rising.domain
        x = {0.0: np.array([0.01, 0.3, 0.97]) if domain.upper == 1 else np.array([0.01, 0.3, 20.0])}.get(
            domain.lower, np.array([-0.9, 0.3, 2.5])
        )
        y, back, slope, given = evaluated(
            lambda x, f=FUNCTIONS[name].apply, r=rising: (
                f(x),
                r.inverse(f(x)),
                jnp.exp(r.log_slope(x)),
                jax.vmap(jax.grad(f))(x),
            ),
            x,
        )
        assert np.all(np.diff(y) > 0), name
        np.testing.assert_allclose(back, x, rtol=1e-8, err_msg=name)
        np.testing.assert_allclose(slope, given, rtol=1e-8, err_msg=name)
        assert rising.inside in FUNCTIONS[name].support(domain)


def test_the_exponential_of_a_normal_is_log_normal_and_outside_it_has_no_density():
    x = np.array([1e-9, 0.3, 1.0, 40.0])
    value, slopes = call_map("exp", x, (bound("Normal", 0.3, 1.2),))
    np.testing.assert_allclose(value, st.lognorm(1.2, scale=np.exp(0.3)).logpdf(x), rtol=1e-10)
    assert_finite(slopes)
    beyond, slopes = call_map("exp", np.array([-1.0, 0.0]), (bound("Normal", 0.3, 1.2),))
    assert np.all(beyond == -np.inf)
    assert_finite(slopes)
    law = made("exp", (bound("Normal", 0.3, 1.2),))
    below, above = evaluated(lambda x: (log_at_most(law, x), log_above(law, x)), np.array([-1.0, 0.5]))
    np.testing.assert_allclose(below[1], st.lognorm(1.2, scale=np.exp(0.3)).logcdf(0.5), rtol=1e-9)
    np.testing.assert_array_equal([below[0], above[0]], [-np.inf, 0])
    loc, tril = np.zeros(2), np.eye(2)
    vectors, _ = call_map("exp", np.array([[0.5, 2.0]]), (bound("MultivariateNormal", loc, tril),))
    np.testing.assert_allclose(vectors, st.lognorm(1).logpdf([[0.5, 2.0]]).sum(-1), rtol=1e-10)


def call_map(name, x, children):
    row = MAPS[name]

    def density(x, args):
        return row.log_prob(x, (type(children[0])(children[0].row, children[0].form, args),))

    return evaluated(
        lambda x, a: (density(x, a), jax.grad(lambda x, a: jnp.sum(density(x, a)), argnums=(0, 1))(x, a)),
        x,
        children[0].args,
    )


def test_an_ordinal_logistic_is_the_ordered_logistic_and_levels_add_up():
    cuts = np.array([-1.0, 0.0, 2.0])
    for name, reference in (("Logistic", st.logistic(0.4, 1.0)), ("StudentT", st.t(4, 0.4, 1.0))):
        args = (0.4, 1.0) if name == "Logistic" else (4.0, 0.4, 1.0)
        law = made("Ordinal", (bound(name, *args),), cuts)
        value = evaluated(law.log_prob, np.arange(0, 5.0))
        edges = np.concatenate([[0], reference.cdf(cuts), [1]])
        np.testing.assert_allclose(np.exp(value[:4]), np.diff(edges), rtol=1e-9)
        assert value[4] == -np.inf
    _, slopes = call("Ordinal", np.arange(0, 5.0), (bound("Logistic", 0.4, 1.0),), cuts)
    assert_finite(slopes)
    draws = COMBINATORS["Ordinal"].sample(jax.random.key(2), (6000,), (bound("Logistic", 0.4, 1.0),), jnp.array(cuts))
    share = np.bincount(draws, minlength=4) / 6000
    np.testing.assert_allclose(share, np.diff([0, *st.logistic(0.4).cdf(cuts), 1]), atol=0.03)


def test_an_interval_has_the_mass_between_its_ends_and_equal_ends_are_exact():
    lower, upper = np.array([-9.0, 0.5, 8.0, 2.0, 3.0]), np.array([-8.0, 1.5, 9.0, 2.0, 1.0])
    value, slopes = call("IntervalCensored", lower, (bound("Normal", 0.0, 1.0),), upper)
    law = st.norm
    np.testing.assert_allclose(
        value[:3], np.log([law.cdf(-8) - law.cdf(-9), law.cdf(1.5) - law.cdf(0.5), law.sf(8) - law.sf(9)]), rtol=1e-9
    )
    np.testing.assert_allclose(value[3], law.logpdf(2), rtol=1e-12)
    assert value[4] == -np.inf
    assert_finite(slopes)


def test_a_truncated_mixture_is_scaled_by_the_mass_of_the_mixture():
    weights = np.array([0.3, 0.7])
    parts = (bound("Normal", -1.0, 1.0), bound("Normal", 2.0, 0.5))
    law = made("Truncated", (made("Mixture", parts, weights),), 0.0, None)
    x = np.array([0.1, 1.0, 3.0])
    mass = 0.3 * st.norm(-1).sf(0) + 0.7 * st.norm(2, 0.5).sf(0)
    density = 0.3 * st.norm(-1).pdf(x) + 0.7 * st.norm(2, 0.5).pdf(x)
    np.testing.assert_allclose(np.exp(evaluated(law.log_prob, x)), density / mass, rtol=1e-9)
    draws = evaluated(lambda key: law.sample(key, (3000,)), jax.random.key(3))
    cdf = lambda x: (0.3 * (st.norm(-1).cdf(x) - st.norm(-1).cdf(0)) + 0.7 * (  # noqa: E731
        st.norm(2, 0.5).cdf(x) - st.norm(2, 0.5).cdf(0)
    )) / mass
    assert st.kstest(draws, cdf).pvalue > 1e-4


@pytest.mark.parametrize("case", ["truncated", "mixture"])
def test_draws_of_truncated_and_mixed_laws_move_as_their_density_does(case):
    """The mean of f'(x) dx/dp over draws against the derivative of the mean of f by quadrature."""

    def law(loc):
        first = (bound("Normal", 0.0, 1.0).row, bound("Normal", 0.0, 1.0).form)
        normal = type(bound("Normal", 0.0, 1.0))(*first, (loc, 0.8))
        if case == "truncated":
            return made("Truncated", (normal,), -0.5, 1.5)
        weights = jnp.stack([0.5 * loc, 1 - 0.5 * loc], -1)
        return made("Mixture", (normal, bound("Normal", 2.0, 0.5)), weights)

    nodes = np.linspace(-0.5, 1.5, 20_001) if case == "truncated" else np.linspace(-6, 8, 20_001)
    step = nodes[1] - nodes[0]

    def everything(key, loc):
        draw = lambda p: law(p).sample(key, (20_000,))  # noqa: E731
        moved = jax.jvp(lambda p: jnp.tanh(draw(p)), (loc,), (jnp.ones(()),))[1]
        mean = lambda p: jnp.sum(jnp.exp(law(p).log_prob(nodes)) * np.tanh(nodes)) * step  # noqa: E731
        return moved, jax.grad(mean)(loc)

    moved, exact = evaluated(everything, jax.random.key(4), np.float64(0.4))
    assert abs(moved.mean() - exact) < 4.5 * moved.std() / np.sqrt(len(moved)) + 1e-4


@pytest.mark.parametrize("gate", [0.0, 0.3, 1.0])
def test_shares_with_ends_have_the_probability_of_these_and_the_density_of_the_rest(gate):
    x, one = np.array([0.0, 1e-9, 0.2, 0.9, 1.0]), 0.4
    value, slopes = call("ZeroOneInflated", x, (bound("Kumaraswamy", 2.0, 3.0),), gate, one)
    inside = (1 - gate) * np.array([6 * t * (1 - t**2) ** 2 for t in x[1:-1]])
    np.testing.assert_allclose(np.exp(value), [gate * (1 - one), *inside, gate * one], rtol=1e-9)
    assert_finite(slopes)
    law = made("ZeroOneInflated", (bound("Kumaraswamy", 2.0, 3.0),), gate, one)
    at = np.array([-0.1, 0.0, 0.5, 1.0, 1.1])
    below, above = evaluated(lambda t: (log_at_most(law, t), log_above(law, t)), at)
    half = gate * (1 - one) + (1 - gate) * (1 - (1 - 0.25) ** 3)
    np.testing.assert_allclose(np.exp(below), [0, gate * (1 - one), half, 1, 1], rtol=1e-9)
    np.testing.assert_allclose(np.exp(above), [1, 1 - gate * (1 - one), 1 - half, 0, 0], rtol=1e-9, atol=1e-12)


def test_draws_of_shares_with_ends_have_the_right_share_of_each():
    law = made("ZeroOneInflated", (bound("Beta", 2.0, 3.0),), 0.3, 0.4)
    draws = evaluated(lambda key: law.sample(key, (4000,)), jax.random.key(12))
    for value, share in ((0, 0.18), (1, 0.12)):
        assert abs(np.mean(draws == value) - share) < 4.5 * np.sqrt(share * (1 - share) / 4000)
    assert st.kstest(draws[(draws > 0) & (draws < 1)], st.beta(2, 3).cdf).pvalue > 1e-4
