"""``python -m svilang`` and ``svilang`` are the command line."""

import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Load the command line and run it; an interrupt while it is loaded ends it as one later does."""
    try:
        from .cli import main as run
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
    run()


if __name__ == "__main__":
    main()
