"""What is legal here and means something else in another language or on paper."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Diagnostic
from ..ir import nodes as ir
from . import errors
from .model import ModelStatements
from .parts import laws, named

PRECISIONS = frozenset([0.01, 0.001, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10])
"""What BUGS writes behind a location of 0 for a prior that is meant to say nothing."""
WITH_DEVIATION = frozenset(["Normal", "LogNormal", "StudentT", "HalfNormal", "Cauchy", "HalfCauchy", "Laplace"])
"""Laws whose scale is often given as a precision or a variance."""


def habits(model: ModelStatements) -> Iterator[Diagnostic]:
    """Warnings about precisions, variances, data that count twice, and nothing to fit."""
    yield from _precisions(model)
    yield from _variances(model)
    yield from _twice(model)
    written = (model.sites, model.observations, model.factors, model.reports)
    if not any(written) and not model.b.problems:
        yield errors.nothing_to_fit()


def _precisions(model: ModelStatements) -> Iterator[Diagnostic]:
    for site in model.sites:
        given = named(site.law)
        if site.law.row.name == "Normal" and model.b.number(given.get("loc")) == 0:
            scale = model.b.number(given.get("scale"))
            if scale in PRECISIONS:
                yield errors.perhaps_precision(site.name, float(scale), site.law.span)


def _variances(model: ModelStatements) -> Iterator[Diagnostic]:
    for law in laws(model):
        scale = named(law).get("scale")
        if law.row.name not in WITH_DEVIATION or scale is None:
            continue
        made = model.b.nodes[scale]
        if isinstance(made.op, ir.Apply) and made.op.function.name == "^" and model.b.number(made.args[1]) == 2:
            base = model.b.nodes[made.args[0]].op
            if isinstance(base, ir.Latent | ir.Parameter | ir.Input):
                yield errors.perhaps_variance(law.row.name, base.name, made.span)


def _twice(model: ModelStatements) -> Iterator[Diagnostic]:
    seen: dict[ir.Id, ir.Observation] = {}
    for one in model.observations:
        data = model.b.nodes[one.value].op
        if isinstance(data, ir.Input) and one.mask is None and one.weight is None:
            first = seen.setdefault(one.value, one)
            if first is not one:
                yield errors.observed_twice(data.name, one.span, first.span)
