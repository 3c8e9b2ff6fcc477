"""What a model says beyond the latents of its guide: discrete sites, reports, predictions, the prior, likelihoods."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import lagged, pipeline
from .carried import Carried, carried
from .diagnostics import NOWHERE, Source, SvilangError
from .ir import nodes as ir
from .ir.walk import reachable
from .lazy import np
from .sema.errors import unknown_dimension
from .summaries import Summaries, summaries

if TYPE_CHECKING:
    import numpy

    from .data import Bound
    from .joined import Joined
    from .lower.after import After
    from .results import Fit, Prediction
    from .results.tree import Labels, Variable
    from .runtime.each import Each

Arrays = Mapping[str, "numpy.ndarray"]

_COMPLETE, _STATES, _PREDICT, _PRIOR, _LIKELIHOOD = range(1, 6)
"""Streams of keys."""


class Predictor:
    """A model with its data and values of its parameters.

    Draws are mappings from names of latents to arrays ``[draws, …]``.

    Args:
        source: the text of the spec.
        bound: the data that was fitted, before rows were put together.
        params: the constrained values of the model's own parameters; ``None`` for those at which they start.
        drawn: the discrete sites that draws have values of, since the guide draws them.
    """

    def __init__(self, source: Source, bound: Bound, params: Arrays | None, drawn: Collection[str] = ()) -> None:
        self.source = source
        self.bound = bound
        self._params = params
        self._drawn = drawn

    @cached_property
    def params(self) -> Arrays:
        """The constrained values of the model's own parameters."""
        found = self._after.initial_params() if self._params is None else self._params
        return {param.name: found[param.name] for param in self.bound.program.params}

    @cached_property
    def _after(self) -> After:
        from .lower.after import After

        return After(self.bound, drawn=self._drawn)

    @property
    def completes(self) -> bool:
        """Whether :meth:`complete` has anything to add."""
        return bool(self._after.discrete or self._after.late)

    def complete(self, draws: Arrays, seed: int) -> dict[str, numpy.ndarray]:
        """Values of the discrete sites and of the reports that draws of the other latents do not settle."""
        return self._completing(self._shared, self._given(draws), seed, _COMPLETE)

    def states(self, draws: Arrays, how: str, seed: int) -> dict[str, numpy.ndarray]:
        """For each discrete site one draw (``"draw"``), the jointly most probable values (``"best"``), or the
        probability of each value (``"probability"``), given each draw of the other latents.
        """
        after = self._after
        begin = {"draw": after.drawn, "best": after.best, "probability": after.probabilities}[how]
        return self._each(begin)(self._shared, self._given(draws), seed, _STATES)

    def predict(
        self,
        draws: Arrays,
        seed: int,
        data: Any,
        sets: Mapping[str, Any],
        new: Collection[str],
        *,
        everything: bool = False,
    ) -> Prediction:
        """New observations for each draw: for the data of the fit, or for other data.

        Latents and reports come with those for other data, or where ``everything`` is wanted.
        """
        same = data is None and not sets and not new
        bound = _bare(self.bound) if same else self._bind(data, sets)
        joined, found = self._carried(bound, draws, () if same else new)
        made = _continued(joined, found, seed)
        beside = tuple(f"`{name}` is drawn without the `factor` that reads it" for name in self._beside)
        if same and not everything:
            return self._prediction(bound, {"posterior_predictive": self._variables(bound, made["observed"])}, beside)
        groups = {"predictions": made["observed"], "posterior": made["latents"]}
        changed = () if same else self._summaries.notes
        notes = (*beside, *self._endless(bound), *found.notes, *joined.notes, *changed, *self._left_out(bound))
        return self._prediction(bound, {name: self._variables(bound, some) for name, some in groups.items()}, notes)

    def prior(self, draws: int, seed: int) -> Prediction:
        """Draws of everything from the model, before any outcome is seen."""
        from .lower.ancestral import without_draw
        from .results import errors

        bound = _bare(self.bound)
        missing = without_draw(bound.program)
        if missing:
            raise errors.no_prior([(site.name, site.span) for site in missing], self.source)
        notes = [f"`{param.name}` is a parameter and stands at its initial value" for param in bound.program.params]
        notes += ["`factor` takes no part in draws from the model"] * bool(self.bound.program.factors)
        found = Carried({"": np.zeros(draws)}, {}, self.params, tuple(notes))
        made = predicted(bound, found, seed, _PRIOR, {})
        groups = {"prior": made["latents"], "prior_predictive": made["observed"]}
        named = {group: self._variables(bound, values) for group, values in groups.items()}
        return self._prediction(bound, named, (*found.notes, *self._left_out(bound)))

    @cached_property
    def _beside(self) -> tuple[str, ...]:
        """The observations of which a factor reads the data too, so that their law is not all of their likelihood."""
        program = self.bound.program
        seen = self._inputs(factor.value for factor in program.factors)
        return tuple(self._called(one) for one in program.observations if self._inputs([one.value]) & seen)

    def _inputs(self, start: Iterable[ir.Id]) -> set[str]:
        program = self.bound.program
        ops = (program.nodes[node].op for node in reachable(program, start))
        return {op.name for op in ops if isinstance(op, ir.Input)}

    def log_likelihood(self, draws: Arrays) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """The log density of each observed element for each draw, ``[draws, …]``, and the observations that have none:
        summed-out sites tie all their elements together.

        Raises:
            SvilangError: a factor reads what is observed.
        """
        from .results.errors import not_all_of_the_likelihood
        from .results.tree import Variable

        if self._beside:
            raise not_all_of_the_likelihood(self._beside)
        dims, coupled = self._after.pointwise
        found = self._each(self._after.log_likelihood)(self._shared, self._given(draws), 0, _LIKELIHOOD)
        return {name: Variable(tuple(map(str, axes)), found[name]) for name, axes in dims.items()}, coupled

    def _bind(self, data: Any, sets: Mapping[str, Any]) -> Bound:
        from .lower.predictive import without_own_ends

        fitted = self._summaries.bound
        try:
            return pipeline.bind_again(fitted, self.source, data, sets)
        except SvilangError as error:
            endless = replace(fitted, program=without_own_ends(fitted.program))
            past = bool(lagged.series(endless.program))
            if any(one.code != "E0505" for one in error.diagnostics) or not (past or endless.program != fitted.program):
                raise
        return pipeline.bind_again(lagged.as_parameters(endless) if past else endless, self.source, data, sets)

    @cached_property
    def _summaries(self) -> Summaries:
        return summaries(self.bound, self.source.text)

    def _carried(self, bound: Bound, draws: Arrays, new: Collection[str]) -> tuple[Joined, Carried]:
        """The draws for other data, and those data with the fit's where one law holds members of both."""
        from .joined import join, members_of
        from .lower.ancestral import chain_dims

        unknown = [name for name in new if name not in bound.sizes]
        if unknown:
            raise SvilangError([unknown_dimension(name, NOWHERE, _named(bound)) for name in unknown])
        params = {**self.params, **self._summaries.values}
        own = tuple(param for param in bound.program.params if param.name in params)
        chains = {dim.name for dim in chain_dims(bound.program)}
        chains |= lagged.steps(bound.program) if own != bound.program.params else set()
        members = members_of(self.bound, bound, new, chains)
        with pipeline.about(self.source):
            joined = join(self.bound, bound, members)
            found = carried(replace(bound.program, params=own), draws, params, joined.members)
            begun, notes = lagged.begun(self.bound, bound.program, joined.members)
            return joined, replace(found, begun=begun, notes=(*found.notes, *notes))

    def _variables(self, bound: Bound, values: Arrays) -> dict[str, Any]:
        from .results.tree import Variable

        program = bound.program
        dims = {one.name: one.dims for one in (*program.sites, *program.reports)}
        dims |= {one.name: (*one.plates, *one.law.event) for one in program.observations}
        called = {one.name: self._called(one) for one in self.bound.program.observations}
        return {
            called.get(name, name): Variable(tuple(map(str, axes)), values[name])
            for name, axes in dims.items()
            if name in values
        }

    def _endless(self, bound: Bound) -> list[str]:
        """A note for each outcome that is censored at itself, and is drawn as it would be without an end."""
        drawn = {one.name: one.law.row.name for one in bound.program.observations}
        ended = (one for one in self.bound.program.observations if one.law.row.name == "Censored")
        return [f"`{self._called(one)}` is drawn without an end" for one in ended if drawn[one.name] != "Censored"]

    def _left_out(self, bound: Bound) -> list[str]:
        """A note for each report that only the data of the fit can give."""
        there = {report.name for report in bound.program.reports}
        gone = (report.name for report in self.bound.program.reports if report.name not in there)
        return [f"`{name}` reads what is observed, and is left out" for name in gone]

    def _called(self, observation: ir.Observation) -> str:
        """What stands in the place of an observation: the data item, or the text of the expression of it."""
        node = self.bound.program.nodes[observation.value]
        if isinstance(node.op, ir.Input) or observation.grouped:
            return observation.name
        return " ".join(self.source.text[node.span.start : node.span.end].split()) or observation.name

    def _prediction(self, bound: Bound, groups: Mapping[str, Any], notes: tuple[str, ...]) -> Prediction:
        from .results import Prediction

        program = bound.program
        members = {site.name: site.kind.member for site in program.sites if site.kind.member is not None}
        for one in program.observations:
            kind = self.bound.program.nodes[self._observation(one.name).value].kind
            members |= {self._called(self._observation(one.name)): kind.member} if kind.member is not None else {}
        return Prediction(groups, self._labels(bound), members, notes, self.source.name)

    def _observation(self, name: str) -> ir.Observation:
        return next(one for one in self.bound.program.observations if one.name == name)

    def _labels(self, bound: Bound) -> dict[str, Labels]:
        """Labels by axis, those of the fit where the new data have none; a second axis has those of the first."""
        found: dict[str, Labels] = {}
        for name, size in bound.sizes.items():
            own, old = bound.labels.get(name), self.bound.labels.get(name)
            labels = own if own is not None else old if size == self.bound.sizes.get(name) else None
            if labels is not None:
                found |= {name: labels, f"{name}'": labels}
        return found

    @property
    def _shared(self) -> dict[str, Any]:
        return {"data": self._after.data, "params": self.params}

    @cached_property
    def _completing(self) -> Each:
        return self._each(self._after.completed)

    def _each(self, begin: Any) -> Each:
        from .runtime.each import Each

        return Each(begin, self._after.numbers)

    def _given(self, draws: Arrays) -> dict[str, numpy.ndarray]:
        """The latents among some draws that are not summed out."""
        known = (site for site in self.bound.program.sites if not site.kind.discrete or site.name in self._drawn)
        found = {site.name: draws[site.name] for site in known}
        return found or {"": np.zeros(len(next(iter(draws.values()))))}


