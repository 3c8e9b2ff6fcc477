"""Every bijection: round trips, log determinants against automatic differentiation and NumPyro, extremes."""

from __future__ import annotations

import math
import subprocess
import sys
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from numpyro.distributions import biject_to, constraints

from svilang.catalog.bijectors import BIJECTORS, bijector_for
from svilang.types import KINDS, Interval, Kind, Structure
from svilang.types.intervals import COUNT, inf

LOWER, UPPER = -1.5, 2.5

ARGUMENTS = {"lower": LOWER, "upper": UPPER}


def bijector(word: str):
    """The row of a word of the language, with bounds that are expressions where the word takes any."""
    row = KINDS[word]
    return bijector_for(row.kind, "lower" in row.arguments, "upper" in row.arguments)


def arguments(row) -> list[float]:
    return [ARGUMENTS[name] for name in row.arguments]


SCALARS = ["real", "positive", "nonnegative", "negative", "unit", "interval", "lower", "upper", "circular"]
STRUCTURED = [name for name, row in KINDS.items() if row.kind.structure is not Structure.SCALAR]
SHAPES = [(word, ()) for word in SCALARS] + [
    (word, (k,) * KINDS[word].kind.structure.rank) for word in STRUCTURED for k in (1, 2, 3, 6)
]


def coordinates(word: str, x):
    """The elements in whose measure densities of the kind are written; for surfaces, an embedding of the same area."""
    if KINDS[word].kind.structure.rank == 2:
        return x[np.tril_indices(x.shape[-1], -1 if "corr" in word else 0)]
    return x[:-1] if word == "simplex" else x


NUMPYRO = {
    "real": constraints.real,
    "positive": constraints.positive,
    "unit": constraints.unit_interval,
    "interval": constraints.interval(LOWER, UPPER),
    "lower": constraints.greater_than(LOWER),
    "simplex": constraints.simplex,
    "ordered": constraints.ordered_vector,
    "zero_sum": constraints.zero_sum(1),
    "cholesky": constraints.lower_cholesky,
    "corr_cholesky": constraints.corr_cholesky,
    "cov": constraints.positive_definite,
    "corr": constraints.corr_matrix,
}
"""Kinds whose map is the same there. Else ours increases (negative, upper), takes fewer exponentials (positive
ordered), or there is none (unit vectors)."""


@dataclass(frozen=True)
class Tried:
    """What the maps give for a batch of random free values, in double precision."""

    z: Any
    x: Any
    again: Any
    once_more: Any
    log_det: Any
    jacobian: Any
    theirs: Any
    their_log_det: Any


@cache
def tried(word: str, shape: tuple[int, ...]) -> Tried:
    row = bijector(word)
    bounds = arguments(row)
    theirs = biject_to(NUMPYRO[word]) if word in NUMPYRO and shape[:1] != (1,) else None

    def compute(z):
        x = row.forward(z, *bounds)
        again = row.inverse(x, *bounds)
        slopes = jax.jacfwd(lambda z: coordinates(word, row.forward(z, *bounds)).ravel())
        out = x, again, row.forward(again, *bounds), row.log_det(z, x, *bounds), jax.vmap(slopes)(z)
        return out + ((theirs(z), theirs.log_abs_det_jacobian(z, theirs(z))) if theirs else (None, None))

    z = np.random.default_rng(2).normal(size=(BATCH, *row.free_shape(shape)))
    with jax.enable_x64(True):
        return Tried(z, *jax.tree.map(np.asarray, jax.jit(compute)(z)))


BATCH = 8


# --- the table ---------------------------------------------------------------------------------------------------


def test_every_continuous_kind_has_a_bijection_and_whole_numbers_have_none():
    assert {word for word in KINDS if bijector(word) is None} == {"integer", "count", "binary"}
    assert bijector_for(Kind(interval=COUNT, member="county"), False, False) is None
    assert {id(bijector(word)) for word in KINDS} - {id(None)} == set(map(id, BIJECTORS))


@pytest.mark.parametrize(
    ("interval", "lower", "upper", "takes"),
    [
        (Interval(), False, False, ()),
        (Interval(0, inf), False, False, ()),
        (Interval(0, inf, lower_open=True), False, False, ()),
        (Interval(-inf, 0), False, False, ()),
        (Interval(0, 1), False, False, ()),
        (Interval(0, 1, True, True), False, False, ()),
        (Interval(2, inf), False, False, ("lower",)),
        (Interval(-inf, 2), False, False, ("upper",)),
        (Interval(-1, 1), False, False, ("lower", "upper")),
        (Interval(), True, False, ("lower",)),
        (Interval(), False, True, ("upper",)),
        (Interval(), True, True, ("lower", "upper")),
        (Interval(0, inf), False, True, ("lower", "upper")),
        (Interval(0, inf), True, False, ("lower",)),
        (Interval(0, 1), True, False, ("lower", "upper")),
        (Interval(0, 1), False, True, ("lower", "upper")),
    ],
)
def test_bounds_decide_what_a_bijection_takes(interval, lower, upper, takes):
    row = bijector_for(Kind(interval=interval), lower, upper)
    assert row is not None
    assert row.arguments == takes


