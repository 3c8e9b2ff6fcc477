"""Forms that other books write: each density against the same sum by SciPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special, stats

import svilang


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def compared(text, data, by_hand, *, seed=0):
    """The density of a spec and that by hand, at a random point."""
    model = svilang.compile(text).bind(data)
    free = model.unconstrained
    flat = jnp.asarray(np.random.default_rng(seed).normal(0, 0.3, free.size))
    point = {name: np.asarray(value) for name, value in free.constrain(flat).items()}
    assert model.log_density(point) == pytest.approx(by_hand(**point), rel=1e-10)


RNG = np.random.default_rng(7)
X, Y = RNG.normal(size=12), RNG.normal(size=12)


@pytest.mark.parametrize("inside", ["Normal(a + b * x, s)", "Truncated(Normal(a + b * x, s), lower=-50)"])
def test_a_list_of_weights_runs_over_what_the_part_runs_over(inside):
    """A mixture of experts (Jacobs et al. 1991), its shares by a regression of their own."""
    text = f"""
    data {{ x: real[row]   y: real[row]   dim expert = 2 }}
    model {{
      a: real[expert] ~ Normal(0, 3)
      b: real[expert] ~ Normal(0, 3)
      s: positive[expert] ~ HalfNormal(1)
      g ~ Normal(0, 2)
      plate row {{ observe y ~ Mixture(softmax([0, g * x]), {inside}) }}
    }}
    """

    def by_hand(a, b, s, g):
        shares = special.log_softmax(np.stack([0 * X, g * X], 1), axis=1)
        parts = stats.norm.logpdf(Y[:, None], a + b * X[:, None], s)
        priors = stats.norm.logpdf([*a, *b], 0, 3).sum() + stats.halfnorm.logpdf(s).sum() + stats.norm.logpdf(g, 0, 2)
        return priors + special.logsumexp(shares + parts, axis=1).sum()

    compared(text, {"row": {"x": X, "y": Y}}, by_hand)


PLACES = np.linspace(-2, 2, 4)


@pytest.mark.parametrize(
    ("solved", "factor"),
    [
        ("solve_triangular(cholesky(K), C)", "w"),  # a vector for each row
        ("solve_triangular(cholesky(K), transpose(C))", "transpose(w)"),  # columns, as on paper
    ],
)
def test_many_right_sides_are_solved_for_side_by_side(solved, factor):
    """The sparse process of Snelson and Ghahramani (2006): its covariance is that of Nystrom and a diagonal."""
    text = f"""
    data {{ x: real[row]   y: real[row]   z: real[place] }}
    model {{
      s ~ HalfNormal(1)
      K = rbf(z, 1.5, s) + 0.001 * eye(place)
      C = s^2 * exp(-0.5 * ((x - z) / 1.5)^2)
      w = {solved}
      left = abs(s^2 - sum(w^2, over=place)) + 0.3
      observe y ~ LowRankMultivariateNormal(zeros(row), {factor}, left)
    }}
    """

    def by_hand(s):
        def kernel(one, other):
            return s**2 * np.exp(-0.5 * ((one[:, None] - other) / 1.5) ** 2)

        cross = kernel(X, PLACES)
        low = cross @ np.linalg.solve(kernel(PLACES, PLACES) + 0.001 * np.eye(4), cross.T)
        whole = low + np.diag(np.abs(s**2 - np.diag(low)) + 0.3)
        return stats.halfnorm.logpdf(s) + stats.multivariate_normal.logpdf(Y, np.zeros(12), whole)

    compared(text, {"x": X, "y": Y, "z": PLACES}, by_hand)


def test_many_right_sides_of_a_matrix_for_each_member():
    square, sides = np.eye(3) + 0.2, RNG.normal(size=(3, 4))
    text = """
    data { A: cov[k]   B: real[k, j]   t: positive[m] }
    model {
      u ~ Normal(0, 1)
      plate m { factor u * sum(solve(A * t, B)) }
    }
    """
    times = np.array([0.5, 2.0])

    def by_hand(u):
        return stats.norm.logpdf(u) + u * sum(np.linalg.solve(square * t, sides).sum() for t in times)

    compared(text, {"A": square, "B": sides, "t": times}, by_hand)


def test_in_a_plate_a_row_of_the_identity_is_that_of_the_member():
    """Hidden states that stay where they are: a prior of each row of the moves leans to its own state."""
    text = """
    data { dim state = 3   dim to = state   today: state[day]   tomorrow: to[day] }
    model {
      plate state { move ~ Dirichlet(1 + 4 * eye(state, to)) }
      plate day { observe tomorrow ~ Categorical(move[today]) }
    }
    """
    today, tomorrow = RNG.integers(0, 3, 20), RNG.integers(0, 3, 20)

    def by_hand(move):
        prior = sum(stats.dirichlet.logpdf(row / row.sum(), 1 + 4 * np.eye(3)[k]) for k, row in enumerate(move))
        return prior + np.log(move)[today, tomorrow].sum()

    compared(text, {"day": {"today": today, "tomorrow": tomorrow}}, by_hand)


def test_the_increase_of_a_latent_total_is_it_less_its_lag():
    """Cases of an epidemic are counted day by day, and its model runs on to their total."""
    text = """
    data { cases: count[day] }
    model {
      begun ~ LogNormal(0, 1)
      plate day { rate ~ LogNormal(0, 0.5) }
      total = begun * cumprod(1 + rate)
      plate day { observe cases ~ Poisson(total - lag(total, 1, begun)) }
    }
    """
    cases = RNG.poisson(3, size=6)

    def by_hand(begun, rate):
        total = begun * np.cumprod(1 + rate)
        more = np.diff(np.concatenate([[begun], total]))
        priors = stats.lognorm.logpdf(begun, 1) + stats.lognorm.logpdf(rate, 0.5).sum()
        return priors + stats.poisson.logpmf(cases, more).sum()

    compared(text, {"cases": cases}, by_hand)


def test_a_lag_over_several_places_takes_its_start_for_all_of_them():
    text = """
    data { y: real[day] }
    model {
      base ~ Normal(0, 1)
      plate day { x ~ Normal(0, 1) }
      plate day { observe y ~ Normal(x - lag(x, 2, base), 1) }
    }
    """

    def by_hand(base, x):
        earlier = np.concatenate([[base, base], x[:-2]])
        return stats.norm.logpdf([base, *x]).sum() + stats.norm.logpdf(Y, x - earlier).sum()

    compared(text, {"y": Y}, by_hand)
