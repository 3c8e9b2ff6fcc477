"""The elementary functions under the densities, against exact integers and SciPy."""

from __future__ import annotations

import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special as sp
from distribution_measures import compiled

from svilang.catalog.distributions import numeric


def exact(function, *args):
    with jax.enable_x64(True):
        return compiled(function, *(np.asarray(a, np.float64) for a in args))


def test_the_stirling_remainder_is_that_of_exact_factorials():
    n = np.arange(1, 60)
    expected = [math.log(math.factorial(k)) - k * math.log(k) + k for k in n]
    np.testing.assert_allclose(exact(numeric.stirling, n), expected, rtol=0, atol=2e-13)
    assert exact(numeric.stirling, 0.0) == 0


def test_the_stirling_remainder_is_smooth_where_its_two_formulas_meet():
    x = np.array([10 - 1e-9, 10.0, 10 + 1e-9])
    value, slope = exact(lambda x: (numeric.stirling(x), jax.grad(lambda x: jnp.sum(numeric.stirling(x)))(x)), x)
    np.testing.assert_allclose(value, value[1], rtol=1e-9)
    np.testing.assert_allclose(slope, sp.digamma(x + 1) - np.log(x), rtol=1e-10)


def test_log_beta_and_binomial_coefficients_are_exact_for_large_arguments():
    pairs = [(3, 5), (40, 60), (1, 10**6), (10**6, 10**6 + 1), (9, 12)]
    beta = [math.log(Fraction(1, b * math.comb(a + b - 1, b))) for a, b in pairs[:2]]
    np.testing.assert_allclose(exact(numeric.betaln, *np.array(pairs[:2]).T), beta, rtol=1e-13)
    choose = [math.log(math.comb(a + b, a)) for a, b in [*pairs[:3], pairs[4]]]
    found = exact(
        numeric.log_choose, [a + b for a, b in [*pairs[:3], pairs[4]]], [a for a, _ in [*pairs[:3], pairs[4]]]
    )
    np.testing.assert_allclose(found, choose, rtol=1e-13)
    np.testing.assert_array_equal(exact(numeric.log_choose, [0, 7, 7], [0, 0, 7]), 0)
    small = np.array([1e-8, 0.3, 2.0])
    np.testing.assert_allclose(exact(numeric.betaln, small, small[::-1]), sp.betaln(small, small[::-1]), rtol=1e-12)


def test_products_with_logarithms_have_their_limits_and_right_slopes():
    x, y = np.array([0.0, 0.0, 2.0, -1.0, 0.0]), np.array([0.0, 3.0, 0.0, 0.0, 0.5])

    def everything(x, y):
        slopes = jax.grad(lambda x, y: jnp.sum(jnp.nan_to_num(numeric.xlogy(x, y))), argnums=(0, 1))(x, y)
        return numeric.xlogy(x, y), numeric.xlog1py(x, y - 1), slopes

    first, second, (slope_x, slope_y) = exact(everything, x, y)
    np.testing.assert_array_equal(first, [0, 0, -np.inf, np.inf, 0])
    np.testing.assert_array_equal(second, [0, 0, -np.inf, np.inf, 0])
    np.testing.assert_allclose(slope_x[[1, 4]], np.log(y[[1, 4]]))
    assert np.all(np.isfinite(slope_y))


def test_log1mexp_keeps_its_digits_at_both_ends():
    t = np.array([1e-300, 1e-12, 0.1, math.log(2), 1.0, 40.0, 700.0])
    expected = [math.log(-math.expm1(-v)) if v < 1 else math.log1p(-math.exp(-v)) for v in t]
    np.testing.assert_allclose(exact(numeric.log1mexp, t), expected, rtol=1e-14)
    value, slope = exact(lambda t: (numeric.log1mexp(t), jax.grad(numeric.log1mexp)(t)), 0.0)
    assert value == -np.inf
    assert slope == 0


def test_the_log_of_a_sum_of_nothing_is_minus_infinity_with_no_slope():
    a = np.array([[-np.inf, -np.inf], [0.0, -np.inf], [-1000.0, -1001.0]])
    value, slope = exact(
        lambda a: (numeric.log_sum_exp(a), jax.grad(lambda a: jnp.sum(numeric.log_sum_exp(a)[1:]))(a)), a
    )
    np.testing.assert_allclose(value, [-np.inf, 0, -1000 + math.log1p(math.exp(-1))])
    np.testing.assert_allclose(slope[1:], sp.softmax(a[1:], -1), atol=1e-15)
    assert np.all(np.isfinite(slope))


def test_count_terms_agree_with_the_plain_formula_from_tiny_to_huge_expectations():
    x = np.array([0.0, 1, 3, 50, 1e6])[:, None]
    m = np.array([1e-200, 1e-9, 0.3, 3, 70, 1e6, 1e9])
    expected = sp.xlogy(x, m / np.where(x > 0, x, 1)) - m + x
    found = exact(numeric.count_terms, x, m)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(exact(numeric.count_terms_log, x, np.log(m)), expected, rtol=1e-9, atol=1e-6)


def test_the_slope_of_a_sum_of_exponentials_compares_no_elements():
    """What is rounded twice may differ from itself: a slope shared among those that equal the greatest is 0/0."""
    with jax.enable_x64(True):
        slope = jax.make_jaxpr(jax.grad(numeric.log_sum_exp))(jnp.arange(3.0))
    assert not [equation for equation in slope.eqns if equation.primitive.name == "eq"]
