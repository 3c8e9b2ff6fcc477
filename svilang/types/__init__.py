"""Dimensions, intervals and kinds: plain data without arrays, known to every stage."""

from .dims import MOST_AXES, MOST_ENTRIES, Dim, Dims, union
from .intervals import Interval
from .kinds import KINDS, Kind, KindRow, Structure

__all__ = ["KINDS", "MOST_AXES", "MOST_ENTRIES", "Dim", "Dims", "Interval", "Kind", "KindRow", "Structure", "union"]
