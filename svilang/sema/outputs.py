"""Several results of one call, read by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..ir import nodes as ir


@dataclass(frozen=True, eq=False)
class Outputs:
    """What a net or an extern function with named results gives: a node for each name."""

    function: str
    values: Mapping[str, ir.Id]
