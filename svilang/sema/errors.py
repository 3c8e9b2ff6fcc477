"""Every message of the semantic stage: one function a message, one code a kind of mistake.

Functions take what the stage knows and return a :class:`Diagnostic` in the user's words. The page that explains a code
stands in :mod:`svilang.sema.pages`.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace

from ..catalog.distribution import Combinator, Distribution, Form, Param
from ..catalog.distributions import DISTRIBUTIONS
from ..catalog.function import Function
from ..catalog.functions import FUNCTIONS
from ..diagnostics import NOWHERE, Diagnostic, Note, Span, did_you_mean, nearest
from ..ir import nodes as ir
from ..runtime.guides import FAMILIES
from ..syntax import ast
from ..types import KINDS, Dim, Dims, Interval, Kind, Structure, intervals, nameless
from . import elsewhere
from .squares import TRIANGULAR, Shape

__all__ = ["Diagnostic", "nearest"]


def _axes(dims: Dims) -> str:
    return f"[{', '.join(d.name for d in dims)}]" if dims else "no dimension"


def _listed(names: Iterable[str], word: str = "and") -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {word} {quoted[-1]}"


def _declared(span: Span | None, what: str) -> tuple[Note, ...]:
    return () if span is None or span == NOWHERE else (Note(f"{what} is declared here", span),)


def _what(kind: Kind) -> str:
    """A kind in words: ``positive``, ``from 0 to 1``, ``an ordered vector``."""
    words = {
        Structure.SIMPLEX: "a simplex",
        Structure.ORDERED: "ordered",
        Structure.POSITIVE_ORDERED: "ordered and positive",
        Structure.UNIT_VECTOR: "a unit vector",
        Structure.ZERO_SUM: "zero-sum",
        Structure.CHOLESKY: "a Cholesky factor",
        Structure.CORR_CHOLESKY: "the Cholesky factor of a correlation matrix",
        Structure.COV: "a covariance matrix",
        Structure.CORR: "a correlation matrix",
    }
    if kind.member is not None:
        return f"a member of `{kind.member}`"
    return words.get(kind.structure) or _range(kind.interval)


def _range(interval: Interval) -> str:
    names = {
        intervals.REAL: "a real number",
        intervals.POSITIVE: "positive",
        intervals.NONNEGATIVE: "0 or greater",
        intervals.NEGATIVE: "negative",
        intervals.UNIT: "between 0 and 1",
        intervals.COUNT: "a count (0, 1, 2, …)",
        intervals.BINARY: "0 or 1",
        intervals.INTEGER: "a whole number",
    }
    if interval in names:
        return names[interval]
    low, high = interval.lower, interval.upper
    number = "a whole number" if interval.integer else "a number"
    if low == high:
        return f"{low:g}"
    if high == intervals.inf:
        return f"{number} {'greater than' if interval.lower_open else 'of at least'} {low:g}"
    if low == -intervals.inf:
        return f"{number} {'less than' if interval.upper_open else 'of at most'} {high:g}"
    if interval.lower_open and interval.upper_open:
        return f"{number} between {low:g} and {high:g}, ends excluded"
    return f"{number} from {low:g} to {high:g}"


def _kind_word(kind: Kind) -> str | None:
    """The word of the language that declares a kind, where one does."""
    word = str(kind)
    return word if word in KINDS or word == kind.member else None


# --- 02 names --------------------------------------------------------------------------------------------------------


def dimension_as_value(name: str, span: Span, column: str | None) -> Diagnostic:
    """``column`` is data whose values are members of the dimension."""
    fix = f"a dimension is not a value: write `position({name})` for its positions or `size({name})` for its size"
    if column is not None:
        fix = f"`{column}` says which `{name}` it is: write `{column}`"
    return Diagnostic("E0201", f"`{name}` is a dimension, and a value is needed here", span, help=fix)


def unknown_name(name: str, span: Span, known: Iterable[str], otherwise: str | None = None) -> Diagnostic:
    """``otherwise`` is the help where no name is near."""
    fix = did_you_mean(name, _alike(name, known))
    if fix is None and name in ("i", "j", "k", "n", "t"):
        fix = "there are no loop variables: inside `plate d { … }` a name means this member's value, without an index"
    return Diagnostic("E0201", f"nothing is called `{name}`", span, help=fix or otherwise)


def _alike(name: str, known: Iterable[str]) -> list[str]:
    """Candidates for a suggestion; of thousands only those of the same length and beginning, for speed."""
    names = list(known)
    if len(names) < 300:
        return names
    return [each for each in names if each[0] == name[0] and abs(len(each) - len(name)) < 2][:300]


def defined_twice(name: ast.Ident, first: Span) -> Diagnostic:
    return Diagnostic(
        "E0202",
        f"`{name.name}` is defined twice",
        name.span,
        (Note("the first definition is here", first),),
        "each name is defined once; give one of the two another name",
    )


def draws_data(name: ast.Ident, declared: Span) -> Diagnostic:
    return Diagnostic(
        "E0202",
        f"`{name.name}` is data, and a draw without `observe` makes a latent variable",
        name.span,
        _declared(declared, f"`{name.name}`"),
        f"write `observe {name.name} ~ …`",
    )


def dimension_twice(name: ast.Ident, first: Span) -> Diagnostic:
    return Diagnostic(
        "E0202", f"the dimension `{name.name}` is declared twice", name.span, (Note("first declared here", first),)
    )


def unknown_dimension(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    fix = did_you_mean(name, known) or f"declare it in `data`: `dim {name} = …`"
    return Diagnostic("E0203", f"there is no dimension `{name}`", span, help=fix)


def plate_of_codes(dim: ast.Ident, of_data: Sequence[str]) -> Diagnostic:
    """A plate over a column of whole numbers."""
    over = ", ".join(of_data)
    message = f"`{dim.name}` is declared as numbers, and a plate needs a dimension"
    fix = f"declare its codes as members: `{dim.name}: {dim.name}[{over}]`"
    return Diagnostic("E0203", message, dim.span, help=fix)


def unknown_plate(dim: ast.Ident, known: Iterable[str], of_data: Sequence[str] | None) -> Diagnostic:
    if of_data is None:
        return unknown_dimension(dim.name, dim.span, known)
    if not of_data:
        fix = "a plate runs over a dimension, as `obs` in `y: real[obs]`; its size comes with the data"
        return Diagnostic("E0203", f"`{dim.name}` is a number, and a plate needs a dimension", dim.span, help=fix)
    fix = f"`{dim.name}` is data over {_listed(of_data)}: write `plate {', '.join(of_data)}`"
    return Diagnostic("E0203", f"there is no dimension `{dim.name}`", dim.span, help=fix)


def unknown_kind(kind: ast.Ident, known: Iterable[str]) -> Diagnostic:
    fix = elsewhere.KINDS.get(kind.name) or did_you_mean(kind.name, known)
    return Diagnostic("E0204", f"there is no kind `{kind.name}`", kind.span, help=fix)


def unknown_function(name: ast.Ident, known: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "E0205", f"there is no function `{name.name}`", name.span, help=elsewhere.function(name.name, known)
    )


def variable_as_function(name: ast.Ident, declared: Span) -> Diagnostic:
    return Diagnostic(
        "E0205",
        f"`{name.name}` is no function",
        name.span,
        _declared(declared, f"`{name.name}`"),
        f"a product is written `{name.name} * (…)`, one member `{name.name}[…]`",
    )


def unknown_distribution(
    name: ast.Ident, known: Iterable[str], families: Container[str], functions: Container[str]
) -> Diagnostic:
    fix = elsewhere.distribution(name.name, list(known))
    if fix is None and name.name in FUNCTIONS:
        fix = f"draw from a distribution first, and apply the function to the draw: `y = {name.name}(x)`"
    if name.name in functions:
        fix = f"`{name.name}` is a function and makes a value: write its distribution out where it is drawn from"
    if name.name in families:
        fix = "it is a guide family: write it in a `guide { … }` block"
    return Diagnostic("E0206", f"there is no distribution `{name.name}`", name.span, help=fix)


def unknown_parameter(row: Distribution, name: ast.Ident) -> Diagnostic:
    fix = (
        elsewhere.argument(name.name, [p.name for form in row.forms for p in form.params])
        or f"it can be written {_forms(row)}"
    )
    return Diagnostic("E0207", f"`{row.name}` has no argument `{name.name}`", name.span, help=fix)


def _forms(row: Distribution) -> str:
    return " or ".join(f"`{row.name}({', '.join(p.name for p in form.params)})`" for form in row.forms)


def unknown_argument(owner: str, name: ast.Ident, known: Sequence[str]) -> Diagnostic:
    fix = elsewhere.argument(name.name, known) or (f"it takes {_listed(known)}" if known else "it takes no arguments")
    return Diagnostic("E0207", f"`{owner}` has no argument `{name.name}`", name.span, help=fix)


def missing_argument(call: ast.Call, name: str) -> Diagnostic:
    after = Span(call.span.end - 1, call.span.end)
    return Diagnostic("E0208", f"`{call.function.name}` needs the argument `{name}`", after)


def missing_parameter(call: ast.Call, row: Distribution, param: Param) -> Diagnostic:
    after = Span(call.span.end - 1, call.span.end)
    return Diagnostic("E0208", f"`{row.name}` needs the argument `{param.name}`", after, help=f"it is {param.meaning}")


def dimension_first(call: ast.Call, row: Distribution, plate: str | None) -> Diagnostic:
    """``plate`` is the innermost plate around it, whose members a user may have meant."""
    text = f"write `{row.name}(d, …)` with the dimension `d` that its values have"
    if plate is not None:
        text = f"for all of `{plate}` at once write `{row.name}({plate}, …)`, outside of `plate {plate}`"
    return Diagnostic("E0208", f"`{row.name}` needs a dimension first", call.span, help=text)


def too_many_arguments(call: ast.Expr, span: Span, params: Sequence[str]) -> Diagnostic:
    name = call.function.name if isinstance(call, ast.Call) else "this"
    takes = f"it takes {_listed(params)}" if params else "it takes no arguments"
    if not params and name in KINDS:
        takes = f"dimensions stand in square brackets: `{name}[…]`"
    return Diagnostic("E0209", f"`{name}` has more arguments than it takes", span, help=takes)


def said_twice(call: ast.Call, row: Distribution, name: str, place: int) -> Diagnostic:
    """An argument by name in whose place, under another form, an argument by position stands."""
    first = next((form.params[place].name for form in row.forms if len(form.params) > place), name)
    if first == name:
        return argument_twice(row.name, name, call.span)
    message = f"`{name}` says again what the `{first}` of `{row.name}` says: give only one of them"
    return Diagnostic("E0210", message, call.span, help=f"it can be written {_forms(row)}")


def argument_twice(owner: str, name: str, span: Span) -> Diagnostic:
    return Diagnostic("E0210", f"the argument `{name}` of `{owner}` is given twice", span)


def mixed_parameters(call: ast.Call, row: Distribution, named: Sequence[str]) -> Diagnostic:
    message = f"{_listed(named)} do not go together in `{row.name}`"
    return Diagnostic("E0211", message, call.span, help=f"it can be written {_forms(row)}")


def cycle(names: Sequence[str], span: Span, *, within: bool = False) -> Diagnostic:
    """``within`` says that the name stands in a plate, where the step before may have been meant."""
    shown = [f"`{name}`" for name in names]
    path = " → ".join(shown if len(shown) < 9 else [*shown[:4], "…", *shown[-3:]])
    if len(names) > 2:
        return Diagnostic("E0212", f"`{names[0]}` depends on itself: {path}", span)
    fix = "in `markov d { … }` the value of the step before is `prev(x)`" if within else None
    return Diagnostic("E0212", f"`{names[0]}` depends on itself", span, help=fix)


def recursive_function(name: ast.Ident, cycle: Sequence[str]) -> Diagnostic:
    path = "" if len(cycle) == 2 else f": {' → '.join(f'`{each}`' for each in cycle)}"
    return Diagnostic("E0213", f"the function `{name.name}` calls itself{path}", name.span)


def written_out_too_long(call: ast.Call) -> Diagnostic:
    message = f"written out, the functions that call each other under `{call.function.name}` become too long"
    return Diagnostic(
        "E0233", message, call.span, help="give the results that are used several times names of their own"
    )


def function_without_call(name: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "E0214", f"`{name}` is a function, and a value is needed here", span, help=f"call it: `{name}(…)`"
    )


def distribution_as_value(name: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "E0214",
        f"`{name}` is a distribution, and a value is needed here",
        span,
        help="draw a variable from it by `x ~ …`, and use `x` here",
    )


def attribute_of_no_net(node: ast.Attribute) -> Diagnostic:
    return Diagnostic(
        "E0215", f"only the outputs of a net have names, and `.{node.name.name}` is asked of another value", node.span
    )


def which_output(span: Span, function: str, outputs: Iterable[str]) -> Diagnostic:
    names = list(outputs)
    fix = f"pick one by its name: `.{names[0]}`"
    return Diagnostic("E0215", f"`{function}` gives {_listed(names)}, and one value is needed here", span, help=fix)


def unknown_output(name: ast.Ident, function: str, outputs: Iterable[str]) -> Diagnostic:
    names = list(outputs)
    fix = did_you_mean(name.name, names) or f"it gives {_listed(names)}"
    return Diagnostic("E0215", f"`{function}` gives no `{name.name}`", name.span, help=fix)


def unknown_architecture(body: ast.Expr, known: Iterable[str]) -> Diagnostic:
    names = list(known)
    if isinstance(body, ast.Call):
        fix = did_you_mean(body.function.name, names) or f"there are {_listed(names)}"
        return Diagnostic("E0240", f"there is no architecture `{body.function.name}`", body.function.span, help=fix)
    message = f"the body of a net is an architecture, one of {_listed(names, 'or')}"
    fix = "for example `mlp(400, softplus)`; a formula is written `def f(x) = …`"
    return Diagnostic("E0240", message, body.span, help=fix)


def unknown_activation(value: ast.Expr, known: Iterable[str]) -> Diagnostic:
    names = list(known)
    if isinstance(value, ast.Name):
        fix = did_you_mean(value.name, names) or f"there are {_listed(names)}"
        return Diagnostic("E0241", f"there is no activation `{value.name}`", value.span, help=fix)
    return Diagnostic("E0241", "an activation is given by its name alone", value.span, help=f"one of {_listed(names)}")


def no_activation(call: ast.Call, form: str) -> Diagnostic:
    after = Span(call.span.end - 1, call.span.end)
    message = f"`{call.function.name}` needs an activation behind its layers"
    return Diagnostic("E0241", message, after, help=f"write `{form}`, for example with `softplus` or `tanh`")


def layers_do_not_fit(call: ast.Call, form: str) -> Diagnostic:
    message = f"these are not the sizes that `{call.function.name}` takes"
    return Diagnostic("E0242", message, call.span, help=f"write `{form}`")


def width_is_no_size(width: ast.Expr) -> Diagnostic:
    fix = "write it as a number, or declare `dim hidden = …` and write `hidden`"
    message = "the width of a layer is a whole number of at least 1, or a dimension"
    return Diagnostic("E0242", message, width.span, help=fix)


def no_place_of_a_function(span: Span) -> Diagnostic:
    fix = 'write `from "module:function"`, as in `from "mylib.physics:drag"`'
    return Diagnostic("E0243", "this does not say where the function stands", span, help=fix)


def ode_of_no_function(span: Span) -> Diagnostic:
    message = "`ode` needs the name of a function first, which gives the rate of change of the state"
    fix = "declare it, `def rates(state, time) = …`, and write `ode(rates, …)`"
    return Diagnostic("E0244", message, span, help=fix)


def ode_of_other_arguments(rates: ast.Expr, count: int) -> Diagnostic:
    name = getattr(rates, "name", "this")
    message = f"`{name}` has {count} arguments, and the rates of `ode` are a function of the state and the time"
    fix = f"write `{name}(state, time)` or `{name}(state)`; other values are named in its body"
    return Diagnostic("E0244", message, rates.span, help=fix)


def net_without_input(name: ast.Ident) -> Diagnostic:
    fix = "numbers to be optimised are declared `param`"
    return Diagnostic("E0242", f"`{name.name}` has no input, so its outputs are constant", name.span, help=fix)


def unknown_family(name: str, span: Span, known: Iterable[str]) -> Diagnostic:
    here = elsewhere.FAMILIES.get(name)
    fix = did_you_mean(name, known) if here is None else f"it is called `{here}` here"
    if name in DISTRIBUTIONS:
        fix = f"a distribution is for one latent variable at a time: `x ~ {name}(…)`"
    return Diagnostic("E0216", f"there is no guide family `{name}`", span, help=fix)


def means_family(name: str) -> bool:
    """Whether an unknown word in a guide is more like a family than like a distribution."""
    return name in elsewhere.FAMILIES or bool(nearest(name, FAMILIES))


def unknown_setting(name: ast.Ident, known: Iterable[str], what: str = "setting") -> Diagnostic:
    names = list(known)
    fix = elsewhere.SETTINGS.get(name.name) if what == "setting" else None
    fix = fix or did_you_mean(name.name, names) or f"known here: {_listed(names, 'or')}"
    return Diagnostic("E0217", f"there is no {what} `{name.name}`", name.span, help=fix)


def setting_twice(name: ast.Ident, first: Span) -> Diagnostic:
    return Diagnostic(
        "E0202", f"the setting `{name.name}` is given twice", name.span, (Note("first given here", first),)
    )


def unknown_label(literal: ast.String | ast.Number, dim: str, known: Sequence[str | int | float]) -> Diagnostic:
    fix = did_you_mean(str(literal.value), [str(k) for k in known])
    shown = f'"{literal.value}"' if isinstance(literal, ast.String) else literal.value
    return Diagnostic("E0218", f"the dimension `{dim}` has no label {shown}", literal.span, help=fix)


def no_such_position(literal: ast.String | ast.Number, dim: str, size: int | float) -> Diagnostic:
    message = f"`{dim}` has {size:g} members, and none at position {literal.value}"
    return Diagnostic(
        "E0218", message, literal.span, help=f"positions count from 0: the last one is {size - 1:g}, or -1"
    )


def no_model(span: Span) -> Diagnostic:
    return Diagnostic(
        "E0219",
        "the spec has no `model` block",
        Span(max(span.end - 1, 0), max(span.end, 1)),
        help="write `model { … }` with the priors and the observations",
    )


def block_twice(span: Span, first: Span) -> Diagnostic:
    head = Span(span.start, min(span.end, span.start + 5))
    return Diagnostic(
        "E0220", "this block stands twice", head, (Note("the first one is here", Span(first.start, first.start + 5)),)
    )


def only_in_model(word: str, span: Span) -> Diagnostic:
    return Diagnostic("E0221", f"`{word}` belongs in the model, not in the guide", _head(span, word))


def only_in_guide(word: str, span: Span) -> Diagnostic:
    return Diagnostic("E0221", f"`{word}` belongs in the guide, not in the model", _head(span, word))


def _head(span: Span, word: str) -> Span:
    return Span(span.start, min(span.end, span.start + len(word)))


def joint_draw_in_model(names: Sequence[ast.Ident]) -> Diagnostic:
    span = names[0].span.to(names[-1].span)
    return Diagnostic(
        "E0222",
        "in a model each variable has a distribution of its own",
        span,
        help="write one statement for each; several names before `~` are a joint family of the guide",
    )


def not_a_distribution(span: Span) -> Diagnostic:
    return Diagnostic("E0223", "a distribution is needed here", span, help="for example `Normal(0, 1)`")


def kind_expected(span: Span) -> Diagnostic:
    return Diagnostic("E0224", "a kind is needed here", span, help="for example `Improper(positive)`")


def no_dimension_to_reduce(call: ast.Call, node: ast.Expr) -> Diagnostic:
    """``max(a, b)`` for the larger of two numbers."""
    name = call.function.name
    fix = f"the one of several numbers is `{name}imum(a, b)`" if name in ("max", "min") else None
    message = f"`{name}` takes a vector, and the name of one of its dimensions: `{name}(x, over=d)`"
    return Diagnostic("E0225", message, node.span, help=fix)


def dimension_expected(node: ast.Expr | ast.Ident) -> Diagnostic:
    number = isinstance(node, ast.Number)
    fix = f"declare `dim name = {node.text}` in `data`, and write the name here" if number else None
    return Diagnostic("E0225", "the name of a dimension is needed here", node.span, help=fix)


def dim_outside_data(node: ast.DimDecl) -> Diagnostic:
    return Diagnostic(
        "E0226",
        f"the dimension `{node.name.name}` is declared outside `data`",
        node.span,
        help="move the line into a `data { … }` block",
    )


def then_outside_chain(span: Span) -> Diagnostic:
    return Diagnostic("E0227", "`then` is only meaningful inside `markov`", span)


def prev_outside_chain(span: Span, data: str | None) -> Diagnostic:
    """``data`` is the item whose earlier value is asked for, where it is one."""
    return Diagnostic("E0227", "`prev` is only meaningful inside `markov`", span, help=_earlier(data))


def _earlier(data: str | None) -> str | None:
    return None if data is None else f"of data the value before is `lag({data})`, in a plate or a chain"


def prev_not_positive(span: Span) -> Diagnostic:
    return Diagnostic("E0417", "`prev` goes back a fixed number of steps, 1 or more", span)


def prev_before_start(span: Span, steps: int, reach: int, data: str | None) -> Diagnostic:
    if reach == 0:
        fix = _earlier(data) or "write the start of the chain first: `x ~ A then B`, and use `prev` in B"
        return Diagnostic("E0421", "`prev` reaches before the start of the chain here", span, help=fix)
    written = "1 step is" if reach == 1 else f"{reach} steps are"
    message = f"`prev` goes {steps} steps back, and only {written} written before this one"
    return Diagnostic(
        "E0421", message, span, help="write the law of each of the first steps, with a `then` between them"
    )


def prev_without_chain(span: Span, chain: str) -> Diagnostic:
    return Diagnostic("E0422", f"this does not vary along the chain `{chain}`, so it has no previous value", span)


def steps_differ(span: Span, start: Dims = (), step: Dims = (), alias: Dim | None = None) -> Diagnostic:
    """``A then B`` of different kinds or axes; ``alias`` is the name that an axis of the step should have."""
    message = "all steps of a chain must be of one kind, with the same dimensions"
    if start != step:
        message += f": the start has {_axes(start)}, and this has {_axes(step)}"
    fix = None if alias is None else f"give it the dimension of the start: `(…) over {alias.name}`"
    return Diagnostic("E0423", message, span, help=fix)


def prev_within_prev(span: Span) -> Diagnostic:
    fix = "name the inner value in a definition of its own, or count the steps: `prev(x, 2)`"
    return Diagnostic("E0424", "`prev` and `lag` cannot stand within a `prev` of a carried definition", span, help=fix)


def carried_as_a_whole(span: Span, name: str, chain: str) -> Diagnostic:
    message = f"a step of `{name}` sees only the steps before it, and this runs along `{chain}`"
    fix = f"use `prev({name})` for the step before, or make the whole outside of the recursion"
    return Diagnostic("E0424", message, span, help=fix)


def default_is_no_literal(node: ast.Expr) -> Diagnostic:
    gap = isinstance(node, ast.Name) and node.name.lower() in ("na", "nan", "null", "none", "nil")
    fix = "an entry that is not known is `missing`" if gap else "compute with it in the model instead"
    return Diagnostic("E0228", "a value in `data` is a number, a label or a list of them", node.span, help=fix)


def only_base(kind: ast.Ident, span: Span) -> Diagnostic:
    return Diagnostic(
        "E0229", f"a label column of `{kind.name}` takes `base=` and a whole number, and nothing else", span
    )


def unknown_guide(name: str, known: Sequence[str]) -> Diagnostic:
    fix = did_you_mean(name, known) or (f"the spec has {_listed(known)}" if known else "the spec names none")
    return Diagnostic("E0230", f"there is no guide `{name}`", help=fix)


def setting_takes_no_dimension(setting: ast.Setting) -> Diagnostic:
    return Diagnostic("E0231", f"`{setting.name.name}` takes no dimension", setting.dims[0].span)


def batch_of_one_dimension(setting: ast.Setting) -> Diagnostic:
    span = setting.dims[1].span if setting.dims else setting.name.span
    return Diagnostic("E0231", "`minibatch` is of one dimension", span, help="write `minibatch[obs] = 256`")


def start_of_one_latent(setting: ast.Setting) -> Diagnostic:
    span = setting.dims[1].span if setting.dims else setting.name.span
    return Diagnostic("E0231", "`init` is of one latent variable", span, help="write `init[mu] = 700`")


def start_is_no_number(name: str, span: Span) -> Diagnostic:
    message = f"the start of `{name}` must be a number, or a list of numbers"
    return Diagnostic("E0234", message, span)


def no_start(name: ast.Ident, what: str | None, fix: str, known: Iterable[str]) -> Diagnostic:
    """A start of a name that no family of a guide covers; ``what`` it is, where the spec has it."""
    if what is not None:
        return Diagnostic("E0234", f"`{name.name}` is {what}, which takes no `init`", name.span, help=fix)
    listed = list(known)
    fix = did_you_mean(name.name, listed) or (f"these have starts: {_listed(listed)}" if listed else fix)
    return Diagnostic("E0234", f"there is no latent variable `{name.name}`", name.span, help=fix)


def start_of_wrong_shape(site: ir.Site, given: str, sizes: Mapping[str, int], span: Span) -> Diagnostic:
    """``given`` says what the value is."""
    if not site.dims:
        message, fix = f"`{site.name}` is one number, and its start is {given}", "give one number"
    else:
        known = [f"{d.name} {sizes[d.name]}" if d.name in sizes else d.name for d in site.dims]
        message = f"`{site.name}` is over [{', '.join(known)}], and its start is {given}"
        fix = "give one number for all elements, or lists in the order of the dimensions"
    return Diagnostic("E0234", message, span, _declared(site.span, f"`{site.name}`"), fix)


def start_outside(site: ir.Site, number: float | None, span: Span) -> Diagnostic:
    """``number`` is the element that lies outside the support, or on one of its ends."""
    kind = site.kind if number is None else site.kind.element
    at_end = number is not None and number in kind.interval
    fix = "the ends of the support are no start: give a value between them" if at_end else None
    wanted = "within its support" if number is None and kind.structure is Structure.SCALAR else _what(kind)
    message = f"the start of `{site.name}` must be {wanted}" + ("" if number is None else f", and this is {number:g}")
    return Diagnostic("E0234", message, span, _declared(site.span, f"`{site.name}`"), fix)


def setting_is_no_number(span: Span, name: str) -> Diagnostic:
    return Diagnostic("E0231", f"`{name}` must be a number", span)


def family_setting(span: Span, name: str, wanted: str) -> Diagnostic:
    return Diagnostic("E0231", f"`{name}` must be {wanted}", span)


def setting_wants(setting: ast.Setting, wanted: str) -> Diagnostic:
    return Diagnostic("E0231", f"`{setting.name.name}` must be {wanted}", setting.value.span)


def setting_by_itself(name: ast.Ident) -> Diagnostic:
    """A setting for several names, among those that have one value."""
    fix = f"`--{name.name} NAME=VALUE` on the command line, `fit({name.name}=…)` in Python"
    return Diagnostic("E0231", f"`{name.name}` is given by itself", name.span, help=fix)


def setting_of_one_value(name: str, span: Span) -> Diagnostic:
    return Diagnostic("E0231", f"`{name}` has one value, and there is more here", span)


def setting_wants_call(span: Span) -> Diagnostic:
    return Diagnostic("E0231", "a name or a call is needed here", span, help="for example `adam(0.01)`")


def wrong_call(span: Span, sentence: str, fix: str | None) -> Diagnostic:
    return Diagnostic("E0231", sentence, span, help=fix)


def wrong_optimizer(span: Span, sentence: str, fix: str | None) -> Diagnostic:
    return Diagnostic("E0232", sentence, span, help=fix)


def never_used(word: str, name: ast.Ident, fix: str | None = None) -> Diagnostic:
    return Diagnostic("W0201", f"the {word} `{name.name}` is never used", name.span, help=fix)


def allows_nothing(code: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "W0202", f"nothing is reported as {code} here", span, help="remove it, so that it does not hide a later mistake"
    )


# --- 03 dimensions ---------------------------------------------------------------------------------------------------


def free_dimension(span: Span, row: Distribution | Combinator, param: Param, free: Dims, fix: str | None) -> Diagnostic:
    names = ", ".join(d.name for d in free)
    message = (
        f"the {param.name} of {row.name} is one number for each {_listed(d.name for d in free)}, and one is needed"
    )
    fix = fix or f"open `plate {names} {{ … }}` around the statement, or reduce: `sum(…, over={free[0].name})`"
    if nameless(free[0].name):
        message = f"the {param.name} of {row.name} is a list, and one number is needed"
        fix = "declare the dimension of what is drawn: `x: real[d] ~ …`"
    return Diagnostic("E0301", message, span, help=fix)


def by_index(column: str) -> str:
    """The fix where a label column says which member is meant."""
    return f"pick one by an index: `…[{column}]`"


def by_product(dim: str) -> str:
    """The fix where a product was not summed."""
    return f"a product that is summed over `{dim}` is written with `@`"


def wrong_event(
    span: Span, row: Distribution | Combinator, param: Param, free: Dims, in_plate: Sequence[Dim], *, alike: bool
) -> Diagnostic:
    """Too few or too many free dimensions; ``alike`` where all of them are names of one."""
    wanted = "one free dimension" if len(param.event or (1,)) == 1 else "two free dimensions (a square)"
    message = f"the {param.name} of {row.name} must have {wanted}, and has {_axes(free)}"
    fix = None
    if not free and in_plate:
        dim = in_plate[-1].name
        fix = f"inside `plate {dim}` it is one number for this {dim}: move the statement out of the plate"
    elif not free and param.kind.structure is not Structure.SIMPLEX:
        square = len(param.event) == 2
        fix = "a multiple of the identity is `x * eye(d)`" if square else "equal numbers are `full(d, x)`"
    elif len(free) > 1 and alike:
        fix = f"both have the same members: give one part the name of the other, `… over {free[-1].name}`"
    elif len(free) > 1:
        fix = f"open a plate over all but one of them: `plate {free[0].name} {{ … }}`"
    return Diagnostic("E0302", message, span, help=fix)


def event_is_open_plate(span: Span, name: str, dim: str) -> Diagnostic:
    return Diagnostic(
        "E0303",
        f"{name} is a vector over `{dim}`, and cannot stand inside `plate {dim}`",
        span,
        help=f"declare an alias, `dim other = {dim}`, and use it for the vector",
    )


def event_sizes_differ(
    span: Span, row: Distribution | Combinator, param: Param, first: Dim, second: Dim
) -> Diagnostic:
    return Diagnostic(
        "E0304", f"the {param.name} of {row.name} runs over `{second}`, the rest of it over `{first}`", span
    )


def event_twice(span: Span, row: Distribution, dim: Dim) -> Diagnostic:
    message = f"{row.name} runs over two dimensions, and both are `{dim.name}`"
    return Diagnostic("E0313", message, span, help=f"name the first one, for example `dim step = {dim.name}`")


def other_size(span: Span, row: Distribution, dim: Dim, wanted: int, size: float) -> Diagnostic:
    return Diagnostic("E0329", f"{row.name} is over {wanted} members, and `{dim}` has {size:g}", span)


def declared_over_other(span: Span, event: Dims, law: ir.Law) -> Diagnostic:
    message = f"the declared kind runs over {_axes(event)}, and {law.row.name} gives {_axes(law.event)}"
    return Diagnostic("E0304", message, span)


def cannot_contract(node: ast.Binary, left: Dims, right: Dims, names: Sequence[str]) -> Diagnostic:
    if names:
        text = f"`@` sums over the one dimension that both sides have, and these share {_listed(names)}"
        return Diagnostic("E0305", text, node.span, help="rename one with an alias: `x over other`")
    message = f"`@` needs a dimension that both sides have: the left has {_axes(left)}, the right {_axes(right)}"
    return Diagnostic("E0305", message, node.span, help="for a product element by element write `*`")


def crosswise_product(node: ast.Binary, name: str, left: Dims, right: Dims) -> Diagnostic:
    text = (
        f"`@` would sum over `{name}`, and a matrix product of {_axes(left)} and {_axes(right)} over another dimension"
    )
    return Diagnostic(
        "E0327",
        text,
        node.span,
        help="turn the two sides round if the sum over this dimension is meant, or rename with `x over alias`",
    )


def squares_apart(span: Span, first: Dims, second: Dims) -> Diagnostic:
    which = f"the squares {_axes(first)} and {_axes(second)}"
    message = f"{which} do not line up: rows of one run over columns of the other"
    return Diagnostic("E0328", message, span, help=f"declare the second as {_axes(second[::-1])}")


def which_axis(span: Span, dim: str) -> Diagnostic:
    return Diagnostic(
        "E0306",
        f"this is a square over `{dim}`, and it is not clear whether its rows or its columns are meant",
        span,
        help=f"multiply with `ones({dim})` on the left or right, or declare the columns by an alias",
    )


def which_dimension(call: ast.Call, free: Dims) -> Diagnostic:
    name = call.function.name
    if not free:
        return Diagnostic("E0306", f"`{name}` needs a value with a free dimension", call.span)
    return Diagnostic(
        "E0306",
        f"`{name}` needs to be told over which of {_axes(free)} it runs",
        call.span,
        help=f"write `over={free[0].name}`",
    )


def counts_shared(call: ast.Call, name: str, plate: str, free: Dims) -> Diagnostic:
    """A sum of a definition in a plate with which it does not vary."""
    once = f"`over={free[0].name}` to count it once, or " if len(free) == 1 else ""
    return Diagnostic(
        "E0306",
        f"`{name}` is the same for every {plate}, and it is not clear whether `{call.function.name}` counts it once or "
        f"for each {plate}",
        call.span,
        help=f"write {once}`{name} * ones({plate})` to count it for each {plate}",
    )


def reduces_missing(call: ast.Call, function: Function, dim: str, dims: Dims) -> Diagnostic:
    return Diagnostic(
        "E0307",
        f"`{call.function.name}` runs over `{dim}`, which its argument with {_axes(dims)} does not have",
        call.span,
        help=f"`{function.name}(x, over=d)` is {function.summary}, with `d` a dimension of x",
    )


def reduces_open_plate(span: Span, function: str, dim: str) -> Diagnostic:
    return Diagnostic(
        "E0308",
        f"inside `plate {dim}` a value is that of one {dim}, so `{function}` cannot run over it",
        span,
        help=f"define it outside the plate: `name = {function}(…, over={dim})`",
    )


def net_inside_its_plate(span: Span, function: str, name: str, dim: str) -> Diagnostic:
    message = f"inside `plate {dim}` a value is that of one {dim}, and the `{name}` of `{function}` is all of them"
    return Diagnostic("E0308", message, span, help=f"call it outside the plate: `name = {function}(…)`")


def ode_over_others(rates: ast.Name, given: Dims, state: Dims) -> Diagnostic:
    message = f"`{rates.name}` gives {_axes(given)}, and the state of these equations has {_axes(state)}"
    fix = "what the start gives has one value for each part of the state; so must what the rates give"
    return Diagnostic("E0341", message, rates.span, help=fix)


def ode_tied_times(span: Span, name: str, dim: str) -> Diagnostic:
    message = f"the `{name}` differ along `{dim}`, and these equations tie the members of `{dim}` to each other"
    return Diagnostic("E0341", message, span, help=f"solve them at the same times for each {dim}")


def ode_begins_once(span: Span, free: Dims) -> Diagnostic:
    message = f"the equations begin at one time, and this has {_axes(free)}"
    return Diagnostic("E0341", message, span)


def net_lacks_dimension(span: Span, function: str, name: str, wanted: Dims, free: Dims) -> Diagnostic:
    return Diagnostic("E0340", f"the `{name}` of `{function}` has {_axes(wanted)}, and this has {_axes(free)}", span)


def net_over_its_own(span: Span, function: str, name: str, dim: str) -> Diagnostic:
    message = f"the `{name}` given to `{function}` runs over `{dim}`, which is a dimension of the function itself"
    fix = f"open `plate {dim} {{ … }}` around it, or declare an alias of `{dim}` for the function's"
    return Diagnostic("E0340", message, span, help=fix)


def index_of_other_dimension(
    index: ast.Expr, member: str, base: ast.Expr, dims: Dims, taken: Collection[Dim]
) -> Diagnostic:
    """An index without an axis of its own; other indexes have ``taken`` some of ``dims``."""
    name = f"`{base.name}`" if isinstance(base, ast.Name) else "what is indexed"
    if taken and {*taken} >= {*dims}:
        message = f"this is a member of `{member}`, and the other indexes take all that {name} has, {_axes(dims)}"
        return Diagnostic("E0309", message, index.span, help="leave it out")
    return Diagnostic(
        "E0309",
        f"this is a member of `{member}`, and {name} has {_axes(dims)}",
        index.span,
        help=f"index it by a member of {_listed((d.name for d in dims), 'or')}" if dims else None,
    )


def index_by_open_plate(index: ast.Name) -> Diagnostic:
    """``x[obs]`` inside ``plate obs``."""
    dim = index.name
    fix = f"leave the index out: inside `plate {dim}` a name means the value of this {dim}"
    return Diagnostic("E0201", f"`{dim}` is a dimension, and no index", index.span, help=fix)


def parts_over_weights(problem: Diagnostic, row: str, mixed: Dim) -> Diagnostic:
    """An argument of the parts of a mixture, of which each is one for a weight."""
    if problem.code != "E0301":
        return problem
    fix = f"`{row}` has a part for each member of `{mixed}`, over which its weights run: give this over `{mixed}` too"
    return replace(problem, help=fix)


def shifted_member(index: ast.Binary, member: str) -> Diagnostic:
    """``a[group + 1]``."""
    message = f"a member of `{member}` is an index as it is, and not a number to calculate with"
    fix = f"leave out `{index.op} …`; codes that count from 1 are declared `{member}(base=1)`"
    return Diagnostic("E0405", message, index.span, help=fix)


def index_is_no_member(index: ast.Expr, dims: Dims, *, drawn: bool) -> Diagnostic:
    fix = None
    if dims:
        fix = f"a number that is computed is none: a column of data names members, `at: {dims[0].name}[…]`, a chain "
        fix += "reads the steps before by `prev(…)`, and data by `lag(…)`"
    if dims and isinstance(index, ast.Name):
        dim = dims[0].name
        fix = f"declare it as one: `{index.name}: {dim}[…]`, or `{dim}(base=1)[…]` if its codes count from 1"
        if drawn:
            fix = f"draw it as one: `{index.name} ~ Categorical(…)` with probabilities over `{dim}`"
    return Diagnostic("E0310", "an index must be a member of a dimension, a label or a position", index.span, help=fix)


def _lagged(literal: ast.String | ast.Number) -> str | None:
    """What ``y[-1]`` means in a plate to those who write it."""
    if isinstance(literal, ast.Number) and literal.value < 0:
        return "of data the value before is `lag(y)`, of what is drawn in a `markov` it is `prev(x)`"
    return None


def which_index(node: ast.Index, literal: ast.String | ast.Number, candidates: Sequence[Dim]) -> Diagnostic:
    if not candidates:
        return Diagnostic(
            "E0311",
            "there is no free dimension left to index",
            literal.span,
            help=_lagged(literal)
            or "inside a plate a name means the value of this member; outside it a position picks one",
        )
    return Diagnostic("E0311", f"it is not clear which of {_axes(tuple(candidates))} this indexes", literal.span)


def plate_already_open(dim: ast.Ident) -> Diagnostic:
    return Diagnostic(
        "E0312",
        f"`plate {dim.name}` is already open here",
        dim.span,
        help=f"for pairs declare an alias: `dim other = {dim.name}`",
    )


def dimension_repeated(dim: ast.Ident, *, in_plate: bool) -> Diagnostic:
    message = (
        f"`plate {dim.name}` is open around this, so the type cannot have `{dim.name}` again"
        if in_plate
        else (f"the dimension `{dim.name}` stands twice")
    )
    fix = f"declare an alias, `dim other = {dim.name}`, if a second one of its size is meant"
    return Diagnostic("E0313", message, dim.span, help=fix)


def structure_needs_dimension(wanted: ast.Type, kind: Kind) -> Diagnostic:
    return Diagnostic(
        "E0314", f"`{wanted.kind.name}` needs a dimension", wanted.span, help=f"write `{wanted.kind.name}[d]`"
    )


def observed_in_plate_of_labels(span: Span, plate: str, column: str, free: Dims) -> Diagnostic:
    """Rows observed in the plate of the groups to which a label column assigns them."""
    over = ", ".join(dim.name for dim in free)
    message = f"what is observed has {_axes(free)}, and stands in `plate {plate}`"
    fix = f"observe it in `plate {over}`: there `x[{column}]` is the `x` of the `{plate}` of each row"
    return Diagnostic("E0315", message, span, help=fix)


def variate_dimension(span: Span, free: Dims, law: ir.Law, what: str = "what is observed") -> Diagnostic:
    if not law.event and what == "what is observed":
        names = ", ".join(d.name for d in free)
        return Diagnostic(
            "E0315",
            f"{what} has {_axes(free)}, and {law.row.name} gives one number",
            span,
            help=f"open `plate {names} {{ … }}` around the statement",
        )
    return Diagnostic("E0315", f"{what} has {_axes(free)}, and {law.row.name} gives {_axes(law.event)}", span)


def observed_once_per_member(span: Span, dim: str) -> Diagnostic:
    return Diagnostic(
        "E0316",
        f"what is observed does not vary with `{dim}`, and would count once for every {dim}",
        span,
        help=f"move the statement out of `plate {dim}`; if each {dim} has a likelihood of its own, observe a copy that "
        f"is defined outside, `y_each = y * ones({dim})`",
    )


def factor_once_per_member(span: Span, dim: str) -> Diagnostic:
    return Diagnostic(
        "E0316",
        f"this term does not vary with `{dim}`, and would count once for every {dim}",
        span,
        help=f"move it out of `plate {dim}`, or multiply by `size({dim})` outside if that is meant",
    )


def factor_with_dimension(span: Span, free: Dims) -> Diagnostic:
    names = ", ".join(d.name for d in free)
    return Diagnostic(
        "E0317",
        f"a term of the log density is one number, and this has {_axes(free)}",
        span,
        help=f"open `plate {names} {{ … }}` around it, or write `sum(…)`",
    )


def free_in_clause(span: Span, word: str, free: Dims) -> Diagnostic:
    return Diagnostic("E0317", f"`{word}` needs one value for each element, and this has {_axes(free)} besides", span)


def list_of_wrong_length(node: ast.ListLiteral, dim: str, size: int | float, declared: Span) -> Diagnostic:
    return Diagnostic(
        "E0318",
        f"the list has {len(node.items)} entries, and `{dim}` has {size}",
        node.span,
        _declared(declared, f"`{dim}`"),
    )


def parts_and_weights(span: Span, parts: int, weights: int | float) -> Diagnostic:
    return Diagnostic("E0318", f"the mixture has {weights:g} weights and {parts} parts", span)


def list_along_its_own_dimension(span: Span, dim: str) -> Diagnostic:
    return Diagnostic(
        "E0319",
        f"the entries of this list over `{dim}` have the dimension `{dim}` themselves",
        span,
        help="say which dimension the list runs over: `[…] over d`",
    )


def list_without_dimension(
    span: Span, name: str | None = None, axes: Dims = (), *, nested: bool = False
) -> Diagnostic:
    """A list whose dimension matters where it is used: in a statement, or where it may be one of ``axes``."""
    which = "this list" if name is None else f"the list in `{name}`"
    fix = f"write `[…] over {axes[-1].name if axes else 'd'}`"
    if nested:
        fix = "name both dimensions, the outer one first: `[[…], …] over a over b`, one twice for a square"
    return Diagnostic("E0319", f"nothing says which dimension {which} runs over", span, help=fix)


def not_the_right_matrix(
    span: Span, function: str, event: Sequence[str], free: Dims, row: Function | None = None
) -> Diagnostic:
    """``row`` is the function where one of its arguments is meant."""
    wanted = "a vector (one free dimension)" if len(event) == 1 else "a matrix (two free dimensions)"
    if len(event) == 2 and event[0] == event[1]:
        wanted = "a square (the same dimension twice, or an alias of it)"
    if not event:
        wanted = "a number"
    fix = None
    if row is not None and row.signature is not None:
        pairs = zip(row.params, row.signature[0], strict=True)
        shapes = [f"`{name}` over [{', '.join(axes)}]" if axes else f"`{name}` a number" for name, axes in pairs]
        fix = f"`{function}({', '.join(row.params)})` is {row.summary}, with {' and '.join(shapes)}"
    return Diagnostic("E0320", f"`{function}` needs {wanted} here, and this has {_axes(free)}", span, help=fix)


def matrix_sizes_differ(span: Span, function: str, first: Dim, second: Dim) -> Diagnostic:
    return Diagnostic("E0321", f"the arguments of `{function}` run over `{first}` and `{second}`", span)


def nothing_to_relabel(span: Span, dim: str, dims: Dims) -> Diagnostic:
    return Diagnostic(
        "E0322",
        f"`over {dim}` renames a dimension that `{dim}` is an alias of, and this has {_axes(dims)}",
        span,
        help=f"declare `dim {dim} = …` as an alias of the dimension to rename",
    )


def fills_open_plate(span: Span, function: str, dim: str) -> Diagnostic:
    fix = (
        f"move it out of `plate {dim}`; a vector over all of them for each one needs an alias, `dim other = {dim}`"
    )
    return Diagnostic(
        "E0323", f"inside `plate {dim}` there is one {dim}, so `{function}({dim})` cannot be made here", span, help=fix
    )


def fills_twice(span: Span, function: str, dim: str) -> Diagnostic:
    message = f"`{function}` makes the dimension `{dim}`, over which the value runs already"
    return Diagnostic("E0323", message, span, help=f"for a table over both declare an alias, `dim other = {dim}`")


def labels_are_no_list(span: Span, dim: str) -> Diagnostic:
    return Diagnostic("E0324", f"the labels of `{dim}` must be different strings, or different whole numbers", span)


def size_is_no_count(span: Span, dim: str) -> Diagnostic:
    return Diagnostic("E0324", f"the size of `{dim}` must be a whole number of at least 1", span)


def init_dimension(span: Span, name: str, dim: str) -> Diagnostic:
    return Diagnostic("E0325", f"the start of `{name}` has the dimension `{dim}`, which `{name}` does not have", span)


def mixed_events(span: Span, name: str) -> Diagnostic:
    return Diagnostic("E0326", f"the parts of {name} must be all scalars or all vectors", span)


def parts_differ(span: Span, name: str, *parts: tuple[ir.Law, Kind]) -> Diagnostic:
    gives = " and ".join(f"{law.row.name} gives {_values(law, kind)}" for law, kind in parts)
    return Diagnostic("E0326", f"the parts of {name} must be laws of the same values: {gives}", span)


def point_in_mixture(span: Span, name: str, point: str) -> Diagnostic:
    """A point beside laws with densities: their sum is neither a probability nor a density."""
    message = f"{point} gives its one value a probability, which {name} can add to those of other whole numbers only"
    fix = "data with many zeros follow `ZeroInflated(…, gate)`; of a latent, draw first whether it is at the point"
    return Diagnostic("E0326", message, span, help=fix)


def _values(law: ir.Law, kind: Kind) -> str:
    if kind.member is not None:
        return f"a member of `{kind.member}`"
    numbers = "whole numbers" if kind.discrete else "real numbers"
    what = numbers if kind.structure is Structure.SCALAR else _what(kind)
    return f"{what} over {', '.join(f'`{dim}`' for dim in law.event)}" if law.event else what


# --- 04 kinds and supports -------------------------------------------------------------------------------------------


def wrong_structure(
    node: ir.Node, span: Span, what: str, wanted: Kind, declared: Span | None, squares: Squares
) -> Diagnostic:
    name = _subject(node)
    given = f"but {name} is {_what(node.kind)}"
    if node.kind.structure is Structure.SCALAR:
        given = f"and nothing says that {name} is"
    return Diagnostic(
        "E0401",
        f"{what} must be {_what(wanted)}, {given}",
        span,
        _declared(declared, name),
        _tie(node, name, wanted, squares),
    )


def wrong_square(span: Span, what: str, wanted: Kind, found: Shape, squares: Squares) -> Diagnostic:
    """A matrix that is computed, and cannot have the structure that it needs."""
    factor = wanted.structure in (Structure.CHOLESKY, Structure.CORR_CHOLESKY)
    given, fix = f"but this is {found.value}", "the covariance matrix of a factor L is `tcrossprod(L)`"
    if Structure.CHOLESKY in squares:
        fix = f"give a Cholesky factor as `{squares[Structure.CHOLESKY]}=…`"
    if found is Shape.ENTRIES:
        fix = "a product of matrices is written `@`"
    elif found is Shape.NEITHER:
        fix = "with a correlation matrix R it is `diag(s) @ R @ diag(s)`"
    if factor and found is not Shape.ENTRIES:
        fix = "draw the factor from `LKJCholesky`, and scale it by `diag(s) @ L`"
    if factor and found is Shape.SYMMETRIC and Structure.COV in squares:
        fix = f"give a covariance matrix as `{squares[Structure.COV]}=…`"
    return Diagnostic("E0401", f"{what} must be {_what(wanted)}, {given}", span, help=fix)


def wrong_constant(span: Span, what: str, wanted: Kind, why: str, squares: Squares) -> Diagnostic:
    """Numbers that the text or the data decide and that are not of the kind that is needed, for the reason ``why``."""
    factor, other = wanted.structure in TRIANGULAR, squares.get(Structure.COV)
    fix = f"a covariance matrix is given as `{other}=…`" if factor and other is not None else None
    return Diagnostic("E0402", f"{what} must be {_what(wanted)}, and {why}", span, help=fix)


def wrong_sum(span: Span, what: str, total: float) -> Diagnostic:
    message = f"{what} must sum to 1, but these sum to {total:g}"
    return Diagnostic("E0401", message, span, help="divide them by their sum")


Squares = Mapping[Structure, str]
"""By what they are, the names under which a distribution takes its matrices."""

_ALSO = {Structure.CORR: Structure.COV, Structure.CORR_CHOLESKY: Structure.CHOLESKY}
"""What else a matrix is."""


def _tie(node: ir.Node, name: str, wanted: Kind, squares: Squares) -> str | None:
    """How a value gets the structure that is needed, or where one that has another belongs."""
    own = node.kind.structure
    other = squares.get(own) or squares.get(_ALSO.get(own, own))
    if other is not None:
        return f"give {_what(node.kind)} as `{other}=…`"
    if name == "this":
        return None
    if not isinstance(node.op, ir.Latent):
        return f"declare {name} as `{wanted.structure}[…]`"
    if wanted.structure is Structure.SIMPLEX:
        return f"draw it from `Dirichlet`, or narrow it: `{name[1:-1]}: simplex[…] ~ …`"
    return f"narrow it: `{name[1:-1]}: {wanted.structure}[…] ~ …`"


def wrong_support(
    node: ir.Node,
    span: Span,
    what: str,
    wanted: Kind,
    declared: Span | None,
    freely: str | None,
    squares: Squares,
) -> Diagnostic:
    name = _subject(node)
    word = _kind_word(wanted.element)
    fix = None
    if wanted.structure is not Structure.SCALAR:
        fix = _tie(node, name, wanted, squares)
    elif declared is not None and word is not None and _can_narrow(node, wanted):
        fix = (
            f"declare {name} as `{word}`"
            if not isinstance(node.op, ir.Latent)
            else f"narrow it: `{name[1:-1]}: {word} ~ …`"
        )
        if freely is not None and node.kind.interval == intervals.REAL:
            fix = f"`{freely}` takes any number" + (f"; or {fix}" if isinstance(node.op, ir.Latent) else "")
    return Diagnostic(
        "E0402",
        f"{what} must be {_what(wanted)}, but {name} is {_range(node.kind.interval)}",
        span,
        _declared(declared, name),
        fix,
    )


def in_other_order(call: ast.Call, form: Form, span: Span) -> Diagnostic:
    """Two arguments that do not fit, and would in each other's place."""
    name, order = call.function.name, [p.name for p in form.params]
    message = f"these arguments of {name} fit in the other order only"
    return Diagnostic("E0402", message, span, help=f"write them as in `{name}({', '.join(order)})`")


