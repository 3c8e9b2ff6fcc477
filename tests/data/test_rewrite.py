from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from data_cases import Nodes, item, law, observed, program
from scipy import stats

from svilang.catalog.functions import FUNCTIONS
from svilang.data import bind, compress, table
from svilang.ir.nodes import Along, Apply, Const, Dimension, Gather, Input, Latent, Reduce, Site
from svilang.ir.verify import verify
from svilang.types import Dim, Kind


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


# --- a small evaluator that shares nothing with the compiler ---------------------------------------------------------


def _aligned(x, dims, wanted):
    x = np.asarray(x)
    x = np.transpose(x, [dims.index(d) for d in wanted if d in dims])
    return np.expand_dims(x, tuple(i for i, d in enumerate(wanted) if d not in dims))


def _value(bound, latents, i):
    node = bound.program.nodes[i]
    args = [(_value(bound, latents, a), bound.program.nodes[a].dims) for a in node.args]
    match node.op:
        case Const(value):
            return np.asarray(value)
        case Input(name):
            return bound.arrays[name]
        case Latent(name):
            return latents[name]
        case Apply(function):
            return np.asarray(function.apply(*(jnp.asarray(_aligned(x, d, node.dims)) for x, d in args)))
        case Reduce(function, dim):
            return np.asarray(function.apply(jnp.asarray(args[0][0]), args[0][1].index(dim)))
        case Gather(dim):
            (x, d), (index, over) = args
            x = np.moveaxis(x, d.index(dim), 0)
            rest = tuple(one for one in d if one != dim)
            if not set(over) & set(rest):
                return np.transpose(x[index], [(*over, *rest).index(one) for one in node.dims])
            assert over == rest
            return np.take_along_axis(x, index[None], 0)[0]
    raise AssertionError(node.op)


def log_density(bound, latents):
    """The sum of all observations, from SciPy; of grouped ones from their statistics."""
    total = 0.0
    for one in bound.program.observations:
        dims = [bound.program.nodes[a].dims for a in one.law.args]
        args = [_aligned(_value(bound, latents, a), d, one.plates) for a, d in zip(one.law.args, dims, strict=True)]
        shape = tuple(bound.sizes[d.name] for d in one.plates)
        if one.grouped:
            kept = {d.name: d.dims for d in bound.program.data}
            own = [tuple(d for d in kept[name] if d not in one.plates) for name in one.grouped]
            summaries = tuple(
                jnp.asarray(_aligned(bound.arrays[name], kept[name], (*one.plates, *more)))
                for name, more in zip(one.grouped, own, strict=True)
            )
            form = one.law.row.forms[one.law.form]
            terms = np.asarray(form.grouped.log_prob(summaries, *map(jnp.asarray, args)))
        else:
            value = _aligned(_value(bound, latents, one.value), bound.program.nodes[one.value].dims, one.plates)
            terms = SCIPY[one.law.row.name](value, *args)
        terms = np.broadcast_to(terms, shape)
        for extra in (one.mask, one.weight):
            if extra is not None:
                terms = terms * _aligned(_value(bound, latents, extra), bound.program.nodes[extra].dims, one.plates)
        for name in one.optional:
            terms = terms * bound.present[name]
        total += terms.sum()
    return total


SCIPY = {
    "Normal": lambda y, loc, scale: stats.norm.logpdf(y, loc, scale),
    "StudentT": lambda y, df, loc, scale: stats.t.logpdf(y, df, loc, scale),
    "Bernoulli": lambda y, p: stats.bernoulli.logpmf(y, p),
    "Poisson": lambda y, rate: stats.poisson.logpmf(y, rate),
    "Binomial": lambda y, n, p: stats.binom.logpmf(y, n, p),
    "LogNormal": lambda y, loc, scale: stats.lognorm.logpdf(y, scale, scale=np.exp(loc)),
    "Gamma": lambda y, a, rate: stats.gamma.logpdf(y, a, scale=1 / rate),
}


