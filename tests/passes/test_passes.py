from itertools import islice

import numpy as np
import pytest
from programs import WORLD, random_program, small_programs
from reference import log_density
from spread import in_parts

from svilang import passes
from svilang.diagnostics import Span
from svilang.ir import Program
from svilang.ir import nodes as ir
from svilang.ir.read import read
from svilang.ir.text import write
from svilang.ir.verify import verify
from svilang.passes import PASSES, Pass
from svilang.passes.fold import fold
from svilang.passes.prune import prune
from svilang.passes.share import share
from svilang.types import KINDS

ALL = (*PASSES, Pass("all", "the passes together", passes.run))


def by_name(steps):
    return pytest.mark.parametrize("step", steps, ids=lambda step: step.name)


def assert_passes_keep_the_density(before: Program) -> None:
    known = [(before, log_density(before, WORLD))]
    for step in ALL:
        after = step.apply(before)
        if any(after == program for program, _ in known):
            continue
        (_, old), new = known[0], log_density(after, WORLD)
        known.append((after, new))
        assert list(old) == list(new)
        error = f"{step.name} changes\n{write(before)}"
        np.testing.assert_allclose(list(new.values()), list(old.values()), rtol=1e-13, atol=1e-13, err_msg=error)


@in_parts(3)
def test_the_passes_keep_the_density_of_every_small_program(part):
    for program in islice(small_programs(1), part, None, 3):
        assert_passes_keep_the_density(program)


@in_parts(2)
def test_the_passes_keep_the_density_of_programs_of_two_steps(part):
    for program in islice(small_programs(2, every=100), part, None, 2):
        assert_passes_keep_the_density(program)


@pytest.mark.parametrize("seed", range(5))
def test_the_passes_keep_the_density_of_large_random_programs(seed):
    assert_passes_keep_the_density(random_program(seed, 80))


@in_parts(3)
@by_name(ALL)
def test_a_pass_leaves_a_sound_program_that_it_would_not_change_again(step, part):
    programs = (*small_programs(1, every=3), *small_programs(2, every=150), *map(random_program, range(9), [80] * 9))
    for program in programs[part::3]:
        once = step.apply(program)
        verify(once)
        assert step.apply(once) == once


@by_name(ALL)
def test_a_pass_leaves_all_but_nodes_and_references_alone(step):
    for program in small_programs(1, every=7):
        after = step.apply(program)
        for part in ("name", "dimensions", "data", "params", "guide"):
            assert getattr(after, part) == getattr(program, part)
        assert [site.name for site in after.sites] == [site.name for site in program.sites]
        assert len(after.nodes) <= len(program.nodes)


def test_the_passes_make_random_programs_smaller():
    before = [random_program(seed, 80) for seed in range(5)]
    assert all(len(passes.run(program).nodes) < 0.8 * len(program.nodes) for program in before)


def test_the_table_gives_each_pass_a_name_and_a_reason():
    assert len({step.name for step in PASSES}) == len(PASSES) == 3
    assert all(len(step.reason) > 20 for step in PASSES)


# --- folding ---------------------------------------------------------------------------------------------------------

HEAD = """\
model "m"
dim a
data x : real[a]
data n : count[a]
data flag : binary[a]
%0 : real[a] = input x
%1 : count[a] = input n
%2 : binary[a] = input flag
%3 : count = const 0
%4 : count = const 1
%5 : real = const 1.0
%6 : real = const 0.5
%7 : count = const 3
%8 : real = const -2.0
%9 : binary = const true
"""


def folded(expression: str, dims: str = "", more: str = "") -> str:
    """What the operation of the last node has become, or the node that stands for it."""
    position = 10 + more.count("\n")
    text = f"{HEAD}{more}%{position} : real{dims} = {expression}\nfactor %{position} {dims}\n"
    program = fold(read(text))
    value = program.factors[0].value
    last = write(program).split("\n")
    line = next(line for line in last if line.startswith(f"%{value} "))
    return line.split(" = ")[1] if value >= 10 else f"%{value}"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("+ %6 %7", "const 3.5"),
        ("- %7 %4", "const 2"),
        ("* %7 %7", "const 9"),
        ("/ %4 %7", f"const {1 / 3!r}"),
        ("^ %7 %7", "const 27"),
        ("^ %7 %8", f"const {3**-2.0!r}"),
        ("negate %6", "const -0.5"),
        ("< %4 %7", "const true"),
        ("and %9 %4", "const true"),
        ("not %9", "const false"),
        ("if %9 %7 %6", "const 3"),
        ("exp %8", f"const {np.exp(-2.0).item()!r}"),
        ("sqrt %6", f"const {np.sqrt(0.5).item()!r}"),
        ("erf %3", "const 0.0"),
        ("abs %8", "const 2.0"),
    ],
)
def test_arithmetic_on_numbers_is_done_at_once(expression, value):
    assert folded(expression) == value


@pytest.mark.parametrize(
    "expression", ["log %3", "log %8", "sqrt %8", "/ %6 %3", "^ %8 %6", "^ %3 %8", "gammaln %3", "digamma %6"]
)
def test_what_has_no_finite_value_or_no_counterpart_stays(expression):
    assert folded(expression) == expression