def perhaps_in_other_order(found: Diagnostic, call: ast.Call, form: Form) -> Diagnostic:
    """An argument that does not fit, next to one that would fit in its place."""
    order = f"the order is `{call.function.name}({', '.join(p.name for p in form.params)})`"
    return replace(found, help=f"{order}; or {found.help}" if found.help else order)


def _can_narrow(node: ir.Node, wanted: Kind) -> bool:
    """Whether a declaration could make a value as it must be; no draw from a density becomes a whole number."""
    drawn = isinstance(node.op, ir.Latent) and wanted.interval.integer and not node.kind.interval.integer
    return wanted.interval.meets(node.kind.interval) and not drawn


def _subject(node: ir.Node) -> str:
    match node.op:
        case ir.Input(name=name) | ir.Latent(name=name) | ir.Parameter(name=name):
            return f"`{name}`"
        case _:
            return "this"


def bounds_inverted(span: Span) -> Diagnostic:
    return Diagnostic("E0403", "the lower bound is not below the upper bound", span)


def censored_by_itself(span: Span, value: ast.Expr) -> Diagnostic:
    name = value.name if isinstance(value, ast.Name) else "x"
    return Diagnostic(
        "E0403",
        f"`{name}` is its own bound, so that every one of its values would be censored",
        span,
        help=f"`upper = {name} if event == 0 else inf`, where `event` is 1 for a value that was seen",
    )


