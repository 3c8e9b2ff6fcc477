"""Hints for names of other languages."""

import re
from itertools import product

import svilang
from svilang.catalog.functions import FUNCTIONS
from svilang.sema import elsewhere


def test_no_hint_stands_for_a_function_that_is_here():
    assert not set(elsewhere.FUNCTIONS) & set(FUNCTIONS)


def test_an_expression_that_is_advised_is_one_of_the_language():
    """Each ``write `…` `` compiles once its letters are matrices or vectors."""
    text = """
    data {{ dim d = 2   P: cov[d]   x: positive[d]   y: real[d]   n: count   k: count   L: cholesky[d] }}
    model {{ a = {a}   b = {b}   R = P   s = x   factor = L   report value = {written} }}
    """
    for name, advice in elsewhere.FUNCTIONS.items():
        for written in re.findall(r"^write `([^`~…]+)`", advice):
            values = product(("P", "x"), ("P", "x", "-x"))
            assert any(compiles(text.format(a=a, b=b, written=written)) for a, b in values), name


def compiles(text):
    try:
        svilang.compile(text)
    except svilang.SvilangError:
        return False
    return True
