import dataclasses
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import random_program, small_programs

from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS
from svilang.catalog.function import Role
from svilang.catalog.functions import FUNCTIONS
from svilang.catalog.log_prob import every as densities
from svilang.ir import Law, Node, Program
from svilang.ir import nodes as ir
from svilang.ir.read import read
from svilang.ir.text import write
from svilang.types import KINDS, Dim, Interval, Kind, Structure

MODEL = """\
model "all forms"
dim school
dim component = %0
dim effect label ["intercept", "slope", 3]
dim to of component
data y : real[school] = [28, -3.5, none, [1e-05, inf]] optional column "weight" source "a \\"b\\".csv" base 1
data share : real lower %0 upper %1 = true
data group : count[school] of component
data slot : count[school] gaps slot of y 1
param shift : real[school, school'] in (-1.0, 2.0] lower %0 upper %1 = %1
param rate : positive[school] ~ Exponential(rate=%1)
param bare : integer net decode
%0 : count = const 2
%1 : real in [0.5, 0.5] = const 0.5
%2 : binary = const false
%3 : count of effect = label effect "slope"
%4 : count of effect = label effect 3
%5 : real[school] = input y
%6 : real[school] = latent theta
%7 : positive[school] = parameter rate
%8 : real[school] = + %5 %6
%9 : real = sum %8 over school
%10 : simplex[school] = softmax %8 along school
%11 : real[school, school'] = outer %8[school] %6[school] -> [school, school']
%12 : real = contract %8 %6 over school, school
%13 : count[school] of component = input group
%14 : real[school] = gather %8 %13 over component
%15 : real[school, effect] = stack %8 %6 %5 along effect
%16 : real[to] = full [to] %1
%17 : real = size [to]
%18 : real[component] = relabel %16 to -> component
%19 : real[school] = lag %8 %1 by 2 along school
%20 : binary[school] = <= %8 %1
%21 : real[school] = if %20 %8 %1
%22 : real[school] = before level by 2
%23 : real[school] = + %22 %8
%24 : real[school] = carry %1 %2 %23 of level by 2 along school over 0
%25 : real[school] = varying "state of it"
%26 : real = varying time
%27 : real[school] = * %25 %26
%28 : real[school] = flow %8 %1 %1 %27 of "state of it", time by 1e-06 stiff
define shown = %8
define "y#2" = %9
site theta : real[school] ~ Normal(loc=%9, scale=%1)
site weights : simplex[school | component] ~ Dirichlet(concentration=%16)[component]
site cut : ordered[| effect] ~ Normal(loc=%1, scale=%1) narrowed normaliser order
site near : real[school] lower %1 upper %8 ~ Normal(loc=%1, scale=%1) narrowed aux
observe y = %5 [school] ~ Truncated(Normal(loc=%8, scale=%1), lower=%1, upper=none) where %20 weight %8 optional y
observe "y#2" = %6 ~ Mixture(Normal(loc=%8, scale=%1), weights=%10) over component grouped y, share
factor %9
factor %8 [school]
report theta : real[school] = %6
report drawn : positive[effect, school] ~ Exponential(rate=%7)
"""

GUIDE = """\
guide "by hand"
dim school
family full_rank(rank = 3, scale = -0.5) mu, "odd name"
family mean_field()
noncentered theta, mu
"""


def test_a_model_with_every_form_reads_and_prints_as_itself():
    assert write(read(MODEL)) == MODEL


def test_a_guide_reads_and_prints_as_itself():
    assert write(read(GUIDE)) == GUIDE


def test_a_guide_without_anything_is_no_model():
    assert read('guide "g"').guide == ir.GuideParts()
    assert read('model "m"').guide is None


def test_the_model_with_every_form_has_every_operation_and_field():
    program = read(MODEL)
    assert {type(node.op) for node in program.nodes} == set(ir.Op.__args__)
    parts = (program.dimensions, program.data, program.params, program.sites, program.observations, program.reports)
    for record in (ir.Dimension, ir.Data, ir.Param, ir.Site, ir.Observation, ir.Report):
        written = [item for part in parts for item in part if isinstance(item, record)]
        for field in dataclasses.fields(record):
            if field.name != "span":
                assert len({repr(getattr(item, field.name)) for item in written}) > 1, (record, field.name)


def test_small_programs_read_back_as_themselves():
    for program in (*small_programs(1, every=2), *small_programs(2, every=150)):
        text = write(program)
        again = read(text)
        assert again == program
        assert write(again) == text


def test_a_program_of_thousands_of_nodes_reads_back_as_itself():
    program = random_program(1, 1000)
    assert len(program.nodes) > 1500
    assert read(write(program)) == program


def test_rows_of_the_catalogue_are_found_again():
    laws = {"Normal": 0}
    assert (
        read('model "m"\n%0 : real = const 1\nsite a : real ~ Normal(loc=%0, scale=%0)').sites[0].law.form
        == laws["Normal"]
    )
    rows = {id(row): row for row in FUNCTIONS.values()}.values()
    for row in (*rows, *(form for row in rows for form in row.wider), *densities()):
        program = Program("m", nodes=(Node(ir.Const(1), (), (), KINDS["real"].kind), _node_of(row)))
        assert read(write(program)) == program


def _node_of(row):
    real, k = KINDS["real"].kind, Dim("k")
    match row.role:
        case Role.ELEMENTWISE:
            return Node(ir.Apply(row), (0,) * len(row.params), (), real)
        case Role.REDUCE:
            return Node(ir.Reduce(row, k), (0,), (), real)
        case Role.ALONG:
            return Node(ir.Along(row, k), (0,), (k,), real)
        case Role.MATRIX:
            events = tuple((k, k.primed)[: len(event)] for event in row.signature[0])
            return Node(ir.Matrix(row, events, (k,)), (0,) * len(row.params), (k,), real)
        case Role.FILL:
            return Node(ir.Fill(row, (k,)), (), (k,), real)


