"""Random specs and random data: whatever happens is a result or a diagnostic.

    python tests/fuzz/fuzz.py --programs 200000 --datasets 50000 --seed 1

Anything else (a traceback, a hang of more than ten seconds) is a crash. Its smallest input goes to standard error, the
figures to standard output, and the exit code is then 1. Each input depends on the seed, its own number and the specs of
the repository alone, so that ``--first N --programs 1`` repeats one.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import further
import grammatical
import mutants
import plausible
from corpus_of_specs import good_specs

import svilang
from svilang import passes, pipeline
from svilang.catalog.functions import FUNCTIONS
from svilang.diagnostics import Source, SvilangError
from svilang.ir.nodes import Apply, Matrix
from svilang.ir.read import read
from svilang.ir.text import write
from svilang.ir.verify import verify

HANG = 10
"""Seconds of processor time after which an input hangs."""

STAGES = {
    "01": "syntax",
    "02": "names",
    "03": "dimensions",
    "04": "kinds",
    "05": "data",
    "06": "guide and plan",
    "07": "run",
}
EVALUATED = 40
"""Of so many good inputs one has its density evaluated, which takes as long as a hundred checks."""


class Hang(BaseException):
    """An input has taken too long."""


@dataclass
class Figures:
    """What became of some inputs."""

    what: str
    inputs: int = 0
    good: int = 0
    evaluated: int = 0
    stages: Counter = field(default_factory=Counter)
    codes: Counter = field(default_factory=Counter)
    crashes: Counter = field(default_factory=Counter)
    slowest: float = 0.0
    slow_input: str = ""

    def __str__(self):
        stages = ", ".join(f"{stage} {count}" for stage, count in self.stages.most_common())
        slowest = f"slowest {self.slowest:.2f} s ({self.slow_input})"
        return (
            f"{self.inputs} {self.what}: {self.good} good ({self.evaluated} evaluated), "
            f"{sum(self.stages.values())} diagnosed ({stages}), {len(self.codes)} codes, "
            f"{sum(self.crashes.values())} crashes at {len(self.crashes)} places, {slowest}"
        )


@contextmanager
def limit():
    """Raise :class:`Hang` where the body takes too long."""

    def stop(*_):
        raise Hang

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def judge(figures, number, action, show):
    """Run one input and count what becomes of it; ``show`` gives a smaller input with the same crash, as text."""
    figures.inputs += 1
    start = time.process_time()
    try:
        with limit(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            figures.evaluated += bool(action())
        figures.good += 1
    except SvilangError as error:
        str(error)
        code = error.diagnostics[0].code
        figures.codes[code] += 1
        figures.stages[STAGES[code[1:3]]] += 1
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        place = where(error)
        figures.crashes[place] += 1
        if figures.crashes[place] == 1:
            print(
                f"=== {figures.what} {number}: {place}\n{show(place)}\n{last_lines(error)}", file=sys.stderr, flush=True
            )
    taken = time.process_time() - start
    if taken > figures.slowest:
        figures.slowest, figures.slow_input = taken, f"number {number}"


def where(error):
    """What a crash is, and the last line of ours that it went through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "svilang/" in frame.filename]
    frame = frames[-1] if frames else None
    if isinstance(error, RecursionError | Hang):
        return type(error).__name__
    return f"{type(error).__name__} in {Path(frame.filename).name}:{frame.name}" if frame else type(error).__name__


def last_lines(error):
    return "".join(traceback.format_exception(error)[-6:])[-1800:]


# --- specs


def make_spec(seed, number):
    """The spec of this number, and from which of the generators it is."""
    rng = random.Random(f"{seed} spec {number}")
    roll = rng.random()
    if roll < 0.45:
        return mutants.mutant(rng)
    if roll < 0.6:
        return mutants.mutant(rng, [rng.choice((plausible, further)).spec(rng)])
    if roll < 0.9:
        return rng.choice((plausible, further)).spec(rng)
    return grammatical.sentence(rng)


