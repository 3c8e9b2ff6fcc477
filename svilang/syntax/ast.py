"""The syntax tree: what stands in the text, and where. Equality ignores places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..diagnostics import NOWHERE, Span


@dataclass(frozen=True, kw_only=True)
class Node:
    """Anything that stands in the text."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Ident(Node):
    """A name as it is written, of a variable, a dimension or a word of the tables."""

    name: str


# --- expressions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number(Node):
    """``3``, ``2.5``, ``10_000``, ``1e-3``; ``text`` is what was written."""

    value: int | float
    text: str = field(compare=False)


@dataclass(frozen=True)
class String(Node):
    """``"slope"``: a label, a column or a path."""

    value: str


@dataclass(frozen=True)
class Bool(Node):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True)
class Name(Node):
    """A use of a name."""

    name: str


@dataclass(frozen=True)
class ListLiteral(Node):
    """``[a, b, c]``, nested for matrices."""

    items: tuple[Expr, ...]


@dataclass(frozen=True)
class Unary(Node):
    """``-x`` or ``not x`` (or ``+x``)."""

    op: Literal["-", "+", "not"]
    operand: Expr


@dataclass(frozen=True)
class Binary(Node):
    """``a op b``; ``^`` binds to the right, the rest to the left; comparisons do not chain."""

    op: Literal["+", "-", "*", "/", "^", "@", "<", "<=", ">", ">=", "==", "!=", "and", "or"]
    left: Expr
    right: Expr


@dataclass(frozen=True)
class IfElse(Node):
    """``then if condition else otherwise``."""

    then: Expr
    condition: Expr
    otherwise: Expr


@dataclass(frozen=True)
class Argument(Node):
    """One argument of a call, by position (``name is None``) or by keyword."""

    name: Ident | None
    value: Expr


@dataclass(frozen=True)
class Call(Node):
    """``f(a, b, key=c)``: a function, distribution, family, optimiser, net … by its name."""

    function: Ident
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Index(Node):
    """``x[i, j]``."""

    base: Expr
    indices: tuple[Expr, ...]


@dataclass(frozen=True)
class Attribute(Node):
    """``q.loc``: one named output of a net."""

    base: Expr
    name: Ident


@dataclass(frozen=True)
class Over(Node):
    """``[3, 10] over state``: gives a list its dimension, or a value an alias of its dimension."""

    value: Expr
    dim: Ident


Expr = Number | String | Bool | Name | ListLiteral | Unary | Binary | IfElse | Call | Index | Attribute | Over


@dataclass(frozen=True)
class Type(Node):
    """``kind(arguments)?[dims]``: ``real[obs]``, ``interval(0, 1)``, ``county(base=1)[obs]``, ``real?[obs]``."""

    kind: Ident
    arguments: tuple[Argument, ...] = ()
    optional: bool = False
    dims: tuple[Ident, ...] = ()


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DimDecl(Node):
    """``dim component``, ``dim component = 3``, ``dim effect = ["a", "b"]``, ``dim to = state``,
    ``dim cut = size(level) - 1``.
    """

    name: Ident
    value: Expr | None = None


@dataclass(frozen=True)
class DataDecl(Node):
    """``name: type = default from "column"`` in a data block; ``column`` is the text of the string."""

    name: Ident
    type: Type
    default: Expr | None = None
    column: String | None = None


@dataclass(frozen=True)
class Draw(Node):
    """``x ~ D(…)``, ``x: type ~ D(…) then D(…)``; in a guide also ``a, b ~ family(…)`` and ``rest ~ family``.

    ``distributions`` has one entry, and one more for each ``then``. An entry is a :class:`Call`, or a :class:`Name` for
    a family or distribution without arguments. ``rest`` arrives as the name ``rest``.
    """

    names: tuple[Ident, ...]
    type: Type | None
    distributions: tuple[Expr, ...]


@dataclass(frozen=True)
class Observe(Node):
    """``observe y ~ D(…) then D(…) where mask weight w``."""

    value: Expr
    distributions: tuple[Expr, ...]
    where: Expr | None = None
    weight: Expr | None = None


@dataclass(frozen=True)
class Define(Node):
    """``name = expr``; in a ``markov`` also ``name = start then expr``."""

    name: Ident
    values: tuple[Expr, ...]


