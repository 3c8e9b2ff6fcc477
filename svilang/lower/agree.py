"""One decision for several evaluations that run at once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from ..lazy import jax, jnp
from .axes import Value


@functools.cache
def everywhere() -> Any:
    """``(condition) -> condition``: whether it holds in each of several evaluations, as one answer for all of them.

    So ``lax.cond`` stays a choice where evaluations are mapped, and does not become both of its branches.
    """
    same = jax.custom_batching.custom_vmap(lambda holds: holds)

    def all_of_them(size: int, batched: Sequence[bool], holds: Value) -> tuple[Value, bool]:
        return same(jnp.all(holds)), False

    same.def_vmap(all_of_them)
    return same
