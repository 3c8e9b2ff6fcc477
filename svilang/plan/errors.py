"""What cannot be summed out, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..catalog.distributions import DISTRIBUTIONS
from ..diagnostics import NOWHERE, Diagnostic, Note, Span, SvilangError
from ..ir import nodes as ir
from ..types import Dim, Dims


class Unsummable(SvilangError):
    """A site cannot be summed: ``sites`` are those that are to blame, the first most."""

    def __init__(self, diagnostic: Diagnostic, sites: Iterable[str]) -> None:
        super().__init__([diagnostic])
        self.sites = tuple(sites)


def _refused(code: str, message: str, span: Span, fix: str | None = None, sites: Iterable[str] = ()) -> Unsummable:
    return Unsummable(Diagnostic(code, message, span, help=fix), sites)


def _listed(names: Iterable[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def infinite(name: str, row: str, span: Span) -> SvilangError:
    """A discrete latent whose support cannot be listed."""
    of = name.removesuffix(".missing")
    what = f"`{name}`" if of == name else f"what is missing of `{of}`"
    message = f"{what} cannot be summed out: the values of {row} cannot be listed"
    fix = "use a distribution of one number with finitely many values, as Binomial"
    if row == "Delta":
        fix = "`ZeroInflated(…, gate)` is a distribution with a further zero"
    elif row in DISTRIBUTIONS and not DISTRIBUTIONS[row].event:
        fix = f"name the last value that matters: `Truncated({row}(…), upper=…)`"
    if of == name:
        fix += f", or draw `{name}` in the guide, from a distribution of its own"
    return _refused("E0620", message, span, fix, [name])


def unknown_support(name: str, span: Span) -> SvilangError:
    """A support whose ends are neither numbers nor data."""
    message = f"the support of `{name}` must end at a number or at data, so that it can be enumerated"
    return _refused("E0621", message, span, sites=[name])


def many_supports(name: str, span: Span) -> SvilangError:
    """Parts of a mixture whose ends are not the same, and of which it is not known which one is the last."""
    message = f"the parts of `{name}` end at different values, so that they cannot be listed together"
    fix = f"draw the part first, `part ~ Categorical(weights)`, and then `{name}` given the part"
    return _refused("E0621", message, span, fix, [name])


def outside_plate(name: str, plate: str, span: Span) -> SvilangError:
    """An enumerated site is used across the members of its plate."""
    message = f"`{name}` is summed out within `plate {plate}`, and here all its members are used at once"
    fix = (
        f"the sum over all combinations grows exponentially: give `{name}` a distribution in the guide, use it "
        "inside its plate or by an index, or draw one variable that counts the combinations"
    )
    return _refused("E0622", message, span, fix, [name])


def two_members(name: str, span: Span) -> SvilangError:
    """A term reads two members of an enumerated site."""
    message = f"two members of `{name}` meet in one term, so that they cannot be summed out one by one"
    return _refused("E0623", message, span, f"give `{name}` a distribution in the guide", [name])


def coupled(met: Iterable[tuple[str, Sequence[Dim]]], span: Span = NOWHERE) -> SvilangError:
    """Enumerated sites of crossing plates meet.

    Args:
        met: the sites, and the plates in which each stands.
        span: of the term in which they meet.
    """
    met = list(met)
    listed = ", ".join(f"`{name}` ({_each(plates)})" for name, plates in met[:-1])
    listed += f" and `{met[-1][0]}` ({_each(met[-1][1])})"
    message = f"{listed} meet in plates that cross: to sum one out ties all members of the other to each other"
    fix = (
        "the table of the sum grows exponentially with a plate; draw one of them from a distribution in the guide, or "
        "let it be continuous"
    )
    return _refused("E0624", message, span, fix, [name for name, _ in met])


def _each(plates: Sequence[Dim]) -> str:
    return "for each " + " and ".join(f"`{plate}`" for plate in plates) if plates else "one for all"


def too_wide(met: Sequence[tuple[str, int | None]], entries: int, most: int, span: Span) -> SvilangError:
    """A sum over so many combinations of values that no memory holds them.

    Args:
        met: the sites that meet in the table, with the number of values of each.
        entries: of the table.
        most: entries that a table may have.
        span: of the term.
    """
    count = f"{entries:,}" if entries < 10**15 else "more than 10^15"
    names = [f"`{name}`" + (f" ({size:,} values)" if size is not None else "") for name, size in met]
    listed = ", ".join(names[:4]) + (f" and {len(names) - 4} others" if len(names) > 4 else "")
    message = f"summing out {listed} takes a table of {count} entries: {most:,} are the most"
    wide = f"{len(met)} variables meet in it: " if len(met) > 1 else ""
    fix = f"{wide}the table has an entry for each combination of values and each member of the plates"
    return SvilangError([Diagnostic("E0625", message, span, help=fix)])


def not_yet(what: str, name: str, span: Span) -> SvilangError:
    """Something that the language has and this version cannot run."""
    return _refused("E0690", f"this version cannot run {what} yet: `{name}`", span)


def reads_discrete(what: str, name: str, span: Span) -> SvilangError:
    """Something that needs a value of a site that has none."""
    return not_yet(f"{what} that reads a summed-out site", name, span)


# --- guides ----------------------------------------------------------------------------------------------------------


def more_global(guide: str, model: Sequence[str], plates: Iterable[Dim]) -> SvilangError:
    """A site that the model sums out ties members of a guide site together: why the guide site is drawn instead."""
    where = ", ".join(f"`{dim}`" for dim in sorted(plates)) or "no plate"
    ties = "ties" if len(model) == 1 else "tie"
    message = f"{_listed(model)}, summed out over {where}, {ties} its members together"
    return _refused("W0610", message, NOWHERE, sites=[guide])


def reached_by_index(name: str, read: Iterable[str], span: Span) -> SvilangError:
    """An enumerated guide site reads another one through an index: why it is drawn instead."""
    message = f"it reads {_listed(read)} through an index"
    return _refused("W0610", message, span, sites=[name])


def no_pathwise(site: ir.Site) -> str:
    """Why a distribution is neither summed nor differentiated through."""
    row = site.law.row
    what = "has no end" if site.kind.discrete else "has no draw that can be differentiated"
    return f"the distribution {row.name} {what}"


def scored(site: ir.Site, reason: str) -> Diagnostic:
    """A site whose gradient is a score function, for want of something better."""
    message = f"the gradient through `{site.name}` is a score function, which is noisy: {reason}"
    fix = f"write `score {site.name}` in the guide to say that it is meant"
    return Diagnostic("W0610", message, site.span, help=fix)


def no_randomness(name: str, span: Span) -> SvilangError:
    """A formula for a latent that reads no ``aux`` variable."""
    message = f"the formula of `{name}` has no `aux` variable, so that `{name}` has no density in the guide"
    return _refused("E0614", message, span, f"draw it, `{name} ~ …`, or take the family `delta` for a point")


def no_change_from(name: str, *, discrete: bool, span: Span) -> SvilangError:
    """An ``aux`` variable that no formula can take the density of."""
    if discrete:
        message = f"`aux {name}` is discrete, and a formula needs a continuous variable"
        return _refused("E0614", message, span, "write a `Mixture`, whose branches are summed exactly")
    return _refused("E0614", f"`aux {name}` is no real number, and a formula needs real numbers", span)


def no_part(name: str, span: Span) -> SvilangError:
    """An ``aux`` variable that no formula reads."""
    message = f"`aux {name}` is part of no formula of a latent variable, so the density of what reads it is unknown"
    return _refused("E0614", message, span, "make a latent from it, `x = …`, or draw that from a `Mixture`")


def not_square(
    made: Sequence[str], used: Sequence[str], rows: str, columns: str, plates: Dims, span: Span
) -> SvilangError:
    """A change of variables with more numbers on one side."""
    where = f" for each {' and '.join(f'`{dim}`' for dim in plates)}" if plates else ""
    made_hold, used_hold = ("holds" if len(names) == 1 else "hold" for names in (made, used))
    values = "value" if rows == "1" else "values"
    sides = f"{_listed(made)} {made_hold} {rows} {values} and {_listed(used)} {used_hold} {columns}{where}"
    message = f"{sides}: there must be as many on both sides of a change of variables"
    return _refused("E0615", message, span)


def perhaps_many_to_one(names: Sequence[str], span: Span) -> Diagnostic:
    """A change of variables that may give one value from several."""
    message = f"the formula of {_listed(names)} may give one value from several of its `aux` variables"
    fix = "its density is right only if it is one to one, as sums, multiples and monotone functions are"
    return Diagnostic("W0611", message, span, help=fix)


# --- minibatches -----------------------------------------------------------------------------------------------------


_BATCHES = "in minibatches a step sees only some members of `{}`"


def no_plate(dim: str, span: Span) -> Diagnostic:
    """A minibatch of a dimension that is no plate."""
    message = f"`{dim}` cannot be read in minibatches: nothing is observed or drawn for each member of it"
    return Diagnostic("E0630", message, span, help=f"write `plate {dim} {{ … }}` around the observations")


def all_members(dim: str, span: Span) -> Diagnostic:
    """A value that is made from many members of a minibatched dimension."""
    message = f"{_BATCHES.format(dim)}, and this takes members outside the step too"
    fix = f"inside `plate {dim}` use each member by itself, or drop `minibatch[{dim}]`"
    return Diagnostic("E0630", message, span, help=fix)


def pairs_of_members(dim: str, span: Span) -> Diagnostic:
    """A table of pairs of members of a minibatched dimension."""
    message = f"{_BATCHES.format(dim)}, and this is a table of all pairs of them"
    return Diagnostic("E0630", message, span)


def one_value(dim: str, name: str, span: Span) -> Diagnostic:
    """A term that is one for all members of a minibatched dimension."""
    message = f"{_BATCHES.format(dim)}, and `{name}` is one value over all of them"
    return Diagnostic("E0630", message, span, help=f"only a sum over the members of `plate {dim}` can be estimated so")


def batched_chain(dim: str, name: str, span: Span) -> Diagnostic:
    """A chain along a minibatched dimension."""
    message = f"{_BATCHES.format(dim)}, and `{name}` is a chain along it: each step needs the one before"
    return Diagnostic("E0630", message, span, help="several chains may be read in minibatches, a chain itself not")


def summed_out_around(dim: str, name: str, term: str, span: Span) -> Diagnostic:
    """A summed-out site outside a minibatched plate, read inside."""
    message = (
        f"`{name}` is summed out over all members of `{dim}` together, since it stands outside the plate and `{term}` "
        "reads it inside: the sum cannot be estimated from some members without bias"
    )
    return Diagnostic("E0631", message, span, help=f"drop `minibatch[{dim}]`")


def tied_by_family(dim: str, site: str, family: str, alone: Sequence[str], span: Span) -> Diagnostic:
    """A family that ties the members of a minibatched plate to each other."""
    message = f"{_BATCHES.format(dim)}, and `{family}` ties the members of `{site}` to each other"
    fix = f"cover `{site}` by {' or '.join(f'`{name}`' for name in alone)}, or write its guide in a plate"
    return Diagnostic("E0632", message, span, help=fix)


def moved_along_some(dim: str, site: str, family: str, span: Span) -> Diagnostic:
    """A family whose draws follow the log density, for what the members of a minibatched plate share."""
    message = f"{_BATCHES.format(dim)}, and `{family}` moves `{site}` along the log density of all of them"
    fix = f"cover `{site}` by a family without moves, as `full_rank`, or by `surrogate_dais`, which follows a few rows"
    return Diagnostic("E0632", message, span, help=fix)


def annealed_in_a_sum(site: str, summed: str, span: Span) -> Diagnostic:
    """A prior that stands inside a sum over a discrete variable, under an objective that gives it a weight."""
    message = f"the prior of `{site}` stands inside the sum over `{summed}`, where it can have no weight of its own"
    return Diagnostic("E0634", message, span, help=f"draw `{summed}` in the guide, or use `elbo` without `anneal`")


def not_apart(dim: str, objective: str, name: str, span: Span) -> Diagnostic:
    """A latent for all members of a minibatched plate, under a bound that must be taken for each of them by itself."""
    message = (
        f"`{objective}` is estimated from some members of `{dim}` as a sum of bounds, one for each member, and "
        f"`{name}` is one variable for all of them: minibatches would bias it"
    )
    return Diagnostic("E0633", message, span, help=f"use `objective = elbo`, or drop `minibatch[{dim}]`")


# --- rows that stand for all -----------------------------------------------------------------------------------------


def no_row_plate(family: str, span: Span) -> Diagnostic:
    """A family that follows some rows, in a model without a plate of observations."""
    message = f"`{family}` follows some rows of a plate of observations, and no observation stands in a plate"
    return Diagnostic("E0635", message, span, help="use `dais`, which follows the whole density")


def many_row_plates(family: str, plates: Sequence[str], span: Span) -> Diagnostic:
    """The same where several plates would do."""
    message = f"`{family}` follows some rows of one plate, and observations stand in {_listed(plates)}"
    return Diagnostic("E0635", message, span, help=f"name one: `{family}(dim={plates[0]})`; others are followed whole")


def no_rows(family: str, dim: str, span: Span) -> Diagnostic:
    """A plate without observations."""
    message = f"`{family}` follows some rows of a plate of observations, and nothing is observed for each `{dim}`"
    return Diagnostic("E0635", message, span)


def row_of_its_own(family: str, dim: str, one: ir.Site | ir.Param, span: Span) -> Diagnostic:
    """A latent or a parameter with a value for each row, of which only some are seen."""
    message = f"`{family}` sees some members of `{dim}`, and `{one.name}` has a value of its own for each of them"
    fix = "use `dais`, which follows them all"
    if isinstance(one, ir.Site):
        fix = f"`semi_dais` moves the members of a plate: `{one.name} ~ semi_dais`, and `full_rank` for the rest"
    return Diagnostic("E0635", message, span, (Note("it is declared here", one.span),), fix)


def some_by_batches(family: str, dim: str, one: ir.Site | ir.Param, span: Span) -> Diagnostic:
    """A latent or a parameter of which a step sees some values only, and a path would read all."""
    message = f"`{family}` reads all values of `{one.name}`, and `minibatch[{dim}]` shows a step some of them"
    return Diagnostic("E0635", message, span, (Note("it is declared here", one.span),), f"drop `minibatch[{dim}]`")


def rows_together(family: str, dim: str, span: Span, where: Span) -> Diagnostic:
    """A plate whose members meet."""
    message = f"`{family}` follows some members of `{dim}` in the place of all, and the model takes several together"
    return Diagnostic("E0635", message, span, (Note("members meet here", where),), "use `dais`, which follows them all")