def reloaded(fit: Fit) -> Predictor:
    """The model of a fit from its text and its data.

    Raises:
        SvilangError: this version reads the text otherwise.
    """
    from . import data

    source = Source(fit.spec, fit.text)
    checked = pipeline.check(source)
    if fit.guide in checked.guides:
        checked = pipeline.check(source, fit.guide)
    checked = pipeline.rewrite(checked)
    program = checked.model
    with pipeline.about(source):
        pipeline.refuse_extern(checked)
    held = {**fit.data, **fit.constants}
    items = [item for item in program.data if item.name in held]
    arrays = {item.name: held[item.name].values for item in items}
    present = {name: ~np.isnan(array) for name, array in arrays.items()}
    filled = {name: np.where(present[name], array, 0) for name, array in arrays.items()}
    table = data.held(items, filled, present, fit.labels)
    with pipeline.about(source):
        found = data.again(program, set(arrays), {}, {}, table, fit.dims)
        bound = data.bind(found.program, found.tables, found.sets)
    drawn = discrete_draws(checked.guide)
    return Predictor(source, bound, {name: one.values for name, one in fit.params.items()}, drawn)


def discrete_draws(guide: ir.Program) -> tuple[str, ...]:
    """The discrete sites that a guide draws itself."""
    return tuple(site.name for site in guide.sites if site.kind.discrete)


