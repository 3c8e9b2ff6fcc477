"""Heavy modules under their usual names, imported when first used.

``from svilang.lazy import jax, jnp, np`` costs nothing, so that tables of distributions and functions can be read by
``check`` and ``fmt`` without loading NumPy or JAX.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any


class _LazyModule(ModuleType):
    """Stands for a module until one of its attributes is asked for."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self.__name__), name)
        setattr(self, name, value)
        return value


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

__all__ = ["diffrax", "jax", "jnp", "lax", "linalg", "nn", "np", "random", "special"]
