"""Lists of lists take their dimensions from the one that names its own."""

import jax
import numpy as np
import pytest
from scipy import stats

import svilang


@pytest.mark.parametrize(
    "move",
    [
        "[[p, 1 - p] over to, [0.3, 0.7] over to] over state",
        "[[p, 1 - p] over to, [0.3, 0.7]] over state",
        "[[p, 1 - p], [0.3, 0.7] over to] over state",
        "[[p, 1 - p], [0.3, 0.7]] over state over to",
    ],
)
def test_an_inner_list_has_the_dimension_that_another_names(move):
    text = f"""
    data {{ dim state = 2   dim to = state   y: to[obs] = [1, 0, 1]   z: state[obs] = [0, 0, 1] }}
    model {{
      p ~ Uniform(0, 1)
      move = {move}
      plate obs {{ observe y ~ Categorical(move[z]) }}
    }}
    """
    with jax.enable_x64(True):
        value = float(svilang.compile(text).bind().log_density({"p": np.array(0.2)}))
    assert value == pytest.approx(np.log(0.8 * 0.2 * 0.7), abs=1e-12)


def test_a_list_beside_a_matrix_runs_over_the_dimension_of_its_length():
    text = """
    data { dim axis = 2   xy: real[site, axis] = [[1, 2], [3, 4], [5, 6]]   y: real[site] = [0, 0, 0] }
    model {
      b ~ Normal(0, 1)
      u = xy / [0.5, 2]
      plate site { observe y ~ Normal(b * sum(u, over=axis), 1) }
    }
    """
    with jax.enable_x64(True):
        value = float(svilang.compile(text).bind().log_density({"b": np.array(0.1)}))
    loc = 0.1 * np.array([3, 8, 13])
    assert value == pytest.approx(-0.5 * (0.01 + np.sum(loc**2)) - 2 * np.log(2 * np.pi), abs=1e-12)


def test_a_dimension_may_be_called_as_one_likes():
    """Names that begin with a line were taken for those of lists without a dimension."""
    assert svilang.compile("data { dim _0 = 3 } model { w ~ Dirichlet([1, 1, 1] over _0) }").warnings == ()


def test_a_list_of_lists_over_one_dimension_twice_is_a_square():
    text = """
    data { dim way = 2   y: real[pair, way] = [[1, 2], [0, -1]] }
    model {
      r ~ Uniform(-1, 1)
      cov = [[1, r], [r, 4]] over way over way
      plate pair { observe y ~ MultivariateNormal(zeros(way), covariance_matrix=cov) }
    }
    """
    with jax.enable_x64(True):
        value = float(svilang.compile(text).bind().log_density({"r": np.array(0.5)}))
    law = stats.multivariate_normal([0, 0], [[1, 0.5], [0.5, 4]])
    assert value == pytest.approx(np.log(0.5) + law.logpdf([1, 2]) + law.logpdf([0, -1]), abs=1e-12)