def try_spec(text, data_seed=None):
    """Everything that needs no data; with a seed for data, one evaluation too, and whether there was one."""
    source = Source("fuzz.svi", text)
    checked = pipeline.check(source)
    for program in (checked.model, checked.guide):
        less = passes.run(program)
        for one in (program, less):
            verify(one)
            made = [node.op.function for node in one.nodes if isinstance(node.op, (Apply, Matrix))]
            assert write(read(write(one), functions=[*made, *FUNCTIONS.values()])) == write(one)
    if pipeline.layout(source) != pipeline.layout(Source("fuzz.svi", pipeline.layout(source))):
        raise AssertionError("the layout of a layout is another one")
    if data_seed is None or any(item.source for item in checked.model.data):
        return False
    from broken_data import good_data

    model = svilang.compile(text).bind(good_data(checked.model, random.Random(data_seed)))
    evaluate(model)
    return True


def evaluate(model):
    """The log density and its gradient, once, compiled as for the first look of a fit."""
    import jax

    from svilang.runtime import effort

    density = model.unconstrained
    point = 0.1 * jax.numpy.ones(density.size)
    effort.compiled(jax.value_and_grad(density.log_density), (point,), density.size, loop=False)(point)


def run_programs(count, seed, seconds=None, first=0):
    """Try specs and return the figures."""
    figures = Figures("programs")
    for number in _numbers(count, seconds, first):
        text = make_spec(seed, number)
        data_seed = f"{seed} data {number}" if number % EVALUATED == 0 else None
        judge(
            figures,
            number,
            lambda: try_spec(text, data_seed),
            lambda place: smaller(text, lambda less: crash_of(lambda: try_spec(less, data_seed)) == place),
        )
    return figures


def crash_of(action):
    """Where an action crashes; ``None`` where it does not."""
    try:
        with limit(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            action()
    except SvilangError:
        return None
    except BaseException as error:
        return where(error)
    return None


def smaller(text, same, seconds=20):
    """A text with fewer words for which ``same`` still holds."""
    found, end = mutants.words(text), time.monotonic() + seconds
    size = max(len(found) // 2, 1)
    while time.monotonic() < end:
        at, changed = 0, False
        while at < len(found) and time.monotonic() < end:
            less = found[:at] + found[at + size :]
            if same("".join(less)):
                found, changed = less, True
            else:
                at += size
        if size == 1 and not changed:
            break
        size = max(size // 2, 1)
    return "".join(found)


# --- data


def run_datasets(count, seed, seconds=None, first=0):
    """Bind broken data to good specs and return the figures."""
    from broken_data import broken, broken_file

    figures, programs = Figures("data sets"), [svilang.compile(text) for text in good_specs()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in _numbers(count, seconds, first):
            rng = random.Random(f"{seed} data set {number}")
            program = rng.choice(programs)
            model, text = program.checked.model, program.source.text
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if rng.random() < 0.2:
                    data, sets = broken_file(model, rng, folder), None
                    shown = data.read_bytes()[:2000]
                else:
                    data, sets = broken(model, rng)
                    shown = data
            judge(
                figures,
                number,
                lambda: try_data(program, data, sets, evaluated=number % (5 * EVALUATED) == 0),
                lambda place: f"{text}\n{written(shown)}\nset={written(sets)}",
            )
    return figures


def written(data):
    """Data as text; some of it cannot even be printed."""
    try:
        return str(data)[:1500]
    except ValueError:
        return ", ".join(f"{key}: {type(value).__name__}" for key, value in data.items())


def try_data(program, data, sets, evaluated):
    """Bind, and at times evaluate; whether it was evaluated."""
    model = program.bind(data, set=sets)
    str(model), model.bound.digest, model.warnings
    if evaluated:
        evaluate(model)
    return evaluated


def _numbers(count, seconds, first):
    end = None if seconds is None else time.monotonic() + seconds
    for number in range(first, first + count):
        if end is not None and time.monotonic() > end:
            return
        yield number


def main():
    parser = argparse.ArgumentParser(description="Random specs and data: a result or a diagnostic, whatever happens.")
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("--datasets", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="at most so long for each of the two")
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    options = parser.parse_args()
    crashes = 0
    for run, count in ((run_programs, options.programs), (run_datasets, options.datasets)):
        if count:
            figures = run(count, options.seed, options.seconds, options.first)
            crashes += sum(figures.crashes.values())
            print(figures, flush=True)
            for place, times in figures.crashes.most_common():
                print(f"  {times} × {place}")
    sys.exit(1 if crashes else 0)


if __name__ == "__main__":
    main()
