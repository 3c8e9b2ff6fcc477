"""``Predictive`` in its three modes."""

import jax
import numpy as np
import pytest

import svilang
from svilang.infer import Predictive

KEY = jax.random.key(0)
TEXT = """
data { y: real[n] = [1, 3, 2]   x: real[n] = [0, 1, 2] }
model {
  param s: positive = 0.5
  b ~ Normal(0, 2)
  plate n {
    observe y ~ Normal(b * x, s)
    report line = b * x
  }
  report top ~ Normal(b, 0.01)
}
"""


@pytest.fixture(scope="module")
def model():
    return svilang.compile(TEXT).bind()


def test_posterior_samples_predict_observations_and_reports(model):
    found = Predictive(model, {"b": np.full(2000, 3.0)}, params={"s": 0.1})(KEY)
    assert set(found) == {"y", "line", "top"}
    np.testing.assert_allclose(found["y"].mean(0), [0, 3, 6], atol=0.02)
    np.testing.assert_allclose(found["y"].std(0), 0.1, rtol=0.1)
    np.testing.assert_allclose(found["top"].mean(), 3, atol=0.01)
    again = Predictive(model, {"b": np.full(2000, 3.0)}, params={"s": 0.1})(KEY)
    np.testing.assert_array_equal(found["y"], again["y"])


def test_other_data_need_no_outcome(model):
    found = Predictive(model, {"b": np.full(100, 3.0)})(KEY, {"n": {"x": [10.0, 20.0]}})
    np.testing.assert_allclose(found["y"].mean(0), [30, 60], atol=0.3)


def test_a_guide_with_its_parameters(model):
    guide = model.guide
    vector = guide.init()
    found = Predictive(model, guide=guide, params=vector, num_samples=3000, return_sites=["b", "y"])(KEY)
    assert found["b"].std() == pytest.approx(1, rel=0.1)  # a standard normal, as the guide begins
    np.testing.assert_allclose(found["y"][:, 0].std(), 0.5, rtol=0.1)


def test_the_prior_gives_everything(model):
    found = Predictive(model, num_samples=4000)(KEY)
    assert set(found) == {"b", "y", "line", "top"}
    assert found["b"].std() == pytest.approx(2, rel=0.05)


def test_discrete_sites_are_drawn_given_the_others():
    text = """
    data { y: real[n] = [0.1, 5.1]   dim k = 2   m: real[k] = [0, 5] }
    model { s ~ HalfNormal(1)   plate n { z ~ Categorical([0.5, 0.5] over k)   observe y ~ Normal(m[z], s) } }
    """
    predictive = Predictive(svilang.compile(text).bind(), {"s": np.full(50, 0.3)}, return_sites=["z"])
    np.testing.assert_array_equal(predictive(KEY)["z"], [[0, 1]] * 50)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"posterior_samples": {"c": np.zeros(5)}}, "there is no latent variable `c`"),
        ({"posterior_samples": {}}, "`b` has no samples"),
        ({"posterior_samples": {"b": np.zeros((5, 2))}}, "`b` has shape"),
        ({"posterior_samples": {"b": np.zeros(5)}, "params": {"t": 1.0}}, "there is no parameter `t`"),
        ({}, "num_samples"),
    ],
)
def test_names_and_shapes_are_checked(model, arguments, message):
    with pytest.raises(ValueError, match=message):
        Predictive(model, **arguments)


def test_a_site_that_is_not_there_cannot_be_asked_for(model):
    with pytest.raises(ValueError, match="there is no value `yy`"):
        Predictive(model, {"b": np.zeros(5)}, return_sites=["yy"])(KEY)
