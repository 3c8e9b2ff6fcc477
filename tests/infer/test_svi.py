"""Steps that the caller takes: against closed forms, against Optax by hand, and against NumPyro's semantics."""

import logging
import pickle
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy import special
from spread import every

import svilang
from svilang.infer import SVI, Predictive, RenyiELBO, TraceELBO, TraceEnumELBO, TraceGraphELBO, TraceMeanFieldELBO

COIN = """
data { flip: binary[toss] = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0] }
model { p ~ Beta(10, 10)   plate toss { observe flip ~ Bernoulli(p) } }
guide { param a: positive = 22   param b: positive = 18   p ~ Beta(a, b) }
"""
NORMAL = "data { y: real[n] = [1, 3] } model { m ~ Normal(0, 1) plate n { observe y ~ Normal(m, 1) } }"
EVIDENCE = special.betaln(22, 18) - special.betaln(10, 10)

ESTIMATORS = [TraceELBO(3), TraceMeanFieldELBO(3), TraceGraphELBO(3), TraceEnumELBO(3), RenyiELBO(0.5, 4)]
by_name = pytest.mark.parametrize("loss", ESTIMATORS, ids=lambda loss: type(loss).__name__)


@pytest.fixture(autouse=True)
def double():
    with jax.enable_x64(True):
        yield


def model(text):
    return svilang.compile(text).bind()


@by_name
def test_the_loss_of_an_exact_guide_is_minus_the_log_evidence(loss):
    svi = SVI(model(COIN), optax.sgd(0.0), loss)
    assert float(svi.evaluate(svi.init(0))) == pytest.approx(-EVIDENCE, abs=1e-10)


@pytest.mark.parametrize("loss", every(2, ESTIMATORS), ids=lambda loss: type(loss).__name__)
def test_particles_one_by_one_are_those_side_by_side(loss):
    together = SVI(model(NORMAL), optax.adam(0.1), loss)
    apart = SVI(model(NORMAL), optax.adam(0.1), type(loss)(**(vars(loss) | {"vectorize_particles": False})))
    np.testing.assert_allclose(together.run(3, 5).losses, apart.run(3, 5).losses, rtol=1e-12)


def test_a_run_is_its_steps_and_goes_on_where_it_was_pickled():
    svi = SVI(model(NORMAL), optax.adam(0.05), TraceELBO(2))
    state, losses = svi.init(jax.random.key(7)), []
    for _ in range(8):
        state, loss = svi.update(state)
        losses.append(float(loss))
    first = svi.run(7, 5)
    second = svi.run(None, 3, init_state=pickle.loads(pickle.dumps(first.state)))
    np.testing.assert_allclose(np.concatenate([first.losses, second.losses]), losses, rtol=1e-12)
    np.testing.assert_allclose(svi.get_params(state)["m.loc"], second.params["m.loc"], rtol=1e-12)


def test_a_step_is_the_one_that_optax_takes_on_the_gradient_of_the_loss():
    svi = SVI(model(COIN), optax.adam(0.1), TraceELBO(2))
    state = svi.init(1)
    gradient = jax.jit(jax.grad(lambda params: svi.evaluate(state._replace(params=params))))(state.params)
    updates, _ = optax.adam(0.1).update(gradient, optax.adam(0.1).init(state.params))
    moved, _ = svi.update(state)
    for name, value in optax.apply_updates(state.params, updates).items():
        np.testing.assert_allclose(moved.params[name], value, rtol=1e-10)


def test_each_parameter_can_have_an_optimiser_of_its_own():
    rule = optax.multi_transform({"move": optax.adam(0.1), "stay": optax.set_to_zero()}, {"a": "move", "b": "stay"})
    result = SVI(model(COIN), rule, TraceELBO()).run(0, 10, init_params={"a": 5.0, "b": 4.0})
    assert float(result.params["b"]) == pytest.approx(4.0, abs=1e-12)
    assert abs(float(result.params["a"]) - 5.0) > 0.1


def test_transformations_that_ask_for_the_loss_as_a_function_get_it():
    losses = SVI(model(NORMAL), optax.lbfgs(), TraceELBO(16)).run(0, 15).losses
    exact = float(-jax.scipy.stats.multivariate_normal.logpdf(jnp.array([1.0, 3.0]), jnp.zeros(2), jnp.eye(2) + 1))
    assert np.mean(losses[-5:]) == pytest.approx(exact, abs=0.3)


