"""Values of nodes against NumPy, both from data alone and below a latent."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from lowering_programs import Writer, dims
from scipy import special

from svilang.catalog.distributions import DISTRIBUTIONS as D
from svilang.catalog.function import Function, Role
from svilang.ir import nodes as ir
from svilang.lower import lower
from svilang.lower.axes import total
from svilang.types import KINDS, Interval, Kind

MEMBER = KINDS["count"].kind
RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def value(w: Writer, node: int, **latents):
    """The value of a node as a report of one draw."""
    w.report("wanted", node)
    target = lower(w.bind()).target
    prepared = jax.jit(target.prepare)(target.data)
    draws = jax.jit(target.draws)
    return np.asarray(draws(prepared, jnp.zeros(target.size), target.theta, latents)[0]["wanted"])


@pytest.fixture(params=["data", "latent", "mixed"])
def given(request):
    """Adds an array to a program, as data or as a latent whose value is given; ``mixed``: ``y`` is the latent."""
    latents = {}

    def add(w: Writer, name: str, axes: str, array):
        w.sizes.update(zip(axes.split(), np.shape(array), strict=True))
        if request.param == "data" or (request.param == "mixed" and name != "y"):
            return w.data(name, axes, array)
        latents[name] = jnp.asarray(array)
        return w.site(name, w.law(D["Normal"], 0.0, 1.0), axes)

    add.latents = latents
    return add


def test_elementwise_functions_align_by_name(given):
    w = Writer()
    x, y = RNG.normal(size=(2, 3)), RNG.normal(size=(3, 4))
    node = w.apply("+", given(w, "x", "a b", x), given(w, "y", "b c", y))
    np.testing.assert_allclose(value(w, node, **given.latents), x[:, :, None] + y)


def test_a_reduction_takes_the_axis_by_name(given):
    w = Writer()
    x = RNG.normal(size=(2, 3, 4))
    node = given(w, "x", "a b c", x)
    np.testing.assert_allclose(value(w, w.reduce("logsumexp", node, "b"), **given.latents), special.logsumexp(x, 1))
    w = Writer()
    node = w.along("cumsum", given(w, "x", "a b c", x), "b")
    np.testing.assert_allclose(value(w, node, **given.latents), np.cumsum(x, 1))


def test_matrix_functions_see_their_event_axes_last(given):
    w = Writer()
    a = RNG.normal(size=(2, 3, 3))
    a = a @ a.transpose(0, 2, 1) + np.eye(3)
    b = RNG.normal(size=(3, 4, 2))
    x, y = given(w, "x", "g k j", a), given(w, "y", "k p g", b)
    x = w.relabel(x, "j", "k'")
    node = w.matrix("solve", [x, y], ["k k'", "k"], "k")
    assert w.nodes[node].dims == dims("g p k")
    wanted = np.stack([np.linalg.solve(a[g], b[:, :, g]).T for g in range(2)])
    np.testing.assert_allclose(value(w, node, **given.latents), wanted, rtol=1e-10)


@pytest.mark.parametrize(
    ("left", "right", "pattern"),
    [
        ("n k", "k", "nk,k->n"),
        ("k", "n k", "k,nk->n"),
        ("n k", "k m", "nk,km->nm"),
        ("g n k", "g k", "gnk,gk->gn"),
        ("g k", "n g k", "gk,ngk->gn"),
        ("k n g", "g k m", "kng,gkm->ngm"),
    ],
)
def test_a_contraction_is_a_batched_product(given, left, right, pattern):
    sizes = {"n": 5, "k": 3, "m": 2, "g": 4}
    x = RNG.normal(size=[sizes[d] for d in left.split()])
    y = RNG.normal(size=[sizes[d] for d in right.split()])
    w = Writer()
    node = w.contract(given(w, "x", left, x), given(w, "y", right, y), "k", "k")
    np.testing.assert_allclose(value(w, node, **given.latents), np.einsum(pattern, x, y), rtol=1e-12)


def test_a_product_of_squares_contracts_the_second_axis_with_the_first(given):
    w = Writer()
    x, y = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3))
    a = w.relabel(given(w, "x", "k i", x), "i", "k'")
    b = w.relabel(given(w, "y", "k j", y), "j", "k'")
    node = w.contract(a, b, "k'", "k")
    assert w.nodes[node].dims == dims("k k'")
    np.testing.assert_allclose(value(w, node, **given.latents), x @ y, rtol=1e-12)


def test_an_index_replaces_its_dimension(given):
    w = Writer()
    x, i = RNG.normal(size=(3, 5, 2)), RNG.integers(0, 5, size=(4, 6))
    node = w.gather(given(w, "x", "a b c", x), "b", w.data("i", "m n", i, MEMBER))
    np.testing.assert_allclose(value(w, node, **given.latents), x[:, i, :])


def test_an_index_aligns_with_the_dimensions_that_stay(given):
    w = Writer()
    x, i = RNG.normal(size=(3, 5, 2)), RNG.integers(0, 5, size=(6, 2, 3))
    node = w.gather(given(w, "x", "a b c", x), "b", w.data("i", "n c a", i, MEMBER))
    a, _, c = np.ogrid[:3, :6, :2]
    np.testing.assert_allclose(value(w, node, **given.latents), x[a, i.transpose(2, 0, 1), c])
    assert w.nodes[node].dims == dims("a n c")


def test_several_indexes_reach_through_a_ragged_table(given):
    """``confusion[annotator, truth[item]]`` over judgements, as in Dawid and Skene's model."""
    w = Writer()
    confusion = RNG.normal(size=(4, 3, 3))
    annotator, item = RNG.integers(0, 4, 9), RNG.integers(0, 6, 9)
    truth = RNG.integers(0, 3, 6)
    x = given(w, "confusion", "annotator class to", confusion)
    person = w.data("annotator", "judgement", annotator, MEMBER)
    thing = w.data("item", "judgement", item, MEMBER)
    label = w.gather(w.data("truth", "item", truth, MEMBER), "item", thing)
    node = w.gather(w.gather(x, "annotator", person), "class", label)
    np.testing.assert_allclose(value(w, node, **given.latents), confusion[annotator, truth[item]])


