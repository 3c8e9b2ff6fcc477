"""Chains of Normal variables: against the Kalman filter, and under guides that run the other way."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from estimating import estimates
from scipy import stats

import svilang

pytestmark = pytest.mark.usefixtures("double")


# --- state space -----------------------------------------------------------------------------------------------------

Y = np.array([0.4, 1.1, 0.2, -0.8, -0.1, 1.5, 2.2, 1.0])
PHI, Q, R = 0.8, 0.5, 0.7
STATE_SPACE = """
data {{ y: real[t] }}
model {{
  markov t {{
    h ~ Normal(0, 1) then Normal(0.8 * prev(h), 0.5)
    observe y ~ Normal(h, 0.7)
  }}
}}
guide = {family}
"""


def kalman():
    """Log evidence, and means and standard deviations of the smoothed states (Rauch, Tung & Striebel 1965)."""
    mean, variance, evidence, kept = 0.0, 1.0, 0.0, []
    for i, y in enumerate(Y):
        if i:
            mean, variance = PHI * mean, PHI**2 * variance + Q**2
        before = mean, variance
        evidence += stats.norm(mean, np.sqrt(variance + R**2)).logpdf(y)
        gain = variance / (variance + R**2)
        mean, variance = mean + gain * (y - mean), (1 - gain) * variance
        kept.append((mean, variance, *before))
    smooth = [kept[-1][:2]]
    for (mean, variance, *_), (*_, ahead, spread) in zip(kept[-2::-1], kept[:0:-1], strict=True):
        back = PHI * variance / spread
        later = smooth[0]
        smooth.insert(0, (mean + back * (later[0] - ahead), variance + back**2 * (later[1] - spread)))
    means, variances = zip(*smooth, strict=True)
    return evidence, np.array(means), np.sqrt(variances)


@pytest.mark.parametrize("family", ["markov_gaussian", pytest.param("full_rank", marks=pytest.mark.exhaustive)])
def test_a_linear_gaussian_chain_has_the_evidence_and_posterior_of_the_kalman_filter(family):
    evidence, means, deviations = kalman()
    fit = svilang.compile(STATE_SPACE.format(family=family)).bind({"y": Y}).fit(seed=0, progress="none")
    assert fit.elbo.value == pytest.approx(evidence, abs=1e-6)
    rows = [row for row in fit.summary() if row.site == "h"]
    np.testing.assert_allclose([row.mean for row in rows], means, atol=0.05 * deviations.max())
    np.testing.assert_allclose([row.sd for row in rows], deviations, rtol=0.06)


# --- guides against the direction of the model -----------------------------------------------------------------------
#
# z0 → z1 → … → data in the model, and z0 ← z1 ← … in the guide, each Normal given the next with a mean that is linear
# in it: the setting of Pyro's and NumPyro's tests of gradients on graphs.

DATA = np.array([1.5, 0.7])


def chain(length, scored):
    names = [f"z{i}" for i in range(length)]
    model = ["z0 ~ Normal(0.3, 1)", *(f"{b} ~ Normal({a}, 0.8)" for a, b in itertools.pairwise(names))]
    model.append(f"plate obs {{ observe y ~ Normal({names[-1]}, 1.2) }}")
    guide = [f"param m{i}: real = {0.1 * i + 0.2}   param s{i}: positive = {0.6 + 0.1 * i}" for i in range(length)]
    guide += [f"param k{i}: real = {0.4 + 0.05 * i}" for i in range(length - 1)]
    last = length - 1
    guide.append(f"{names[last]} ~ Normal(m{last}, s{last})")
    guide += [f"z{i} ~ Normal(m{i} + k{i} * z{i + 1}, s{i})" for i in reversed(range(last))]
    guide += [f"score {', '.join(f'z{i}' for i in scored)}"] if scored else []
    return (
        "data { y: real[obs] = [1.5, 0.7] }\n"
        f"model {{ {'  '.join(model)} }}\nguide {{ {'  '.join(guide)} }}"
    )


def exact(length, m, s, k):
    """The bound from the moments of the guide, which is one Normal vector."""
    mean, variance = [0.0] * length, [0.0] * length
    mean[-1], variance[-1] = m[-1], s[-1] ** 2
    for i in reversed(range(length - 1)):
        mean[i] = m[i] + k[i] * mean[i + 1]
        variance[i] = s[i] ** 2 + k[i] ** 2 * variance[i + 1]

    def normal(square, scale):
        return -0.5 * square / scale**2 - jnp.log(scale) - 0.5 * jnp.log(2 * jnp.pi)

    total = normal((mean[0] - 0.3) ** 2 + variance[0], 1.0)
    for i in range(length - 1):
        # Var(z_{i+1} - z_i) = Var((1 - k) z_{i+1}) + s^2
        spread = (1 - k[i]) ** 2 * variance[i + 1] + s[i] ** 2
        total += normal((mean[i + 1] - mean[i]) ** 2 + spread, 0.8)
    for y in DATA:
        total += normal((y - mean[-1]) ** 2 + variance[-1], 1.2)
    return total + jnp.sum(jnp.log(s)) + 0.5 * length * (jnp.log(2 * jnp.pi) + 1)


def best(length):
    """The parameters at which the guide is the posterior: each variable given the next and all before."""
    precision, shift, m, s, k = 1.0, 0.3, [], [], []
    for i in range(length):
        spread = 1 / 0.8**2 if i < length - 1 else 2 / 1.2**2
        total = precision + spread
        s.append(total**-0.5)
        m.append(shift * precision / total if i < length - 1 else (shift * precision + DATA.sum() / 1.2**2) / total)
        k.append(spread / total)
        # z_{i+1} has the prior mean of z_i and one step more variance.
        precision = 1 / (1 / precision + 0.8**2)
    return np.array(m), np.array(s), np.array(k[:-1])


def flat(names, m, s, k):
    own = {f"m{i}": v for i, v in enumerate(m)} | {f"s{i}": np.log(v) for i, v in enumerate(s)}
    own |= {f"k{i}": v for i, v in enumerate(k)}
    return np.array([own[name] for name in names])


exhaustive = pytest.mark.exhaustive


@pytest.mark.parametrize(
    ("length", "scored"),
    [(3, ()), pytest.param(3, (1,), marks=exhaustive), (4, (0, 2)), pytest.param(5, (0, 1, 2, 3, 4), marks=exhaustive)],
)
def test_a_guide_against_the_direction_of_the_model_has_the_exact_gradient_on_average(length, scored):
    found = estimates(chain(length, scored), steps=20_000 if scored else 4_000)
    names = [block.name for block in found.recipe.layout.target.explicit.names]
    m, s, k = 0.1 * np.arange(length) + 0.2, 0.6 + 0.1 * np.arange(length), 0.4 + 0.05 * np.arange(length - 1)

    def bound(phi):
        own = dict(zip(names, phi, strict=True))
        three = ([own[f"{letter}{i}"] for i in range(length - (letter == "k"))] for letter in "msk")
        m, s, k = (jnp.stack(many) for many in three)
        return exact(length, m, jnp.exp(s), k)

    value, slope = jax.jit(jax.value_and_grad(bound))(jnp.asarray(flat(names, m, s, k)))
    assert abs(found.bounds.mean() - value) < 4.5 * found.bound_error
    assert np.all(np.abs(found.mean - slope) < 4.5 * found.error + 1e-10)


@pytest.mark.parametrize(("length", "scored"), [(3, ()), pytest.param(4, (0, 2), marks=exhaustive)])
def test_at_the_posterior_every_draw_has_the_log_evidence(length, scored):
    text = chain(length, scored)
    start = estimates(text, steps=1)
    names = [block.name for block in start.recipe.layout.target.explicit.names]
    found = estimates(text, steps=20, at=flat(names, *best(length)), sampled=True)
    variance = 1 + 0.8**2 * (length - 1)
    evidence = stats.multivariate_normal([0.3, 0.3], 1.2**2 * np.eye(2) + variance).logpdf(DATA)
    np.testing.assert_allclose(found.bounds, evidence, atol=1e-10)
