"""Discrete sites are summed out exactly: the density and its gradient are those of the sum over all assignments."""

import itertools

import jax
import numpy as np
import pytest
from scipy import stats

import svilang
from svilang.plan import eliminate

RNG = np.random.default_rng(7)


def density(text, latents):
    """The log density of a spec at some values, and its gradient."""
    model = svilang.compile(text).bind()
    with jax.enable_x64(True):
        latents = {name: np.asarray(value, float) for name, value in latents.items()}
        value, gradient = jax.jit(jax.value_and_grad(model.log_density))(latents)
        return float(value), {name: np.asarray(slope) for name, slope in gradient.items()}


def check(text, latents, log_joint, supports):
    """Against the sum of ``log_joint(latents, z)`` over all combinations of ``supports``."""

    def brute(values):
        terms = [log_joint(values, z) for z in itertools.product(*supports)]
        return np.logaddexp.reduce(terms)

    value, gradient = density(text, latents)
    assert value == pytest.approx(brute(latents), abs=1e-10)
    for name, slope in gradient.items():
        at = np.asarray(latents[name], float)
        for index in itertools.islice(np.ndindex(at.shape), 2):
            step = np.zeros_like(at)
            step[index] = 1e-5
            ends = [brute({**latents, name: at + sign * step}) for sign in (1, -1)]
            assert slope[index] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6, abs=1e-6)


def test_a_mixture_with_an_inner_plate():
    x = np.array([[1, 2], [3, 4], [-2, 1], [0, 0.5]])
    text = """
    data {
      x: real[point, axis] = [[1, 2], [3, 4], [-2, 1], [0, 0.5]]
      dim component = 3   w: simplex[component] = [0.2, 0.3, 0.5]
    }
    model {
      plate component { plate axis { loc ~ Normal(0, 10)   scale ~ HalfNormal(5) } }
      plate point { z ~ Categorical(w)   plate axis { observe x ~ Normal(loc[z], scale[z]) } }
    }
    """
    w = np.array([0.2, 0.3, 0.5])

    def log_joint(v, z):
        z = list(z)
        prior = stats.norm.logpdf(v["loc"], 0, 10).sum() + stats.halfnorm.logpdf(v["scale"], scale=5).sum()
        return prior + np.log(w[z]).sum() + stats.norm.logpdf(x, v["loc"][z], v["scale"][z]).sum()

    latents = {"loc": RNG.normal(size=(3, 2)), "scale": RNG.gamma(2, size=(3, 2))}
    check(text, latents, log_joint, [range(3)] * 4)


def test_the_rows_of_a_mixture_run_along_memory():
    program = svilang.compile("""
    data { x: real[point, axis]   dim component = 3 }
    model {
      plate component { plate axis { loc ~ Normal(0, 10) } }
      plate point { z ~ Categorical(ones(component) / 3)   plate axis { observe x ~ Normal(loc[z], 1) } }
    }
    """)
    (observation,) = eliminate(program.checked.model).program.observations
    assert [dim.name for dim in observation.plates] == ["z~", "axis", "point"]


def test_a_site_reached_through_a_ragged_index():
    label, item, annotator = [0, 1, 2, 1, 0, 2, 1], [0, 0, 1, 1, 2, 2, 2], [0, 1, 0, 1, 0, 1, 0]
    text = f"""
    data {{
      label: to[judgement] = {label}   item: item[judgement] = {item}   annotator: annotator[judgement] = {annotator}
      dim class = 3   dim to = class
    }}
    model {{
      plate class {{ a ~ Normal(0, 1) }}
      plate annotator {{ b ~ Normal(0, 1) }}
      plate item {{ truth ~ Categorical(logits=a) }}
      plate judgement {{
        hit = truth[item] == label
        observe label ~ Categorical(logits=full(to, b[annotator]) * (position(to) == 0) + (a over to) * a[truth[item]])
      }}
    }}
    """.replace("        hit = truth[item] == label\n", "")

    def log_joint(v, z):
        prior = stats.norm.logpdf(v["a"]).sum() + stats.norm.logpdf(v["b"]).sum()
        weights = v["a"] - np.logaddexp.reduce(v["a"])
        total = prior + weights[list(z)].sum()
        for one, i, j in zip(label, item, annotator, strict=True):
            logits = v["b"][j] * (np.arange(3) == 0) + v["a"] * v["a"][z[i]]
            total += logits[one] - np.logaddexp.reduce(logits)
        return total

    latents = {"a": RNG.normal(size=3), "b": RNG.normal(size=2)}
    check(text, latents, log_joint, [range(3)] * 3)


