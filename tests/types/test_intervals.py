"""Intervals against brute force: every rule is compared with what the members of the sets do."""

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svilang.types import Interval
from svilang.types.intervals import BINARY, COUNT, NEGATIVE, NONNEGATIVE, POSITIVE, REAL, UNIT, inf, point

NEAR = 2.0**-10
FAR = 1024.0
ENDS = (-inf, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, inf)


def members(interval: Interval) -> list[float]:
    """Members at and near the ends, between them, and far out; dyadic, so that sums and products are exact."""
    low, high = max(interval.lower, -FAR), min(interval.upper, FAR)
    grid = {low, low + NEAR, high - NEAR, high, (low + high) / 2, *(k / 4 for k in range(-12, 13))}
    return sorted(value for value in grid if value in interval)


def _interval(ends: tuple[float, float], lower_open: bool, upper_open: bool, integer: bool) -> Interval:
    return Interval(min(ends), max(ends), lower_open, upper_open, integer)


intervals = st.builds(
    _interval, st.tuples(st.sampled_from(ENDS), st.sampled_from(ENDS)), st.booleans(), st.booleans(), st.booleans()
).filter(members)

brute_force = settings(max_examples=600, deadline=None, derandomize=True, database=None)


def assert_is_hull(result: Interval, values: list[float], tight: bool) -> None:
    for value in values:
        assert value in result
    if tight:
        spread = 8 * NEAR
        assert min(values) <= result.lower + spread if math.isfinite(result.lower) else min(values) < -100
        assert max(values) >= result.upper - spread if math.isfinite(result.upper) else max(values) > 100
        assert result.lower_open or math.isinf(result.lower) or result.lower in values
        assert result.upper_open or math.isinf(result.upper) or result.upper in values


@brute_force
@given(intervals, intervals)
def test_sums_differences_and_products_are_the_tightest_sets_that_hold_every_result(a, b):
    reals = not a.integer and not b.integer
    pairs = list(product(members(a), members(b)))
    assert_is_hull(a + b, [x + y for x, y in pairs], reals)
    assert_is_hull(a - b, [x - y for x, y in pairs], reals)
    assert_is_hull(a * b, [x * y for x, y in pairs], reals)


@brute_force
@given(intervals, intervals)
def test_quotients_hold_every_finite_result(a, b):
    result = a / b
    for x, y in product(members(a), members(b)):
        if y != 0:
            value = x / y
            assert value in result or min(abs(value - result.lower), abs(value - result.upper)) < 1e-12


@brute_force
@given(intervals)
def test_reciprocals_are_tight_where_the_set_lies_on_one_side_of_zero(a):
    result = a.reciprocal()
    values = [1 / x for x in members(a) if x != 0]
    assert all(value in result for value in values)
    if values and not a.lower < 0 < a.upper:
        assert result.lower >= 0 or result.upper <= 0
        assert math.isinf(result.lower) or min(values) <= result.lower + 8 * NEAR
        assert math.isinf(result.upper) or max(values) >= result.upper - 8 * NEAR


@brute_force
@given(intervals)
def test_negation_mirrors_the_set(a):
    assert members(-a) == sorted(-x for x in members(a))
    assert -(-a) == a


@brute_force
@given(intervals, intervals)
def test_one_set_holds_another_exactly_when_it_holds_its_members(a, b):
    assert a.holds(b) == all(
        x in a for x in [*members(b), *([1e300] if b.upper == inf else []), *([-1e300] if b.lower == -inf else [])]
    )


@brute_force
@given(intervals, intervals)
def test_hull_and_meet_are_the_union_filled_and_the_intersection(a, b):
    hull = a.hull(b)
    assert hull.holds(a)
    assert hull.holds(b)
    assert (hull.lower, hull.upper) == (min(a.lower, b.lower), max(a.upper, b.upper))
    for x in {*members(a), *members(b)}:
        both = x in a and x in b
        assert both == (a.meets(b) and x in a.meet(b))
    if a.meets(b) and not a.integer and not b.integer:
        assert members(a.meet(b))


@brute_force
@given(intervals)
def test_an_increasing_function_maps_members_to_members(a):
    image = a.increasing(lambda x: math.copysign(inf, x) if math.isinf(x) else x**3)
    values = [x**3 for x in members(a)]
    assert_is_hull(image, values, tight=False)
    assert image.lower_open == (a.lower_open and math.isfinite(a.lower))


@brute_force
@given(intervals)
def test_bounded_functions_never_reach_the_value_at_infinity(a):
    image = a.increasing(math.atan)
    assert all(math.atan(x) in image for x in members(a))
    assert math.isfinite(a.upper) or image.upper_open
    assert math.isfinite(a.lower) or image.lower_open


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Interval(0, inf, True, True), POSITIVE),
        (Interval(-inf, inf, True, True), REAL),
        (Interval(-0.5, 1.5, integer=True), BINARY),
        (Interval(-1, inf, lower_open=True, integer=True), COUNT),
        (Interval(3, 3), point(3)),
        (-POSITIVE, NEGATIVE),
        (POSITIVE * POSITIVE, POSITIVE),
        (NONNEGATIVE.reciprocal(), POSITIVE),
        (COUNT.reciprocal(), Interval(0, 1, lower_open=True)),
        (point(1) - UNIT, UNIT),
        (POSITIVE + NONNEGATIVE, POSITIVE),
        (POSITIVE / POSITIVE, POSITIVE),
        (BINARY * BINARY, BINARY),
        (COUNT + point(1), Interval(1, inf, integer=True)),
    ],
)
def test_equal_sets_compare_equal(one, other):
    assert one == other
    assert hash(one) == hash(other)


def test_infinities_and_nan_are_in_no_interval():
    assert inf not in REAL
    assert -inf not in REAL
    assert math.nan not in REAL


def test_a_constant_has_a_set_of_its_own():
    assert 2 in point(2)
    assert 2.1 not in point(2)
    assert COUNT.holds(point(2))
    assert not COUNT.holds(point(2.5))
    assert not COUNT.holds(point(-1))


def test_negative_zero_is_zero():
    assert math.copysign(1, (-NONNEGATIVE).upper) == 1


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (REAL, "(-inf, inf)"),
        (POSITIVE, "(0, inf)"),
        (UNIT, "[0, 1]"),
        (COUNT, "[0, inf) integers"),
        (Interval(-1, 2.5, upper_open=True), "[-1, 2.5)"),
    ],
)
def test_a_set_prints_as_mathematicians_write_it(interval, text):
    assert str(interval) == text
