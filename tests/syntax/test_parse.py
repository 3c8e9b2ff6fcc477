"""From text to tree."""

import os
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from stopwatch import within

from svilang.diagnostics import Source
from svilang.syntax import ast, grammar, parse
from svilang.syntax.contextual import CONTEXTUAL
from svilang.syntax.scan import scan
from svilang.syntax.unparse import unparse

FIXTURES = Path(__file__).parent / "gallery"


def model(text: str) -> ast.File:
    return parse(Source("test.svi", f"model {{\n{text}\n}}"))


def statement(text: str):
    return model(text).blocks[0].body[0]


def expression(text: str):
    return statement(f"x = {text}").values[0]


def shape(node: ast.Expr) -> str:
    """An expression with all of its brackets."""
    match node:
        case ast.Binary(op, left, right):
            return f"({shape(left)} {op} {shape(right)})"
        case ast.Unary(op, operand):
            return f"({op} {shape(operand)})"
        case ast.IfElse(then, condition, otherwise):
            return f"({shape(then)} if {shape(condition)} else {shape(otherwise)})"
        case ast.Over(value, dim):
            return f"({shape(value)} over {dim.name})"
        case ast.Index(base, indices):
            return f"{shape(base)}[{', '.join(map(shape, indices))}]"
        case ast.Attribute(base, name):
            return f"{shape(base)}.{name.name}"
        case ast.Call(function, arguments):
            return f"{function.name}({', '.join(shape(a.value) for a in arguments)})"
        case ast.ListLiteral(items):
            return f"[{', '.join(map(shape, items))}]"
        case ast.Number():
            return node.text
        case ast.Name(name):
            return name
    raise AssertionError(node)


def nodes(value):
    """Every node in a tree."""
    if isinstance(value, tuple):
        for item in value:
            yield from nodes(item)
    elif is_dataclass(value):
        if isinstance(value, ast.Node):
            yield value
        for field in fields(value):
            if field.name not in {"span", "comments"}:
                yield from nodes(getattr(value, field.name))


PRECEDENCE = [
    ("-x^2", "(- (x ^ 2))"),
    ("2^-1", "(2 ^ (- 1))"),
    ("2^3^2", "(2 ^ (3 ^ 2))"),
    ("a - b - c", "((a - b) - c)"),
    ("a / b * c @ d", "(((a / b) * c) @ d)"),
    ("a + b * c", "(a + (b * c))"),
    ("-a * b", "((- a) * b)"),
    ("a < b + c", "(a < (b + c))"),
    ("not a < b", "(not (a < b))"),
    ("not a and b or c", "(((not a) and b) or c)"),
    ("a if b or c else d if e else f", "(a if (b or c) else (d if e else f))"),
    ("a + [3, 10] over state", "(a + ([3, 10] over state))"),
    ("x over to @ y", "((x over to) @ y)"),
    ("-x over d ^ 2", "(- ((x over d) ^ 2))"),
    ("f(a).b[c]^2", "(f(a).b[c] ^ 2)"),
    ("move[prev(h)][0, z[i]]", "move[prev(h)][0, z[i]]"),
    ("(a + b) * c", "((a + b) * c)"),
]


@pytest.mark.parametrize(("text", "expected"), PRECEDENCE)
def test_operators_bind_as_in_mathematics(text, expected):
    assert shape(expression(text)) == expected


def test_the_gallery_parses(spec):
    assert parse(spec).blocks


def test_every_statement_arrives_as_its_node():
    file = parse(Source("statements.svi", (FIXTURES / "statements.svi").read_text("utf-8")))
    found = {type(node) for node in nodes(file)}
    wanted = {kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.Node)}
    in_expressions = {ast.ListLiteral, ast.IfElse, ast.Attribute, ast.Over, ast.Index}
    assert wanted - found - in_expressions == {ast.Node, ast.Comment}


def test_a_draw_keeps_its_type_and_its_steps():
    draw = statement("h: positive[day] ~ Gamma(1, 1) then Gamma(prev(h), 1)")
    assert isinstance(draw, ast.Draw)
    assert [name.name for name in draw.names] == ["h"]
    assert draw.type == ast.Type(ast.Ident("positive"), dims=(ast.Ident("day"),))
    assert [shape(d) for d in draw.distributions] == ["Gamma(1, 1)", "Gamma(prev(h), 1)"]


