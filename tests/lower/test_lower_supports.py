"""Supports: the maps to them, their Jacobians, and what narrowing adds."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from lowering_programs import Writer
from scipy import integrate, stats

import svilang
from svilang.catalog.distributions import DISTRIBUTIONS as D
from svilang.diagnostics import SvilangError
from svilang.ir import nodes as ir
from svilang.lower import lower
from svilang.types import KINDS, Interval, Kind


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def jacobian_of(lowered, z, free=lambda x: x):
    """log |det| of the Jacobian of the constraining map by automatic differentiation, in free elements of the value."""

    def flat(z):
        return jnp.concatenate([jnp.ravel(free(v)) for v in lowered.unconstrained.constrain(z).values()])

    return np.linalg.slogdet(jax.jit(jax.jacobian(flat))(z))[1]


def gap(lowered, z):
    """Unconstrained less constrained log density: what the maps add."""
    flat = lowered.unconstrained
    return float(jax.jit(lambda z: flat.log_density(z) - lowered.log_density(flat.constrain(z)))(z))


def test_bounds_may_depend_on_other_latents():
    w = Writer(sizes={"i": 3})
    a = w.site("a", w.law(D["Uniform"], 0.0, 2.0), kind=Kind(interval=Interval(0, 2)))
    interval = Interval(0, 2, upper_open=True)
    b = w.site("b", w.law(D["Uniform"], 0.0, a), "i", kind=Kind(interval=interval), bounds=ir.Bounds(upper=a))
    w.site(
        "c",
        w.law(D["Normal"], 0.0, 1.0),
        "i",
        kind=Kind(interval=Interval(0)),
        bounds=ir.Bounds(lower=b),
        narrowed=True,
    )
    lowered = lower(w.bind())
    z = np.linspace(-1, 1.5, 7)
    draw = jax.jit(lowered.unconstrained.constrain)(z)
    assert 0 < draw["a"] < 2
    assert np.all((draw["b"] > 0) & (draw["b"] < draw["a"]) & (draw["c"] > draw["b"]))
    assert gap(lowered, z) == pytest.approx(jacobian_of(lowered, z), rel=1e-10)
    by_hand = -math.log(2) - 3 * np.log(draw["a"]) + stats.norm.logpdf(draw["c"]).sum()
    assert jax.jit(lowered.log_density)(draw) == pytest.approx(float(by_hand), rel=1e-12)
    np.testing.assert_allclose(lowered.unconstrained.unconstrain(draw), z, rtol=1e-9)


def test_a_density_over_unconstrained_values_integrates_to_one():
    w = Writer()
    a = w.site("a", w.law(D["Gamma"], 2.0, 1.5))
    w.site("b", w.law(D["Uniform"], 0.0, a), kind=Kind(interval=Interval(0)), bounds=ir.Bounds(upper=a))
    density = jax.jit(lower(w.bind()).unconstrained.log_density)
    mass, _ = integrate.dblquad(lambda y, x: float(jnp.exp(density(jnp.array([x, y])))), -9, 4, -20, 20, epsabs=1e-5)
    assert mass == pytest.approx(1, abs=1e-4)


def test_simplexes_in_a_plate_have_one_free_value_less():
    w = Writer(sizes={"to": 3})
    move = w.law(D["Dirichlet"], w.fill("full", "to", 2.0), event="to")
    w.site("move", move, "state", kind=KINDS["simplex"].kind)
    w.sizes["state"] = 4
    lowered = lower(w.bind())
    assert lowered.unconstrained.size == 8
    z = np.linspace(-1, 1, 8)
    draw = jax.jit(lowered.unconstrained.constrain)(z)
    np.testing.assert_allclose(draw["move"].sum(-1), np.ones(4))
    wanted = sum(stats.dirichlet([2, 2, 2]).logpdf(row / row.sum()) for row in np.asarray(draw["move"]))
    assert jax.jit(lowered.log_density)(draw) == pytest.approx(wanted, rel=1e-10)
    assert gap(lowered, z) == pytest.approx(jacobian_of(lowered, z, lambda x: x[..., :-1]), rel=1e-9)


def test_an_ordered_vector_counts_every_order_of_its_elements():
    w = Writer(sizes={"g": 2, "k": 3})
    law = w.law(D["Normal"], 0.0, 5.0)
    w.site("cut", law, "g", extra="k", kind=KINDS["ordered"].kind, narrowed=True, normaliser="order")
    lowered = lower(w.bind())
    cut = np.array([[-1.0, 0.5, 2], [0.1, 0.2, 7]])
    by_hand = stats.norm(0, 5).logpdf(cut).sum() + 2 * math.log(6)
    assert jax.jit(lowered.log_density)({"cut": cut}) == pytest.approx(by_hand, rel=1e-12)
    z = lowered.unconstrained.unconstrain({"cut": cut})
    assert gap(lowered, z) == pytest.approx(jacobian_of(lowered, z), rel=1e-9)


@pytest.mark.parametrize(
    ("interval", "frozen"),
    [
        (Interval(0, lower_open=True), stats.truncnorm(-2.5, np.inf, 1, 0.4)),
        (Interval(upper=1.2), stats.truncnorm(-np.inf, 0.5, 1, 0.4)),
        (Interval(0.5, 1.2), stats.truncnorm(-1.25, 0.5, 1, 0.4)),
        (Interval(5, 6), stats.truncnorm(10, 12.5, 1, 0.4)),
        (Interval(-4, -3), stats.truncnorm(-12.5, -10, 1, 0.4)),
    ],
)
def test_a_narrowed_support_is_normalised_by_the_mass_inside(interval, frozen):
    w = Writer(sizes={"i": 2})
    mu = w.site("mu", w.law(D["Normal"], 0.0, 1.0))
    w.site(
        "x",
        w.law(D["Normal"], mu, 0.4),
        "i",
        kind=Kind(interval=interval),
        narrowed=True,
        normaliser="truncate",
    )
    x = np.clip([0.6, 1.1], interval.lower, interval.upper)
    lowered = lower(w.bind())
    by_hand = stats.norm.logpdf(1) + frozen.logpdf(x).sum()
    assert jax.jit(lowered.log_density)({"mu": 1.0, "x": x}) == pytest.approx(by_hand, rel=1e-9)
    slope = jax.jit(jax.grad(lambda mu: lowered.log_density({"mu": mu, "x": x})))(1.0)
    assert np.isfinite(slope)


def test_an_improper_law_adds_nothing():
    w = Writer()
    x = w.site("x", w.law(D["Improper"]))
    w.factor(w.apply("*", -0.5, w.apply("^", x, 2.0)))
    assert lower(w.bind()).log_density({"x": 3.0}) == pytest.approx(-4.5)


def test_a_discrete_latent_without_a_finite_support_is_refused():
    w = Writer()
    w.site("z", w.law(D["Poisson"], 2.0))
    with pytest.raises(SvilangError, match="`z` cannot be summed out"):
        lower(w.bind())


def test_normals_that_sum_to_zero_are_those_given_that_sum():
    """The density over the plane, in orthonormal coordinates, is a quotient of Gaussian densities; a location drops."""
    program = svilang.compile("""
        data { dim level = 4  dim unit = 3 }
        model {
          m ~ Normal(0, 1)  s ~ Exponential(1)
          plate unit { b: zero_sum[level] ~ Normal(m, s) }
        }""")
    assert program.warnings == ()
    values = np.random.default_rng(5).normal(size=(3, 4))
    values -= values.mean(1, keepdims=True)
    density = jax.jit(program.bind().log_density)
    for m, s in [(0.3, 0.7), (-2.0, 1.9)]:
        found = density({"m": m, "s": s, "b": values})
        joint = stats.norm.logpdf(values, m, s).sum(1)
        # The mean times the root of the size is the coordinate across the plane.
        across = stats.norm.logpdf(0, np.sqrt(4) * m, s)
        expected = stats.norm.logpdf(m) + stats.expon.logpdf(s) + np.sum(joint - across)
        assert float(found) == pytest.approx(expected, rel=1e-12)
