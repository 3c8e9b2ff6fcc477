"""Draws docs/reference/densities: the density of each distribution of one number, in three settings.

``docs/densities.csv`` holds the ends of the axis, the top of the picture where a density goes to infinity, and the
settings: arguments of the distribution's first form, in order.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np

from svilang.catalog.distribution import Distribution
from svilang.catalog.distributions import DISTRIBUTIONS

FOLDER = Path(__file__).parent / "reference" / "densities"
SETTINGS = Path(__file__).parent / "densities.csv"

WIDTH, HEIGHT, TOP, BOTTOM, SIDE = 416, 220, 52, 194, 8
"""Of a picture, in pixels: the lines of the top of the curves and of the axis, and the margin at either side."""

STEP = 4.0
"""Pixels between points of a curve."""

POINTS = round((WIDTH - 2 * SIDE) / STEP) + 1

COLOURS = ("#2f6fb5", "#c8641b", "#3a8f5a")
GREY = "#808080"


@dataclass(frozen=True)
class Picture:
    """What is drawn of one distribution."""

    law: Distribution
    low: float
    high: float
    top: float | None
    settings: tuple[tuple[float, ...], ...]

    @property
    def discrete(self) -> bool:
        """Whether it has stems in the place of curves, and room for half a stem at the ends of the axis."""
        return self.law.support.discrete

    @property
    def gap(self) -> float:
        """Pixels for a step of 1 along the axis."""
        return (WIDTH - 2 * SIDE) / (self.high - self.low + self.discrete)

    def x(self, value: float) -> float:
        """Where a value lies, in pixels."""
        return SIDE + (value - self.low + 0.5 * self.discrete) * self.gap


def pictures() -> dict[str, str]:
    """Each picture as SVG, by the name of its file."""
    with SETTINGS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    with jax.enable_x64(True):
        return {f"{row['name']}.svg": _svg(_picture(row)) for row in rows}


def _picture(row: dict[str, str]) -> Picture:
    settings = tuple(
        tuple(float(value) for value in row[which].split(", ")) for which in ("first", "second", "third")
    )
    top = float(row["top"]) if row["top"] else None
    return Picture(DISTRIBUTIONS[row["name"]], float(row["from"]), float(row["to"]), top, settings)


# --- curves and stems ------------------------------------------------------------------------------------------------


def _svg(picture: Picture) -> str:
    at = np.arange(picture.low, picture.high + 1) if picture.discrete else _grid(picture)
    heights = _density(picture, at)
    top = picture.top or 1.05 * float(heights[np.isfinite(heights)].max())
    lines = BOTTOM - (BOTTOM - TOP) * np.minimum(np.nan_to_num(heights, posinf=top) / top, 1)
    draw = _stems if picture.discrete else _curve
    paths = [draw(picture, at, line, number) for number, line in enumerate(lines)]
    title = f"Density of {picture.law.name}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
            f' height="{HEIGHT}" role="img" aria-label="{title}" font-family="sans-serif" font-size="11">',
            f"<title>{title}</title>",
            f'<path d="M{SIDE} {BOTTOM}H{WIDTH - SIDE}" stroke="{GREY}"/>',
            *_ticks(picture),
            *paths,
            *_legend(picture),
            "</svg>\n",
        ]
    )


def _grid(picture: Picture) -> np.ndarray:
    """One point every few pixels; an end of the axis counts from just inside."""
    at = np.linspace(picture.low, picture.high, POINTS)
    hair = 1e-6 * (picture.high - picture.low)
    return np.clip(at, picture.low + hair, picture.high - hair)


def _density(picture: Picture, at: np.ndarray) -> np.ndarray:
    """[settings, points]; of one shape for all distributions, so that what is compiled for one serves the next."""
    padded = np.pad(at, (0, POINTS - len(at)), mode="edge")
    params = [np.repeat(np.asarray(values)[:, None], POINTS, axis=1) for values in zip(*picture.settings, strict=True)]
    x = np.repeat(padded[None, :], len(picture.settings), axis=0)
    return np.exp(np.asarray(picture.law.forms[0].log_prob(x, *params)))[:, : len(at)]


def _curve(picture: Picture, at: np.ndarray, line: np.ndarray, number: int) -> str:
    ys = np.round(line * 10).astype(int)
    steps = "".join(f"l{STEP:g} {_tenths(after - before)}" for before, after in itertools.pairwise(ys))
    return (
        f'<path d="M{SIDE} {_tenths(ys[0])}{steps}" fill="none" stroke="{COLOURS[number]}" stroke-width="1.8"'
        ' stroke-linejoin="round"/>'
    )


def _stems(picture: Picture, at: np.ndarray, line: np.ndarray, number: int) -> str:
    width = min(picture.gap / 4, 8)
    stems = "".join(
        f"M{picture.x(x) + (number - 1) * 1.2 * width:.1f} {BOTTOM}V{y:.1f}"
        for x, y in zip(at, line, strict=True)
        if y < BOTTOM - 0.2
    )
    return f'<path d="{stems}" fill="none" stroke="{COLOURS[number]}" stroke-width="{width:.1f}"/>'


def _tenths(value: int) -> str:
    return f"{value / 10:g}"


# --- what stands around them -----------------------------------------------------------------------------------------


def _ticks(picture: Picture) -> Iterator[str]:
    span = picture.high - picture.low
    size = 10.0 ** math.floor(math.log10(span))
    steps = (0.2 * size, 0.5 * size, size, 2 * size, 5 * size)
    step = next(s for s in steps if span / s <= 8 and (s >= 1 or not picture.discrete))
    for k in range(math.ceil(picture.low / step), math.floor(picture.high / step) + 1):
        x = picture.x(k * step)
        side = "start" if x < 2 * SIDE else "end" if x > WIDTH - 2 * SIDE else "middle"
        yield f'<path d="M{x:.1f} {BOTTOM}v4" stroke="{GREY}"/>'
        yield f'<text x="{x:.1f}" y="{BOTTOM + 17}" fill="{GREY}" text-anchor="{side}">{k * step:.10g}</text>'


def _legend(picture: Picture) -> Iterable[str]:
    """The settings, above the curves."""
    names = [param.name for param in picture.law.forms[0].params]
    for number, values in enumerate(picture.settings):
        text = ", ".join(f"{name} {value:g}" for name, value in zip(names, values, strict=True))
        yield f'<text x="{SIDE}" y="{12 + 14 * number}" fill="{COLOURS[number]}">{text}</text>'


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pictures().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
