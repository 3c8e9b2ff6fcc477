"""The typed intermediate representation: one flat list of nodes in dependency order, and what refers to them.

A node names its operands by their position in ``Program.nodes``; operands stand before their users. Everything that the
text named is a table row here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..diagnostics import NOWHERE, Span
from ..types import Dim, Dims, Kind

if TYPE_CHECKING:
    from ..catalog.distribution import Combinator, Distribution
    from ..catalog.function import Function

Id = int
"""The position of a node in its program."""

Literal = float | int | bool | str
Nested = Literal | None | tuple["Nested", ...]
"""A number, label or nested rows of them, as a default in a data block."""


# --- operations ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Const:
    """A number."""

    value: float | int | bool


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a dimension, as a member of it; its position is known when the data is bound."""

    dim: str
    label: str | int


@dataclass(frozen=True, slots=True)
class Input:
    """The value of a data item."""

    name: str


@dataclass(frozen=True, slots=True)
class Latent:
    """The value of a latent site (in a guide also of an ``aux`` site)."""

    name: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """The constrained value of an optimised parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An elementwise function; operands broadcast by name."""

    function: Function


@dataclass(frozen=True, slots=True)
class Reduce:
    """A reduction over one dimension of its operand."""

    function: Function
    dim: Dim


@dataclass(frozen=True, slots=True)
class Along:
    """A function that acts along one dimension of its operand and keeps it."""

    function: Function
    dim: Dim


@dataclass(frozen=True, slots=True)
class Matrix:
    """A function of matrices or vectors: ``events`` are the event axes of each operand, ``out`` those of the result."""

    function: Function
    events: tuple[Dims, ...]
    out: Dims


@dataclass(frozen=True, slots=True)
class Contract:
    """``x @ y``: the sum over ``left`` of the first operand and ``right`` of the second, which are equal in size."""

    left: Dim
    right: Dim


@dataclass(frozen=True, slots=True)
class Gather:
    """``x[i]``: dimension ``dim`` of the first operand is replaced by the dimensions of the second, an index into
    it.
    """

    dim: Dim


@dataclass(frozen=True, slots=True)
class Stack:
    """A list literal: its operands along ``dim``."""

    dim: Dim


@dataclass(frozen=True, slots=True)
class Fill:
    """A value made from dimensions: ``ones``, ``zeros``, ``full``, ``eye``, ``position``, ``size``."""

    function: Function
    over: Dims


@dataclass(frozen=True, slots=True)
class Relabel:
    """The same values with dimension ``old`` called ``new``, an alias of it."""

    old: Dim
    new: Dim


@dataclass(frozen=True, slots=True)
class Lag:
    """The operand ``steps`` positions earlier along ``dim``; the first ``steps`` positions hold the second operand."""

    dim: Dim
    steps: int


@dataclass(frozen=True, slots=True)
class Before:
    """Within one step of a carried definition: the value of ``name`` so many steps earlier."""

    name: str
    steps: int


@dataclass(frozen=True, slots=True)
class Carry:
    """The series of one of several definitions that are carried along ``dim`` together.

    Operands are the first ``depth`` values of each name, then for each name its value at any later step, made from
    :class:`Before` nodes. ``index`` says which of ``names`` this series is.
    """

    dim: Dim
    names: tuple[str, ...]
    depth: int
    index: int


@dataclass(frozen=True, slots=True)
class Varying:
    """Within the right-hand side of differential equations: their state, or the time."""

    name: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The solution of differential equations at given times.

    Operands are the state at the beginning, the times, the time of the beginning, and the rate of change of the state,
    made from :class:`Varying` nodes of the names ``state`` and ``time``.
    """

    state: str
    time: str
    tolerance: float
    stiff: bool


Op = (
    Const
    | Label
    | Input
    | Latent
    | Parameter
    | Apply
    | Reduce
    | Along
    | Matrix
    | Contract
    | Gather
    | Stack
    | Fill
    | Relabel
    | Lag
    | Before
    | Carry
    | Varying
    | Flow
)


@dataclass(frozen=True, slots=True)
class Node:
    """One value: how it is made, its axes in order, what its elements are, and where it stands in the text."""

    op: Op
    args: tuple[Id, ...]
    dims: Dims
    kind: Kind
    span: Span = field(default=NOWHERE, compare=False)


# --- distributions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Law:
    """A distribution with its arguments.

    Args:
        row: the table row.
        form: for a distribution, which of ``row.forms``; 0 for a combinator.
        args: a node for each parameter of that form, in order; ``None`` where a combinator's argument was left out.
        children: what a combinator wraps.
        event: event axes of the variate.
        mixed: the dimension a mixture sums over.
    """

    row: Distribution | Combinator
    form: int
    args: tuple[Id | None, ...]
    children: tuple[Law, ...] = ()
    event: Dims = ()
    mixed: Dim | None = None
    span: Span = field(default=NOWHERE, compare=False)


# --- declarations ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension: ``size`` is a node of constants and sizes, ``labels`` are fixed by the text, ``alias`` names the
    dimension whose size and labels it shares. All ``None``: the data decides.
    """

    name: str
    size: Id | None = None
    labels: tuple[str | int, ...] | None = None
    alias: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Ends of a support that are expressions; ``None`` where the kind's interval says all."""

    lower: Id | None = None
    upper: Id | None = None

    @property
    def ends(self) -> tuple[Id, ...]:
        """Those that are expressions."""
        return tuple(end for end in (self.lower, self.upper) if end is not None)


