"""How a run ended, as a value with advice."""

from __future__ import annotations

from enum import StrEnum

from .signal import Motion


class Status(StrEnum):
    """How a run ended."""

    CONVERGED = "converged"
    NOT_CONVERGED = "not_converged"
    DIVERGED = "diverged"
    INTERRUPTED = "interrupted"
    NO_MODE = "no_mode"

    @property
    def ok(self) -> bool:
        return self is Status.CONVERGED

    def with_gradient(self, motion: Motion) -> Status:
        """The same with what the gradient at the end says: a run that is still moving has not converged."""
        return Status.NOT_CONVERGED if self is Status.CONVERGED and motion is Motion.MOVING else self

    @property
    def advice(self) -> str:
        """What to do about it; empty when there is nothing to do."""
        return _ADVICE[self]


_ADVICE = {
    Status.CONVERGED: "",
    Status.NOT_CONVERGED: (
        "the ELBO was still rising at the end: give the fit more `steps`, and `stop = none` if it ended before these"
    ),
    Status.DIVERGED: "the fit got worse than its start: lower the step size, or leave `optimizer` to the default",
    Status.NO_MODE: "the search for a mode ended at none, so that these figures depend on where it stopped",
    Status.INTERRUPTED: "the fit was stopped by hand; what it had reached is kept",
}
