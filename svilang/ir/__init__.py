"""The typed intermediate representation, its text form, its reader and its verifier.

In: table rows and named dimensions from ``sema``. Out: :class:`Program`, a flat list of nodes in dependency order,
whose text is readable and reads back as the same program.
"""

from .nodes import Law, Node, Program
from .walk import (
    Leaves,
    depends_on,
    law_operands,
    law_params,
    laws,
    leaves,
    operands,
    prefixed,
    reachable,
    rebuild,
    roots,
    tied,
    users,
    varying,
)

__all__ = [
    "Law",
    "Leaves",
    "Node",
    "Program",
    "depends_on",
    "law_operands",
    "law_params",
    "laws",
    "leaves",
    "operands",
    "prefixed",
    "reachable",
    "rebuild",
    "roots",
    "tied",
    "users",
    "varying",
]