def nothing_left(span: Span, name: str) -> Diagnostic:
    return Diagnostic("E0403", f"the bounds leave nothing of the support of {name}", span)


def narrowing_apart(span: Span, declared: Kind, given: Kind) -> Diagnostic:
    return Diagnostic(
        "E0404", f"the declared kind is {_what(declared)}, and the distribution gives {_what(given)}", span
    )


def member_is_no_number(span: Span, dim: str) -> Diagnostic:
    return Diagnostic(
        "E0405",
        f"this is a member of `{dim}`, not a number",
        span,
        help=f"index with it, `x[…]` where `x` has [{dim}], as `position({dim})[…]` for its place from 0; data may be "
        "declared `integer`",
    )


def one_hot_of_number(span: Span) -> Diagnostic:
    fix = "declare its kind to be a dimension: `g: group[obs]`"
    return Diagnostic("E0442", "`one_hot` takes a member of a dimension, and this is a number", span, help=fix)


def members_mixed(span: Span, members: Iterable[str | None]) -> Diagnostic:
    names = sorted(f"`{m}`" if m else "a number" for m in members)
    fix = "a member is compared by its label; `one_hot(…)` has 1 at the member that it is and 0 at the others"
    message = f"the two are of different kinds: {' and '.join(names)}"
    return Diagnostic("E0406", message, span, help=fix if "a number" in names else None)


