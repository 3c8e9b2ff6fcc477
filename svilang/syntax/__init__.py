"""Text to tree and back: grammar, messages, parser, canonical layout.

In: the text of a spec. Out: a frozen :class:`~svilang.syntax.ast.File` in which every node has a span. Parsing what
``unparse.unparse`` printed gives an equal tree.
"""

from .parser import parse

__all__ = ["parse"]
