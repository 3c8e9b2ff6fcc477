"""The persistent compilation cache: a second fit of the same program does not compile again.

On by default, in the user's cache directory, one folder per version of the compiler and kind of processor. The
variable ``SVILANG_CACHE`` names another directory, or switches it off (``off``). A cache that somebody has set up for
JAX already is left as it is. A failure to read or write never fails a run.
"""

from __future__ import annotations

import hashlib
import os
import platform
import warnings
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..lazy import jax


def directory() -> Path | None:
    """Where compiled programs are kept; ``None`` when switched off."""
    wanted = os.environ.get("SVILANG_CACHE", "")
    if wanted.lower() in {"off", "0", "no", "none"}:
        return None
    if wanted:
        root = Path(wanted)
    else:
        from platformdirs import user_cache_dir

        root = Path(user_cache_dir("svilang", appauthor=False))
    return root / "xla" / f"{_compiler()}-{_processor()}"


def enable() -> Path | None:
    """Turns the cache on for this process, once; says where it is."""
    chosen: str | None = jax.config.jax_compilation_cache_dir  # pyright: ignore[reportAttributeAccessIssue]
    if chosen:
        return Path(chosen)
    place = directory()
    if place is None:
        return None
    with suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
        jax.config.update("jax_compilation_cache_dir", str(place))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        # Otherwise the path of the cache is part of every key.
        jax.config.update("jax_persistent_cache_enable_xla_caches", "none")
        return place
    return None


@contextmanager
def quiet() -> Generator[None]:
    """Hides the warnings of a cache that cannot be read or written, for the time of a compilation."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Error (reading|writing) persistent compilation cache")
        yield


def _compiler() -> str:
    from importlib.metadata import version

    return f"jaxlib-{version('jaxlib')}"


def _processor() -> str:
    """A short hash of what machine code this processor takes."""
    description = [platform.machine(), platform.system()]
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as stream:
        for line in stream:
            if line.startswith(("model name", "flags", "Features")):
                description.append(line)
            if not line.strip():
                break
    return hashlib.sha256("".join(description).encode()).hexdigest()[:12]
