"""Bases, interpolation and one-hot columns as specs write them."""

from __future__ import annotations

import jax
import numpy as np
import pytest
import scipy.stats as st

import svilang

X, Y = np.array([0.1, 0.7, 0.4]), np.array([1.0, -1.0, 0.5])


def density(text, data, latents):
    with jax.enable_x64(True):
        return float(jax.jit(svilang.compile(text).bind(data).log_density)(latents))


def test_a_curve_is_a_basis_times_its_weights():
    text = """
    data { y: real[obs]   x: real[obs]   dim k = 3 }
    model {
      w: real[k] ~ Normal(0, 1)
      plate obs { observe y ~ Normal(legendre(k, x, 0, 1) @ w + fourier(k, x, 1) @ w, 1) }
    }"""
    w, u = np.array([0.5, -1.0, 2.0]), 2 * X - 1
    basis = np.stack([u, (3 * u**2 - 1) / 2, (5 * u**3 - 3 * u) / 2], 1)
    angle = 2 * np.pi * X
    basis = basis + np.stack([np.sin(angle), np.cos(angle), np.sin(2 * angle)], 1)
    expected = st.norm.logpdf(Y, basis @ w, 1).sum() + st.norm.logpdf(w).sum()
    assert density(text, {"y": Y, "x": X}, {"w": w}) == pytest.approx(expected, rel=1e-12)


def test_points_of_a_table_are_joined_by_lines_in_whatever_order_they_stand():
    text = """
    data { y: real[obs]   x: real[obs]   at: real[point] }
    model {
      f: real[point] ~ Normal(0, 1)
      plate obs { observe y ~ Normal(interp(x, at, f), 1) }
    }"""
    at, f = np.array([0.5, 0.0, 1.0]), np.array([3.0, -1.0, 2.0])
    order = np.argsort(at)
    expected = st.norm.logpdf(Y, np.interp(X, at[order], f[order]), 1).sum() + st.norm.logpdf(f).sum()
    assert density(text, {"y": Y, "x": X, "at": at}, {"f": f}) == pytest.approx(expected, rel=1e-12)


def test_one_hot_columns_pick_what_an_index_picks():
    text = """
    data { y: real[obs]   g: group[obs]   dim group = 3 }
    model {
      a: real[group] ~ Normal(0, 1)
      plate obs { observe y ~ Normal(one_hot(g) @ a, 1) }
    }"""
    a = np.array([0.5, -1.0, 2.0])
    indexed = text.replace("one_hot(g) @ a", "a[g]")
    data = {"y": Y, "g": np.array([2, 0, 2])}
    assert density(text, data, {"a": a}) == pytest.approx(density(indexed, data, {"a": a}), rel=1e-12)


KERNELS = ["rbf", "matern12", "matern32", "matern52"]
OF_DISTANCE = {
    "rbf": lambda d: np.exp(-(d**2) / 2),
    "matern12": lambda d: np.exp(-d),
    "matern32": lambda d: (1 + 3**0.5 * d) * np.exp(-(3**0.5) * d),
    "matern52": lambda d: (1 + 5**0.5 * d + 5 * d * d / 3) * np.exp(-(5**0.5) * d),
}


@pytest.mark.parametrize("kernel", KERNELS)
def test_sines_with_the_weights_of_a_kernel_have_nearly_its_covariance(kernel):
    """What 400 sines leave of a rough kernel, `matern12`, is the tail of the series, about one in a hundred."""
    text = f"""
    data {{ x: real[obs]   dim k = 400 }}
    model {{
      z: real[k] ~ Normal(0, 1)
      report basis = sine_basis(k, x, -3, 4)
      report width = {kernel}_spectrum(k, 7, 0.4, 1.5)
      report whole = {kernel}(x, 0.4, 1.5)
      plate obs {{ factor -0.5 * (sine_basis(k, x, -3, 4) @ ({kernel}_spectrum(k, 7, 0.4, 1.5) * z))^2 }}
    }} guide = delta"""
    draws = svilang.compile(text).bind({"x": X}).fit(seed=0, steps=10, progress="none").posterior(draws=1).posterior
    basis, width, whole = (draws[name].values[0, 0] for name in ("basis", "width", "whole"))
    basis = basis if basis.shape == (3, 400) else basis.T
    found = (basis * width**2) @ basis.T
    np.testing.assert_allclose(found, whole, atol=0.03 if kernel == "matern12" else 1e-3)


def test_a_process_with_noise_a_stationary_series_and_unequal_trials_as_specs_write_them():
    text = """
    data { y: real[obs]   x: real[obs]   won: count   p: unit[trial]   dim back = 1 }
    model {
      a ~ Normal(0, 1)
      c: interval(-1, 1)[back] ~ Normal(0, 1)
      h ~ AR(obs, c, 0.5)
      observe y ~ GaussianProcess(h + a * x, rbf(x, 1, 2), 0.3)
      observe won ~ PoissonBinomial(p)
    }"""
    a, c, h, p = 0.7, np.array([0.6]), np.array([0.2, -0.1, 0.4]), np.array([0.2, 0.7])
    found = density(text, {"y": Y, "x": X, "won": 1, "p": p}, {"a": a, "c": c, "h": h})
    kernel = 4 * np.exp(-0.5 * np.subtract.outer(X, X) ** 2) + 0.09 * np.eye(3)
    series = 0.25 / (1 - 0.36) * 0.6 ** np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
    expected = (
        st.norm.logpdf(a)
        + st.truncnorm(-1, 1).logpdf(c).sum()
        + st.multivariate_normal(np.zeros(3), series).logpdf(h)
        + st.multivariate_normal(h + a * X, kernel).logpdf(Y)
        + np.log(0.2 * 0.3 + 0.8 * 0.7)
    )
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(
    ("places", "lengths", "units"),
    [("xy", "length", [1, 1]), ("xy / [0.5, 2]", "length", [0.5, 2]), ("xy", "[0.5 * length, 2 * length]", [0.5, 2])],
)
def test_a_process_over_points_of_a_plane(kernel, places, lengths, units):
    rng = np.random.default_rng(3)
    xy, y = rng.normal(size=(5, 2)), rng.normal(size=5)
    xy[1] = xy[0]
    text = f"""
    data {{ dim axis = 2   xy: real[site, axis]   y: real[site] }}
    model {{
      length ~ Exponential(1)
      s ~ Exponential(1)
      observe y ~ GaussianProcess(zeros(site), {kernel}({places}, {lengths}, s), 0.1)
    }}
    """
    model = svilang.compile(text).bind({"xy": xy, "y": y})
    apart = np.linalg.norm((xy / units)[:, None] - (xy / units)[None], axis=2)

    def wanted(length):
        cov = 1.3**2 * OF_DISTANCE[kernel](apart / length) + 0.01 * np.eye(5)
        return st.multivariate_normal.logpdf(y, np.zeros(5), cov) - length - 1.3

    with jax.enable_x64(True):
        value, slopes = jax.jit(jax.value_and_grad(model.log_density))({"length": np.array(0.7), "s": np.array(1.3)})
    assert float(value) == pytest.approx(wanted(0.7), abs=1e-10)
    assert float(slopes["length"]) == pytest.approx((wanted(0.7 + 1e-5) - wanted(0.7 - 1e-5)) / 2e-5, rel=1e-6)