@dataclass(frozen=True)
class Report(Node):
    """``report name = expr``, ``report y ~ D(…)``, or ``report name`` for something already defined."""

    what: Define | Draw | Ident


@dataclass(frozen=True)
class Factor(Node):
    """``factor expr``."""

    value: Expr


@dataclass(frozen=True)
class ParamDecl(Node):
    """``param a: kind[dims] = init``; ``draw`` is true for ``= draw D(…)``, whose call is then ``init``."""

    name: Ident
    type: Type
    init: Expr | None = None
    draw: bool = False


@dataclass(frozen=True)
class Signature(Node):
    """``x: type`` in the head of a net or an extern."""

    name: Ident
    type: Type


@dataclass(frozen=True)
class NetDecl(Node):
    """``net f(x: type, …) -> type = mlp(400, softplus)``; ``returns`` is one type or named outputs."""

    name: Ident
    parameters: tuple[Signature, ...]
    returns: Type | tuple[Signature, ...]
    body: Expr


@dataclass(frozen=True)
class ExternDecl(Node):
    """``extern f(x: type) -> type from "module:function"``."""

    name: Ident
    parameters: tuple[Signature, ...]
    returns: Type | tuple[Signature, ...]
    target: String


@dataclass(frozen=True)
class FunctionDef(Node):
    """``def f(x, y) = expr``."""

    name: Ident
    parameters: tuple[Ident, ...]
    body: Expr


@dataclass(frozen=True)
class Plate(Node):
    """``plate a, b { … }``."""

    dims: tuple[Ident, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Markov(Node):
    """``markov t { … }``."""

    dim: Ident
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Impute(Node):
    """``impute y``."""

    names: tuple[Ident, ...]


@dataclass(frozen=True)
class Aux(Node):
    """``aux u ~ D(…)`` in a guide."""

    draw: Draw


@dataclass(frozen=True)
class Reparameterise(Node):
    """``noncentered a, b`` or ``centered(learned) a``; ``word`` is the first word, ``degree`` what stands in
    brackets.
    """

    word: Literal["noncentered", "centered"]
    degree: Expr | None
    names: tuple[Ident, ...]


@dataclass(frozen=True)
class Score(Node):
    """``score z`` or ``score(baseline=b) z``; ``option`` is what stands in brackets."""

    option: Argument | None
    names: tuple[Ident, ...]


Statement = (
    DimDecl
    | Draw
    | Observe
    | Define
    | Report
    | Factor
    | ParamDecl
    | NetDecl
    | ExternDecl
    | FunctionDef
    | Plate
    | Markov
    | Impute
    | Aux
    | Reparameterise
    | Score
)


@dataclass(frozen=True)
class Setting(Node):
    """``steps = 10_000``, ``minibatch[obs] = 256``."""

    name: Ident
    dims: tuple[Ident, ...]
    value: Expr


# --- blocks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DataBlock(Node):
    """``data { … }`` or ``data "file.csv" { … }``."""

    source: String | None
    items: tuple[DataDecl | DimDecl, ...]


@dataclass(frozen=True)
class ModelBlock(Node):
    """``model { … }``."""

    body: tuple[Statement, ...]


@dataclass(frozen=True)
class GuideBlock(Node):
    """``guide { … }``, ``guide name { … }``; ``guide = mean_field`` arrives as one ``rest ~ mean_field``
    with ``inline`` true.
    """

    name: Ident | None
    body: tuple[Statement, ...]
    inline: bool = False


@dataclass(frozen=True)
class FitBlock(Node):
    """``fit { … }``."""

    settings: tuple[Setting, ...]


Block = DataBlock | ModelBlock | GuideBlock | FitBlock


@dataclass(frozen=True)
class Comment(Node):
    """``# …`` to the end of its line; ``text`` is without the mark and outer blanks; ``trailing`` when code stands
    before it on its line.
    """

    text: str
    trailing: bool


@dataclass(frozen=True)
class File(Node):
    """A whole spec. Comments stand beside the tree, in source order, and so do the offsets of its blank lines."""

    doc: str | None
    blocks: tuple[Block, ...]
    comments: tuple[Comment, ...] = ()
    blanks: tuple[int, ...] = field(default=(), compare=False, repr=False)
