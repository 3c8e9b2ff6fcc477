"""Loops of small programs as one function of machine code.

XLA makes a function of each operation of a program, and its runtime calls these one after the other, or hands them to
threads. In the loop of a small model that takes several times as long as the arithmetic. A loop that reads and writes
few bytes becomes one function, if nothing in it needs the runtime. How many bytes is an option of XLA that JAX has no
name for, and so it is added to those that JAX has put together.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from threading import Lock
from typing import Any

_BYTES = 2**23
"""What a round of a loop reads and writes at most, all operations together. More is worth the runtime's threads."""

FEW = 10_000
"""Numbers in the data up to which products of matrices are small enough to be made in place, too: a step of a flow over
50 coordinates takes half the time then, and one of a mixture over 10,000 rows twice as long."""

OPTIONS: dict[str, Any] = {"xla_cpu_experimental_ynn_fusion_type": ""}
"""For programs with so few: otherwise a library makes the products, which only the runtime can call."""

_MAKER = "get_compile_options"
_lock = Lock()


def _field(number: int, content: bytes) -> bytes:
    """A part of a message, as protocol buffers write it."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    low = value & 127
    return bytes([low | 128]) + _varint(value >> 7) if value > 127 else bytes([low])


_NAME, _VALUE = _field(1, b"xla_cpu_small_while_loop_byte_threshold"), _field(2, str(_BYTES).encode())
_ADDED = _field(3, _field(3, _field(500, _NAME + _VALUE)))
"""``executable_build_options { debug_options { xla_backend_extra_options { … } } }``"""


@contextmanager
def loops() -> Generator[None]:
    """What is compiled inside has small loops as one function; as always where JAX makes its options otherwise."""
    with _lock, ExitStack() as changed:
        with suppress(ImportError, AttributeError):
            compiler: Any = import_module("jax._src.compiler")
            made = getattr(compiler, _MAKER)
            changed.callback(setattr, compiler, _MAKER, made)
            setattr(compiler, _MAKER, _adding(made))
        yield


def _adding(made: Callable[..., Any]) -> Callable[..., Any]:
    def options(*args: Any, **named: Any) -> Any:
        found = made(*args, **named)
        with suppress(AttributeError, TypeError, ValueError, RuntimeError):
            return type(found).ParseFromString(found.SerializeAsString() + _ADDED)
        return found

    return options
