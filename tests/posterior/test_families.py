"""Every family is at least as good as NumPyro's of the same kind after as many steps."""

import blackjax
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from families import PEERS, SAME, ours, peers
from scipy import stats

import svilang

FLOWS = ("iaf", "bnaf")
"""NumPyro's want at least two coordinates."""

pytestmark = [
    pytest.mark.posterior,
    pytest.mark.filterwarnings("ignore"),
]


@pytest.mark.parametrize(
    ("target", "family"),
    [(t, name) for t in PEERS for name in SAME if name != "laplace" and (t != "two modes" or name not in FLOWS)],
)
def test_a_family_is_as_good_as_numpyros(target, family):
    bound, error = ours(target, family)
    assert bound < 3 * error + 0.01
    assert bound > peers(target, family) - 0.03 - 3 * error


REGRESSION = """
    data { y: real[obs]   x: real[obs] }
    model {
      a ~ Normal(0, 10)
      b ~ Normal(0, 10)
      s ~ HalfNormal(5)
      plate obs { observe y ~ Normal(a + b * x, s) }
    }"""


def _line():
    source = np.random.default_rng(4)
    x = source.uniform(1, 4, 40)
    return {"x": x, "y": 2 - 0.7 * x + 0.5 * source.standard_normal(40)}


def test_the_way_to_the_mode_ends_in_a_gaussian_as_good_as_blackjaxs():
    model = svilang.compile(REGRESSION + " guide = pathfinder").bind(_line())
    fit = model.fit(seed=0, progress="none")
    assert fit.converged
    density = model.unconstrained.log_density
    state, _ = blackjax.vi.pathfinder.approximate(jax.random.key(0), density, jnp.zeros(3), num_samples=200)
    assert fit.elbo.value > float(state.elbo) - 0.2
    best = svilang.compile(REGRESSION + " guide = full_rank").bind(_line()).fit(seed=0, progress="none")
    assert fit.elbo.value > best.elbo.value - 0.2


def test_particles_have_the_moments_of_the_posterior():
    fit = svilang.compile(REGRESSION + " guide = svgd(100)").bind(_line()).fit(seed=0, progress="none")
    truth = svilang.compile(REGRESSION + " guide = full_rank").bind(_line()).fit(seed=0, progress="none")
    assert fit.converged
    assert np.isnan(fit.khat)
    found, exact = (one.take(4_000).values for one in (fit, truth))
    for name in ("a", "b", "s"):
        assert abs(found[name].mean() - exact[name].mean()) < 0.1 * exact[name].std()
        assert 0.8 < found[name].std() / exact[name].std() < 1.1


def test_particles_keep_their_spread_in_many_dimensions():
    model = svilang.compile("data { dim k = 20 } model { plate k { x ~ Normal(0, 1) } } guide = svgd").bind()
    spread = model.fit(seed=0, progress="none").take(4_000).values["x"].std(axis=0)
    assert 0.93 < spread.min() < spread.max() < 1.03


MEMBERS = """
    data {{ y: count[obs] }}
    model {{
      mu ~ Normal(0, 1)
      plate obs {{
        z ~ Normal(mu, 3)
        observe y ~ Poisson(exp(z))
      }}
    }}
    guide {{ mu ~ mean_field   z ~ {family} }}
    fit {{ minibatch[obs] = 20   steps = 12_000 }}"""


def test_members_moved_one_by_one_in_minibatches_are_closer_to_their_posterior():
    source = np.random.default_rng(5)
    data = {"y": source.poisson(np.exp(source.normal(-0.5, 1.5, 200)))}
    bounds = [
        svilang.compile(MEMBERS.format(family=family)).bind(data).fit(seed=0, progress="none").elbo
        for family in ("mean_field", "semi_dais(6)")
    ]
    exact = _evidence(data["y"])
    assert bounds[0].value + 3 < bounds[1].value < exact + 3 * bounds[1].se


def _evidence(counts):
    """The log probability of the counts, by quadrature over `mu` and over each member."""
    mu, z = np.linspace(-3, 3, 301), np.linspace(-25, 8, 3301)
    prior = stats.norm(mu[:, None], 3).pdf(z)
    each = {k: np.log(np.trapezoid(prior * stats.poisson(np.exp(z)).pmf(k), z, axis=1)) for k in set(counts)}
    total = sum(each[k] for k in counts) + stats.norm.logpdf(mu)
    return np.log(np.trapezoid(np.exp(total - total.max()), mu)) + total.max()