def outside_domain(span: Span, function: str, param: str, domain: Interval) -> Diagnostic:
    return Diagnostic("E0407", f"the argument `{param}` of `{function}` must be {_range(domain)}", span)


def calculates_with_infinity(span: Span) -> Diagnostic:
    message = "an infinite number is the end of a bound, and nothing to calculate with"
    return Diagnostic("E0407", message, span, help="choose where a bound holds: `upper = time if event == 0 else inf`")


def label_out_of_place(node: ast.Expr) -> Diagnostic:
    if isinstance(node, ast.Number):
        return Diagnostic("E0408", "a label is a text or a whole number", node.span)
    return Diagnostic("E0408", "a label stands in square brackets or next to `==`", node.span)


def discrete_param(span: Span, name: str, kind: Kind) -> Diagnostic:
    return Diagnostic("E0409", f"the parameter `{name}` is {_what(kind)}, and cannot be optimised by gradients", span)


def discrete_output(span: Span, name: str, kind: Kind) -> Diagnostic:
    fix = "give the parameters of its distribution out, as `logits: real[d]` or `rate: positive`, and draw it"
    return Diagnostic("E0440", f"a net's output is continuous, and `{name}` is {_what(kind)}", span, help=fix)


def optional_in_signature(span: Span, name: str) -> Diagnostic:
    return Diagnostic("E0441", f"a function takes and gives numbers, so `{name}` cannot be missing", span)


