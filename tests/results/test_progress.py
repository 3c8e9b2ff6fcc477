import io
from dataclasses import dataclass

from svilang.results.progress import Bar, Lines, reporter


@dataclass
class Stage:
    step: int
    steps: int = 1000
    elbo: float = -12.345
    steps_per_second: float = 2500.0
    phase: str = "fit"


def clock(times):
    ticks = iter(times)
    return lambda: next(ticks)


def test_lines_are_a_tenth_of_the_way_apart():
    stream = io.StringIO()
    lines = Lines(stream, clock(range(2, 44, 2)))
    for step in range(0, 1001, 50):
        lines(Stage(step))
    assert [line.split()[1] for line in stream.getvalue().splitlines()] == [f"{n:,}" for n in range(100, 1001, 100)]


def test_a_quick_fit_prints_one_line_with_the_last_it_heard():
    stream = io.StringIO()
    lines = Lines(stream, clock([5.1, 5.2, 5.3, 5.4]))
    lines(Stage(0, elbo=float("nan"), phase="compile"))
    for step in (250, 500, 750, 800):
        lines(Stage(step))
    assert stream.getvalue() == ""
    lines.close()
    assert stream.getvalue() == "ended after 800 steps: ELBO -12.35, 2,500 steps/s\n"


def test_a_slow_fit_prints_every_ten_seconds_and_says_how_long_it_takes():
    stream = io.StringIO()
    lines = Lines(stream, clock([0.0, 6.0, 12.0]))
    for step in (1, 2, 3):
        lines(Stage(step, steps_per_second=1 / 6, elbo=1))
    assert stream.getvalue() == "step 3 of 1,000: ELBO 1.00, 0 steps/s, at most 1 h 39 min left\n"


def test_a_fit_that_fails_before_its_first_step_prints_nothing():
    stream = io.StringIO()
    Lines(stream).close()
    assert stream.getvalue() == ""


def test_progress_goes_to_lines_where_nobody_looks():
    assert isinstance(reporter("auto", io.StringIO()), Lines)


def test_the_bar_can_be_closed_before_its_first_step():
    Bar(io.StringIO()).close()


def test_the_bar_shows_elbo_and_speed():
    stream = io.StringIO()
    bar = Bar(stream)
    bar(Stage(0, elbo=float("nan"), phase="compile"))
    bar(Stage(500))
    bar.close()
