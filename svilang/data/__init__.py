"""Files and frames in, a program with its data out.

In: an :class:`~svilang.ir.nodes.Program` and tables (files, data frames, arrays). Out: a :class:`Bound` with the size
and labels of every dimension and a checked array for every data item; and, from :func:`compress`, the same log density
with rows replaced by sufficient statistics or counts. What leaves here needs no further check: no value is outside its
kind, no code outside its dimension, and nothing is clamped.
"""

from .bind import bind
from .bound import Bound
from .externs import Functions, connect, externs, not_declared, obtain
from .frames import table
from .held import again, held, present
from .pages import PAGES
from .read import READERS, read
from .rewrite import compress
from .sources import ALL, BY_HAND, load
from .table import Column, Table
from .warnings import of_digits

__all__ = [
    "ALL",
    "BY_HAND",
    "PAGES",
    "READERS",
    "Bound",
    "Column",
    "Functions",
    "Table",
    "again",
    "bind",
    "compress",
    "connect",
    "externs",
    "held",
    "load",
    "not_declared",
    "obtain",
    "of_digits",
    "present",
    "read",
    "table",
]
