"""Names as they are compared."""

from __future__ import annotations

from unicodedata import normalize


def composed(name: str) -> str:
    """A name with each accented letter as one character (Unicode NFC), in whichever way it was written.

    Example:
        >>> len("u" + chr(0x308)), len(composed("u" + chr(0x308)))
        (2, 1)
    """
    return normalize("NFC", name)
