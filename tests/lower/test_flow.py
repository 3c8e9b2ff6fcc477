"""Differential equations against closed forms, matrix exponentials and SciPy, with their gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

import svilang
from svilang.data import flows
from svilang.diagnostics import SvilangError

pytest.importorskip("diffrax")


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def density(text, data, **latents):
    """The log density of a model without priors that count."""
    model = svilang.compile(text).bind(data)
    given = {name: jnp.asarray(value, float) for name, value in latents.items()}
    return float(jax.jit(model.log_density)(given))


def gradient(text, data, **latents):
    """The gradient of the log density."""
    model = svilang.compile(text).bind(data)
    given = {name: jnp.asarray(value, float) for name, value in latents.items()}
    return jax.jit(jax.grad(model.log_density))(given)


SUBJECTS = """
data { time: real[subject, visit]   w: real[subject, visit]   start: real[subject] }
model {
  plate subject {
    k ~ Improper(positive)
    def decay(y) = -k * y
    u = ode(decay, start, times=time, tolerance=1e-10)
    factor sum(w * u)
  }
}"""

STIFF = """
data {
  dim part = 3
  dim source = part
  A: real[part, source]
  time: real[t]
  w: real[part]
}
model {
  z: real[part] ~ Improper(real)
  s ~ Improper(real)
  def move(z) = s * (A @ (z over source))
  factor sum(ode(move, z, times=time, tolerance=1e-9, stiff=true) @ w)
}"""


def subjects():
    """Data, rates, and the exact value and slope of ``SUBJECTS``."""
    rng = np.random.default_rng(0)
    time, weight = rng.uniform(0, 3, (4, 5)), rng.normal(size=(4, 5))
    start, k = rng.normal(size=4), rng.uniform(0.2, 2, 4)
    exact = weight * start[:, None] * np.exp(-k[:, None] * time)
    return {"time": time, "w": weight, "start": start}, k, np.sum(exact), -np.sum(time * exact, axis=1)


def test_each_member_of_a_plate_has_rates_and_times_of_its_own():
    data, k, exact, _ = subjects()
    assert density(SUBJECTS, data, k=k) == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("most", [8, pytest.param(0, marks=pytest.mark.exhaustive)])
def test_the_gradient_goes_through_the_solver_forward_and_backward(most, monkeypatch):
    monkeypatch.setattr("svilang.lower.flow.MOST_DIRECTIONS", most)
    data, k, _, slope = subjects()
    np.testing.assert_allclose(gradient(SUBJECTS, data, k=k)["k"], slope, atol=1e-8)


@pytest.mark.exhaustive
def test_the_gradient_is_right_where_the_state_rests():
    """A state at rest has no error at any step, and long steps would make its slope anything."""
    text = """
model {
  z ~ Improper(real)
  def pendulum(y) = -sin(y)
  factor ode(pendulum, z, times=40)
}"""
    assert abs(float(gradient(text, {}, z=0.0)["z"]) - np.exp(-40)) < 1e-6


@pytest.mark.exhaustive
def test_stiff_equations_follow_the_matrix_exponential():
    rates = np.array([[-1000.0, 0.0, 0.0], [999.0, -2.0, 0.5], [1.0, 2.0, -0.5]])
    times, weight = np.array([0.3, 2.0, 1.0]), np.array([0.5, -1.0, 2.0])
    z, s = np.array([1.0, 2.0, -1.0]), 1.0
    data = {"A": rates, "time": times, "w": weight}
    slope = gradient(STIFF, data, z=z, s=s)
    through = [expm(s * rates * t) for t in times]
    assert density(STIFF, data, z=z, s=s) == pytest.approx(sum(weight @ e @ z for e in through), abs=1e-6)
    np.testing.assert_allclose(slope["z"], sum(weight @ e for e in through), atol=1e-6)
    moved = sum(weight @ (t * rates @ e) @ z for t, e in zip(times, through, strict=True))
    np.testing.assert_allclose(slope["s"], moved, atol=1e-5)


def test_rates_may_read_the_time_and_begin_where_one_says():
    text = """
data { dim part = ["hare", "lynx"]   time: real[t]   w: real[t, part] }
model {
  a ~ Improper(positive)
  def rates(z, t) = [z["hare"] * (a * (1 + 0.3 * sin(t)) - 0.03 * z["lynx"]), z["lynx"] * (0.02 * z["hare"] - 0.8)]
  u = ode(rates, [30, 4] over part, times=time, begin=-1, tolerance=1e-11)
  factor sum(w * u)
}"""
    time = np.array([-1.0, 0.5, 7.0])
    weight = np.array([[1.0, 2.0], [0.3, -1.0], [1.0, 0.1]])

    def rates(t, z, a=0.55):
        return [z[0] * (a * (1 + 0.3 * np.sin(t)) - 0.03 * z[1]), z[1] * (0.02 * z[0] - 0.8)]

    exact = solve_ivp(rates, (-1, 7), [30, 4], t_eval=time, rtol=1e-12, atol=1e-12).y.T
    value = density(text, {"time": time, "w": weight}, a=0.55)
    assert value == pytest.approx(np.sum(weight * exact), rel=1e-8)


def test_a_step_of_a_carried_definition_may_solve_equations():
    text = """
data { input: real[t] }
model {
  k ~ Improper(positive)
  markov t {
    def decay(y) = input - k * y
    level = 1 then ode(decay, prev(level), times=1, tolerance=1e-10)
  }
  factor sum(level)
}"""
    given, k, level = np.array([0.0, 0.4, -1.0, 2.0]), 0.7, 1.0
    total = level
    for one in given[1:]:
        level = one / k + (level - one / k) * np.exp(-k)
        total += level
    value = density(text, {"input": given}, k=k)
    assert value == pytest.approx(total, abs=1e-8)


def test_what_has_no_solution_is_no_number():
    text = """
model {
  a ~ Improper(positive)
  def explode(y) = a * y ^ 2
  factor ode(explode, 1, times=2)
}"""
    value = density(text, {}, a=1.0)
    assert not np.isfinite(value)


DECAY = """
data { time: real[t]   y: real[t] }
model {
  k ~ HalfNormal(1)
  def decay(u) = -k * u
  plate t { observe y ~ Normal(ode(decay, 1, times=time), 1) }
}"""


def test_a_time_before_the_beginning_is_told_when_the_data_is_bound():
    with pytest.raises(SvilangError, match=r"E0525.*at time -2, and the equations begin at 0"):
        svilang.compile(DECAY).bind({"time": [1.0, -2.0], "y": [0.0, 0.0]})


def test_without_the_solver_the_package_is_named(monkeypatch):
    monkeypatch.setattr(flows, "find_spec", lambda name: None)
    with pytest.raises(SvilangError, match=r"E0524.*`diffrax`"):
        svilang.compile(DECAY).bind({"time": [1.0, 2.0], "y": [0.0, 0.0]})


@pytest.mark.parametrize(("rates", "met"), [("A @ (u over source)", {0, 1, 2, 3, 4, 5}), ("-k * u", {0, 3})])
def test_coordinates_are_neighbours_where_equations_tie_them(rates, met):
    text = f"""
data {{ dim part = 3   dim source = part   A: real[part, source] }}
model {{
  plate part {{ z ~ Normal(0, 1)   k ~ Normal(0, 1) }}
  def move(u) = {rates} - 0 * k
  u = ode(move, z, times=1)
  plate part {{ factor u^2 }}
}}
guide = graph_gaussian"""
    structure = svilang.compile(text).bind({"A": np.eye(3)}).guide._lowered.families[0].structure
    assert {0, *structure.neighbours[0]} == met
