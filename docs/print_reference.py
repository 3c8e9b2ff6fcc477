"""Prints docs/reference from the tables of the compiler: ``python docs/print_reference.py``."""

from __future__ import annotations

import csv
import functools
import inspect
import math
import runpy
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from svilang import pipeline
from svilang.catalog.distribution import Combinator, Distribution, Param
from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS
from svilang.catalog.function import Function, Role
from svilang.catalog.functions import ALIASES, FUNCTIONS
from svilang.catalog.nets import ACTIVATIONS, ARCHITECTURES
from svilang.cli import exits
from svilang.cli.main import COMMANDS, commands
from svilang.editor import signature
from svilang.runtime.baselines import BASELINES
from svilang.runtime.guides import FAMILIES
from svilang.runtime.objectives import OBJECTIVES
from svilang.runtime.optimizers import OPTIMIZERS, SCHEDULES, TRANSFORMS, OptaxRow
from svilang.runtime.stopping import STOPS
from svilang.sema import settings as setting_rules
from svilang.types import KINDS

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Printed by docs/print_reference.py from the tables of the compiler; edit those. -->"


def pages() -> dict[str, str]:
    """Every page of the reference by the name of its file."""
    parts = {
        "distributions": _distributions(),
        "functions": _functions(),
        "kinds": _kinds(),
        "families": _families(),
        "nets": _nets(),
        "fit-settings": _fit_settings(),
        "commands": _commands(),
        "errors": _errors(),
        "other-languages": _peers(),
    }
    return {f"{name}.md": "\n\n".join(_first_two(list(page))) + "\n" for name, page in parts.items()}


def _first_two(parts: list[str]) -> list[str]:
    return [parts[0], NOTE, *parts[1:]]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _fenced(text: str) -> str:
    return f"```text\n{text.strip(chr(10))}\n```"


# --- distributions ---------------------------------------------------------------------------------------------------


def _distributions() -> Iterable[str]:
    yield "# Distributions"
    yield (
        "Arguments go by position or by name. A distribution with several forms takes the first that fits the names. "
        "An argument over `[k]` has one free dimension, one over `[k, k]` is a square; all others are one number for "
        "each member of the open plates. `Improper(kind)` takes any [kind](kinds.md)."
    )
    for row in DISTRIBUTIONS.values():
        yield from _distribution(row)
    yield "## Combinators"
    yield "They make a distribution from others."
    for combinator in COMBINATORS.values():
        yield from _combinator(combinator)


@functools.cache
def _drawn() -> frozenset[str]:
    """Names of the distributions that have a picture."""
    with (Path(__file__).parent / "densities.csv").open(encoding="utf-8") as file:
        return frozenset(row["name"] for row in csv.DictReader(file, delimiter=";"))


def _distribution(row: Distribution) -> Iterable[str]:
    yield f"## {row.name}"
    yield signature.sentence(row.summary)
    if row.name in _drawn():
        yield f"![Density of {row.name}](densities/{row.name}.svg)"
    if row.name != "Improper":
        yield _fenced("\n".join(signature.distribution(row)))
    params = {param.name: param for form in row.forms for param in form.params}
    if params:
        yield _params(params.values())
    yield "\n".join([f"- Support: {signature.support(row)}.", *(f"- {fact}" for fact in _facts(row))])
    yield f"Source: {row.reference.rstrip('.')}."


def _facts(row: Distribution) -> Iterable[str]:
    for axis, size in row.sizes:
        yield f"`{axis}` has {size} members."
    closed = [word for word in ("mean", "variance", "entropy", "cdf", "icdf") if getattr(row, word) is not None]
    if closed:
        yield f"In closed form: {', '.join(closed)}."
    if row.cdf is not None:
        yield "Narrowing by a kind, `Truncated` and `Censored` are exact."
    if row.location_scale is not None:
        yield "`noncentered` applies."
    if any(form.grouped is not None for form in row.forms):
        yield "Observations that share parameters collapse to sufficient statistics."
    if row.reparameterised:
        yield "May stand in a guide."


