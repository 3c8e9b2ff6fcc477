"""A program as text: one line for each declaration, node and term. ``read`` in ``read.py`` is the inverse.

```
model "eight schools"
dim school
data stderr : positive[school]
%0 : count = const 0
%1 : positive[school] = input stderr
site theta : real[school] ~ Normal(loc=%0, scale=%1)
```

* ``real[obs, school']`` is a kind with its axes; ``of county`` follows for a member of a dimension, ``in (0, 1]`` where
  the interval is not that of the word.
* ``[school | feature]`` parts the axes of a site that are plates from those that are not.
* Names that are not plain words, and texts, stand in double quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from ..types import KINDS, Dims, Interval, Kind, Structure
from .nodes import (
    Along,
    Apply,
    Before,
    Bounds,
    Carry,
    Const,
    Contract,
    Data,
    Dimension,
    Factor,
    Family,
    Fill,
    Flow,
    Gather,
    Id,
    Input,
    Label,
    Lag,
    Latent,
    Law,
    Matrix,
    Nested,
    Node,
    Observation,
    Op,
    Param,
    Parameter,
    Program,
    Reduce,
    Relabel,
    Report,
    Site,
    Stack,
    Varying,
)
from .walk import law_params

_RESERVED = """
    along aux base before by carry column const contract false flow gaps gather grouped in inf input integers label
    lag latent lower nan narrowed net none normaliser of optional over parameter relabel source stack stiff true upper
    varying weight where
