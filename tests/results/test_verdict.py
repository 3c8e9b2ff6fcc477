"""Whether a fit says of itself that it is no answer."""

import numpy as np
import pytest
from scipy import stats

import svilang
from svilang.results.verdict import advice_of, collapsed, of_collapse
from svilang.runtime.checks import Reading

MANY = """
data { y: real[g] }
model {
  mu ~ Normal(0, 5)
  tau ~ HalfNormal(1)
  plate g { theta ~ Normal(mu, tau)   observe y ~ Normal(theta, 1) }
}
"""


@pytest.mark.posterior
def test_a_centred_hierarchy_of_many_members_says_that_it_is_no_answer(tmp_path):
    """Independent normals put its scale, 0.27 by the data, at less than half of that."""
    rng = np.random.default_rng(0)
    y = 0.5 + 0.3 * rng.normal(size=2000) + rng.normal(size=2000)
    fit = svilang.compile(MANY).bind({"y": y}).fit(seed=0, progress="none")
    assert fit.draws["tau"].mean() < 0.2
    assert not fit.verdict.good
    assert "`noncentered theta`" in fit.khat_advice
    fit.save(tmp_path / "fit.nc")
    assert svilang.load_fit(tmp_path / "fit.nc").verdict == fit.verdict


def test_a_scale_that_is_known_better_than_its_members_tell_has_collapsed():
    rng = np.random.default_rng(0)
    members, noise = 500, rng.normal(size=2000)
    sharp, fair = np.exp(-30 + 1e-4 * noise), np.exp(-30 + noise / np.sqrt(2 * members))
    scales, sizes = {"theta": "tau"}, {"theta": members}
    assert collapsed({"tau": sharp}, scales, sizes, Reading.BAD) == ("theta",)
    assert collapsed({"tau": fair}, scales, sizes, Reading.BAD) == ()
    assert collapsed({"tau": sharp}, scales, sizes, Reading.GOOD) == ()
    assert collapsed({"tau": sharp}, scales, {"theta": 1}, Reading.BAD) == ()


def test_a_poor_guide_of_a_hierarchy_names_the_site_to_see_noncentred():
    y = [0.9, 2.1, -0.4, 1.4, 0.2, 3.0]
    fit = svilang.compile(MANY).bind({"y": y}).fit(seed=0, progress="none")
    assert fit.scales == {"theta": "tau"}
    assert fit.reading is not Reading.BAD or "`noncentered theta`" in fit.khat_advice
    seen = svilang.compile(MANY + "guide { noncentered theta }").bind({"y": y})
    assert seen.fit(seed=0, steps=100, progress="none").scales == {}


def test_the_scale_of_the_steps_of_a_chain_is_known_too():
    text = """
    data { y: real[t] = [1, 2, 1, 3] }
    model {
      sd ~ HalfNormal(1)
      markov t {
        x ~ Normal(0, 2) then Normal(prev(x), sd)
        observe y ~ Normal(x, 1)
      }
    }
    """
    bound = svilang.compile(text).bind()
    assert bound.fit(progress="none", steps=10).scales == {"x": "sd"}
    noncentred = svilang.compile(text + "guide { noncentered x   rest ~ mean_field }")
    assert noncentred.bind().fit(progress="none", steps=10).scales == {}


WALK = """
data { y: real[t] }
model {
  markov t {
    x ~ Normal(0, 1) then Normal(prev(x), 0.3)
    observe y ~ Normal(x, 0.5)
  }
}
"""


def test_of_a_chain_with_independent_steps_a_family_that_holds_neighbours_is_named(tmp_path):
    """The evidence of a random walk with noise is that of one normal vector."""
    rng, steps = np.random.default_rng(4), 60
    y = np.cumsum([rng.normal(), *(0.3 * rng.normal(size=steps - 1))]) + 0.5 * rng.normal(size=steps)
    covariance = 1 + 0.09 * np.minimum.outer(np.arange(steps), np.arange(steps)) + 0.25 * np.eye(steps)
    evidence = stats.multivariate_normal.logpdf(y, np.zeros(steps), covariance)
    fit = svilang.compile(WALK).bind({"y": y}).fit(seed=0, progress="none")
    assert fit.reading is Reading.BAD
    assert fit.elbo.value < evidence - 2
    assert "`x ~ markov_gaussian`" in fit.khat_advice
    assert "noncentered" not in fit.khat_advice
    fit.save(tmp_path / "fit.nc")
    assert svilang.load_fit(tmp_path / "fit.nc").khat_advice == fit.khat_advice
    advised = svilang.compile(WALK + "guide { x ~ markov_gaussian }").bind({"y": y}).fit(seed=0, progress="none")
    assert advised.elbo.value == pytest.approx(evidence, abs=0.05)


def test_the_advice_for_a_chain_holds_the_steps_that_it_looks_back():
    chains = {"level": 1, "season": 3}
    text = advice_of(Reading.BAD, {"theta": "tau", "level": "sd"}, 0.3, chains)
    assert "`noncentered theta` and `level, season ~ markov_gaussian(3)`" in text
    assert advice_of(Reading.GOOD, {}, 0.3, chains) == ""


PROCESS = """
data { x: real[p]   y: real[p] }
model {
  s ~ HalfNormal(1)
  f ~ GaussianProcess(0, rbf(x, 1.5, s), 0.01)
  plate p { observe y ~ Normal(f, 0.5) }
}
"""


def test_what_is_told_of_a_latent_process_brings_the_bound_nearer_to_the_evidence():
    """The evidence is that of a normal vector, averaged over the height of the process on a grid."""
    rng, x = np.random.default_rng(4), np.linspace(0, 10, 25)
    y = np.sin(x) + 0.5 * rng.normal(size=25)
    kernel, heights = np.exp(-0.5 * (x[:, None] - x) ** 2 / 1.5**2), np.linspace(0.01, 5, 500)
    noise = (0.01**2 + 0.5**2) * np.eye(25)
    each = [stats.multivariate_normal.logpdf(y, np.zeros(25), s**2 * kernel + noise) for s in heights]
    evidence = np.log(np.trapezoid(np.exp(each + stats.halfnorm.logpdf(heights)), heights))
    bounds = []
    for guide in ("", "guide { noncentered f }"):
        program = svilang.compile(PROCESS + guide)
        assert ("W0604" in [one.code for one in program.warnings]) == (not guide)
        bounds.append(program.bind({"p": {"x": x, "y": y}}).fit(seed=0, progress="none").elbo.value)
    assert bounds[0] + 5 < bounds[1] < evidence + 0.5


def test_what_a_collapse_says():
    draws = {"tau": np.full(100, 1e-7), "theta": np.zeros((100, 9))}
    verdict = of_collapse(("theta",), {"theta": "tau"}, draws)
    assert (verdict.status, verdict.good) == ("collapsed", False)
    assert "`tau` fell to 1.0e-07" in verdict.advice
    assert "Write `noncentered theta` in the guide" in verdict.advice


def test_tails_that_are_too_light_are_not_called_a_missing_part():
    scales = {"theta": "tau"}
    assert "tails are too light" in advice_of(Reading.BAD, scales, 0.9, {})
    assert "`noncentered theta`" in advice_of(Reading.BAD, scales, 0.3, {})
    assert advice_of(Reading.GOOD, scales, 0.9, {}) == ""
