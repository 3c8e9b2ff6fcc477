"""Noise by the chunk, from a counter-based generator keyed by (seed, stream, chunk): a resumed run sees the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from ..lazy import jax, jnp, np, random
from .target import Noise

if TYPE_CHECKING:
    from jax import Array

_WORD = 2**64 - 1


class Stream(IntEnum):
    """What noise is for; streams of one seed are independent."""

    FIT = 0
    COMPARE = 1
    EVALUATE = 2
    DRAWS = 3
    START = 4


class Starting(IntEnum):
    """What the noise of ``Stream.START`` is for: the chunk of it."""

    SCATTER = 0
    BOUND = 1
    DIAGONAL = 2
    NEWTON = 3
    SUGGESTED = 5
    """The starts that do not begin at the mode: from rows of the data, and from the best independent normals."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The noise of one program call: ``steps`` times ``particles`` draws, each of ``size``.

    Particles come in antithetic pairs: the second half mirrors the first (``-ε`` for normals, ``1 - u`` for uniforms).
    """

    steps: int
    particles: int
    size: Noise
    antithetic: bool = True

    @property
    def rows(self) -> int:
        """Independent rows per step."""
        return (self.particles + 1) // 2 if self.antithetic else self.particles


def generator(seed: int, stream: Stream, chunk: int = 0, purpose: int = 0) -> np.random.Generator:
    """NumPy's Philox generator of this seed, stream, chunk and purpose."""
    return np.random.Generator(np.random.Philox(key=[seed & _WORD, chunk], counter=[0, 0, purpose, int(stream)]))


def on_host(plan: Plan, seed: int, stream: Stream, chunk: int, dtype: Any) -> dict[str, np.ndarray]:
    """Noise drawn by NumPy, to be an input of the program: the cheaper way on a CPU."""
    source = generator(seed, stream, chunk)
    rows = (plan.steps, plan.rows)
    tiny = np.finfo(dtype).eps
    return {
        "normal": source.standard_normal((*rows, plan.size.normal), dtype=dtype),
        "uniform": np.clip(source.random((*rows, plan.size.uniform), dtype=dtype), tiny, 1 - tiny),
        "keys": source.integers(0, 2**32, (plan.steps, plan.particles, plan.size.keys, 2), dtype=np.uint32),
    }


def key_of(seed: int, stream: Stream, chunk: int) -> np.ndarray:
    """A raw threefry key, the input from which :func:`on_device` draws."""
    return generator(seed, stream, chunk).integers(0, 2**32, 2, dtype=np.uint32)


def on_device(plan: Plan, key: Array, dtype: Any) -> dict[str, Array]:
    """The same shapes drawn inside the program, before its loop: the cheaper way on an accelerator."""
    rows = (plan.steps, plan.rows)
    tiny = jnp.finfo(dtype).eps
    first, second, third = random.split(random.wrap_key_data(key, impl="threefry2x32"), 3)
    return {
        "normal": random.normal(first, (*rows, plan.size.normal), dtype),
        "uniform": random.uniform(second, (*rows, plan.size.uniform), dtype, tiny, 1 - tiny),
        "keys": random.bits(third, (plan.steps, plan.particles, plan.size.keys, 2), jnp.uint32),
    }


def is_host() -> bool:
    """Whether noise is better drawn by NumPy here."""
    return jax.default_backend() == "cpu"


def spread_pairs(plan: Plan, row: dict[str, Array]) -> dict[str, Array]:
    """The noise of all particles of one step from its independent rows."""
    mirrored = plan.particles - plan.rows
    if not mirrored:
        return row
    return {
        "normal": jnp.concatenate([row["normal"], -row["normal"][:mirrored]]),
        "uniform": jnp.concatenate([row["uniform"], 1 - row["uniform"][:mirrored]]),
        "keys": row["keys"],
    }
