"""The interface for Python: load or compile a spec, bind data, fit, and look at the result."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from . import pipeline
from .diagnostics import Diagnostic, Source
from .guide import Guide
from .outcome import Facts, going_on, named_sizes, outcome
from .predictor import Predictor, reloaded
from .sema import requests
from .simulation import Simulation, simulate

if TYPE_CHECKING:
    from .data import Bound
    from .lower import Lowered, Unconstrained
    from .results import Fit, Prediction
    from .results.progress import Mode
    from .runtime.settings import FitSettings
    from .sema import Checked


def load(
    path: str | os.PathLike[str],
    *,
    guide: str | None = None,
    functions: Mapping[str, Any] | None = None,
    allow_extern: bool = False,
) -> Program:
    """Read and check a spec.

    Args:
        path: of the ``.svi`` file.
        guide: which guide, where the spec has several.
        functions: what stands for its ``extern`` functions: functions of JAX arrays, or objects with parameters as
            those of Flax and Equinox, which are then optimised too.
        allow_extern: let other ``extern`` functions be imported, which runs code that the spec names.

    Raises:
        SvilangError: with everything that is wrong in the spec.
    """
    return _program(pipeline.read(requests.path("path", path)), guide, functions, allow_extern)


def compile(
    text: str,
    *,
    name: str = "<text>",
    guide: str | None = None,
    functions: Mapping[str, Any] | None = None,
    allow_extern: bool = False,
) -> Program:
    """Check the text of a spec; the arguments are those of :func:`load`.

    Raises:
        SvilangError: with everything that is wrong in the text.
        ValueError: for a path instead of a text.

    Example:
        >>> import svilang
        >>> svilang.compile("model { x ~ Normal(0, 1) }").latents
        ('x',)
    """
    if not isinstance(text, os.PathLike):
        requests.word("text", text)
    requests.word("name", name)
    if isinstance(text, os.PathLike) or (text.endswith(".svi") and "\n" not in text):
        raise ValueError(f"`compile` takes the text of a spec; `svilang.load({str(text)!r})` reads it from a file")
    return _program(Source(name, text), guide, functions, allow_extern)


def load_fit(path: str | os.PathLike[str]) -> Fit:
    """The fit that :meth:`Fit.save` wrote to ``path``; its model is built again when something asks for it."""
    from .results import load

    fit = load(requests.path("path", path))
    return replace(fit, predictor=cache(lambda: reloaded(fit))) if fit.complete else fit


def _program(source: Source, guide: str | None, functions: Mapping[str, Any] | None, allow_extern: bool) -> Program:
    start = time.perf_counter()
    given = requests.mapping("functions", functions, '{"drag": drag}')
    requests.flag("allow_extern", allow_extern)
    checked = pipeline.check(source, _word_if_given("guide", guide))
    return Program(source, checked, time.perf_counter() - start, given, allow_extern)


def _word_if_given(argument: str, value: str | None) -> str | None:
    return None if value is None else requests.word(argument, value)


def _sets(given: Mapping[str, Any] | None, argument: str = "set") -> dict[str, Any]:
    return requests.mapping(argument, given, '{"n": 100}')


@dataclass(frozen=True, eq=False)
class Program:
    """A spec that has passed every static check; it knows nothing of data.

    Args:
        source: its text.
        checked: its typed model and guide.
        seconds: that the check took.
        functions: what stands for extern functions.
        allow_extern: whether others may be imported.
    """

    source: Source
    checked: Checked
    seconds: float = 0.0
    functions: Mapping[str, Any] = field(default_factory=dict[str, Any])
    allow_extern: bool = False

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What is legal and suspicious in the spec."""
        return self.checked.warnings

    @property
    def guides(self) -> tuple[str, ...]:
        """Names of the guides that the spec offers."""
        return self.checked.guides

    @property
    def latents(self) -> tuple[str, ...]:
        """Names of the latent variables."""
        return tuple(site.name for site in self.checked.model.sites)

    def bind(self, data: Any = None, *, set: Mapping[str, Any] | None = None) -> Model:
        """Give the program its data.

        Args:
            data: a path, a data frame or a mapping of names to arrays; or a mapping of dimensions to paths and frames.
                What the spec holds itself, and files it names, need not be given.
            set: sizes of dimensions and single numbers.

        Raises:
            SvilangError: with everything that is wrong in the data; names file, column, row and value.

        Example:
            >>> import svilang
            >>> text = "data { y: real[n] } model { m ~ Normal(0, 1) plate n { observe y ~ Normal(m, 1) } }"
            >>> svilang.compile(text).bind({"y": [0.5, 1.5]}).dims
            {'n': 2}
        """
        start = time.perf_counter()
        bound = pipeline.bind(self.checked, self.source, data, _sets(set), self.functions, self.allow_extern)
        return Model(self, bound, time.perf_counter() - start)

    def simulate(self, sizes: Mapping[str, Any] | None = None, data: Any = None, *, seed: int = 0) -> Simulation:
        """A data set drawn from the model itself, in the shape that the spec declares.

        Args:
            sizes: of dimensions that neither the text nor ``data`` gives a size, and single numbers.
            data: what is known nevertheless, such as covariates; outcomes are drawn in any case.
            seed: of all noise.

        Raises:
            SvilangError: a size is missing, or a latent or an outcome cannot be drawn.
        """
        pipeline.whole_numbers({"seed": seed}, needed=True)
        return simulate(pipeline.rewrite(self.checked).model, self.source, data, _sets(sizes, "sizes"), seed)

    def prior(
        self, data: Any = None, *, set: Mapping[str, Any] | None = None, draws: int = 1_000, seed: int = 0
    ) -> Prediction:
        """Draws of everything from the model before any outcome is seen; outcomes need not be given.

        Args:
            data: covariates, as for :meth:`bind`.
            set: sizes of dimensions and single numbers.
            draws: how many.
            seed: of all noise.

        Raises:
            SvilangError: something is wrong in the data, or a latent cannot be drawn from its distribution.
        """
        pipeline.whole_numbers({"draws": draws, "seed": seed}, needed=True)
        bound = pipeline.bind_bare(self.checked, self.source, data, _sets(set))
        return Predictor(self.source, bound, None).prior(draws, seed)

    def __repr__(self) -> str:
        return f"<program {self.source.name}: latents {', '.join(self.latents) or 'none'}>"


