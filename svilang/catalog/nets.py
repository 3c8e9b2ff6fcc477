"""Architectures and activations of neural functions.

In: nothing. Out: ``ARCHITECTURES`` and ``ACTIVATIONS``. An architecture is a row of layers; the compiler makes the
parameters and products of each, and the heads of the outputs behind the last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Layer:
    """``h = activation(W x + b)``, with the value of an earlier layer added where ``adds`` says so.

    Args:
        width: how many units.
        activated: whether the activation is applied.
        adds: how many layers back stands the value that is added; 0 for none.
    """

    width: Any
    activated: bool = True
    adds: int = 0


@dataclass(frozen=True, slots=True)
class Architecture:
    """One way to stack layers.

    Args:
        name: as the language spells it.
        form: how a call is written.
        widths: how many widths it takes; ``None`` for one or more.
        counts: names of the plain whole numbers that follow the widths.
        activated: whether a call names an activation, last.
        layers: ``(*widths, *counts) -> layers`` between the inputs and the heads.
        summary: one line for the reference.
    """

    name: str
    form: str
    widths: int | None
    counts: tuple[str, ...]
    activated: bool
    layers: Callable[..., tuple[Layer, ...]]
    summary: str


def _residual(width: Any, blocks: int) -> tuple[Layer, ...]:
    block = (Layer(width), Layer(width, activated=False, adds=2))
    return (Layer(width), *(block * blocks))


_ROWS = (
    Architecture(
        "linear", "linear()", 0, (), False, lambda: (), "outputs that are linear in the inputs, with an intercept"
    ),
    Architecture(
        "mlp",
        "mlp(width, …, activation)",
        None,
        (),
        True,
        lambda *widths: tuple(map(Layer, widths)),
        "dense layers, each `activation(W x + b)`",
    ),
    Architecture(
        "resnet",
        "resnet(width, blocks, activation)",
        1,
        ("blocks",),
        True,
        _residual,
        "a dense layer, then blocks `x + W activation(V x + a) + b` (He et al. 2016)",
    ),
)

ARCHITECTURES: dict[str, Architecture] = {row.name: row for row in _ROWS}

ACTIVATIONS: dict[str, float] = {
    **dict.fromkeys(["tanh", "softplus", "expit", "sigmoid", "sin", "selu"], 1.0),
    **dict.fromkeys(["relu", "leaky_relu", "elu", "gelu", "silu", "swish"], 2.0),
}
"""Functions that may stand behind a layer, and the variance of a weight at the start times the number of inputs.

Source: LeCun, Bottou, Orr & Müller (1998), section 4.6, for 1; He, Zhang, Ren & Sun (2015) for 2, where half of the
range is cut off.
"""
