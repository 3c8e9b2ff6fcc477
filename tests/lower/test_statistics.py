"""A likelihood over the states of a discrete site as a product of matrices is the density as it is written."""

import jax
import numpy as np
import pytest
from scipy import special, stats

import svilang
from svilang.lower import statistics

ROWS, STATES = 40, 3


@pytest.fixture(autouse=True)
def _no_table_is_too_small(monkeypatch):
    monkeypatch.setattr(statistics, "SMALL", 0)


@pytest.fixture
def used(monkeypatch):
    """For each likelihood that became a product whether its parts were small enough."""
    found = []
    whole = statistics._Product.accurate

    def seen(product, args):
        value = whole(product, args)
        jax.debug.callback(lambda one: found.append(bool(one)), value)
        return value

    monkeypatch.setattr(statistics._Product, "accurate", seen)
    return found


def both(text, data, at, dtype=float):
    """Value and gradient of the log density with and without products."""
    model = svilang.compile(text).bind(data)
    with jax.enable_x64(np.dtype(dtype).itemsize == 8):
        at = {name: np.asarray(value, dtype) for name, value in at.items()}
        made = jax.jit(jax.value_and_grad(model.log_density))(at)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(statistics, "SMALL", 1 << 40)
            written = jax.jit(jax.value_and_grad(model.log_density))(at)
    jax.effects_barrier()
    return made, written


def assert_same(made, written, tolerance=1e-10):
    assert float(made[0]) == pytest.approx(float(written[0]), rel=tolerance, abs=tolerance)
    for name, slope in written[1].items():
        np.testing.assert_allclose(made[1][name], slope, rtol=tolerance, atol=tolerance * max(1, np.abs(slope).max()))


def mixture(kind, prior, law, dim=""):
    return f"""data {{ y: {kind}[row]  dim state = {STATES} }}
model {{
  share ~ Dirichlet(ones(state))
  plate state {{ {prior} }}
  plate row {{ z ~ Categorical(share)  observe y ~ {law} }}
}}"""


SOURCE = np.random.default_rng(5)
POSITIVES = SOURCE.gamma(2, size=ROWS)
UNITS = SOURCE.beta(2, 3, size=ROWS)
COUNTS = SOURCE.poisson(3, size=ROWS)
REALS = SOURCE.normal(size=ROWS)
A, B = np.array([0.5, 1.5, 4.0]), np.array([2.0, 0.7, 1.1])
LAWS = {
    "Normal": ("real", "Normal(log(a[z]), b[z])", REALS),
    "Normal by precision": ("real", "Normal(a[z], precision=b[z])", REALS),
    "one scale for all": ("real", "Normal(a[z], b[0])", REALS),
    "HalfNormal": ("positive", "HalfNormal(a[z])", POSITIVES),
    "LogNormal": ("positive", "LogNormal(a[z], b[z])", POSITIVES),
    "Exponential": ("positive", "Exponential(a[z])", POSITIVES),
    "Gamma": ("positive", "Gamma(a[z], b[z])", POSITIVES),
    "InverseGamma": ("positive", "InverseGamma(a[z], b[z])", POSITIVES),
    "InverseGaussian": ("positive", "InverseGaussian(a[z], b[z])", POSITIVES),
    "Beta": ("unit", "Beta(a[z], b[z])", UNITS),
    "ContinuousBernoulli": ("unit", "ContinuousBernoulli(a[z] / 5)", UNITS),
    "VonMises": ("circular", "VonMises(a[z], b[z])", REALS),
    "Bernoulli": ("binary", "Bernoulli(a[z] / 5)", COUNTS % 2),
    "Bernoulli by log odds": ("binary", "Bernoulli(logits=a[z])", COUNTS % 2),
    "Poisson": ("count", "Poisson(a[z])", COUNTS),
    "Geometric": ("count", "Geometric(a[z] / 5)", COUNTS),
}