def net_wants_member(span: Span, function: str, name: str, dim: str, given: str | None) -> Diagnostic:
    what = "a number" if given is None else f"a member of `{given}`"
    return Diagnostic("E0442", f"the `{name}` of `{function}` is a member of `{dim}`, and this is {what}", span)


def observes_latent(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "E0410",
        f"only data can be observed, and this depends on `{name}`",
        span,
        help=f"observe the data alone, with `{name}` in the distribution, as in `Shifted(D(…), {name})`; the density "
        "of another value is a term of your own, `factor log_prob(D(…), x)`",
    )


def observes_constant(span: Span) -> Diagnostic:
    return Diagnostic("E0411", "what is observed must come from `data`", span)


def other_member(span: Span, found: str, given: str) -> Diagnostic:
    return Diagnostic("E0412", f"this is a member of `{found}`, and the distribution gives a member of `{given}`", span)


def no_member(value: ast.Expr, law: str, dim: str, what: str) -> Diagnostic:
    fix = f"declare it as one: `{value.name}: {dim}[…]`" if isinstance(value, ast.Name) else None
    return Diagnostic("E0412", f"{law} gives a member of `{dim}`, and {what} is a number", value.span, help=fix)


def no_log_prob(span: Span, name: str) -> Diagnostic:
    message = f"`log_prob` takes a distribution of which the density is one formula, and `{name}` is none"
    fix = "build its density from those of its parts, as `logaddexp` of two for a mixture"
    return Diagnostic("E0448", message, span, help=fix)


