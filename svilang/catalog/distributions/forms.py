"""Further sets of parameters of a row, by what turns them into those of its first form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..distribution import Form, Grouped, Param
from .kinds import POSITIVE

MEAN = Param("mean", POSITIVE, "the mean")
SD = Param("sd", POSITIVE, "the standard deviation")
PRECISION = Param("precision", POSITIVE, "one over the squared spread")


def written_as(params: tuple[Param, ...], canonical: Callable[..., tuple[Any, ...]], first: Form) -> Form:
    """The form with ``params``, of the row whose first form is ``first``.

    Args:
        params: in positional order.
        canonical: ``(*params)`` to the parameters of ``first``.
        first: the row's first form.
    """
    grouped = first.grouped
    return Form(
        params,
        lambda x, *values: first.log_prob(x, *canonical(*values)),
        canonical=canonical,
        grouped=None
        if grouped is None
        else Grouped(
            grouped.collapse,
            lambda statistics, *values: grouped.log_prob(statistics, *canonical(*values)),
            rotates=grouped.rotates,
        ),
    )
