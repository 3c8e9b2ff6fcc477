"""``svilang compare``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import console
from .options import File

if TYPE_CHECKING:
    from ..results import Fit
    from ..results.loo import Loo


@click.command("compare")
@click.argument("paths", metavar="FIT FIT…", nargs=-1, required=True, type=File())
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def command(paths: tuple[Path, ...], as_json: bool) -> None:
    """Put saved fits side by side: ELBO, k-hat, and how well each predicts observations that it has not seen.

    elpd is the expected log predictive density (PSIS-LOO), larger is better; the last column is the difference to the
    best, with its standard error.
    """
    from .. import api
    from . import report

    fits = [api.load_fit(path) for path in paths]
    loos = [_loo(path, fit) for path, fit in zip(paths, fits, strict=True)]
    same = all(_same_data(fits[0], fit) for fit in fits[1:])
    if not same:
        console.notice("note: the fits condition on different data, so that neither ELBO nor elpd can be compared")
    rows = _rows(paths, fits, loos, same)
    if as_json:
        console.result(json.dumps(rows, ensure_ascii=False))
    else:
        heads = ("", "ELBO", "k-hat", "elpd", "se", "unsure", "difference", "se")
        cells = [tuple("" if value is None else report.number(value) for value in row.values()) for row in rows]
        console.result(report.table(heads, cells, console.colourful(sys.stdout), console.width()))
        unsure = [loo for loo in loos if loo is not None and loo.bad]
        if unsure:
            console.notice("note: `unsure` counts observations whose estimate is not to be trusted (k-hat from 0.7)")


def _rows(paths: tuple[Path, ...], fits: list[Fit], loos: list[Loo | None], same: bool) -> list[dict[str, Any]]:
    from ..results.loo import difference

    known = [loo for loo in loos if loo is not None]
    best = max(known, key=lambda loo: loo.elpd) if known else None
    rows: list[dict[str, Any]] = []
    for path, fit, loo in zip(paths, fits, loos, strict=True):
        gap, se = difference(best, loo) if same and loo is not None and best is not None else (None, None)
        elpd, error, bad = (None, None, None) if loo is None else (loo.elpd, loo.se, loo.bad)
        row = {"fit": str(path), "elbo": fit.elbo.value, "khat": fit.khat, "elpd": elpd, "elpd_se": error}
        rows.append({**row, "unsure": bad, "difference": gap, "difference_se": se})
    return rows


def _loo(path: Path, fit: Fit) -> Loo | None:
    from ..diagnostics import SvilangError

    try:
        return fit.loo
    except SvilangError as error:
        console.notice(f"note: {path} has no elpd: {error.diagnostics[0].message}")
        return None


def _same_data(first: Fit, second: Fit) -> bool:
    from ..lazy import np

    if set(first.data) != set(second.data):
        return False
    return all(np.array_equal(one.values, second.data[name].values, equal_nan=True) for name, one in first.data.items())
