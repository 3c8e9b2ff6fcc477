"""All stages in order. This is the only module that knows them all.

Stages that need arrays are imported where they are used, so that checking and formatting a spec loads no NumPy.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from numbers import Number
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import passes, plan, sema, syntax
from .diagnostics import NOWHERE, Diagnostic, Source, Span, SvilangError
from .diagnostics.page import Page
from .ir.nodes import Input, Program
from .runtime.bounds import annealing
from .sema import requests
from .sema.errors import family_setting, setting_of_one_value
from .sema.settings import NO_SETTINGS, whole_numbers
from .syntax.ast import FitBlock, Ident

if TYPE_CHECKING:
    from .data import Bound
    from .lower import Lowered
    from .plan.explain import Plan
    from .results.progress import Mode
    from .runtime.errors import NotFinite
    from .runtime.result import RunResult
    from .runtime.settings import FitSettings
    from .runtime.stand import Stand
    from .sema import Checked
    from .syntax.ast import File


def read(path: str | os.PathLike[str]) -> Source:
    """The text of a spec.

    Raises:
        SvilangError: there is no such file, or it is not text in UTF-8.
    """
    try:
        return Source(os.fspath(path), Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _unread(path, error) from None


def _unread(path: str | os.PathLike[str], error: OSError | UnicodeDecodeError) -> SvilangError:
    """Why a spec cannot be read."""
    from .results import errors

    match error:
        case FileNotFoundError():
            folder = Path(path).parent
            beside = [str(found) for found in folder.glob("*.svi")] if folder.is_dir() else []
            return errors.no_file(path, beside)
        case UnicodeDecodeError():
            return errors.not_text(path, error.start)
        case _:
            return errors.unreadable(path, errors.reason(error))


def write(path: str | os.PathLike[str], text: str) -> None:
    """Replace the text of a file.

    Raises:
        SvilangError: the file cannot be written.
    """
    from .results import errors

    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise errors.unwritable(path, error) from None


def parse(source: Source) -> File:
    """Text to tree."""
    with about(source):
        return syntax.parse(source)


def layout(source: Source) -> str:
    """The text in its one canonical layout."""
    from .syntax.unparse import unparse

    return unparse(parse(source))


def check(
    source: Source,
    guide: str | None = None,
    settings: Mapping[str, str] = NO_SETTINGS,
    *,
    minibatch: bool = True,
) -> Checked:
    """Text to typed programs of model and guide, with every static check.

    ``settings`` stand for the spec's; without ``minibatch`` that of the spec is not looked at, as another is taken.
    """
    file, values = parse(source), {name: setting(name, text) for name, text in settings.items()}
    with about(source):
        checked = sema.analyse(
            file, source, guide=guide, settings=values, further=lambda *both: plan.treat(*both).warnings
        )
        _check_plan(checked, [name for name, _ in checked.fit.minibatch] if minibatch else [])
        return checked


def _check_plan(checked: Checked, dims: Sequence[str]) -> None:
    """Whether sums can be held, and whether steps may see some members of these dimensions."""
    model = plan.treat(checked.model, checked.guide).model
    plan.check_tables(model, plan.known_sizes(model))
    plan.check_batches(model, checked.guide, dims, checked.fit.objective.name)
    plan.check_surrogates(model, checked.guide, dims)
    if annealing(checked.fit.objective) is not None:
        plan.check_annealing(model)


def changed(settings: Any, own: Mapping[str, object]) -> dict[str, str]:
    """Settings that a caller gives instead of the spec, as a fit block writes them.

    Raises:
        SvilangError: they are no mapping, or one of them is among the arguments ``own`` too.
    """
    found = requests.mapping("settings", settings, '{"particles": 8}')
    if twice := [name for name in found if own.get(name) is not None]:
        raise SvilangError([family_setting(NOWHERE, twice[0], "given once, by itself or among other settings")])
    if wrong := [name for name, value in found.items() if not isinstance(value, str | Number)]:
        raise SvilangError([family_setting(NOWHERE, wrong[0], "a number or a text, as a fit block writes it")])
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in found.items()}


def setting(name: str, text: str) -> Any:
    """The value of a setting, as a fit block writes it, from the command line or from Python.

    Raises:
        SvilangError: with what is wrong in it.
    """
    given = Source(name, f"fit {{ {name} = {text} }}")
    problems: list[Diagnostic] = []
    match parse(given).blocks:
        case (FitBlock(settings=(one,)),):
            found = sema.value_of(one, problems)
        case blocks:
            found, problems = None, [setting_of_one_value(name, blocks[0].span)]
    if problems:
        raise SvilangError(problems, given)
    return found


def planned(checked: Checked, source: Source, bound: Bound | None = None) -> Plan:
    """How each latent of a model is treated under its guide, and why; what that costs, as far as sizes are known."""
    from .plan.explain import explained

    with about(source):
        treated = plan.treat(checked.model, checked.guide, None if bound is None else bound.sizes)
        sizes = plan.known_sizes(treated.model, settable=True)
        if bound is not None:
            from .lower import all_sizes

            sizes |= all_sizes(treated, bound)
        return explained(checked.model, checked.guide, treated, sizes, checked.fit.objective.name)


def rewrite(checked: Checked) -> Checked:
    """The same programs with less to compute."""
    return replace(checked, model=passes.run(checked.model), guide=passes.run(checked.guide))


def bind(
    checked: Checked,
    source: Source,
    given: Any,
    sets: Mapping[str, Any],
    functions: Mapping[str, Any] | None = None,
    allow_extern: bool = False,
) -> Bound:
    """A model with less to compute, and data, to sizes, labels and checked arrays.

    ``functions`` stand for extern functions; ``allow_extern`` lets others be imported.
    """
    from . import data

    with about(source):
        rewritten = rewrite(checked)
        model = rewritten.model
        code = _code(rewritten, functions or {}, allow_extern)
        bound = data.bind(model, data.load(model, given, Path(source.name).parent), sets)
        model, bound = data.connect(model, bound, code)
        _refuse_misfits(model, bound)
        return _told(replace(bound, program=model, functions=code), checked)


def _refuse_misfits(program: Program, bound: Bound) -> None:
    """Raise where an argument of a law, computed from data, is not what the law asks for."""
    from .lower import misfits

    if problems := misfits(program, bound):
        raise SvilangError(problems)


def precise(settings: FitSettings, bound: Bound) -> FitSettings:
    """The settings with double precision for data that need its digits, where none is asked for."""
    from . import data

    return replace(settings, precision="float64") if settings.precision is None and data.of_digits(bound) else settings


def opened(
    bound: Bound, checked: Checked, source: Source, functions: Mapping[str, Any], allow_extern: bool
) -> Bound:
    """The data with what stands for the extern functions of another guide, and warnings for other settings."""
    with about(source):
        return _told(replace(bound, functions=_code(rewrite(checked), functions, allow_extern)), checked)


def _told(bound: Bound, checked: Checked) -> Bound:
    """The data with warnings about digits that the precision drops."""
    from . import data

    coarse = data.of_digits(bound) if checked.fit.precision == "float32" else ()
    return replace(bound, warnings=tuple(dict.fromkeys((*bound.warnings, *coarse))))


def refuse_extern(checked: Checked) -> None:
    """Raise where a spec calls extern functions, which a file with a fit does not hold."""
    _code(checked, {}, False)


def _code(checked: Checked, functions: Mapping[str, Any], allow_extern: bool) -> Mapping[str, Any]:
    """What stands for the extern functions of model and guide.

    Raises:
        SvilangError: some are not given and may not be imported.
    """
    from . import data

    found: dict[str, Any] = {}
    problems: list[Diagnostic] = []
    for program in (checked.model, checked.guide):
        some, faults = data.obtain(program, functions, imports=allow_extern)
        found |= some
        problems += [fault for fault in faults if fault not in problems]
    called = [name for program in (checked.model, checked.guide) for name in data.externs(program)]
    if len(checked.guides) < 2:  # another guide may be the one that calls it
        problems += data.not_declared(functions, called)
    if problems:
        raise SvilangError(problems)
    return found


def bind_bare(checked: Checked, source: Source, given: Any, sets: Mapping[str, Any]) -> Bound:
    """A model to its data, of which outcomes need not be there."""
    from . import data
    from .lower.predictive import needed_data, without_outcomes

    with about(source):
        program = without_outcomes(rewrite(checked).model)
        needed = needed_data(program)
        tables, there = data.present(program, given, Path(source.name).parent, {})
        names = {item.name for item in there}
        asked = replace(program, data=tuple(i for i in program.data if i.name in needed or i.name in names))
        return data.bind(asked, tables, sets)


def bind_again(fitted: Bound, source: Source, given: Any, sets: Mapping[str, Any]) -> Bound:
    """A model to new data, as far as draws of it need any, and to what they do not speak of of the data of a fit.

    Args:
        fitted: the model with the data of the fit.
        source: its text.
        given: new data.
        sets: new sizes and single numbers.
    """
    from . import data
    from .lower.predictive import needed_data, without_outcomes

    with about(source):
        program = without_outcomes(fitted.program)
        needed = needed_data(program)
        asked = replace(program, data=tuple(item for item in program.data if item.name in needed))
        tables = data.load(asked, given, Path(source.name).parent)
        items = [item for item in program.data if item.name in fitted.arrays]
        old = data.held(items, fitted.arrays, fitted.present, fitted.labels)
        found = data.again(program, needed, tables, sets, old, fitted.sizes)
        return data.bind(found.program, found.tables, found.sets)


def check_request(progress: object, resume: object) -> None:
    """What a caller in Python asks of a fit besides numbers.

    Raises:
        SvilangError: it is none of what may be asked for.
    """
    from .results import Fit
    from .results.progress import MODES

    problems: list[Diagnostic] = []
    if progress not in MODES:
        problems.append(family_setting(NOWHERE, "progress", " or ".join(f'`"{mode}"`' for mode in MODES)))
    if resume is not None and not isinstance(resume, Fit):
        problems.append(family_setting(NOWHERE, "resume", 'a fit, such as `svilang.load_fit("fit.nc")`'))
    if problems:
        raise SvilangError(problems)


def batched(checked: Checked, rows: Any, source: Source) -> tuple[tuple[str, int], ...]:
    """Minibatches that the caller asks for instead of the spec, checked as those of the spec are."""
    from .sema import errors

    with about(source):
        asked = requests.mapping("minibatch", rows, '{"obs": 256}')
        dims = [one.name for one in checked.model.dimensions]
        problems = [errors.unknown_dimension(name, NOWHERE, dims) for name in asked if name not in dims]
        if problems:
            raise SvilangError(problems)
        counts = whole_numbers({f"minibatch[{name}]": 0 if rows is None else rows for name, rows in asked.items()})
        _check_plan(checked, list(asked))
    return tuple(zip(asked, counts.values(), strict=True))


def compress(
    bound: Bound, checked: Checked, settings: FitSettings | None = None
) -> tuple[Bound, tuple[str, ...]]:
    """The same posterior from fewer rows, where that is exact, and what was done; a guide that reads data keeps it."""
    from .data import compress as stage

    if any(isinstance(node.op, Input) for node in checked.guide.nodes):
        return bound, ()
    chosen = settings or checked.fit
    keep = [name for name, rows in chosen.minibatch if rows < bound.sizes[name]]
    keep += plan.row_plates(plan.treat(checked.model, checked.guide).model, checked.guide)
    return stage(bound, keep=keep, rewrites=chosen.rewrites)


def lower(
    bound: Bound,
    checked: Checked | None,
    source: Source,
    batches: Sequence[tuple[str, int]] = (),
    objective: str = "elbo",
) -> Lowered:
    """A model with its data, and the guide of ``checked`` (else a mean field), to pure functions of arrays.

    ``batches`` says how many members of a dimension a step sees; where there are no more, it sees all. ``objective`` is
    the name of the bound that a fit maximises.
    """
    from . import data
    from .lower import lower as stage

    with about(source):
        some = {name: rows for name, rows in batches if rows < bound.sizes[name]}
        if checked is None:
            return stage(bound, None, some, objective)
        guide, bound = data.connect(rewrite(checked).guide, bound, bound.functions)
        _refuse_misfits(guide, bound)
        return stage(bound, guide, some, objective)


def optimise(
    lowered: Lowered,
    settings: FitSettings,
    source: Source,
    mode: Mode,
    resume: Stand | None,
    whole: Bound,
    begin: Any,
) -> RunResult:
    """Pure functions to the parameters of the guide; ``resume`` is where a run of the same fit stood, ``whole`` all
    data, ``begin`` the coordinates in which the search for the start begins, where they are given.
    """
    from .results.progress import reporter
    from .runtime.errors import NotFinite
    from .runtime.svi import fit

    report = reporter(mode)
    try:
        with about(source):
            return fit(lowered.target, lowered.families, settings, report, resume=resume, begin=begin)
    except NotFinite as error:
        raise located(error, lowered, whole, begun=begin is not None) from None
    finally:
        report.close()


def starts(checked: Checked, values: Any, source: Source) -> Checked:
    """The same with starts of latents that the caller gives instead of the spec, checked as those of the spec are."""
    from .sema.starts import check as check_start
    from .sema.starts import given

    with about(source):
        problems: list[Diagnostic] = []
        found = given(requests.mapping("init", values, '{"mu": 700}'), problems)
        problems += [p for one in found if (p := check_start(one, checked.model, [checked.guide], {})) is not None]
        if problems:
            raise SvilangError(problems)
    fit = replace(checked.fit, init=tuple((start.name.name, start.value) for start in found))
    return replace(checked, fit=fit, places={})


def begin(lowered: Lowered, checked: Checked, source: Source) -> Any:
    """The coordinates in which the search for the start begins, where some latents have values for it.

    Raises:
        SvilangError: a value does not fit the sizes of the data, or the bounds that are computed from them.
    """
    from .lazy import jax, np
    from .sema.errors import start_outside
    from .sema.starts import Start
    from .sema.starts import check as check_start

    if not checked.fit.init:
        return None
    model, sizes = checked.model, lowered.bound.sizes
    sites = {site.name: site for site in model.sites}
    shapes = {name: tuple(sizes[dim.name] for dim in site.dims) for name, site in sites.items()}
    with about(source):
        problems: list[Diagnostic] = []
        values: dict[str, Any] = {}
        for name, value in checked.fit.init:
            span = checked.places.get(name, NOWHERE)
            problem = check_start(Start(Ident(name, span=span), value, span), model, [checked.guide], sizes)
            if problem is None:
                values[name] = np.broadcast_to(np.asarray(value, float), shapes[name])
            else:
                problems.append(problem)
        if not problems:
            with jax.enable_x64(True):
                flat, back = lowered.placed(values)
            off = [name for name, value in values.items() if not np.allclose(back[name], value, rtol=1e-6, atol=1e-9)]
            problems = [start_outside(sites[name], None, checked.places.get(name, NOWHERE)) for name in off]
            if not problems:
                return flat
        raise SvilangError(problems)


def located(error: NotFinite, lowered: Lowered, whole: Bound, *, begun: bool = False) -> NotFinite:
    """An error of a run with its place in the text and the entries of ``whole``, all data, that are the cause, or the
    values at which a search has ``begun``.
    """
    from .culprits import culprits
    from .predictor import discrete_draws

    drawn = () if lowered.guide is None else discrete_draws(lowered.guide.program)
    return error.at(_places(lowered), culprits(error, whole, drawn), begun=begun)


def _places(lowered: Lowered) -> dict[str, Span]:
    """Where each term of the density stands in the text."""
    program = lowered.bound.program
    terms = [*program.sites, *program.observations, *program.reports]
    found = {term.name: term.span for term in terms}
    many = len(program.factors) > 1
    found |= {f"factor {i}" if many else "factor": one.span for i, one in enumerate(program.factors, start=1)}
    return found


def listing(lowered: Lowered, stage: str) -> str:
    """The log density as an array program: ``"jaxpr"`` or ``"hlo"``."""
    from .lazy import jax, np

    target = lowered.target

    def density(data: Any, z: Any, theta: Any) -> Any:
        return target.log_density(target.prepare(data), z, theta, {})

    with jax.enable_x64(True):
        arguments = (target.data, np.zeros(target.size), target.theta)
        if stage == "jaxpr":
            return str(jax.make_jaxpr(density)(*arguments))
        return jax.jit(density).lower(*arguments).as_text()


@contextmanager
def about(source: Source) -> Generator[None]:
    """Errors raised inside are about this text."""
    try:
        yield
    except SvilangError as error:
        error.source = error.source or source
        raise


_PAGES = ("syntax.pages", "sema.pages", "plan.pages", "data.pages", "runtime.pages", "results.errors", "infer.errors")
"""Modules with a table ``PAGES`` from codes to what ``svilang explain`` says of them."""


def pages() -> dict[str, Page]:
    """What ``svilang explain`` knows, by code."""
    found: dict[str, Page] = {}
    for module in _PAGES:
        table: dict[str, Page] = import_module(f".{module}", __package__).PAGES
        assert not table.keys() & found.keys(), "a code has one page"
        found |= table
    return found
