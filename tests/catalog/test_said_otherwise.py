"""Laws of other languages that are no rows here are a few lines of spec, as the table of `docs/peers` says."""

from __future__ import annotations

import jax
import numpy as np
import pytest
import scipy.special as sp
import scipy.stats as st

import svilang

RNG = np.random.default_rng(20)
ROOT = np.array([[1.0, 0.0], [0.4, 0.8]])
COVARIANCE = ROOT @ ROOT.T


def log_density(text, data, latents):
    model = svilang.compile(text).bind(data)
    with jax.enable_x64(True):
        return float(model.log_density(latents))


def test_garch_is_a_carried_variance():
    """PyMC's GARCH11: s²[t] = omega + alpha y²[t-1] + beta s²[t-1], from a given first volatility."""
    text = """
    data { y: real[t] }
    model {
      omega ~ HalfNormal(1)
      alpha ~ Uniform(0, 1)
      beta: interval(0, 1 - alpha) ~ Uniform(0, 1 - alpha)
      markov t {
        v = 0.5^2 then omega + alpha * lag(y)^2 + beta * prev(v)
        observe y ~ Normal(0, sqrt(v))
      }
    }
    """
    y, omega, alpha, beta = RNG.normal(size=12), 0.3, 0.2, 0.6
    variance = [0.25]
    for value in y[:-1]:
        variance.append(omega + alpha * value**2 + beta * variance[-1])
    expected = st.norm(0, np.sqrt(variance)).logpdf(y).sum() + st.halfnorm.logpdf(omega) - np.log(1 - alpha)
    found = log_density(text, {"y": y}, {"omega": omega, "alpha": alpha, "beta": beta})
    assert found == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("family", ["Normal", "StudentT"])
def test_a_walk_of_vectors_is_a_chain(family):
    head = "MultivariateNormal(" if family == "Normal" else "MultivariateStudentT(df, "
    text = f"""
    data {{ y: real[t, k]   L: cholesky[k, k]   first: real[k] }}
    model {{
      df ~ Gamma(2, 0.1)
      markov t {{ observe y ~ {head}first, L) then {head}lag(y), L) }}
    }}
    """
    y, first = RNG.normal(size=(7, 2)), np.array([0.3, -1.0])
    steps = np.diff(np.vstack([first, y]), axis=0)
    law = st.multivariate_normal([0, 0], COVARIANCE) if family == "Normal" else st.multivariate_t([0, 0], COVARIANCE, 5)
    expected = law.logpdf(steps).sum() + st.gamma(2, scale=10).logpdf(5.0)
    found = log_density(text, {"y": y, "L": ROOT, "first": first}, {"df": 5.0})
    assert found == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("family", ["Normal", "StudentT"])
def test_a_latent_walk_of_vectors_is_a_chain(family):
    head = "MultivariateNormal(" if family == "Normal" else "MultivariateStudentT(5, "
    text = f"""
    data {{ dim t = 7   L: cholesky[k, k]   first: real[k] }}
    model {{ markov t {{ x ~ {head}first, L) then {head}prev(x), L) }} }}
    """
    x, first = RNG.normal(size=(7, 2)), np.array([0.3, -1.0])
    steps = np.diff(np.vstack([first, x]), axis=0)
    law = st.multivariate_normal([0, 0], COVARIANCE) if family == "Normal" else st.multivariate_t([0, 0], COVARIANCE, 5)
    found = log_density(text, {"L": ROOT, "first": first}, {"x": x})
    assert found == pytest.approx(law.logpdf(steps).sum(), rel=1e-10)


