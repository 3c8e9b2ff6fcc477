"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


class File(click.Path):
    """The path of a file, or of a ``directory``."""

    def __init__(self, *, directory: bool | None = None) -> None:
        super().__init__(path_type=Path, dir_okay=directory is not False, file_okay=directory is not True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("the path is empty", param, ctx)
        return super().convert(value, param, ctx)


SPEC = click.argument("spec", metavar="SPEC", type=File())
SPECS = click.argument("specs", metavar="SPEC…", nargs=-1, required=True, type=File())
GUIDE = click.option("--guide", metavar="NAME", help="Which guide of the spec, where it has several.")


def _pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for value in values:
        name, found, path = value.partition("=")
        if not found or Path(value).exists():
            name, path = "", value
        if name in pairs:
            which = f"for `{name}`" if name else "without a name"
            raise click.BadParameter(f"two sources {which}: `{pairs[name]}` and `{path}`", ctx, param)
        pairs[name] = path
    return pairs


def texts(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Pairs of a name and a text."""
    settings: dict[str, str] = {}
    for value in values:
        name, found, text = value.partition("=")
        if not found or not name:
            raise click.BadParameter(f"`{value}` is not of the form name=value", ctx, param)
        if name.strip() in settings:
            raise click.BadParameter(f"two values for `{name.strip()}`", ctx, param)
        settings[name.strip()] = text.strip()
    return settings


def assignments(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    """Pairs of a name and a number, a list or a text."""
    return {name: _value(text) for name, text in texts(ctx, param, values).items()}


def counts(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    """Pairs of a name and a whole number."""
    found = assignments(ctx, param, values)
    for name, value in found.items():
        if not isinstance(value, int) or isinstance(value, bool):
            raise click.BadParameter(f"`{name}={value}` needs a whole number", ctx, param)
    return found


def _value(text: str) -> Any:
    """A number or a list as in JSON, else the text itself."""
    try:
        return json.loads(text.replace("_", "") if text.replace("_", "").isdigit() else text)
    except ValueError:
        return text


def bound(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--data`` and ``--set``."""
    data = click.option(
        "--data",
        multiple=True,
        metavar="[NAME=]PATH",
        callback=_pairs,
        help="A data file: for the dimension or item NAME, or for everything the spec declares. Repeatable.",
    )
    sets = click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="NAME=VALUE",
        callback=assignments,
        help="The size of a dimension or the value of a data item. Repeatable.",
    )
    return data(sets(command))


def drawing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds what commands that draw share: ``--draws``, ``--seed``, ``--out``, ``--all``, ``--json``."""
    options = (
        click.option("--draws", type=click.IntRange(min=1), help="How many draws."),
        click.option("--seed", type=click.IntRange(min=0), help="Of all noise."),
        click.option("--out", type=File(directory=False), help="Save the draws to this file."),
        click.option("--all", "everything", is_flag=True, help="Every row of the tables."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables."),
    )
    for option in reversed(options):
        command = option(command)
    return command
