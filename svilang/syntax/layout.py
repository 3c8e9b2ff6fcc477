"""Lines of a given width, from a flat row of atoms.

In: texts, places where a line may break, groups and comments, as :mod:`.unparse` makes them. Out: the text. A group
whose contents fit stands on one line; otherwise all its breaks become line ends, or in a filled group those that must.

Source of the method: D. C. Oppen, Prettyprinting, ACM TOPLAS 2(4), 1980, with comments added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100
"""Columns of a line, where its words allow."""

STEP = 2
"""Columns of one level of indentation."""

_ENDLESS = 1 << 40


@dataclass(frozen=True, slots=True)
class Text:
    """Words without a break."""

    text: str


@dataclass(frozen=True, slots=True)
class Open:
    """The begin of a group; a filled group breaks only where it must. Its comments stand ``step`` further in."""

    filled: bool = False
    step: int = STEP


@dataclass(frozen=True, slots=True)
class Close:
    """The end of a group."""


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a line may end; unbroken it is ``flat``."""

    flat: str = " "
    step: int = STEP


@dataclass(frozen=True, slots=True)
class End:
    """The end of a line, always, and a blank line after it if asked for."""

    blank: bool = False


@dataclass(frozen=True, slots=True)
class Indent:
    """Lines from here on stand further in, or out again."""

    by: int


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment, after the words of its line or on its own."""

    text: str
    trailing: bool
    blank: bool = False


Atom = Text | Open | Close | Break | End | Indent | Remark


@dataclass(slots=True)
class _Group:
    base: int
    flat: bool
    filled: bool
    step: int


def layout(atoms: Sequence[Atom], width: int = WIDTH) -> str:
    """The text of a row of atoms, without a line end at its end."""
    page = _Page(atoms, width)
    for i, atom in enumerate(atoms):
        page.put(i, atom)
    return page.text()


class _Page:
    """What is written so far."""

    def __init__(self, atoms: Sequence[Atom], width: int) -> None:
        self._width = width
        self._group_widths, self._to_break = _measure(atoms)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._column = 0
        self._indent = 0
        self._pending: int | None = 0
        self._blank = False
        self._remarked = False
        self._groups: list[_Group] = []

    def text(self) -> str:
        return "\n".join([*self._lines, "".join(self._line)])

    def put(self, i: int, atom: Atom) -> None:
        match atom:
            case Text(text):
                self._write(text)
            case Open():
                self._open(self._group_widths[i], atom)
            case Close():
                self._groups.pop()
            case Break():
                self._break(atom, self._to_break[i + 1])
            case End(blank):
                self._end_line(self._indent)
                self._blank = blank
            case Indent(by):
                self._indent += by
                if self._pending is not None:
                    self._pending += by
            case Remark():
                self._remark(atom)

    def _write(self, text: str) -> None:
        if self._pending is not None:
            self._start_line(self._pending)
        self._line.append(text)
        self._column += len(text)

    def _start_line(self, indent: int) -> None:
        if self._line:
            self._lines.append("".join(self._line).rstrip(" "))
            if self._blank:
                self._lines.append("")
        self._blank = self._remarked = False
        self._line = [" " * indent]
        self._column = indent
        self._pending = None

    def _end_line(self, indent: int) -> None:
        self._pending = indent

    def _open(self, width: int, atom: Open) -> None:
        column = self._column if self._pending is None else self._pending
        within = bool(self._groups) and self._groups[-1].flat
        base = self._line_indent()
        self._groups.append(_Group(base, within or column + width <= self._width, atom.filled, atom.step))

    def _line_indent(self) -> int:
        if self._pending is not None:
            return self._pending
        return len(self._line[0]) if self._line else 0

    def _break(self, atom: Break, following: int) -> None:
        group = self._groups[-1]
        fits = group.flat or (group.filled and self._column + len(atom.flat) + following <= self._width)
        if self._pending is None and fits:
            self._write(atom.flat)
        else:
            self._end_line(group.base + atom.step)

    def _remark(self, atom: Remark) -> None:
        """A comment; one that follows another goes to a line of its own, for it cannot be told apart there."""
        inner = self._groups[-1].base + self._groups[-1].step if self._groups else self._indent
        if atom.trailing and self._line and not self._remarked:
            self._line[-1] = self._line[-1].rstrip(" ")
            self._line.append(f"  {atom.text}")
        else:
            self._blank = self._blank or atom.blank
            self._start_line(inner)
            self._line.append(atom.text)
        self._remarked = True
        self._end_line(inner)


def _measure(atoms: Sequence[Atom]) -> tuple[dict[int, int], list[int]]:
    """The width of each group on one line, with what sticks to its end; and from each atom to the next break."""
    to_break = [0] * (len(atoms) + 1)
    flat = [0] * (len(atoms) + 1)
    closes: list[int] = []
    groups: dict[int, int] = {}
    for i in range(len(atoms) - 1, -1, -1):
        atom = atoms[i]
        own, rest = 0, to_break[i + 1]
        match atom:
            case Text(text):
                own = len(text)
                rest += own
            case Break(blank):
                own, rest = len(blank), 0
            case End():
                own, rest = 0, 0
            case Remark():
                own, rest = _ENDLESS, 0
            case Close():
                closes.append(i)
            case _:
                pass
        flat[i], to_break[i] = flat[i + 1] + own, rest
        if isinstance(atom, Open):
            end = closes.pop()
            groups[i] = flat[i] - flat[end] + to_break[end]
    return groups, to_break