def missing_used(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "E0413",
        f"`{name}` may have missing entries (`?`), and is used where every entry is needed",
        span,
        help="what is observed may be missing, and its covariates where it is missing too (with `?` at both, each at "
        "its own place); elsewhere declare the data without `?`",
    )


def imputes_nothing(name: ast.Ident, *, data: bool) -> Diagnostic:
    if not data:
        return Diagnostic("E0443", f"`{name.name}` is no data, and only missing entries of data are imputed", name.span)
    message = f"`{name.name}` has no missing entries, so there is nothing to impute"
    return Diagnostic("E0443", message, name.span, help="data with missing entries has a `?` after its kind")


def imputed_observation(name: ast.Ident, count: int, dims: Dims) -> Diagnostic:
    plates = f" in `plate {', '.join(dim.name for dim in dims)}`" if dims else ""
    fix = f"`observe {name.name} ~ …`{plates} is the law of the missing entries too"
    if count > 1:
        message = f"`{name.name}` is imputed and observed {count} times, so that its missing entries have no one law"
    elif count:
        message = f"`{name.name}` is imputed, and not observed entry by entry"
    else:
        message = f"`{name.name}` is imputed and never observed, so that its missing entries have no law"
    return Diagnostic("E0444", message, name.span, help=fix)


def imputed_law(name: str, unfit: str, span: Span, *, states: bool = False) -> Diagnostic:
    """``states``: what is imputed is a chain of discrete states, which a latent one can stand for."""
    fix = "each missing entry needs a law of its own, with a density or with probabilities"
    if states:
        fix = f"draw the chain, `z ~ … then …`, and observe what is known: `observe {name} ~ Categorical(one_hot(z))`"
    return Diagnostic("E0445", f"`{name}` cannot be imputed from {unfit}", span, help=fix)


def made_after_the_fit(name: str, span: Span, declared: Span) -> Diagnostic:
    """A generated quantity in what is fitted."""
    message = f"`{name}` is drawn once the fit has ended, and nothing that is fitted can depend on it"
    fix = f"without `report`, `{name} ~ …` is a latent variable"
    return Diagnostic("E0447", message, span, _declared(declared, f"`{name}`"), fix)


def imputed_by_itself(name: str, span: Span) -> Diagnostic:
    return Diagnostic("E0446", f"the law of the imputed `{name}` reads `{name}` itself", span)


def mask_is_no_condition(span: Span, *, latent: bool) -> Diagnostic:
    fix = "for example `where day > 3`"
    if latent:
        fix = "a latent variable chooses within the law: an argument `a if z == 0 else b`, or a `Mixture` of two laws"
    return Diagnostic("E0414", "`where` needs a condition on data", span, help=fix)


def weight_of_latent(span: Span) -> Diagnostic:
    return Diagnostic("E0415", "a weight must come from data", span)


def optional_latent(span: Span, name: str) -> Diagnostic:
    return Diagnostic("E0416", f"`{name}` is a latent variable, and `?` is for data with missing entries", span)


def lag_not_positive(span: Span) -> Diagnostic:
    return Diagnostic("E0417", "`lag` goes back a fixed number of steps, 1 or more", span)


def lag_without_plate(span: Span, dims: Dims) -> Diagnostic:
    return Diagnostic(
        "E0417",
        f"`lag` goes back along an open plate of its argument, which has {_axes(dims)}",
        span,
        help="open the plate around the statement" if dims else None,
    )


def lag_of_latent(span: Span, *, chain: bool) -> Diagnostic:
    if chain:
        return Diagnostic("E0417", "`lag` is for data in a chain", span, help="what is made there is read by `prev`")
    message = "at the first places nothing says what this `lag` of an unknown is"
    fix = "give a start, `lag(x, 1, x0)`; where each value is drawn from the one before, write `markov` and `prev`"
    return Diagnostic("E0417", message, span, help=fix)


_CHILD_NEEDS = {"cdf": "a distribution function"}


def _named(combinator: str) -> str:
    """``Truncated`` as it is, and the function of a ``Transformed`` as a word of its own."""
    return f"`{combinator.replace(' ', '` by `')}`"


def not_centred(span: Span, combinator: str, name: str, others: Sequence[str]) -> Diagnostic:
    """``others`` are the distributions of angles around a centre."""
    message = f"{_named(combinator)} needs angles around a centre, and {name} gives none"
    return Diagnostic("E0418", message, span, help=f"{' and '.join(others)} have one, `loc`")


def child_lacks(span: Span, combinator: str, name: str, what: str) -> Diagnostic:
    if what == "continuous":
        message = f"{_named(combinator)} needs a distribution of one real number, and {name} is none"
        return Diagnostic("E0418", message, span)
    if what == "number":
        message = f"{_named(combinator)} needs a distribution of one number, and {_named(name)} is one of vectors"
        return Diagnostic("E0418", message, span)
    return Diagnostic(
        "E0418", f"{_named(combinator)} needs {_CHILD_NEEDS.get(what, what)}, and {name} has none in closed form", span
    )


def child_outside(span: Span, row: Combinator, name: str, wanted: Kind, given: Kind) -> Diagnostic:
    message = f"{_named(row.name)} needs a variate that is {_what(wanted)}, and {name} gives {_what(given)}"
    return Diagnostic("E0418", message, span)


