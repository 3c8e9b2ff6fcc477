"""Chains of any order are summed out exactly, whichever way the recursion goes."""

import itertools

import jax
import numpy as np
import pytest
from scipy import stats
from test_enumeration import check, density

import svilang
from svilang.lower import recursion

RNG = np.random.default_rng(11)


@pytest.fixture(params=["plain", "scaled"])
def way(request, monkeypatch):
    """The plain recursion, and the one with a derivative of its own, which long chains take."""
    if request.param == "scaled":
        monkeypatch.setattr(recursion, "SMALL", 0)


def rows(logits):
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


@pytest.mark.parametrize("steps", [1, 3])
def test_a_chain_of_order_two(steps, way):
    y = RNG.normal(size=(2, steps)).round(2)
    text = f"""
    data {{ y: real[s, t] = {y.tolist()}   dim state = 2   dim to = state   dim last = state }}
    model {{
      plate state, to {{ m ~ Normal(0, 1) }}
      plate last, state, to {{ w ~ Normal(0, 1) }}
      plate state {{ loc ~ Normal(0, 1) }}
      plate s {{
        markov t {{
          h ~ Categorical([0.3, 0.7] over state)
              then Categorical(logits=m[prev(h)]) then Categorical(logits=w[prev(h), prev(h, 2)])
          observe y ~ Normal(loc[h], 1)
        }}
      }}
    }}
    """

    def log_joint(v, z):
        z = np.array(z).reshape(2, steps)
        total = sum(stats.norm.logpdf(value).sum() for value in v.values()) + np.log([0.3, 0.7])[z[:, 0]].sum()
        total += rows(v["m"])[z[:, 0], z[:, 1]].sum() if steps > 1 else 0
        total += rows(v["w"])[z[:, 1:-1], z[:, :-2], z[:, 2:]].sum() if steps > 2 else 0
        return total + stats.norm.logpdf(y, v["loc"][z]).sum()

    latents = {"m": RNG.normal(size=(2, 2)), "w": RNG.normal(size=(2, 2, 2)), "loc": RNG.normal(size=2)}
    check(text, latents, log_joint, [range(2)] * (2 * steps))


def test_an_order_three_chain_beside_a_chain_that_it_reads_two_steps_back(way):
    y = RNG.normal(size=4).round(2)
    on = [1, 1, 0, 1]
    text = f"""
    data {{ y: real[t] = {y.tolist()}   on: binary[t] = {on} }}
    model {{
      a ~ Normal(0, 1)   b ~ Normal(0, 1)   c ~ Normal(0, 1)
      markov t {{
        u ~ Bernoulli(0.4) then Bernoulli(logits=a + prev(u))
        v ~ Bernoulli(0.3) then Bernoulli(logits=b * prev(u))
            then Bernoulli(logits=c * prev(v) + prev(u, 2)) then Bernoulli(logits=a * prev(v, 3) - prev(u))
        observe y ~ Normal(u + c * v, 1) where on
      }}
    }}
    """

    def bernoulli(logits, x):
        return -np.logaddexp(0, np.where(np.array(x) == 1, -logits, logits)).sum()

    def log_joint(g, z):
        u, v = np.array(z[:4]), np.array(z[4:])
        total = stats.norm.logpdf([g["a"], g["b"], g["c"]]).sum() + np.log([0.6, 0.4][u[0]] * [0.7, 0.3][v[0]])
        total += bernoulli(g["a"] + u[:-1], u[1:]) + bernoulli(g["b"] * u[0], v[1])
        total += bernoulli(g["c"] * v[1] + u[0], v[2]) + bernoulli(g["a"] * v[:-3] - u[2:-1], v[3:])
        return total + (np.array(on) * stats.norm.logpdf(y, u + g["c"] * v)).sum()

    check(text, {"a": 0.3, "b": -0.8, "c": 1.2}, log_joint, [range(2)] * 8)