def made(nodes, data, observations, given):
    """Bind a program in which every latent has a standard Normal prior."""
    used = {node.op.name: node.dims for node in nodes.made if isinstance(node.op, Latent)}
    prior = law("Normal", nodes.const(0), nodes.const(1))
    sites = tuple(Site(name, prior, dims, len(dims), Kind()) for name, dims in used.items())
    rest = tuple(Dimension(dim.name) for dims in used.values() for dim in dims)
    known = {dim.name for one in data for dim in one.dims} | {one.kind.member for one in data}
    declared = tuple(one for one in dict.fromkeys(rest) if one.name not in known)
    one = program(*data, nodes=tuple(nodes.made), dimensions=declared)
    one = replace(one, sites=sites, observations=tuple(observations))
    verify(one)
    return bind(one, {"": table(given)})


def same(before, latents, **more):
    """Compress, check that the density stays, and return what came out."""
    after, notes = compress(before, **more)
    verify(after.program)
    np.testing.assert_allclose(log_density(after, latents), log_density(before, latents), rtol=1e-10)
    return after, notes


# --- data ------------------------------------------------------------------------------------------------------------

RNG = np.random.default_rng(7)
N, J = 200, 4
COUNTY, FLOOR = RNG.integers(0, J, N), RNG.integers(0, 2, N)
GIVEN = {"y": RNG.normal(size=N) + 1e3, "county": COUNTY, "floor": FLOOR, "u": RNG.normal(size=J)}
DATA = item("y", over="obs"), item("county", "county", "obs"), item("floor", "binary", "obs"), item("u", over="county")
LATENTS = {"alpha": RNG.normal(size=J) + 1e3, "beta": np.float64(0.7), "sigma": np.float64(1.3)}


def radon(*, also=None, **more):
    """`observe y ~ Normal(alpha[county] + beta * floor + u[county], sigma)`."""
    n = Nodes()
    y, county, floor, u = map(n.input, DATA)
    eta = n.apply("+", n.gather("county", n.latent("alpha", "county"), county), n.apply("*", n.latent("beta"), floor))
    eta = n.apply("+", eta, n.gather("county", u, county))
    if also is not None:
        eta = n.apply("+", eta, also(n, y))
    return made(n, DATA, [observed("y", y, law("Normal", eta, n.latent("sigma")), "obs", **more)], GIVEN)


def test_rows_with_equal_parameters_enter_through_their_statistics():
    after, notes = same(radon(), LATENTS)
    groups = len(set(zip(COUNTY, FLOOR, strict=True)))
    assert after.sizes["obs@y"] == groups == 8
    (one,) = after.program.observations
    assert [after.arrays[name].shape for name in one.grouped] == [(8,)] * 3
    assert after.arrays[one.grouped[0]].sum() == N
    assert notes == ("observe `y`: 200 rows in 8 groups of equal parameters, as sufficient statistics of Normal",)


def test_the_original_data_and_reports_stay_as_they_were():
    before = radon()
    after, _ = compress(before)
    for name, array in before.arrays.items():
        assert after.arrays[name] is array
    assert after.program.nodes[: len(before.program.nodes)] == before.program.nodes
    assert after.digest != before.digest


def test_compressing_twice_changes_nothing():
    after, _ = compress(radon())
    again, notes = compress(after)
    assert again is after
    assert notes == ()


def test_it_can_be_switched_off():
    before = radon()
    assert compress(before, rewrites=()) == (before, ())
    assert compress(before, keep={"obs"}) == (before, ())


def test_nothing_happens_where_rows_differ():
    n = Nodes()
    y, x = item("y", over="obs"), item("x", over="obs")
    value, eta = n.input(y), n.apply("*", n.latent("beta"), n.input(x))
    before = made(
        n, (y, x), [observed("y", value, law("Normal", eta, n.const(1)), "obs")], {"y": GIVEN["y"], "x": GIVEN["y"]}
    )
    assert compress(before, rewrites=("statistics", "rows")) == (before, ())


def test_a_latent_of_its_own_for_each_row_prevents_it():
    before = radon(also=lambda n, y: n.latent("eps", "obs"))
    assert compress(before) == (before, ())


@pytest.mark.parametrize("op", [Along(FUNCTIONS["cumsum"], Dim("obs"))])
def test_a_function_along_the_rows_prevents_it(op):
    before = radon(
        also=lambda n, y: n.add(op, (n.made.index(next(m for m in n.made if m.op == Input("floor"))),), "obs")
    )
    assert compress(before) == (before, ())


