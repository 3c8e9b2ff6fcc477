"""The group of commands, and what each kind of failure does to the exit code."""

from __future__ import annotations

import gc
import os
import platform
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click

from ..diagnostics import NumericalError, SvilangError, did_you_mean
from ..streams import left
from . import console, exits

COMMANDS = (
    *("run", "check", "fmt", "dump", "predict", "prior", "simulate"),
    *("summary", "plot", "report", "compare", "graph", "explain", "new", "lsp"),
)
"""In the order of the help; each is a module of this package with a function ``command``."""

_ELSEWHERE = {"report": "page"}
"""Commands whose module has another name."""


class _Commands(click.Group):
    """Loads a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return import_module(f".{_ELSEWHERE.get(cmd_name, cmd_name)}", __package__).command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            file = f"a file needs a command before it: `svilang run {args[0]}`" if Path(args[0]).suffix else None
            meant = did_you_mean(args[0], COMMANDS) or file
            advice = f" {meant[0].upper()}{meant[1:]}" if meant else ""
            raise click.UsageError(error.message + advice, ctx) from None


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="svilang", message="svilang %(version)s")
def commands() -> None:
    """Fit Bayesian models written as .svi specs by stochastic variational inference."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    gc.set_threshold(100_000)  # trees and programs are long-lived: looking through them again and again finds nothing
    sys.exit(exit_code(arguments))


def exit_code(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and say how it ended."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = commands.main(words, "svilang", standalone_mode=False)
        return code if isinstance(code, int) else exits.DONE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except NumericalError as error:
        console.report_error(error)
        return exits.NUMERICAL
    except SvilangError as error:
        console.report_error(error)
        return exits.WRONG_SPEC
    except (KeyboardInterrupt, click.Abort):
        console.notice("interrupted")
        return exits.INTERRUPTED
    except (BrokenPipeError, SystemExit):  # click turns the one into the other
        left(sys.stdout)
        return exits.DONE
    except Exception as error:
        _report_bug(error, trace="--verbose" in words or os.environ.get("SVILANG_DEBUG") == "1")
        return exits.OUR_BUG


def _report_bug(error: Exception, *, trace: bool) -> None:
    if trace:
        traceback.print_exception(error)
    place = _place(error)
    first = str(error).strip().splitlines()
    console.notice(
        f"svilang failed; this is a fault in svilang and not in the spec or its data.\n"
        f"  {type(error).__name__}: {first[0] if first else 'no message'}\n"
        f"  at {place}, {_versions()}\n"
        f"Please report it, with the spec, where you got svilang from; SVILANG_DEBUG=1 prints the whole trace."
    )


def _place(error: Exception) -> str:
    """The last place in svilang on the way to the error."""
    package = Path(__file__).parents[1]
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    own = [(path, line) for path, line in frames if package in path.parents]
    path, line = (own or frames)[-1]
    return f"{path.relative_to(package) if own else path.name}:{line}"


def _versions() -> str:
    return f"svilang {_version('svilang')}, jax {_version('jax')}, Python {platform.python_version()}"


def _version(package: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


