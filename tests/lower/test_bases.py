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
        return float(svilang.compile(text).bind(data).log_density(latents))


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