def test_a_mean_over_all_rows_is_one_number_and_does_not_prevent_it():
    after, _ = same(radon(also=lambda n, y: n.add(Reduce(FUNCTIONS["mean"], Dim("obs")), (y,))), LATENTS)
    assert after.program.observations[0].grouped


def test_constant_parameters_give_one_group():
    n = Nodes()
    y = item("y", "binary", "toss")
    value = n.input(y)
    before = made(n, (y,), [observed("y", value, law("Bernoulli", n.latent("p")), "toss")], {"y": FLOOR})
    after, _ = same(before, {"p": np.float64(0.3)})
    assert after.sizes["toss@y"] == 1


@pytest.mark.parametrize("plates", ["person occasion", "occasion person"])
def test_a_second_plate_keeps_its_place(plates):
    n = Nodes()
    y = item("y", "count", "person occasion")
    value = n.input(y)
    before = made(
        n,
        (y,),
        [observed("y", value, law("Poisson", n.latent("rate", "occasion")), plates)],
        {"y": RNG.poisson(3.0, size=(50, 3))},
    )
    after, _ = same(before, {"rate": np.array([2.0, 3.0, 4.5])})
    assert after.sizes["person@y"] == 1
    assert len(after.program.observations[0].plates) == 2


def test_statistics_with_an_axis_of_their_own_get_a_dimension():
    n = Nodes()
    y, total, g = item("y", "count", "obs"), item("n", "count", "obs"), item("g", "group", "obs")
    value, of, by = map(n.input, (y, total, g))
    p = n.gather("group", n.latent("p", "group"), by)
    given = {"n": np.full(40, 6), "g": np.arange(40) % 3, "y": RNG.binomial(6, 0.4, 40)}
    before = made(n, (y, total, g), [observed("y", value, law("Binomial", of, p), "obs")], given)
    same(before, {"p": np.array([0.2, 0.5, 0.6])})


def test_equal_rows_of_a_law_without_statistics_are_counted():
    n = Nodes()
    y, g = item("y", over="obs"), item("g", "group", "obs")
    value, by = n.input(y), n.input(g)
    mu = n.gather("group", n.latent("mu", "group"), by)
    given = {"y": RNG.integers(0, 5, 300) / 2, "g": RNG.integers(0, 3, 300)}
    before = made(n, (y, g), [observed("y", value, law("StudentT", n.const(4.0), mu, n.latent("s")), "obs")], given)
    after, notes = same(before, {"mu": np.array([0.1, 0.2, 0.3]), "s": np.float64(0.8)})
    assert after.sizes["obs@y"] == 15
    assert after.program.observations[0].weight is not None
    assert "15 distinct" in notes[0]


def test_an_outcome_that_is_an_expression_of_data_is_worked_out():
    n = Nodes()
    y, floor = item("y", "positive", "obs"), item("floor", "binary", "obs")
    value = n.apply("log", n.input(y))
    eta = n.apply("*", n.latent("beta"), n.input(floor))
    given = {"y": GIVEN["y"], "floor": FLOOR}
    before = made(n, (y, floor), [observed("log_y", value, law("Normal", eta, n.latent("sigma")), "obs")], given)
    after, _ = same(before, LATENTS)
    assert after.program.observations[0].grouped


def test_impossible_outcomes_stay_impossible():
    n = Nodes()
    y = item("y", over="obs")
    value = n.input(y)
    before = made(
        n, (y,), [observed("y", value, law("LogNormal", n.latent("m"), n.const(1)), "obs")], {"y": [0.0, 1, 2] * 4}
    )
    after, _ = same(before, {"m": np.float64(0.3)})
    assert after.program.observations[0].grouped == ()
    assert log_density(after, {"m": np.float64(0.3)}) == -np.inf


def test_rows_that_are_masked_or_missing_are_left_out():
    n = Nodes()
    y, g, use = item("y", over="obs", optional=True), item("g", "group", "obs"), item("use", "binary", "obs")
    value, by, mask = map(n.input, (y, g, use))
    mu = n.gather("group", n.latent("mu", "group"), by)
    given = {"y": np.where(np.arange(60) % 7 == 0, np.nan, RNG.normal(size=60)), "g": np.arange(60) % 5}
    given["use"] = (given["g"] != 2) & (np.arange(60) % 2 == 0)
    one = observed("y", value, law("Normal", mu, n.latent("s")), "obs", mask=mask, optional=("y",))
    after, _ = same(made(n, (y, g, use), [one], given), {"mu": RNG.normal(size=5), "s": np.float64(0.8)})
    assert after.sizes["obs@y"] == 4
    (found,) = after.program.observations
    assert (found.mask, found.optional) == (None, ())