def test_the_table_loads_without_numpy_or_jax():
    code = "import sys, svilang.catalog.bijectors; print(sorted({'numpy', 'jax', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- the maps ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "shape"), SHAPES)
def test_there_and_back_is_the_identity_both_ways(word, shape):
    it = tried(word, shape)
    assert it.x.shape == (BATCH, *shape)
    np.testing.assert_allclose(it.again, it.z, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(it.once_more, it.x, rtol=1e-12, atol=1e-13)


def volume(jacobian: np.ndarray) -> np.ndarray:
    """Log of the volume that a unit cube of free values takes, be it on a surface among more elements."""
    gram = np.swapaxes(jacobian, -1, -2) @ jacobian
    return 0.5 * np.linalg.slogdet(gram)[1]


@pytest.mark.parametrize(("word", "shape"), SHAPES)
def test_the_log_determinant_is_that_of_the_jacobian(word, shape):
    it = tried(word, shape)
    free = math.prod(it.z.shape[1:])
    assert it.log_det.shape == (BATCH,)
    expected = volume(it.jacobian.reshape(BATCH, -1, free)) if free else np.zeros(BATCH)
    np.testing.assert_allclose(it.log_det, expected, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(("word", "shape"), [(word, shape) for word, shape in SHAPES if word in NUMPYRO])
def test_values_and_log_determinants_agree_with_numpyro(word, shape):
    it = tried(word, shape)
    if it.theirs is not None:
        np.testing.assert_allclose(it.x, it.theirs, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(it.log_det, it.their_log_det, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("word", SCALARS)
def test_maps_of_one_number_increase_and_are_said_to(word):
    row = bijector(word)
    assert row.elementwise_monotone
    with jax.enable_x64(True):
        x = np.asarray(row.forward(jnp.linspace(-12, 12, 200), *arguments(row)))
    assert np.all(np.diff(x) > 0)


@pytest.mark.parametrize("word", STRUCTURED)
def test_maps_of_tied_elements_are_not_called_monotone(word):
    assert not bijector(word).elementwise_monotone


# --- the kind ----------------------------------------------------------------------------------------------------


def belongs(word: str, x: np.ndarray, tolerance: float) -> bool:
    """Whether a value is of the kind, from the definition of the kind."""
    if KINDS[word].kind.structure.rank == 2:
        return _is_matrix_of(word, x.astype(float), tolerance)
    return {
        "real": lambda: True,
        "positive": lambda: np.all(x > 0),
        "nonnegative": lambda: np.all(x >= 0),
        "negative": lambda: np.all(x < 0),
        "unit": lambda: np.all((x > 0) & (x < 1)),
        "interval": lambda: np.all((x >= LOWER) & (x <= UPPER)),
        "circular": lambda: np.all((x >= LOWER) & (x <= UPPER)),
        "lower": lambda: np.all(x >= LOWER),
        "upper": lambda: np.all(x <= UPPER),
        "simplex": lambda: np.all(x > 0) and np.allclose(x.sum(-1), 1, atol=tolerance),
        "ordered": lambda: np.all(np.diff(x) > 0),
        "positive_ordered": lambda: np.all(np.diff(x) > 0) and np.all(x > 0),
        "unit_vector": lambda: np.allclose((x**2).sum(-1), 1, atol=tolerance),
        "zero_sum": lambda: np.allclose(x.sum(-1), 0, atol=tolerance * max(1, np.abs(x).max())),
    }[word]()


def _is_matrix_of(word: str, x: np.ndarray, tolerance: float) -> bool:
    if "cholesky" in word:
        diagonal = np.diagonal(x, axis1=-2, axis2=-1)
        unit_rows = word == "cholesky" or np.allclose((x**2).sum(-1), 1, atol=tolerance)
        return np.all(np.tril(x) == x) and np.all(diagonal > 0) and unit_rows
    unit_diagonal = word == "cov" or np.allclose(np.diagonal(x, axis1=-2, axis2=-1), 1, atol=tolerance)
    least = np.linalg.eigvalsh(x).min()
    symmetric = np.allclose(x, x.swapaxes(-1, -2), atol=tolerance * np.abs(x).max())
    return symmetric and unit_diagonal and least > -tolerance * np.abs(x).max()


@pytest.mark.parametrize(("word", "shape"), SHAPES)
def test_every_value_belongs_to_its_kind(word, shape):
    assert belongs(word, tried(word, shape).x, 1e-12)


LARGE = [(word, (100,)) for word in ("simplex", "unit_vector", "zero_sum")]
NEIGHBOURS_MEET = {"ordered", "positive_ordered", "cov", "lower", "upper"}
"""Kinds where a step of e^-30 beside a large element is less than one rounding."""


@pytest.mark.parametrize(("word", "shape"), [pair for pair in SHAPES if pair[1][:1] in {(), (6,)}] + LARGE)
def test_extremes_stay_finite_in_single_precision_with_finite_slopes(word, shape):
    row = bijector(word)
    signs = np.where(np.arange(math.prod(row.free_shape(shape))) % 3 == 1, -1, 1)
    z = np.multiply.outer([-30, 30, 0, 1], signs).reshape(4, *row.free_shape(shape)).astype("float32")

    def density(z):
        x = row.forward(z, *arguments(row))
        value = row.log_det(z, x, *arguments(row))
        return (value + 1e-30 * x.sum((*range(1, x.ndim),))).sum(), (value, x)

    slope, (value, x) = jax.jit(jax.grad(density, has_aux=True))(z)
    assert x.dtype == value.dtype == jnp.float32
    assert np.all(np.isfinite(value))
    assert np.all(np.isfinite(x))
    assert np.all(np.isfinite(slope))
    assert belongs(word, np.asarray(x[2:] if word in NEIGHBOURS_MEET else x), 1e-4)


def test_all_the_same_extremes_leave_a_simplex_positive():
    row = bijector("simplex")
    x = np.asarray(jax.jit(row.forward)(np.multiply.outer([-30, 30], np.ones(99)).astype("float32")))
    assert np.all(x > 0)
    np.testing.assert_allclose(x.sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize("k", [1, 2, 5, 100])
def test_zero_is_the_middle_of_a_simplex(k):
    with jax.enable_x64(True):
        x = jax.jit(bijector("simplex").forward)(jnp.zeros(k - 1))
    np.testing.assert_allclose(x, np.full(k, 1 / k), rtol=1e-12)


def test_zero_is_the_identity_for_factors_and_correlations():
    for word in ("cholesky", "corr_cholesky", "cov", "corr"):
        row = bijector(word)
        np.testing.assert_array_equal(jax.jit(row.forward)(np.zeros(row.free_shape((3, 3)))), np.eye(3))


def test_zero_sum_vectors_keep_lengths():
    it = tried("zero_sum", (6,))
    np.testing.assert_allclose(np.linalg.norm(it.x, axis=-1), np.linalg.norm(it.z, axis=-1), rtol=1e-13)


def test_a_chart_of_the_sphere_has_the_area_of_the_sphere():
    """The integral of the determinant over all free values is the area: 2 pi of the circle, 4 pi of the sphere."""
    row = bijector("unit_vector")
    step = 1e-3
    angle = np.arange(-math.pi / 2 + step / 2, math.pi / 2, step)
    with jax.enable_x64(True):
        z = jnp.asarray(np.tan(angle))[:, None]
        circle = np.sum(np.exp(row.log_det(z, row.forward(z))) * (1 + np.tan(angle) ** 2)) * step
        radius = np.tan(np.arange(0, math.pi / 2, step) + step / 2)
        z = jnp.asarray(np.stack([radius, 0 * radius], -1))
        jacobian = 2 * math.pi * radius * (1 + radius**2)
        sphere = np.sum(np.exp(row.log_det(z, row.forward(z))) * jacobian) * step
    assert circle == pytest.approx(2 * math.pi, rel=1e-3)
    assert sphere == pytest.approx(4 * math.pi, rel=1e-3)


def test_a_point_near_the_far_side_of_the_sphere_comes_back():
    row = bijector("unit_vector")
    z = jnp.asarray([[3e3, -4e3], [1e-3, 2e-3]], "float32")
    np.testing.assert_allclose(row.inverse(row.forward(z)), z, rtol=1e-5)


def test_bounds_may_differ_between_elements():
    row = bijector("interval")
    lower, upper = jnp.asarray([0.0, -1.0, 5.0]), jnp.asarray([1.0, 1.0, 9.0])
    z = jnp.zeros((2, 3))
    x = row.forward(z, lower, upper)
    np.testing.assert_allclose(x, np.broadcast_to((lower + upper) / 2, (2, 3)), rtol=1e-6)
    np.testing.assert_allclose(row.inverse(x, lower, upper), z, atol=1e-6)
    expected = np.log(np.asarray(upper - lower)) - math.log(4)
    np.testing.assert_allclose(row.log_det(z, x, lower, upper), np.broadcast_to(expected, (2, 3)), rtol=1e-5)


def test_slopes_reach_the_bounds():
    row = bijector("interval")
    slopes = jax.grad(lambda a, b: row.forward(jnp.asarray(0.0), a, b), argnums=(0, 1))(0.0, 2.0)
    np.testing.assert_allclose(slopes, (0.5, 0.5), rtol=1e-6)


def test_a_chance_is_never_quite_0_or_1():
    row = bijector("unit")
    x = np.asarray(row.forward(jnp.asarray([-1e3, 1e3], "float32")))
    assert x[0] > 0
    assert x[1] < 1
    assert np.all(np.isfinite(row.inverse(jnp.asarray(x))))