@dataclass(frozen=True, eq=False)
class Model:
    """A program with its data.

    Args:
        program: the checked spec.
        bound: its data, checked, with sizes and labels.
        seconds: that binding took.
    """

    program: Program
    bound: Bound
    seconds: float = 0.0

    @property
    def dims(self) -> Mapping[str, int]:
        """The size of each dimension."""
        return named_sizes(self.bound.sizes)

    @property
    def labels(self) -> Mapping[str, tuple[Any, ...] | None]:
        """The labels of each dimension, ``None`` where it has none."""
        return self.bound.labels

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What is legal and suspicious in the data."""
        return self.bound.warnings

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done with the data that is normal."""
        return self.bound.notes

    def fit(
        self,
        *,
        seed: int | None = None,
        steps: int | None = None,
        starts: int | None = None,
        guide: str | None = None,
        objective: str | None = None,
        minibatch: Mapping[str, int] | None = None,
        resume: Fit | None = None,
        init: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        progress: Mode = "auto",
    ) -> Fit:
        """Fit the guide to the posterior.

        Args:
            seed: of all noise; the spec's by default. The same seed gives the same fit.
            steps: at most so many; the spec's by default.
            starts: fits from so many starting points, of which the best is kept.
            guide: another guide of the spec, by name.
            objective: another than the spec's, as a fit block writes it: ``"elbo(anneal=2000)"``.
            minibatch: how many members of a dimension a step sees, instead of the spec's numbers; none sees all.
            resume: a fit of this model to go on with, such as one from a file; ``steps`` are further ones.
            init: values of some latents, by name, at which the search for the start begins: an array in the shape of
                the declaration, or one number for all; the spec's by default.
            settings: others of the fit block by name, as it writes them: ``{"optimizer": "adam(0.01)"}``.
            progress: ``auto`` (a bar in terminals and notebooks, lines elsewhere), ``bar``, ``lines`` or ``none``.

        Raises:
            NumericalError: the density or its gradient is not finite; the message names the term.
            SvilangError: a setting is wrong, or the fit to go on with is one of something else.

        Example:
            >>> import svilang
            >>> text = "data { y: real[n] = [1, 3] } model { m ~ Normal(0, 1) plate n { observe y ~ Normal(m, 1) } }"
            >>> fit = svilang.compile(text).bind().fit(seed=1, progress="none")
            >>> abs(fit.summary()[0].mean - 4 / 3) < 0.1
            True
        """
        start = time.perf_counter()
        source, checked = self.program.source, self.program.checked
        whole = self.bound
        guide, objective = _word_if_given("guide", guide), _word_if_given("objective", objective)
        own = {"seed": seed, "steps": steps, "starts": starts, "objective": objective}
        changed = pipeline.changed(settings, own) | ({} if objective is None else {"objective": objective})
        if guide is not None or changed:
            same = checked.guide.name if checked.guide.name in checked.guides else None
            checked = pipeline.check(source, same if guide is None else guide, changed, minibatch=minibatch is None)
            whole = pipeline.opened(whole, checked, source, self.program.functions, self.program.allow_extern)
        if init is not None:
            checked = pipeline.starts(checked, init, source)
        pipeline.check_request(progress, resume)
        changes = pipeline.whole_numbers({"seed": seed, "steps": steps, "starts": starts})
        chosen: FitSettings = replace(checked.fit, **changes)
        if minibatch is not None:
            chosen = replace(chosen, minibatch=pipeline.batched(checked, minibatch, source))
        chosen = pipeline.precise(chosen, whole)
        bound, notes = pipeline.compress(whole, checked, chosen)
        lowered = pipeline.lower(bound, checked, source, chosen.minibatch, chosen.objective.name)
        checking = self.program.seconds + self.seconds + time.perf_counter() - start
        stand = None
        if resume is not None:
            chosen, stand = going_on(resume, checked, self.bound, chosen)
        begin = pipeline.begin(lowered, checked, source)
        result = pipeline.optimise(lowered, chosen, source, progress, stand, self.bound, begin)
        facts = Facts(source, checked, whole, chosen, (*self.notes, *notes), checking)
        return outcome(facts, lowered, result)

    def prior(self, *, draws: int = 1_000, seed: int = 0) -> Prediction:
        """Draws of everything from the model before any outcome is seen: latents, reports, observations.

        Raises:
            SvilangError: a latent has a distribution that cannot be drawn from.

        Example:
            >>> import svilang
            >>> text = "data { y: real[n] = [1, 3] } model { m ~ Normal(0, 1) plate n { observe y ~ Normal(m, 1) } }"
            >>> prior = svilang.compile(text).bind().prior(draws=500)
            >>> [(name, list(group)) for name, group in prior.groups.items()]
            [('prior', ['m']), ('prior_predictive', ['y'])]
        """
        pipeline.whole_numbers({"draws": draws, "seed": seed}, needed=True)
        return Predictor(self.program.source, self.bound, None).prior(draws, seed)

    @cached_property
    def _lowered(self) -> Lowered:
        return pipeline.lower(self.bound, None, self.program.source)

    @property
    def log_density(self) -> Callable[..., Any]:
        """The model's log density in nats at constrained values of all latents, a pure JAX function.

        Example:
            >>> import svilang
            >>> model = svilang.compile("model { x ~ Normal(0, 1) }").bind()
            >>> round(float(model.log_density({"x": 0.0})), 4)
            -0.9189
        """
        return self._lowered.log_density

    @property
    def unconstrained(self) -> Unconstrained:
        """The same density over one flat vector of unconstrained values, with the log Jacobian."""
        return self._lowered.unconstrained

    @cached_property
    def guide(self) -> Guide:
        """The guide as pure functions of its parameters: ``guide.sample(params, key)``."""
        lowered = pipeline.lower(self.bound, self.program.checked, self.program.source)
        return Guide(lowered)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {size}" for name, size in self.dims.items())
        return f"<model {self.program.source.name}{': ' if sizes else ''}{sizes}>"

    def listing(self, stage: str) -> str:
        """The log density as an array program, as JAX (``"jaxpr"``) or as the XLA compiler (``"hlo"``) sees it."""
        return pipeline.listing(self._lowered, requests.word("stage", stage, ("jaxpr", "hlo")))
