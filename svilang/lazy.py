"""Heavy modules under their usual names, imported when first used.

``from svilang.lazy import jax, jnp, np`` costs nothing, so that tables of distributions and functions can be read by
``check`` and ``fmt`` without loading NumPy or JAX.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

_THREADS = 16
"""Fewest threads in the pool of compiled programs; most sleep."""


class _LazyModule(ModuleType):
    """Stands for a module until one of its attributes is asked for."""

    def __getattr__(self, name: str) -> Any:
        if self.__name__.startswith("jax"):
            # Read when JAX first computes. Calls that wait for others of the pool hang where all its threads wait.
            os.environ.setdefault("PJRT_NPROC", str(max(_THREADS, os.cpu_count() or 1)))
        value = getattr(import_module(self.__name__), name)
        setattr(self, name, value)
        return value


def ahead(module: str) -> None:
    """Import a module in the background, beside work that leaves the interpreter free, such as compilation.

    What goes wrong there is told where the module is imported to be used: a command that ends early may leave no
    interpreter to import into.
    """

    def quietly() -> None:
        with suppress(Exception):
            import_module(module)

    threading.Thread(target=quietly).start()


if TYPE_CHECKING:
    import diffrax
    import jax
    import jax.lax as lax
    import jax.nn as nn
    import jax.numpy as jnp
    import jax.random as random
    import jax.scipy.linalg as linalg
    import jax.scipy.special as special
    import numpy as np
else:
    diffrax = _LazyModule("diffrax")
    jax = _LazyModule("jax")
    lax = _LazyModule("jax.lax")
    nn = _LazyModule("jax.nn")
    jnp = _LazyModule("jax.numpy")
    random = _LazyModule("jax.random")
    linalg = _LazyModule("jax.scipy.linalg")
    special = _LazyModule("jax.scipy.special")
    np = _LazyModule("numpy")

__all__ = ["ahead", "diffrax", "jax", "jnp", "lax", "linalg", "nn", "np", "random", "special"]