@pytest.mark.parametrize("far", [60])
def test_forbidden_moves_and_absorbing_states_lose_no_path(far, way):
    """Left to right, with emissions so far apart that probabilities alone would underflow."""
    y = (far * np.array([0.2, 0.1, 1.1, 0.9, 2.1])).round(3)
    text = f"""
    data {{
      y: real[t] = {y.tolist()}   dim s = 3   dim to = s
      start: simplex[s] = [1, 0, 0]
    }}
    model {{
      p ~ Uniform(0, 1)   scale ~ Exponential(1)
      move = [[1 - p, p, 0], [0, 1 - p, p], [0, 0, 1]] over s
      markov t {{
        h ~ Categorical(start) then Categorical((move over s)[prev(h)])
        observe y ~ Normal({far} * (h == 1) + {2 * far} * (h == 2), scale)
      }}
    }}
    """
    text = text.replace("      move = [[1 - p, p, 0], [0, 1 - p, p], [0, 0, 1]] over s\n", "").replace(
        "Categorical((move over s)[prev(h)])",
        "Categorical([1 - p if prev(h) == 0 else 0, p if prev(h) == 0 else 1 - p if prev(h) == 1 else 0, "
        "p if prev(h) == 1 else 1 if prev(h) == 2 else 0])",
    )

    def log_joint(v, z):
        z = np.array(z)
        p = v["p"]
        move = np.array([[1 - p, p, 0], [0, 1 - p, p], [0, 0, 1]])
        with np.errstate(divide="ignore"):
            total = np.log([1, 0, 0])[z[0]] + np.log(move)[z[:-1], z[1:]].sum() - v["scale"]
            return total + stats.norm.logpdf(y, far * z, v["scale"]).sum()

    check(text, {"p": 0.3, "scale": 0.9}, log_joint, [range(3)] * 5)


def test_long_chains_agree_with_the_forward_algorithm_in_both_precisions():
    steps, many = 400, 5
    rng = np.random.default_rng(3)
    y = rng.normal(size=(3, steps)).round(3)
    text = """
    data { y: real[n, t]   dim s = 5   dim to = s }
    model {
      plate s, to { m ~ Normal(0, 1) }
      plate s { loc ~ Normal(0, 3) }
      plate n { markov t { h ~ Categorical(ones(s) / 5) then Categorical(logits=m[prev(h)])
                           observe y ~ Normal(loc[h], 0.5) } }
    }
    """
    m, loc = rng.normal(size=(many, many)), 3 * rng.normal(size=many)

    def by_hand(m, loc):
        move = np.exp(rows(m))
        total = stats.norm.logpdf(m).sum() + stats.norm.logpdf(loc, 0, 3).sum()
        for series in y:
            like = stats.norm.logpdf(series[:, None], loc, 0.5)
            alpha = np.log(1 / many) + like[0]
            for one in like[1:]:
                alpha = np.logaddexp.reduce(alpha[:, None] + np.log(move), axis=0) + one
            total += np.logaddexp.reduce(alpha)
        return total

    model = svilang.compile(text.replace("ones(s) / 5", "full(s, 0.2)")).bind({"y": y})
    wanted = by_hand(m, loc)
    with jax.enable_x64(True):
        value, slopes = jax.jit(jax.value_and_grad(model.log_density))({"m": m, "loc": loc})
        assert float(value) == pytest.approx(wanted, rel=1e-12)
        for i, j in itertools.product(range(2), range(2)):
            ends = [by_hand(m + step * np.eye(many)[:, [i]] * np.eye(many)[j], loc) for step in (1e-5, -1e-5)]
            assert float(slopes["m"][i, j]) == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-5)
        two = {"m": np.stack([m, m + 1]), "loc": np.stack([loc, -loc])}
        several = jax.jit(jax.vmap(jax.value_and_grad(model.log_density)))(two)
        assert float(several[0][0]) == pytest.approx(wanted, rel=1e-12)
        assert float(several[0][1]) == pytest.approx(by_hand(m + 1, -loc), rel=1e-12)
        np.testing.assert_allclose(several[1]["m"][0], slopes["m"], rtol=1e-9, atol=1e-9)
    single, slopes32 = jax.jit(jax.value_and_grad(model.log_density))({"m": m.astype("f"), "loc": loc.astype("f")})
    assert float(single) == pytest.approx(wanted, rel=2e-6)
    np.testing.assert_allclose(slopes32["m"], slopes["m"], rtol=2e-4, atol=2e-3)