def no_such_map(span: Span, row: Combinator) -> Diagnostic:
    message = f"`{row.name}` needs the name of an increasing function"
    return Diagnostic("E0432", message, span, help=f"it knows {_listed(list(row.functions))}")


def one_of(call: ast.Call, row: Combinator, chosen: Sequence[str]) -> Diagnostic:
    names = " or ".join(f"`{name}`" for name in row.one_of)
    if chosen:
        return Diagnostic("E0210", f"`{row.name}` takes {names}, not both", call.span)
    after = Span(call.span.end - 1, call.span.end)
    return Diagnostic("E0208", f"`{row.name}` needs the argument {names}", after)


def atoms(span: Span, row: str, site: str) -> Diagnostic:
    message = f"`{row}` gives single values a probability of their own, so it cannot be the law of the latent `{site}`"
    fix = "draw first which it is, `at ~ Bernoulli(…)`, and the other values by themselves"
    return Diagnostic("E0431", message, span, help=fix)


def moving_edge(span: Span, name: str, site: str) -> Diagnostic:
    message = f"the support of {name} ends where its arguments together say, which the latent `{site}` cannot follow"
    return Diagnostic("E0430", message, span)


def init_depends(span: Span, name: str) -> Diagnostic:
    return Diagnostic("E0419", f"the start of `{name}` must be a number or come from data", span)


_INVERSE = {"logit": "expit", "log": "exp", "ndtri": "ndtr"}
"""Link functions and their inverses."""


def undecided_support(span: Span, what: str, wanted: Kind, node: ir.Node | None = None) -> Diagnostic:
    message = f"{what} must be {_what(wanted)}, and it is not clear that this always is"
    fix = _support_fix(wanted)
    if node is not None and isinstance(node.op, ir.Apply) and node.op.function.name in _INVERSE:
        link = node.op.function.name
        fix = f"`{link}` is the link; what makes any number fit is its inverse, `{_INVERSE[link]}(…)`"
    return Diagnostic("W0401", message, span, help=fix)


def undecided_factor(span: Span, what: str, wanted: Kind, squares: Squares) -> Diagnostic:
    """A computed matrix in the place of a Cholesky factor, of which only the lower triangle would count."""
    message = f"{what} must be {_what(wanted)}, and it is not clear that this is one"
    factors = "factors are `cholesky(…)`, `tril(…)` and `diag(…) @ L`"
    other = squares.get(Structure.COV)
    fix = factors if other is None else f"a covariance matrix is given as `{other}=…`; {factors}"
    return Diagnostic("W0401", message, span, help=fix)


def link_twice(span: Span, what: str, function: str) -> Diagnostic:
    """A probability where its logit is wanted."""
    fix = f"give the argument of `{function}` itself"
    return Diagnostic("W0406", f"{what} may be any number, and this is a probability by `{function}`", span, help=fix)


def probability_as_logit(span: Span, what: str, name: str) -> Diagnostic:
    """A name of a probability where its logit is wanted."""
    message = f"{what} may be any number, and `{name}` is one between 0 and 1"
    return Diagnostic("W0406", message, span, help="if it is a probability, give it as `probs`")


def _support_fix(wanted: Kind) -> str | None:
    if wanted.structure is not Structure.SCALAR:
        return "`softmax(…)` is always a simplex" if wanted.structure is Structure.SIMPLEX else None
    fixes = {
        intervals.POSITIVE: "`exp(…)` or `softplus(…)` is always positive",
        intervals.NONNEGATIVE: "`exp(…)`, `softplus(…)` and `abs(…)` are never negative",
        intervals.UNIT: "`expit(…)` is always between 0 and 1",
    }
    return fixes.get(wanted.interval)


def unnormalised(span: Span, name: str, *, constant: bool) -> Diagnostic:
    fix = "the missing factor is a constant: the posterior is right, and the ELBO off by its logarithm"
    if not constant:
        fix = "the missing factor depends on latents, and pulls their posterior: give the prior constants"
    message = f"the prior of `{name}` is narrowed and not rescaled: its density does not integrate to 1"
    return Diagnostic("W0402", message, span, help=fix)


def hard_edge(name: str, upper: float, span: Span) -> Diagnostic:
    return Diagnostic(
        "W0403",
        f"`{name}` is a scale, and its uniform prior ends abruptly at {upper:g}",
        span,
        help=f"`{name} ~ HalfNormal(…)` or `Exponential(…)` fades out instead",
    )


def spike(name: str, law: str, shape: float, rate: float, span: Span) -> Diagnostic:
    return Diagnostic(
        "W0404",
        f"`{law}({shape:g}, {rate:g})` is not vague: nearly all its mass is next to 0 and far out",
        span,
        help=f"for a scale write `{name} ~ HalfNormal(…)` or `Exponential(…)`, for a rate `Gamma(2, …)`",
    )


def matrix_not_factor(site: str, dim: str | None, span: Span) -> Diagnostic:
    """A correlation matrix as a latent, which every step has to factorise."""
    fix = f"`{site} ~ LKJCholesky({dim or '…'}, …)` draws its factor, for `scale_tril=diag(sd) @ {site}`"
    return Diagnostic(
        "W0405", f"`{site}` is a whole correlation matrix, which is factorised again in every step", span, help=fix
    )


# --- 06 guide and plan -----------------------------------------------------------------------------------------------


def covered_twice(name: ast.Ident, first: Span) -> Diagnostic:
    return Diagnostic("E0601", f"`{name.name}` is covered twice by the guide", name.span, (Note("first here", first),))


def guides_no_latent(name: ast.Ident, latents: Iterable[str], declared: Span | None) -> Diagnostic:
    message = f"`{name.name}` is no latent variable of the model"
    return Diagnostic(
        "E0602",
        message,
        name.span,
        _declared(declared, f"`{name.name}`"),
        None if declared else did_you_mean(name.name, latents),
    )


def guide_dimensions_differ(name: ast.Ident, given: Dims, wanted: Dims, declared: Span) -> Diagnostic:
    missing = [d.name for d in wanted if d not in given]
    fix = f"open `plate {', '.join(missing)} {{ … }}` around it" if missing else None
    return Diagnostic(
        "E0603",
        f"`{name.name}` has {_axes(given)} in the guide and {_axes(wanted)} in the model",
        name.span,
        _declared(declared, f"`{name.name}`"),
        fix,
    )


def guide_support(span: Span, site: ir.Site, latent: ir.Site) -> Diagnostic:
    message = f"in the guide `{site.name}` is {_what(site.kind)}, and in the model it must be {_what(latent.kind)}"
    return Diagnostic(
        "E0604",
        message,
        span,
        _declared(latent.span, f"`{site.name}`"),
        "choose a distribution with the support of the prior, or cover it by a family, which always fits",
    )


def family_in_plate(span: Span, dim: str) -> Diagnostic:
    return Diagnostic(
        "E0605",
        "a family covers whole variables and stands outside every plate",
        span,
        help=f"move it out of `plate {dim}`",
    )


def family_with_type(span: Span) -> Diagnostic:
    return Diagnostic(
        "E0606", "a family takes the kinds of the variables that it covers", span, help="leave the type out"
    )


def family_without_dimension(family: ir.Family, dim: str) -> Diagnostic:
    return Diagnostic(
        "E0616",
        f"`{family.name}({dim})` works within the members of `{dim}`, and no variable it covers has that plate",
        family.span,
        help="name a plate of one of them, or use `full_rank`",
    )


def family_without_chain(family: ir.Family) -> Diagnostic:
    return Diagnostic(
        "E0616",
        f"`{family.name}` follows a chain, and none of the variables it covers stands in a `markov`",
        family.span,
        help="use `graph_gaussian`, which follows the model whatever its shape",
    )


def no_location_scale(name: ast.Ident, latent: ir.Site) -> Diagnostic:
    parts = latent.law.children if latent.law.row.name == "then" else (latent.law,)
    rows = [law.row for law in parts]
    lacking = [row.name for row in rows if not isinstance(row, Distribution) or row.location_scale is None]
    return Diagnostic(
        "E0607",
        f"`{name.name}` is {(lacking or [rows[0].name])[0]}, which has no location and scale to take out",
        name.span,
        _declared(latent.span, f"`{name.name}`"),
    )


def noncentered_narrowed(name: ast.Ident, declared: Span) -> Diagnostic:
    return Diagnostic(
        "E0608",
        f"`{name.name}` has a narrowed support, and cannot be standardised",
        name.span,
        _declared(declared, f"`{name.name}`"),
    )


def noncentered_explicit(name: str, span: Span, word: str) -> Diagnostic:
    word = "centered(learned)" if word == "learned" else word
    return Diagnostic(
        "E0609", f"`{name}` has a distribution of its own in the guide, so `{word}` has nothing to act on", span
    )


def degree_unknown(span: Span) -> Diagnostic:
    return Diagnostic(
        "E0607", "a degree of centring is either fitted or none", span, help="`centered(learned)` or `noncentered`"
    )


def no_degree(name: ast.Ident, latent: ir.Site) -> Diagnostic | None:
    """What is wrong with a fitted degree for a variable that has no one location and one scale."""
    row = latent.law.row
    if isinstance(row, Distribution) and row.location_scale is not None:
        if {"loc", "scale"} <= {param.name for param in row.forms[0].params}:
            return None
        lacking = f"`{name.name}` is {row.name}, which has no single scale to centre by a degree"
    elif row.name == "then":
        lacking = f"`{name.name}` is a chain, of which no degree of centring is fitted"
    else:
        return None
    declared = _declared(latent.span, f"`{name.name}`")
    return Diagnostic("E0607", lacking, name.span, declared, help=f"`noncentered {name.name}`")


def model_param_in_guide(name: str, span: Span, declared: Span) -> Diagnostic:
    return Diagnostic(
        "E0610",
        f"`{name}` is a parameter of the model, and the guide has its own",
        span,
        _declared(declared, f"`{name}`"),
    )


def model_net_in_guide(name: ast.Ident, declared: Span) -> Diagnostic:
    return Diagnostic(
        "E0610",
        f"`{name.name}` has parameters of the model, and the guide has its own",
        name.span,
        _declared(declared, f"`{name.name}`"),
        "declare a net in the guide",
    )


def family_of_discrete(name: str, span: Span, declared: Span) -> Diagnostic:
    """A family over a discrete latent that cannot be summed out either."""
    message = f"`{name}` is discrete, and a family covers continuous variables"
    fix = f"draw it in the guide from a distribution of its own: `{name} ~ …`"
    return Diagnostic("E0611", message, span, _declared(declared, f"`{name}`"), fix)


