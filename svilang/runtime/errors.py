"""The sentences of a run: what can go wrong while fitting, and what to do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..diagnostics import Diagnostic, Note, NumericalError, Span, SvilangError, did_you_mean


@dataclass(frozen=True, slots=True)
class Culprit:
    """A term that some entries of the data make not finite.

    Args:
        name: of the term.
        value: of the first entry, which is not finite; ``None`` where its slope is not.
        where: the first entry, and what the data are there.
        count: how many entries there are.
        total: of how many.
        fix: what to do where no latent or parameter makes it finite.
    """

    name: str
    value: float | None
    where: str
    count: int
    total: int
    fix: str

    @property
    def told(self) -> str:
        """The end of the sentence of an error."""
        value = "" if self.value is None else f" is {self.value:g}"
        many = f" in {self.count:,} of {self.total:,} entries, first" if self.count > 1 else ""
        return f"`{self.name}`{value}{many} {self.where}"


class NotFinite(NumericalError):
    """A density or its gradient was not finite.

    Args:
        diagnostic: what is shown.
        terms: names of the terms (sites, observations, factors) that were not finite, in order.
        step: the step at which it happened; 0 before the first.
        head: the message without the names of the terms.
        draws: values of latents and parameters by name, ``[draws, …]``, at some of which it happened, and reports;
            ``None`` where nothing has them all.
    """

    def __init__(
        self,
        diagnostic: Diagnostic,
        terms: Sequence[str],
        step: int,
        head: str = "",
        draws: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__([diagnostic])
        self.terms = tuple(terms)
        self.step = step
        self.head = head
        self.draws = draws

    def at(self, places: Mapping[str, Span], culprits: Sequence[Culprit] = (), *, begun: bool = False) -> NotFinite:
        """The same with a caret under the first term that has a place, and notes for the others.

        Where some entries of the data are the cause, these terms are told of, and the entries; where a search has
        ``begun`` at values that the user gave, these are.
        """
        (diagnostic,) = self.diagnostics
        names = [one.name for one in culprits] or self.terms
        if culprits:
            message = f"{self.head}: {'; '.join(one.told for one in culprits[:3])}"
            fix = culprits[0].fix if diagnostic.code == "E0701" else diagnostic.help
            diagnostic = replace(diagnostic, message=message, help=fix)
        if begun and diagnostic.code == "E0701":
            fix = "the search for the start begins at the values of `init`: give others, or leave them out"
            diagnostic = replace(diagnostic, help=fix)
        found = [(name, places[name]) for name in names if name in places]
        if found:
            notes = tuple(Note(f"`{name}` stands here", span) for name, span in found[1:3])
            diagnostic = replace(diagnostic, span=found[0][1], notes=notes)
        moved = NotFinite(diagnostic, self.terms, self.step, self.head)
        moved.source = self.source
        return moved


def no_starting_point(terms: Mapping[str, float], draws: Mapping[str, Any] | None) -> NotFinite:
    """No start has a finite density."""
    head = "the log density is not finite at any starting point"
    fix = "check that every observation is possible under the model, and that data lie inside the supports"
    return NotFinite(Diagnostic("E0701", head + _culprits(terms), help=fix), tuple(terms), 0, head, draws)


def density_not_finite(
    terms: Mapping[str, float], step: int, edges: Mapping[str, str], draws: Mapping[str, Any] | None
) -> NotFinite:
    """The objective was not finite at a step; ``edges`` are those of :class:`~svilang.runtime.target.Target`."""
    advice = 'a smaller step size, a tighter prior, or `precision = "float64"` usually helps'
    if next(iter(terms.values()), 0.0) == -math.inf:
        advice = "write a region without density as bounds, `x: interval(a, b) ~ …`; where numbers overflow, " + advice
    if law := edges.get(next(iter(terms), "")):
        advice = _bounded(law)
    head = f"the log density stopped being finite at step {step}"
    return NotFinite(Diagnostic("E0702", head + _culprits(terms), help=advice), tuple(terms), step, head, draws)


def beyond_edges(edges: Mapping[str, str], share: float) -> Diagnostic:
    """Some draws of the guide leave data where their law has no density."""
    message = f"{_draws_beyond(edges, share)}, and are left out"
    return Diagnostic("W0704", message, help=_bounded(next(iter(edges.values()))))


def far_beyond_edges(edges: Mapping[str, str], share: float, steps: int) -> NotFinite:
    """So many do that what is left is another guide."""
    message = f"{_draws_beyond(edges, share)}, so that its bound is minus infinity"
    return NotFinite(Diagnostic("E0702", message, help=_bounded(next(iter(edges.values())))), tuple(edges), steps)


def _draws_beyond(edges: Mapping[str, str], share: float) -> str:
    return f"{100 * share:.2g} % of the draws of the guide have no density at {_listed([*edges])}"


def _bounded(law: str) -> str:
    return f"the density of `{law}` ends where its arguments say: bound these by the data, or take `guide = delta`"


def gradient_not_finite(terms: Sequence[str], step: int, draws: Mapping[str, Any] | None) -> NotFinite:
    """The objective was finite and its gradient was not."""
    named = f" in {_listed(terms)}" if terms else ""
    head = f"the gradient of the log density is not finite {f'at step {step}' if step else 'at the starting point'}"
    fix = "look for a square root, logarithm or power that can be taken of 0 there"
    return NotFinite(Diagnostic("E0703", head + named, help=fix), terms, step, head, draws)


def impossible_at(law: str) -> str:
    """What to do where data have no density under a law."""
    return f"`{law}` has no density there: mend the data, leave it out with `where`, or take a law that allows it"


def beyond_arguments(law: str) -> str:
    """What to do where data lie beyond the end of a law that its arguments move."""
    return f"the density of `{law}` ends where its arguments say: mend the data, or give them priors that allow it"


def undefined_at(what: str) -> str:
    """What to do where a term of some entries is not a number."""
    return f"mend the data, or look for a logarithm, a root or a quotient in {what} that is not defined there"


def unbounded(names: Sequence[str]) -> NotFinite:
    """The density has no finite mass."""
    message = f"the log density grows without bound along {_listed(names)}: the posterior cannot be normalised"
    return NotFinite(Diagnostic("E0705", message, help="give these a proper prior"), names, 0)


def no_curvature(names: Sequence[str]) -> SvilangError:
    """A Laplace approximation where there is no covariance to take."""
    return SvilangError(
        [
            Diagnostic(
                "E0706",
                f"`laplace` has no covariance here: the log density has no mode, or is flat, along {_listed(names)}",
                help="give these a proper prior, or use `full_rank`, which needs no mode",
            )
        ]
    )


def too_many_to_curve(family: str, count: int, most: int) -> SvilangError:
    """A Gaussian with a full covariance that nothing optimises, of more coordinates than one is made for."""
    return SvilangError(
        [
            Diagnostic(
                "E0707",
                f"`{family}` takes the whole curvature of the log density, of at most {most:,} numbers, and there are "
                f"{count:,}",
                help="use `graph_gaussian`, which knows which of them meet, or `low_rank(r)` or `mean_field`",
            )
        ]
    )


def cannot_go_on(reasons: Sequence[str]) -> SvilangError:
    """A saved fit that is no part of the one that is asked for."""
    fix = "give it the spec, the data and the settings that it had, or fit anew"
    return SvilangError([Diagnostic("E0708", f"the saved fit cannot go on: {'; '.join(reasons)}", help=fix)])


def flat_directions(names: Sequence[str]) -> Diagnostic:
    """The log density does not fall off in some direction."""
    return Diagnostic(
        "W0701",
        f"the log density is flat in some direction of {_listed(names)}: the data and priors do not determine it",
        help="give these a proper prior, or fix one of them",
    )


def mode_runs_away(names: Sequence[str]) -> Diagnostic:
    """The posterior has no mode to start from; the runtime took the best place on the way."""
    return Diagnostic(
        "W0702",
        f"the posterior has no usable mode (it runs away along {_listed(names)}); the fit starts on the way there",
        help="a `noncentered` parameterisation in the guide, or a tighter prior on the scale, makes this easier",
    )


def no_mode(names: Sequence[str]) -> Diagnostic:
    """The mode was asked for and there is none."""
    return Diagnostic(
        "W0703",
        f"the posterior has no mode: it runs away along {_listed(names)}, and what stands is a place on the way",
        help="use `mean_field` or `pathfinder`, which need no mode, or a tighter prior on the scale",
    )


def kink_at_mode(names: Sequence[str]) -> Diagnostic:
    """A Laplace approximation where the density has no curvature at its mode."""
    return Diagnostic(
        "W0703",
        f"`laplace` takes the curvature at the mode, and there the log density has a kink along {_listed(names)}: what "
        "stands is a Gaussian beside it",
        help="use `mean_field` or `full_rank`, which need no curvature, or `delta` for the mode alone",
    )


def bad_settings(problems: Sequence[tuple[str, str | None]]) -> SvilangError:
    """The fit block names something unknown."""
    return SvilangError([Diagnostic("E0704", message, help=advice) for message, advice in problems])


def mixture_with_score() -> tuple[str, str | None]:
    """A mixture as a guide beside a site that is sampled without a pathwise gradient."""
    return (
        "a `mixture` beside a site that takes the score function needs an objective that is a mean",
        "use `objective = elbo`, or another family than `mixture`",
    )


def unknown(what: str, name: str, known: Sequence[str]) -> tuple[str, str | None]:
    """A problem and its fix for a name that is in no table."""
    return f"there is no {what} called `{name}`", did_you_mean(name, known)


def _culprits(terms: Mapping[str, float]) -> str:
    return f": {', '.join(f'`{name}` is {value:g}' for name, value in terms.items())}" if terms else ""


def _listed(names: Sequence[str], most: int = 4) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
