"""Whole densities against the same sums written out with SciPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from lowering_programs import Writer
from scipy import special, stats

from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS
from svilang.ir import nodes as ir
from svilang.lower import lower
from svilang.types import KINDS

D, C = DISTRIBUTIONS, COMBINATORS
MEMBER = KINDS["count"].kind


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def eight_schools() -> Writer:
    w = Writer()
    effect = w.data("effect", "school", [28.0, 8, -3, 7, -1, 1, 18, 12])
    stderr = w.data("stderr", "school", [15.0, 10, 16, 11, 9, 11, 10, 18])
    mu = w.site("mu", w.law(D["Normal"], 0.0, 5.0))
    tau = w.site("tau", w.law(D["HalfCauchy"], 5.0))
    theta = w.site("theta", w.law(D["Normal"], mu, tau), "school")
    w.observe("effect", effect, w.law(D["Normal"], theta, stderr), "school")
    return w


def schools_by_hand(w: Writer, mu, tau, theta):
    return (
        stats.norm(0, 5).logpdf(mu)
        + stats.halfcauchy(0, 5).logpdf(tau)
        + stats.norm(mu, tau).logpdf(theta).sum()
        + stats.norm(theta, w.arrays["stderr"]).logpdf(w.arrays["effect"]).sum()
    )


POINT = {"mu": 1.3, "tau": 2.1, "theta": np.linspace(-3, 4, 8)}


def test_eight_schools_has_the_density_written_by_hand():
    w = eight_schools()
    assert jax.jit(lower(w.bind()).log_density)(POINT) == pytest.approx(schools_by_hand(w, **POINT), rel=1e-13)


def test_the_unconstrained_density_adds_the_log_jacobian():
    w = eight_schools()
    flat = lower(w.bind()).unconstrained
    z = np.concatenate([[1.3], [np.log(2.1)], POINT["theta"]])
    assert flat.size == 10
    assert flat.log_density(z) == pytest.approx(schools_by_hand(w, **POINT) + np.log(2.1), rel=1e-13)
    np.testing.assert_allclose(flat.unconstrain(POINT), z, rtol=1e-12)
    for name, value in flat.constrain(z).items():
        np.testing.assert_allclose(value, POINT[name], rtol=1e-12)


def test_the_target_agrees_with_the_public_density_and_names_its_terms():
    w = eight_schools()
    lowered = lower(w.bind())
    target = lowered.target
    z = np.linspace(-1, 1, 10)
    prepared = jax.jit(target.prepare)(target.data)
    value = jax.jit(target.log_density)(prepared, z, target.theta, None)
    assert value == pytest.approx(float(lowered.unconstrained.log_density(z)), rel=1e-13)
    terms = target.terms(prepared, z, target.theta, None)
    assert list(terms) == ["mu", "tau", "theta", "effect"]
    assert sum(terms.values()) == pytest.approx(float(value), rel=1e-13)
    assert [(b.name, b.start, b.stop) for b in target.blocks] == [("mu", 0, 1), ("tau", 1, 2), ("theta", 2, 10)]


def test_a_noncentred_site_keeps_the_measure():
    """The two densities differ by the log Jacobian of the map between their coordinates, and by nothing else."""
    w = eight_schools()
    guide = Writer(name="guide").guide(ir.Family("mean_field", ("mu", "tau", "theta")), noncentered=("theta",))
    lowered = lower(w.bind(), guide)
    target = lowered.target
    z = np.linspace(-0.8, 1.1, 10)
    mu, tau = z[0], np.exp(z[1])
    latents = {"mu": mu, "tau": tau, "theta": mu + tau * z[2:]}
    by_hand = schools_by_hand(w, **latents) + 9 * np.log(tau)
    prepared = jax.jit(target.prepare)(target.data)
    assert target.log_density(prepared, z, target.theta, None) == pytest.approx(by_hand, rel=1e-13)
    values, density = target.draws(prepared, z, target.theta, None)
    np.testing.assert_allclose(values["theta"], latents["theta"])
    assert density == pytest.approx(by_hand, rel=1e-13)
    assert lowered.families[0].indices == tuple(range(10))


def test_gradients_match_finite_differences_under_jit_and_vmap():
    lowered = lower(eight_schools().bind())
    target = lowered.target
    prepared = jax.jit(target.prepare)(target.data)

    @jax.jit
    def f(z):
        return target.log_density(prepared, z, target.theta, None)

    z = np.linspace(-1, 1, 10)
    step = 1e-6
    numeric = [(f(z + step * e) - f(z - step * e)) / (2 * step) for e in np.eye(10)]
    np.testing.assert_allclose(jax.jit(jax.grad(f))(z), numeric, rtol=1e-6)
    batch = np.stack([z, z + 0.5])
    np.testing.assert_allclose(jax.vmap(f)(batch), [f(z), f(z + 0.5)], rtol=1e-13)


def test_a_scalar_law_counts_once_for_every_member_of_its_plates():
    w = Writer(sizes={"a": 3, "b": 4})
    w.site("x", w.law(D["Normal"], 1.0, 2.0), "a b")
    s = w.site("s", w.law(D["Exponential"], 1.0))
    ones = w.data("ones", "a", np.ones(3))
    w.observe("ones", ones, w.law(D["Normal"], 0.0, s), "a b")
    w.observe("three", w.of(3.0), w.law(D["Normal"], s, 1.0), "b")
    w.factor(s, "a b")
    x = np.arange(12.0).reshape(3, 4)
    by_hand = (
        stats.norm(1, 2).logpdf(x).sum()
        + stats.expon.logpdf(0.7)
        + 12 * stats.norm(0, 0.7).logpdf(1)
        + 4 * stats.norm(0.7, 1).logpdf(3)
        + 12 * 0.7
    )
    assert jax.jit(lower(w.bind()).log_density)({"x": x, "s": 0.7}) == pytest.approx(by_hand, rel=1e-13)


def test_nested_plates_align_by_name_whatever_the_order_of_axes():
    rng = np.random.default_rng(0)
    w = Writer()
    y = w.data("y", "b a", rng.normal(size=(4, 3)))
    u = w.site("u", w.law(D["Normal"], 0.0, 1.0), "a")
    v = w.site("v", w.law(D["Normal"], 0.0, 1.0), "b")
    w.observe("y", y, w.law(D["Normal"], w.apply("+", v, u), w.apply("exp", u)), "a b")
    uu, vv = rng.normal(size=3), rng.normal(size=4)
    by_hand = (
        stats.norm.logpdf(uu).sum()
        + stats.norm.logpdf(vv).sum()
        + stats.norm(uu[:, None] + vv, np.exp(uu)[:, None]).logpdf(w.arrays["y"].T).sum()
    )
    assert jax.jit(lower(w.bind()).log_density)({"u": uu, "v": vv}) == pytest.approx(by_hand, rel=1e-12)


def radon(rng):
    w = Writer(labels={"effect": ("intercept", "floor")}, sizes={"effect": 2})
    log_radon = w.data("log_radon", "obs", rng.normal(size=20))
    floor = w.data("floor", "obs", rng.integers(0, 2, 20), KINDS["binary"].kind)
    county = w.data("county", "obs", rng.integers(0, 5, 20), MEMBER)
    uranium = w.data("uranium", "county", rng.normal(size=5))
    gamma = w.site("gamma", w.law(D["Normal"], 0.0, 1.0))
    mu = w.site("mu", w.law(D["Normal"], 0.0, 5.0), "effect")
    sigma_b = w.site("sigma_b", w.law(D["HalfNormal"], 1.0), "effect")
    factor = w.site("L", w.law(D["LKJCholesky"], 2.0, event="effect effect'"))
    diagonal = w.matrix("diag", [sigma_b], ["effect"], "effect effect'")
    tril = w.contract(diagonal, factor, "effect'", "effect")
    b = w.site("b", w.law(D["MultivariateNormal"], mu, tril, event="effect"), "county")
    sigma = w.site("sigma", w.law(D["HalfNormal"], 1.0))
    of_county = w.gather(b, "county", county)
    eta = w.apply(
        "+",
        w.apply(
            "+",
            w.gather(of_county, "effect", w.label("effect", "intercept")),
            w.apply("*", gamma, w.gather(uranium, "county", county)),
        ),
        w.apply("*", w.gather(of_county, "effect", w.label("effect", "floor")), floor),
    )
    w.observe("log_radon", log_radon, w.law(D["Normal"], eta, sigma), "obs")
    return w


def test_radon_with_correlated_slopes_has_the_density_written_by_hand():
    rng = np.random.default_rng(1)
    w = radon(rng)
    rho, s = 0.3, np.array([0.7, 1.4])
    factor = np.linalg.cholesky([[1, rho], [rho, 1]])
    point = {
        "gamma": 0.4,
        "mu": rng.normal(size=2),
        "sigma_b": s,
        "L": factor,
        "b": rng.normal(size=(5, 2)),
        "sigma": 0.9,
    }
    a = w.arrays
    i = a["county"]
    eta = point["b"][i, 0] + 0.4 * a["uranium"][i] + point["b"][i, 1] * a["floor"]
    covariance = np.diag(s) @ factor @ factor.T @ np.diag(s)
    # For two effects the LKJ density of the factor is that of its off-diagonal element, proportional to 1 - rho^2.
    lkj = np.log(1 - rho**2) - np.log(4 / 3)
    by_hand = (
        stats.norm.logpdf(0.4)
        + stats.norm(0, 5).logpdf(point["mu"]).sum()
        + stats.halfnorm.logpdf(s).sum()
        + lkj
        + stats.multivariate_normal(point["mu"], covariance).logpdf(point["b"]).sum()
        + stats.halfnorm.logpdf(0.9)
        + stats.norm(eta, 0.9).logpdf(a["log_radon"]).sum()
    )
    assert jax.jit(lower(w.bind()).log_density)(point) == pytest.approx(by_hand, rel=1e-12)


def test_a_noncentred_vector_site_keeps_the_measure():
    rng = np.random.default_rng(1)
    w = radon(rng)
    guide = Writer(name="guide").guide(noncentered=("b",))
    target = lower(w.bind(), guide).target
    lowered = lower(w.bind())
    z = rng.normal(size=target.size) * 0.5
    prepared = jax.jit(target.prepare)(target.data)
    draw, _ = jax.jit(target.draws)(prepared, z, target.theta, None)
    flat = lowered.unconstrained.unconstrain(draw)
    tril = np.diag(draw["sigma_b"]) @ draw["L"]
    jacobian = 5 * np.log(np.diag(tril)).sum()
    value = jax.jit(target.log_density)(prepared, z, target.theta, None)
    assert value == pytest.approx(float(jax.jit(lowered.unconstrained.log_density)(flat)) + jacobian, rel=1e-12)


def test_one_design_matrix_becomes_one_product():
    rng = np.random.default_rng(2)
    w = Writer()
    x = w.data("x", "obs feature", rng.normal(size=(30, 4)))
    y = w.data("y", "obs", rng.integers(0, 2, 30), KINDS["binary"].kind)
    beta = w.site("beta", w.law(D["Normal"], 0.0, 2.0), extra="feature")
    w.observe("y", y, w.law(D["Bernoulli"], w.contract(x, beta, "feature", "feature"), form=1), "obs")
    lowered = lower(w.bind())
    b = rng.normal(size=4)
    eta = w.arrays["x"] @ b
    by_hand = stats.norm(0, 2).logpdf(b).sum() + (w.arrays["y"] * eta - np.logaddexp(0, eta)).sum()
    assert lowered.log_density({"beta": b}) == pytest.approx(by_hand, rel=1e-12)
    target = lowered.target
    prepared = jax.jit(target.prepare)(target.data)
    text = str(jax.make_jaxpr(lambda z: target.log_density(prepared, z, target.theta, None))(b))
    assert text.count("dot_general") == 1


def test_a_mixture_of_one_law_mixes_over_the_axis_of_its_weights():
    rng = np.random.default_rng(3)
    w = Writer(sizes={"component": 3})
    y = w.data("y", "obs", rng.normal(size=10))
    weights = w.site(
        "w", w.law(D["Dirichlet"], w.fill("ones", "component"), event="component"), kind=KINDS["simplex"].kind
    )
    loc = w.site("loc", w.law(D["Normal"], 0.0, 3.0), "component")
    inner = w.law(D["Normal"], loc, 0.5)
    w.observe("y", y, w.law(C["Mixture"], weights, children=[inner], mixed="component"), "obs")
    share, at = np.array([0.2, 0.5, 0.3]), rng.normal(size=3)
    parts = stats.norm(at, 0.5).logpdf(w.arrays["y"][:, None])
    by_hand = (
        stats.dirichlet(np.ones(3)).logpdf(share)
        + stats.norm(0, 3).logpdf(at).sum()
        + special.logsumexp(parts, axis=1, b=share).sum()
    )
    assert jax.jit(lower(w.bind()).log_density)({"w": share, "loc": at}) == pytest.approx(by_hand, rel=1e-12)


def test_a_mixture_of_several_vector_laws_in_a_plate():
    rng = np.random.default_rng(4)
    w = Writer(sizes={"axis": 2})
    y = w.data("y", "obs axis", rng.normal(size=(6, 2)))
    shift = w.site("shift", w.law(D["Normal"], 0.0, 1.0), "axis")
    eye = w.fill("eye", "axis")
    children = [
        w.law(D["MultivariateNormal"], shift, eye, event="axis"),
        w.law(D["MultivariateNormal"], w.apply("negate", shift), w.apply("*", 2.0, eye), event="axis"),
    ]
    weights = w.stack("_0", 0.25, 0.75)
    law = w.law(C["Mixture"], weights, children=children, mixed="_0", event="axis")
    w.observe("y", y, law, "obs")
    s = rng.normal(size=2)
    parts = np.stack(
        [
            stats.multivariate_normal(s, np.eye(2)).logpdf(w.arrays["y"]),
            stats.multivariate_normal(-s, 4 * np.eye(2)).logpdf(w.arrays["y"]),
        ]
    )
    by_hand = stats.norm.logpdf(s).sum() + special.logsumexp(parts, axis=0, b=[[0.25], [0.75]]).sum()
    assert jax.jit(lower(w.bind()).log_density)({"shift": s}) == pytest.approx(by_hand, rel=1e-12)


def test_combinators_nest():
    w = Writer()
    y = w.data("y", "obs", np.array([0.0, 1.5, 0.0, 0.4]))
    gate = w.site("gate", w.law(D["Beta"], 1.0, 1.0))
    inner = w.law(C["Truncated"], None, 2.0, children=[w.law(D["Exponential"], 1.0)])
    w.observe("y", y, w.law(C["ZeroInflated"], gate, None, children=[inner]), "obs")
    cut = stats.truncexpon(2)
    by_hand = 2 * np.log(0.3) + 2 * np.log(0.7) + cut.logpdf([1.5, 0.4]).sum()
    assert jax.jit(lower(w.bind()).log_density)({"gate": 0.3}) == pytest.approx(by_hand, rel=1e-12)


def test_statistics_of_groups_stand_for_the_outcomes():
    rng = np.random.default_rng(5)
    y, group = rng.normal(size=50), rng.integers(0, 4, 50)
    grouped = D["Normal"].forms[0].grouped
    size, mean, squares = grouped.collapse(y, group, 4)
    w = Writer()
    first = w.data("y_size", "g", size)
    w.data("y_mean", "g", mean)
    w.data("y_squares", "g", squares)
    alpha = w.site("alpha", w.law(D["Normal"], 0.0, 1.0), "g")
    sigma = w.site("sigma", w.law(D["HalfNormal"], 1.0))
    law = w.law(D["Normal"], alpha, sigma)
    w.observe("y", first, law, "g", grouped=("y_size", "y_mean", "y_squares"))
    a = rng.normal(size=4)
    by_hand = stats.norm.logpdf(a).sum() + stats.halfnorm.logpdf(0.8) + stats.norm(a[group], 0.8).logpdf(y).sum()
    lowered = lower(w.bind())
    assert lowered.log_density({"alpha": a, "sigma": 0.8}) == pytest.approx(by_hand, rel=1e-12)
    assert set(lowered.target.data) == {"y_size", "y_mean", "y_squares"}


def test_parameters_are_optimised_values_without_a_density():
    w = Writer()
    y = w.data("y", "obs", np.array([1.0, 2.0]))
    scale = w.param("scale", kind=KINDS["positive"].kind, init=2.5)
    start = w.param("start", "obs", init=1.5)
    w.observe("y", y, w.law(D["Normal"], start, scale), "obs")
    lowered = lower(w.bind())
    np.testing.assert_allclose(lowered.target.theta, [np.log(2.5), 1.5, 1.5], rtol=1e-12)
    by_hand = stats.norm(1.5, 2.5).logpdf([1, 2]).sum()
    assert lowered.log_density({}) == pytest.approx(by_hand, rel=1e-12)
    assert lowered.log_density({}, {"scale": 1.0}) == pytest.approx(stats.norm(1.5, 1).logpdf([1, 2]).sum(), rel=1e-12)


def test_the_precision_of_a_density_is_that_of_the_program_that_holds_it():
    target = lower(radon(np.random.default_rng(6)).bind()).target
    assert {array.dtype.name for array in target.data.values()} == {"float64", "int32"}
    for wide, name in ((False, "float32"), (True, "float64")):
        with jax.enable_x64(wide):
            prepared = jax.jit(target.prepare)(target.data)
            assert {leaf.dtype.name for leaf in jax.tree.leaves(prepared)} <= {name, "int32"}
            z = jnp.zeros(target.size)
            assert jax.eval_shape(target.log_density, prepared, z, target.theta, None).dtype == name
