"""Every spec of the repository, as text."""

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tests/errors", "tests/syntax/gallery", "tests/posterior/specs", "specs")


@cache
def every_spec():
    """The texts of all specs, good and wrong."""
    texts = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.svi")):
            parts = path.read_text(encoding="utf-8").split("# === ")
            texts += [part.partition("\n")[2] if len(parts) > 1 else part for part in parts]
    return tuple(text for text in texts if text.strip())


@cache
def good_specs():
    """The texts of the specs that check, need no file and run in this version."""
    from svilang import pipeline
    from svilang.diagnostics import Source, SvilangError

    found = []
    for text in every_spec():
        try:
            checked = pipeline.check(Source("good.svi", text))
        except SvilangError:
            continue
        if not any(item.source for item in checked.model.data):
            found.append(text)
    return tuple(found)
