"""Hints for names of other languages."""

from svilang.catalog.functions import FUNCTIONS
from svilang.sema import elsewhere


def test_no_hint_stands_for_a_function_that_is_here():
    assert not set(elsewhere.FUNCTIONS) & set(FUNCTIONS)