@pytest.mark.exhaustive
def test_the_second_derivatives_of_a_chain_are_those_of_the_plain_recursion(monkeypatch):
    text = """
    data { y: real[t] = [0.3, -1, 0.5, 2, 0.1]   dim s = 2   dim to = s }
    model {
      plate s, to { m ~ Normal(0, 1) }
      markov t { h ~ Categorical([0.4, 0.6] over s) then Categorical(logits=m[prev(h)])
                 observe y ~ Normal(2 * (h == 1), 1) }
    }
    """
    m = RNG.normal(size=(2, 2))

    def curvature():
        model = svilang.compile(text).bind()
        with jax.enable_x64(True):
            return np.asarray(jax.hessian(lambda m: model.log_density({"m": m}))(m))

    plain = curvature()
    monkeypatch.setattr(recursion, "SMALL", 0)
    np.testing.assert_allclose(curvature(), plain, rtol=1e-9, atol=1e-9)
    assert density(text, {"m": m})[0] < 0


def factorial_chains(y, states, step):
    """Three chains whose levels add up to what is observed; ``step`` is the logits of a move, # its number."""
    chains = "\n".join(
        f"""
          start{i} ~ Dirichlet(ones(state))
          plate state, to {{ m{i} ~ Normal(0, 1) }}
          loc{i}: real[state] ~ Normal(0, 1)"""
        for i in range(3)
    )
    moves = "\n".join(
        f"h{i} ~ Categorical(start{i}) then Categorical(logits={step.replace('#', str(i))})" for i in range(3)
    )
    return f"""
    data {{ y: real[t] = {y.tolist()}   dim state = {states}   dim to = state }}
    model {{
      {chains}
      markov t {{
        {moves}
        observe y ~ Normal(loc0[h0] + loc1[h1] + loc2[h2], 0.5)
      }}
    }}
    """


def test_chains_that_meet_only_in_what_is_observed_cost_one_table_of_their_states():
    states, y = 26, np.array([0.3, -1.2, 2.0])
    start, logits = RNG.dirichlet(np.ones(states), 3), RNG.normal(size=(3, states, states))
    loc, move = RNG.normal(size=(3, states)), np.exp(rows(logits))
    mean = loc[0][:, None, None] + loc[1][:, None] + loc[2]
    weight = np.einsum("a,b,c", *start) * stats.norm.pdf(y[0], mean, 0.5)
    for later in y[1:]:
        weight = np.einsum("abc,aA,bB,cC->ABC", weight, *move, optimize=True) * stats.norm.pdf(later, mean, 0.5)
    prior = stats.norm.logpdf(logits).sum() + stats.norm.logpdf(loc).sum()
    prior += sum(stats.dirichlet.logpdf(one, np.ones(states)) for one in start)

    names = {"start": start, "m": logits, "loc": loc}
    latents = {f"{name}{i}": value[i] for name, value in names.items() for i in range(3)}
    model = svilang.compile(factorial_chains(y, states, "m#[prev(h#)]")).bind({})
    with jax.enable_x64(True):
        value = float(jax.jit(model.log_density)(latents))
    assert value == pytest.approx(np.log(weight.sum()) + prior, rel=1e-11)


@pytest.mark.parametrize("states", ["26", str([*"abcdefghijklmnopqrstuvwxyz"]).replace("'", '"')])
def test_chains_of_which_each_reads_all_others_are_refused_with_their_sizes(states):
    everyone = "m#[prev(h#)] + loc0[prev(h0)] * loc1[prev(h1)] * loc2[prev(h2)] * position(to)"
    text = factorial_chains(np.zeros(5), states, everyone)
    if states == "26":
        svilang.compile(text)
    with pytest.raises(svilang.SvilangError) as caught:
        _ = svilang.compile(text).bind({}).log_density
    (found,) = caught.value.diagnostics
    assert found.code == "E0625"
    listed = ", ".join(f"`h{i}` (26 values)" for i in range(3))
    assert found.message == f"summing out {listed} takes a table of 308,915,776 entries: 250,000,000 are the most"
    assert text[found.span.start : found.span.end] in ("h0", "h1", "h2")
