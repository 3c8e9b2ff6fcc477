"""Values of data some steps back: along which dimension, and of members of a dimension as members."""

import jax
import numpy as np
import pytest

import svilang

Y = np.array([0, 1, 1, 0, 0, 1])
MOVE = np.array([[0.7, 0.3], [0.4, 0.6]])


@pytest.mark.parametrize(
    ("earlier", "counted"), [("lag(y)", 0.0), ('lag(y, 1, "wet")', np.log(0.4)), ("lag(y, 1, first)", np.log(0.4))]
)
def test_an_observed_chain_is_indexed_by_the_member_before(earlier, counted):
    text = f"""
    data {{ dim state = ["dry", "wet"]   dim to = state   y: state[day]   first: state = "wet" }}
    model {{
      plate state {{ move ~ Dirichlet(ones(to)) }}
      plate day {{ observe y ~ Categorical(move[{earlier}]) }}
    }}
    """
    with jax.enable_x64(True):
        value = float(svilang.compile(text).bind({"y": np.array(["dry", "wet"])[Y]}).log_density({"move": MOVE}))
    assert value == pytest.approx(np.log(MOVE[Y[:-1], Y[1:]]).sum() + counted, abs=1e-12)


def test_values_of_actions_are_learned_from_the_choice_before():
    """Rescorla and Wagner's rule: only the value of what was chosen moves, towards its reward."""
    text = """
    data { dim arm = ["left", "right"]   choice: arm[trial]   reward: binary[trial] }
    model {
      rate ~ Uniform(0, 1)
      sharp ~ HalfNormal(5)
      markov trial {
        value = zeros(arm) then prev(value) + rate * (lag(reward) - prev(value)) * one_hot(lag(choice))
        observe choice ~ Categorical(logits=sharp * value)
      }
    }
    """
    reward, rate, sharp = np.array([1, 0, 1, 1, 0, 1]), 0.3, 2.0
    value, expected = np.zeros(2), 0.5 * np.log(2 / np.pi) - np.log(5) - 0.5 * (sharp / 5) ** 2
    for chosen, gained in zip(Y, reward, strict=True):
        expected += sharp * value[chosen] - np.log(np.exp(sharp * value).sum())
        value[chosen] += rate * (gained - value[chosen])
    with jax.enable_x64(True):
        model = svilang.compile(text).bind({"choice": np.array(["left", "right"])[Y], "reward": reward})
        assert float(model.log_density({"rate": rate, "sharp": sharp})) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("plates", ["person, day", "day, person"])
@pytest.mark.parametrize(("over", "axis"), [("day", 1), ("person", 0)])
def test_a_lag_in_several_plates_goes_over_the_one_that_it_names(plates, over, axis):
    y = np.arange(6.0).reshape(2, 3) ** 2
    text = f"""
    data {{ y: real[person, day] }}
    model {{ a ~ Normal(0, 1)   plate {plates} {{ observe y ~ Normal(a * lag(y, over={over}), 1) }} }}
    """
    before, after = np.delete(y, -1, axis), np.delete(y, 0, axis)
    expected = -0.5 * np.sum((after - 0.5 * before) ** 2) - 0.125 - 0.5 * np.log(2 * np.pi) * (after.size + 1)
    with jax.enable_x64(True):
        value = float(svilang.compile(text).bind({"y": y}).log_density({"a": 0.5}))
    assert value == pytest.approx(expected, rel=1e-12)
