"""Draws as tables for people and as one object for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ..results import Prediction, expect
from . import console, report


def show(prediction: Prediction, groups: Sequence[str], out: Path | None, *, everything: bool, as_json: bool) -> None:
    """Print a table for each group, and save all draws where a place was named."""
    if out is not None:
        expect(out)
        prediction.save(out)
    if as_json:
        found = {group: [report.row_record(row) for row in prediction.summary(group)] for group in groups}
        one = {"spec": prediction.spec, **found, "notes": list(prediction.notes)}
        console.result(json.dumps(one, ensure_ascii=False))
        return
    for note in prediction.notes:
        console.notice(f"note: {note}")
    rich, width = console.colourful(sys.stdout), console.width()
    for group in groups:
        rows = prediction.summary(group)
        if rows:
            console.result(f"{group.replace('_', ' ')}\n{report.posterior(rows, everything, rich, width)}\n")
    if out is not None:
        console.result(f"Saved to {out}: in Python `xarray.open_datatree({str(out)!r})`.")
