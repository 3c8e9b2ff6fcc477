"""The posterior of summed-out sites against brute force over all assignments."""

import itertools

import numpy as np
import pytest
from scipy import stats

import svilang
from svilang.lower.after import After
from svilang.runtime.each import Each

DRAWS = 3000
RNG = np.random.default_rng(11)


def rows(m):
    return m - np.logaddexp.reduce(m, axis=-1, keepdims=True)


def mixture():
    """Two sites, one of them in an inner plate and dependent on the other; a support that does not begin at 0."""
    y = np.array([3, 4, 1])
    text = """
    data { y: count[n] = [3, 4, 1]   many: count[n] = [2, 1, 2] }
    model {
      r ~ Exponential(1)
      u ~ DiscreteUniform(2, 3)
      plate n { v ~ Binomial(many, 0.1 * u)   observe y ~ Poisson(r * (1 + v + u)) }
    }
    """

    def log_joint(v, z):
        u, s = z[0], np.array(z[1:])
        with np.errstate(divide="ignore"):
            inner = stats.binom.logpmf(s, [2, 1, 2], 0.1 * u) + stats.poisson.logpmf(y, v["r"] * (1 + s + u))
            return np.log(0.5) + inner.sum()

    return text, {"r": 0.9}, log_joint, [("u", ())] + [("v", (i,)) for i in range(3)], [range(2, 4), *[range(3)] * 3]


def ragged():
    """A site reached from another plate through an index."""
    label, item = np.array([0, 1, 2, 1, 0, 2, 1]), np.array([0, 0, 1, 1, 2, 2, 2])
    text = f"""
    data {{
      label: to[judgement] = {label.tolist()}   item: item[judgement] = {item.tolist()}
      dim class = 3   dim to = class
    }}
    model {{
      plate class, to {{ m ~ Normal(0, 1) }}
      plate item {{ truth ~ Categorical([0.2, 0.3, 0.5] over class) }}
      plate judgement {{ observe label ~ Categorical(logits=m[truth[item]]) }}
    }}
    """

    def log_joint(v, z):
        return np.log([0.2, 0.3, 0.5])[list(z)].sum() + rows(v["m"])[np.array(z)[item], label].sum()

    return text, {"m": RNG.normal(size=(3, 3))}, log_joint, [("truth", (i,)) for i in range(3)], [range(3)] * 3


def chains():
    """Two chains, the second moved by both, in a plate, with a mask."""
    y, on = RNG.normal(1, 1, size=(2, 2)).round(2), np.array([0, 1])
    text = f"""
    data {{
      y: real[who, step] = {y.tolist()}   on: binary[step] = {on.tolist()}
      dim a = 2   dim ato = a   dim b = 2   dim bto = b
    }}
    model {{
      plate a, ato {{ ma ~ Normal(0, 1) }}
      plate a, b, bto {{ mb ~ Normal(0, 1) }}
      plate b {{ k ~ Normal(0, 1) }}
      plate who {{
        markov step {{
          u ~ Categorical([0.5, 0.5] over a) then Categorical(logits=ma[prev(u)])
          v ~ Categorical([0.2, 0.8] over b) then Categorical(logits=mb[prev(u), prev(v)])
          observe y ~ Normal((u == 1) + k[v], 1) where on
        }}
      }}
    }}
    """

    def log_joint(v, z):
        us, vs = np.array(z[:4]).reshape(2, 2), np.array(z[4:]).reshape(2, 2)
        total = 2 * np.log(0.5) + np.log([0.2, 0.8])[vs[:, 0]].sum()
        total += rows(v["ma"])[us[:, :-1], us[:, 1:]].sum() + rows(v["mb"])[us[:, :-1], vs[:, :-1], vs[:, 1:]].sum()
        return total + (on * stats.norm.logpdf(y, us + v["k"][vs])).sum()

    latents = {"ma": RNG.normal(size=(2, 2)), "mb": RNG.normal(size=(2, 2, 2)), "k": RNG.normal(size=2)}
    places = [(name, index) for name in "uv" for index in np.ndindex(2, 2)]
    return text, latents, log_joint, places, [range(2)] * 8


