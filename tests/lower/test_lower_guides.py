"""Hand-written guides against SciPy, and families as coordinates."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from lowering_programs import Writer, dims
from scipy import stats

import svilang
from svilang.catalog.distributions import DISTRIBUTIONS as D
from svilang.diagnostics import SvilangError
from svilang.ir import nodes as ir
from svilang.lower import lower
from svilang.types import KINDS, Interval, Kind

POSITIVE = KINDS["positive"].kind


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def model() -> Writer:
    w = Writer()
    y = w.data("y", "i", [1.0, 2.0, 4.0])
    a = w.site("a", w.law(D["Exponential"], 1.0))
    w.site("b", w.law(D["Uniform"], 0.0, a), kind=Kind(interval=Interval(0)), bounds=ir.Bounds(upper=a))
    x = w.site("x", w.law(D["Normal"], 0.0, a), "i")
    w.observe("y", y, w.law(D["Normal"], x, 1.0), "i")
    return w


def guide() -> ir.Program:
    """``x`` is drawn given ``b``, whose support depends on ``a``, which is explicit too."""
    g = Writer(name="guide")
    y = g.node(ir.Input("y"), (), dims("i"))
    rate = g.param("rate", kind=POSITIVE, init=2.0)
    slope = g.param("slope", "i", init=0.5)
    spread = g.param("spread", kind=POSITIVE, init=0.3)
    g.site("a", g.law(D["LogNormal"], 0.0, rate))
    b = g.use("b")
    g.site("x", g.law(D["Normal"], g.apply("+", b, g.apply("*", slope, y)), spread), "i")
    return g.guide(ir.Family("mean_field", ("b",)))


def noise(explicit, rng):
    return {
        "normal": jnp.asarray(rng.normal(size=explicit.noise.normal)),
        "uniform": jnp.asarray(rng.uniform(size=explicit.noise.uniform)),
        "keys": jnp.asarray(rng.integers(0, 2**31, (explicit.noise.keys, 2)).astype("uint32")),
    }


def test_an_explicit_guide_has_the_density_and_the_draws_written_by_hand():
    lowered = lower(model().bind(), guide())
    target, explicit = lowered.target, lowered.target.explicit
    assert (target.size, explicit.size) == (1, 5)
    np.testing.assert_allclose(explicit.init, [np.log(2), 0.5, 0.5, 0.5, np.log(0.3)])
    assert [(b.name, b.start, b.stop) for b in explicit.names] == [("rate", 0, 1), ("slope", 1, 4), ("spread", 4, 5)]
    assert (explicit.noise.normal, explicit.noise.uniform, explicit.noise.keys) == (4, 0, 0)
    drawn = noise(explicit, np.random.default_rng(0))
    prepared = jax.jit(target.prepare)(target.data)
    z = jnp.array([0.4])
    given, log_q, _ = jax.jit(explicit.sample)(prepared, explicit.init, drawn, z)
    eps = np.asarray(drawn["normal"])
    a = np.exp(2 * eps[0])
    b = a / (1 + np.exp(-0.4))
    loc = b + 0.5 * np.array([1, 2, 4])
    x = loc + 0.3 * eps[1:]
    np.testing.assert_allclose(given["a"], a)
    np.testing.assert_allclose(given["x"], x)
    by_hand = stats.lognorm(2).logpdf(a) + stats.norm(loc, 0.3).logpdf(x).sum()
    assert log_q == pytest.approx(by_hand, rel=1e-12)
    value = jax.jit(target.log_density)(prepared, z, target.theta, given)
    log_p = (
        stats.expon.logpdf(a)
        - np.log(a)
        + np.log(b * (1 - b / a))
        + stats.norm(0, a).logpdf(x).sum()
        + stats.norm(x, 1).logpdf([1, 2, 4]).sum()
    )
    assert value == pytest.approx(log_p, rel=1e-12)
    draw, _ = jax.jit(target.draws)(prepared, z, target.theta, given)
    assert draw["b"] == pytest.approx(b)


def test_the_gradient_of_an_explicit_guide_is_pathwise():
    target = lower(model().bind(), guide()).target
    explicit = target.explicit
    prepared = jax.jit(target.prepare)(target.data)
    drawn = noise(explicit, np.random.default_rng(1))

    @jax.jit
    def elbo(parameters):
        phi, z = parameters[:5], parameters[5:]
        given, log_q, _ = explicit.sample(prepared, phi, drawn, z)
        return target.log_density(prepared, z, target.theta, given) - log_q

    at = jnp.concatenate([explicit.init * 0.5, jnp.array([0.4])])
    step = 1e-6
    numeric = [(elbo(at + step * e) - elbo(at - step * e)) / (2 * step) for e in np.eye(6)]
    np.testing.assert_allclose(jax.jit(jax.grad(elbo))(at), numeric, rtol=1e-6)


def test_an_explicit_site_may_name_its_plates_in_another_order():
    w = Writer(sizes={"a": 2, "b": 3})
    w.site("x", w.law(D["Normal"], 0.0, 1.0), "a b")
    g = Writer(name="guide")
    g.site("x", g.law(D["Normal"], g.param("loc", "b"), 1.0), "b a")
    target = lower(w.bind(), g.guide()).target
    drawn = noise(target.explicit, np.random.default_rng(0))
    given, *_ = target.explicit.sample(target.prepare({}), jnp.zeros(3), drawn, jnp.zeros(0))
    np.testing.assert_allclose(given["x"], drawn["normal"].reshape(3, 2).T)


def test_families_are_coordinates_of_the_flat_vector():
    w = Writer(sizes={"i": 2})
    for name, plates in (("a", ""), ("b", "i"), ("c", ""), ("d", "i")):
        w.site(name, w.law(D["Normal"], 0.0, 1.0), plates)
    families = (ir.Family("full_rank", ("a", "d"), (("rank", 2),)), ir.Family("mean_field", ("b", "c")))
    lowered = lower(w.bind(), Writer(name="guide").guide(*families))
    assert [(f.name, f.indices) for f in lowered.families] == [("full_rank", (0, 4, 5)), ("mean_field", (1, 2, 3))]
    assert lowered.families[0].settings == (("rank", 2),)
    alone = lower(w.bind())
    assert [(f.name, f.indices) for f in alone.families] == [("mean_field", (0, 1, 2, 3, 4, 5))]


def test_a_draw_without_a_noise_form_takes_a_key_and_is_differentiable():
    w = Writer(sizes={"i": 4})
    w.site("x", w.law(D["Gamma"], 2.0, 1.0), "i")
    g = Writer(name="guide")
    g.site("x", g.law(D["Gamma"], g.param("shape", kind=POSITIVE, init=3.0), 1.0), "i")
    target = lower(w.bind(), g.guide()).target
    explicit = target.explicit
    assert explicit.noise.keys == 1
    drawn = noise(explicit, np.random.default_rng(0))
    prepared = jax.jit(target.prepare)(target.data)

    @jax.jit
    def first(phi):
        return explicit.sample(prepared, phi, drawn, jnp.zeros(0))[0]["x"]

    assert first(explicit.init).shape == (4,)
    assert np.all(jax.jit(jax.jacobian(first))(explicit.init) > 0)


def test_initial_values_may_be_drawn_and_are_the_same_each_time():
    def start():
        g = Writer(name="guide")
        g.parts["params"] = [ir.Param("s", POSITIVE, dims("i"), init=g.law(D["Exponential"], 2.0))]
        s = g.node(ir.Parameter("s"), (), dims("i"), POSITIVE)
        g.site("x", g.law(D["Normal"], 0.0, s), "i")
        w = Writer(sizes={"i": 4})
        w.site("x", w.law(D["Normal"], 0.0, 1.0), "i")
        return lower(w.bind(), g.guide()).target.explicit.init

    assert len(set(start())) == 4
    np.testing.assert_array_equal(start(), start())


@pytest.mark.parametrize(
    ("kind", "law", "fits"),
    [
        ("simplex[k]", "Dirichlet(full(k, 3))", lambda q: np.all(q > 0) and np.allclose(q.sum(-1), 1)),
        ("real[k]", "MultivariateNormal(full(k, 50), eye(k))", lambda q: np.all(np.abs(q - 50) < 10)),
        ("corr_cholesky[k]", "LKJCholesky(k, 2)", lambda q: np.allclose((q**2).sum(-1), 1)),
        ("real[k]", "Normal(50, 1)", lambda q: np.all(np.abs(q - 50) < 10)),
    ],
)
def test_initial_vectors_may_be_drawn_for_each_member(kind, law, fits):
    text = f"model {{ x ~ Normal(0, 1) plate g {{ param q: {kind} = draw {law} }} report start = q }}"
    start = svilang.compile(f"data {{ dim g = 2 dim k = 3 }} {text}").bind().prior(draws=1).values["start"][0]
    assert fits(start)
    assert not np.allclose(start[0], start[1])


def test_a_list_of_the_guide_has_its_own_length():
    w = Writer(sizes={"i": 2, "_0": 3})
    w.site("x", w.law(D["Normal"], 0.0, 1.0), "i")
    g = Writer(name="guide")
    loc = g.reduce("sum", g.stack("_0", 1.0, 2.0), "_0")
    g.site("x", g.law(D["Normal"], loc, 1.0), "i")
    guide = replace(g.guide(), dimensions=(ir.Dimension("i"), ir.Dimension("_0", g.of(2.0))), nodes=tuple(g.nodes))
    target = lower(w.bind(), guide).target
    drawn = {"normal": jnp.zeros(2)}
    given, *_ = target.explicit.sample(target.prepare({}), jnp.zeros(0), drawn, jnp.zeros(0))
    np.testing.assert_allclose(given["x"], [3, 3])


def test_a_guide_that_needs_a_model_parameter_to_know_a_support_is_refused():
    w = Writer()
    a = w.param("a", kind=POSITIVE)
    b = w.site("b", w.law(D["Uniform"], 0.0, a), kind=Kind(interval=Interval(0)), bounds=ir.Bounds(upper=a))
    w.site("x", w.law(D["Normal"], b, 1.0))
    g = Writer(name="guide")
    g.site("x", g.law(D["Normal"], g.use("b"), 1.0))
    with pytest.raises(SvilangError, match="`b`"):
        lower(w.bind(), g.guide(ir.Family("mean_field", ("b",))))
