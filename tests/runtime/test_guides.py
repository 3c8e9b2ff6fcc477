"""Every family against its own claims, by brute force and against SciPy."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from spread import every

from svilang.runtime.guides import FAMILIES, anchored, placed
from svilang.runtime.guides.graph_gaussian import filled
from svilang.runtime.guides.pathfinder import inverse_hessian_root, propose
from svilang.runtime.guides.sparse import Pattern
from svilang.runtime.guides.svgd import stein
from svilang.runtime.search import Point
from svilang.runtime.structure import FamilyUse, Region, Structure
from svilang.runtime.whitening import conditional_root, dense, diagonal, lower_root

SIZE = 3
ROOT = np.array([[2.0, 0.3, 0.0], [0.5, 1.5, -0.4], [0.1, 0.2, 0.7]])
LOC = np.array([1.0, -2.0, 0.5])


@pytest.fixture(autouse=True)
def _double():
    with jax.enable_x64(True):
        yield


PLACES = ("whole", "block", "diagonal")
STRUCTURE = Structure(
    SIZE,
    (Region("a", 0, 1, (), ()), Region("b", 1, 3, (2,), ("t",), "t")),
    parents=((), (0,), (0, 1)),
    neighbours=((1, 2), (0, 2), (0, 1)),
)
SETTINGS = {"low_rank": {"rank": 2}, "block": {"dim": "t"}}


def _use(name, **settings):
    return FamilyUse(name, tuple(range(SIZE)), tuple((SETTINGS.get(name, {}) | settings).items()), structure=STRUCTURE)


def _family(name, **settings):
    return placed(_use(name, **settings))


def _case(name, whiten, seed=0):
    family, whiten = _family(name), anchored(_use(name), whiten)
    start = family.init(whiten)
    assert start.shape == (family.params,)
    moved = start + 0.3 * np.random.default_rng(seed).standard_normal(family.params)
    return family, moved, family.normals, whiten


def _gaussian_families():
    """Those with one Gaussian: an affine map of the noise."""
    families = {name: _family(name) for name, row in FAMILIES.items() if not row.point}
    return [name for name, one in families.items() if one.covariance is not None and one.branches == 1]


def _whitens():
    block = dense(np.zeros(4), np.eye(4) + 0.4 * np.random.default_rng(3).standard_normal((4, 4)), (0, 2, 3))
    return {
        "whole": dense(LOC, ROOT, range(SIZE)),
        "block": block,
        "diagonal": diagonal(LOC, np.ones(3) * 0.7, range(3)),
    }


def _moments_by_map(row, params, normals, whiten):
    """Mean and covariance of an affine map of the noise, exactly."""
    sample = jax.jit(lambda e: row.sample(jnp.asarray(params), e, whiten))
    mean = np.asarray(sample(np.zeros(normals)))
    matrix = np.stack([np.asarray(sample(e)) - mean for e in np.eye(normals)], axis=1)
    return mean, matrix @ matrix.T


@pytest.mark.parametrize(("name", "place"), every(2, itertools.product(_gaussian_families(), PLACES)))
def test_density_entropy_and_moments_are_those_of_the_samplers_gaussian(name, place):
    row, params, normals, whiten = _case(name, _whitens()[place])
    mean, covariance = _moments_by_map(row, params, normals, whiten)
    exact = stats.multivariate_normal(mean, covariance)
    point = mean + np.array([0.3, -0.2, 0.4])
    log_prob, entropy = jax.jit(lambda p, z: (row.log_prob(p, z, whiten), row.entropy(p, whiten)))(params, point)
    np.testing.assert_allclose(log_prob, exact.logpdf(point), rtol=1e-10)
    np.testing.assert_allclose(entropy, exact.entropy(), rtol=1e-10)
    np.testing.assert_allclose(row.moments(params, whiten), (mean, np.sqrt(np.diag(covariance))), rtol=1e-10)
    np.testing.assert_allclose(row.covariance(params, whiten), covariance, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "place"), every(2, itertools.product(_gaussian_families(), PLACES)))
def test_control_variates_have_mean_zero(name, place):
    row, params, normals, whiten = _case(name, _whitens()[place])
    # Degree-2 polynomials are integrated exactly by the 2n points ± sqrt(n) e_i.
    points = np.sqrt(normals) * np.concatenate([np.eye(normals), -np.eye(normals)])
    both = jax.value_and_grad(lambda p, e: row.control(p, e, whiten))
    values, slopes = jax.jit(jax.vmap(both, (None, 0)))(jnp.asarray(params), points)
    assert abs(row.control(jnp.asarray(params), jnp.full(normals, 2.0), whiten)) > 0.01
    np.testing.assert_allclose(np.mean(values), 0, atol=1e-10)
    np.testing.assert_allclose(np.mean(slopes, axis=0), 0, atol=1e-10)


@pytest.mark.parametrize("name", ["full_rank", "structured", "graph_gaussian"])
def test_a_family_that_can_be_starts_as_the_gaussian_of_the_start(name):
    whiten = anchored(_use(name), dense(LOC, ROOT, range(SIZE)))
    row = _family(name)
    mean, covariance = _moments_by_map(row, row.init(whiten), SIZE, whiten)
    np.testing.assert_allclose(mean, LOC)
    np.testing.assert_allclose(covariance, ROOT @ ROOT.T, rtol=1e-12)


def test_a_mean_field_starts_with_the_conditional_standard_deviations():
    whiten = dense(LOC, ROOT, range(SIZE))
    row = _family("mean_field")
    _, covariance = _moments_by_map(row, row.init(whiten), SIZE, whiten)
    precision = np.linalg.inv(ROOT @ ROOT.T)
    np.testing.assert_allclose(covariance, np.diag(1 / np.diag(precision)), atol=1e-12)


def test_a_low_rank_guide_of_full_rank_can_start_close_to_the_covariance():
    whiten = dense(LOC, ROOT, range(SIZE))
    row = _family("low_rank", rank=3)
    _, covariance = _moments_by_map(row, row.init(whiten), 6, whiten)
    assert np.max(np.abs(np.sqrt(np.diag(covariance)) / np.sqrt(np.diag(ROOT @ ROOT.T)) - 1)) < 0.1


def test_roots_are_roots_even_when_ill_conditioned():
    root = ROOT * np.array([1e-4, 1.0, 1e4])
    triangle = lower_root(root)
    np.testing.assert_allclose(triangle @ triangle.T, root @ root.T, rtol=1e-12)
    assert np.all(np.triu(triangle, 1) == 0)
    block = conditional_root(ROOT, [0, 2])
    precision = np.linalg.inv(ROOT @ ROOT.T)[np.ix_([0, 2], [0, 2])]
    np.testing.assert_allclose(block @ block.T, np.linalg.inv(precision), rtol=1e-10)


def test_a_point_has_no_entropy_and_no_spread():
    row = _family("delta")
    whiten = dense(LOC, ROOT, range(SIZE))
    mean, sd = row.moments(np.zeros(SIZE), whiten)
    np.testing.assert_array_equal(mean, LOC)
    np.testing.assert_array_equal(sd, 0)


def _covariances(name):
    """The covariance of a moved guide over two sites in plates of two and chains of three."""
    regions = (Region("g", 0, 1, (), ()), Region("x", 1, 7, (2, 3), ("k", "t"), "t"), Region("u", 7, 9, (2,), ("k",)))
    use = FamilyUse(name, tuple(range(9)), (("dim", "k"),) if name == "block" else (), structure=Structure(9, regions))
    family, whiten = placed(use), anchored(use, diagonal(np.zeros(9), np.ones(9), range(9)))
    params = 0.5 * np.random.default_rng(1).standard_normal(family.params)
    return family.covariance(params, whiten)


def test_blocks_are_dense_within_a_member_and_independent_across():
    covariance = _covariances("block")
    members = np.array([-1, 0, 0, 0, 1, 1, 1, 0, 1])
    together = (members[:, None] == members) & (members >= 0) | np.eye(9, dtype=bool)
    assert np.array_equal(np.abs(covariance) > 1e-9, together)


def test_the_precision_along_a_chain_is_banded():
    precision = np.linalg.inv(_covariances("markov_gaussian"))
    wanted = np.eye(9, dtype=bool)
    for first in (1, 4):
        wanted[[first, first + 1, first + 1, first + 2], [first + 1, first, first + 2, first + 1]] = True
    assert np.array_equal(np.abs(precision) > 1e-9, wanted)


def test_fill_makes_room_for_the_cholesky_factor_of_any_precision_on_the_graph():
    source = np.random.default_rng(2)
    edges = np.triu(source.random((12, 12)) < 0.2, 1)
    precision = np.where(edges | edges.T, 0.1, 0.0) + np.eye(12)
    neighbours = tuple(tuple(np.flatnonzero(row)) for row in edges | edges.T)
    pattern = Pattern(tuple(map(tuple, filled(neighbours, 12))))
    anchor = pattern.regressed(np.linalg.cholesky(np.linalg.inv(precision)))
    root = pattern.root(anchor.coef, anchor.scale)
    np.testing.assert_allclose(np.linalg.inv(root @ root.T), precision, atol=1e-12)
    assert pattern.edges < 12 * 11 / 2


@pytest.mark.parametrize("way", ["_by_levels", "_dense", "_looped"])
def test_every_way_through_the_regressions_solves_them_with_its_gradient(way):
    pattern = Pattern(((), (0,), (0, 1), (2,), (0, 3), (4,), ()))
    source = np.random.default_rng(3)
    coef, noise = source.standard_normal((7, 2)) * (pattern.index < 7), source.standard_normal(7)
    weight = source.standard_normal(7)
    matrix = np.eye(7)
    for i, own in enumerate(pattern.parents):
        matrix[i, list(own)] = -coef[i, : len(own)]
    solve = jax.jit(lambda c, e: getattr(pattern, way)(c, e))
    np.testing.assert_allclose(solve(coef, noise), np.linalg.solve(matrix, noise), rtol=1e-12)
    np.testing.assert_allclose(pattern.residual(coef, solve(coef, noise)), noise, rtol=1e-12)
    by_coef, by_noise = jax.jit(jax.grad(lambda c, e: jnp.sum(weight * solve(c, e)), (0, 1)))(coef, noise)
    adjoint = np.linalg.solve(matrix.T, weight)
    np.testing.assert_allclose(by_noise, adjoint, rtol=1e-12)
    exact = adjoint[:, None] * np.append(np.linalg.solve(matrix, noise), 0)[pattern.index]
    np.testing.assert_allclose(by_coef, exact, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("df", [1, 2, 3, 8])
def test_a_student_guide_has_the_density_entropy_draws_and_moments_of_students_law(df):
    row, whiten = _family("student", df=df), _whitens()["diagonal"]
    params = 0.3 * np.random.default_rng(0).standard_normal(row.params)
    law = stats.t(df, LOC + 0.7 * params[:SIZE], 0.7 * np.exp(params[SIZE:]))
    point = np.array([0.3, -1.2, 40.0])
    np.testing.assert_allclose(jax.jit(row.log_prob)(params, point, whiten), law.logpdf(point).sum(), rtol=1e-12)
    np.testing.assert_allclose(row.entropy(jnp.asarray(params), whiten), law.entropy().sum(), rtol=1e-9)
    noise = np.random.default_rng(1).standard_normal((4_000, row.normals))
    draws = np.asarray(jax.jit(jax.vmap(lambda e: row.sample(jnp.asarray(params), e, whiten)))(noise))
    assert all(stats.kstest(column, "uniform").pvalue > 1e-3 for column in law.cdf(draws).T)
    if df > 2:
        np.testing.assert_allclose(row.moments(params, whiten), (law.mean(), law.std()), rtol=1e-12)
    else:
        assert row.moments is None


def _flows():
    families = {name: _family(name) for name in FAMILIES}
    return [name for name, one in families.items() if one.path is not None and one.log_prob is not None]


@pytest.mark.parametrize("name", _flows())
def test_a_draw_of_a_flow_has_the_density_that_the_change_of_variables_gives(name):
    row, params, _, whiten = _case(name, _whitens()["block"])
    noise = np.array([0.4, -0.7, 1.1])
    jacobian = jax.jit(jax.jacfwd(lambda e: row.sample(jnp.asarray(params), e, whiten)))(noise)
    exact = stats.norm.logpdf(noise).sum() - np.linalg.slogdet(np.asarray(jacobian))[1]
    z, log_q = jax.jit(lambda e: row.path(jnp.asarray(params), e, whiten))(noise)
    np.testing.assert_allclose(log_q, exact, rtol=1e-9)
    np.testing.assert_allclose(jax.jit(row.log_prob)(params, z, whiten), exact, rtol=1e-8)


@pytest.mark.parametrize("name", _flows())
def test_a_flow_starts_as_the_gaussian_of_the_start(name):
    whiten = dense(LOC, ROOT, range(SIZE))
    row = _family(name)
    noise = np.random.default_rng(5).standard_normal((50, SIZE))
    path = jax.jit(jax.vmap(lambda e: row.path(jnp.asarray(row.init(whiten)), e, whiten)))
    _, log_q = path(noise)
    z = np.asarray(path(noise)[0])
    exact = stats.multivariate_normal(LOC, ROOT @ ROOT.T).logpdf(z)
    np.testing.assert_allclose(log_q, exact, atol=0.1 if name == "bnaf" else 1e-9)


@pytest.mark.parametrize("name", _flows())
def test_the_gradient_of_a_flow_is_that_of_finite_differences(name):
    row, params, _, whiten = _case(name, _whitens()["diagonal"])
    noise = jnp.array([0.4, -0.7, 1.1])

    def value(p):
        z, log_q = row.path(p, noise, whiten)
        return jnp.sum(jnp.sin(z)) - log_q

    bound = jax.jit(value)
    way = np.random.default_rng(6).standard_normal(len(params))
    slope = np.asarray(jax.jit(jax.grad(bound))(params)) @ way
    step = 1e-6
    np.testing.assert_allclose((bound(params + step * way) - bound(params - step * way)) / (2 * step), slope, rtol=1e-5)


@pytest.mark.parametrize("component", ["mean_field", "full_rank", "structured"])
def test_a_mixture_has_the_density_and_moments_of_its_components(component):
    whiten = anchored(_use(component), _whitens()["whole"])
    row = _family("mixture", components=3, family=component)
    params = row.init(whiten) + 0.3 * np.random.default_rng(8).standard_normal(row.params)
    means, covariances = [], []
    for which in range(3):
        branch = jax.jit(lambda e, which=which: row.branch(jnp.asarray(params), e, whiten, which))
        means.append(np.asarray(branch(np.zeros(SIZE + 1))))
        matrix = np.stack([np.asarray(branch(e)) - means[-1] for e in np.eye(SIZE + 1)[:SIZE]], axis=1)
        covariances.append(matrix @ matrix.T)
    weights = np.exp(np.asarray(row.log_weights(jnp.asarray(params))))
    point = np.array([0.3, -1.2, 0.4])
    laws = [stats.multivariate_normal(*each) for each in zip(means, covariances, strict=True)]
    exact = np.log(sum(w * law.pdf(point) for w, law in zip(weights, laws, strict=True)))
    np.testing.assert_allclose(weights.sum(), 1)
    np.testing.assert_allclose(jax.jit(row.log_prob)(params, point, whiten), exact, rtol=1e-10)
    mean = weights @ np.stack(means)
    second = sum(w * (c + np.outer(m, m)) for w, c, m in zip(weights, covariances, means, strict=True))
    np.testing.assert_allclose(row.moments(params, whiten)[0], mean, rtol=1e-10)
    np.testing.assert_allclose(row.covariance(params, whiten), second - np.outer(mean, mean), rtol=1e-9)


def test_a_draw_of_a_mixture_picks_components_by_their_weights():
    whiten = _whitens()["whole"]
    row = _family("mixture", components=3, family="full_rank")
    params = jnp.asarray(np.concatenate([[0.0, 1.0, -1.0], row.init(whiten)[3:]]))
    weights = np.exp(np.asarray(row.log_weights(params)))
    shares = np.cumsum(weights)
    for which, place in enumerate([shares[0] / 2, (shares[0] + shares[1]) / 2, (shares[1] + 1) / 2]):
        noise = np.array([0.1, 0.2, 0.3, stats.norm.ppf(place)])
        np.testing.assert_allclose(row.sample(params, noise, whiten), row.branch(params, noise, whiten, which))


@pytest.mark.parametrize("name", ["dais", "semi_dais"])
def test_the_weights_of_annealed_draws_average_to_the_evidence(name):
    whiten = dense(np.array([0.3, -0.2]), np.array([[0.8, 0.0], [0.3, 0.6]]), range(2))
    row = placed(FamilyUse(name, (0, 1)))
    params = row.init(whiten) + 0.3 * np.random.default_rng(9).standard_normal(row.params)
    exact = stats.multivariate_normal([0, 0], [[0.7, 0.2], [0.2, 0.5]])
    precision = np.linalg.inv(exact.cov)

    def density(z):
        return 0.4 - 0.5 * z @ precision @ z + exact.logpdf([0, 0])

    def weight(noise):
        z, log_q = row.path(jnp.asarray(params), noise, whiten, density)
        return density(z) - log_q

    noise = np.random.default_rng(10).standard_normal((40_000, row.normals))
    weights = np.exp(np.asarray(jax.jit(jax.vmap(weight))(noise)))
    assert abs(weights.mean() - np.exp(0.4)) < 4 * weights.std() / 200
    assert weights.std() / 200 < 0.03


@pytest.mark.parametrize("name", ["dais", "semi_dais"])
def test_a_path_about_the_gaussian_of_the_start_loses_nothing(name):
    root = np.array([[0.8, 0.0], [0.3, 0.6]]) if name == "dais" else np.diag([0.8, 0.6])
    centre = np.array([0.3, -0.2])
    row, whiten = placed(FamilyUse(name, (0, 1))), dense(centre, root, range(2))
    params = np.array(row.init(whiten))
    params[4:] += np.random.default_rng(13).standard_normal(row.params - 4)
    precision = np.linalg.inv(root @ root.T)

    def weight(noise):
        z, log_q = row.path(jnp.asarray(params), noise, whiten, density)
        return density(z) - log_q

    def density(z):
        return -0.5 * (z - centre) @ precision @ (z - centre)

    weights = jax.jit(jax.vmap(weight))(np.random.default_rng(14).standard_normal((20, row.normals)))
    np.testing.assert_allclose(weights, np.log(2 * np.pi * np.prod(np.diagonal(root))), rtol=1e-11)


def test_some_members_of_semi_dais_are_drawn_as_they_are_among_all():
    """A density that is a sum over members: each goes its own way, whoever else is there."""
    whiten = jax.tree.map(jnp.asarray, diagonal(np.zeros(4), np.array([1.0, 0.5, 2.0, 1.5]), range(4)))
    centres, some = jnp.array([1.0, -1.0, 0.5, 2.0]), jnp.array([3, 1])
    whole, part = placed(FamilyUse("semi_dais", (0, 1, 2, 3))), placed(FamilyUse("semi_dais", (0, 1)))
    source = np.random.default_rng(11)
    params = jnp.asarray(whole.init(whiten) + 0.3 * source.standard_normal(whole.params))
    own, narrow = FAMILIES["semi_dais"].restrict(params, whiten, some)
    noise = source.standard_normal((part.normals // 2, 4))

    def density(at):
        return lambda z: -0.5 * jnp.sum((z - at) ** 4)

    z, log_q = jax.jit(lambda e: whole.path(params, e, whiten, density(centres)))(noise.ravel())
    few, log_few = jax.jit(lambda e: part.path(own, e, narrow, density(centres[some])))(noise[:, some].ravel())
    np.testing.assert_allclose(few, z[some], rtol=1e-12)
    assert abs(log_few - log_q) > 0.1


def _stein(particles, slopes):
    """By the formula, pair by pair and coordinate by coordinate."""
    count, size = particles.shape
    found = np.zeros_like(particles)
    for d in range(size):
        x, slope = particles[:, d], slopes[:, d]
        width = stats.iqr(x) ** 2 / (2 * np.log(count + 1))
        for i in range(count):
            for j in range(count):
                kernel = np.exp(-((x[j] - x[i]) ** 2) / width)
                found[i, d] += (kernel * slope[j] + kernel * 2 / width * (x[i] - x[j])) / count
    return found


def test_particles_go_where_the_formula_of_stein_says():
    source = np.random.default_rng(12)
    particles, slopes = source.standard_normal((2, 7, 3))
    np.testing.assert_allclose(jax.jit(stein)(particles, slopes), _stein(particles, slopes), rtol=1e-11)
    one = np.ones((1, 3))
    np.testing.assert_allclose(stein(jnp.asarray(one), jnp.asarray(2 * one)), 2 * one)


def test_the_gradient_of_the_mean_log_density_is_steered():
    whiten = _whitens()["whole"]
    row = _family("svgd", particles=6)
    params = row.init(whiten)
    centre = np.array([0.5, 1.0, -1.0])

    def mean(p):
        draw = lambda which: row.branch(p, jnp.zeros(1), whiten, which)  # noqa: E731
        return jnp.mean(jax.vmap(lambda which: -jnp.sum(jnp.cosh(draw(which) - centre)))(jnp.arange(6)))

    gradient = np.asarray(jax.jit(jax.grad(lambda p: -mean(p)))(jnp.asarray(params))).reshape(6, SIZE)
    particles = params.reshape(6, SIZE)
    slopes = -np.sinh(LOC + particles @ whiten.tril.T - centre) @ whiten.tril
    np.testing.assert_allclose(-6 * gradient, _stein(particles, slopes), rtol=1e-10)


def test_the_root_of_an_inverse_hessian_is_that_of_its_updates_one_by_one():
    source = np.random.default_rng(13)
    half = source.standard_normal((5, 5))
    scales, hessian = np.exp(source.standard_normal(5)), half @ half.T + np.eye(5)
    pairs = [(move, hessian @ move) for move in source.standard_normal((3, 5))]
    inverse = np.diag(scales)
    for move, change in pairs:
        left = np.eye(5) - np.outer(move, change) / (move @ change)
        inverse = left @ inverse @ left.T + np.outer(move, move) / (move @ change)
    diagonal_, ortho, inner = inverse_hessian_root(scales, pairs)
    root = diagonal_[:, None] * (np.eye(5) + ortho @ inner @ ortho.T)
    np.testing.assert_allclose(root @ root.T, inverse, rtol=1e-9)


def test_the_way_to_the_mode_of_a_gaussian_finds_it():
    covariance = ROOT @ ROOT.T
    precision = np.linalg.inv(covariance)

    def evaluate(points):
        offsets = points - LOC
        return 0.5 * np.sum(offsets @ precision * offsets, axis=1), offsets @ precision

    start = Point(np.zeros(SIZE), *(value[0] for value in evaluate(np.zeros((1, SIZE)))))
    point, root = propose(evaluate, [start], np.random.default_rng(0))
    np.testing.assert_allclose(point.x, LOC, atol=1e-6)
    widths = np.linalg.eigvals(np.linalg.solve(covariance, root @ root.T)).real
    np.testing.assert_allclose(widths, 1, atol=1e-6)
