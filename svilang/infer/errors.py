"""What the step-by-step interface refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..diagnostics import NOWHERE, Diagnostic, did_you_mean
from ..diagnostics.page import Page

if TYPE_CHECKING:
    from ..ir import nodes as ir


def too_few_particles(name: str, least: int) -> Diagnostic:
    """An estimator with fewer draws than it needs."""
    return Diagnostic("E0711", f"`{name}` needs {least} particle{'s' if least > 1 else ''} or more", NOWHERE)


def order_is_one() -> Diagnostic:
    """A Rényi bound of order 1."""
    fix = "at order 1 it is the evidence lower bound: `TraceELBO()`"
    return Diagnostic("E0711", "the Rényi bound has no order 1", NOWHERE, help=fix)


def nothing_to_anneal(name: str) -> Diagnostic:
    """An annealed bound whose terms are no sum."""
    fix = "anneal the evidence lower bound: `TraceEnumELBO()`"
    message = f"`{name}` is no sum of terms, so that those of the latents can have no weight of their own"
    return Diagnostic("E0711", message, NOWHERE, help=fix)


def no_pathwise_gradient(name: str, site: ir.Site) -> Diagnostic:
    """A draw that does not move with its parameters, under an estimator that takes it for granted."""
    return Diagnostic(
        "E0712",
        f"`{name}` differentiates through draws, and `{site.name}` has no such gradient",
        site.span,
        help="`TraceEnumELBO()` sums over it exactly where it is finite, `TraceGraphELBO()` adds its score term",
    )


def nothing_to_step(family: str) -> Diagnostic:
    """A family without parameters."""
    return Diagnostic(
        "E0712",
        f"`{family}` is found from the mode of the posterior, and has nothing that steps could improve",
        NOWHERE,
        help="fit it with `model.fit()`",
    )


def unknown_parameter(name: str, known: Iterable[str]) -> Diagnostic:
    """A start for a name that no parameter has."""
    listed = list(known)
    suggestion = did_you_mean(name, listed)
    return Diagnostic(
        "E0713",
        f"there is no parameter `{name}` to start from",
        NOWHERE,
        help=suggestion or f"the parameters are {', '.join(f'`{one}`' for one in listed) or 'none'}",
    )


def wrong_shape(name: str, given: tuple[int, ...], wanted: tuple[int, ...]) -> Diagnostic:
    """A start of another shape."""
    return Diagnostic("E0713", f"`{name}` has shape {wanted}, and the value given has {given}", NOWHERE)


PAGES: dict[str, Page] = {
    "E0711": Page(
        "An estimator with an argument that it cannot have",
        "An estimator takes at least one draw for each step, the Rényi bound at least two, and its order is any number "
        "but 1: there the bound is the evidence lower bound, which has estimators of its own. That bound alone can be "
        "annealed: no other is a sum of terms, of which those of the latents could count less.",
        "RenyiELBO(alpha=1)",
        "RenyiELBO(alpha=0.5, num_particles=8)   # or TraceELBO()",
    ),
    "E0712": Page(
        "An estimator that does not fit the guide",
        "`TraceELBO` and `TraceMeanFieldELBO` differentiate through the draws of the guide. The draws of a discrete "
        "variable do not move with its parameters, so their gradient would be biased. A family that is found from the "
        "mode has no steps at all.",
        "SVI(model, optax.adam(0.01), TraceELBO())         # guide { z ~ Bernoulli(q) }",
        "SVI(model, optax.adam(0.01), TraceEnumELBO())     # or TraceGraphELBO()",
    ),
    "E0713": Page(
        "A value to start from that no parameter has",
        "`init_params` gives constrained values of parameters of the guide and the model under their own names, and "
        "the vectors of families, each in the shape of its declaration.",
        'svi.init(key, init_params={"lco": 1.0})',
        'svi.init(key, init_params={"loc": 1.0})',
    ),
}
