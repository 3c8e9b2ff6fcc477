"""How many threads NumPy's linear algebra takes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

_UNSHARED = 32
"""Size of a matrix up to which the libraries use one thread anyway."""


@contextmanager
def one(size: int) -> Generator[None]:
    """One thread for matrices of this size and for the time of a fit.

    They are too small to be shared, and threads that wait for a busy processor spin: on two busy cores the eigenvalues
    of a 90 × 90 matrix take 120 ms with two threads and 1.5 ms with one.
    """
    if size <= _UNSHARED:
        yield
        return
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield
