"""A program with its data: what binding makes and lowering takes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..diagnostics import NOWHERE, Diagnostic, Span, SvilangError
from ..ir.nodes import Id, Program
from . import errors
from .scalars import evaluate
from .table import Array, shown

Labels = tuple[str | int, ...]


@dataclass(frozen=True, eq=False)
class Bound:
    """A program with the data it is to be fitted to.

    Args:
        program: the model, as it was checked.
        sizes: of every dimension, aliases included.
        labels: of every dimension, in the order of its members; ``None`` where they have no names.
        arrays: every data item, C-contiguous: float64; int64 for whole numbers (float64 where one does not fit in 32
            bits, so that no device wraps it) and for members, as positions. Missing entries hold a harmless value.
        present: for every item declared with ``?``, which entries are known.
        notes: what is normal and worth a line under ``--verbose``.
        warnings: what is legal and suspicious.
        functions: what stands for the extern functions of the spec.
    """

    program: Program
    sizes: Mapping[str, int]
    labels: Mapping[str, Labels | None]
    arrays: Mapping[str, Array]
    present: Mapping[str, Array] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    functions: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @cached_property
    def digest(self) -> str:
        """A hash of sizes, labels and every value, as a key for caches."""
        total = hashlib.sha256()
        total.update(repr((sorted(self.sizes.items()), sorted(self.labels.items()))).encode())
        for name, array in sorted({**self.arrays, **{f"{n}?": a for n, a in self.present.items()}}.items()):
            total.update(repr((name, array.shape, array.dtype.str)).encode())
            total.update(array.data if array.size else b"")
        return total.hexdigest()

    def value(self, program: Program, node: Id) -> Array | None:
        """The value of a node of a program over this data, where data decide it and it is a simple expression."""
        return evaluate(program, node, self.arrays, self.sizes.get)

    def position(self, dim: str, label: str | int, span: Span = NOWHERE) -> int:
        """Where a literal index stands in its dimension.

        A text is a label. A whole number is a label where the labels are whole numbers, else a position from 0. A
        negative one that is no label counts from the end.

        Raises:
            SvilangError: if there is no such member, with the nearest labels.
        """
        labels, size = self.labels[dim], self.sizes[dim]
        if labels is not None and label in labels:
            return labels.index(label)
        codes = labels is not None and any(isinstance(known, int) for known in labels)
        if isinstance(label, int) and -size <= label < (0 if codes else size):
            return label % size
        known = [str(known) for known in labels or ()]
        raise SvilangError([errors.no_member(dim, shown(label), known, size, span)])