@pytest.mark.exhaustive
def test_every_family_gives_the_density_as_it_is_written(used):
    """All of them over one discrete site, each with parameters of its own."""
    laws = [law.replace("a[", f"a{i}[").replace("b[", f"b{i}[") for i, (_, law, _) in enumerate(LAWS.values())]
    data = " ".join(f"y{i}: {kind}[row]" for i, (kind, _, _) in enumerate(LAWS.values()))
    priors = " ".join(f"{name} ~ Gamma(2, 1)" for i in range(len(laws)) for name in (f"a{i}", f"b{i}"))
    text = f"""data {{ {data}  dim state = {STATES} }}
model {{
  plate state {{ {priors} }}
  plate row {{ z ~ Categorical([0.2, 0.5, 0.3] over state)
    {chr(10).join(f"observe y{i} ~ {law}" for i, law in enumerate(laws))} }}
}}"""
    at = {f"{name}{i}": value for i in range(len(laws)) for name, value in (("a", A), ("b", B))}
    assert_same(*both(text, {f"y{i}": y for i, (_, _, y) in enumerate(LAWS.values())}, at))
    assert used == [True] * len(laws)


def test_a_mixture_of_normals_is_what_scipy_says():
    y, loc, scale, share = 1e3 + REALS, 1e3 + A, B, np.array([0.2, 0.5, 0.3])
    text = mixture("real", "loc ~ Normal(1000, 2)  scale ~ HalfNormal(1)", "Normal(loc[z], scale[z])")
    made, _ = both(text, {"y": y}, {"share": share, "loc": loc, "scale": scale})
    rows = special.logsumexp(stats.norm.logpdf(y[:, None], loc, scale) + np.log(share), axis=1)
    prior = stats.norm.logpdf(loc, 1000, 2).sum() + stats.halfnorm.logpdf(scale).sum() + np.log(2)
    assert float(made[0]) == pytest.approx(rows.sum() + prior, rel=1e-12)


def test_plates_inside_are_part_of_the_product(used):
    text = """data { y: real?[row, axis]  m: binary[row]  w: positive[row]  dim state = 3 }
model {
  share ~ Dirichlet(ones(state))
  plate state, axis { loc ~ Normal(0, 1) }
  plate axis { scale ~ HalfNormal(1) }
  plate row {
    z ~ Categorical(share)
    plate axis { observe y ~ Normal(loc[z], scale) where m weight w }
  }
}"""
    y = SOURCE.normal(size=(ROWS, 2))
    y[3, 1] = y[7, 0] = np.nan
    data = {"y": y, "m": COUNTS % 3 > 0, "w": POSITIVES}
    assert_same(*both(text, data, {"share": [0.2, 0.5, 0.3], "loc": SOURCE.normal(size=(3, 2)), "scale": [0.7, 1.2]}))
    assert used == [True]


def test_rows_of_one_member_are_added_up_beforehand(used):
    text = """data { y: count[group, visit]  dim state = 3 }
model {
  share ~ Dirichlet(ones(state))
  plate state { rate ~ Gamma(2, 1) }
  plate group { z ~ Categorical(share)  plate visit { observe y ~ Poisson(rate[z]) } }
}"""
    data = {"y": SOURCE.poisson(3, size=(ROWS, 4))}
    assert_same(*both(text, data, {"share": [0.2, 0.5, 0.3], "rate": A}))
    assert used == [True]


def test_vectors_with_a_covariance_for_each_state(used):
    text = """data { y: real[row, axis]  dim state = 3  dim other = axis }
model {
  share ~ Dirichlet(ones(state))
  plate state { plate axis { loc ~ Normal(0, 1) }  L ~ LKJCholesky(axis, concentration=2) }
  plate row { z ~ Categorical(share)  observe y ~ MultivariateNormal(loc[z], scale_tril=L[z]) }
}"""
    y = 1e4 + SOURCE.normal(size=(ROWS, 2))
    factor = np.array([[[1, 0], [r, np.sqrt(1 - r * r)]] for r in (-0.3, 0.2, 0.6)])
    at = {"share": [0.2, 0.5, 0.3], "loc": 1e4 + SOURCE.normal(size=(3, 2)), "L": factor}
    assert_same(*both(text, {"y": y}, at), 1e-9)
    assert used == [True]


