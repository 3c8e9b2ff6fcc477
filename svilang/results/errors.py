"""Messages about files of specs and fits, and their pages."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Sequence

from ..diagnostics import Diagnostic, Source, Span, SvilangError, did_you_mean
from ..diagnostics.page import Page

Path = str | os.PathLike[str]


def no_file(path: Path, similar: Iterable[str] = ()) -> SvilangError:
    """A name leads to no file."""
    help_line = did_you_mean(str(path), similar)
    if _shown(path) == "-":
        help_line = "what is piped is not read: save it to a file"
    return SvilangError([Diagnostic("E0751", f"there is no file `{_shown(path)}`", help=help_line)])


def unreadable(path: Path, why: str) -> SvilangError:
    """The operating system refuses to read a file."""
    return SvilangError([Diagnostic("E0752", f"`{_shown(path)}` cannot be read: {why}")])


def not_text(path: Path, offset: int) -> SvilangError:
    """A spec is not UTF-8; ``offset`` is the first byte that is not."""
    return SvilangError(
        [
            Diagnostic(
                "E0752",
                f"`{_shown(path)}` cannot be read: it is not UTF-8 text (byte {offset + 1:,})",
                help="save it as UTF-8, or check that it is a spec",
            )
        ]
    )


def unwritable(path: Path, error: OSError) -> SvilangError:
    """The operating system refuses to write a file."""
    if not (folder := pathlib.Path(path).parent).exists():
        return no_directory(path, folder)
    return SvilangError([Diagnostic("E0753", f"`{_shown(path)}` cannot be written: {reason(error)}")])


def no_directory(path: Path, directory: Path) -> SvilangError:
    """A file would stand in a directory that is not there."""
    message = f"`{_shown(path)}` cannot be written: there is no directory `{_shown(directory)}`"
    return SvilangError([Diagnostic("E0753", message, help=f"mkdir -p {_shown(directory)}")])


def exists(path: Path) -> SvilangError:
    """A file would be overwritten."""
    return SvilangError([Diagnostic("E0754", f"`{_shown(path)}` exists already", help="choose another name")])


def would_be_lost(path: Path) -> SvilangError:
    """A file that is none of what would be written in its place."""
    message = f"`{_shown(path)}` is a file of something else, which would be lost"
    return SvilangError([Diagnostic("E0754", message, help="choose another name, or remove it first")])


def not_a_fit(path: Path) -> SvilangError:
    """A file holds something else."""
    return SvilangError(
        [
            Diagnostic(
                "E0755",
                f"`{_shown(path)}` is not a fit saved by svilang",
                help="`svilang run SPEC --out fit.nc` and `fit.save(…)` write such files",
            )
        ]
    )


def damaged(path: Path) -> SvilangError:
    """A file of a fit that is not whole."""
    fix = "copy it again from where it was saved, or fit anew"
    return SvilangError([Diagnostic("E0755", f"`{_shown(path)}` is damaged or cut short", help=fix)])


def too_few_draws(asked: int, held: int) -> SvilangError:
    """More draws are asked for than a file holds."""
    return SvilangError(
        [
            Diagnostic(
                "E0756",
                f"{asked} draws are asked for, but the file holds {held}",
                help="ask for fewer, or fit again: a new fit can be drawn from without end",
            )
        ]
    )


def no_model(what: str) -> SvilangError:
    """Something that only the model can say is asked of a fit that holds draws alone."""
    return SvilangError(
        [
            Diagnostic(
                "E0759",
                f"{what} need the model, and this fit holds only its draws",
                help='`svilang.load_fit("fit.nc")` reads a fit together with its model',
            )
        ]
    )


def not_carried(name: str, why: str, span: Span) -> Diagnostic:
    """Draws of a fit that do not fit the members of new data."""
    message = f"`{name}` cannot be carried over to the new data: {why}"
    return Diagnostic("E0760", message, span, help="predict for members of the fit, or fit again with the new data")


def other_size(dim: str, size: int, given: int, latents: Sequence[str], span: Span) -> Diagnostic:
    """Columns of new data that are not as many as the fit has coefficients."""
    message = f"`{dim}` has {size:,} members in the fit and {given:,} in the new data"
    return _other_columns(dim, message, latents, span)


def other_columns(
    dim: str, lacking: Sequence[str], strange: Sequence[str], latents: Sequence[str], span: Span
) -> Diagnostic:
    """Columns of new data with other names than those of the fit."""
    parts = [(lacking, "the new data lack {} of `{}`"), (strange, "the fit lacks {} of `{}`")]
    said = [text.format(_some(labels), dim) for labels, text in parts if labels]
    return _other_columns(dim, ", and ".join(said), latents, span)


def _some(labels: Sequence[str]) -> str:
    shown = ", ".join(f"`{label}`" for label in labels[:5])
    return shown if len(labels) <= 5 else f"{shown} and {len(labels) - 5:,} more"


def _other_columns(dim: str, message: str, latents: Sequence[str], span: Span) -> Diagnostic:
    names = " and ".join(f"`{name}`" for name in latents)
    fix = f"give the columns of the fit; `new=[\"{dim}\"]` (`--new {dim}`) draws {names} anew, as before the fit"
    return Diagnostic("E0760", f"{message}, and each member has its own {names}", span, help=fix)


def no_prior(sites: Sequence[tuple[str, Span]], source: Source | None = None) -> SvilangError:
    """Latents whose distribution cannot be drawn from."""
    fix = "give it a distribution that can be drawn from, such as Normal"
    why = "its distribution cannot be drawn from"
    found = [Diagnostic("E0761", f"`{name}` has no prior draws: {why}", span, help=fix) for name, span in sites]
    return SvilangError(found, source)


def no_simulation(observations: Sequence[tuple[str, Span]]) -> SvilangError:
    """Observations that cannot be drawn as data."""
    why = "only data observed as they are, from a distribution that can be drawn from, can be simulated"
    fix = "observe the data item itself, as in `observe y ~ LogNormal(…)` for `observe log(y) ~ Normal(…)`"
    return SvilangError(
        [Diagnostic("E0762", f"`{name}` cannot be simulated: {why}", span, help=fix) for name, span in observations]
    )


def no_simulation_of_gaps(items: Sequence[tuple[str, Span]]) -> SvilangError:
    """Covariates with missing entries, beside which nothing can be drawn."""
    why = "it is not observed, so nothing says what stands in its missing entries"
    fix = "give it without gaps, or leave it out, to have all of it drawn"
    return SvilangError(
        [Diagnostic("E0762", f"`{name}` cannot be simulated: {why}", span, help=fix) for name, span in items]
    )


def no_pointwise(names: Sequence[str]) -> SvilangError:
    """Observations whose likelihood is no product over rows."""
    listed = ", ".join(f"`{name}`" for name in names)
    message = f"{listed} cannot be left out row by row: summed-out sites tie the rows together"
    return SvilangError([Diagnostic("E0763", message, help="compare such models by their ELBO")])


def not_all_of_the_likelihood(names: Sequence[str]) -> SvilangError:
    """Observations of which a factor reads the data too."""
    listed = ", ".join(f"`{name}`" for name in names)
    message = f"{listed} cannot be left out row by row: a `factor` reads the same data"
    return SvilangError([Diagnostic("E0763", message, help="compare such models by their ELBO")])


def nothing_observed() -> SvilangError:
    """A fit of a model without observations, of which none can be left out."""
    message = "nothing is observed, so that nothing can be left out: a `factor` is no observation"
    return SvilangError([Diagnostic("E0763", message, help="write the likelihood as `observe y ~ D(…)`")])


def no_such_site(name: str, known: Iterable[str]) -> SvilangError:
    """A latent or report that a fit does not have."""
    listed = list(known)
    fix = did_you_mean(name, listed) or f"there are {', '.join(f'`{one}`' for one in listed) or 'none'}"
    return SvilangError([Diagnostic("E0764", f"the fit has no draws of `{name}`", help=fix)])


def no_xarray() -> SvilangError:
    """A package of an extra is missing."""
    return SvilangError(
        [
            Diagnostic(
                "E0757",
                "the posterior as an ArviZ tree needs the package `xarray`, which is not installed",
                help='`pip install "svilang[viz]"`; the draws as plain arrays are in `fit.draws` without it',
            )
        ]
    )


def no_code(code: str, known: Iterable[str]) -> SvilangError:
    """A code that no table knows."""
    help_line = did_you_mean(code.upper(), known) or "the code stands in brackets in a message, as in error[E0207]"
    return SvilangError([Diagnostic("E0758", f"there is no code `{code}`", help=help_line)])


def reason(error: OSError) -> str:
    """What the operating system says, as the end of a sentence."""
    return (error.strerror or str(error)).lower()


def _shown(path: Path) -> str:
    return os.fspath(path)


PAGES: dict[str, Page] = {
    "E0751": Page(
        "A file is not there",
        "The name of a spec or of a saved fit leads to no file. Names are relative to the directory you are in.",
        "svilang run schools.sv",
        "svilang run schools.svi",
    ),
    "E0752": Page(
        "A file cannot be read",
        "The file is there, but it is a directory, you may not read it, or it is not text in UTF-8.",
        "svilang check fit.nc",
        "svilang summary fit.nc",
    ),
    "E0753": Page(
        "A file cannot be written",
        "The directory is not there, you may not write in it, or the disk is full. Nothing was changed.",
        "svilang run schools.svi --out results/fit.nc     # and no directory results",
        "mkdir results",
    ),
    "E0754": Page(
        "A file exists already",
        "`svilang new` never overwrites a file, and no other command one of another sort than it writes.",
        "svilang new schools     # and schools.svi is there",
        "svilang new schools_2",
    ),
    "E0755": Page(
        "A file is no saved fit, or a damaged one",
        "`summary` and `load_fit` read the netCDF files that svilang writes; other netCDF files lack the group `fit`. "
        "Each array has a checksum, so that a file of which a part was lost or changed on the way is not read.",
        "svilang summary schools.svi",
        "svilang run schools.svi --out fit.nc && svilang summary fit.nc",
    ),
    "E0756": Page(
        "A file holds fewer draws than are asked for",
        "A saved fit holds a fixed number of draws and not the guide itself.",
        'svilang.load_fit("fit.nc").posterior(draws=100_000)',
        'svilang.load_fit("fit.nc").posterior(draws=2_000)',
    ),
    "E0757": Page(
        "xarray is not installed",
        "`fit.posterior()` gives an ArviZ tree, which is an xarray object; the core of svilang does without it.",
        "fit.posterior()",
        'pip install "svilang[viz]"',
    ),
    "E0759": Page(
        "A fit without its model",
        "Predictions and draws of discrete sites are made by the model. A fit keeps its spec and its data, and\n"
        "`svilang.load_fit` builds the model again; where the data were too many to be kept, only the draws are left.",
        'svilang.results.load("fit.nc").predict()',
        'svilang.load_fit("fit.nc").predict()',
    ),
    "E0760": Page(
        "A latent cannot be carried over to new data",
        "Predictions for new data keep what was fitted for members that the new data share with the fit, and draw\n"
        "the latents of new members from the model. That takes a distribution that can be drawn from, member by\n"
        "member or one after the other: a Gaussian process, a walk or a Normal vector goes on from the values of the\n"
        "fit, and a chain after its last step. Other laws over all members at once (as Dirichlet) cannot be extended,\n"
        "and a `param` has a value for the members that were fitted only. Where laws sum latents with data over a\n"
        "dimension, as `X @ beta` over the columns of a design, the new data have the columns of the fit.",
        "model {\n  plate county { param a: real }\n  plate obs { observe y ~ Normal(a[county], 1) }\n}",
        "model {\n  plate county { a ~ Normal(0, 1) }\n  plate obs { observe y ~ Normal(a[county], 1) }\n}",
    ),
    "E0761": Page(
        "A latent without prior draws",
        "Draws from the prior and simulated data take a distribution that can be drawn from for every latent.\n"
        "`Improper` is none, and neither is one narrowed by a type where the mass outside is not known.",
        "model { a ~ Improper(real) }",
        "model { a ~ Normal(0, 10) }",
    ),
    "E0762": Page(
        "Data that cannot be simulated",
        "`svilang simulate` draws each data item from the distribution it is observed as. Where an expression is\n"
        "observed, the data behind it are not determined.",
        "model {\n  plate n { observe log(y) ~ Normal(0, 1) }\n}",
        "model {\n  plate n { observe y ~ LogNormal(0, 1) }\n}",
    ),
    "E0764": Page(
        "A variable of which a fit has no draws",
        "A fit has draws of the latent variables and reports of its spec. Data and parameters are not among them.",
        'fit.covariance(["sigm"])',
        'fit.covariance(["sigma"])',
    ),
    "E0763": Page(
        "A likelihood that does not come apart",
        "Leave-one-out takes the likelihood of each row given the continuous latents. With summed-out sites that is a\n"
        "sum over their values, which has to be a product over some plate: a site for each row is fine, a chain over\n"
        "all rows is not. A likelihood that is written as a `factor`, or in part, has no rows that could be left out.",
        "model { markov t { z ~ Bernoulli(0.5) then Bernoulli(0.9)   observe y ~ Normal(z, 1) } }",
        "model { plate t { z ~ Bernoulli(0.5)   observe y ~ Normal(z, 1) } }",
    ),
    "E0758": Page(
        "There is no such code",
        "Codes are a letter, E for errors and W for warnings, and four digits.",
        "svilang explain 207",
        "svilang explain E0207",
    ),
}