def second_order():
    """A chain that looks back two steps."""
    y = np.array([0.1, 1.4, 0.9, 0.2, -0.3])
    text = f"""
    data {{ y: real[t] = {y.tolist()} }}
    model {{
      s ~ HalfNormal(1)
      markov t {{
        z ~ Bernoulli(0.4) then Bernoulli(0.3 + 0.4 * prev(z)) then Bernoulli(0.1 + 0.3 * prev(z) + 0.5 * prev(z, 2))
        observe y ~ Normal(z, s)
      }}
    }}
    """

    def log_joint(v, z):
        z = np.array(z)
        p = np.concatenate([[0.4], 0.3 + 0.4 * z[:1], 0.1 + 0.3 * z[1:-1] + 0.5 * z[:-2]])
        return np.log(np.where(z == 1, p, 1 - p)).sum() + stats.norm.logpdf(y, z, v["s"]).sum()

    return text, {"s": 0.8}, log_joint, [("z", (i,)) for i in range(5)], [range(2)] * 5


CASES = {case.__name__: case for case in (mixture, ragged, chains, second_order)}


@pytest.fixture(params=CASES, scope="module")
def case(request):
    text, latents, log_joint, places, supports = CASES[request.param]()
    after = After(svilang.compile(text).bind().bound)
    assignments = np.array(list(itertools.product(*supports)))
    logs = np.array([log_joint(latents, tuple(z)) for z in assignments])
    return after, latents, places, assignments, np.exp(logs - np.logaddexp.reduce(logs))


def found(after, begin, latents, draws):
    fixed = {name: np.asarray(value, float) for name, value in latents.items()}
    values = {name: np.broadcast_to(value, (draws, *value.shape)) for name, value in fixed.items()}
    return Each(begin, after.numbers)({"data": after.data, "params": {}}, values, 5, 0)


def flat(states, places):
    return np.stack([states[name][(slice(None), *index)] for name, index in places], axis=1)


def test_joint_draws_have_the_frequencies_of_the_posterior(case):
    after, latents, places, assignments, shares = case
    drawn = flat(found(after, after.drawn, latents, DRAWS), places)
    counts = (drawn[:, None] == assignments).all(-1).sum(0)
    assert counts.sum() == DRAWS
    often = shares * DRAWS > 5
    seen, wanted = (np.append(part[often], part[~often].sum()) for part in (counts, shares * DRAWS))
    kept = wanted > 0.5
    assert stats.chisquare(seen[kept], wanted[kept] * seen[kept].sum() / wanted[kept].sum()).pvalue > 1e-3


def test_the_best_assignment_is_the_most_probable_one(case):
    after, latents, places, assignments, shares = case
    np.testing.assert_array_equal(flat(found(after, after.best, latents, 2), places)[1], assignments[shares.argmax()])


def test_the_probabilities_of_single_sites_are_sums_over_all_others(case):
    after, latents, places, assignments, shares = case
    marginals = found(after, after.probabilities, latents, 1)
    for i, (name, index) in enumerate(places):
        values = np.unique(assignments[:, i])
        wanted = [shares[assignments[:, i] == value].sum() for value in values]
        np.testing.assert_allclose(marginals[name][(0, *index)], wanted, rtol=1e-9)


def test_a_fit_draws_its_discrete_sites_and_the_reports_that_read_them():
    text = """
    data {
      y: real[n] = [0.2, 2.1, 1.1]   dim c = ["low", "high"]   loc: real[c] = [0, 2]   w: simplex[c] = [0.3, 0.7]
    }
    model {
      s ~ Uniform(0.9, 1.1)
      plate n {
        z ~ Categorical(w)
        observe y ~ Normal(loc[z], s)
        report off = y - loc[z]
      }
      report both ~ Normal(sum(off, over=n), 0.001)
      report scale2 = s^2
    }
    """
    fit = svilang.compile(text).bind().fit(progress="none")
    draws = fit.draws
    assert list(draws) == ["s", "z", "off", "both", "scale2", "P(z)"]
    assert draws["z"].dtype.kind == "i"
    np.testing.assert_allclose(draws["z"].mean(0), draws["P(z)"][..., 1].mean(0), atol=0.05)
    off = np.array([0.2, 2.1, 1.1]) - np.array([0, 2])[draws["z"]]
    np.testing.assert_allclose(draws["off"], off, atol=1e-12)
    np.testing.assert_allclose(draws["both"], off.sum(1), atol=0.01)
    assert [row.name for row in fit.summary() if row.site == "P(z)"][:2] == ["P(z)[0, low]", "P(z)[0, high]"]
    assert not [row for row in fit.summary() if row.site == "z"]
    best = fit.discrete("best", draws=10)["z"]
    joint = np.array([0.3, 0.7]) * stats.norm.pdf(np.array([[0.2], [2.1], [1.1]]), np.array([0, 2]), 1)
    np.testing.assert_array_equal(best[0], joint.argmax(1))