def test_a_second_run_compiles_nothing(caplog):
    svi = SVI(model(NORMAL), optax.adam(0.05), TraceELBO())
    svi.run(0, 20)
    with jax.log_compiles(True), caplog.at_level(logging.WARNING, "jax"):
        svi.run(1, 700)
    assert [record.message for record in caplog.records if "Compiling" in record.message] == []


def test_a_compiled_step_runs_nothing_in_python():
    """Neither of ours nor of the optimiser's: once compiled, a step is a call into XLA."""
    svi, seen = SVI(model(NORMAL), optax.adam(0.1), TraceELBO(2)), set()
    step = jax.jit(svi.update)
    state, _ = step(svi.init(0))
    sys.setprofile(lambda frame, event, _: seen.add(frame.f_code.co_filename))
    try:
        for _ in range(3):
            state, _ = step(state)
    finally:
        sys.setprofile(None)
    assert int(state.step) == 4
    assert not [name for name in seen if Path(name).is_relative_to(Path(svilang.__file__).parent) or "optax" in name]


def test_a_step_that_is_not_finite_ends_a_run_by_name_or_is_left_out():
    text = "model { param a: real = 1   x ~ Normal(0, 1)   factor log(a) * 100 - x^2 }"
    svi = SVI(model(text), optax.sgd(-0.004), TraceELBO())
    with pytest.raises(svilang.SvilangError, match="factor"):
        svi.run(0, 50)
    kept = svi.run(0, 50, stable_update=True)
    assert np.isnan(kept.losses[-1])
    assert np.isfinite(kept.params["a"])


def test_models_and_guides_may_have_parameters_with_bounds():
    text = "model { param s: lower(2) = 3   x ~ Normal(0, s) } guide { param q: unit = 0.25   x ~ Normal(q, 1) }"
    svi = SVI(model(text), optax.adam(0.1), TraceELBO())
    params = svi.get_params(svi.init(0, init_params={"s": 2.5}))
    assert float(params["s"]) == pytest.approx(2.5, abs=1e-12)
    assert float(params["q"]) == pytest.approx(0.25, abs=1e-12)


def test_rows_of_a_minibatch_give_no_bias():
    values = np.random.default_rng(0).normal(1, 1, 40)
    text = """
    data { y: real[n] }
    model { m ~ Normal(0, 10)   plate n { observe y ~ Normal(m, 1) } }
    fit { minibatch[n] = 4 }
    """
    svi = SVI(svilang.compile(text).bind({"y": values}), optax.adam(0.02), TraceELBO(4))
    late = svi.run(0, 3000).params
    assert float(late["m.loc"]) == pytest.approx(values.sum() / (40 + 0.01), abs=0.08)


@pytest.mark.parametrize(
    ("start", "words"),
    [({"mm": 1.0}, "there is no parameter `mm`"), ({"a": [1.0, 2.0]}, "`a` has shape")],
)
def test_a_start_that_no_parameter_has_is_refused(start, words):
    with pytest.raises(svilang.SvilangError, match=words):
        SVI(model(COIN), optax.adam(0.1)).init(0, init_params=start)


@pytest.mark.parametrize(("loss", "words"), [(TraceELBO(0), "1 particle"), (RenyiELBO(0.5, 1), "2 particles"),
                                             (RenyiELBO(1.0, 4), "no order 1")])
def test_arguments_without_a_meaning_are_refused(loss, words):
    with pytest.raises(svilang.SvilangError, match=words):
        SVI(model(NORMAL), optax.adam(0.1), loss)


def test_a_fitted_guide_predicts():
    bound = model(NORMAL)
    svi = SVI(bound, optax.adam(0.05), TraceELBO(4))
    state = svi.run(0, 1500).state
    fitted = {"guide": bound.guide, "params": svi.guide_params(state), "num_samples": 4000}
    draws = Predictive(bound, **fitted, return_sites=["m", "y"])(jax.random.key(1))
    assert np.mean(draws["m"]) == pytest.approx(4 / 3, abs=0.1)
    assert np.var(draws["y"]) == pytest.approx(4 / 3, rel=0.15)


DISCRETE = """
data { y: real = 1.3 }
model { z ~ Bernoulli(0.3)   observe y ~ Normal(2 * z, 1) }
guide { param q: unit = 0.4   z ~ Bernoulli(q) }
"""