NO_BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Gaps:
    """A data item that is made from the missing entries of the item ``of`` when the data is bound.

    ``part`` is ``known``, which entries are there; ``slot``, the number of each entry among the missing ones; or
    ``place``, the position of each missing entry along axis ``axis``.
    """

    part: str
    of: str
    axis: int = 0


@dataclass(frozen=True, slots=True)
class Data:
    """One data item: ``source`` is the file of its block, ``column`` what it is called there, ``base`` the code of the
    first member where codes do not count from 0; ``gaps`` for one that is made from another.
    """

    name: str
    kind: Kind
    dims: Dims
    bounds: Bounds = NO_BOUNDS
    optional: bool = False
    default: Nested = None
    column: str | None = None
    source: str | None = None
    base: int | None = None
    gaps: Gaps | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Param:
    """An optimised parameter; ``init`` is a node or a law to draw from, ``net`` the neural function it belongs to."""

    name: str
    kind: Kind
    dims: Dims
    bounds: Bounds = NO_BOUNDS
    init: Id | Law | None = None
    net: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Site:
    """A latent variable.

    Args:
        dims: all its axes: the plates, then the axes that its type or its law's event adds.
        plates: how many of ``dims`` come from open plates.
        law: its distribution; its event axes are the last of ``dims``.
        kind, bounds: its support after narrowing.
        narrowed: whether the declared kind is narrower than the law's support; ``normaliser`` then says whether the
            missing mass is put back (``"truncate"``: by the cdf, ``"order"``: log n! of exchangeable elements,
            ``None``: left out, with a warning).
        auxiliary: an ``aux`` site of a guide.
    """

    name: str
    law: Law
    dims: Dims
    plates: int
    kind: Kind
    bounds: Bounds = NO_BOUNDS
    narrowed: bool = False
    normaliser: str | None = None
    auxiliary: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Observation:
    """``observe value ~ law where mask weight w`` once for each member of ``plates``.

    ``optional`` lists the data items whose missing entries drop the element from the likelihood. ``grouped`` names the
    data items that hold the statistics of each group, in the order of ``law``'s ``Grouped``; the term is then the sum
    of the grouped log density over ``plates``, and ``value`` is the first of those items.
    """

    name: str
    value: Id
    law: Law
    plates: Dims
    mask: Id | None = None
    weight: Id | None = None
    optional: tuple[str, ...] = ()
    grouped: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Factor:
    """A term added to the log density, summed over ``plates`` (its dimensions)."""

    value: Id
    plates: Dims
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Report:
    """A value returned with the results (``value``), or a generated quantity drawn from ``law``; ``dims`` are its
    axes.
    """

    name: str
    value: Id | None
    law: Law | None
    dims: Dims
    kind: Kind
    span: Span = field(default=NOWHERE, compare=False)


# --- guides ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Family:
    """``a, b ~ family(…)``: the sites it covers, in model order; ``settings`` are the call's arguments by name:
    numbers, and names of dimensions and of families.
    """

    name: str
    sites: tuple[str, ...]
    settings: tuple[tuple[str, float | str], ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


def baseline_of(site: str) -> str:
    """The name of the definition of what is taken from the costs of a scored site, where the guide says it."""
    return f"{site}~baseline"


@dataclass(frozen=True, slots=True)
class GuideParts:
    """What a guide has besides the parts that a model has.

    Args:
        families: statements that cover whole latents.
        noncentered: the sites that families see noncentred.
        learned: the sites that families see centred by a degree that is fitted.
        scored: explicit sites that are drawn and get a score-function gradient, though something better may exist; the
            definition of the name :func:`baseline_of` is taken from their costs, where there is one.
        formulas: the latents that definitions of these names make.
    """

    families: tuple[Family, ...] = ()
    noncentered: tuple[str, ...] = ()
    scored: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()
    learned: tuple[str, ...] = ()

    @property
    def reparameterised(self) -> tuple[str, ...]:
        """The sites that families do not see as they are written."""
        return (*self.noncentered, *self.learned)


@dataclass(frozen=True, slots=True)
class Program:
    """A model or a guide.

    ``definitions`` maps the names of the text to nodes, for dumps and reports. A guide shares ``dimensions`` and
    ``data`` with its model, and its ``sites`` are its explicit statements.
    """

    name: str
    dimensions: tuple[Dimension, ...] = ()
    data: tuple[Data, ...] = ()
    params: tuple[Param, ...] = ()
    sites: tuple[Site, ...] = ()
    observations: tuple[Observation, ...] = ()
    factors: tuple[Factor, ...] = ()
    reports: tuple[Report, ...] = ()
    definitions: tuple[tuple[str, Id], ...] = ()
    nodes: tuple[Node, ...] = ()
    guide: GuideParts | None = None
