"""Dimensions, intervals and kinds: plain data without arrays, known to every stage."""

from .dims import Dim, Dims, union
from .intervals import Interval
from .kinds import KINDS, Kind, KindRow, Structure

__all__ = ["KINDS", "Dim", "Dims", "Interval", "Kind", "KindRow", "Structure", "union"]
