"""What is wrong, as data: places in a text, diagnostics, and how they are shown.

In: spans and sentences from every stage. Out: text for people, records for machines. Nothing here knows the language.
"""

from .error import MOST_SHOWN, Diagnostic, InternalError, Note, NumericalError, Severity, SvilangError
from .render import concise, render
from .source import NOWHERE, Source, Span
from .suggest import did_you_mean, nearest

__all__ = [
    "MOST_SHOWN",
    "NOWHERE",
    "Diagnostic",
    "InternalError",
    "Note",
    "NumericalError",
    "Severity",
    "Source",
    "Span",
    "SvilangError",
    "concise",
    "did_you_mean",
    "nearest",
    "render",
]