def test_the_states_of_a_chain(used):
    text = """data { y: real[series, step]  dim state = 3  dim to = state }
model {
  plate state { move ~ Dirichlet(ones(to))  loc ~ Normal(0, 1) }
  plate series { markov step {
    h ~ Categorical(ones(state) / 3) then Categorical(move[prev(h)])
    observe y ~ Normal(loc[h], 1)
  } }
}"""
    move = np.array([[0.8, 0.1, 0.1], [0.3, 0.5, 0.2], [0.1, 0.2, 0.7]])
    assert_same(*both(text, {"y": SOURCE.normal(size=(4, 9))}, {"move": move, "loc": A}))
    assert used == [True]


def test_data_far_away_lose_nothing_in_single_precision(used):
    """Beside the density in double precision of the same numbers."""
    text = mixture("real", "loc ~ Normal(0, 1000)  scale ~ HalfNormal(1)", "Normal(loc[z], scale[z])")
    y, loc = (1000 + REALS).astype(np.float32), (1000 + A).astype(np.float32)
    at = {"share": [0.2, 0.5, 0.3], "loc": loc, "scale": B}
    single, _ = both(text, {"y": y.astype(float)}, at, np.float32)
    double, _ = both(text, {"y": y.astype(float)}, at)
    assert float(single[0]) == pytest.approx(float(double[0]), abs=1e-4)
    np.testing.assert_allclose(single[1]["scale"], double[1]["scale"], rtol=1e-5)
    assert used == [True, True]


@pytest.mark.parametrize("at", [{"scale": np.array([1e-3, 1, 1])}, {"loc": np.array([0, 1e4, 2])}])
def test_parts_that_would_cancel_are_not_made(at, used):
    text = mixture("real", "loc ~ Normal(0, 1000)  scale ~ HalfNormal(1)", "Normal(loc[z], scale[z])")
    made, written = both(text, {"y": 3 * REALS}, {"share": [0.2, 0.5, 0.3], "loc": A, "scale": B, **at}, np.float32)
    assert_same(made, written, 1e-6)
    assert used == [False]


def test_a_certain_outcome_has_the_density_as_it_is_written(used):
    text = mixture("binary", "p ~ Beta(1, 1)", "Bernoulli(p[z])")
    made, written = both(text, {"y": COUNTS % 2}, {"share": [0.2, 0.5, 0.3], "p": [0.0, 0.5, 1.0]})
    assert float(made[0]) == float(written[0])
    assert used == [False]


def test_several_points_at_once_and_second_derivatives():
    text = mixture("real", "loc ~ Normal(0, 1)", "Normal(loc[z], 1)")
    model = svilang.compile(text).bind({"y": REALS})
    with jax.enable_x64(True):
        share, loc = np.array([0.2, 0.5, 0.3]), SOURCE.normal(size=(4, 3))

        def density(loc):
            return model.log_density({"share": share, "loc": loc})

        values = jax.jit(jax.vmap(density))(loc)
        curvature = jax.jit(jax.hessian(density))(loc[0])
    wanted = [special.logsumexp(stats.norm.logpdf(REALS[:, None], one, 1) + np.log(share), axis=1).sum() for one in loc]
    wanted = np.array(wanted) + stats.norm.logpdf(loc).sum(1) + np.log(2)
    np.testing.assert_allclose(values, wanted, rtol=1e-12)
    weights = special.softmax(stats.norm.logpdf(REALS[:, None], loc[0], 1) + np.log(share), axis=1)
    steps = weights * (REALS[:, None] - loc[0])
    inner = np.einsum("nk,nk->k", weights, (REALS[:, None] - loc[0]) ** 2 - 1)
    np.testing.assert_allclose(curvature, np.diag(inner - 1) - steps.T @ steps, rtol=1e-10, atol=1e-10)