def test_weights_are_added_up():
    n = Nodes()
    y, w = item("y", "binary", "obs"), item("w", "positive", "obs")
    value, weight = n.input(y), n.input(w)
    one = observed("y", value, law("Bernoulli", n.latent("p")), "obs", weight=weight)
    after, _ = same(made(n, (y, w), [one], {"y": FLOOR, "w": RNG.uniform(1, 2, N)}), {"p": np.float64(0.3)})
    assert after.sizes["obs@y"] == 2


def test_a_covariate_that_may_be_missing_prevents_it():
    n = Nodes()
    y, x = item("y", over="obs"), item("x", "binary", "obs", optional=True)
    value, eta = n.input(y), n.apply("*", n.latent("beta"), n.input(x))
    given = {"y": RNG.normal(size=20), "x": [0.0, np.nan] * 10}
    before = made(n, (y, x), [observed("y", value, law("Normal", eta, n.const(1)), "obs", optional=("x",))], given)
    assert compress(before) == (before, ())


def test_a_matrix_of_covariates_is_compared_row_by_row():
    n = Nodes()
    y, X = item("y", over="obs"), item("X", "binary", "obs feature")
    value = n.input(y)
    eta = n.add(Reduce(FUNCTIONS["sum"], Dim("feature")), (n.apply("*", n.input(X), n.latent("b", "feature")),), "obs")
    given = {"y": RNG.normal(size=100), "X": RNG.integers(0, 2, (100, 3))}
    before = made(n, (y, X), [observed("y", value, law("Normal", eta, n.const(2)), "obs")], given)
    after, _ = same(before, {"b": RNG.normal(size=3)}, rewrites=("statistics",))
    assert after.arrays["X@y"].shape == (8, 3)


def test_two_observations_are_compressed_one_after_the_other():
    n = Nodes()
    y, z, g = item("y", over="obs"), item("z", "count", "obs"), item("g", "group", "obs")
    first, second, by = map(n.input, (y, z, g))
    mu = n.gather("group", n.latent("mu", "group"), by)
    both = [
        observed("y", first, law("Normal", mu, n.latent("s")), "obs"),
        observed("z", second, law("Poisson", n.latent("s")), "obs"),
    ]
    given = {"y": RNG.normal(size=30), "z": RNG.poisson(2.0, 30), "g": np.arange(30) % 4}
    after, notes = same(made(n, (y, z, g), both, given), {"mu": RNG.normal(size=4), "s": np.float64(0.8)})
    assert len(notes) == 2
    assert (after.sizes["obs@y"], after.sizes["obs@z"]) == (4, 1)


def test_random_models_keep_their_density():
    for seed in range(25):
        rng = np.random.default_rng(seed)
        rows = int(rng.integers(1, 60))
        n = Nodes()
        y, x, g = item("y", "count", "obs"), item("x", over="obs"), item("g", "group", "obs", base=0)
        value, covariate, by = map(n.input, (y, x, g))
        eta = n.latent("a")
        for part in rng.permutation(3)[: rng.integers(0, 4)]:
            more = (
                n.apply("*", n.latent("b"), covariate),
                n.gather("group", n.latent("c", "group"), by),
                n.apply("*", covariate, n.gather("group", n.latent("c", "group"), by)),
            )[part]
            eta = n.apply("+", eta, more)
        likelihood = (law("Poisson", n.apply("exp", eta)), law("Gamma", n.const(2.0), n.apply("exp", eta)))[seed % 2]
        given = {"y": rng.integers(1, 4, rows), "x": rng.integers(0, 3, rows) / 2, "g": rng.integers(0, 3, rows)}
        before = made(n, (y, x, g), [observed("y", value, likelihood, "obs")], given)
        latents = {"a": rng.normal(), "b": rng.normal(), "c": rng.normal(size=before.sizes["group"])}
        same(before, latents)