def summed_out(name: str, span: Span, declared: Span) -> Diagnostic:
    return Diagnostic(
        "E0611",
        f"`{name}` is discrete and summed out of the model exactly, so the guide has no part in it",
        span,
        _declared(declared, f"`{name}`"),
        f"leave it out of the guide, or draw it there from a distribution of its own: `{name} ~ …`",
    )


def scores_no_draw(name: ast.Ident) -> Diagnostic:
    message = f"`score {name.name}` asks for draws of `{name.name}`, which the guide gives no distribution"
    return Diagnostic("E0612", message, name.span, help=f"write `{name.name} ~ …` with a distribution in the guide")


def no_option_of_score(name: ast.Ident) -> Diagnostic:
    message = f"`score` takes a `baseline` in its brackets, and nothing called `{name.name}`"
    return Diagnostic("E0617", message, name.span, help="write `score(baseline=…) z`")


def baseline_of_kind(span: Span, outputs: str = "") -> Diagnostic:
    """A baseline that is no number."""
    which = f", here one of {outputs}" if outputs else ""
    return Diagnostic("E0617", f"a baseline is one number{which}", span)


def baseline_twice(site: str, span: Span) -> Diagnostic:
    return Diagnostic("E0617", f"`{site}` has a baseline already", span)


def baseline_reads(site: str, name: str, below: bool, span: Span) -> Diagnostic:
    """A baseline made from a draw that the site is not drawn from; ``below`` where it depends on the site."""
    if name == site:
        why = "its own draw"
    elif below:
        why = f"`{name}`, which is drawn from `{site}`"
    else:
        why = f"`{name}`, which `{site}` is not drawn from"
    message = f"the baseline of `{site}` is made from {why}"
    fix = f"let it depend on data, on parameters of its own, and on what `{site}` is drawn from"
    return Diagnostic("E0617", message, span, help=fix)


def baseline_shares(site: str, name: str, span: Span) -> Diagnostic:
    """A parameter that a baseline and a draw have in common."""
    message = f"the baseline of `{site}` follows its costs, and `{name}` belongs to the guide's draws too"
    return Diagnostic("E0617", message, span, help="give the baseline parameters of its own")


def baseline_over(site: str, dims: list[str], span: Span) -> Diagnostic:
    """A baseline with axes that the members of the site do not have."""
    message = f"the baseline of `{site}` is over {', '.join(f'`{dim}`' for dim in dims)}, and `{site}` is not"
    return Diagnostic("E0617", message, span, help=f"a baseline is one number for each member of `{site}`, or for all")


def baseline_of_bound(site: str, objective: str, span: Span) -> Diagnostic:
    message = f"the baseline of `{site}` is for `elbo`: `{objective}` has one of its own, or none"
    return Diagnostic("E0617", message, span, help=f"write `score {site}`, or use `objective = elbo`")


def formula_of_kind(name: ast.Ident, latent: ir.Site) -> Diagnostic:
    message = f"a formula makes real numbers, and in the model `{name.name}` is {_what(latent.kind)}"
    return Diagnostic("E0604", message, name.span, _declared(latent.span, f"`{name.name}`"))


def formula_outside(name: ast.Ident, latent: ir.Site) -> Diagnostic:
    message = f"the formula of `{name.name}` never gives {_what(latent.kind)}, as the model needs it"
    return Diagnostic("E0604", message, name.span, _declared(latent.span, f"`{name.name}`"))


def formula_may_leave(name: ast.Ident, latent: ir.Site) -> Diagnostic:
    message = f"the formula of `{name.name}` may leave the support that it has in the model: {_what(latent.kind)}"
    return Diagnostic("W0608", message, name.span, _declared(latent.span, f"`{name.name}`"))


def no_density(span: Span, site: ir.Site) -> Diagnostic:
    message = f"`{site.name}` cannot be drawn from {site.law.row.name} in a guide, which has no density there"
    return Diagnostic("E0613", message, span, help="choose a distribution that has a density everywhere")


def objective_cannot_steer(objective: str, what: str, span: Span) -> Diagnostic:
    message = f"`{objective}` steers the gradient of each draw, and cannot do so for {what}"
    return Diagnostic("E0640", message, span, help="use `objective = elbo`, or families that draw once")


def follows_the_mean(objective: str, family: str, span: Span) -> Diagnostic:
    message = f"`{family}` moves particles by the gradient of the mean log density, which is not that of `{objective}`"
    return Diagnostic("E0640", message, span, help="use `objective = elbo`, or another family")


def not_in_this_version(what: str, span: Span, name: str) -> Diagnostic:
    return Diagnostic("E0690", f"this version cannot run {what} yet: `{name}`", span)


def guide_narrower(span: Span, site: ir.Site, latent: ir.Site) -> Diagnostic:
    message = f"the guide of `{site.name}` is {_what(site.kind)}, and misses part of the prior's support"
    return Diagnostic("W0601", message, span, _declared(latent.span, f"`{site.name}`"))


def rest_is_empty(span: Span) -> Diagnostic:
    return Diagnostic("W0602", "`rest` covers nothing: every latent variable is named already", span)


def unconnected(name: str, span: Span) -> Diagnostic:
    return Diagnostic("W0603", f"no observation depends on `{name}`: its posterior is its prior", span)


def funnel(name: str, span: Span) -> Diagnostic:
    message = f"`{name}` narrows where its scale is small, and `mean_field` cannot follow such a funnel"
    return Diagnostic("W0604", message, span, help=f"write `noncentered {name}` in the guide; the model stays as it is")


def heavy_tails(name: str, law: str, family: str, span: Span) -> Diagnostic:
    """An unbounded latent without a variance, under a family of normal distributions."""
    message = f"`{name}` has the heavy tails of {law}, which its few data do not cut off, and `{family}` has light ones"
    fix = f"write `{name} ~ StudentT(3, m, s)` in the guide, with `param m: real` and `param s: positive`"
    return Diagnostic("W0609", message, span, help=fix)


def weighed_prior(name: str, law: str, span: Span, declared: Span) -> Diagnostic:
    """A term of the density that reads one latent alone, which has a prior as well."""
    message = f"this term multiplies the prior of `{name}`, which is then no longer {law}"
    fix = f"a draw needs no Jacobian; for a density of your own write `{name} ~ Improper(…)` and this term"
    return Diagnostic("W0607", message, span, _declared(declared, f"`{name}`"), fix)


def without_posterior(name: str, span: Span) -> Diagnostic:
    """A latent with a flat prior that nothing else holds."""
    message = f"the prior of `{name}` is flat without an end, and no observation depends on it: it has no posterior"
    return Diagnostic("W0612", message, span, help="give it a proper prior, or leave it out")


def perhaps_without_posterior(name: str, law: str, span: Span) -> Diagnostic:
    """A latent with a flat prior under a likelihood that stays away from 0."""
    why = f"a likelihood of {law} may leave it without a posterior"
    message = f"the prior of `{name}` is flat without an end, and {why}"
    return Diagnostic("W0612", message, span, help="give it a wide proper prior")


def goes_in_steps(what: str, name: str, span: Span) -> Diagnostic:
    """A jump, or a flat piece, in the log density where a continuous latent moves."""
    message = f"the log density jumps or is flat where {what} changes with `{name}`: the gradient does not see it"
    fix = "smooth it, `expit((x - a) / width)`, or let a discrete variable choose, which is summed out"
    return Diagnostic("W0613", message, span, help=fix)


def observed_twice(name: str, span: Span, first: Span) -> Diagnostic:
    message = f"`{name}` is observed twice, and counts twice"
    fix = "observe it once, or tell the rows apart by `where`"
    return Diagnostic("W0614", message, span, (Note("it is observed here", first),), help=fix)


def nothing_to_fit() -> Diagnostic:
    message = "the model draws nothing, observes nothing and adds nothing: there is nothing to fit"
    return Diagnostic("W0615", message, NOWHERE, help="write `x ~ Normal(0, 1)` and `observe y ~ Normal(x, 1)`")


def perhaps_precision(name: str, scale: float, span: Span) -> Diagnostic:
    """A prior that is vague in BUGS and holds its variable at 0 here."""
    deviation = 1 / scale**0.5
    message = f"`Normal(0, {scale:g})` has a standard deviation of {scale:g}: it holds `{name}` next to 0"
    fix = f"if {scale:g} is a precision, as in BUGS, write `Normal(0, {deviation:.3g})`"
    return Diagnostic("W0407", message, span, help=fix)


def perhaps_variance(law: str, name: str, span: Span) -> Diagnostic:
    """The square of a scale in its place."""
    message = f"the scale of {law} is a standard deviation, and this is the square of `{name}`"
    return Diagnostic("W0407", message, span, help=f"if `{name}` is the standard deviation, write `{name}` alone")


def diagonal_factor(span: Span, what: str, squares: Squares) -> list[Diagnostic]:
    """A diagonal by its place where a factor stands, and where other languages have the covariance matrix."""
    if Structure.COV not in squares:
        return []
    factor, covariance = squares[Structure.CHOLESKY], squares[Structure.COV]
    message = f"{what} has standard deviations on its diagonal, and other languages take variances here"
    return [Diagnostic("W0407", message, span, help=f"say which it is: `{factor}=…` or `{covariance}=…`")]


def exchangeable(name: str, kind: str | None, dim: str, span: Span) -> Diagnostic:
    """``kind`` is the one that would put the members of ``name`` in order, where there is one."""
    message = f"nothing tells the members of `{dim}` apart, so they can change places in this mixture"
    return Diagnostic("W0605", message, span, help=_in_order(name, kind, dim))


def exchangeable_states(site: str, name: str, kind: str | None, dim: str, span: Span) -> Diagnostic:
    """The same where a class or state is drawn for each member, and ``name`` holds what follows from it."""
    message = f"nothing tells the members of `{dim}` apart, so the values of `{site}` can change places"
    return Diagnostic("W0605", message, span, help=_in_order(name, kind, dim))


def _in_order(name: str, kind: str | None, dim: str) -> str:
    if kind is None:
        return f"give the members of `{name}` different priors, so that each has its place"
    return f"put them in order: `{name}: {kind}[{dim}] ~ …`"


def always_added(name: str, span: Span, others: Sequence[str], declared: Span) -> Diagnostic:
    if len(others) == 1:
        told = "what is observed tells their sum, and not the two apart"
        message = f"`{name}` is only ever added to `{others[0]}`: {told}"
    else:
        message = f"{_listed(others)} can undo any change of `{name}`: what is observed does not tell them apart"
    fix = "leave one of them out, or let the prior of one have a scale of its own"
    return Diagnostic("W0606", message, span, _declared(declared, f"`{others[0]}`"), fix)
