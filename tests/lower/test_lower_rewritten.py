"""Rows that enter through their statistics have the density of the rows, also where a discrete site picks the
parameters and some of its states make the data impossible."""

import jax
import numpy as np
import pytest

import svilang
from svilang import pipeline
from svilang.catalog.distributions import DISTRIBUTIONS

LAWS = {
    "Normal": "Normal(a + z, b)",
    "LogNormal": "LogNormal(a + z, b)",
    "HalfNormal": "HalfNormal(b * (1 + z))",
    "Exponential": "Exponential(b * z)",
    "Gamma": "Gamma(b + z, b)",
    "InverseGamma": "InverseGamma(b + z, b)",
    "Beta": "Beta(b + z, b)",
    "BetaProportion": "BetaProportion(p, b + z)",
    "Poisson": "Poisson(b * z)",
    "Bernoulli": "Bernoulli(p * z / 7)",
    "Binomial": "Binomial(z, p)",
    "Geometric": "Geometric(p * z / 7)",
    "Categorical": "Categorical([p * z / 7, 1 - p * z / 7])",
}
"""Each with the number of an enumerated state ``z``, some of which make some outcomes impossible."""

DEFAULT = ("Normal", "Binomial", "Categorical")

KINDS = {"Poisson": "count", "Binomial": "count", "Geometric": "count", "Bernoulli": "binary", "Categorical": "two"}
OUTCOMES = {
    "real": np.linspace(-1, 2, 6),
    "positive": np.linspace(0.2, 2, 6),
    "unit": np.linspace(0.1, 0.8, 6),
    "count": np.array([0, 3, 3, 5, 3, 0]),
    "binary": np.array([0, 1, 1, 1, 0, 1]),
    "two": np.array([0, 1, 1, 1, 0, 1]),
}


def spec(name):
    kind = KINDS.get(name) or {"Normal": "real", "Beta": "unit", "BetaProportion": "unit"}.get(name, "positive")
    text = f"""
        data {{ dim two = 2  y: {kind}[site, visit] }}
        model {{
          a ~ Normal(0, 1)  b ~ Exponential(1)  p ~ Beta(2, 2)
          plate site {{
            z ~ DiscreteUniform(0, 7)
            plate visit {{ observe y ~ {LAWS[name]} }}
          }}
        }}"""
    return text, {"y": np.stack([OUTCOMES[kind], OUTCOMES[kind][::-1], OUTCOMES[kind][[1, 1, 2, 2, 2, 2]]])}


def test_every_row_with_statistics_is_here():
    assert set(LAWS) == {name for name, row in DISTRIBUTIONS.items() if any(form.grouped for form in row.forms)}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in DEFAULT else pytest.mark.exhaustive) for name in LAWS]
)
def test_statistics_of_outcomes_whose_parameters_a_discrete_site_picks(name):
    text, data = spec(name)
    program = svilang.compile(text)
    bound = program.bind(data).bound
    fewer, notes = pipeline.compress(bound, program.checked)
    assert notes
    z = np.array([0.3, -0.4, 0.2])
    with jax.enable_x64(True):
        (plain, slope), (quick, quick_slope) = (at(one, program, z) for one in (bound, fewer))
    assert np.isfinite(plain)
    assert float(quick) == pytest.approx(float(plain), rel=1e-11)
    np.testing.assert_allclose(quick_slope, slope, rtol=1e-10, atol=1e-10)


def at(bound, program, z):
    target = pipeline.lower(bound, program.checked, program.source).target

    def density(z):
        return target.log_density(target.prepare(target.data), z, target.theta, {})

    return jax.jit(jax.value_and_grad(density))(z)
