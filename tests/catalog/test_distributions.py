"""Every distribution against SciPy, NumPyro, quadrature and its own claims."""

from __future__ import annotations

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from distribution_cases import CASES, WITHOUT_CASE, Scalar, thorough
from distribution_measures import (
    CONTINUOUS,
    DISCRETE,
    LEVELS,
    SCALARS,
    compiled,
    density,
    ends,
    law,
    lifted,
    measured,
    points,
    quadrature,
    shifted,
)

from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS

LOOSE_IN_NUMPYRO = {"NegativeBinomial", "NegativeBinomial2", "GammaPoisson", "BetaBinomial", "BetaNegativeBinomial"}
"""Its log beta function keeps six or seven digits in float64."""


def having(attribute: str, names=tuple(CASES)) -> list[str]:
    return [name for name in names if getattr(DISTRIBUTIONS[name], attribute) is not None]


def test_every_row_has_a_case_and_every_case_a_row():
    assert set(CASES) | WITHOUT_CASE == set(DISTRIBUTIONS)


def test_reading_the_tables_loads_no_array_library():
    code = (
        "import sys; import svilang.catalog.distributions, svilang.catalog.spaces; "
        "sys.exit(any(m in sys.modules for m in ('numpy', 'jax', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("row", [*DISTRIBUTIONS.values(), *COMBINATORS.values()], ids=lambda row: row.name)
def test_a_row_explains_itself_and_is_consistent(row):
    assert row.summary
    assert row.reference
    forms = [row.params] if row.name in COMBINATORS else [form.params for form in row.forms]
    for params in forms:
        names = [p.name for p in params]
        assert len(set(names)) == len(names)
        assert all(p.meaning for p in params)
        assert all(p.default is None or p.default in p.kind.interval for p in params)
    if row.name in DISTRIBUTIONS:
        assert row.forms[0].canonical is None
        assert all(form.canonical for form in row.forms[1:])
        assert (row.noise is None) == (row.from_noise is None)
        assert row.sample is not None or not row.normalised


@pytest.mark.parametrize("name", CASES)
def test_the_log_density_agrees_with_the_reference_far_into_the_tails(name):
    case, x = CASES[name], points(name)
    if isinstance(case, Scalar):
        reference = law(name)
        expected = reference.logpmf(x) if name in DISCRETE else reference.logpdf(x)
    else:
        expected = case.log_prob(x, *case.params)
    np.testing.assert_allclose(density(name)["log_prob"], expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", thorough([name for name, case in CASES.items() if case.numpyro is not None]))
def test_the_log_density_agrees_with_numpyro(name):
    case, x = CASES[name], points(name)
    shown = x.astype(int) if name in DISCRETE or "Multinomial" in name else x
    with jax.enable_x64(True):
        expected = compiled(lambda x: case.numpyro(*lifted(case.params), validate_args=False).log_prob(x), shown)
    near = (LEVELS > 1e-6) & (LEVELS < 1 - 1e-6) if isinstance(case, Scalar) else slice(None)
    tolerance = 1e-6 if name in LOOSE_IN_NUMPYRO else 1e-9
    np.testing.assert_allclose(measured(name)["log_prob"][near], expected[near], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", [name for name, row in DISTRIBUTIONS.items() if len(row.forms) > 1])
def test_every_form_is_the_same_law(name):
    assert len(CASES[name].forms) == len(DISTRIBUTIONS[name].forms) - 1
    for other in density(name)["forms"]:
        np.testing.assert_allclose(other, density(name)["log_prob"], rtol=1e-9, atol=1e-9)
    for canonical in density(name)["canonical"]:
        for mine, given in zip(canonical, CASES[name].params, strict=True):
            np.testing.assert_allclose(mine, given, rtol=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_slopes_are_finite_wherever_the_density_is(name):
    assert np.all(np.isfinite(density(name)["log_prob"]))
    assert all(np.all(np.isfinite(slope)) for slope in density(name)["slopes"])


@pytest.mark.parametrize("name", thorough(SCALARS))
def test_slopes_are_those_of_the_density(name):
    x = points(name)
    lower, upper = (end if name in CONTINUOUS else np.inf for end in ends(name))
    if not shifted(name)[1]:
        return
    near = 1e-4 if DISTRIBUTIONS[name].bounds == (None, None) else 3e-2
    inner = (np.abs(x - lower) > near * np.abs(x)) & (np.abs(upper - x) > near * np.abs(x))
    inner &= (~np.isin(LEVELS, LEVELS[[0, -1]]))[:, None] | (not DISTRIBUTIONS[name].edge_moves)
    if (kink := CASES[name].kink) is not None:
        inner &= np.abs(x - kink(*lifted(CASES[name].params))) > 1e-4
    pairs = measured(name)["shifted"].reshape(-1, 2, *x.shape)
    for (index, step), (above, below) in zip(shifted(name)[1].items(), pairs, strict=True):
        slope = np.broadcast_to(measured(name)["slopes"][index], x.shape) if index == 0 else None
        difference = (above - below) / (2 * step)
        if slope is None:
            slope, difference = measured(name)["slopes"][index][0], difference.sum(0)
        error = 1e-9 / step.min() + 1e-5 * np.abs(difference)
        kept = inner if index == 0 else np.all(inner, 0) & ~at_an_end(name, index)
        assert np.all((np.abs(slope - difference) < error)[kept]), (index, slope, difference)


def at_an_end(name: str, index: int) -> np.ndarray:
    """Where a parameter stands at an end of its kind, so that a difference would leave it."""
    interval = DISTRIBUTIONS[name].forms[0].params[index - 1].kind.interval
    return np.isin(lifted(CASES[name].params)[index - 1][0], [interval.lower, interval.upper])


def mass(name: str) -> np.ndarray:
    _, weights = quadrature(name)
    return np.where(weights > 0, np.exp(measured(name)["nodes"]), 0) * weights


@pytest.mark.parametrize("name", thorough(SCALARS))
def test_the_total_mass_is_one(name):
    np.testing.assert_allclose(mass(name).sum(0), 1, rtol=2e-7)


@pytest.mark.parametrize("name", thorough(having("mean", SCALARS)))
def test_the_mean_is_that_of_the_density(name):
    stated = np.broadcast_to(measured(name)["mean"], mass(name).shape[1:])
    finite = np.isfinite(stated)
    actual = (mass(name) * quadrature(name)[0]).sum(0)
    np.testing.assert_allclose(actual[finite], stated[finite], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", thorough(having("variance", SCALARS)))
def test_the_variance_is_that_of_the_density(name):
    stated = np.broadcast_to(measured(name)["variance"], mass(name).shape[1:])
    finite = np.isfinite(stated)
    nodes = quadrature(name)[0]
    deviation = nodes - (mass(name) * nodes).sum(0)
    actual = (mass(name) * np.where(mass(name) > 0, deviation, 0) ** 2).sum(0)
    np.testing.assert_allclose(actual[finite], stated[finite], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", thorough(having("entropy", SCALARS)))
def test_the_entropy_is_that_of_the_density(name):
    shares = mass(name)
    log_prob = np.where(shares > 0, measured(name)["nodes"], 0)
    stated = np.broadcast_to(measured(name)["entropy"], shares.shape[1:])
    np.testing.assert_allclose(-(shares * log_prob).sum(0), stated, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", thorough([name for name, row in DISTRIBUTIONS.items() if row.finite_support]))
def test_a_finite_support_holds_all_the_mass(name):
    row, case = DISTRIBUTIONS[name], CASES[name]
    given = dict(zip((p.name for p in row.forms[0].params), case.params, strict=True))
    axes = {axis: given[p.name].shape[1] for p in row.forms[0].params for axis in p.event}

    def end(bound):
        if isinstance(bound, tuple):
            return axes[bound[1]] + bound[2]
        return given[bound] if isinstance(bound, str) else bound

    nodes, _ = quadrature(name)
    inside = (nodes >= end(row.finite_support.lower)) & (nodes <= end(row.finite_support.upper))
    density = np.exp(measured(name)["nodes"])
    np.testing.assert_allclose(np.where(inside, density, 0).sum(0), 1, rtol=1e-10)
    assert np.all(np.where(inside, 0, density) == 0)


@pytest.mark.parametrize("name", thorough(having("cdf", SCALARS)))
def test_the_distribution_function_and_its_tails_agree_with_scipy(name):
    x, reference = points(name), law(name)
    np.testing.assert_allclose(measured(name)["cdf"], reference.cdf(x), rtol=1e-8, atol=1e-11)
    if "log_cdf" in measured(name):
        exact = reference.logcdf(x) if hasattr(reference, "logcdf") else np.log(reference.cdf(x))
        np.testing.assert_allclose(measured(name)["log_cdf"], exact, rtol=1e-7, atol=1e-11)
    if "log_sf" in measured(name):
        with np.errstate(divide="ignore"):
            exact = reference.logsf(x) if hasattr(reference, "logsf") else np.log1p(-reference.cdf(x))
        near = np.isfinite(exact) & (exact > -15)
        np.testing.assert_allclose(measured(name)["log_sf"][near], exact[near], rtol=1e-6, atol=1e-11)


@pytest.mark.parametrize("name", thorough(having("icdf", CONTINUOUS)))
def test_quantiles_invert_the_distribution_function(name):
    expected = np.broadcast_to(points(name), measured(name)["icdf"].shape)
    upper = LEVELS < 1 - 1e-6
    np.testing.assert_allclose(measured(name)["icdf"][upper], expected[upper], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(measured(name)["icdf"][~upper], expected[~upper], rtol=1e-6)


@pytest.mark.parametrize("name", thorough(having("icdf", DISCRETE)))
def test_quantiles_of_counts_are_the_least_value_that_reaches_the_level(name):
    np.testing.assert_array_equal(measured(name)["icdf"], points(name))


@pytest.mark.parametrize("name", thorough(having("exponential_family")))
def test_natural_parameters_and_statistics_reproduce_the_density(name):
    np.testing.assert_allclose(measured(name)["family"], measured(name)["log_prob"], rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_the_precision_of_a_density_and_a_draw_is_that_of_the_parameters(name):
    row, case = DISTRIBUTIONS[name], CASES[name]
    params = tuple(p[None].astype(np.float32) for p in case.params)
    counts = name in DISCRETE or "Multinomial" in name
    x = points(name).astype(np.int64 if counts else np.float32)
    with jax.enable_x64(True):
        density = jax.eval_shape(row.forms[0].log_prob, x, *params)
        draw = jax.eval_shape(lambda *p: row.sample(jax.random.key(0), x.shape, *p), *params)
    assert density.dtype == jnp.float32
    assert density.shape == x.shape[:2]
    assert draw.shape == x.shape
    assert draw.dtype == (jnp.int64 if counts else jnp.float32)


def test_a_point_mass_is_all_at_its_point():
    row = DISTRIBUTIONS["Delta"]
    np.testing.assert_array_equal(row.forms[0].log_prob(jnp.array([1.0, 2.0]), 2.0), [-np.inf, 0])
    np.testing.assert_array_equal(row.sample(jax.random.key(0), (3,), 2.0), [2, 2, 2])
    np.testing.assert_array_equal(row.cdf(jnp.array([1.9, 2.0]), 2.0), [0, 1])


def test_an_improper_law_is_flat_and_cannot_be_drawn_from():
    row = DISTRIBUTIONS["Improper"]
    np.testing.assert_array_equal(row.forms[0].log_prob(jnp.array([-1.0, 1e9])), [0, 0])
    assert row.sample is None
    assert not row.normalised
