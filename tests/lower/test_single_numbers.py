"""Many single numbers written out one by one: the same density, draws and gradients, from few operations."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import svilang

COUNT = 12
RNG = np.random.default_rng(7)
COLUMNS = RNG.normal(size=(COUNT, 30))
OUTCOME = RNG.normal(size=30)
TABLE = {"obs": {**{f"x{i}": COLUMNS[i] for i in range(COUNT)}, "y": OUTCOME}}


def _regression(count: int = COUNT, extra: str = "") -> str:
    columns = "\n".join(f"  x{i}: real[obs]" for i in range(count))
    laws = "\n".join(f"  b{i} ~ Normal({i / 10}, tau)\n  s{i} ~ HalfNormal({1 + i})" for i in range(count))
    # Signs, a factor on either side, an intercept, a term with two latents, and a column that no factor multiplies.
    terms = " + ".join(f"b{i} * x{i}" if i % 2 else f"x{i} * b{i}" for i in range(1, count))
    return f"""
data {{
{columns}
  y: real[obs]
}}
model {{
  tau ~ HalfNormal(2)
{laws}
  plate obs {{
    mu = s0 - b0 * x0 + {terms} - x1 + s1 * x2 * b3
    observe y ~ Normal(mu, tau)
  }}
}}
{extra}
"""


def _reference(values: dict[str, float]) -> float:
    b = np.array([values[f"b{i}"] for i in range(COUNT)])
    s = np.array([values[f"s{i}"] for i in range(COUNT)])
    signs = np.where(np.arange(COUNT) == 0, -1, 1)
    mu = s[0] + (signs * b) @ COLUMNS - COLUMNS[1] + s[1] * COLUMNS[2] * b[3]
    prior = np.sum(stats.norm.logpdf(b, np.arange(COUNT) / 10, values["tau"]))
    prior += np.sum(stats.halfnorm.logpdf(s, scale=1 + np.arange(COUNT)))
    prior += stats.halfnorm.logpdf(values["tau"], scale=2)
    return prior + np.sum(stats.norm.logpdf(OUTCOME, mu, values["tau"]))


def _draw(seed: int) -> dict[str, float]:
    source = np.random.default_rng(seed)
    names = [f"{kind}{i}" for kind in "bs" for i in range(COUNT)]
    return {"tau": 1.3} | {name: float(np.exp(0.3 * source.normal())) for name in names}


@pytest.fixture(scope="module")
def bound():
    return svilang.compile(_regression()).bind(TABLE)


@pytest.mark.parametrize("seed", range(3))
def test_the_density_is_that_of_the_formula(bound, seed):
    with jax.enable_x64(True):
        values = _draw(seed)
        assert float(bound.log_density(values)) == pytest.approx(_reference(values), rel=1e-12)


def test_the_density_of_the_unconstrained_vector_has_the_jacobian_of_each_map(bound):
    with jax.enable_x64(True):
        values, whole = _draw(5), bound.unconstrained
        jacobian = sum(np.log(value) for name, value in values.items() if name[0] in "st")
        flat = jnp.asarray(whole.unconstrain(values))
        assert float(whole.log_density(flat)) == pytest.approx(_reference(values) + jacobian, rel=1e-12)
        back = whole.constrain(flat)
        assert {name: float(value) for name, value in back.items()} == pytest.approx(values, rel=1e-12)
        slope = np.asarray(jax.grad(whole.log_density)(flat))
        for i in range(0, whole.size, 3):
            step = 1e-5 * np.eye(whole.size)[i]
            rise = float(whole.log_density(flat + step) - whole.log_density(flat - step))
            assert slope[i] == pytest.approx(rise / 2e-5, rel=1e-5, abs=1e-6)


def test_numbers_that_read_each_other_are_a_walk():
    steps = "\n".join(f"  z{i} ~ Normal(z{i - 1}, 0.5)" for i in range(1, 20))
    text = f"data {{ y: real = 1 }}\nmodel {{\n  z0 ~ Normal(0, 2)\n{steps}\n  observe y ~ Normal(z19, 1)\n}}"
    model = svilang.compile(text).bind()
    walk = np.cumsum(RNG.normal(size=20))
    want = stats.norm.logpdf(walk[0], 0, 2) + np.sum(stats.norm.logpdf(np.diff(walk), 0, 0.5))
    with jax.enable_x64(True):
        found = model.log_density({f"z{i}": value for i, value in enumerate(walk)})
    assert float(found) == pytest.approx(want + stats.norm.logpdf(1, walk[19], 1), rel=1e-12)
    draws = model.prior(draws=4000, seed=1).values
    assert np.std(draws["z19"]) == pytest.approx(np.sqrt(4 + 19 * 0.25), rel=0.06)


def test_draws_of_the_prior_are_of_each_law_by_itself(bound):
    draws = bound.prior(draws=4000, seed=2).values
    spread = np.sqrt(np.mean(draws["tau"] ** 2))
    assert spread == pytest.approx(2, rel=0.05)
    for i in range(COUNT):
        assert np.mean(draws[f"b{i}"]) == pytest.approx(i / 10, abs=0.15)
        assert np.mean(draws[f"s{i}"]) == pytest.approx((1 + i) * np.sqrt(2 / np.pi), rel=0.06)
    assert np.corrcoef([draws["s0"], draws["s1"]])[0, 1] == pytest.approx(0, abs=0.06)


def _lines(count: int) -> int:
    columns = {f"x{i}": np.arange(5.0) + i for i in range(count)}
    text = svilang.compile(_regression(count)).bind({"obs": {**columns, "y": np.arange(5.0)}}).listing("jaxpr")
    return len(re.findall(r"(?m)^ +\S+:\S+.* = ", text))


def test_the_operations_of_a_density_do_not_grow_with_the_numbers_but_for_the_columns():
    few, many = _lines(20), _lines(60)
    # Each column is an axis of the matrix, which is one operation for it; s0, s1 and b3 are read by themselves.
    assert many - few <= 3 * 40


def test_a_fit_gives_each_number_its_own_posterior():
    data = "\n".join(f"  x{i}: real[obs]" for i in range(COUNT))
    laws = "\n".join(f"  b{i} ~ Normal(0, 1)" for i in range(COUNT))
    terms = " + ".join(f"b{i} * x{i}" for i in range(COUNT))
    model = f"{laws}\n  plate obs {{ observe y ~ Normal({terms}, 0.5) }}"
    text = f"data {{\n{data}\n  y: real[obs]\n}}\nmodel {{\n{model}\n}}\nguide {{ rest ~ full_rank }}"
    fit = svilang.compile(text).bind(TABLE).fit(seed=0, progress="none")
    covariance = np.linalg.inv(np.eye(COUNT) + COLUMNS @ COLUMNS.T / 0.25)
    mean, sd = covariance @ COLUMNS @ OUTCOME / 0.25, np.sqrt(np.diagonal(covariance))
    assert list(fit.draws) == [f"b{i}" for i in range(COUNT)]
    found = {row.name: row for row in fit.summary()}
    for i in range(COUNT):
        assert found[f"b{i}"].mean == pytest.approx(mean[i], abs=0.15 * sd[i])
        assert found[f"b{i}"].sd == pytest.approx(sd[i], rel=0.15)
