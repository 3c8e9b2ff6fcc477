"""Every function against NumPy and SciPy, in value, precision, slope and in the interval it promises."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from function_cases import ELEMENTWISE, FILLS, MATRICES, REDUCTIONS

from svilang.catalog.function import Role
from svilang.catalog.functions import ALIASES, FUNCTIONS
from svilang.types import KINDS, Interval
from svilang.types.intervals import BINARY, COUNT, NEGATIVE, NONNEGATIVE, POSITIVE, REAL, UNIT, inf, point

OPEN_UNIT = Interval(0, 1, lower_open=True, upper_open=True)


def names(*roles: Role) -> list[str]:
    return [name for name, row in FUNCTIONS.items() if row.role in roles and name not in ALIASES]


def draws(name: str, size: int = 64) -> list[np.ndarray]:
    rng = np.random.default_rng(sum(map(ord, name)))
    return [
        rng.integers(low, high, size, endpoint=True) if isinstance(low, int) else rng.uniform(low, high, size)
        for low, high in ELEMENTWISE[name].ranges
    ]


def ndim(axes: tuple[str, ...]) -> tuple[int, ...]:
    return tuple({"n": 4, "m": 3}[axis] for axis in axes)


def matrix_arguments(name: str, batch: int = 2) -> list[np.ndarray]:
    """Squares are positive definite, so that each function of a square has a value."""
    rng = np.random.default_rng(sum(map(ord, name)))
    arguments, _ = FUNCTIONS[name].signature
    values = [rng.normal(size=(batch, *ndim(axes))) for axes in arguments]
    return [x @ x.transpose(0, 2, 1) + np.eye(4) if axes == ("n", "n") else x for x, axes in zip(values, arguments)]


# --- completeness ----------------------------------------------------------------------------------------------------


def test_every_row_has_a_case():
    assert set(ELEMENTWISE) == set(names(Role.ELEMENTWISE))
    assert set(REDUCTIONS) == set(names(Role.REDUCE, Role.ALONG))
    assert set(MATRICES) == set(names(Role.MATRIX))
    assert set(FILLS) == set(names(Role.FILL))


def test_every_row_says_what_it_is_and_an_alias_is_its_row():
    assert all(row.summary for row in FUNCTIONS.values())
    for alias, name in ALIASES.items():
        assert FUNCTIONS[alias] is FUNCTIONS[name]
        assert FUNCTIONS[name].name == name
    for name in set(FUNCTIONS) - set(ALIASES):
        assert FUNCTIONS[name].name == name


def test_domains_and_signatures_have_an_entry_for_each_argument():
    for row in FUNCTIONS.values():
        assert row.domain is None or len(row.domain) == len(row.params)
        assert (row.signature is not None) == (row.role in {Role.MATRIX, Role.FILL})
        if row.signature:
            assert len(row.signature[0]) == len(row.params) - len(row.dims)


def test_the_table_loads_without_numpy_or_jax():
    code = "import sys, svilang.catalog.functions; print(sorted({'numpy', 'jax', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_an_elementwise_function_agrees_with_scipy(name):
    arguments = draws(name)
    expected = ELEMENTWISE[name].oracle(*arguments)
    with jax.enable_x64(True):
        result = np.asarray(jax.jit(FUNCTIONS[name].apply)(*arguments))
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_function_along_a_dimension_agrees_with_numpy_on_every_axis(name):
    x = np.random.default_rng(1).normal(size=(3, 4, 5))
    if FUNCTIONS[name].domain == (BINARY,):
        x = x > 0
    with jax.enable_x64(True):
        results = jax.jit(lambda x: [FUNCTIONS[name].apply(x, axis) for axis in (0, 1, -1)])(x)
    for axis, result in zip((0, 1, -1), results, strict=True):
        np.testing.assert_allclose(np.asarray(result), REDUCTIONS[name](x, axis), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", MATRICES)
def test_a_matrix_function_agrees_with_numpy_over_a_batch(name):
    arguments = matrix_arguments(name)
    with jax.enable_x64(True):
        result = np.asarray(jax.jit(FUNCTIONS[name].apply)(*arguments))
    assert result.shape == (2, *ndim(FUNCTIONS[name].signature[1]))
    np.testing.assert_allclose(result, MATRICES[name](*arguments), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in MATRICES if len(FUNCTIONS[name].params) == 2])
def test_a_matrix_function_broadcasts_its_batch(name):
    first, second = matrix_arguments(name)
    one_and_many = FUNCTIONS[name].apply(jnp.asarray(first[0]), jnp.asarray(second))
    np.testing.assert_allclose(one_and_many, MATRICES[name](np.stack([first[0]] * 2), second), rtol=2e-4, atol=1e-4)


@pytest.mark.parametrize("name", FILLS)
def test_a_fill_has_the_sizes_of_its_dimensions(name):
    sizes, values, expected = FILLS[name]
    np.testing.assert_allclose(FUNCTIONS[name].apply(sizes, *values), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("count", range(1, 9))
def test_splines_sum_to_one_between_the_ends_and_are_those_of_scipy(count):
    import scipy.interpolate

    x, degree = np.linspace(-1, 2, 31)[:-1], min(3, count - 1)
    step = 3.0 / (count - degree)
    knots = -1 + step * np.arange(-degree, count + 1)
    with jax.enable_x64(True):
        made = np.asarray(FUNCTIONS["bspline"].apply((count,), jnp.asarray(x), -1.0, 2.0))
    np.testing.assert_allclose(made.sum(1), 1, rtol=1e-12)
    expected = scipy.interpolate.BSpline.design_matrix(x, knots, degree).toarray()
    np.testing.assert_allclose(made, expected, atol=1e-12)


def test_filling_with_a_batch_of_values_puts_the_dimensions_last():
    np.testing.assert_array_equal(FUNCTIONS["full"].apply((2, 2), jnp.arange(3.0))[1], np.ones((2, 2)))


def result_type(name: str, *arguments: object) -> object:
    """The precision of a result where single and double are both at hand; nothing is computed."""
    arrays = [x for x in arguments if isinstance(x, jax.ShapeDtypeStruct)]
    with jax.enable_x64(True):
        return jax.eval_shape(
            lambda *given: FUNCTIONS[name].apply(
                *[given[arrays.index(x)] if isinstance(x, jax.ShapeDtypeStruct) else x for x in arguments]
            ),
            *arrays,
        ).dtype


def single(*shape: int) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, jnp.float32)


OF_TRUTH = {"<", "<=", ">", ">=", "==", "!=", "and", "or", "not", "any", "all"}


@pytest.mark.parametrize("name", sorted(set(ELEMENTWISE) - OF_TRUTH - {"step"}))
def test_single_precision_stays_single_also_beside_constants(name):
    count = len(FUNCTIONS[name].params)
    assert result_type(name, *[single(3)] * count) == jnp.float32
    for place in range(count):
        if name != "if" or place > 0:
            constants = [0.5, 2, True, 0.25]
            assert result_type(name, *constants[:place], single(3), *constants[place + 1 : count]) == jnp.float32


@pytest.mark.parametrize("name", sorted({*REDUCTIONS, *MATRICES} - OF_TRUTH))
def test_single_precision_stays_single_along_dimensions_and_in_matrices(name):
    row = FUNCTIONS[name]
    if row.role is Role.MATRIX:
        assert result_type(name, *[single(2, *ndim(axes)) for axes in row.signature[0]]) == jnp.float32
    else:
        assert result_type(name, single(2, 3), 0) == jnp.float32


@pytest.mark.parametrize("name", sorted(OF_TRUTH))
def test_questions_have_truth_values_as_answers(name):
    row = FUNCTIONS[name]
    arguments = [0] if row.role is Role.REDUCE else [single(3)] * (len(row.params) - 1)
    assert result_type(name, single(3), *arguments) == jnp.bool_


@pytest.mark.parametrize("name", names(Role.REDUCE))
def test_a_reduction_counts_if_values_that_stand_there_twice_change_it(name):
    x = np.random.default_rng(5).uniform(0.2, 2, 5)
    once, twice = (float(FUNCTIONS[name].apply(jnp.asarray(values), 0)) for values in (x, np.tile(x, 2)))
    assert FUNCTIONS[name].counts == (abs(once - twice) > 1e-3)


# --- whole numbers and truth values -----------------------------------------------------------------------------------

YES, NO = jnp.asarray([True]), jnp.asarray([False])


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("+", (YES, YES), 2),
        ("+", (True, True), 2),
        ("-", (1, YES), 0),
        ("-", (NO, YES), -1),
        ("*", (YES, 3), 3),
        ("*", (YES, YES), 1),
        ("/", (YES, 2), 0.5),
        ("negate", (YES,), -1),
        ("^", (YES, 2), 1),
        ("^", (jnp.asarray([2]), -1), 0.5),
        ("^", (jnp.asarray([2]), jnp.asarray([-2])), 0.25),
        ("^", (2, jnp.asarray([3])), 8),
        ("^", (jnp.asarray([-2.0]), 3), -8),
        ("^", (jnp.asarray([-2.0]), 2.0), 4),
        ("^", (jnp.asarray([0.0]), 0), 1),
        ("/", (jnp.asarray([1]), jnp.asarray([2])), 0.5),
        ("abs", (YES,), 1),
        ("sign", (YES,), 1),
        ("square", (YES,), 1),
        ("maximum", (YES, NO), 1),
        ("clip", (YES, NO, NO), 0),
        ("exp", (NO,), 1),
        ("relu", (YES,), 1),
        ("if", (jnp.asarray([2]), 1.0, 0.0), 1),
        ("and", (jnp.asarray([2]), YES), 1),
        ("==", (jnp.asarray([1]), YES), 1),
        ("mod", (jnp.asarray([7]), 4), 3),
        ("maximum", (1, jnp.asarray([5.0]), 2), 5),
        ("minimum", (1, jnp.asarray([5.0]), 2, -3), -3),
    ],
)
def test_truth_values_count_and_whole_numbers_divide(name, arguments, expected):
    result = FUNCTIONS[name].apply(*arguments)
    assert np.asarray(result, float).ravel()[0] == expected
    assert name in {"and", "=="} or np.asarray(result).dtype != bool


def test_sums_and_products_of_large_counts_do_not_wrap_around():
    large = jnp.asarray([2_000_000_000, 2_000_000_000])
    assert FUNCTIONS["sum"].apply(large, 0) == pytest.approx(4e9)
    assert FUNCTIONS["*"].apply(large, large)[0] == pytest.approx(4e18)
    assert FUNCTIONS["^"].apply(large, 2)[0] == pytest.approx(4e18)
    assert FUNCTIONS["square"].apply(large)[0] == pytest.approx(4e18)
    assert FUNCTIONS["cumsum"].apply(large, 0)[1] == pytest.approx(4e9)
    assert FUNCTIONS["prod"].apply(large, 0) == pytest.approx(4e18)


def test_true_values_are_counted_exactly():
    assert FUNCTIONS["sum"].apply(jnp.ones(20_000_001, bool), 0) == 20_000_001


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("+", (2, 3), 5),
        ("*", (2, 3), 6),
        ("-", (2, 3), -1),
        ("/", (6, 3), 2),
        ("^", (2, 10), 1024),
        ("^", (2, -1), 0.5),
        ("^", (0, -1), inf),
        ("^", (-10.0, 999), -inf),
        ("^", (9, 9**9), inf),
        ("<", (1, 2), True),
        ("==", (1, 2), False),
        ("and", (True, False), False),
        ("or", (True, False), True),
        ("not", (True,), False),
        ("if", (True, 1, 2), 1),
        ("if", (0, 1, 2), 2),
    ],
)
def test_arithmetic_of_constants_stays_in_plain_python(name, arguments, expected):
    result = FUNCTIONS[name].apply(*arguments)
    assert type(result) in (int, float, bool)
    assert result == expected


def test_a_root_of_a_negative_constant_is_no_number():
    assert math.isnan(FUNCTIONS["^"].apply(-8, 1 / 3))


def test_a_constant_divided_by_zero_is_infinite():
    assert FUNCTIONS["/"].apply(1.0, 0.0) == inf


# --- slopes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "slopes"),
    [
        ("^", (0.0, 2), (0.0,)),
        ("^", (0.0, 2.0), (0.0,)),
        ("^", (0.0, jnp.float32(2)), (0.0, 0.0)),
        ("^", (0.0, jnp.float32(0.7)), (0.0, 0.0)),
        ("^", (0.0, jnp.float32(1)), (1.0, 0.0)),
        ("^", (-3.0, 3), (27.0,)),
        ("xlogy", (0.0, 2.0), (math.log(2), 0.0)),
        ("xlog1py", (0.0, 1.0), (math.log(2), 0.0)),
        ("softplus", (-100.0,), (0.0,)),
        ("softplus", (100.0,), (1.0,)),
        ("log_sigmoid", (-100.0,), (1.0,)),
        ("log1mexp", (-1e-4,), (-1e4,)),
        ("log1mexp", (-1e-10,), (-1e10,)),
        ("log1mexp", (-50.0,), (0.0,)),
        ("log_ndtr", (-30.0,), (30.033259667,)),
        ("log_ndtr", (30.0,), (0.0,)),
        ("log_choose", (5.0, 5.0), (2.283333333, -2.283333333)),
        ("hypot", (3.0, 4.0), (0.6, 0.8)),
    ],
)
def test_slopes_are_finite_and_right_at_the_edges(name, arguments, slopes):
    values = tuple(jnp.asarray(x, "float32") if isinstance(x, float) else x for x in arguments)
    result = jax.grad(lambda *x: FUNCTIONS[name].apply(*x).sum(), argnums=tuple(range(len(slopes))))(*values)
    np.testing.assert_allclose(result, slopes, rtol=2e-3, atol=1e-6)


@pytest.mark.parametrize("name", ["norm", "std"])
def test_the_length_of_a_zero_vector_has_slope_zero(name):
    np.testing.assert_array_equal(jax.grad(lambda x: FUNCTIONS[name].apply(x, 0))(jnp.zeros(3)), np.zeros(3))


def test_the_length_has_the_unit_vector_as_its_slope_and_does_not_overflow():
    x = jnp.asarray([3e30, -4e30])
    value, slope = jax.value_and_grad(lambda x: FUNCTIONS["norm"].apply(x, 0))(x)
    assert float(value) == pytest.approx(5e30, rel=1e-6)
    np.testing.assert_allclose(slope, [0.6, -0.8], rtol=1e-6)


def test_the_log_normal_probability_is_exact_in_both_tails():
    import scipy.special as sp

    x = np.array([-1e4, -300.0, -38.0, -21.0, -5.0, -1e-9, 0.0, 1e-9, 5.0, 7.9, 8.1, 20.0, 37.0])
    with jax.enable_x64(True):
        np.testing.assert_allclose(FUNCTIONS["log_ndtr"].apply(x), sp.log_ndtr(x), rtol=1e-13)


def test_the_inverse_of_erfc_is_exact_for_small_values():
    import scipy.special as sp

    x = np.array([1e-300, 1e-100, 1e-17, 1e-9, 0.3, 1.0, 1.9])
    with jax.enable_x64(True):
        np.testing.assert_allclose(FUNCTIONS["erfcinv"].apply(x), sp.erfcinv(x), rtol=1e-13, atol=1e-15)


def test_the_number_of_choices_agrees_with_exact_counting():
    pairs = [
        (0, 0),
        (1, 1),
        (5, 0),
        (9, 4),
        (20, 10),
        (30, 3),
        (1000, 500),
        (1000, 999),
        (10**6, 7),
        (10**5, 4 * 10**4),
    ]
    with jax.enable_x64(True):
        result = FUNCTIONS["log_choose"].apply(*np.array(pairs, float).T)
    expected = [math.log(math.comb(n, k)) for n, k in pairs]
    np.testing.assert_allclose(np.asarray(result), expected, rtol=1e-12, atol=1e-14)


def test_choosing_few_of_very_many_keeps_its_precision():
    n, k = 1e8, 3.0
    exact = math.log(n * (n - 1) * (n - 2) / 6)
    assert float(FUNCTIONS["log_choose"].apply(jnp.float32(n), jnp.float32(k))) == pytest.approx(exact, rel=1e-5)


# --- supports -------------------------------------------------------------------------------------------------------

MARGIN = 1e-3


def random_interval(rng: np.random.Generator, domain: Interval) -> Interval:
    """Within ``domain`` and with ends that are often special: 0, 1, -1, a whole number, infinite, closed, open."""
    special = [-inf, -2.0, -1.0, 0.0, 0.0, 1.0, 2.0, inf]
    while True:
        low, high = sorted(rng.choice(special) if rng.random() < 0.7 else rng.normal() * 2 for _ in range(2))
        low_open, high_open, integer = rng.random(3) < (0.5, 0.5, 0.3)
        drawn = Interval(low, high, bool(low_open), bool(high_open), bool(integer))
        if drawn.meets(domain) and inner_points(drawn.meet(domain), rng, 1).size:
            return drawn.meet(domain)


def inner_points(interval: Interval, rng: np.random.Generator, count: int) -> np.ndarray:
    """Moderate members: functions that level off have not yet rounded to their limits."""
    low, high = max(interval.lower, -3.0), min(interval.upper, 3.0)
    if low > high:
        return np.empty(0)
    values = {low, high, *rng.uniform(low, high, count)}
    if interval.integer:
        values = {float(round(value)) for value in values}
    else:
        values |= {low + MARGIN, high - MARGIN}
    return np.array(sorted(value for value in values if value in interval))


def assert_within(values: np.ndarray, interval: Interval, what: object) -> None:
    slack = 1e-9 * (1 + np.abs(values))
    low = values > interval.lower if interval.lower_open else values >= interval.lower - slack
    high = values < interval.upper if interval.upper_open else values <= interval.upper + slack
    whole = values == np.round(values) if interval.integer else True
    assert np.all(low & high & whole), (what, str(interval), values[~(low & high & whole)])


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_promised_interval_holds_every_result(name):
    row, rng = FUNCTIONS[name], np.random.default_rng(7)
    domains = [domain or REAL for domain in row.domain or (None,) * len(row.params)]
    for _ in range(150):
        intervals = [random_interval(rng, domain) for domain in domains]
        grid = np.meshgrid(*[inner_points(interval, rng, 4) for interval in intervals])
        with np.errstate(all="ignore"):
            result = np.asarray(ELEMENTWISE[name].oracle(*[axis.ravel() for axis in grid]), float)
        assert_within(result[np.isfinite(result)], row.support(*intervals), [str(interval) for interval in intervals])


@pytest.mark.parametrize("exponent", [-3, -2, -1, -0.5, 0, 0.5, 1, 2, 2.5, 3])
def test_the_promised_interval_of_a_constant_power_holds_every_result(exponent):
    rng = np.random.default_rng(3)
    for _ in range(150):
        base = random_interval(rng, REAL)
        with np.errstate(all="ignore"):
            result = np.power(inner_points(base, rng, 6), float(exponent))
        assert_within(result[np.isfinite(result)], FUNCTIONS["^"].support(base, point(exponent)), str(base))


@pytest.mark.parametrize("name", REDUCTIONS)
def test_the_promised_interval_along_a_dimension_holds_every_result(name):
    row, rng = FUNCTIONS[name], np.random.default_rng(11)
    for _ in range(60):
        interval = random_interval(rng, (row.domain or (REAL,))[0] or REAL)
        points = inner_points(interval, rng, 6)
        for size in (1, 2, 5):
            x = rng.choice(points, (40, size))
            with np.errstate(all="ignore"):
                result = np.asarray(REDUCTIONS[name](x, 1), float)
            assert_within(result[np.isfinite(result)], row.support(interval), str(interval))


@pytest.mark.parametrize("name", MATRICES)
def test_the_promised_interval_of_a_matrix_function_holds_every_result(name):
    row, rng = FUNCTIONS[name], np.random.default_rng(13)
    arguments, _ = row.signature
    if row.support(*[POSITIVE] * len(arguments)) == REAL:
        return
    for _ in range(60):
        intervals = [random_interval(rng, REAL) for _ in arguments]
        values = [
            rng.choice(inner_points(interval, rng, 6), (20, *ndim(axes)))
            for interval, axes in zip(intervals, arguments, strict=True)
        ]
        result = np.asarray(MATRICES[name](*values), float)
        assert_within(result.ravel(), row.support(*intervals), [str(interval) for interval in intervals])


@pytest.mark.parametrize("name", FILLS)
def test_the_promised_interval_of_a_fill_holds_every_entry(name):
    _, values, expected = FILLS[name]
    assert_within(np.ravel(np.asarray(expected, float)), FUNCTIONS[name].support(*map(point, values)), name)


@pytest.mark.parametrize(
    ("name", "arguments", "proved"),
    [
        ("exp", (REAL,), POSITIVE),
        ("square", (REAL,), NONNEGATIVE),
        ("^", (REAL, point(2)), NONNEGATIVE),
        ("^", (REAL, point(4)), NONNEGATIVE),
        ("^", (REAL, point(-2)), POSITIVE),
        ("^", (POSITIVE, point(2)), POSITIVE),
        ("^", (POSITIVE, REAL), POSITIVE),
        ("^", (OPEN_UNIT, POSITIVE), OPEN_UNIT),
        ("^", (UNIT, NONNEGATIVE), UNIT),
        ("^", (NONNEGATIVE, point(0.5)), NONNEGATIVE),
        ("^", (COUNT, point(2)), COUNT),
        ("softplus", (REAL,), POSITIVE),
        ("expit", (REAL,), OPEN_UNIT),
        ("ndtr", (REAL,), OPEN_UNIT),
        ("inv_cloglog", (REAL,), OPEN_UNIT),
        ("tanh", (REAL,), Interval(-1, 1, True, True)),
        ("-", (point(1), UNIT), UNIT),
        ("-", (point(1), OPEN_UNIT), OPEN_UNIT),
        ("+", (POSITIVE, POSITIVE), POSITIVE),
        ("*", (POSITIVE, POSITIVE), POSITIVE),
        ("*", (UNIT, UNIT), UNIT),
        ("/", (POSITIVE, POSITIVE), POSITIVE),
        ("/", (point(1), POSITIVE), POSITIVE),
        ("negate", (POSITIVE,), NEGATIVE),
        ("sqrt", (NONNEGATIVE,), NONNEGATIVE),
        ("sqrt", (POSITIVE,), POSITIVE),
        ("sqrt", (OPEN_UNIT,), OPEN_UNIT),
        ("log", (OPEN_UNIT,), NEGATIVE),
        ("log1p", (POSITIVE,), POSITIVE),
        ("abs", (REAL,), NONNEGATIVE),
        ("relu", (REAL,), NONNEGATIVE),
        ("maximum", (REAL, POSITIVE), POSITIVE),
        ("minimum", (POSITIVE, POSITIVE, POSITIVE), POSITIVE),
        ("clip", (REAL, point(0), point(1)), UNIT),
        ("if", (BINARY, POSITIVE, UNIT), NONNEGATIVE),
        ("if", (BINARY, POSITIVE, POSITIVE), POSITIVE),
        ("cosh", (REAL,), Interval(1, inf)),
        ("floor", (NONNEGATIVE,), COUNT),
        ("step", (REAL,), BINARY),
        ("mod", (COUNT, point(7)), Interval(0, 6, integer=True)),
        ("hypot", (REAL, REAL), NONNEGATIVE),
        ("<", (REAL, REAL), BINARY),
        ("sum", (NONNEGATIVE,), NONNEGATIVE),
        ("sum", (POSITIVE,), POSITIVE),
        ("sum", (BINARY,), COUNT),
        ("mean", (UNIT,), UNIT),
        ("mean", (BINARY,), UNIT),
        ("max", (OPEN_UNIT,), OPEN_UNIT),
        ("prod", (UNIT,), UNIT),
        ("prod", (POSITIVE,), POSITIVE),
        ("cumprod", (OPEN_UNIT,), OPEN_UNIT),
        ("cumsum", (POSITIVE,), POSITIVE),
        ("logsumexp", (REAL,), REAL),
        ("var", (REAL,), NONNEGATIVE),
        ("norm", (POSITIVE,), POSITIVE),
        ("diag", (POSITIVE,), NONNEGATIVE),
        ("dot", (POSITIVE, POSITIVE), POSITIVE),
        ("ones", (), point(1)),
        ("full", (POSITIVE,), POSITIVE),
    ],
)
def test_supports_prove_what_a_statistician_takes_for_granted(name, arguments, proved):
    assert FUNCTIONS[name].support(*arguments) == proved


def test_supports_of_unusual_arguments_never_fail():
    odd = [
        REAL,
        POSITIVE,
        NEGATIVE,
        point(0),
        point(-1),
        point(1e300),
        Interval(-inf, -1e300),
        Interval(5, 5.5),
        BINARY,
    ]
    for name in names(Role.ELEMENTWISE, Role.REDUCE, Role.ALONG):
        row = FUNCTIONS[name]
        for intervals in itertools.product(odd, repeat=min(len(row.params), 2)):
            given = intervals + (REAL,) * (len(row.params) - len(intervals))
            result = row.support(*given)
            assert not math.isnan(result.lower)
            assert not math.isnan(result.upper)


def test_structures_that_a_function_makes_are_stated():
    assert FUNCTIONS["softmax"].result == KINDS["simplex"].kind
    assert FUNCTIONS["cholesky"].result == KINDS["cholesky"].kind
    assert FUNCTIONS["center"].result == KINDS["zero_sum"].kind
