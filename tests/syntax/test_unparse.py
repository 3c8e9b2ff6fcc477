"""From tree to text and back."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svilang.diagnostics import Source, SvilangError
from svilang.syntax import ast, parse
from svilang.syntax.contextual import CONTEXTUAL
from svilang.syntax.layout import WIDTH
from svilang.syntax.unparse import unparse, unparse_expression

SOME = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def read(text: str) -> ast.File:
    return parse(Source("test.svi", text))


# --- trees ---------------------------------------------------------------------------------------------------------

names = st.sampled_from(["a", "mu", "σ", "x_1", "rest", "prev", "a_rather_long_name_of_a_variable"]) | st.sampled_from(
    sorted(CONTEXTUAL)
)
idents = st.builds(ast.Ident, names)
settings_of_a_fit = st.builds(ast.Ident, st.sampled_from(["steps", "minibatch"]))
ident_lists = st.lists(idents, min_size=1, max_size=3).map(tuple)
strings = st.builds(ast.String, st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=8))
numbers = st.sampled_from(["0", "3", "10_000", "2.5", "1e-3", ".5", "5.", "1E+3"]).map(
    lambda text: ast.Number(int(text) if text.replace("_", "").isdigit() else float(text), text)
)
argument_names = st.builds(ast.Ident, st.sampled_from(["loc", "over", "weight", "from", "data"]))


def few(strategy, least=0, most=3):
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


def larger(inner):
    arguments = few(st.builds(ast.Argument, st.none() | argument_names, inner))
    operators = st.sampled_from(["+", "-", "*", "/", "^", "@", "<", "<=", ">", ">=", "==", "!=", "and", "or"])
    return st.one_of(
        st.builds(ast.Binary, operators, inner, inner),
        st.builds(ast.Unary, st.sampled_from(["-", "+", "not"]), inner),
        st.builds(ast.IfElse, inner, inner, inner),
        st.builds(ast.Call, idents, arguments),
        st.builds(ast.Index, inner, few(inner, 1)),
        st.builds(ast.Attribute, inner, idents),
        st.builds(ast.Over, inner, idents),
        st.builds(ast.ListLiteral, few(inner, 1)),
    )


leaves = st.one_of(numbers, strings, st.builds(ast.Name, names), st.builds(ast.Bool, st.booleans()))
expressions = st.recursive(leaves, larger, max_leaves=14)
calls = st.builds(ast.Call, idents, few(st.builds(ast.Argument, st.none() | argument_names, expressions)))
chains = few(st.one_of(calls, st.builds(ast.Name, names)), 1, 2)
types = st.builds(
    ast.Type, idents, few(st.builds(ast.Argument, st.none() | argument_names, leaves)), st.booleans(), few(idents)
)
signatures = few(st.builds(ast.Signature, idents, types), 0)
outputs = types | few(st.builds(ast.Signature, idents, types), 1)
dims = st.builds(ast.DimDecl, idents, st.none() | expressions)
draws = st.builds(ast.Draw, ident_lists, st.none() | types, chains)
defines = st.builds(ast.Define, idents, few(expressions, 1, 2))
parameters = st.builds(ast.ParamDecl, idents, types, st.none() | expressions) | st.builds(
    ast.ParamDecl, idents, types, calls, st.just(True)
)
simple = st.one_of(
    dims,
    draws,
    defines,
    parameters,
    st.builds(ast.Observe, expressions, chains, st.none() | expressions, st.none() | expressions),
    st.builds(ast.Report, defines | draws | idents),
    st.builds(ast.Factor, expressions),
    st.builds(ast.NetDecl, idents, signatures, outputs, expressions),
    st.builds(ast.ExternDecl, idents, signatures, outputs, strings),
    st.builds(ast.FunctionDef, idents, few(idents), expressions),
    st.builds(ast.Impute, ident_lists),
    st.builds(ast.Aux, draws),
    st.builds(ast.Reparameterise, st.just("noncentered"), st.none(), ident_lists),
    st.builds(ast.Reparameterise, st.just("centered"), st.none() | expressions, ident_lists),
    st.builds(ast.Score, st.none() | st.builds(ast.Argument, idents, expressions), ident_lists),
)
statements = st.recursive(
    simple,
    lambda inner: st.builds(ast.Plate, ident_lists, few(inner)) | st.builds(ast.Markov, idents, few(inner)),
    max_leaves=4,
)
data_items = st.builds(ast.DataDecl, idents, types, st.none() | expressions, st.none() | strings) | dims
blocks = st.one_of(
    st.builds(ast.DataBlock, st.none() | strings, few(data_items)),
    st.builds(ast.ModelBlock, few(statements)),
    st.builds(ast.GuideBlock, st.none() | idents, few(statements)),
    st.builds(ast.FitBlock, few(st.builds(ast.Setting, settings_of_a_fit, few(idents), expressions))),
    chains.map(lambda d: ast.GuideBlock(None, (ast.Draw((ast.Ident("rest"),), None, d[:1]),), True)),
)
docs = st.none() | st.text(st.characters(codec="utf-8"), max_size=20).map(str.strip).filter(lambda s: '""' not in s)
files = st.builds(ast.File, docs, few(blocks, 1))


@SOME
@given(files)
def test_every_tree_prints_as_a_text_that_parses_to_it(file):
    text = unparse(file)
    assert read(text) == file
    assert unparse(read(text)) == text


@SOME
@given(expressions)
def test_every_expression_prints_on_one_line_as_itself(node):
    text = unparse_expression(node)
    assert "\n" not in text
    (define,) = read(f"model {{ x = {text} }}").blocks[0].body
    assert define.values == (node,)


@SOME
@given(expressions)
def test_no_round_bracket_can_be_left_out(node):
    """Except those around ``x over d`` that stand for the reader, and those that part ``5.`` from its attribute."""
    text = unparse_expression(node)
    opened = [
        i for i, c in enumerate(text) if c == "(" and (i == 0 or not (text[i - 1].isalnum() or text[i - 1] == "_"))
    ]
    if '"' in text or " over " in text or not opened:
        return
    for start in opened:
        depth, end = 1, start
        while depth:
            end += 1
            depth += {"(": 1, ")": -1}.get(text[end], 0)
        if text[end + 1 : end + 2] == ".":
            continue
        shorter = f"{text[:start]} {text[start + 1 : end]} {text[end + 1 :]}"
        try:
            (define,) = read(f"model {{ x = {shorter} }}").blocks[0].body
        except SvilangError:
            continue
        assert define.values != (node,), text


# --- texts ---------------------------------------------------------------------------------------------------------


def test_the_gallery_survives_a_round_trip(spec):
    file = parse(spec)
    text = unparse(file)
    assert read(text) == file
    assert unparse(read(text)) == text


def test_lines_keep_to_the_width(spec):
    lines = unparse(parse(spec)).splitlines()
    assert all(line == line.rstrip() for line in lines)
    assert max(len(line.split("  # ")[0]) for line in lines if not line.lstrip().startswith("#")) <= WIDTH


@pytest.mark.parametrize("seed", range(20))
def test_comments_and_blank_lines_anywhere_between_statements_keep_their_place(spec, seed):
    dice = random.Random(seed)
    lines: list[str] = []
    plain = unparse(parse(spec))
    before = plain.count("\n", 0, plain.rfind('"""')) if '"""' in plain else -1
    for number, line in enumerate(plain.splitlines()):
        inside = number > before
        if inside and dice.random() < 0.3:
            lines.append(dice.choice([f"   # own {number}", "", "#", "", "# a\n\n\n  # b"]))
        trailing = inside and "#" not in line and line and dice.random() < 0.3
        lines.append(f"{line} # trailing {number}" if trailing else line)
    file = read("\n".join(lines))
    text = unparse(file)
    assert read(text) == file
    assert unparse(read(text)) == text
    assert "\n\n\n" not in text


def test_the_layout_is_this_one():
    text = '''
# licence
"""Doc""" # after
data "a.csv"{y:real[ n ]=[1, # one
  2 # two
  # three
]  z : real from "w"}


model{ # m
  # first

  x~Normal((0),-(1))# t


  y=(a+b)*c   plate n{} plate m { # only
  }
  observe y ~ LongDistributionName(first_argument_of_it + 1, second=another_argument * 3, third=4) where mask
} # end
# before guide
guide=mean_field
# last'''
    assert (
        unparse(read(text))
        == '''# licence
"""Doc"""  # after

data "a.csv" {
  y: real[n] = [
    1,  # one
    2  # two
    # three
  ]
  z: real from "w"
}

model {  # m
  # first

  x ~ Normal(0, -1)  # t

  y = (a + b) * c
  plate n {}
  plate m {  # only
  }
  observe y ~ LongDistributionName(first_argument_of_it + 1, second=another_argument * 3, third=4)
    where mask
}  # end

# before guide
guide = mean_field

# last
'''
    )


def test_a_long_list_is_filled_and_a_long_call_is_not():
    text = unparse(read(f"data {{ y: real[n] = [{', '.join(['1.25'] * 60)}] }}"))
    assert text.count("\n") == 8
    call = ", ".join(f"argument_{i}=value_{i}" for i in range(8))
    assert unparse(read(f"model {{ x ~ D({call}) }}")).count("\n") == 12


def test_types_print_for_messages():
    (block,) = read("model { x: county( base = 1 )?[ a,b ] ~ D }").blocks
    assert unparse_expression(block.body[0].type) == "county(base=1)?[a, b]"


def test_two_comments_in_one_gap_are_never_run_together():
    text = unparse(read("model { x = a # one\n + # two\n b # three\n , y ~ D }".replace(" ,", "")))
    assert [line.split("#")[1].strip() for line in text.splitlines() if "#" in line] == ["one", "two", "three"]
    assert unparse(read(text)) == text