def test_euler_maruyama_is_a_chain_of_steps():
    text = """
    data { dim t = 9 }
    model {
      pull ~ HalfNormal(1)
      markov t { x ~ Normal(1, 0.1) then Normal(prev(x) - 0.1 * pull * prev(x), 0.5 * sqrt(0.1)) }
    }
    """
    x, pull = RNG.normal(size=9), 0.7
    expected = st.norm(1, 0.1).logpdf(x[0]) + st.norm(x[:-1] * (1 - 0.1 * pull), 0.5 * np.sqrt(0.1)).logpdf(x[1:]).sum()
    found = log_density(text, {}, {"pull": pull, "x": x})
    assert found == pytest.approx(expected + st.halfnorm.logpdf(pull), rel=1e-10)


def test_a_negative_binomial_with_log_normal_noise_has_a_normal_number_for_each_count():
    text = """
    data { y: count[obs] }
    model {
      eta ~ Normal(0, 2)
      s ~ HalfNormal(1)
      plate obs { e ~ Normal(0, s)   observe y ~ NegativeBinomial(4, logits=eta + e) }
    }
    """
    y, e = np.array([0, 3, 7]), np.array([0.2, -0.5, 1.0])
    expected = st.nbinom(4, 1 - sp.expit(0.3 + e)).logpmf(y).sum() + st.norm(0, 0.6).logpdf(e).sum()
    expected += st.norm(0, 2).logpdf(0.3) + st.halfnorm.logpdf(0.6)
    assert log_density(text, {"y": y}, {"eta": 0.3, "s": 0.6, "e": e}) == pytest.approx(expected, rel=1e-10)


def test_several_processes_over_the_same_places_are_a_plate_of_vectors():
    """Stan's multi_gp: row k has the covariance of the kernel over its weight."""
    text = """
    data { y: real[output, place]   K: cov[place, place]   w: positive[output] }
    model {
      s ~ HalfNormal(1)
      plate output { observe y ~ MultivariateNormal(zeros(place), covariance_matrix=s * K / w) }
    }
    """
    y, w = RNG.normal(size=(3, 2)), np.array([0.5, 1.0, 4.0])
    expected = st.halfnorm.logpdf(1.3)
    expected += sum(st.multivariate_normal([0, 0], 1.3 * COVARIANCE / w[k]).logpdf(y[k]) for k in range(3))
    assert log_density(text, {"y": y, "K": COVARIANCE, "w": w}, {"s": 1.3}) == pytest.approx(expected, rel=1e-10)


def test_a_covariance_of_scales_and_correlations_is_a_factor_of_both():
    text = """
    data { y: real[obs, k] }
    model {
      s: positive[k] ~ HalfNormal(2)
      L ~ LKJCholesky(k, 1)
      plate obs { observe y ~ MultivariateNormal(zeros(k), scale_tril=diag(s) @ L) }
    }
    """
    y, s = RNG.normal(size=(4, 2)), np.array([0.7, 2.0])
    factor = np.array([[1, 0], [0.6, 0.8]])
    covariance = np.diag(s) @ factor @ factor.T @ np.diag(s)
    expected = st.multivariate_normal([0, 0], covariance).logpdf(y).sum() + st.halfnorm(scale=2).logpdf(s).sum()
    # A correlation of two is uniform on (-1, 1) under a concentration of 1.
    assert log_density(text, {"y": y}, {"s": s, "L": factor}) == pytest.approx(expected - np.log(2), rel=1e-10)


def test_logistic_normal_weights_are_a_softmax():
    text = """
    data { n: count[k]   L: cholesky[k, k] }
    model { z ~ MultivariateNormal(zeros(k), L)   observe n ~ Multinomial(sum(n, over=k), softmax(z, over=k)) }
    """
    n, z = np.array([3, 5]), np.array([0.2, -0.9])
    expected = st.multinomial(8, sp.softmax(z)).logpmf(n) + st.multivariate_normal([0, 0], COVARIANCE).logpdf(z)
    assert log_density(text, {"n": n, "L": ROOT}, {"z": z}) == pytest.approx(expected, rel=1e-10)


