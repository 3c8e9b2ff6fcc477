"""A declarative language for Bayesian models, compiled to JAX and fitted by stochastic variational inference.

Example:
    >>> import svilang
    >>> program = svilang.compile('''
    ...     data  { y: real[n] = [1.2, 0.7, 1.6] }
    ...     model { mu ~ Normal(0, 10)   plate n { observe y ~ Normal(mu, 1) } }
    ... ''')
    >>> fit = program.bind().fit(progress="none")
    >>> fit.summary()[0].name
    'mu'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import Model, Program, compile, load, load_fit
    from .diagnostics import Diagnostic, InternalError, NumericalError, SvilangError
    from .results import Fit

_HOMES = {
    **dict.fromkeys(["Model", "Program", "compile", "load", "load_fit"], "api"),
    **dict.fromkeys(["Diagnostic", "InternalError", "NumericalError", "SvilangError"], "diagnostics"),
    "Fit": "results",
}

__all__ = [
    "Diagnostic",
    "Fit",
    "InternalError",
    "Model",
    "NumericalError",
    "Program",
    "SvilangError",
    "compile",
    "load",
    "load_fit",
]


def __getattr__(name: str) -> Any:
    """Public names come from their modules when they are first used, so that ``import svilang`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