def test_a_support_that_does_not_begin_at_zero():
    y = np.array([3, 4, 5, 1, 0, 1])
    text = """
    data { y: count[year] = [3, 4, 5, 1, 0, 1]   dim side = ["early", "late"] }
    model {
      plate side { rate ~ Exponential(1) }
      tau ~ DiscreteUniform(2, 4)
      plate year { observe y ~ Poisson(rate["early"] if position(year) < tau else rate["late"]) }
    }
    """

    def log_joint(v, z):
        rates = np.where(np.arange(6) < z[0], v["rate"][0], v["rate"][1])
        return -v["rate"].sum() - np.log(3) + stats.poisson.logpmf(y, rates).sum()

    check(text, {"rate": np.array([3.0, 1.2])}, log_joint, [range(2, 5)])


def test_states_that_data_rule_out_leave_finite_gradients():
    y = np.array([[1, 0], [0, 0], [0, 1]])
    text = """
    data { y: binary[individual, occasion] = [[1, 0], [0, 0], [0, 1]] }
    model {
      omega ~ Uniform(0, 1)
      p ~ Uniform(0, 1)
      plate individual { z ~ Bernoulli(omega)   plate occasion { observe y ~ Bernoulli(z * p) } }
    }
    """

    def log_joint(v, z):
        z = np.array(z)
        with np.errstate(divide="ignore"):
            return stats.bernoulli.logpmf(z, v["omega"]).sum() + stats.bernoulli.logpmf(y, z[:, None] * v["p"]).sum()

    check(text, {"omega": np.array(0.4), "p": np.array(0.3)}, log_joint, [range(2)] * 3)


def test_a_site_that_depends_on_a_global_one():
    y = np.array([0.3, 1.2, -0.5])
    text = """
    data { y: real[n] = [0.3, 1.2, -0.5]   dim a = 2   dim b = 3 }
    model {
      plate a, b { m ~ Normal(0, 1) }
      u ~ Categorical([0.4, 0.6] over a)
      plate n { v ~ Categorical(logits=m[u])   observe y ~ Normal(m[u, v], 1) }
    }
    """

    def log_joint(v, z):
        u, *rest = z
        row = v["m"][u]
        total = stats.norm.logpdf(v["m"]).sum() + np.log([0.4, 0.6][u])
        return total + (row - np.logaddexp.reduce(row))[rest].sum() + stats.norm.logpdf(y, row[rest]).sum()

    check(text, {"m": RNG.normal(size=(2, 3))}, log_joint, [range(2), *[range(3)] * 3])


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_a_hidden_chain_within_a_plate(steps):
    y = RNG.normal(size=(2, steps)).round(2)
    text = f"""
    data {{ y: real[sequence, step] = {y.tolist()}   dim state = 2   dim to = state }}
    model {{
      plate state, to {{ m ~ Normal(0, 1) }}
      plate state {{ loc ~ Normal(0, 1) }}
      plate sequence {{
        markov step {{
          h ~ Categorical([0.3, 0.7] over state) then Categorical(logits=m[prev(h)])
          observe y ~ Normal(loc[h], 1)
        }}
      }}
    }}
    """

    def log_joint(v, z):
        z = np.array(z).reshape(2, steps)
        moves = v["m"] - np.logaddexp.reduce(v["m"], axis=1, keepdims=True)
        total = stats.norm.logpdf(v["m"]).sum() + stats.norm.logpdf(v["loc"]).sum() + np.log([0.3, 0.7])[z[:, 0]].sum()
        return total + moves[z[:, :-1], z[:, 1:]].sum() + stats.norm.logpdf(y, v["loc"][z]).sum()

    latents = {"m": RNG.normal(size=(2, 2)), "loc": RNG.normal(size=2)}
    check(text, latents, log_joint, [range(2)] * (2 * steps))


