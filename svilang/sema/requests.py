"""What a caller in Python asks for besides whole numbers: words, names and mappings, each checked."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from ..diagnostics import NOWHERE, SvilangError
from ..types import composed
from . import errors


def word(argument: str, value: Any, known: Collection[str] | None = None) -> str:
    """The word that is needed, one of ``known``.

    Raises:
        SvilangError: it is none.
    """
    if not isinstance(value, str) or (known is not None and value not in known):
        _refuse(argument, "a text" if known is None else " or ".join(f'`"{one}"`' for one in known))
    return composed(value)


def path(argument: str, value: Any) -> Path:
    """The path that is needed.

    Raises:
        SvilangError: it is none, or empty.
    """
    if not isinstance(value, str | os.PathLike) or isinstance(written := os.fspath(value), bytes):
        _refuse(argument, "a path")
    if not written:
        _refuse(argument, "the path of a file, and is empty")
    return Path(written)


def flag(argument: str, value: Any) -> bool:
    """The truth value that is needed.

    Raises:
        SvilangError: it is none.
    """
    if not isinstance(value, bool):
        _refuse(argument, "`True` or `False`")
    return value


def names(argument: str, value: Any) -> tuple[str, ...]:
    """The names that ``value`` holds; a text is one name.

    Raises:
        SvilangError: it holds something else.

    Example:
        >>> names("sites", "mu"), names("sites", ["mu", "tau"])
        (('mu',), ('mu', 'tau'))
    """
    found: tuple[Any, ...] = (value,) if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)
    if not all(isinstance(name, str) for name in found):
        _refuse(argument, "a name or several, in a list")
    return tuple(map(composed, found))


def mapping(argument: str, value: Any, example: str) -> dict[str, Any]:
    """The entries of a mapping by name; ``None`` has none.

    Raises:
        SvilangError: it is no mapping, or some of its keys are no names.

    Example:
        >>> mapping("set", {"n": 3}, '{"n": 100}')
        {'n': 3}
    """
    found: Any = {} if value is None else value
    if not isinstance(found, Mapping) or not all(isinstance(name, str) for name in found):
        _refuse(argument, f"a mapping from names, such as `{example}`")
    entries = {composed(name): entry for name, entry in found.items()}
    if len(entries) < len(found):
        _refuse(argument, "a mapping with one entry for each name")
    return entries


def _refuse(argument: str, wanted: str) -> NoReturn:
    raise SvilangError([errors.family_setting(NOWHERE, argument, wanted)])
