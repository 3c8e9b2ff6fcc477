"""Which axis an index goes to: that of its dimension, and of several of one dimension each its own, in order."""

import itertools

import jax
import numpy as np
import pytest
from scipy import stats

import svilang

MENDEL = np.array(
    [
        [[1, 0, 0], [0.5, 0.5, 0], [0, 1, 0]],
        [[0.5, 0.5, 0], [0.25, 0.5, 0.25], [0, 0.5, 0.5]],
        [[0, 1, 0], [0, 0.5, 0.5], [0, 0, 1]],
    ]
)
"""The genotype of a child by the copies of an allele that its mother and its father have."""


@pytest.mark.parametrize(
    ("ann", "brian", "child"),
    [("", "", "mendel[Ann, Brian]"), (": mother", ": father", "mendel[Brian, Ann]")],
    ids=["by order", "by name"],
)
def test_two_indexes_of_one_dimension_take_its_axes_in_their_order(ann, brian, child):
    """The dimension of the outcome, with the name of both, comes last: neither of them is meant to take it."""
    text = f"""
    data {{
      dim gene = 3
      dim mother = gene
      dim father = gene
      mendel: simplex[mother, father, gene]
      ill: binary[kid] = [0, 1, 0]
    }}
    model {{
      q ~ Uniform(0, 1)
      founders = [q^2, 2 * q * (1 - q), (1 - q)^2] over gene
      Ann{ann} ~ Categorical(founders)
      Brian{brian} ~ Categorical(0.5 * founders + 0.5 * [1, 0, 0])
      plate kid {{
        child: gene ~ Categorical({child})
        observe ill ~ Bernoulli(0.9 if child == 2 else 0.1)
      }}
    }}
    """
    with jax.enable_x64(True):
        value = float(svilang.compile(text).bind({"mendel": MENDEL}).log_density({"q": np.array(0.3)}))
    founders = np.array([0.09, 0.42, 0.49])
    likely = np.array([[0.9, 0.9, 0.1], [0.1, 0.1, 0.9], [0.9, 0.9, 0.1]])
    total = 0.0
    for a, b in itertools.product(range(3), repeat=2):
        of_kids = np.prod(likely @ MENDEL[a, b])
        total += founders[a] * (0.5 * founders[b] + 0.5 * (b == 0)) * of_kids
    assert value == pytest.approx(np.log(total), abs=1e-12)


def test_an_index_leaves_an_axis_to_the_one_that_has_its_name():
    text = """
    data {
      dim to = ["a", "b"]
      dim start = to
      dim other = to
      cost: real[start, to] = [[1, 2], [3, 4]]
      x: other[i] = ["b", "a", "a"]
      z: start[i] = ["a", "a", "b"]
    }
    model { plate i { u ~ Normal(cost[x, z], 1) } }
    """
    with jax.enable_x64(True):
        value = float(svilang.compile(text).bind().log_density({"u": np.zeros(3)}))
    loc = np.array([[1, 2], [3, 4]])[[0, 0, 1], [1, 0, 0]]
    assert value == pytest.approx(-0.5 * np.sum(loc**2) - 1.5 * np.log(2 * np.pi), abs=1e-12)


X = np.array([[1.0, 2, 4], [8, 16, 32]])
OF_B, OF_N, OF_A = np.array([0, 1, 1]), np.array([2, 0]), np.array([2, 1])


@pytest.mark.parametrize(
    ("plates", "index", "wanted"),
    [
        ("n, b", "of_b, of_n", lambda n, b: X[OF_B[b], OF_N[n]]),
        ("n, b", "of_n, of_b", lambda n, b: X[OF_B[b], OF_N[n]]),
        ("a, b", "of_b, of_a", lambda a, b: X[OF_B[b], OF_A[a]]),
        ("b", "of_b, 0", lambda b: X[OF_B[b], 0]),
        ("b", "0, of_b", lambda b: X[OF_B[b], 0]),
    ],
    ids=["a chain of indexes", "in the other order", "each in the dimension of the other", "label last", "label first"],
)
def test_several_indexes_are_taken_at_once_and_their_order_means_nothing(plates, index, wanted):
    """An index does not meet the dimension that another one brings in."""
    text = f"""
    data {{
      dim a = 2   dim b = 3   dim n = 2
      x: real[a, b] = {X.tolist()}
      of_b: a[b] = {OF_B.tolist()}   of_n: b[n] = {OF_N.tolist()}   of_a: b[a] = {OF_A.tolist()}
      w: real[{plates}]
    }}
    model {{ m ~ Normal(0, 1)   {index_body(plates, index)} }}
    """
    sizes = [{"a": 2, "b": 3, "n": 2}[dim] for dim in plates.split(", ")]
    w = np.arange(1.0, 1 + np.prod(sizes)).reshape(sizes) ** 3
    with jax.enable_x64(True):
        value = float(svilang.compile(text).bind({"w": w}).log_density({"m": np.array(0.0)}))
    total = sum(w[at] * wanted(*at) for at in np.ndindex(*sizes))
    assert value == pytest.approx(total - 0.5 * np.log(2 * np.pi), rel=1e-12)


def index_body(plates, index):
    """A literal index stands where its dimension is free."""
    if "0" in index:
        return f"picked = x[{index}]   factor sum(w * picked)"
    return f"plate {plates} {{ factor w * x[{index}] }}"


def test_a_list_that_is_indexed_runs_over_the_dimension_of_its_index():
    text = """
    data {{ dim state = 2   y: real[t] = [0.1, 2.2, 1.7] }}
    model {{
      markov t {{ z ~ Categorical([0.6, 0.4] over state) then Categorical({}[prev(z)]) }}
      plate t {{ observe y ~ Normal({}[z], 1) }}
    }}
    """
    move = np.array([[0.9, 0.1], [0.3, 0.7]])
    model = svilang.compile(text.format("[[0.9, 0.1], [0.3, 0.7]]", "[-1, 2]")).bind()
    with jax.enable_x64(True):
        value = float(model.log_density({}))
    total = 0.0
    for path in np.ndindex(2, 2, 2):
        steps = [0.6, 0.4][path[0]] * move[path[0], path[1]] * move[path[1], path[2]]
        total += steps * stats.norm(np.array([-1, 2])[list(path)], 1).pdf([0.1, 2.2, 1.7]).prod()
    assert value == pytest.approx(np.log(total), rel=1e-10)
