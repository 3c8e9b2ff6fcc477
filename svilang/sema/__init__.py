"""Names, dimensions and kinds: from the tree of a spec to typed programs.

In: a :class:`~svilang.syntax.ast.File`. Out: :class:`Checked`, the IR of the model and of one guide and the settings
of the fit, or a :class:`~svilang.diagnostics.SvilangError` with every error of the stage in source order. In what
comes out each name is bound to one declaration or table row, each node has its kind and its named axes, and sites
stand in dependency order.
"""

from .analyse import Checked, analyse
from .settings import value_of
from .starts import Start

__all__ = ["Checked", "Start", "analyse", "value_of"]
