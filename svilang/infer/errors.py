"""What the step-by-step interface refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..diagnostics import NOWHERE, Diagnostic, did_you_mean

if TYPE_CHECKING:
    from ..ir import nodes as ir


def too_few_particles(name: str, least: int) -> Diagnostic:
    return Diagnostic("E0706", f"`{name}` needs {least} particle{'s' if least > 1 else ''} or more", NOWHERE)


def order_is_one() -> Diagnostic:
    return Diagnostic(
        "E0706", "the Rényi bound has no order 1", NOWHERE, help="at order 1 it is the evidence lower bound: `TraceELBO()`"
    )


def no_pathwise_gradient(name: str, site: ir.Site) -> Diagnostic:
    return Diagnostic(
        "E0707",
        f"`{name}` differentiates through draws, and `{site.name}` has no such gradient",
        site.span,
        help="`TraceEnumELBO()` sums over it exactly where it is finite, `TraceGraphELBO()` adds its score term",
    )


def unknown_parameter(name: str, known: Iterable[str]) -> Diagnostic:
    listed = list(known)
    suggestion = did_you_mean(name, listed)
    return Diagnostic(
        "E0708",
        f"there is no parameter `{name}` to start from",
        NOWHERE,
        help=suggestion or f"the parameters are {', '.join(f'`{one}`' for one in listed) or 'none'}",
    )


def wrong_shape(name: str, given: tuple[int, ...], wanted: tuple[int, ...]) -> Diagnostic:
    return Diagnostic("E0708", f"`{name}` has shape {wanted}, and the value given has {given}", NOWHERE)