def _exact_slope():
    """The derivative of the bound of ``DISCRETE`` by the logit of q, summed over both values by hand."""
    def bound(logit):
        q = jax.nn.sigmoid(logit)
        log_p = jnp.log(jnp.array([0.7, 0.3])) + jax.scipy.stats.norm.logpdf(1.3, jnp.array([0.0, 2.0]), 1)
        return jnp.sum(jnp.array([1 - q, q]) * (log_p - jnp.log(jnp.array([1 - q, q]))))

    return float(jax.grad(bound)(jnp.log(0.4 / 0.6)))


def _slopes(loss, count):
    svi = SVI(model(DISCRETE), optax.sgd(0.1), loss)
    state = svi.init(0)

    def slope(step):
        return jax.grad(lambda params: svi.evaluate(state._replace(params=params, step=step)))(state.params)["q"][0]

    return -np.asarray(jax.jit(jax.vmap(slope))(jnp.arange(count)))


def test_a_discrete_guide_gets_its_exact_gradient_or_one_that_is_right_on_average():
    exact = _exact_slope()
    np.testing.assert_allclose(_slopes(TraceEnumELBO(), 3), exact, rtol=1e-10)
    scored = _slopes(TraceGraphELBO(4), 4000)
    assert abs(scored.mean() - exact) < 4 * scored.std() / np.sqrt(4000)
    assert scored.std() > 0.01


@pytest.mark.parametrize("loss", [TraceELBO(), TraceMeanFieldELBO()])
def test_a_discrete_guide_is_refused_where_gradients_go_through_draws_alone(loss):
    with pytest.raises(svilang.SvilangError, match="`z` has no such gradient"):
        SVI(model(DISCRETE), optax.adam(0.1), loss)


def test_a_family_that_is_found_from_the_mode_has_no_steps():
    with pytest.raises(svilang.SvilangError, match="`laplace` is found from the mode"):
        SVI(model(f"{NORMAL} guide = laplace"), optax.adam(0.1))


# --- annealing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [TraceELBO(200), TraceMeanFieldELBO(1)], ids=lambda loss: type(loss).__name__)
def test_a_schedule_weighs_the_terms_of_the_latents_step_by_step(loss):
    """In closed form: the likelihood of y = 1, 3 under m ~ Normal(0.5, 0.8), and the divergence from Normal(0, 1)."""
    guide = "guide { param a: real = 0.5   param b: positive = 0.8   m ~ Normal(a, b) }"
    schedule = optax.linear_schedule(0.1, 1.0, 3)
    svi = SVI(model(f"{NORMAL} {guide}"), optax.sgd(0.0), loss, anneal=schedule)
    result = svi.run(0, 5)
    likelihood = -np.log(2 * np.pi) - 0.5 * (0.5**2 + 2.5**2 + 2 * 0.8**2)
    divergence = 0.5 * (0.8**2 + 0.5**2 - 1) - np.log(0.8)
    wanted = -likelihood + np.minimum(0.1 + 0.3 * np.arange(5), 1) * divergence
    close = {"atol": 1e-7} if loss.num_particles == 1 else {"atol": 0.6}
    np.testing.assert_allclose(result.losses, wanted, **close)
    state = svi.init(0)
    assert svi.update(state)[1] == pytest.approx(result.losses[0], rel=1e-7)
    np.testing.assert_allclose(svi.evaluate(state), -likelihood + divergence, **close)


@pytest.mark.posterior
def test_an_annealed_run_ends_at_the_posterior():
    svi = SVI(model(COIN), optax.adam(0.05), TraceEnumELBO(), anneal=optax.linear_schedule(0.0, 1.0, 300))
    state = svi.run(0, 1500).state
    assert -svi.evaluate(state) == pytest.approx(EVIDENCE, abs=1e-3)


def test_what_has_no_terms_of_the_latents_cannot_be_annealed():
    with pytest.raises(svilang.SvilangError, match="`RenyiELBO` is no sum of terms"):
        SVI(model(NORMAL), optax.adam(0.1), RenyiELBO(), anneal=lambda step: 0.5)
    summed = "model { z ~ Bernoulli(0.5)   x ~ Normal(z, 1)   factor -x^2 }"
    with pytest.raises(svilang.SvilangError, match="the prior of `x` stands inside the sum over `z`"):
        SVI(model(summed), optax.adam(0.1), anneal=lambda step: 0.5)
