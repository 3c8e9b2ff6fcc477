"""Streams that somebody reads, or nobody any more."""

from __future__ import annotations

import os
from typing import TextIO


def left(stream: TextIO) -> None:
    """Let what comes after go nowhere, since nobody reads a stream any more: ``svilang run … 2>&1 | head``."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
