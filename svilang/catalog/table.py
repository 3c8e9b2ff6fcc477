"""Rows by name, each in its module, which is imported when the row is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Generic, Protocol, TypeVar


class Named(Protocol):
    """What a table holds."""

    @property
    def name(self) -> str:
        """As the language spells it."""
        ...


_Row = TypeVar("_Row", bound=Named)


class Table(Mapping[str, _Row], Generic[_Row]):
    """A mapping whose names cost nothing, and whose rows are found when they are needed.

    Args:
        package: where the modules stand.
        kind: the class of the rows.
        homes: by name the module in which a constant is the row of that name.
    """

    def __init__(self, package: str, kind: type[_Row], homes: Mapping[str, str]) -> None:
        self._package, self._kind, self._homes = package, kind, homes
        self._rows: dict[str, _Row] = {}

    def __getitem__(self, name: str) -> _Row:
        if name not in self._rows:
            module = import_module(f"{self._package}.{self._homes[name]}")
            constants: list[Any] = list(vars(module).values())
            self._rows[name] = next(row for row in constants if isinstance(row, self._kind) and row.name == name)
        return self._rows[name]

    def __contains__(self, name: object) -> bool:
        return name in self._homes

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)