def test_what_overflows_stays():
    assert folded("exp %10", more="%10 : real = const 1000.0\n") == "exp %10"


def test_folding_goes_through_chains():
    assert folded("+ %11 %6", more="%10 : real = * %7 %8\n%11 : real = negate %10\n") == "const 6.5"


@pytest.mark.parametrize(
    "expression", ["+ %0 %3", "+ %3 %0", "- %0 %3", "* %0 %4", "* %5 %0", "/ %0 %5", "^ %0 %4", "^ %0 %5"]
)
def test_a_neutral_operand_is_dropped(expression):
    assert folded(expression, "[a]") == "%0"


@pytest.mark.parametrize(
    "expression",
    [
        *("* %1 %5", "* %1 %4", "* %2 %4", "/ %1 %4", "^ %2 %4", "+ %2 %3"),
        *("- %3 %0", "/ %5 %0", "^ %5 %0", "* %0 %3", "* %0 %6", "+ %0 %4"),
    ],
)
def test_what_could_change_the_type_or_the_value_stays(expression):
    assert folded(expression, "[a]") == expression


def test_a_double_negation_of_a_real_is_dropped():
    assert folded("negate %10", "[a]", "%10 : real[a] = negate %0\n") == "%0"
    assert folded("negate %10", "[a]", "%10 : real[a] = negate %1\n") == "negate %10"


def test_an_operand_whose_axes_stand_in_another_order_stays():
    text = """\
model "m"
dim a
dim b
data x : real[a, b]
%0 : real[a, b] = input x
%1 : real = const 1.0
%2 : real[b, a] = * %0 %1
factor %2 [a, b]
"""
    assert write(fold(read(text))) == text


def test_a_definition_follows_what_it_names():
    program = fold(read(HEAD + "%10 : real[a] = * %0 %5\ndefine scaled = %10\nfactor %10 [a]\n"))
    assert program.definitions == (("scaled", 0),)


# --- sharing and pruning ---------------------------------------------------------------------------------------------

NODES = """\
%10 : real[a] = + %0 %6
%11 : real[a] = exp %10
%12 : real[a] = + %6 %0
%13 : real[a] = exp %12
%14 : real[a] = - %11 %13
"""


def test_equal_expressions_are_computed_once():
    program = share(read(HEAD + NODES + "factor %14 [a]\n"))
    assert write(program).split("\n")[-5:-1] == [
        "%10 : real[a] = + %0 %6",
        "%11 : real[a] = exp %10",
        "%12 : real[a] = - %11 %11",
        "factor %12 [a]",
    ]


def test_the_place_of_the_first_remains():
    real = KINDS["real"].kind
    nodes = tuple(ir.Node(ir.Latent("m"), (), (), real, Span(i, i + 1)) for i in (5, 9))
    program = share(Program("m", nodes=nodes, factors=(ir.Factor(1, ()),)))
    assert [node.span for node in program.nodes] == [Span(5, 6)]
    assert program.factors == (ir.Factor(0, ()),)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("const 1", "const 1.0"),
        ("const 1", "const true"),
        ("const 0.0", "const -0.0"),
        ("label a 1", "label a 0"),
        ("- %0 %6", "- %6 %0"),
        ("sum %0 over a", "max %0 over a"),
    ],
)
def test_what_is_not_exactly_equal_is_not_shared(first, second):
    program = read(f"{HEAD}%10 : real[a] = {first}\n%11 : real[a] = {second}\nfactor %10 [a]\nfactor %11 [a]\n")
    *_, one, other = share(program).factors
    assert one.value != other.value


def test_values_whose_axes_stand_in_another_order_are_not_shared():
    axes = "dim a\ndim b\ndata x : real[a]\ndata z : real[b]\n%0 : real[a] = input x\n%1 : real[b] = input z\n"
    sums = "%2 : real[a, b] = + %0 %1\n%3 : real[b, a] = + %0 %1\nfactor %2 [a, b]\nfactor %3 [a, b]\n"
    program = read(f'model "m"\n{axes}{sums}')
    assert share(program) == program


def test_unused_nodes_and_their_names_are_dropped():
    program = prune(read(HEAD + NODES + "define dead = %14\ndefine alive = %10\nfactor %11 [a]\n"))
    assert [type(node.op).__name__ for node in program.nodes] == ["Input", "Const", "Apply", "Apply"]
    assert program.definitions == (("alive", 2),)
    assert program.factors[0].value == 3


def test_a_definition_of_a_guide_stays():
    text = 'guide "g"\n%0 : real = const 1.0\n%1 : real = const 2.0\ndefine x = %1\n'
    assert write(prune(read(text))) == 'guide "g"\n%0 : real = const 2.0\ndefine x = %0\n'


def test_a_long_chain_does_not_exhaust_the_stack():
    negate = read('model "m"\n%0 : real = const 1\n%1 : real = tanh %0').nodes[1].op
    real = KINDS["real"].kind
    nodes = (
        ir.Node(ir.Latent("m"), (), (), real),
        *(ir.Node(negate, (i,), (), real) for i in range(20_000)),
    )
    program = Program("long", nodes=nodes, factors=(ir.Factor(20_000, ()),))
    assert passes.run(program) == program
