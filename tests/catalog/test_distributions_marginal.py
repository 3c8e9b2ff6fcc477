"""The density of some entries of a vector is that of the law of these entries alone."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import linalg, stats

import svilang
from svilang.catalog.distributions import DISTRIBUTIONS

RNG = np.random.default_rng(12)
SIZE = 4
ROOT = np.tril(RNG.normal(size=(SIZE, SIZE))) + 2 * np.eye(SIZE)
LOC = RNG.normal(size=SIZE)
X = RNG.normal(size=SIZE)
LOADS = RNG.normal(size=(SIZE, 2))
OWN = np.array([0.5, 1.0, 2.0, 0.3])
TIMES = np.arange(1, SIZE + 1)

AROUND = np.array([1.5, 0.4, 0.1, 0.4])
MOVE = np.array([[0.9, 0.2], [-0.3, 0.6]])
PAIR, START = ROOT[:2, :2], np.array([0.4, -1.0])
BOTH = np.block([[PAIR, np.zeros((2, 2))], [MOVE @ PAIR, PAIR]])
STATES = np.stack([MOVE @ START, MOVE @ MOVE @ START]), BOTH @ BOTH.T
"""Centre and covariance of two steps of two numbers, as one vector."""

LAWS = {
    "MultivariateNormal": ((LOC, ROOT), lambda some: stats.multivariate_normal(LOC[some], block(ROOT @ ROOT.T, some))),
    "MultivariateStudentT": (
        (np.float64(3.5), LOC, ROOT),
        lambda some: stats.multivariate_t(LOC[some], block(ROOT @ ROOT.T, some), df=3.5),
    ),
    "LowRankMultivariateNormal": (
        (LOC, LOADS, OWN),
        lambda some: stats.multivariate_normal(LOC[some], block(LOADS @ LOADS.T + np.diag(OWN), some)),
    ),
    "GaussianProcess": (
        (LOC, ROOT @ ROOT.T, np.float64(0.4)),
        lambda some: stats.multivariate_normal(LOC[some], block(ROOT @ ROOT.T + 0.16 * np.eye(SIZE), some)),
    ),
    "CirculantNormal": (
        (LOC, AROUND),
        lambda some: stats.multivariate_normal(LOC[some], block(linalg.circulant(AROUND), some)),
    ),
    "GaussianStateSpace": (
        (MOVE, PAIR, START),
        lambda some: stats.multivariate_normal(STATES[0].ravel()[some], block(STATES[1], some)),
    ),
    "GaussianRandomWalk": (
        (np.float64(0.7),),
        lambda some: stats.multivariate_normal(np.zeros(len(some)), 0.49 * np.minimum.outer(TIMES[some], TIMES[some])),
    ),
}


def block(matrix, some):
    return matrix[np.ix_(some, some)]


def test_every_row_that_knows_the_density_of_parts_is_here():
    assert set(LAWS) == {name for name, row in DISTRIBUTIONS.items() if row.marginal is not None}


@pytest.mark.parametrize("name", LAWS)
def test_all_parts_of_a_vector(name):
    params, law = LAWS[name]
    masks = np.array(list(itertools.product([False, True], repeat=SIZE)))
    row = DISTRIBUTIONS[name]
    shape = (len(masks), -1, 2) if len(row.event) == 2 else masks.shape
    # What stands in the place of the others has no part in it.
    x, flags = np.where(masks, X, 1e3).reshape(shape), masks.reshape(shape)
    with jax.enable_x64(True):
        batched = [jnp.broadcast_to(p, (len(masks), *np.shape(p))) for p in params]
        found = jax.jit(row.marginal)(x, flags, *batched)
        shared = jax.jit(row.marginal)(x, flags, *params)
        slopes = jax.jit(jax.grad(lambda params: row.marginal(x, flags, *params).sum()))(params)
    expected = [law(np.flatnonzero(mask)).logpdf(X[mask]) if mask.any() else 0.0 for mask in masks]
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(shared, expected, rtol=1e-11, atol=1e-11)
    assert all(np.isfinite(slope).all() for slope in slopes)


def test_known_entries_of_observed_vectors_count():
    """Of twelve pairs four are there in part and one is not at all: normal densities of pairs and of numbers."""
    y = RNG.normal(size=(12, 2))
    y[7:9, 1] = np.nan
    y[9:11, 0] = np.nan
    y[11] = np.nan
    text = """
    data { dim v = 2   y: real?[i, v]   R: corr[v] }
    model {
      m: real[v] ~ Normal(0, 5)
      sd: positive[v] ~ HalfNormal(3)
      plate i { observe y ~ MultivariateNormal(m, covariance_matrix=outer(sd, sd) * R) }
    }
    """
    m, sd = np.array([0.2, -0.4]), np.array([1.1, 0.8])
    correlation = np.array([[1, 0.3], [0.3, 1]])
    covariance = np.outer(sd, sd) * correlation
    expected = stats.norm.logpdf(m, 0, 5).sum() + stats.halfnorm.logpdf(sd, scale=3).sum()
    for row in y:
        some = np.flatnonzero(np.isfinite(row))
        if len(some):
            expected += stats.multivariate_normal(m[some], block(covariance, some)).logpdf(row[some])
    bound = svilang.compile(text).bind({"y": y, "R": correlation})
    with jax.enable_x64(True):
        assert float(bound.log_density({"m": m, "sd": sd})) == pytest.approx(expected, rel=1e-12)


def test_one_gap_does_not_silence_a_whole_series():
    y = np.cumsum(RNG.normal(size=6))
    y[2:4] = np.nan
    text = """
    data { y: real?[t] }
    model { s ~ HalfNormal(1)   observe y ~ GaussianRandomWalk(t, s) }
    """
    some = np.flatnonzero(np.isfinite(y))
    walk = stats.multivariate_normal(np.zeros(4), 0.36 * np.minimum.outer(some + 1, some + 1))
    bound = svilang.compile(text).bind({"y": y})
    with jax.enable_x64(True):
        found = float(bound.log_density({"s": np.float64(0.6)}))
    assert found == pytest.approx(stats.halfnorm.logpdf(0.6) + walk.logpdf(y[some]), rel=1e-12)


WHOLE = {
    "Dirichlet": ("simplex", "Dirichlet(a * ones(kind))", "`simplex`", [0.2, 0.3, 0.5]),
    "DirichletMultinomial": ("count", "DirichletMultinomial(a * ones(kind), 9)", "`DirichletMultinomial`", [2, 3, 4]),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_law_of_whole_vectors_refuses_parts(name):
    kind, law, owner, row = WHOLE[name]
    text = f"""
    data {{ dim kind = 3   y: {kind}?[site, kind] }}
    model {{ a ~ Exponential(1)   plate site {{ observe y ~ {law} }} }}
    """
    y = np.array([row, [row[0], np.nan, row[2]], [np.nan] * 3])
    program = svilang.compile(text)
    program.bind({"y": np.delete(y, 1, axis=0)})
    with pytest.raises(svilang.SvilangError, match=r"`y` is there in part only \(.*\), and " + owner) as caught:
        program.bind({"y": y})
    assert [one.code for one in caught.value.diagnostics] == ["E0527"]


def test_a_law_of_two_values_refuses_data_over_three():
    text = """
    data { x: circular[residue, angle] }
    model { k ~ Exponential(1)   plate residue { observe x ~ SineBivariateVonMises(zeros(angle), ones(angle), k) } }
    """
    program = svilang.compile(text)
    program.bind({"x": np.zeros((4, 2))})
    with pytest.raises(svilang.SvilangError, match="is over 2 members, and `angle` has 3") as caught:
        program.bind({"x": np.zeros((4, 3))})
    assert [one.code for one in caught.value.diagnostics] == ["E0528"]
