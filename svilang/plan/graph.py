"""The plate diagram of a model: what depends on what, and in which plates it stands, as Mermaid and as DOT."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from ..catalog.distribution import Distribution
from ..ir import nodes as ir
from ..ir.walk import depends_on, law_operands
from ..types import Dims


class Role(Enum):
    """What a node of the diagram is."""

    LATENT = "latent"
    DISCRETE = "discrete"
    OBSERVED = "observed"
    PARAMETER = "parameter"
    DATA = "data"
    FACTOR = "factor"
    DRAWN = "drawn"


@dataclass(frozen=True, slots=True)
class Vertex:
    """One node: its name, the name of its distribution (``""`` without one), and its plates from outside in."""

    name: str
    law: str
    role: Role
    plates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes of a model in order, and the edges between them as pairs of names."""

    vertices: tuple[Vertex, ...]
    edges: tuple[tuple[str, str], ...]


def graph(program: ir.Program) -> Graph:
    """The diagram of a model; definitions are followed through to what they are made of."""
    found: list[Vertex] = []
    edges: dict[tuple[str, str], None] = {}

    def add(name: str, law: str, role: Role, plates: Dims, operands: tuple[ir.Id, ...]) -> None:
        found.append(Vertex(name, law, role, tuple(dict.fromkeys(dim.name for dim in plates))))
        below = depends_on(program, operands)
        for parent in sorted({_net(name) for name in below.latents | below.params | below.data}):
            if parent != name:
                edges[parent, name] = None

    for param in program.params:
        if param.name == _net(param.name):
            add(param.name, "", Role.PARAMETER, param.dims, ())
    for name in dict.fromkeys(_net(param.name) for param in program.params if param.name != _net(param.name)):
        add(name, "net", Role.PARAMETER, (), ())
    for site in program.sites:
        role = Role.DISCRETE if site.kind.discrete else Role.LATENT
        own = site.dims[: len(site.dims) - len(site.law.event)]
        add(site.name, _law(site.law), role, own, law_operands(site.law))
    for one in program.observations:
        add(f"{one.name} (observed)", _law(one.law), Role.OBSERVED, one.plates, law_operands(one.law))
    for i, factor in enumerate(program.factors, start=1):
        add(f"factor {i}", "", Role.FACTOR, factor.plates, (factor.value,))
    for report in program.reports:
        if report.law is not None:
            add(report.name, _law(report.law), Role.DRAWN, report.dims, law_operands(report.law))
    known = {vertex.name for vertex in found}
    read = {parent for parent, _ in edges}
    data = [Vertex(d.name, "", Role.DATA, _plates(d)) for d in program.data if d.name in read]
    drawn = {vertex.name for vertex in data} | known
    return Graph((*data, *found), tuple(edge for edge in edges if edge[0] in drawn))


def mermaid(diagram: Graph) -> str:
    """The diagram as Mermaid, which GitHub and many editors draw."""
    names = _numbered(diagram)

    def vertex(one: Vertex) -> str:
        left, right = _MERMAID[one.role]
        return f'{names[one.name]}{left}"{_label(one, "<br/>")}"{right}'

    def plate(i: int, name: str) -> tuple[str, str]:
        return f'subgraph p{i} ["{name}"]', "end"

    lines = ["flowchart TD", *_indented(_nested(diagram, vertex, plate))]
    lines += [f"  {names[a]} --> {names[b]}" for a, b in diagram.edges]
    seen = [names[one.name] for one in diagram.vertices if one.role in (Role.OBSERVED, Role.DATA)]
    if seen:
        lines += ["  classDef given fill:#c8c8c8,stroke:#555,color:#000", f"  class {','.join(seen)} given"]
    return "\n".join(lines)


def dot(diagram: Graph) -> str:
    """The diagram in the language of Graphviz."""
    names = _numbered(diagram)

    def vertex(one: Vertex) -> str:
        return f'{names[one.name]} [label="{_label(one, chr(92) + "n")}", {_DOT[one.role]}];'

    def plate(i: int, name: str) -> tuple[str, str]:
        return f'subgraph cluster_{i} {{ label="{name}"; labeljust=r; labelloc=b;', "}"

    lines = ["digraph model {", *_indented(_nested(diagram, vertex, plate))]
    lines += [f"  {names[a]} -> {names[b]};" for a, b in diagram.edges]
    return "\n".join([*lines, "}"])


FORMS: dict[str, Callable[[Graph], str]] = {"mermaid": mermaid, "dot": dot}
"""How a diagram is written, by name."""

_MERMAID = {
    Role.LATENT: ("((", "))"),
    Role.DISCRETE: ("[", "]"),
    Role.OBSERVED: ("((", "))"),
    Role.PARAMETER: ("{{", "}}"),
    Role.DATA: ("[/", "/]"),
    Role.FACTOR: ("[[", "]]"),
    Role.DRAWN: ("([", "])"),
}
_DOT = {
    Role.LATENT: "shape=ellipse",
    Role.DISCRETE: "shape=box",
    Role.OBSERVED: "shape=ellipse, style=filled, fillcolor=lightgrey",
    Role.PARAMETER: "shape=hexagon",
    Role.DATA: "shape=parallelogram, style=filled, fillcolor=lightgrey",
    Role.FACTOR: "shape=box, style=filled, fillcolor=black, fontcolor=white",
    Role.DRAWN: "shape=ellipse, style=dashed",
}


def _net(name: str) -> str:
    """The net that a parameter belongs to, whose layers have a dot in their names; else the name itself."""
    return name.partition(".")[0]


def _law(law: ir.Law) -> str:
    if law.row.name == "then" or isinstance(law.row, Distribution):
        return " then ".join(map(_law, law.children)) or law.row.name
    return f"{law.row.name}({', '.join(map(_law, law.children))})"


def _plates(item: ir.Data) -> tuple[str, ...]:
    return tuple(dict.fromkeys(dim.name for dim in item.dims))


def _label(one: Vertex, line: str) -> str:
    name = one.name.removesuffix(" (observed)")
    return f"{name}{line}{one.law}" if one.law else name


def _numbered(diagram: Graph) -> dict[str, str]:
    return {one.name: f"n{i}" for i, one in enumerate(diagram.vertices)}


def _nested(
    diagram: Graph, vertex: Callable[[Vertex], str], plate: Callable[[int, str], tuple[str, str]]
) -> Iterator[str]:
    """The lines of all nodes, each within its plates; plates with the same way from outside are one."""
    counter = iter(range(1_000_000))

    def within(path: tuple[str, ...]) -> Iterator[str]:
        for one in diagram.vertices:
            if one.plates == path:
                yield vertex(one)
        depth = len(path)
        deeper = (v.plates for v in diagram.vertices if v.plates[:depth] == path and len(v.plates) > depth)
        for name in dict.fromkeys(plates[depth] for plates in deeper):
            opening, closing = plate(next(counter), name)
            yield opening
            yield from _indented(within((*path, name)))
            yield closing

    return within(())


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)