def test_an_observation_keeps_mask_and_weight_in_either_order():
    one = statement("observe y ~ Normal(0, 1) where m weight w")
    assert one == statement("observe y ~ Normal(0, 1) weight w where m")
    assert (one.where, one.weight) == (ast.Name("m"), ast.Name("w"))


def test_a_type_has_arguments_a_mark_and_dimensions():
    kind = statement("param x: county(base=1)?[a, b]").type
    assert kind.arguments == (ast.Argument(ast.Ident("base"), ast.Number(1, "1")),)
    assert kind.optional
    assert [d.name for d in kind.dims] == ["a", "b"]


def test_a_guide_on_one_line_is_a_rest_statement():
    (block,) = parse(Source("g.svi", "guide = low_rank(3)")).blocks
    assert block.inline
    (draw,) = block.body
    assert [name.name for name in draw.names] == ["rest"]
    assert shape(draw.distributions[0]) == "low_rank(3)"


def test_a_parameter_tells_a_value_from_a_draw():
    assert not statement("param a: real = 1").draw
    assert statement("param a: real = draw Exponential(1)").draw


def test_numbers_keep_what_was_written():
    number = expression("10_000")
    assert (number.value, number.text) == (10_000, "10_000")
    assert isinstance(number.value, int)
    assert expression("1e-3").value == 0.001
    assert isinstance(expression("5.").value, float)


def test_text_knows_two_escapes():
    assert expression(r'"a \"b\" \\ c\d \\\" e"').value == r'a "b" \ c\d \" e'


def test_a_docstring_is_kept_without_its_outer_blanks():
    assert parse(Source("d.svi", '"""  One.\n\n  Two. """ model {}')).doc == "One.\n\n  Two."
    assert parse(Source("d.svi", "model {}")).doc is None


def test_comments_know_whether_code_stands_before_them():
    file = parse(Source("c.svi", "# one\nmodel { # two  \n  ## three\n} #! four"))
    assert [(c.text, c.trailing) for c in file.comments] == [
        ("one", False),
        ("two", True),
        ("# three", False),
        ("! four", True),
    ]


def test_line_ends_carry_no_meaning(spec):
    file = parse(spec)
    lines = [line.split("#")[0] if '"' not in line else line for line in spec.text.splitlines()]
    if any("#" in line for line in lines) or spec.text.count('"""'):
        return
    assert parse(Source(spec.name, " ".join(lines))).blocks == file.blocks


def test_a_reserved_word_may_name_an_argument():
    call = expression("sum(x, over=feature, weight=w)")
    assert [a.name and a.name.name for a in call.arguments] == [None, "over", "weight"]


def test_every_word_of_statements_and_blocks_may_be_a_name():
    for word in CONTEXTUAL:
        text = (
            f"data {{ {word}: real[{word}] = [1] }}\n"
            f"model {{ a = {word} + {word}[0]\n  plate {word} {{ observe {word} ~ Normal({word}=3 - {word}, 1) }}\n"
            f"  {word} ~ Normal({word}, 1)\n  factor {word}\n  report {word}\n  {word} = {word} + 1\n}}\n"
            f"guide {{ noncentered {word}  centered(0.5) {word}  {word}, b ~ full_rank  {word} ~ {word}({word}) }}\n"
            f"fit {{ minibatch[{word}] = 3 }}"
        )
        file = parse(Source("test.svi", text))
        kinds = [ast.Define, ast.Plate, ast.Draw, ast.Factor, ast.Report, ast.Define]
        assert [type(each) for each in file.blocks[1].body] == kinds, word
        assert parse(Source("test.svi", unparse(file))).blocks == file.blocks, word


def test_every_expression_stands_where_its_span_says(spec):
    for node in nodes(parse(spec)):
        if isinstance(node, ast.Expr):
            text = spec.text[node.span.start : node.span.end]
            assert text == text.strip()
            assert expression(text) == node


def test_spans_lie_in_those_of_their_parents_without_blanks(spec):
    for node in nodes(parse(spec)):
        text = spec.text[node.span.start : node.span.end]
        assert text
        assert text == text.strip()
        for child in nodes(tuple(getattr(node, f.name) for f in fields(node) if f.name not in {"span", "comments"})):
            assert node.span.start <= child.span.start <= child.span.end <= node.span.end


