"""How hard the compiler tries: compiling a small program costs more than running it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from ..lazy import jax, np
from . import cache, in_one

SMALL = 20_000
"""Numbers in the data up to which XLA's newer fusion code is left out: it compiles in half the time, and no slower
programs come of it (a logistic regression takes 33 µs a step with it at 20,000 numbers and 31 without)."""

TINY = 2_000
"""Numbers up to which code that runs a few hundred times is best not optimised at all. Other small programs are
optimised a little: that takes a tenth to a third less time than all that LLVM can do, and their steps are as fast."""

_refused: set[str] = set()
"""Options that this version of XLA was found not to know."""


def count(data: Any) -> int:
    """Numbers in all arrays."""
    return sum(int(np.size(array)) for array in jax.tree.leaves(data))


def compiled(
    function: Callable[..., Any], arguments: tuple[Any, ...], numbers: int, *, loop: bool, factors: bool = True
) -> Any:
    """The program for these arguments.

    Args:
        function: pure, of arrays.
        arguments: with the shapes and types of all calls.
        numbers: how many it looks at each time.
        loop: whether it will run thousands of times.
        factors: whether it may factor matrices.
    """
    options = _options(numbers, loop) | (in_order() if factors else {})
    lowered = jax.jit(function).lower(*arguments)
    with cache.quiet(), in_one.loops() if loop and options else nullcontext():
        return _compile(lowered, options)


def in_order() -> dict[str, Any]:
    """Options for a program that factors matrices.

    Calls of LAPACK for many matrices each, at the same time, may wait for each other's threads forever: each holds a
    thread of the pool until others of that pool have done its work. A schedule that saves memory runs most of them one
    after the other; :func:`alone` avoids the pool, and :mod:`svilang.lazy` makes it larger.
    """
    if jax.default_backend() != "cpu":
        return {}
    return {"xla_cpu_scheduler_type": "CPU_SCHEDULER_TYPE_MEMORY_OPTIMIZED"}


def alone(squares: int) -> int:
    """How many matrices of a size LAPACK factors in the thread that calls it: those that take 200,000 operations."""
    return max(1, 200_000 // max(squares, 1) ** 3)


def _compile(lowered: Any, options: dict[str, Any]) -> Any:
    known = {name: value for name, value in options.items() if name not in _refused}
    if not known:
        return lowered.compile()
    # An option that this version of XLA does not know is an error, which names it; one of another kind comes again.
    try:
        return lowered.compile(compiler_options=known)
    except jax.errors.JaxRuntimeError as error:
        _refused.update(name for name in known if name in str(error))
        return _compile(lowered, options) if _refused & set(known) else lowered.compile()


def _options(numbers: int, loop: bool) -> dict[str, Any]:
    if jax.default_backend() != "cpu" or numbers > SMALL:
        return {}
    level = 1 if loop or numbers > TINY else 0
    plain: dict[str, Any] = {"xla_cpu_use_fusion_emitters": False, "xla_backend_optimization_level": level}
    return plain | (in_order() if loop else {}) | (in_one.OPTIONS if loop and numbers <= in_one.FEW else {})