def test_coupled_chains_with_a_mask_and_an_inner_plate():
    y = np.array([[1, 2], [0.5, 3], [2.5, 0.1], [0.2, 2.9]])
    on = np.array([1, 1, 0, 1])
    text = f"""
    data {{
      y: real[step, channel] = {y.tolist()}   on: binary[step] = {on.tolist()}
      dim a = 2   dim ato = a   dim b = 2   dim bto = b
    }}
    model {{
      plate a, ato {{ ma ~ Normal(0, 1) }}
      plate a, b, bto {{ mb ~ Normal(0, 1) }}
      plate b, channel {{ k ~ Normal(0, 1) }}
      markov step {{
        u ~ Categorical([0.5, 0.5] over a) then Categorical(logits=ma[prev(u)])
        v ~ Categorical([0.2, 0.8] over b) then Categorical(logits=mb[prev(u), prev(v)])
        plate channel {{ observe y ~ Normal(u + k[v], 1) where on }}
      }}
    }}
    """.replace("u + k[v]", "(u == 1) + k[v]")

    def rows(m):
        return m - np.logaddexp.reduce(m, axis=-1, keepdims=True)

    def log_joint(v, z):
        us, vs = np.array(z[:4]), np.array(z[4:])
        total = sum(stats.norm.logpdf(v[name]).sum() for name in v) + np.log(0.5) + np.log([0.2, 0.8][vs[0]])
        total += rows(v["ma"])[us[:-1], us[1:]].sum() + rows(v["mb"])[us[:-1], vs[:-1], vs[1:]].sum()
        return total + (on[:, None] * stats.norm.logpdf(y, us[:, None] + v["k"][vs])).sum()

    latents = {"ma": RNG.normal(size=(2, 2)), "mb": RNG.normal(size=(2, 2, 2)), "k": RNG.normal(size=(2, 2))}
    check(text, latents, log_joint, [range(2)] * 8)


def test_a_chain_of_continuous_states_is_its_transition_densities():
    r = np.array([0.1, -0.3, 0.5, 1.2])
    text = """
    data { r: real[day] = [0.1, -0.3, 0.5, 1.2] }
    model {
      phi ~ Uniform(-1, 1)
      markov day {
        h ~ Normal(0, 1) then Normal(phi * prev(h), 0.5)
        observe r ~ Normal(0, exp(h / 2))
      }
    }
    """
    h = RNG.normal(size=4)
    wanted = np.log(0.5) + stats.norm.logpdf(h[0]) + stats.norm.logpdf(h[1:], 0.7 * h[:-1], 0.5).sum()
    wanted += stats.norm.logpdf(r, 0, np.exp(h / 2)).sum()
    assert density(text, {"phi": 0.7, "h": h})[0] == pytest.approx(wanted, abs=1e-10)


def test_the_probabilities_of_a_summed_out_site_are_exact():
    text = """
    data { y: real[n] = [0.2, 2.1]   dim c = 2   loc: real[c] = [0, 2]   w: simplex[c] = [0.3, 0.7] }
    model { s ~ Uniform(0.9, 1.1)   plate n { z ~ Categorical(w)   observe y ~ Normal(loc[z], s) } }
    guide = delta
    """
    fit = svilang.compile(text).bind().fit(progress="none")
    s = fit.draws["s"][0]
    joint = np.array([0.3, 0.7]) * stats.norm.pdf(np.array([[0.2], [2.1]]), np.array([0, 2]), s)
    np.testing.assert_allclose(fit.draws["P(z)"][0], joint / joint.sum(1, keepdims=True), rtol=1e-6)


