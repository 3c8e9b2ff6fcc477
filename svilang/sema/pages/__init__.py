"""What ``svilang explain CODE`` says of the messages of the semantic stage, one module for each group of codes."""

from __future__ import annotations

from ...diagnostics.page import Page
from . import dimensions, guide, kinds, names

PAGES: dict[str, Page] = {**names.PAGES, **dimensions.PAGES, **kinds.PAGES, **guide.PAGES}
"""By code."""