@pytest.mark.parametrize("row", DISTRIBUTIONS.values(), ids=lambda row: row.name)
def test_each_form_of_a_distribution_is_known_by_its_keywords(row):
    event = tuple(Dim(f"k{i}") for i, _ in enumerate(row.event))
    for form, parameters in enumerate(row.forms):
        law = Law(row, form, tuple(range(len(parameters.params))), event=event)
        assert _law_again(law) == law


@pytest.mark.parametrize("row", COMBINATORS.values(), ids=lambda row: row.name)
def test_each_combinator_is_found_again_with_what_it_wraps(row):
    child = Law(DISTRIBUTIONS["Normal"], 0, (1, 0))
    nested = Law(row, 0, (None,) * len(row.params), (child,), mixed=Dim("k", 1))
    for children in ((child,), (child, child), (nested, child)):
        law = Law(row, 0, tuple(range(len(row.params))), children)
        assert _law_again(law) == law


def _law_again(law):
    nodes = (Node(ir.Const(1), (), (), KINDS["real"].kind),) * 9
    site = ir.Site("x", law, law.event, 0, KINDS["real"].kind)
    return read(write(Program("m", sites=(site,), nodes=nodes))).sites[0].law


# --- names, numbers, kinds -------------------------------------------------------------------------------------------

names = st.text(min_size=1) | st.sampled_from(
    ["over", "none", "inf", "->", "+", "-", "label", "a.b", "y#2", "%1", "'", '"']
)
floats = st.floats(allow_nan=False)
bounds = st.tuples(floats, floats).filter(lambda pair: pair[1] - pair[0] > 2)
intervals = st.builds(lambda pair, *flags: Interval(*pair, *flags), bounds, st.booleans(), st.booleans(), st.booleans())
kinds = st.builds(Kind, st.sampled_from(Structure), intervals, st.none() | names) | st.sampled_from(
    [row.kind for row in KINDS.values()]
)
dims = st.lists(st.builds(Dim, names, st.integers(0, 2)), max_size=3).map(tuple)
literals = st.none() | floats | st.integers() | st.booleans() | st.text()
nested = st.recursive(literals, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6)


@settings(max_examples=150, deadline=None)
@given(
    names, kinds, dims, st.booleans(), nested, st.none() | st.text(), st.none() | st.text(), st.none() | st.integers()
)
def test_any_data_item_reads_back_as_itself(name, kind, axes, optional, default, column, source, base):
    item = ir.Data(name, kind, axes, ir.Bounds(), optional, default, column, source, base)
    found = read(write(Program(name, data=(item,))))
    assert found.name == name
    assert found.data == (item,)
    assert repr(found.data[0].default) == repr(default), "numbers keep their type and sign"


@settings(max_examples=100, deadline=None)
@given(kinds, dims, st.data())
def test_any_site_reads_back_as_itself(kind, axes, data):
    plates = data.draw(st.integers(0, len(axes)))
    site = ir.Site("x", Law(DISTRIBUTIONS["Normal"], 0, (0, 0)), axes, plates, kind)
    node = Node(ir.Const(1), (), (), KINDS["real"].kind)
    assert read(write(Program("m", sites=(site,), nodes=(node,)))).sites == (site,)


@pytest.mark.parametrize("value", [1, 1.0, True, -0.0, 1e-300, math.inf, -math.inf, -3, 10**20])
def test_a_constant_keeps_its_type_and_every_digit(value):
    program = Program("m", nodes=(Node(ir.Const(value), (), (), KINDS["real"].kind),))
    assert repr(read(write(program)).nodes[0].op) == repr(ir.Const(value))


def test_a_constant_that_is_no_number_is_printed_and_read():
    text = 'model "m"\n%0 : real = const nan\n'
    assert write(read(text)) == text


# --- wrong texts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("%1 : real = const 1", "the next node is %0, not %1"),
        ("%0 : real = frobnicate %0", "no elementwise function is called `frobnicate`"),
        ("%0 : real = exp %0 over a", "no reduce function is called `exp`"),
        ("%0 : odd = const 1", "no kind is called `odd`"),
        ("%0 : real = const 1 2", "cannot read `2` here"),
        ("%0 : real = const what", "expected a value, not `what`"),
        ("%0 real = const 1", "expected `:` before `real`"),
        ("%0 : real = lag %0 %1 by 0.5 along t", "expected a whole number, not 0.5"),
        ("sight a : real", "no line begins with `sight`"),
        ("site a : real ~ Abnormal(loc=%0)", "no distribution is called `Abnormal`"),
        ("site a : real ~ Normal(place=%0)", "`Normal` is not written with (place)"),
        ("site a : real", "expected `~` before `the end of the line`"),
        ("factor %0 [a", "expected `,` before `the end of the line`"),
        ("factor $", "cannot read `$`"),
        ('model "again"', "only the first line names the program"),
    ],
)
def test_a_wrong_line_is_named(line, message):
    with pytest.raises(ValueError, match=r"^line 3: ") as caught:
        read(f'model "m"\n\n{line}\n')
    assert message in str(caught.value)
    assert line in str(caught.value)


def test_a_text_without_a_head_is_refused():
    with pytest.raises(ValueError, match="must begin with `model` or `guide`"):
        read("dim a\n")
