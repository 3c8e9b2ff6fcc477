"""How many threads the linear algebra of the host takes."""

from __future__ import annotations

import importlib
from collections.abc import Generator
from contextlib import contextmanager

_UNSHARED = 32
"""Size of a matrix up to which the libraries use one thread anyway."""

_SHARED = 500
"""Size from which several threads are worth their noise."""


@contextmanager
def one(size: int, factored: int = 0) -> Generator[None]:
    """One thread for small matrices and for the time of a fit.

    They are too small to be shared, and threads that wait for a busy processor spin: on two busy cores the eigenvalues
    of a 90 × 90 matrix take 120 ms with two threads and 1.5 ms with one.

    Args:
        size: of the matrices that the search for a start decomposes.
        factored: of those that the compiled density factors, 0 if there are none.
    """
    if factored > _SHARED or (not factored and size <= _UNSHARED):
        yield
        return
    from threadpoolctl import threadpool_limits

    if factored:
        # Compiled programs call the library that comes with SciPy; only what is loaded can be limited.
        importlib.import_module("scipy.linalg.cython_lapack")
    with threadpool_limits(1, user_api="blas"):
        yield
