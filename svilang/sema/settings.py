"""The fit block as settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from math import inf
from operator import index
from types import MappingProxyType
from typing import Any

from ..diagnostics import NOWHERE, Diagnostic, Span, SvilangError
from ..runtime import baselines, bounds, optimizers, stopping
from ..runtime.limit import MOST, STEPS, Limit
from ..runtime.objectives import OBJECTIVES
from ..runtime.settings import REWRITES, CallSpec, FitSettings
from ..syntax import ast
from . import errors
from .starts import Start, written

PRECISIONS = ("float32", "float64")
NAMES = (
    "objective",
    "particles",
    "optimizer",
    "steps",
    "minibatch",
    "seed",
    "starts",
    "init",
    "precision",
    "baseline",
    "stop",
    "average",
    "rewrites",
)

OWN = ("steps", "seed", "starts", "objective", "minibatch", "init")
"""Settings that have an option of the command line and an argument in Python of their own."""

NO_SETTINGS: Mapping[str, Any] = MappingProxyType({})


_COUNT = Limit(1, MOST, whole=True)
_ROWS = Limit(1, STEPS, whole=True)
WHOLE = {"seed": Limit(0, 2**63 - 1, whole=True), "steps": _ROWS, "particles": _COUNT, "starts": _COUNT}
"""Which whole numbers a setting may be; the others count rows or draws."""


def whole_numbers(given: Mapping[str, object], needed: bool = False) -> dict[str, int]:
    """What a caller in Python asks for in whole numbers, of which ``None`` is left out where they are not ``needed``.

    Raises:
        SvilangError: some are no whole numbers, or too small.

    Example:
        >>> whole_numbers({"steps": 100, "seed": None})
        {'steps': 100}
    """
    asked = {name: _whole(name, value) for name, value in given.items() if needed or value is not None}
    wrong = [
        errors.family_setting(NOWHERE, name, limit_of(name).wanted(_known(given[name])))
        for name, found in asked.items()
        if found is None
    ]
    if wrong:
        raise SvilangError(wrong)
    return {name: found for name, found in asked.items() if found is not None}


def _whole(name: str, value: object) -> int | None:
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError:
        return None
    return number if not isinstance(value, bool) and limit_of(name).allows(number) else None


def _known(value: object) -> float:
    """A number as it is, and anything else as less than all."""
    return value if isinstance(value, int) and not isinstance(value, bool) else -inf


def limit_of(name: str) -> Limit:
    """Which whole numbers a setting may be."""
    return WHOLE.get(name, _ROWS)


def settings_of(
    block: ast.FitBlock | None, dims: Collection[str], problems: list[Diagnostic]
) -> tuple[FitSettings, tuple[Start, ...]]:
    """The settings that a fit block names, each checked, and the starts among them; problems are appended.

    ``dims`` are all dimensions.
    """
    starts: list[Start] = []
    values: dict[str, object] = {}
    batches: dict[str, int] = {}
    seen: dict[str, ast.Setting] = {}
    for setting in () if block is None else block.settings:
        name = setting.name.name
        if name not in NAMES:
            problems.append(errors.unknown_setting(setting.name, NAMES))
        elif name == "minibatch":
            _batch(setting, dims, batches, seen, problems)
        elif name == "init":
            _start(setting, starts, seen, problems)
        elif name in seen:
            problems.append(errors.setting_twice(setting.name, seen[name].name.span))
        elif setting.dims:
            problems.append(errors.setting_takes_no_dimension(setting))
        else:
            seen[name] = setting
            value = _value(name, setting, problems)
            if value is not None:
                values[name] = value
    fit = FitSettings(minibatch=tuple(batches.items()), **values)  # type: ignore[arg-type]
    blamed = [seen[name].value for name in ("objective", "baseline") if name in values]
    problems += _wrong_calls(blamed[0], bounds.misfits(fit)) if blamed else []
    return fit, tuple(starts)


def value_of(setting: ast.Setting, problems: list[Diagnostic]) -> object:
    """The value of a setting of one value, checked by itself; problems are appended."""
    name = setting.name.name
    if name not in NAMES:
        problems.append(errors.unknown_setting(setting.name, NAMES))
    elif name in ("minibatch", "init"):
        problems.append(errors.setting_by_itself(setting.name))
    elif setting.dims:
        problems.append(errors.setting_takes_no_dimension(setting))
    else:
        return _value(name, setting, problems)
    return None


def _batch(
    setting: ast.Setting,
    dims: Collection[str],
    batches: dict[str, int],
    seen: dict[str, ast.Setting],
    problems: list[Diagnostic],
) -> None:
    """``minibatch[obs] = 256``, once for each dimension."""
    if len(setting.dims) != 1:
        problems.append(errors.batch_of_one_dimension(setting))
        return
    dim = setting.dims[0]
    if dim.name not in dims:
        problems.append(errors.unknown_dimension(dim.name, dim.span, dims))
    elif _first(setting, seen, problems):
        rows = _count(_key(setting), setting.value, problems)
        if rows is not None:
            batches[dim.name] = rows


def _start(
    setting: ast.Setting, starts: list[Start], seen: dict[str, ast.Setting], problems: list[Diagnostic]
) -> None:
    """``init[mu] = 700``, once for each latent."""
    start = written(setting, problems)
    if start is not None and _first(setting, seen, problems):
        starts.append(start)


def _key(setting: ast.Setting) -> str:
    return f"{setting.name.name}[{setting.dims[0].name}]"


def _first(setting: ast.Setting, seen: dict[str, ast.Setting], problems: list[Diagnostic]) -> bool:
    """Whether a setting with a name in brackets stands for the first time."""
    key = _key(setting)
    if key in seen:
        problems.append(errors.setting_twice(ast.Ident(key, span=setting.name.span), seen[key].name.span))
    return seen.setdefault(key, setting) is setting


def _value(name: str, setting: ast.Setting, problems: list[Diagnostic]) -> object:
    value = setting.value
    match name:
        case "particles" | "steps" | "seed" | "starts":
            return _count(name, value, problems)
        case "average":
            if isinstance(value, ast.Bool):
                return value.value
            return _wrong(setting, "`true` or `false`", problems)
        case "precision":
            word = value.name if isinstance(value, ast.Name) else getattr(value, "value", None)
            return word if word in PRECISIONS else _wrong(setting, " or ".join(f"`{p}`" for p in PRECISIONS), problems)
        case "rewrites":
            return _rewrites(setting, problems)
        case "objective":
            return _objective(value, problems)
        case "baseline":
            table = {name: dict(row.settings) for name, row in baselines.BASELINES.items()}
            return _of_table(value, table, "baseline", problems, baselines.problems)
        case "optimizer":
            return _optimizer(value, problems)
        case _:
            return _stop(value, problems)


def _count(name: str, value: ast.Expr, problems: list[Diagnostic]) -> int | None:
    limit, number = limit_of(name), value.value if isinstance(value, ast.Number) else -inf
    if limit.allows(number):
        return int(number)
    problems.append(errors.family_setting(value.span, name, limit.wanted(number)))
    return None


def _rewrites(setting: ast.Setting, problems: list[Diagnostic]) -> tuple[str, ...] | None:
    match setting.value:
        case ast.Name(name="all"):
            return REWRITES
        case ast.Name(name="none"):
            return ()
        case ast.ListLiteral(items=items):
            names = [item.name for item in items if isinstance(item, ast.Name)]
            if len(names) == len(items) and set(names) <= set(REWRITES):
                return tuple(names)
        case _:
            pass
    return _wrong(setting, f"`all`, `none` or a list of {', '.join(f'`{name}`' for name in REWRITES)}", problems)


def _wrong(setting: ast.Setting, wanted: str, problems: list[Diagnostic]) -> None:
    problems.append(errors.setting_wants(setting, wanted))


def _objective(value: ast.Expr, problems: list[Diagnostic]) -> CallSpec | None:
    table = {name: dict(row.settings) for name, row in OBJECTIVES.items()}
    return _of_table(value, table, "objective", problems, bounds.problems)


def _optimizer(value: ast.Expr, problems: list[Diagnostic]) -> CallSpec | None:
    call = _call(value, problems)
    found = [] if call is None else optimizers.problems(call)
    problems += [errors.wrong_optimizer(_blamed(value, sentence), sentence, fix) for sentence, fix in found]
    return None if found else call


def _stop(value: ast.Expr, problems: list[Diagnostic]) -> CallSpec | None:
    table, what = stopping.STOPS, "stopping rule"
    return _of_table(value, table, what, problems, lambda call: stopping.problems(call, table, what))


def _of_table(
    value: ast.Expr,
    table: dict[str, dict[str, float]],
    what: str,
    problems: list[Diagnostic],
    check: Callable[[CallSpec], list[bounds.Problem]],
) -> CallSpec | None:
    call = _call(value, problems)
    if call is not None and call.name not in table:
        problems.append(errors.unknown_setting(ast.Ident(call.name, span=value.span), table, what))
        return None
    found = [] if call is None else check(call)
    problems += _wrong_calls(value, found)
    return None if found else call


def _wrong_calls(value: ast.Expr, found: Iterable[bounds.Problem]) -> list[Diagnostic]:
    return [errors.wrong_call(_blamed(value, sentence), sentence, fix) for sentence, fix in found]


def _blamed(value: ast.Expr, sentence: str) -> Span:
    """The last word that a sentence quotes and that stands in a call."""
    words = dict(_words(value))
    quoted = [word for word in sentence.split("`")[1::2] if word in words]
    return words[quoted[-1]] if quoted else value.span


def _words(value: ast.Expr) -> Iterator[tuple[str, Span]]:
    """The functions of a call and the names of their arguments, inner ones first."""
    if isinstance(value, ast.Call):
        for argument in value.arguments:
            yield from _words(argument.value)
            if argument.name is not None:
                yield argument.name.name, argument.name.span
        yield value.function.name, value.function.span


def _call(value: ast.Expr, problems: list[Diagnostic]) -> CallSpec | None:
    """A name or a call, nested calls included, as plain data."""
    match value:
        case ast.Name(name=name):
            return CallSpec(name)
        case ast.Call(function=function, arguments=arguments):
            made = [(a.name.name if a.name else None, _argument(a.value, problems)) for a in arguments]
            if any(item is None for _, item in made):
                return None
            return CallSpec(function.name, tuple((name, item) for name, item in made if item is not None))
        case _:
            problems.append(errors.setting_wants_call(value.span))
            return None


def _argument(value: ast.Expr, problems: list[Diagnostic]) -> float | int | str | bool | CallSpec | None:
    match value:
        case ast.Number(value=number) | ast.Bool(value=number):
            return number
        case ast.Unary(op="-", operand=ast.Number(value=number)):
            return -number
        case ast.String(value=text):
            return text
        case _:
            return _call(value, problems)
