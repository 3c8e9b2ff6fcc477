"""``impute y``: the missing entries as latents, beside models written by hand, closed forms and all completions."""

import itertools

import jax
import numpy as np
import numpyro.distributions as dist
import pytest
from scipy import stats
from scipy.special import logsumexp

import svilang
from svilang import pipeline
from svilang.diagnostics import Source
from svilang.ir.verify import verify

LINEAR = """
data { x: real?[obs]   z: real[obs]   c: real[obs] }
model {
  mu ~ Normal(0, 1)
  b ~ Normal(0, 1)
  s ~ Exponential(1)
  plate obs {
    observe x ~ Normal(mu + 0.3 * c, s)
    observe z ~ Normal(b * x, 0.7)
  }
  impute x
}
"""
BY_HAND = """
data { known: real[there]   row: obs[there]   gap: obs[hole]   z: real[obs]   c: real[obs]   there_is: binary[obs]
       full: real[obs]   slot: hole[obs] }
model {
  mu ~ Normal(0, 1)
  b ~ Normal(0, 1)
  s ~ Exponential(1)
  plate there { observe known ~ Normal(mu + 0.3 * c[row], s) }
  plate hole { u ~ Normal(mu + 0.3 * c[gap], s) }
  plate obs { observe z ~ Normal(b * (full if there_is == 1 else u[slot]), 0.7) }
}
"""
NAN = np.nan
X = np.array([0.3, NAN, 1.2, NAN, -0.4])
Z = np.array([0.1, 0.9, 1.4, -0.3, -0.2])
C = np.array([1.0, 2.0, -1.0, 0.5, 0.0])
CLASSES = """
data { kind: class?[obs]   bill: real[obs]   dim class = ["a", "b", "c"] }
model {
  w ~ Dirichlet(ones(class))
  plate class { loc ~ Normal(0, 5) }
  plate obs {
    observe kind ~ Categorical(w)
    observe bill ~ Normal(loc[kind], 1)
  }
  impute kind
}
"""


def bound(text, **data):
    return svilang.compile(text).bind(data)


def test_the_density_is_that_of_a_latent_vector_written_by_hand():
    there = np.flatnonzero(~np.isnan(X))
    ours = bound(LINEAR, x=X, z=Z, c=C)
    hand = bound(
        BY_HAND, known=X[there], row=there, gap=np.array([1, 3]), z=Z, c=C, full=np.nan_to_num(X),
        **{"there_is": (~np.isnan(X)).astype(int), "slot": np.array([0, 0, 0, 1, 0])},
    )
    at = np.random.default_rng(0).normal(size=ours.unconstrained.size)
    with jax.enable_x64(True):
        value, slope = jax.jit(jax.value_and_grad(ours.unconstrained.log_density))(at)
        expected, steepness = jax.jit(jax.value_and_grad(hand.unconstrained.log_density))(at)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    np.testing.assert_allclose(slope, steepness, rtol=1e-10, atol=1e-12)


def test_the_density_of_a_regression_on_a_covariate_with_gaps_is_that_of_numpyro():
    model = bound(LINEAR, x=X, z=Z, c=C)
    u = np.array([0.8, -0.6])
    full = np.where(np.isnan(X), np.array([0, 0.8, 0, -0.6, 0]), X)
    with jax.enable_x64(True):
        found = jax.jit(model.log_density)({"mu": 0.2, "b": 1.1, "s": 0.9, "x.missing": u})
        terms = [
            dist.Normal(0.0, 1.0).log_prob(np.array([0.2, 1.1])), dist.Exponential(1.0).log_prob(0.9),
            dist.Normal(0.2 + 0.3 * C, 0.9).log_prob(full), dist.Normal(1.1 * full, 0.7).log_prob(Z),
        ]
        expected = sum(float(np.sum(term)) for term in terms)
    assert float(found) == pytest.approx(expected, rel=1e-10)


def test_data_without_a_gap_are_as_they_would_be_without_the_statement():
    x = np.nan_to_num(X)
    latents = {"mu": 0.2, "b": 1.1, "s": 0.9}
    plain = bound(LINEAR.replace("impute x", "").replace("real?", "real"), x=x, z=Z, c=C)
    whole = bound(LINEAR, x=x, z=Z, c=C)
    with jax.enable_x64(True):
        found = jax.jit(whole.log_density)({**latents, "x.missing": np.zeros(0)})
        assert float(found) == pytest.approx(float(jax.jit(plain.log_density)(latents)), rel=1e-12)