"""
RESERVED = frozenset(_RESERVED.split())
"""Words with a meaning inside a line; a name that is one of them is quoted."""

_PLAIN = re.compile(r"[^\W\d][\w.]*")
_OPERATOR = re.compile(r"[-+*/^@<>=!~&]+")

WORD_OF_KIND = {row.kind: word for word, row in KINDS.items() if not row.arguments}
"""The word that says a kind in full."""

WORD_OF_STRUCTURE = {
    row.kind.structure: word for word, row in KINDS.items() if row.kind.structure is not Structure.SCALAR
}
"""The word of each structure; its interval may differ."""


def write(program: Program) -> str:
    r"""The whole program, without spans; ends with a line end.

    Example:
        >>> write(Program("empty"))
        'model "empty"\n'
    """
    return "".join(f"{line}\n" for line in _lines(program))


def write_node(position: Id, node: Node) -> str:
    """One node, as it stands in the text of its program."""
    return f"%{position} : {_kind(node.kind, _dims(node.dims))} = {_op(node.op, node.args)}"


def write_law(law: Law) -> str:
    """A distribution with its arguments, those that it wraps first."""
    arguments = [write_law(child) for child in law.children]
    arguments += [f"{param.name}={_reference(arg)}" for param, arg in zip(law_params(law), law.args, strict=True)]
    over = "" if law.mixed is None else f" over {_axes((law.mixed,))}"
    return f"{name(law.row.name)}({', '.join(arguments)}){_dims(law.event)}{over}"


def name(text: str) -> str:
    """A name as it stands in a line: quoted unless it is a plain word or an operator."""
    plain = (_PLAIN.fullmatch(text) and text not in RESERVED) or _OPERATOR.fullmatch(text)
    return text if plain and text != "->" else json.dumps(text, ensure_ascii=False)


def _lines(program: Program) -> Iterator[str]:
    yield f"{'model' if program.guide is None else 'guide'} {json.dumps(program.name, ensure_ascii=False)}"
    yield from map(_dimension, program.dimensions)
    yield from map(_data, program.data)
    yield from map(_param, program.params)
    yield from (write_node(position, node) for position, node in enumerate(program.nodes))
    yield from (f"define {name(word)} = %{node}" for word, node in program.definitions)
    yield from map(_site, program.sites)
    yield from map(_observation, program.observations)
    yield from map(_factor, program.factors)
    yield from map(_report, program.reports)
    if program.guide is not None:
        yield from map(_family, program.guide.families)
        for word in ("noncentered", "learned", "scored", "formulas"):
            if names := getattr(program.guide, word):
                yield f"{word} {_names(names)}"


def _dimension(dimension: Dimension) -> str:
    parts = [f"dim {name(dimension.name)}"]
    if dimension.size is not None:
        parts.append(f"= %{dimension.size}")
    if dimension.labels is not None:
        parts.append(f"label {_nested(dimension.labels)}")
    if dimension.alias is not None:
        parts.append(f"of {name(dimension.alias)}")
    return " ".join(parts)


def _data(data: Data) -> str:
    parts = [f"data {name(data.name)} : {_kind(data.kind, _dims(data.dims))}", *_ends(data.bounds)]
    if data.default is not None:
        parts.append(f"= {_nested(data.default)}")
    if data.optional:
        parts.append("optional")
    if data.column is not None:
        parts.append(f"column {_text(data.column)}")
    if data.source is not None:
        parts.append(f"source {_text(data.source)}")
    if data.base is not None:
        parts.append(f"base {data.base}")
    if data.gaps is not None:
        parts.append(f"gaps {name(data.gaps.part)} of {name(data.gaps.of)} {data.gaps.axis}")
    return " ".join(parts)


def _param(param: Param) -> str:
    parts = [f"param {name(param.name)} : {_kind(param.kind, _dims(param.dims))}", *_ends(param.bounds)]
    if isinstance(param.init, Law):
        parts.append(f"~ {write_law(param.init)}")
    elif param.init is not None:
        parts.append(f"= %{param.init}")
    if param.net is not None:
        parts.append(f"net {name(param.net)}")
    return " ".join(parts)


def _site(site: Site) -> str:
    plates, rest = site.dims[: site.plates], site.dims[site.plates :]
    axes = f"[{f'{_axes(plates)} | '.lstrip()}{_axes(rest)}]" if rest else _dims(plates)
    parts = [f"site {name(site.name)} : {_kind(site.kind, axes)}", *_ends(site.bounds)]
    parts.append(f"~ {write_law(site.law)}")
    if site.narrowed:
        parts.append("narrowed")
    if site.normaliser is not None:
        parts.append(f"normaliser {name(site.normaliser)}")
    if site.auxiliary:
        parts.append("aux")
    return " ".join(parts)


def _observation(observation: Observation) -> str:
    parts = [f"observe {name(observation.name)} = %{observation.value}"]
    if observation.plates:
        parts.append(_dims(observation.plates))
    parts.append(f"~ {write_law(observation.law)}")
    if observation.mask is not None:
        parts.append(f"where %{observation.mask}")
    if observation.weight is not None:
        parts.append(f"weight %{observation.weight}")
    if observation.optional:
        parts.append(f"optional {_names(observation.optional)}")
    if observation.grouped:
        parts.append(f"grouped {_names(observation.grouped)}")
    return " ".join(parts)


def _factor(factor: Factor) -> str:
    return " ".join([f"factor %{factor.value}", *([_dims(factor.plates)] if factor.plates else [])])


def _report(report: Report) -> str:
    parts = [f"report {name(report.name)} : {_kind(report.kind, _dims(report.dims))}"]
    if report.value is not None:
        parts.append(f"= %{report.value}")
    if report.law is not None:
        parts.append(f"~ {write_law(report.law)}")
    return " ".join(parts)


def _family(family: Family) -> str:
    settings = ", ".join(
        f"{name(word)} = {name(value) if isinstance(value, str) else _number(value)}" for word, value in family.settings
    )
    return f"family {name(family.name)}({settings}) {_names(family.sites)}".rstrip()


def _op(op: Op, args: tuple[Id, ...]) -> str:
    """The head of a node, its operands, and what belongs to the operation."""
    refs = [_reference(arg) for arg in args]
    match op:
        case Const(value):
            return f"const {_number(value)}"
        case Label(dim, label):
            return f"label {name(dim)} {_nested(label)}"
        case Input(word) | Latent(word) | Parameter(word):
            return f"{type(op).__name__.lower()} {name(word)}"
        case Apply(function):
            return " ".join([name(function.name), *refs])
        case Reduce(function, dim):
            return " ".join([name(function.name), *refs, "over", _axes((dim,))])
        case Along(function, dim):
            return " ".join([name(function.name), *refs, "along", _axes((dim,))])
        case Matrix(function, events, out):
            shaped = [f"{ref}[{_axes(event)}]" for ref, event in zip(refs, events, strict=True)]
            return " ".join([name(function.name), *shaped, "->", f"[{_axes(out)}]"])
        case Fill(function, over):
            return " ".join([name(function.name), f"[{_axes(over)}]", *refs])
        case Contract(left, right):
            return " ".join(["contract", *refs, "over", _axes((left, right))])
        case Gather(dim):
            return " ".join(["gather", *refs, "over", _axes((dim,))])
        case Stack(dim):
            return " ".join(["stack", *refs, "along", _axes((dim,))])
        case Relabel(old, new):
            return " ".join(["relabel", *refs, _axes((old,)), "->", _axes((new,))])
        case Lag(dim, steps):
            return " ".join(["lag", *refs, "by", str(steps), "along", _axes((dim,))])
        case Before(word, steps):
            return f"before {name(word)} by {steps}"
        case Carry(dim, names, depth, index):
            parts = ["carry", *refs, "of", _names(names), "by", str(depth), "along", _axes((dim,)), "over", str(index)]
            return " ".join(parts)
        case Varying(word):
            return f"varying {name(word)}"
        case Flow(state, time, tolerance, stiff):
            method = ["stiff"] if stiff else []
            return " ".join(["flow", *refs, "of", _names((state, time)), "by", _number(tolerance), *method])


# --- small parts -----------------------------------------------------------------------------------------------------


def _kind(kind: Kind, axes: str) -> str:
    word = WORD_OF_KIND.get(Kind(kind.structure, kind.interval)) or WORD_OF_STRUCTURE.get(kind.structure, "real")
    member = "" if kind.member is None else f" of {name(kind.member)}"
    same = KINDS[word].kind.interval == kind.interval
    return f"{word}{axes}{member}{'' if same else f' in {_interval(kind.interval)}'}"


def _interval(interval: Interval) -> str:
    left, right = "[("[interval.lower_open], "])"[interval.upper_open]
    ends = f"{_number(interval.lower)}, {_number(interval.upper)}"
    return f"{left}{ends}{right}{' integers' if interval.integer else ''}"


def _dims(dims: Dims) -> str:
    return f"[{_axes(dims)}]" if dims else ""


def _axes(dims: Dims) -> str:
    return ", ".join(name(dim.name) + "'" * dim.prime for dim in dims)


def _names(words: Iterable[str]) -> str:
    return ", ".join(name(word) for word in words)


def _ends(bounds: Bounds) -> Iterator[str]:
    if bounds.lower is not None:
        yield f"lower %{bounds.lower}"
    if bounds.upper is not None:
        yield f"upper %{bounds.upper}"


def _reference(node: Id | None) -> str:
    return "none" if node is None else f"%{node}"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(value: float | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _nested(value: Nested) -> str:
    match value:
        case None:
            return "none"
        case str():
            return _text(value)
        case tuple():
            return f"[{', '.join(map(_nested, value))}]"
        case number:
            return _number(number)