def test_a_statement_spans_from_its_first_to_its_last_word():
    text = "model {\n  report h ~ Normal(0, 1) then Normal(prev(h), 1)   # c\n}  "
    block = parse(Source("s.svi", text)).blocks[0]
    assert text[block.span.start : block.span.end] == text.rstrip()
    (report,) = block.body
    assert text[report.span.start : report.span.end] == "report h ~ Normal(0, 1) then Normal(prev(h), 1)"
    assert text[report.what.span.start : report.what.span.end] == "h ~ Normal(0, 1) then Normal(prev(h), 1)"


@pytest.mark.parametrize("sign", ["+", "*", "and", "^"])
def test_a_sum_of_two_thousand_terms_parses_and_prints(sign):
    text = f"model {{ x = a{f' {sign} a' * (150 if sign == '^' else 2_000)} }}"
    printed = unparse(parse(Source("long.svi", text)))
    assert unparse(parse(Source("long.svi", printed))) == printed
    assert printed.count("a") >= 150


def test_a_thousand_lines_parse_quickly(spec):
    text = re.sub(r'"""[^"]*(?:"[^"]+)*"""', "", spec.text)
    parse(Source("warm.svi", text))
    with within(2):
        parse(Source("long.svi", text * (1_000 // text.count("\n") + 1)))


def test_the_gallery_uses_every_rule_of_the_grammar():
    rules = [rule for rule in grammar.parser().rules if not rule.origin.name.startswith("_")]
    names = {rule.alias or rule.origin.name for rule in rules if rule.alias or not _passes_on(rule)}
    assert {name for name in names if not hasattr(grammar.Builder, name)} == set()
    used: set[str] = set()

    class Watch(grammar.Builder):
        def __getattribute__(self, name):
            method = super().__getattribute__(name)
            return (lambda children: (used.add(name), method(children))[1]) if name in names else method

    watched = grammar.lark.Lark(grammar.grammar_text(), transformer=Watch(), **grammar.OPTIONS)
    for path in FIXTURES.glob("*.svi"):
        parsing = watched.parse_interactive("")
        for token in scan(grammar.parser(), path.read_text("utf-8")).tokens[:-1]:
            parsing.feed_token(token)
        parsing.feed_eof()
    assert used == names


def _passes_on(rule) -> bool:
    """Whether a rule only hands its one child on."""
    return rule.options.expand1 and len(rule.expansion) == 1


def test_the_reserved_words_are_the_words_of_the_grammar():
    words = {
        t.pattern.value for t in grammar.parser().terminals if t.pattern.type == "str" and t.pattern.value.isalpha()
    }
    assert words == set(grammar.RESERVED)


def test_the_grammar_is_free_of_conflicts(caplog):
    with caplog.at_level("DEBUG", logger="lark"):
        grammar.lark.Lark(grammar.grammar_text(), debug=True, **grammar.OPTIONS)
    assert not [record for record in caplog.records if "conflict" in record.getMessage().lower()]


def run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
        cwd=Path(__file__).parents[2],
    )
    return done.stdout


def test_parsing_loads_neither_numpy_nor_jax():
    code = (
        "import sys; from svilang.syntax import parse; from svilang.syntax.unparse import unparse;"
        "from svilang.diagnostics import Source;"
        "unparse(parse(Source('', 'model {}'))); print({'numpy', 'jax', 'scipy', 'rich', 'pandas'} & set(sys.modules))"
    )
    assert run(code).strip() == "set()"


def test_the_cache_is_written_once_used_and_dispensable(tmp_path):
    code = (
        "from svilang.syntax import parse; from svilang.diagnostics import Source; print(parse(Source('', 'model {}')))"
    )
    plain = run(code, XDG_CACHE_HOME=str(tmp_path))
    (file,) = (tmp_path / "svilang").iterdir()
    assert file.suffix == ".pickle"
    written = file.stat().st_mtime_ns
    assert run(code, XDG_CACHE_HOME=str(tmp_path)) == plain
    assert file.stat().st_mtime_ns == written
    file.write_bytes(b"damaged")
    assert run(code, XDG_CACHE_HOME=str(tmp_path)) == plain
    assert file.stat().st_size > 1_000
    (tmp_path / "a file").write_text("")
    assert run(code, XDG_CACHE_HOME=str(tmp_path / "a file")) == plain