def test_weights_of_a_broken_stick_are_a_cumulative_sum():
    text = """
    data { n: count[k] }
    model {
      v: unit[k] ~ Beta(1, 2)
      w = v * exp(cumsum(log1p(-v), over=k) - log1p(-v))
      observe n ~ Multinomial(sum(n, over=k), w / sum(w, over=k))
    }
    """
    n, v = np.array([3, 5, 2]), np.array([0.5, 0.3, 0.9])
    w = v * np.concatenate([[1], np.cumprod(1 - v)[:-1]])
    expected = st.multinomial(10, w / w.sum()).logpmf(n) + st.beta(1, 2).logpdf(v).sum()
    assert log_density(text, {"n": n}, {"v": v}) == pytest.approx(expected, rel=1e-10)


def test_a_density_between_points_is_an_interpolation():
    text = """
    data { at: real[point]   height: real[point] }
    model { x: interval(0, 4) ~ Uniform(0, 4)   factor interp(x, at, height) }
    """
    at, height = np.array([0.0, 1.0, 2.5, 4.0]), np.array([-1.0, 0.5, 0.0, -2.0])
    expected = np.interp(1.7, at, height) - np.log(4)
    assert log_density(text, {"at": at, "height": height}, {"x": 1.7}) == pytest.approx(expected, rel=1e-10)


def test_a_kronecker_product_of_covariances_is_a_matrix_normal():
    text = """
    data { y: real[row, col]   A: cholesky[row, row]   B: cholesky[col, col] }
    model { m ~ Normal(0, 1)   observe y ~ MatrixNormal(m + 0 * y, A, B) }
    """
    y, other = RNG.normal(size=(2, 3)), np.linalg.cholesky(np.eye(3) + 0.3)
    covariance = np.kron(COVARIANCE, other @ other.T)
    expected = st.multivariate_normal(np.full(6, 0.2), covariance).logpdf(y.ravel()) + st.norm.logpdf(0.2)
    assert log_density(text, {"y": y, "A": ROOT, "B": other}, {"m": 0.2}) == pytest.approx(expected, rel=1e-10)


def test_an_observed_linear_state_is_a_latent_chain_with_a_normal_reading():
    """Pyro's GaussianHMM and Stan's gaussian_dlm_obs, with the states in sight."""
    text = """
    data { y: real[t]   A: real[k, to]   L: cholesky[k, k]   h: real[k]   dim to = k }
    model {
      x ~ GaussianStateSpace(t, A, L)
      plate t { observe y ~ Normal(sum(h * x, over=k), 0.5) }
    }
    """
    y, x = RNG.normal(size=6), RNG.normal(size=(6, 2))
    move, h = np.array([[0.9, 0.1], [-0.2, 0.7]]), np.array([1.0, -0.5])
    steps = x - np.vstack([[0, 0], x[:-1]]) @ move.T
    expected = st.multivariate_normal([0, 0], COVARIANCE).logpdf(steps).sum() + st.norm(x @ h, 0.5).logpdf(y).sum()
    assert log_density(text, {"y": y, "A": move, "L": ROOT, "h": h}, {"x": x}) == pytest.approx(expected, rel=1e-10)


def test_an_ordered_multinomial_is_one_of_differences_of_probabilities():
    text = """
    data { n: count[level]   dim cut = size(level) - 1 }
    model {
      cuts: ordered[cut] ~ Normal(0, 2)
      eta ~ Normal(0, 1)
      plate level { p = exp(log_prob(OrderedLogistic(eta, cuts), position(level))) }
      observe n ~ Multinomial(sum(n, over=level), p)
    }
    """
    n, cuts = np.array([3, 5, 2]), np.array([-0.5, 1.0])
    p = np.diff(np.concatenate([[0], sp.expit(cuts - 0.3), [1]]))
    expected = st.multinomial(10, p).logpmf(n) + st.norm.logpdf(0.3)
    expected += st.norm(0, 2).logpdf(cuts).sum() + np.log(2)
    assert log_density(text, {"n": n}, {"cuts": cuts, "eta": 0.3}) == pytest.approx(expected, rel=1e-10)