REFUSED = {
    "no finite support": ("x ~ Poisson(3)   observe y ~ Normal(x, 1)", "E0620"),
    "all members at once": ("plate i { z ~ Bernoulli(0.5) }   s = sum(z, over=i)   observe y ~ Normal(s, 1)", "E0622"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_summed_out_is_refused(name):
    body, code = REFUSED[name]
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(f"data {{ y: real = 1   dim i = 3 }} model {{ {body} }}")
    assert [d.code for d in caught.value.diagnostics] == [code]


@pytest.mark.parametrize("law", ["z ~ Truncated(Poisson(rate), upper=20)", "z: interval(0, 20) ~ Poisson(rate)"])
def test_an_infinite_support_is_summed_up_to_the_bound_that_the_text_names(law):
    text = f"data {{ y: real = 2.4 }} model {{ rate ~ Exponential(1)   {law}   observe y ~ Normal(z, 1) }}"

    def log_joint(v, z):
        prior = stats.expon.logpdf(v["rate"]) + stats.poisson.logpmf(z[0], v["rate"])
        return prior - stats.poisson.logcdf(20, v["rate"]) + stats.norm.logpdf(2.4, z[0], 1)

    check(text, {"rate": 3.0}, log_joint, [range(21)])


SPREAD = {
    "ZeroInflated(Binomial(4, p), 0.3)": lambda z, p: 0.7 * stats.binom.pmf(z, 4, p) + 0.3 * (z == 0),
    "ZeroInflated(Binomial(n, p), 0.3)": lambda z, p: 0.7 * stats.binom.pmf(z, 5, p) + 0.3 * (z == 0),
    "ZeroInflated(DiscreteUniform(2, 4), p)": lambda z, p: (1 - p) * (abs(z - 3) <= 1) / 3 + p * (z == 0),
    "Hurdle(Binomial(4, p), 0.2)": lambda z, p: (
        0.2 if z == 0 else 0.8 * stats.binom.pmf(z, 4, p) / (1 - stats.binom.pmf(0, 4, p))
    ),
    "Mixture([0.3, 0.7], [Binomial(4, p), Binomial(6, 0.1)])": lambda z, p: (
        0.3 * stats.binom.pmf(z, 4, p) + 0.7 * stats.binom.pmf(z, 6, 0.1)
    ),
    "Mixture([p, 1 - p], [DiscreteUniform(0, 2), DiscreteUniform(1, 4)])": lambda z, p: (
        p * (z <= 2) / 3 + (1 - p) * (1 <= z <= 4) / 4
    ),
    "Mixture(w, Bernoulli(q))": lambda z, p: w_q(z, 1),
    "Mixture(w, Binomial(n, q))": lambda z, p: w_q(z, 5),
    "Truncated(Mixture(w, Binomial(3, q)), lower=1)": lambda z, p: (z > 0) * w_q(z, 3) / (1 - w_q(0, 3)),
    "ZeroInflated(Truncated(Poisson(3 * p), upper=6), 0.3)": lambda z, p: (
        0.3 * (z == 0) + 0.7 * stats.poisson.pmf(z, 3 * p) / stats.poisson.cdf(6, 3 * p)
    ),
}


def w_q(z, n):
    """Two binomials with weights of 0.4 and 0.6."""
    return 0.4 * stats.binom.pmf(z, n, 0.2) + 0.6 * stats.binom.pmf(z, n, 0.6)


@pytest.mark.parametrize("law", SPREAD)
def test_a_combination_of_finite_laws_is_summed_over_all_of_their_values(law):
    text = f"""
    data {{ y: real = 1.2   n: count = 5   dim k = 2   w: simplex[k] = [0.4, 0.6]   q: unit[k] = [0.2, 0.6] }}
    model {{ p ~ Uniform(0, 1)   z ~ {law}   observe y ~ Normal(z, 1) }}
    """
    at = {"p": 0.35}

    def log_joint(v, z):
        chance = SPREAD[law](z[0], v["p"])
        return np.log(chance) + stats.norm.logpdf(1.2, z[0], 1) if chance > 0 else -np.inf

    check(text, at, log_joint, [range(7)])


def test_supports_end_where_the_data_of_each_member_say():
    n, y = np.array([2, 3]), np.array([0.5, 1.1])
    text = f"""
    data {{ n: count[i] = {n.tolist()}   y: real[i] = {y.tolist()} }}
    model {{ p ~ Uniform(0, 1)   plate i {{ k ~ Binomial(n, p)   observe y ~ Normal(k, 1) }} }}
    """

    def log_joint(v, z):
        return stats.binom.logpmf(z, n, v["p"]).sum() + stats.norm.logpdf(y, z, 1).sum()

    check(text, {"p": 0.4}, log_joint, [range(4), range(4)])


def test_a_support_that_ends_at_another_site_is_listed_to_its_furthest_end():
    y = np.array([0.3, 2.2, 1.1])
    text = """
    data { y: real[obs] = [0.3, 2.2, 1.1] }
    model {
      p ~ Beta(2, 3)
      plate obs {
        n ~ Binomial(4, 0.6)
        m ~ Binomial(n, p)
        observe y ~ Normal(m, 0.5)
      }
    }
    """

    def log_joint(v, z):
        # What is left of a thinned binomial is a binomial.
        return stats.binom.logpmf(z, 4, 0.6 * v["p"]) + stats.norm.logpdf(y, z, 0.5)

    value, gradient = density(text, {"p": 0.3})

    def exact(p):
        table = np.stack([log_joint({"p": p}, z) for z in range(5)])
        return stats.beta.logpdf(p, 2, 3) + np.logaddexp.reduce(table, axis=0).sum()

    assert value == pytest.approx(exact(0.3), abs=1e-10)
    assert gradient["p"] == pytest.approx((exact(0.3 + 1e-6) - exact(0.3 - 1e-6)) / 2e-6, rel=1e-6)


def test_a_support_may_end_at_an_expression_of_data():
    """A change point within the series, and a number of animals that is at least the largest count."""
    y = np.array([4, 2, 5, 0, 1, 0])
    text = """
    data { y: count[year] = [4, 2, 5, 0, 1, 0] }
    model {
      early ~ Exponential(1)   late ~ Exponential(1)   p ~ Beta(2, 2)
      change ~ DiscreteUniform(1, size(year) - 1)
      total ~ DiscreteUniform(max(y), 2 * max(y))
      plate year { observe y ~ Poisson(early if position(year) < change else late) }
      observe max(y) ~ Binomial(total, p)
    }
    """
    latents = {"early": np.array(3.1), "late": np.array(0.4), "p": np.array(0.7)}

    def log_joint(v, z):
        change, total = z
        rate = np.where(np.arange(6) < change, v["early"], v["late"])
        prior = stats.expon.logpdf(v["early"]) + stats.expon.logpdf(v["late"]) + stats.beta.logpdf(v["p"], 2, 2)
        counts = stats.poisson.logpmf(y, rate).sum() + stats.binom.logpmf(5, total, v["p"])
        return prior - np.log(5) - np.log(6) + counts

    check(text, latents, log_joint, [range(1, 6), range(5, 11)])


def _mass(z):
    return np.log(stats.norm.cdf(2, z, 1 + z) - stats.norm.cdf(-1, z, 1 + z))


@pytest.mark.parametrize(
    ("latent", "at", "gain"),
    [
        ("r: interval(-1, 2) ~ Normal(z, 1 + z)", 0.4, lambda z: -_mass(z)),
        ("plate b { r: interval(-1, 2) ~ Normal(z, 1 + z) }", [0.4, -0.5], lambda z: -2 * _mass(z)),
        ("r: ordered[b] ~ Normal(z, 1 + z)", [-0.5, 0.4], lambda z: np.log(2)),
    ],
    ids=["one", "in a plate", "ordered"],
)
def test_a_narrowed_latent_has_the_normaliser_of_each_value_of_the_site_that_it_reads(latent, at, gain):
    def log_joint(v, z):
        (z,) = z
        return np.log(0.3 if z else 0.7) + stats.norm.logpdf(v["r"], z, 1 + z).sum() + gain(z)

    check(f"data {{ y: real[b] = [0, 0] }} model {{ z ~ Bernoulli(0.3)   {latent} }}", {"r": at}, log_joint, [(0, 1)])
