"""The estimators of NumPyro by name, for those who want one: what each computes, and which programs it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from ..diagnostics import SvilangError
from ..ir import nodes as ir
from ..plan.guided import Role, natural_role
from ..runtime.objectives import OBJECTIVES, ObjectiveRow
from ..sema.baselines import of_objective
from . import errors


class ELBO:
    """An estimator of a bound of the log evidence: what the classes below have in common."""

    num_particles: int
    vectorize_particles: bool

    name: ClassVar[str] = "elbo"
    exact: ClassVar[bool] = True
    """Whether closed forms and sums over the guide's discrete sites stand for their samples."""
    pathwise: ClassVar[bool] = False
    """Whether gradients go through draws alone."""
    drawn: ClassVar[bool] = False
    """Whether finite sites of the guide are drawn and scored instead of summed."""
    least: ClassVar[int] = 1
    """Fewest particles."""
    baseline: str = "others"
    """What the score function takes from its costs."""

    @property
    def objective(self) -> ObjectiveRow:
        """The bound as the runtime computes it from log weights."""
        row = OBJECTIVES[self.name]
        return row if self.exact else replace(row, analytic=False)

    @property
    def is_sum(self) -> bool:
        """Whether the bound is a sum of terms, whatever way each of them is estimated."""
        return OBJECTIVES[self.name].analytic

    @property
    def settings(self) -> Mapping[str, float]:
        """Arguments of the bound."""
        return {}

    def seen(self, guide: ir.Program) -> ir.Program:
        """The guide as the estimator treats it."""
        return _scored(guide) if self.drawn else guide

    def refuse(self, guide: ir.Program) -> None:
        """Refuse arguments that have no meaning, and a guide on which the estimator would be wrong.

        Raises:
            SvilangError: naming each site without the gradient that the estimator takes for granted.
        """
        name = type(self).__name__
        problems = [errors.too_few_particles(name, self.least)] if self.num_particles < self.least else []
        if not self.is_sum:
            problems += of_objective(guide, self.name)
        if self.pathwise:
            problems += [errors.no_pathwise_gradient(name, site) for site in without_pathwise(guide)]
        if problems:
            raise SvilangError(problems)


def _scored(guide: ir.Program) -> ir.Program:
    """The guide with a score function for every site without a pathwise gradient."""
    parts = guide.guide or ir.GuideParts()
    return replace(guide, guide=replace(parts, scored=tuple(site.name for site in without_pathwise(guide))))


def without_pathwise(guide: ir.Program) -> tuple[ir.Site, ...]:
    """The explicit sites of a guide whose draws do not move with its parameters."""
    return tuple(site for site in guide.sites if natural_role(site) is not Role.PATHWISE)


@dataclass(frozen=True)
class TraceELBO(ELBO):
    """The mean of ``log p(z, x) - log q(z)`` over draws, differentiated through the draws.

    A guide with a site that has no pathwise gradient is refused: without a score term its gradient would be biased.

    Args:
        num_particles: independent draws of the guide for each estimate.
        vectorize_particles: whether they are computed side by side, or one after the other in less memory.

    Source: Kingma & Welling (2014), Auto-Encoding Variational Bayes; Ranganath, Gerrish & Blei (2014).
    """

    num_particles: int = 1
    vectorize_particles: bool = True

    exact: ClassVar[bool] = False
    pathwise: ClassVar[bool] = True


@dataclass(frozen=True)
class TraceMeanFieldELBO(ELBO):
    """The same with entropies and divergences in closed form, each only where it is proved to hold.

    Where a guide draws in another order than the model, the terms in question are sampled: a mean field is not taken on
    trust.
    """

    num_particles: int = 1
    vectorize_particles: bool = True

    pathwise: ClassVar[bool] = True


@dataclass(frozen=True)
class TraceGraphELBO(ELBO):
    """The same value, with score-function gradients for sites without a pathwise one.

    The cost of such a site is what depends on it, member by member of its plates. Finite sites of the guide are drawn.

    Args:
        baseline: what is taken from the costs, as a fit block writes it: ``"others"``, the mean over the other
            particles; ``"average(decay=0.9)"``, that over the steps before; ``"none"``.

    Source: Schulman, Heess, Weber & Abbeel (2015), Gradient estimation using stochastic computation graphs.
    """

    num_particles: int = 1
    vectorize_particles: bool = True
    baseline: str = "others"

    drawn: ClassVar[bool] = True


@dataclass(frozen=True)
class TraceEnumELBO(ELBO):
    """The same with sums over the finite discrete sites of model and guide taken exactly."""

    num_particles: int = 1
    vectorize_particles: bool = True


@dataclass(frozen=True)
class RenyiELBO(ELBO):
    """``log mean exp((1 - alpha)(log p - log q)) / (1 - alpha)`` over the particles.

    ``alpha = 0`` is the importance-weighted bound; towards 1 it becomes the evidence lower bound, which has its own
    classes.

    Args:
        alpha: the order, any number but 1.
        num_particles: at least 2.

    Raises:
        SvilangError: the order is 1, or there is one particle only.

    Source: Li & Turner (2016), Rényi divergence variational inference.
    """

    alpha: float = 0.0
    num_particles: int = 2
    vectorize_particles: bool = True

    name: ClassVar[str] = "renyi"
    least: ClassVar[int] = 2

    def refuse(self, guide: ir.Program) -> None:
        if self.alpha == 1:
            raise SvilangError([errors.order_is_one()])
        super().refuse(guide)

    @property
    def is_sum(self) -> bool:
        """Whether the bound is a sum of terms, whatever way each of them is estimated."""
        return OBJECTIVES[self.name].analytic

    @property
    def settings(self) -> Mapping[str, float]:
        return {"alpha": self.alpha}
