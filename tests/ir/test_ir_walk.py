import re

import pytest
from programs import random_program, small_programs

from svilang.ir import depends_on, law_operands, leaves, operands, reachable, rebuild, roots, users
from svilang.ir import nodes as ir
from svilang.ir.read import read
from svilang.ir.text import write
from svilang.ir.walk import NO_LEAVES, Leaves
from svilang.types import KINDS

TEXT = """\
model "walked"
dim a
dim b = %0
data x : real[a]
data low : real lower %1
param p : real upper %2 = %3
param q : real ~ Normal(loc=%4, scale=%5)
%0 : count = const 2
%1 : real = const 1.0
%2 : real = const 2.0
%3 : real = const 3.0
%4 : real = const 4.0
%5 : real = const 5.0
%6 : real[a] = input x
%7 : real = latent m
%8 : real = parameter p
%9 : real[a] = + %6 %7
%10 : real[a] = * %9 %9
%11 : real[a] = + %10 %8
%12 : real = const 12.0
%13 : real[a] = negate %11
define shown = %13
define mean = %9
site m : real lower %0 ~ Normal(loc=%1, scale=%12)
observe x = %6 [a] ~ Truncated(Normal(loc=%11, scale=%1), lower=none, upper=%2) where %9 weight %10
factor %7
report r : real[a] = %9
report s : real ~ Normal(loc=%8, scale=%1)
"""


def test_roots_are_all_that_declarations_and_terms_refer_to():
    program = read(TEXT)
    assert set(roots(program)) == {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
    assert len(roots(program)) == len(set(roots(program)))


def test_definitions_of_a_guide_are_roots_and_those_of_a_model_are_not():
    text = '"m"\n%0 : real = const 1\n%1 : real = const 2\ndefine a = %1\n'
    assert roots(read(f"model {text}")) == ()
    assert roots(read(f"guide {text}")) == (1,)


def test_users_and_operands_are_inverse():
    for program in (read(TEXT), random_program(3, 50)):
        used_by = users(program)
        pairs = {(user, arg) for user in range(len(program.nodes)) for arg in operands(program, user)}
        assert {(user, arg) for arg, found in enumerate(used_by) for user in found} == pairs
        assert all(list(found) == sorted(set(found)) for found in used_by)


def test_reachable_nodes_are_those_below():
    program = read(TEXT)
    assert reachable(program, [10]) == {10, 9, 6, 7}
    assert reachable(program, [8, 0]) == {8, 0}
    assert reachable(program, []) == frozenset()


def test_leaves_of_a_node_are_what_it_depends_on():
    program = read(TEXT)
    found = leaves(program)
    assert found[11] == Leaves(frozenset({"m"}), frozenset({"x"}), frozenset({"p"}))
    assert found[9] == Leaves(frozenset({"m"}), frozenset({"x"}))
    assert found[12] == NO_LEAVES
    assert depends_on(program, [6, 8]) == Leaves(data=frozenset({"x"}), params=frozenset({"p"}))


def test_leaves_found_in_one_walk_are_those_found_from_each_node():
    for program in (*small_programs(1, every=20), random_program(4, 40)):
        assert leaves(program) == tuple(depends_on(program, [node]) for node in range(len(program.nodes)))


def test_operands_of_a_law_are_those_of_all_it_wraps():
    program = read(TEXT)
    assert law_operands(program.observations[0].law) == (2, 11, 1)


def test_rebuilding_without_change_gives_the_same_program():
    for program in (read(TEXT), random_program(5, 50)):
        assert rebuild(program, program.nodes) == program


def test_rebuilding_renumbers_every_reference():
    """The same text with every number one higher, behind a constant that nothing uses and that is dropped again."""
    higher = re.sub(r"%(\d+)", lambda match: f"%{int(match[1]) + 1}", TEXT)
    longer = read(higher.replace("%1 : count", "%0 : count = const 77\n%1 : count"))
    assert rebuild(longer, [None, *longer.nodes[1:]]) == read(TEXT)


def test_a_replaced_node_passes_its_users_to_the_other():
    program = read(TEXT)
    entries = list(program.nodes)
    entries[12] = 1
    found = rebuild(program, entries)
    assert len(found.nodes) == len(program.nodes) - 1
    assert found.sites[0].law.args == (1, 1)
    assert dict(found.definitions)["shown"] == 12


def test_the_name_of_a_dropped_node_is_dropped():
    program = read(TEXT)
    found = rebuild(program, [*program.nodes[:13], None])
    assert dict(found.definitions) == {"mean": 9}


def test_dropping_a_node_in_use_is_a_mistake():
    program = read(TEXT)
    with pytest.raises(AssertionError, match="node %9 is dropped and still used"):
        rebuild(program, [*program.nodes[:9], None, *program.nodes[10:]])


def test_walks_take_a_chain_of_fifty_thousand_nodes():
    real = KINDS["real"].kind
    negate = read('model "m"\n%0 : real = const 1\n%1 : real = negate %0').nodes[1].op
    first = ir.Node(ir.Latent("m"), (), (), real)
    nodes = (first, *(ir.Node(negate, (i,), (), real) for i in range(50_000)))
    program = ir.Program("long", nodes=nodes, factors=(ir.Factor(50_000, ()),))
    assert len(reachable(program, roots(program))) == 50_001
    assert leaves(program)[-1].latents == {"m"}
    assert users(program)[0] == (1,)
    assert len(rebuild(program, nodes).nodes) == 50_001
    assert write(program).count("\n") == 50_003
