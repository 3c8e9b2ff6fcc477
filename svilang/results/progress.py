"""Progress of a fit: a live bar where someone looks, else a plain line now and then."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import Any, Literal, Protocol, TextIO

from ..streams import left

Mode = Literal["auto", "bar", "lines", "none"]
MODES: tuple[Mode, ...] = ("auto", "bar", "lines", "none")

EVERY_SECONDS = 10.0
EVERY_SHARE = 0.1
AT_LEAST_SECONDS = 1.0


class Stage(Protocol):
    """How far a fit has come, as the runtime tells it."""

    @property
    def step(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def elbo(self) -> float: ...
    @property
    def steps_per_second(self) -> float: ...
    @property
    def phase(self) -> str: ...


class Reporter(Protocol):
    """Is told of every piece of a fit, and closed at its end whatever happened."""

    def __call__(self, stage: Stage) -> None: ...

    def close(self) -> None: ...


def reporter(mode: Mode = "auto", stream: TextIO | None = None) -> Reporter:
    """What ``mode`` asks for; ``auto`` is a bar on a terminal or in a notebook and lines elsewhere."""
    target = sys.stderr if stream is None else stream
    if mode == "auto":
        mode = "bar" if target.isatty() or _in_notebook() else "lines"
    if mode == "bar":
        return Bar(target)
    return Lines(target) if mode == "lines" else Silent()


class Silent:
    """Says nothing."""

    def __call__(self, stage: Stage) -> None: ...

    def close(self) -> None: ...


class Lines:
    """A line every ten seconds or tenth of the way, not faster than one a second, and one at the end."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._last: float | None = None
        self._said = 0
        self._heard: Stage | None = None

    def __call__(self, stage: Stage) -> None:
        if math.isnan(stage.elbo):
            return
        now = self._clock()
        self._last = now if self._last is None else self._last
        self._heard = stage
        waited, far = now - self._last, stage.step - self._said
        if waited >= (AT_LEAST_SECONDS if far >= EVERY_SHARE * stage.steps else EVERY_SECONDS):
            self._last, self._said = now, stage.step
            self._write(f"step {stage.step:,} of {stage.steps:,}: {_figures(stage)}{_left(stage)}")

    def close(self) -> None:
        """Say how it ended."""
        if self._heard is not None:
            self._write(f"ended after {self._heard.step:,} steps: {_figures(self._heard)}")

    def _write(self, line: str) -> None:
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except BrokenPipeError:
            left(self._stream)


class Bar:
    """A live bar with ELBO, steps per second and time left."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: Any = None
        self._task: Any = None

    def __call__(self, stage: Stage) -> None:
        bar = self._open(stage.steps) if self._bar is None else self._bar
        known = not math.isnan(stage.elbo)
        text = _figures(stage) if known else _PHASES.get(stage.phase, "")
        bar.update(self._task, completed=stage.step, total=stage.steps, text=text)

    def _open(self, steps: int) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("fitting"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %  {task.fields[text]}"),
            TimeRemainingColumn(),
            console=Console(file=self._stream),
            transient=True,
        )
        self._task = self._bar.add_task("fit", total=steps, text="")
        self._bar.start()
        return self._bar

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()


_PHASES = {"start": "looking for a start", "compile": "compiling", "fit": ""}


def _figures(stage: Stage) -> str:
    return f"ELBO {stage.elbo:.2f}, {stage.steps_per_second:,.0f} steps/s"


def _left(stage: Stage) -> str:
    """How long it takes at most: a fit may stop before its last step."""
    rate = stage.steps_per_second
    return f", at most {_duration((stage.steps - stage.step) / rate)} left" if rate > 0 else ""


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
