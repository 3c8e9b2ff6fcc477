"""How long something takes, whatever else the process holds and the machine does."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail where the body takes more than ``seconds`` of processor time.

    The garbage collector rests meanwhile: after thousands of tests one of its rounds alone takes seconds.
    """
    gc.disable()
    start = time.process_time()
    try:
        yield
        taken = time.process_time() - start
    finally:
        gc.enable()
    assert taken < seconds, f"took {taken:.2f} s of processor time, for a bound of {seconds} s"
