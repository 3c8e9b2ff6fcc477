"""Where a formula lies: a probability that leaves 0 to 1 is told of, and no other, as NumPy's grid of values says."""

import itertools
import random

import numpy as np
import pytest

import svilang

ENDS = {"c": (0.0, 1.0), "p": (0.0, 1.0), "q": (0.0, 1.0), "lapse": (0.0, 0.1)}
"""Latents with two ends."""

GRID = dict(
    zip(ENDS, np.meshgrid(*(np.linspace(*ends, 11) for ends in ENDS.values()), indexing="ij"), strict=True)
)

SPEC = """
data {{ y: binary[row]   x: level[row]   dim level = {levels} }}
model {{
  c ~ Beta(1, 1)
  p ~ Beta(1, 1)
  q ~ Beta(1, 1)
  lapse: interval(0, 0.1) ~ Uniform(0, 0.1)
  plate row {{ observe {outcome} ~ {law} }}
}}
"""


def warned(outcome, law, levels=2):
    """Whether it is told that an argument may leave its support, or must."""
    try:
        found = svilang.compile(SPEC.format(outcome=outcome, law=law, levels=levels)).warnings
    except svilang.SvilangError as error:
        found = error.diagnostics
    return bool({"W0401", "E0402"} & {one.code for one in found})


def values(formula):
    """A formula at all points of the grid."""
    return np.asarray(eval(formula.replace("^", "**"), {}, GRID), float)


@pytest.mark.parametrize(
    "formula",
    [
        "c + (1 - c) * p",  # the chance to know or to guess
        "lapse / 2 + (1 - lapse) * p",
        "lapse + (1 - lapse - 0.3 * c) * p",
        "1 - (c + p - c * p)",
        "c * p + (1 - c) * q",
        "c * p * q + (1 - c) * (1 - p) * (1 - q)",
        "p - p * q",
        "c + p",
        "c + (1 - c) * p + lapse",
        "p - lapse",
        "1 - c - p",
        "2 * c * (1 - p) + p - c",
    ],
)
def test_a_probability_is_told_of_where_it_can_leave_its_bounds(formula):
    found = values(formula)
    assert warned("y", f"Bernoulli({formula})") == bool((found < -1e-9).any() or (found > 1 + 1e-9).any())


def grown(rng, names, depth):
    """A random formula that is linear in each of its values."""
    if depth == 0 or len(names) < 2:
        name = rng.choice(names)
        return rng.choice([name, f"(1 - {name})"])
    first, *rest = rng.sample(names, len(names))
    match rng.randrange(3):
        case 0:
            return f"({first} * {grown(rng, rest, depth - 1)} + (1 - {first}) * {grown(rng, rest, depth - 1)})"
        case 1:
            return f"({first} + {rng.choice(['1 - ', '0.5 * ', '1.1 - '])}{first} * {grown(rng, rest, depth - 1)})"
        case _:
            return f"({first} * {grown(rng, rest, depth - 1)})"


@pytest.mark.parametrize("seed", range(30))
def test_of_a_formula_that_is_linear_in_each_value_the_bounds_are_exact(seed):
    formula = grown(random.Random(seed), list(ENDS), 3)
    found = values(formula)
    assert warned("y", f"Bernoulli({formula})") == bool((found < -1e-9).any() or (found > 1 + 1e-9).any()), formula


@pytest.mark.parametrize(
    "parts",
    [
        # Pair clustering (Batchelder and Riefer 1980), Hardy and Weinberg's law, stages that follow one another.
        ["c * p", "(1 - c) * q^2", "2 * (1 - c) * q * (1 - q)", "c * (1 - p) + (1 - c) * (1 - q)^2"],
        ["p^2", "2 * p * (1 - p)", "(1 - p)^2"],
        ["p", "(1 - p) * q", "(1 - p) * (1 - q)"],
        ["p^2", "p * (1 - p)", "(1 - p)^2"],
        ["p + q", "0.5 - p", "0.5 - q"],
        ["p", "(1 - p) * q", "(1 - p) * q"],
    ],
)
def test_a_list_of_parts_of_a_whole_is_a_simplex(parts):
    found = [values(part) for part in parts]
    whole = np.allclose(sum(found), 1) and min(map(np.min, found)) > -1e-9
    assert warned("x", f"Categorical([{', '.join(parts)}])", len(parts)) == (not whole)


@pytest.mark.parametrize(
    "parts",
    [
        # Blood groups by Hardy and Weinberg's law (Bernstein 1924), and a part of it in each way of naming the alleles.
        ["{a}^2 + 2 * {a} * {o}", "{b}^2 + 2 * {b} * {o}", "2 * {a} * {b}", "{o}^2"],
        ["{a}^2 + {a} * {o}", "{b}^2 + 2 * {b} * {o}", "2 * {a} * {b}", "{o}^2"],
        ["{a}", "{b} + {o}"],
        ["{a}", "{b}"],
        # Events of two sources, counted together.
        ["m / (m + n)", "n / (m + n)"],
        ["m / (m + n)", "n / (2 * m + n)"],
        ["m / (m + n + 1)", "n / (m + n + 1)"],
        ["(m + m * n) / (m + 2 * m * n)", "m * n / (m + 2 * m * n)"],
    ],
)
@pytest.mark.parametrize("named", ["p['a'] p['b'] p['o']", "p[0] p[1] p[2]", "p[0] p['a'] p['b']"])
def test_parts_of_drawn_shares_and_of_sums_are_a_simplex(parts, named):
    alleles = dict(zip("abo", named.split(), strict=True))
    texts = [part.format(**alleles) for part in parts]
    rng = np.random.default_rng(0)
    p = dict(zip("abo", rng.dirichlet([1, 1, 1], 9).T, strict=True))
    known = {"p": p | dict(enumerate(p.values())), "m": rng.gamma(1, 1, 9), "n": rng.gamma(1, 1, 9)}
    whole = np.allclose(sum(eval(text.replace("^", "**"), known) for text in texts), 1)
    program = svilang.compile(f"""
    data {{ dim allele = ["a", "b", "o"]   dim type = {len(parts)}   y: count[type] }}
    model {{
      p ~ Dirichlet(ones(allele))   m ~ Gamma(1, 1)   n ~ Gamma(1, 1)
      observe y ~ Multinomial(9, [{", ".join(texts).replace("'", '"')}])
    }}""")
    assert ("W0401" in {one.code for one in program.warnings}) == (not whole)


@pytest.mark.parametrize(("share", "levels"), [*itertools.product((3, 4), (3, 4))])
def test_equal_shares_and_one_member_sum_to_one(share, levels):
    """The chances of Jukes and Cantor (1969): each base with the same chance, or the one that was there."""
    assert warned("x", f"Categorical((1 - p) / {share} + p * one_hot(x))", levels) == (share != levels)


def test_a_size_that_is_computed_from_a_size_in_the_text_is_one():
    text = """data { dim level = 4   dim cut = size(level) - 1   y: level[row] }
    model { c: ordered[cut] ~ Normal(0, 3)   plate row { observe y ~ OrderedLogistic(0, c) } }"""
    assert svilang.compile(text).bind({"y": [0, 3]}).dims["cut"] == 3
