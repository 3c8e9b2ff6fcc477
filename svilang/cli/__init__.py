"""The command line: one command a file, no logic of its own.

In: arguments. Out: results on stdout, progress and diagnostics on stderr, and an exit code that says how it ended.
"""

from .main import main

__all__ = ["main"]
