"""Every message about data, one function each; ``pages`` holds what ``svilang explain`` says of their codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ..diagnostics import NOWHERE, Diagnostic, Note, Span, did_you_mean, nearest
from ..ir.nodes import Data, Dimension
from ..sema.settings import NAMES, OWN

_SHOWN = 10


def listed(items: Sequence[str], total: int | None = None) -> str:
    """The first ten, and how many more there are."""
    shown = ", ".join(items[:_SHOWN])
    more = (len(items) if total is None else total) - min(len(items), _SHOWN)
    return f"{shown}, and {more} more" if more else shown


def quoted(names: Iterable[str]) -> str:
    """Names in backquotes, with commas."""
    return listed([f"`{name}`" for name in names])


# --- files -----------------------------------------------------------------------------------------------------------


def not_found(path: str, similar: Sequence[str], span: Span = NOWHERE) -> Diagnostic:
    """A file that is not there."""
    hint = f"in the same directory there is {quoted(similar)}" if similar else None
    return Diagnostic("E0501", f"there is no file `{path}`" if path else "the path of a file is empty", span, help=hint)


def unreadable(path: str, why: str, span: Span = NOWHERE) -> Diagnostic:
    """A file that the system or its reader refuses."""
    return Diagnostic("E0502", f"`{path}` cannot be read: {why}", span)


def unknown_format(path: str, known: Sequence[str], span: Span = NOWHERE) -> Diagnostic:
    """A file whose ending says nothing."""
    hint = f"known are {', '.join(known)}"
    return Diagnostic("E0502", f"`{path}` is of no format that is read here", span, help=hint)


def malformed(origin: str, why: str, hint: str | None = None) -> Diagnostic:
    """A table whose form is wrong."""
    return Diagnostic("E0503", f"{origin}: {why}", help=hint)


def needs_package(what: str, package: str) -> Diagnostic:
    """A format whose package is not installed."""
    return Diagnostic(
        "E0504", f"{what} needs the package `{package}`, which is not installed", help='pip install "svilang[data]"'
    )


def no_solver(span: Span) -> Diagnostic:
    """Differential equations without the package that solves them."""
    fix = 'pip install "svilang[ode]"'
    return Diagnostic("E0524", "`ode` needs the package `diffrax`, which is not installed", span, help=fix)


def before_the_beginning(time: float, begin: float, span: Span) -> Diagnostic:
    """A solution that is asked for at a time before the start."""
    message = f"a solution is asked for at time {time:g}, and the equations begin at {begin:g}"
    return Diagnostic("E0525", message, span, help="say when they begin: `ode(…, begin=…)`")


# --- what belongs to what --------------------------------------------------------------------------------------------


def not_supplied(item: Data, column: str, looked: Sequence[str], columns: Sequence[str]) -> Diagnostic:
    """An item without a column."""
    called = f"data `{item.name}`" if column == item.name else f'data `{item.name}` (from "{column}")'
    if not looked:
        key = item.dims[0].name if item.dims else item.name
        hint = f'`--data {key}=FILE`, in Python `bind({{"{item.name}": …}})`'
        return Diagnostic("E0505", f"{called} was not supplied: no data was given", item.span, help=hint)
    near = nearest(column, columns)
    hint = f'the nearest column there is {quoted(near)}: write `from "{near[0]}"` after its type' if near else None
    if hint is None and columns:
        header = all(map(_is_number, columns)) or (len(columns) == 1 and len(columns[0].split()) > 1)
        first = ": the first line of a file names its columns, with commas between them" if header else ""
        hint = f"the columns there are {quoted(columns)}{first}"
    message = f"{called} was not supplied: {' and '.join(looked)} {'have' if len(looked) > 1 else 'has'} no such column"
    return Diagnostic("E0505", message, item.span, help=hint)


def file_as_column(item: Data, name: str) -> Diagnostic:
    """The name of a file where that of a column stands."""
    fix = f'the file of a block stands before it, `data "{name}" {{ … }}`, or is given, `--data {name}`'
    message = f'data `{item.name}`: `from` names a column, and "{name}" is a file'
    return Diagnostic("E0505", message, item.span, help=fix)


def other_columns(item: Data, origin: str, columns: Sequence[str], members: Sequence[str]) -> Diagnostic:
    """A table for one matrix whose columns are not its members."""
    dim = item.dims[-1].name
    has = f"has the columns {quoted(columns)}" if columns else "has no columns of numbers"
    fix = f"name its columns by the members of `{dim}`: {quoted(members)}" if members else None
    message = f"data `{item.name}`: {origin} {has}, which are not the members of `{dim}`"
    return Diagnostic("E0505", message, item.span, help=fix)


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


def ambiguous(item: Data, column: str, origins: Sequence[str]) -> Diagnostic:
    """An item with a column in two tables."""
    hint = f'put `{item.name}` in a block that names its file, as in data "{origins[0]}" {{ … }}'
    return Diagnostic("E0506", f"column `{column}` is in {' and in '.join(origins)}", item.span, help=hint)


def undeclared(name: str, declared: Sequence[str]) -> Diagnostic:
    """A name given by hand for nothing."""
    if name in declared:
        message = f"`{name}` is a dimension or a file and no data item, and what was given for it is no table"
        fix = f'give its members as a table, `{{"{name}": pandas.DataFrame({{"{name}": […]}})}}`'
        return Diagnostic("E0507", message, help=fix)
    hint = did_you_mean(name, declared) or (f"declared are {quoted(declared)}" if declared else None)
    return Diagnostic("E0507", f"data was given for `{name}`, but the spec declares nothing of that name", help=hint)


def unknown_setting(name: str, known: Sequence[str]) -> Diagnostic:
    """A setting of nothing."""
    hint = did_you_mean(name, known) or (f"what can be set is {quoted(known)}" if known else None)
    if name in OWN:
        hint = f"it is a setting of the fit: `--{name}`, in Python `fit({name}=…)`"
    elif name in NAMES:
        hint = f'it is a setting of the fit: `--fit {name}=…`, in Python `fit(settings={{"{name}": …}})`'
    message = f"--set {name}: no dimension and no single number of the data is called `{name}`"
    return Diagnostic("E0508", message, help=hint)


def setting_value(name: str, value: str, span: Span) -> Diagnostic:
    """A size that is none."""
    message = f"--set {name}={value}: the size of dimension `{name}` must be a whole number from 0"
    return Diagnostic("E0508", message, span)


# --- sizes and shapes ------------------------------------------------------------------------------------------------


def no_size(name: str, span: Span) -> Diagnostic:
    """A dimension of which nothing says the size."""
    hint = f"write `dim {name} = 3` in a data block, or give --set {name}=3"
    return Diagnostic("E0509", f"nothing says how many members dimension `{name}` has", span, help=hint)


def size_expression(name: str, why: str, span: Span) -> Diagnostic:
    """A declared size that is none."""
    return Diagnostic("E0510", f"the size of dimension `{name}` {why}", span)


def two_sizes(name: str, first: tuple[int, str], second: tuple[int, str], span: Span, other: Span) -> Diagnostic:
    """Two claims about one dimension."""
    one, two = _short(first[0]), _short(second[0])
    members = "1 member" if first[0] == 1 else f"{one} members"
    message = f"dimension `{name}` has {members} by {first[1]}, but {two} by {second[1]}"
    notes = () if other in (NOWHERE, span) else (Note(f"{members} by this", other),)
    return Diagnostic("E0511", message, span, notes)


def wrong_rank(item: Data, where: str, shape: tuple[int, ...]) -> Diagnostic:
    """Data with more or fewer axes than declared."""
    axes = ", ".join(str(dim) for dim in item.dims)
    wanted = f"one value for each `{axes}`" if len(item.dims) == 1 else f"an array over [{axes}]"
    wanted = wanted if item.dims else "a single value"
    given = f"{' × '.join(map(str, shape))} values" if shape else "a single value"
    keys = " and ".join(f"`{dim}`" for dim in item.dims)
    fix = f"a table with a row for each cell needs the columns {keys}" if len(item.dims) > len(shape) == 1 else None
    return Diagnostic("E0512", f"`{item.name}` is declared as {wanted}, but {where} holds {given}", item.span, help=fix)


def other_axes(item: Data, where: str, given: Sequence[str]) -> Diagnostic:
    """An array whose named axes are not the declared ones."""
    wanted = ", ".join(str(dim) for dim in item.dims)
    message = f"`{item.name}` is declared over [{wanted}], but the axes of {where} are called [{', '.join(given)}]"
    return Diagnostic("E0512", message, item.span, help=f"rename them, or declare `{item.name}` over these")


# --- values ----------------------------------------------------------------------------------------------------------


def _optional(item: Data) -> str:
    """The type of an item, with missing values allowed; the dimension of a square stands once."""
    axes = ", ".join(dim.name for dim in item.dims if not dim.prime)
    return f"{item.kind}?[{axes}]" if axes else f"{item.kind}?"


def missing_values(item: Data, origin: str, places: Sequence[str], total: int) -> Diagnostic:
    """Missing entries where none may be."""
    hint = f"declare it `{item.name}: {_optional(item)}` if values may be missing"
    count = "a missing value" if total == 1 else f"{total} missing values"
    return Diagnostic("E0513", f"`{item.name}`: {origin} has {count} in {listed(places, total)}", item.span, help=hint)


_WRITTEN = (
    (re.compile(r'"[+-]?\d{1,3}(,\d{3})+(\.\d*)?"'), "write thousands without commas"),
    (re.compile(r'"[+-]?\d{1,3}([ \'’\u00a0\u202f]|\\xa0|\\u202f)\d{3}.*"'), "write thousands without blanks or signs"),
    (re.compile(r'"[+-]?\d*,\d+"'), "numbers have a decimal point, not a comma"),
    (re.compile(r'"[+-]?[\d.]+ ?%"'), "write shares as numbers from 0 to 1"),
    (re.compile(r'"[−–]'), "write minus as `-`"),
    (re.compile(r'"?\d{4}-\d\d'), "dates are labels: count days, or declare a dimension of dates"),
    (re.compile(r'"\d{1,2}[./]\d{1,2}[./]\d{2,4}'), "dates are labels, written as 2024-12-31: count days instead"),
    (re.compile(r'"\d{1,2}:\d\d'), "write times as numbers, such as minutes"),
    (re.compile(r'"(yes|no|true|false|t|f|y|n)"', re.IGNORECASE), "write 0 and 1"),
    (re.compile(r'"[<>≤≥] ?[\d.]+"'), "write the limit as a number, and observe it by `Censored(…)`"),
    (re.compile(r'"[$€£¥] ?[\d.,]+"|"[+-]?[\d.]+ ?[^\W\d_]{1,4}"'), "write the number alone, without its unit"),
    (
        re.compile(r'"(\.|-+|\?|none|na|n\.a\.|missing|#\w+[/!?]*\w*!?)"', re.IGNORECASE),
        "leave the cell empty where nothing is known, and put `?` after the kind",
    ),
)
"""Values that people read as numbers, and how they are written."""


def not_numbers(item: Data, origin: str, places: Sequence[str], total: int) -> Diagnostic:
    """Text where numbers should be."""
    count = "a value that is no number" if total == 1 else f"{total} values that are no numbers"
    message = f"`{item.name}`: {origin} has {count}: {listed(places, total)}"
    hint = next((advice for form, advice in _WRITTEN if places and form.match(places[0])), None)
    return Diagnostic("E0514", message, item.span, help=hint)


def outside(item: Data, meaning: str, origin: str, places: Sequence[str], total: int) -> Diagnostic:
    """Values outside their kind."""
    count = "a value" if total == 1 else f"{total} values"
    verb = "is" if total == 1 else "are"
    message = f"`{item.name}` must be {meaning}, but {origin} has {count} that {verb} not: {listed(places, total)}"
    endless = any(re.match(r"[+-]?inf\b", place) for place in places)
    hint = f"what has no end is told by another column: `{item.name} if ended == 1 else inf`" if endless else None
    return Diagnostic("E0515", message, item.span, help=hint)


def crossed_bounds(name: str, lower: float, upper: float, span: Span) -> Diagnostic:
    """Bounds from data of which the lower one is not below the upper one."""
    return Diagnostic("E0526", f"the lower bound of `{name}`, {lower:g}, is not below its upper bound, {upper:g}", span)


def partly_missing(name: str, owner: str, places: Sequence[str], span: Span) -> Diagnostic:
    """Vectors of which some entries are missing, of a law or of a kind that is one of whole ones only."""
    where = listed(places) if any(places) else ""
    message = f"`{name}` is there in part only{f' ({where})' if where else ''}, and `{owner}` is one of whole vectors"
    fix = "leave all entries of such a vector out, or observe the entries one by one in a plate or a chain"
    return Diagnostic("E0527", message, span, help=fix)


def missing_covariate(item: Data, observed: str, places: Sequence[str], span: Span) -> Diagnostic:
    """Entries that are missing where the observation that needs them is not."""
    where = f": {listed(places)}" if any(places) else ""
    message = f"`{item.name}` is missing where `{observed}` is observed{where}"
    fix = f"give them a law and impute them (`impute {item.name}`), or leave these out of `{observed}` too"
    return Diagnostic("E0529", message, span, help=fix)


def structure(item: Data, meaning: str, origin: str, places: Sequence[str], total: int, why: str) -> Diagnostic:
    """Values that do not go together; ``why`` is said of the first."""
    where = f" in {listed(places, total)}" if places else ""
    message = f"`{item.name}` must be {meaning}, but {origin} is not{where}: {why}"
    return Diagnostic("E0516", message, item.span)


def unknown_labels(
    item: Data, dim: str, source: str, origin: str, places: Sequence[str], total: int, near: Sequence[str], base: bool
) -> Diagnostic:
    """Labels that a dimension lacks."""
    count = "a label" if total == 1 else f"{total} labels"
    message = f"`{item.name}`: {origin} has {count} that dimension `{dim}` lacks ({source}): {listed(places, total)}"
    hint = f"the nearest labels are {quoted(near)}" if near else None
    if base:
        hint = f"if these are codes and not labels, declare `{dim}(base=0)`, or `{dim}(base=1)` if they count from 1"
    return Diagnostic("E0517", message, item.span, help=hint)


def code_range(
    item: Data, dim: str, base: int, size: int, origin: str, places: Sequence[str], total: int, from_one: bool
) -> Diagnostic:
    """Codes beyond the members of a dimension."""
    count = "a code" if total == 1 else f"{total} codes"
    run = f"from {base} to {base + size - 1}" if size else "none, for it has no members"
    said = f"{origin} has {count} outside: {listed(places, total)}"
    message = f"`{item.name}`: codes of dimension `{dim}` are {run}, but {said}"
    hint = f"if the codes count from 1, declare `{item.name}: {dim}(base=1)`" if from_one else None
    return Diagnostic("E0518", message, item.span, help=hint)


def not_codes(item: Data, dim: str, origin: str, places: Sequence[str], total: int) -> Diagnostic:
    """Values that can be neither labels nor codes."""
    message = f"`{item.name}`: members of `{dim}` are labels or whole numbers, but {origin} has {listed(places, total)}"
    return Diagnostic("E0518", message, item.span)


def repeated_label(dim: str, origin: str, places: Sequence[str], total: int, span: Span) -> Diagnostic:
    """A member described twice."""
    message = f"{origin} describes members of dimension `{dim}`, one in each row, but repeats {listed(places, total)}"
    return Diagnostic("E0519", message, span)


def cell_twice(item: Data, origin: str, places: Sequence[str], total: int) -> Diagnostic:
    """A cell of an array that two rows of a long table hold."""
    axes = " and ".join(f"`{dim}`" for dim in item.dims)
    message = f"`{item.name}`: {origin} has more than one row for the same {axes}: {listed(places, total)}"
    return Diagnostic("E0519", message, item.span)


def missing_key(dim: str, origin: str, places: Sequence[str], total: int, span: Span) -> Diagnostic:
    """A row that does not say which member it describes."""
    message = f"{origin} describes members of dimension `{dim}`, but does not say which in {listed(places, total)}"
    return Diagnostic("E0519", message, span)


def join(item: Data, dim: str, origin: str, lacking: Sequence[str], unknown: Sequence[str], source: str) -> Diagnostic:
    """Tables whose labels differ."""
    parts = [f"has no row for {listed(lacking)}"] if lacking else []
    parts += [f"has rows for {listed(unknown)}, which dimension `{dim}` lacks"] if unknown else []
    message = f"`{item.name}`: {origin} {' and '.join(parts)} (labels of `{dim}`: {source})"
    index = origin.startswith("the index of")
    fix = "if the rows belong together as they stand, leave their index out: `.reset_index(drop=True)`"
    return Diagnostic("E0520", message, item.span, help=fix if index else None)


def repeated_fixed_label(dimension: Dimension, label: str) -> Diagnostic:
    """A label written twice."""
    return Diagnostic("E0519", f"dimension `{dimension.name}` has the label {label} twice", dimension.span)


def no_member(dim: str, label: str, labels: Sequence[str], size: int, span: Span) -> Diagnostic:
    """A literal index that is no member."""
    if not labels:
        message = f"dimension `{dim}` has no member {label}: it has {_short(size)} without labels"
        return Diagnostic("E0521", message, span, help="count its members from 0" if size else None)
    near = nearest(label.strip('"'), labels) or labels
    return Diagnostic("E0521", f"dimension `{dim}` has no member {label}", span, help=f"its labels are {quoted(near)}")


# --- warnings --------------------------------------------------------------------------------------------------------


def list_length(dim: str, given: int, size: int, span: Span) -> Diagnostic:
    """A list literal over a dimension of another size."""
    return Diagnostic("E0522", f"the list has {given} entries, and `{dim}` has {_short(size)}", span)


def other_size(law: str, dim: str, wanted: int, size: int, span: Span) -> Diagnostic:
    """A law of a set number of values over a dimension of another size."""
    return Diagnostic("E0528", f"{law} is over {wanted} members, and `{dim}` has {_short(size)}", span)


def too_large(name: str, count: int, sizes: Mapping[str, int], most: int, span: Span) -> Diagnostic:
    """A value that no memory holds."""
    shape = f" ({' × '.join(f'`{dim}` {_short(size)}' for dim, size in sizes.items())})" if sizes else ""
    memory = f"{count * 8 / 1e9:,.0f} GB" if count < 10**15 else "more than any memory"
    message = f"{name} would have {_short(count)} entries{shape}: {memory}"
    return Diagnostic("E0523", message, span, help=f"{most:,} entries are the most")


def too_many_axes(name: str, given: int, most: int, span: Span) -> Diagnostic:
    """A value over more dimensions than arrays have."""
    return Diagnostic("E0523", f"{name} runs over {given} dimensions: {most} are the most", span)


def _short(number: int) -> str:
    return str(number) if number < 10_000 else f"{number:,}" if number < 10**15 else "more than 10^15"


def nothing_observed(name: str, dim: str, span: Span) -> Diagnostic:
    """An observation over a dimension without members."""
    message = f"`{name}` has no entries, for `{dim}` has no members: the posterior is the prior"
    return Diagnostic("W0503", message, span, help="check that the data file has rows")


def nothing_counts(name: str, why: Sequence[str], span: Span) -> Diagnostic:
    """An observation of which every entry is left out."""
    message = f"no entry of `{name}` counts, by {' and '.join(why)}: the observation says nothing"
    return Diagnostic("W0503", message, span, help="check the data that this comes from")


def extern_closed(name: str, target: str, span: Span) -> Diagnostic:
    """A function from outside, and nobody has allowed it."""
    message = f"`{name}` is code from outside the spec, and nothing from outside runs unless you allow it"
    hint = f'hand it in, `svilang.load(…, functions={{"{name}": …}})`, or let it be imported from `{target}`: '
    return Diagnostic("E0540", message, span, help=hint + "`--allow-extern`, in Python `allow_extern=True`")


def extern_not_declared(name: str, known: Iterable[str]) -> Diagnostic:
    """A function that was handed in and that no spec asks for."""
    names = list(known)
    hint = f"it declares {quoted(names)}" if names else "it declares none"
    return Diagnostic("E0541", f"the spec calls no extern function `{name}`", help=hint)


def extern_not_found(name: str, target: str, error: Exception, span: Span) -> Diagnostic:
    """A place where no function stands."""
    return Diagnostic("E0541", f"`{name}` cannot be imported from `{target}`: {_first_line(error)}", span)


def extern_no_function(name: str, span: Span) -> Diagnostic:
    """Something that cannot be called."""
    message = f"what was given for `{name}` can neither be called nor has `init` and `apply`"
    return Diagnostic("E0541", message, span)


def extern_fails(name: str, error: Exception, span: Span) -> Diagnostic:
    """A function that JAX cannot trace, or that fails."""
    message = f"`{name}` fails when JAX traces it: {_first_line(error)}"
    hint = "write it with `jax.numpy`, without Python branches on values"
    return Diagnostic("E0542", message, span, help=hint)


def extern_no_slope(name: str, error: Exception, span: Span) -> Diagnostic:
    """A function without a derivative, of something that is optimised."""
    message = f"`{name}` has no derivative, and what it is given depends on latent variables or parameters"
    return Diagnostic("E0542", f"{message}: {_first_line(error)}", span, help="give it one with `jax.custom_vjp`")


def extern_shape(name: str, given: tuple[int, ...] | None, wanted: Mapping[str, int], span: Span) -> Diagnostic:
    """A result of another shape than the head says."""
    sizes = ", ".join(f"{dim} = {size}" for dim, size in wanted.items())
    expected = f"[{', '.join(wanted)}] with {sizes}" if wanted else "one number"
    found = "no array" if given is None else f"an array of {' × '.join(map(str, given)) or 'one number'}"
    message = f"`{name}` gives {found} for one member, and its head says {expected}"
    return Diagnostic("E0543", message, span)


def _first_line(error: Exception) -> str:
    text = str(error).strip().split("\n")[0].rstrip(".")
    return text or type(error).__name__


def badly_scaled(item: Data, why: str) -> Diagnostic:
    """A covariate far from standard."""
    message = f"`{item.name}` is badly scaled for optimisation: {why}"
    hint = "centre it and divide it by its standard deviation in the model"
    return Diagnostic("W0501", message, item.span, help=hint)


def paired_by_order(item: Data, dim: str, origin: str) -> Diagnostic:
    """Rows that are matched to labels by their order alone."""
    message = (
        f"{origin} does not say which `{dim}` each value of `{item.name}` belongs to: they are taken in the order of "
        "the sorted labels"
    )
    return Diagnostic("W0504", message, item.span, help=f"add a column `{dim}` with the labels to its table")


def sorted_by_alphabet(dim: str, labels: Sequence[str], why: str, origin: str, span: Span) -> Diagnostic:
    """Members in the order of the alphabet, where their order has a meaning."""
    message = (
        f"the order of `{dim}` matters to {why}, and nothing says it: its labels, from {origin}, are taken by the "
        f"alphabet, {quoted(labels)}"
    )
    listed_ = ", ".join(f'"{label}"' for label in labels[:_SHOWN])
    fix = f"write them in their order in `data`, `dim {dim} = […]` with {listed_}"
    return Diagnostic("W0505", message, span, help=fix)


def goes_back(dim: str, before: str, after: str, why: str, origin: str, span: Span) -> Diagnostic:
    """Members whose labels have an order, in another one."""
    message = f"the order of `{dim}` matters to {why}, and its labels, from {origin}, go back from {before} to {after}"
    return Diagnostic("W0505", message, span, help="sort the rows")


def uneven_steps(dim: str, before: int, after: int, why: str, span: Span) -> Diagnostic:
    """A chain over whole numbers some of which are left out."""
    message = f"the labels of `{dim}` go from {before} to {after}, and to {why} that is one step as any other"
    fix = "give a row for each step, with an empty cell where nothing is known"
    return Diagnostic("W0505", message, span, help=fix)


def alike(dim: str, groups: Sequence[Sequence[str]], origin: str, span: Span) -> Diagnostic:
    """Labels that look the same to a reader."""
    pairs = listed([" and ".join(f'"{label}"' for label in group) for group in groups])
    message = f"labels of `{dim}` differ only in capitals, blanks or how a character is written: {pairs} in {origin}"
    return Diagnostic("W0506", message, span, help="if they are one member, write them in one way in the data")


def stands_for_missing(item: Data, value: str, origin: str, total: int) -> Diagnostic:
    """A value that looks like the mark of a missing entry."""
    times = "once" if total == 1 else f"{total} times"
    message = f"`{item.name}`: {origin} holds {value} {times}, which looks like a mark for a missing entry"
    fix = f"if it is one, leave the cell empty and declare `{item.name}: {_optional(item)}`"
    return Diagnostic("W0507", message, item.span, help=fix)


def no_code_of_first(item: Data, dim: str, size: int, origin: str) -> Diagnostic:
    """Codes that may count from 1 and are read as if from 0."""
    message = (
        f"`{item.name}`: codes of `{dim}` count from 0 to {size - 1}, and no entry of {origin} is 0: "
        "member 0 has no data"
    )
    return Diagnostic("W0508", message, item.span, help=f"if they count from 1, declare `{item.name}: {dim}(base=1)`")


def censored_missing(item: Data, total: int) -> Diagnostic:
    """Missing entries of an outcome that may be censored."""
    entries = "1 value is" if total == 1 else f"{total} values are"
    message = f"`{item.name}` is observed as `Censored`: {entries} missing, and left out of the likelihood"
    fix = "if these are the censored ones, write each as the bound that it was censored at"
    return Diagnostic("W0509", message, item.span, help=fix)


def few_digits(item: Data, which: str, mean: float, spread: float, left: int) -> Diagnostic:
    """Data far from 0 beside their spread, in single precision."""
    why = f"{which}mean {mean:.3g}, standard deviation {spread:.3g}"
    kept = f"{left or 'no'} digit{'' if left == 1 else 's'}"
    message = f"`precision = float32` leaves {kept} of how `{item.name}` varies: {why}"
    fix = f"write `precision = float64`, or subtract a constant such as {mean:.3g} in the data file"
    return Diagnostic("W0510", message, item.span, help=fix)


def dependent_column(item: Data, others: Sequence[str], intercept: str | None) -> Diagnostic:
    """A column of a linear predictor that is a sum of others, or a constant next to an intercept."""
    fix = "leave it out, or give the coefficients priors that hold them apart"
    if not others:
        message = f"`{item.name}` is the same in all rows: its coefficient and `{intercept}` are not told apart"
        return Diagnostic("W0502", message, item.span, help=fix)
    constant = f", beside the constant of `{intercept}`" if intercept else ""
    made = "a multiple of" if len(others) == 1 else "a sum of multiples of"
    message = f"`{item.name}` is {made} {quoted(others)}{constant}: their coefficients are not told apart"
    return Diagnostic("W0502", message, item.span, help=fix)


def collinear(item: Data, rank: int, columns: int) -> Diagnostic:
    """A design of less than full rank."""
    message = f"the {columns} columns of `{item.name}` are linearly dependent: only {rank} of them are free"
    return Diagnostic("W0502", message, item.span)
