"""From a program with its data to pure functions of arrays.

In: a bound program (:class:`Bound`) and a guide. Out: :class:`Lowered`: the target of the runtime, the families of the
guide, and the densities and draws that users ask for. True of what leaves it: data are arguments, shapes are static, no
Python branch depends on a value, and every shared value is made once.
"""

from .bound import Bound
from .decided import misfits
from .summed import all_sizes
from .target import Lowered, Unconstrained, lower

__all__ = ["Bound", "Lowered", "Unconstrained", "all_sizes", "lower", "misfits"]
