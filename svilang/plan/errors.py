"""What cannot be summed out, and why."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics import Diagnostic, Span, SvilangError


def _listed(names: Iterable[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def infinite(name: str, row: str, span: Span) -> SvilangError:
    """A discrete latent without a finite support."""
    return SvilangError(
        [
            Diagnostic(
                "E0620",
                f"`{name}` has no finite support: {row} cannot be summed out",
                span,
                help="use a distribution with finitely many values, or one with a bound, such as Binomial",
            )
        ]
    )


def unknown_support(name: str, span: Span) -> SvilangError:
    """A support whose ends are neither numbers nor data."""
    return SvilangError(
        [
            Diagnostic(
                "E0621",
                f"the support of `{name}` must end at a number or at data, so that it can be enumerated",
                span,
            )
        ]
    )


def outside_plate(name: str, plate: str, span: Span) -> SvilangError:
    """An enumerated site is used across the members of its plate."""
    return SvilangError(
        [
            Diagnostic(
                "E0622",
                f"`{name}` is summed out within `plate {plate}`, and here all its members are used at once",
                span,
                help="the sum over all combinations grows exponentially; use the site inside its plate, or by an index",
            )
        ]
    )


def two_members(name: str, span: Span) -> SvilangError:
    """A term reads two members of an enumerated site."""
    return SvilangError(
        [
            Diagnostic(
                "E0623",
                f"two members of `{name}` meet in one term, so that they cannot be summed out one by one",
                span,
            )
        ]
    )


def coupled(names: Iterable[str], span: Span | None = None) -> SvilangError:
    """Enumerated sites of crossing plates meet."""
    from ..diagnostics import NOWHERE

    return SvilangError(
        [
            Diagnostic(
                "E0624",
                f"{_listed(names)} stand in plates that cross, and meet in one term: no order of summation is cheap",
                span or NOWHERE,
                help="the cost grows exponentially with the plates; give one of them a continuous relaxation",
            )
        ]
    )


def not_yet(what: str, name: str, span: Span) -> SvilangError:
    """Something that the language has and this version cannot run."""
    return SvilangError([Diagnostic("E0690", f"this version cannot run {what} yet: `{name}`", span)])


def reads_discrete(what: str, name: str, span: Span) -> SvilangError:
    """Something that needs a value of a site that has none."""
    return SvilangError(
        [
            Diagnostic(
                "E0690",
                f"this version cannot run {what} that reads a summed-out site yet: `{name}`",
                span,
            )
        ]
    )