def _combinator(row: Combinator) -> Iterable[str]:
    yield f"### {row.name}"
    yield signature.sentence(row.summary)
    yield _fenced(signature.combinator(row))
    if row.params:
        yield _params(row.params)
    if row.requires:
        needs = {
            "cdf": "have a distribution function in closed form",
            "continuous": "be one of a real number",
            "number": "be one of a number, not of a vector",
            "centred": "be that of an angle around a centre `loc`, or of several",
        }
        yield f"The distribution inside must {' and '.join(needs[name] for name in row.requires)}."
    if row.functions:
        yield f"Functions: {signature.code(row.functions)}."
    yield f"Source: {row.reference.rstrip('.')}."


def _params(params: Iterable[Param]) -> str:
    rows = [(f"`{p.name}`", signature.takes(p), p.meaning) for p in params]
    return _table(("argument", "kind", "meaning"), rows)


PEERS = {
    "distributions": ("Distributions", ("NumPyro", "Pyro", "Stan", "PyMC")),
    "kinds": ("Kinds and changes of variable", ("NumPyro", "Pyro", "Stan", "PyMC")),
    "functions": ("Functions", ("NumPyro (JAX)", "Pyro (PyTorch)", "Stan", "PyMC")),
    "families": ("Guide families", ("NumPyro", "Pyro", "Stan", "PyMC")),
}
"""The title of each table in `docs/peers`, and the heads of its columns."""