def test_an_index_into_a_dimension_that_an_index_brought_in(given):
    """``x[i][j]`` where ``i`` brings in the dimension that ``j`` indexes cannot be one look-up of ``x``."""
    w = Writer()
    x, i, j = RNG.normal(size=(5,)), RNG.integers(0, 5, 4), RNG.integers(0, 4, 7)
    inner = w.gather(given(w, "x", "a", x), "a", w.data("i", "b", i, MEMBER))
    node = w.gather(inner, "b", w.data("j", "c", j, MEMBER))
    np.testing.assert_allclose(value(w, node, **given.latents), x[i][j])


def test_an_index_may_reach_across_its_own_plate(given):
    w = Writer()
    x, neighbour = RNG.normal(size=(5, 2)), RNG.integers(0, 5, 5)
    node = w.gather(given(w, "x", "county axis", x), "county", w.data("neighbour", "county", neighbour, MEMBER))
    np.testing.assert_allclose(value(w, node, **given.latents), x[neighbour])


def test_a_label_is_a_position_and_a_negative_one_counts_from_the_end(given):
    w = Writer(labels={"b": ("low", "middle", "high")})
    x = RNG.normal(size=(2, 3))
    node = given(w, "x", "a b", x)
    picked = w.apply("-", w.gather(node, "b", w.label("b", "middle")), w.gather(node, "b", w.label("b", -1)))
    np.testing.assert_allclose(value(w, picked, **given.latents), x[:, 1] - x[:, 2])


def test_gathers_become_one_and_slices_come_first():
    w = Writer()
    b = w.site("b", w.law(D["Normal"], 0.0, 1.0), "county effect")
    w.sizes.update(county=5, effect=2)
    county = w.data("county", "obs", RNG.integers(0, 5, 20), MEMBER)
    w.factor(w.gather(w.gather(b, "county", county), "effect", w.label("effect", 1)), "obs")
    target = lower(w.bind()).target
    prepared = target.prepare(target.data)
    text = str(jax.make_jaxpr(lambda z: target.log_density(prepared, z, target.theta, None))(jnp.zeros(10)))
    assert text.count("gather[") == 1
    assert "f64[20,2]" not in text


