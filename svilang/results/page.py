"""A fit as one HTML page that needs nothing else: verdict, figures, tables, the spec, and how it was made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from . import figures
from .fit import Fit
from .summary import Row

MOST_ROWS = 200
"""Of a table; the figure shows fewer."""

MOST_SHOWN = 40

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328 }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem } svg { width: 100%; height: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .15rem .8rem; text-align: right }
th:first-child, td:first-child { text-align: left } tr:nth-child(even) { background: #f6f8fa }
pre { background: #f6f8fa; padding: 1rem; overflow-x: auto } .poor { color: #a40e26; font-weight: 600 }
"""


def page(fit: Fit) -> str:
    """The page of a fit.

    Example:
        >>> import svilang
        >>> fit = svilang.compile("model { m ~ Normal(0, 1) }").bind().fit(progress="none")
        >>> page(fit).startswith("<!doctype html>")
        True
    """
    title = escape(f"{fit.spec} · guide {fit.guide}")
    head = f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>'
    return "\n".join([head, f"<style>{_STYLE}</style>\n</head>\n<body>", *_body(fit, title), "</body>\n</html>\n"])


def _body(fit: Fit, title: str) -> Iterator[str]:
    rows, params = fit.summary(), fit.parameters()
    yield f"<h1>{title}</h1>"
    yield from _checks(fit)
    if rows:
        yield "<h2>Posterior</h2>"
        yield figures.intervals(rows[:MOST_SHOWN])
        yield from _table(("", "mean", "sd", "5 %", "50 %", "95 %"), map(_cells, rows[:MOST_ROWS]))
        if len(rows) > MOST_ROWS:
            yield f"<p>… and {len(rows) - MOST_ROWS:,} more rows.</p>"
    if params:
        yield "<h2>Parameters</h2>"
        yield from _table(("", "value"), ((row.name, f"{row.value:.5g}") for row in params[:MOST_ROWS]))
    if len(fit.losses) > 1:
        yield "<h2>ELBO over the steps</h2>"
        yield figures.elbo(fit.losses)
    yield f"<h2>Spec</h2>\n<pre>{escape(fit.text)}</pre>"
    yield "<h2>How it was made</h2>"
    yield from _table(("", ""), _facts(fit))


def _checks(fit: Fit) -> Iterator[str]:
    verdict, khat = fit.verdict, "not a number" if math.isnan(fit.khat) else f"{fit.khat:.2f}"
    poor = "" if verdict.good else ' class="poor"'
    reading = f"{fit.reading}{': ' if fit.khat_advice else ''}{fit.khat_advice}"
    yield from _table(("", "", ""), [("ELBO", str(fit.elbo), verdict.advice), ("k-hat", khat, reading)])
    if poor:
        yield f"<p{poor}>These figures are not to be trusted: see the advice above.</p>"
    if fit.starts:
        yield f"<p>{len(fit.starts)} starts, ELBO {min(fit.starts):.2f} to {max(fit.starts):.2f}.</p>"
    if fit.warnings:
        listed = (f"<li><code>{one.code}</code> {escape(one.message)}</li>" for one in fit.warnings)
        yield "\n".join(["<h2>Warnings</h2>", "<ul>", *listed, "</ul>"])


def _facts(fit: Fit) -> Iterator[tuple[str, str]]:
    yield "dimensions", ", ".join(f"{name} {size:,}" for name, size in fit.dims.items()) or "none"
    yield "steps", f"{fit.steps:,}"
    yield "seconds", ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in fit.seconds.items())
    yield from ((name, str(value)) for name, value in fit.settings.items() if value is not None)
    yield "device", fit.device
    yield from fit.versions.items()
    yield from (("note", note) for note in fit.notes)


def _cells(row: Row) -> Sequence[str]:
    return (row.name, *(f"{value:.4g}" for value in (row.mean, row.sd, row.q05, row.q50, row.q95)))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "<table>"
    if any(heads):
        yield f"<tr>{''.join(f'<th>{escape(head)}</th>' for head in heads)}</tr>"
    yield from (f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>" for cells in rows)
    yield "</table>"