def _named(bound: Bound) -> list[str]:
    """The dimensions of the text, without those that nets and lists make."""
    return [name for name in bound.sizes if "." not in name and name[0] != "_"]


def _bare(bound: Bound) -> Bound:
    """The same data, and the program without what it reads only to condition on it."""
    from .lower.predictive import without_outcomes

    return replace(bound, program=without_outcomes(bound.program))


def predicted(bound: Bound, found: Carried, seed: int, stream: int, outcomes: Mapping[str, Any]) -> dict[str, Any]:
    """Latents and reports, and new observations, for each of some draws."""
    from .lower.after import After
    from .runtime.each import Each

    after = After(bound, conditions=False)
    shared = {"data": after.data, "params": found.params, "outcomes": outcomes, "begun": found.begun}
    rounds = lagged.rounds(bound.program, found.begun)
    each = Each(lambda given: after.predicted(given, found.kept, rounds), after.numbers)
    return each(shared, found.draws, seed, stream)


def _continued(joined: Joined, found: Carried, seed: int) -> dict[str, Any]:
    """Predictions, of the new data alone where they follow members of the fit."""
    made = predicted(joined.bound, found, seed, _PREDICT, joined.outcomes)
    program = joined.bound.program
    dims = {one.name: one.dims for one in (*program.sites, *program.reports)}
    seen = {one.name: (*one.plates, *one.law.event) for one in program.observations}
    return {"latents": joined.shown(made["latents"], dims), "observed": joined.shown(made["observed"], seen)}
