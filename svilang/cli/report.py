"""A fit as text for people and as one object for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..results import Fit, ParamRow, Row
from ..runtime.signal import Motion

MOST_ROWS = 20
LOWEST_KHAT = -10.0
"""What stands in JSON for a smaller k-hat: the draws' importance ratios are all equal, up to rounding."""
COLUMNS = ("", "mean", "sd", "5 %", "50 %", "95 %")


def text(fit: Fit, *, everything: bool = False, rich: bool = False, width: int = 100) -> str:
    """Header, diagnostics and the posterior table."""
    rows, params = fit.summary(), fit.parameters()
    parts = [_header(fit), _diagnostics(fit)]
    if rows:
        parts.append(posterior(rows, everything, rich, width))
    if params:
        few = params if everything else params[:MOST_ROWS]
        parts.append(table(("parameter", "value"), [(row.name, _number(row.value)) for row in few], rich, width))
        if len(few) < len(params):
            parts.append(f"… and {len(params) - len(few):,} more parameters: --all shows them")
    if fit.nets:
        parts.append("\n".join(f"net {name}: {count:,} parameters" for name, count in fit.nets.items()))
    return "\n\n".join(parts)


def posterior(rows: Sequence[Row], everything: bool, rich: bool, width: int) -> str:
    """A table of rows, the first of them unless all are wanted."""
    shown = rows if everything else rows[:MOST_ROWS]
    found = table(COLUMNS, [_cells(row) for row in shown], rich, width)
    hidden = len(rows) - len(shown)
    return f"{found}\n\n… and {hidden:,} more rows: --all shows them" if hidden else found


def record(fit: Fit, data: Mapping[str, str] | None = None) -> str:
    """The same as one JSON object; a number that is not finite is ``null``."""
    return json.dumps(
        {
            "spec": fit.spec,
            "data": dict(data or {}),
            "dims": dict(fit.dims),
            "seed": fit.seed,
            "steps": fit.steps,
            "elbo": {"value": _finite(fit.elbo.value), "se": _finite(fit.elbo.se)},
            "khat": _finite(max(fit.khat, LOWEST_KHAT)),
            "gradient": {
                "signal_to_noise": _finite(fit.signal.ratio),
                "gain": _finite(fit.signal.gain),
                "reading": str(fit.signal.motion),
            },
            "starts": [_finite(one) for one in fit.starts],
            "status": fit.verdict.status,
            "seconds": {stage: round(seconds, 4) for stage, seconds in fit.seconds.items()},
            "posterior": [row_record(row) for row in fit.summary()],
            "params": [_param_record(row) for row in fit.parameters()],
            "nets": fit.nets,
            "warnings": [{"code": warning.code, "message": warning.message} for warning in fit.warnings],
        },
        ensure_ascii=False,
        allow_nan=False,
    )


def _header(fit: Fit) -> str:
    sizes = ", ".join(f"{name} {size:,}" for name, size in fit.dims.items())
    facts = [f"guide {fit.guide}", *([sizes] if sizes else []), fit.device, f"seed {fit.seed}"]
    seconds = fit.seconds.get("fit", 0.0)
    rate = f", {fit.steps / seconds:,.0f} steps/s" if seconds > 0 and fit.steps else ""
    spent = " + ".join(f"{stage} {seconds:.2f} s" for stage, seconds in fit.seconds.items())
    return f"{fit.spec}: {' · '.join(facts)}\n{fit.steps:,} steps ({spent}{rate})"


def _diagnostics(fit: Fit) -> str:
    reading = f"{fit.reading}{': ' if fit.khat_advice else ''}{fit.khat_advice}"
    lines = [f"ELBO   {fit.elbo}   {fit.verdict.advice}", f"k-hat  {_decimals(fit.khat, 2)}   {reading}"]
    lines += [_gradient(fit)] if fit.signal.motion is not Motion.UNKNOWN else []
    return "\n".join([*lines, *([_starts(fit)] if fit.starts else [])])


def _gradient(fit: Fit) -> str:
    """How far the gradient at the end stands out from its noise."""
    ratio = "∞" if math.isinf(fit.signal.ratio) else _decimals(fit.signal.ratio, 2)
    return f"gradient signal-to-noise {ratio}   {fit.signal.motion}: {fit.signal.motion.advice}"


def _starts(fit: Fit) -> str:
    """How far apart several starts ended, and how many found what the best one did."""
    ended = [one for one in fit.starts if math.isfinite(one)]
    best, worst = max(ended, default=math.nan), min(ended, default=math.nan)
    same, lost = sum(best - one < 1 for one in ended), len(fit.starts) - len(ended)
    failed = f", {lost} not finite" if lost else ""
    return f"starts {len(fit.starts)}, ELBO {worst:.2f} to {best:.2f}: {same} within 1 nat of the best{failed}"


def _cells(row: Row) -> tuple[str, ...]:
    places = _places(row.sd)
    return (row.name, *(_decimals(value, places) for value in (row.mean, row.sd, row.q05, row.q50, row.q95)))


def _places(sd: float) -> int | None:
    """Decimals that show three digits of the standard deviation; ``None`` where that is unreadable."""
    if not math.isfinite(sd) or sd == 0:
        return None
    places = 2 - math.floor(math.log10(sd))
    return None if places > 7 or places < -4 else max(places, 0)


def _decimals(value: float, places: int | None) -> str:
    return _number(value) if places is None or abs(value) >= 1e9 else f"{value:z.{places}f}"


def number(value: float | str) -> str:
    """Five digits of a number; text as it is."""
    return value if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    return f"{value:.5g}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], rich: bool, width: int) -> str:
    """Rows of cells, the first column to the left."""
    return _rich_table(heads, rows, width) if rich else _plain_table(heads, rows)


def _plain_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    lines = [
        "  ".join([cells[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(cells[1:], widths[1:], strict=True))])
        for cells in (heads, *rows)
    ]
    return "\n".join(line.rstrip() for line in lines)


def _rich_table(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(heads[0], overflow="fold")
    for head in heads[1:]:
        table.add_column(head, justify="right", no_wrap=True)
    for cells in rows:
        table.add_row(Text(cells[0], style="bold"), *cells[1:])
    console = Console(width=width, force_terminal=True)
    with console.capture() as captured:
        console.print(table)
    return captured.get().strip("\n")


def row_record(row: Row) -> dict[str, Any]:
    """One row for programs."""
    figures = {"mean": row.mean, "sd": row.sd, "q05": row.q05, "q50": row.q50, "q95": row.q95}
    return {"site": row.site, "index": dict(row.index)} | {name: _finite(value) for name, value in figures.items()}


def _param_record(row: ParamRow) -> dict[str, Any]:
    return {"site": row.site, "index": dict(row.index), "value": _finite(row.value)}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
