"""Figures as SVG, written without a plotting package: the ELBO over the steps, and intervals of the posterior."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from ..lazy import np
from .summary import Row

if TYPE_CHECKING:
    import numpy

WIDTH, LEFT, RIGHT = 720, 170, 24
"""Of a figure, in pixels, and what its margins take of it."""

_LINE = 22
_HEIGHT = 240
_BELOW = 34
_POINTS = 400
_INK, _FAINT = "#1f4e79", "#d0d7de"


def elbo(losses: numpy.ndarray) -> str:
    """The ELBO over the steps: each point is the median of some steps, the first of which may lie far below."""
    values = -np.asarray(losses, float)
    if not len(values):
        return ""
    pieces = np.array_split(values, min(len(values), _POINTS))
    middles = np.array([_median(piece) for piece in pieces])
    steps = np.cumsum([len(piece) for piece in pieces])
    kept = np.isfinite(middles)
    if kept.sum() < 2:
        return ""
    middles, steps = middles[kept], steps[kept]
    low, high = float(np.quantile(middles, 0.05)), float(middles.max())
    pad = 0.05 * (high - low) or 1.0
    y = _Axis(low - pad, high + pad, _HEIGHT - _BELOW, 10)
    x = _Axis(0.0, float(steps[-1]), LEFT, WIDTH - RIGHT)
    points = " ".join(f"{x.at(a):.1f},{y.at(max(b, low - pad)):.1f}" for a, b in zip(steps, middles, strict=True))
    line = f'<polyline points="{points}" fill="none" stroke="{_INK}" stroke-width="1.5"/>'
    return _svg(_HEIGHT, "ELBO over the steps", [*_below(x, _HEIGHT), *_beside(y), line])


def _median(values: numpy.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else math.nan


def intervals(rows: Sequence[Row]) -> str:
    """Medians and intervals from 5 % to 95 %, one line for each row, on a common axis."""
    shown = [row for row in rows if all(map(math.isfinite, (row.q05, row.q50, row.q95)))]
    if not shown:
        return ""
    low, high = min(row.q05 for row in shown), max(row.q95 for row in shown)
    pad = 0.05 * (high - low) or 1.0
    x = _Axis(low - pad, high + pad, LEFT, WIDTH - RIGHT)
    height = 10 + _LINE * len(shown) + _BELOW
    body = list(_below(x, height))
    for i, row in enumerate(shown):
        y = 10 + _LINE * (i + 0.5)
        name = row.name if len(row.name) <= 24 else f"{row.name[:23]}…"
        body.append(f'<text x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{escape(name)}</text>')
        body.append(_stroke(x.at(row.q05), y, x.at(row.q95), y, _INK, 2))
        body.append(f'<circle cx="{x.at(row.q50):.1f}" cy="{y:.1f}" r="4" fill="{_INK}"/>')
    return _svg(height, "Posterior medians and intervals", body)


class _Axis:
    """A linear scale from numbers to pixels, with round marks."""

    def __init__(self, low: float, high: float, start: float, stop: float) -> None:
        self.low, self.high, self.start, self.stop = low, high, start, stop

    def at(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.stop - self.start)

    def marks(self) -> Iterator[float]:
        """About five round numbers."""
        rough = (self.high - self.low) / 5
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * part for part in (1, 2, 2.5, 5, 10) if power * part >= rough)
        first = math.ceil(self.low / step)
        yield from (step * i for i in range(first, math.floor(self.high / step) + 1))


def _below(x: _Axis, height: float) -> Iterator[str]:
    yield _stroke(x.start, height - _BELOW, x.stop, height - _BELOW, _FAINT, 1)
    for mark in x.marks():
        yield _stroke(x.at(mark), 10, x.at(mark), height - _BELOW, _FAINT, 0.5)
        yield f'<text x="{x.at(mark):.1f}" y="{height - _BELOW + 18}" text-anchor="middle">{_shown(mark)}</text>'


def _beside(y: _Axis) -> Iterator[str]:
    for mark in y.marks():
        yield _stroke(LEFT, y.at(mark), WIDTH - RIGHT, y.at(mark), _FAINT, 0.5)
        yield f'<text x="{LEFT - 10}" y="{y.at(mark) + 4:.1f}" text-anchor="end">{_shown(mark)}</text>'


def _stroke(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _shown(value: float) -> str:
    return f"{value:,.10g}" if abs(value) >= 1e-4 or value == 0 else f"{value:.1e}"


def _svg(height: float, title: str, body: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" font-size="12"'
    return "\n".join([f'{head} font-family="sans-serif">', f"<title>{title}</title>", *body, "</svg>"])
