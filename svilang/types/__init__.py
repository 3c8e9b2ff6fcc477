"""Dimensions, intervals and kinds: plain data without arrays, known to every stage."""

from .dims import MOST_AXES, MOST_ENTRIES, NAMELESS, Dim, Dims, nameless, union
from .intervals import Interval
from .kinds import KINDS, Kind, KindRow, Structure
from .names import composed

__all__ = [
    "KINDS",
    "MOST_AXES",
    "MOST_ENTRIES",
    "NAMELESS",
    "Dim",
    "Dims",
    "Interval",
    "Kind",
    "KindRow",
    "Structure",
    "composed",
    "nameless",
    "union",
]