def _peers() -> Iterable[str]:
    yield "# In other languages"
    yield "What NumPyro, Pyro, Stan and PyMC call a thing, how it is written here, and why some are not here."
    for name, (title, heads) in PEERS.items():
        with (Path(__file__).parent / "peers" / f"{name}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        yield f"## {title}"
        columns = ("numpyro", "pyro", "stan", "pymc")
        here = [(f"`{row['here']}`", *(row[column] for column in columns)) for row in rows if row["here"]]
        yield _table(("here", *heads), here)
        yield f"### {title} that are not here"
        missing = [(*(row[column] for column in columns), row["why"]) for row in rows if not row["here"]]
        yield _table((*heads, "why"), missing)


# --- functions and kinds ---------------------------------------------------------------------------------------------

ROLES = {
    Role.ELEMENTWISE: "Element by element; the arguments are aligned by the names of their dimensions.",
    Role.REDUCE: "The dimension after `over` goes; without `over` every free dimension does.",
    Role.ALONG: "They act along one dimension, which stays; `over` may be left out where there is only one.",
    Role.MATRIX: "On vectors and matrices. A letter twice is a square: one dimension twice, or with an alias.",
    Role.FILL: "Made from dimensions.",
}


def _nets() -> Iterable[str]:
    yield "# Nets"
    yield (
        "The layers between the inputs of a [`net`](../language.md#net) and the heads of its outputs. A width is a "
        "whole number or a dimension."
    )
    yield _table(("body", "layers"), [(f"`{row.form}`", row.summary) for row in ARCHITECTURES.values()])
    yield "## Activations"
    yield (
        "The function behind each layer, and the variance of a weight at the start times the number of inputs of its "
        "layer. What they compute stands with the [functions](functions.md)."
    )
    yield _table(("activation", "variance"), [(f"`{name}`", f"{gain:g}") for name, gain in ACTIVATIONS.items()])


def _functions() -> Iterable[str]:
    yield "# Functions and operators"
    yield (
        "Besides these there is [`lag`](../language.md#lag) for data along a plate, `one_hot(g)` for the 0 and 1 of a "
        "member over its dimension, [`ode`](../language.md#ode) for differential equations, "
        "[`log_prob`](../language.md#log_prob) for the density of a distribution at a value, and the constants `pi` "
        "and `inf`. "
        "A name in brackets is a second name of the same function."
    )
    rows = [row for name, row in FUNCTIONS.items() if name == row.name]
    for role, text in ROLES.items():
        yield f"## {role.value.capitalize()}"
        yield text
        mine = [row for row in rows if row.role is role]
        yield _table(("function", "value"), [(_call(row), row.summary) for row in mine])


def _call(row: Function) -> str:
    others = [alias for alias, name in ALIASES.items() if name == row.name]
    also = f" ({signature.code(others)})" if others else ""
    return f"`{signature.function(row)}`{also}"


def _kinds() -> Iterable[str]:
    yield "# Kinds"
    yield (
        "A kind is a support. It checks data, constrains parameters and narrows latent variables. The name of a "
        "dimension is a kind too: a member of that dimension."
    )
    rows = [(f"`{signature.kind(name)}`", row.meaning) for name, row in KINDS.items()]
    yield _table(("kind", "values"), rows)


# --- guides and fits -------------------------------------------------------------------------------------------------


def _families() -> Iterable[str]:
    yield "# Guide families"
    yield "A family is a joint distribution over the unconstrained values of the latent variables that it covers."
    rows = [(f"`{name}`", row.summary, _defaults(row.settings)) for name, row in FAMILIES.items()]
    yield _table(("family", "what it is", "settings"), rows)
    yield "## Bounds on real data"
    yield (
        "How many nats the ELBO of a family stays below the highest that any family reached on that posterior, a case "
        "of [posteriordb](https://github.com/stan-dev/posteriordb): 0 is the closest guide. After 4,000 steps at most, "
        "with all settings as they are. In brackets NumPyro's autoguide of the same family on the same model, after "
        "4,000 steps of Adam with rate 0.01 from its own start; both log densities were found to be equal first. "
        "`semi_dais` moves what stands in a plate, and a mean field has the other latent variables on both sides. "
        "Recorded by `python tests/posterior/bounds.py`; the errors are about 0.02. Where draws of a guide reach far "
        "beyond the posterior its bound has no use, and neither has its error; k-hat is far above 0.7 there."
    )
    yield from _bounds()
    yield "## Particles on real data"
    yield (
        "Errors of `svgd(50)` beside draws of the posterior: root mean squares over the numbers of a model, of means "
        "in standard deviations of the posterior, and of ratios of its standard deviations to those, from 1. In "
        "brackets those of 50 particles of NumPyro's `SVGD` with its radial kernel after 4,000 steps of Adagrad with "
        "rate 0.05, which takes no Jacobian of constrained values, and has no improper priors. "
        "Recorded by `python tests/posterior/particles.py`."
    )
    yield from _particles()


COLUMNS = 4
"""Families in one table, which a terminal can show."""


def _bounds() -> Iterable[str]:
    """The recorded figures as tables, a row for each posterior."""
    with (Path(__file__).parent / "bounds.csv").open(encoding="utf-8") as file:
        figures = {(row["family"], row["case"]): row for row in csv.DictReader(file, delimiter=";")}
    families, cases = (list(dict.fromkeys(key[i] for key in figures)) for i in (0, 1))
    highest = {case: max(float(row["bound"]) for row in figures.values() if _of(row, case)) for case in cases}
    for first in range(0, len(families), COLUMNS):
        some = families[first : first + COLUMNS]
        cells = [
            [_called(case, cases), f"{highest[case]:.2f}"]
            + [_below(figures.get((family, case)), highest[case]) for family in some]
            for case in cases
        ]
        yield _table(("posterior", "highest", *(f"`{family}`" for family in some)), cells)


def _particles() -> Iterable[str]:
    with (Path(__file__).parent / "particles.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    cases = [row["case"] for row in rows]
    heads = ("posterior", "errors of means", "errors of standard deviations")
    cells = [
        (_called(row["case"], cases), *(_beside(row[key], row[f"numpyro_{key}"]) for key in ("mean", "sd")))
        for row in rows
    ]
    yield _table(heads, cells)


def _beside(ours: str, theirs: str) -> str:
    return f"{float(ours):.2f} ({f'{float(theirs):.2f}' if math.isfinite(float(theirs)) else 'fails'})"


def _called(case: str, cases: Iterable[str]) -> str:
    """The model, and its data where another case has the same."""
    data, _, model = case.partition("-")
    alone = sum(other.partition("-")[2] == model for other in cases) == 1
    return (model if alone else f"{model} of {data}").replace("_", " ")


def _of(row: dict[str, str], case: str) -> bool:
    """Whether a row is of a case, and its bound is one."""
    return row["case"] == case and float(row["error"]) < FAR


FAR = 1.0
"""Standard error in nats from which a bound says nothing."""


def _below(row: dict[str, str] | None, highest: float) -> str:
    if row is None:
        return "does not apply"
    ours, theirs = highest - float(row["bound"]), highest - float(row["numpyro"])
    size = f"{theirs:.2f}" if theirs < 10_000 else f"{theirs:.0e}"
    peer = "" if math.isnan(theirs) else f" ({size})" if math.isfinite(theirs) else " (fails)"
    return f"{ours:.2f}{peer}" if float(row["error"]) < FAR else f"far{peer}"


def _defaults(settings: object) -> str:
    assert isinstance(settings, dict)
    return signature.code(signature.defaults(settings)) or "none"


def _fit_settings() -> Iterable[str]:
    yield "# Fit settings"
    meanings = signature.settings()
    rows = [(f"`{name}`", meanings[name]) for name in setting_rules.NAMES]
    yield _table(("setting", "meaning"), rows)
    found = signature.code(signature.with_defaults(name, dict(row.settings)) for name, row in BASELINES.items())
    yield f"Baselines: {found}."
    yield f"Precisions: {signature.code(setting_rules.PRECISIONS)}."
    stops = signature.code(signature.with_defaults(name, settings) for name, settings in STOPS.items())
    yield f"Stopping rules: {stops}."
    yield "## Objectives"
    objectives = [
        (f"`{signature.with_defaults(name, dict(row.settings))}`", row.summary) for name, row in OBJECTIVES.items()
    ]
    yield _table(("objective", "what is maximised"), objectives)
    yield "## Optimisers"
    yield (
        "Those of Optax under their names there, with their arguments. An argument without `=` is needed. "
        "`learning_rate` may be a schedule."
    )
    yield _table(("optimiser", "arguments"), [_optax(name, row) for name, row in OPTIMIZERS.items()])
    yield "## Transformations"
    yield "Links of `chain(…)`, before or after an optimiser."
    yield _table(("transformation", "arguments"), [_optax(name, row) for name, row in TRANSFORMS.items()])
    yield "## Schedules"
    yield "Numbers of steps that are left out are taken from the length of the run."
    yield _table(("schedule", "arguments"), [_optax(name, row) for name, row in SCHEDULES.items()])


def _optax(name: str, row: OptaxRow) -> tuple[str, str]:
    return f"`{name}`", signature.code(signature.optax(row)) or "none"


# --- commands and errors ---------------------------------------------------------------------------------------------


def _commands() -> Iterable[str]:
    yield "# Commands"
    yield "Results go to standard output; progress, warnings and errors to standard error."
    for name in COMMANDS:
        command = commands.get_command(click.Context(commands), name)
        assert command is not None
        yield f"## svilang {name}"
        yield _fenced(command.get_usage(click.Context(command, info_name=f"svilang {name}")).removeprefix("Usage: "))
        yield inspect.cleandoc(command.help or "")
        options = [p for p in command.params if isinstance(p, click.Option)]
        if options:
            yield _table(("option", "meaning"), [_option(option) for option in options])
    yield "## Exit codes"
    codes = {value: name for name, value in vars(exits).items() if isinstance(value, int)}
    yield _table(("code", "meaning"), [(str(c), codes[c].replace("_", " ").lower()) for c in sorted(codes)])


def _option(option: click.Option) -> tuple[str, str]:
    value = option.metavar or ""
    if isinstance(option.type, click.Choice):
        value = "|".join(option.type.choices)
    elif not option.is_flag and not value:
        value = option.type.name.upper().replace(" RANGE", "")
    return f"`{', '.join(option.opts)}{' ' + value if value else ''}`", option.help or ""


def _errors() -> Iterable[str]:
    yield "# Errors and warnings"
    yield (
        "Every message has a code; `svilang explain CODE` prints its page. Codes begin with E for errors and W for "
        "warnings. The first two digits say the subject: 01 syntax, 02 names, 03 dimensions, 04 kinds and supports, "
        "05 data, 06 guides, 07 running and files."
    )
    for code, page in sorted(pipeline.pages().items(), key=lambda item: (item[0][1:], item[0])):
        yield f"## {code}"
        yield f"**{page.title[0].upper()}{page.title[1:]}.** {page.explanation}"
        if page.wrong:
            yield "For example:"
            yield _fenced(_short(page.wrong))
        if page.right:
            yield "Instead:"
            yield _fenced(_short(page.right))


def _short(text: str) -> str:
    """Without the middle of a line that no one would read to its end."""
    return "\n".join(line if len(line) < 200 else f"{line[:60]} … {line[-60:]}" for line in text.splitlines())


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, text in pages().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
    runpy.run_path(str(Path(__file__).with_name("print_densities.py")), run_name="__main__")
