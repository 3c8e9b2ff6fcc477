"""The log density of many outcomes from per-group statistics is the sum of their log densities."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from distribution_cases import CASES
from distribution_measures import compiled, drawn
from scipy import special, stats

from svilang.catalog.distributions import DISTRIBUTIONS

FORMS = [
    pytest.param(name, index, id=f"{name}-{'-'.join(p.name for p in form.params)}")
    for name, row in DISTRIBUTIONS.items()
    for index, form in enumerate(row.forms)
    if form.grouped is not None
]
EXPECTED = {
    *("Normal", "LogNormal", "HalfNormal", "Exponential", "Gamma", "InverseGamma", "Beta", "Poisson", "Bernoulli"),
    *("Binomial", "Categorical", "Geometric", "BetaProportion"),
}
GROUPS = 5


def problem(name, index):
    """Outcomes in groups of very unequal size, one of them empty, and one parameter set for each group."""
    rng = np.random.default_rng(17)
    case = CASES[name]
    pick = np.arange(GROUPS) % len(case.params[0])
    params = tuple(p[pick] for p in case.params)
    group = rng.choice([0, 0, 0, 1, 1, 3, 4], size=400)
    draw = drawn(name)["sample"][np.arange(len(group)), pick[group]]
    given = params if index == 0 else case.forms[index - 1](*case.params)
    return draw, group, given if index == 0 else tuple(np.asarray(p)[pick] for p in given)


def test_the_rows_that_should_collapse_do():
    assert {name for name, row in DISTRIBUTIONS.items() if row.forms[0].grouped} == EXPECTED


@pytest.mark.parametrize(("name", "index"), FORMS)
def test_groups_sum_to_the_log_density_of_their_members(name, index):
    form = DISTRIBUTIONS[name].forms[index]
    y, group, params = problem(name, index)
    statistics = form.grouped.collapse(y, group, GROUPS)
    assert all(s.dtype == np.float64 and len(s) == GROUPS for s in statistics)
    single = [tuple(np.asarray(v, np.float32) for v in values) for values in (statistics, params)]
    with jax.enable_x64(True):
        together, each, slopes, rough = compiled(
            lambda s, p, rows, single: (
                form.grouped.log_prob(s, *p),
                form.log_prob(y, *rows),
                jax.grad(lambda p: form.grouped.log_prob(s, *p).sum())(p),
                form.grouped.log_prob(single[0], *single[1]),
            ),
            statistics,
            params,
            [p[group] for p in params],
            single,
        )
    expected = np.bincount(group, each, minlength=GROUPS)
    assert together.shape == (GROUPS,)
    np.testing.assert_allclose(together, expected, rtol=1e-10, atol=1e-9)
    assert all(np.all(np.isfinite(slope)) for slope in slopes)
    assert rough.dtype == np.float32
    np.testing.assert_allclose(rough, expected, rtol=2e-4, atol=0.05)


def test_statistics_of_normal_outcomes_are_centred():
    form = DISTRIBUTIONS["Normal"].forms[0]
    y = 1e6 + np.random.default_rng(0).normal(size=1000)
    group = np.zeros(1000, int)
    size, mean, squares = form.grouped.collapse(y, group, 1)
    np.testing.assert_allclose([size, mean, squares], [[1000], [y.mean()], [((y - y.mean()) ** 2).sum()]], rtol=1e-12)


def test_further_axes_of_the_outcomes_stay():
    rng = np.random.default_rng(8)
    group = rng.integers(0, 3, 50)
    for name, y in {
        "Normal": rng.normal(size=(50, 2)),
        "Poisson": rng.poisson(3, (50, 2)),
        "Binomial": rng.binomial(9, 0.3, (50, 2)),
        "Categorical": rng.integers(0, 3, (50, 2)),
    }.items():
        form = DISTRIBUTIONS[name].forms[0]
        params = {"Normal": (0.5, 2.0), "Poisson": (2.5,), "Binomial": (9.0, 0.4)}.get(name, ([0.2, 0.3, 0.5],))
        params = [np.asarray(p) if np.ndim(p) == 0 else np.asarray(p)[None, None] for p in params]
        statistics = form.grouped.collapse(y, group, 3)
        with jax.enable_x64(True):
            together, each = compiled(
                lambda s, p, f=form, y=y: (f.grouped.log_prob(s, *p), f.log_prob(y, *p)), statistics, params
            )
        np.testing.assert_allclose(together, [each[group == g].sum(0) for g in range(3)], rtol=1e-10)


def test_rates_of_zero_agree_with_groups_without_events_only():
    grouped = DISTRIBUTIONS["Poisson"].forms[0].grouped
    statistics = grouped.collapse(np.array([0, 0, 2]), np.array([0, 0, 1]), 3)
    value = grouped.log_prob(statistics, np.zeros(3))
    np.testing.assert_array_equal(value, [0, -np.inf, 0])


@pytest.mark.parametrize("form", DISTRIBUTIONS["Binomial"].forms, ids=lambda form: form.params[-1].name)
def test_totals_too_small_for_what_a_group_counted_are_impossible(form):
    """A number of trials may be latent, as in models of abundance."""
    counts, group, totals = np.array([5, 3, 0]), np.array([0, 0, 1]), np.arange(7.0)[:, None]
    statistics = form.grouped.collapse(counts, group, 2)
    with jax.enable_x64(True):
        value, slope = compiled(
            lambda s, p: (
                form.grouped.log_prob(s, totals, p),
                jax.grad(lambda p: jax.nn.logsumexp(form.grouped.log_prob(s, totals, p), axis=0).sum())(p),
            ),
            statistics,
            np.float64(0.4),
        )
    assert np.isfinite(slope)
    probs = 0.4 if form.params[-1].name == "probs" else special.expit(0.4)
    each = stats.binom.logpmf(counts, totals, probs)
    np.testing.assert_allclose(value, np.stack([each[:, :2].sum(1), each[:, 2]], 1), rtol=1e-12)