def test_lists_fills_and_positions():
    w = Writer(sizes={"a": 3})
    s = w.data("s", "g", [1.0, 2.0])
    listed = w.stack("c", 1.5, w.apply("*", 2.0, s))
    np.testing.assert_allclose(value(w, listed), [[1.5, 1.5], [2, 4]])
    w = Writer(sizes={"a": 3, "g": 2})
    s = w.data("s", "g", [1.0, 2.0])
    made = w.apply("+", w.fill("full", "a", s), w.apply("*", w.fill("position", "a"), w.fill("size", "g")))
    np.testing.assert_allclose(value(w, made), [[1, 3, 5], [2, 4, 6]])
    w = Writer(sizes={"a": 3})
    np.testing.assert_allclose(value(w, w.fill("eye", "a")), np.eye(3))


def test_a_relabelled_axis_no_longer_aligns(given):
    w = Writer()
    x = RNG.normal(size=3)
    node = given(w, "x", "a", x)
    w.sizes["b"] = 3
    outer = w.apply("*", node, w.relabel(node, "a", "b"))
    np.testing.assert_allclose(value(w, outer, **given.latents), np.outer(x, x))


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_lag_shifts_and_fills_the_start(given, steps):
    w = Writer()
    x = RNG.normal(size=(2, 4))
    node = w.lag(given(w, "x", "g t", x), "t", steps, 0.5)
    wanted = np.concatenate([np.full((2, min(steps, 4)), 0.5), x[:, : max(4 - steps, 0)]], axis=1)
    np.testing.assert_allclose(value(w, node, **given.latents), wanted)


def counting(calls):
    def apply(x):
        calls.append(x)
        return x * 2

    return Function("twice", Role.ELEMENTWISE, ("x",), apply, lambda x: x + x, "counts its calls")


def test_shared_nodes_are_made_once_and_dead_ones_never():
    calls, dead = [], []
    w = Writer(sizes={"a": 3})
    x = w.site("x", w.law(D["Normal"], 0.0, 1.0), "a")
    shared = w.node(ir.Apply(counting(calls)), (x,), dims("a"))
    w.node(ir.Apply(counting(dead)), (x,), dims("a"))
    unused = w.data("unused", "a", np.ones(3))
    w.node(ir.Apply(counting(dead)), (unused,), dims("a"))
    w.factor(w.apply("+", shared, w.apply("exp", shared)), "a")
    w.observe("x2", shared, w.law(D["Normal"], shared, 1.0), "a")
    target = lower(w.bind()).target
    prepared = target.prepare(target.data)
    target.log_density(prepared, jnp.zeros(3), target.theta, None)
    assert (len(calls), dead) == (1, [])
    assert "unused" not in target.data


def test_what_depends_on_data_alone_is_made_while_preparing():
    calls = []
    w = Writer()
    y = w.data("y", "a", np.ones(3))
    s = w.site("s", w.law(D["Normal"], 0.0, 1.0))
    twice = w.node(ir.Apply(counting(calls)), (y,), dims("a"))
    w.observe("y", y, w.law(D["Normal"], w.apply("+", s, twice), 1.0), "a")
    target = lower(w.bind()).target
    prepared = target.prepare(target.data)
    for _ in range(3):
        target.log_density(prepared, jnp.zeros(1), target.theta, None)
    assert len(calls) == 1


def test_a_sum_counts_the_members_that_share_a_term():
    assert total(jnp.ones((1, 3)), (5, 3)) == 15
    assert total(2.0, (4,)) == 8
    assert total(jnp.ones((0,)), (0,)) == 0
    assert total(jnp.ones((1,)), (0,)) == 0


def test_sums_of_large_counts_do_not_wrap_around():
    w = Writer()
    people = w.data("people", "town", np.full(3000, 2_000_000), KINDS["count"].kind)
    assert value(w, w.reduce("sum", people, "town")) == 6e9


def test_a_kind_with_a_member_is_an_index_even_when_it_is_computed():
    w = Writer(sizes={"b": 2})
    x = w.data("x", "b", [10.0, 20.0])
    y = w.data("y", "a", [1.0, -1.0, 3.0])
    positive = w.node(ir.Apply(w_function(">")), (y, w.of(0.0)), dims("a"), Kind(interval=Interval(0, 1, integer=True)))
    np.testing.assert_allclose(value(w, w.gather(x, "b", positive)), [20, 10, 20])


def w_function(name):
    from svilang.catalog.functions import FUNCTIONS

    return FUNCTIONS[name]