@pytest.mark.parametrize("kinds", [["a", None, "b", None, "c"], [None] * 5, ["a", "b", "c", "a", "b"]])
def test_missing_labels_are_summed_over_all_completions(kinds):
    bill = np.array([0.1, 0.9, 4.4, 4.0, 3.0])
    w, loc = np.array([0.2, 0.5, 0.3]), np.array([-0.4, 4.2, 2.1])
    model = bound(CLASSES, kind=np.array(kinds, object), bill=bill)
    choices = [range(3) if kind is None else ["abc".index(kind)] for kind in kinds]
    terms = [
        sum(np.log(w[k]) + stats.norm.logpdf(y, loc[k]) for k, y in zip(full, bill, strict=True))
        for full in itertools.product(*choices)
    ]
    prior = stats.norm.logpdf(loc, 0, 5).sum() + stats.dirichlet.logpdf(w, np.ones(3))
    with jax.enable_x64(True):
        found = jax.jit(model.log_density)({"w": w, "loc": loc})
    assert float(found) == pytest.approx(logsumexp(terms) + prior, rel=1e-10)


def test_a_missing_answer_of_a_bernoulli_is_summed_out_where_it_is_a_covariate():
    text = """
    data { treated: binary?[obs]   y: real[obs] }
    model {
      p ~ Beta(1, 1)
      plate obs { observe treated ~ Bernoulli(p)   observe y ~ Normal(2 * treated, 1) }
      impute treated
    }
    """
    y, p = np.array([0.5, 1.5, 2.5]), 0.3
    model = bound(text, treated=np.array([1, NAN, NAN]), y=y)
    expected = np.log(p) + stats.norm.logpdf(0.5, 2)
    for each in y[1:]:
        expected += np.log(p * stats.norm.pdf(each, 2) + (1 - p) * stats.norm.pdf(each, 0))
    with jax.enable_x64(True):
        assert float(jax.jit(model.log_density)({"p": p})) == pytest.approx(expected, rel=1e-10)


def test_entries_of_a_table_are_named_by_both_labels_and_read_their_own_arguments():
    text = """
    data { y: real?[row, col]   z: real[row, col]   dim row = ["r", "s"]   dim col = ["a", "b"] }
    model {
      plate row { m ~ Normal(0, 1) }
      plate col { k ~ Normal(0, 1) }
      plate row, col { observe y ~ Normal(m + 2 * k, 1)   observe z ~ Normal(y, 1) }
      impute y
    }
    """
    y, z = np.array([[0.1, NAN], [NAN, 0.4]]), np.array([[0.0, 1.0], [2.0, 3.0]])
    model = bound(text, y=y, z=z)
    m, k, u = np.array([0.3, -0.2]), np.array([1.0, 0.5]), np.array([0.7, -0.9])
    full = np.array([[0.1, 0.7], [-0.9, 0.4]])
    expected = stats.norm.logpdf(np.concatenate([m, k])).sum() + stats.norm.logpdf(z, full).sum()
    expected += stats.norm.logpdf(full, m[:, None] + 2 * k).sum()
    assert model.labels["y.entry"] == ("r, b", "s, a")
    with jax.enable_x64(True):
        assert float(jax.jit(model.log_density)({"m": m, "k": k, "y.missing": u})) == pytest.approx(expected, rel=1e-10)


def test_the_posterior_of_a_missing_normal_is_the_closed_form():
    """x ~ N(1, 2) where it is missing, and z ~ N(x, 1): precision 1/4 + 1."""
    text = """
    data { x: real?[obs]   z: real[obs] }
    model { plate obs { observe x ~ Normal(1, 2)   observe z ~ Normal(x, 1) }   impute x }
    guide = full_rank
    """
    fit = bound(text, x=np.array([0.5, NAN, NAN]), z=np.array([0.0, 3.0, -1.0])).fit(seed=0, progress="none")
    draws = np.asarray(fit.draws["x.missing"])
    np.testing.assert_allclose(draws.mean(0), (0.25 + np.array([3.0, -1.0])) / 1.25, atol=0.08)
    np.testing.assert_allclose(draws.std(0), np.sqrt(1 / 1.25), rtol=0.06)
    assert fit.labels["x.entry"] == (1, 2)
    assert fit.predict().groups["posterior_predictive"]["z"].values.shape[1:] == (3,)


def test_an_imputed_item_that_nothing_else_reads_is_no_cause_for_a_warning():
    text = "data { x: real?[obs] } model { m ~ Normal(0, 1)   plate obs { observe x ~ Normal(m, 1) }   impute x }"
    assert svilang.compile(text).warnings == ()


@pytest.mark.parametrize("family", ["mean_field", "full_rank"])
def test_the_guide_of_imputed_data_is_a_whole_program(family):
    text = "data { x: real?[obs] } model { m ~ Normal(0, 1)   plate obs { observe x ~ Normal(m, 1) }   impute x }"
    text = f"{text} guide = {family}"
    checked = pipeline.check(Source("x.svi", text))
    verify(checked.guide, checked.model)
