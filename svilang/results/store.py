"""Fits as netCDF files in ArviZ's layout, written without xarray."""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from errno import EISDIR
from pathlib import Path
from typing import Any

from ..diagnostics import Diagnostic
from ..lazy import np
from ..runtime.signal import Motion, Signal
from ..runtime.stand import Stand
from .errors import damaged, no_file, not_a_fit, reason, unreadable, unwritable, would_be_lost
from .fit import Elbo, Fit, Sample
from .tree import SAMPLE_DIMS, Group, Labels, Tree, Variable, coordinates

_LARGEST_CHUNK = 2**31
"""Bytes of an array that is stored as one piece."""

SIGNATURE = b"\x89HDF\r\n\x1a\n"
"""The first bytes of every file in the format of netCDF-4."""


def save(fit: Fit, path: str | os.PathLike[str]) -> None:
    """Write ``fit`` to ``path``; a file of that name is replaced only when the new one is complete.

    Raises:
        SvilangError: the file cannot be written.
    """
    save_tree(fit.tree(), path)


def save_tree(tree: Tree, path: str | os.PathLike[str]) -> None:
    """Write groups of named arrays to ``path``, whole or not at all.

    Raises:
        SvilangError: the file cannot be written, or one of another sort would be lost.
    """
    expect(path)
    try:
        with _replacing(Path(path)) as draft:
            write(tree, draft)
    except OSError as error:
        raise unwritable(path, error) from None


def expect(path: str | os.PathLike[str], opening: bytes = SIGNATURE) -> None:
    """Refuse, before a long run, a place where nothing could be written, or where something else would be lost.

    Args:
        path: of the file.
        opening: with which files of its sort begin: another sort of file is not replaced.

    Raises:
        SvilangError: the directory is not there or takes no file, the path is a directory itself, or a file of another
            sort.
    """
    target = Path(path)
    try:
        if target.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        with _draft(target) as draft:
            draft.touch()
        other = target.exists() and _opening(target, len(opening)).lower() not in (b"", opening.lower())
    except OSError as error:
        raise unwritable(path, error) from None
    if other:
        raise would_be_lost(path)


def load(path: str | os.PathLike[str]) -> Fit:
    """The fit that :func:`save` wrote to ``path``; it holds draws, and needs neither spec nor data.

    Raises:
        SvilangError: there is no such file, it holds no svilang fit, or it is damaged.
    """
    try:
        own = _opening(Path(path), len(SIGNATURE)) == SIGNATURE
    except FileNotFoundError:
        folder = Path(path).parent
        raise no_file(path, map(str, folder.glob("*.nc")) if folder.is_dir() else ()) from None
    except OSError as error:
        raise unreadable(path, reason(error)) from None
    try:
        tree = read(Path(path)) if own else None
    except Exception:  # The reader has no set of errors for bytes that are not what it wrote.
        raise damaged(path) from None
    if tree is None or "fit" not in tree.groups:
        raise not_a_fit(path)
    try:
        return _fit(tree)
    except (LookupError, TypeError, ValueError):
        raise damaged(path) from None


def _opening(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        return file.read(count)


def write(tree: Tree, path: Path) -> None:
    """Write groups of named arrays as netCDF-4."""
    import h5netcdf

    with h5netcdf.File(path, "w") as file:
        file.attrs.update(tree.attributes)
        for name, group in tree.groups.items():
            _write_group(file.create_group(name), group, tree.labels)


def read(path: Path) -> Tree:
    """Read groups of named arrays from netCDF-4."""
    import h5netcdf
    import h5py

    with h5py.File(path, "r") as raw:
        raw.visititems(_touch)
    with h5netcdf.File(path, "r") as file:
        labels: dict[str, Labels] = {}
        groups = {name: _read_group(group, labels) for name, group in file.groups.items()}
        return Tree(groups, labels, _attributes(file.attrs))


def _touch(_: str, one: Any) -> None:
    """Read what describes a group or an array: a damaged file fails here, and not in the middle of the reader."""
    dict(one.attrs)


def _write_group(target: Any, group: Group, labels: Mapping[str, Labels]) -> None:
    target.dimensions = {
        dim: size
        for variable in group.variables.values()
        for dim, size in zip(variable.dims, variable.values.shape, strict=True)
    }
    target.attrs.update(group.attributes)
    for dim, values in coordinates(group, labels).items():
        _write_variable(target, dim, Variable((dim,), values))
    for name, variable in group.variables.items():
        _write_variable(target, name, variable)


def _write_variable(target: Any, name: str, variable: Variable) -> None:
    values = np.asarray(variable.values)
    if values.dtype == object:
        import h5py

        target.create_variable(name, variable.dims, dtype=h5py.string_dtype(), data=values)
    elif values.dtype == bool:
        stored = target.create_variable(name, variable.dims, data=values.astype(np.int8))
        stored.attrs["dtype"] = "bool"
    else:
        # A checksum for each array, so that a damaged file is not read; a chunk can hold no more than 4 GB.
        checked = {"fletcher32": True, "chunks": values.shape if values.nbytes < _LARGEST_CHUNK else True}
        target.create_variable(name, variable.dims, data=values, **(checked if values.size and values.ndim else {}))


def _read_group(group: Any, labels: dict[str, Labels]) -> Group:
    variables: dict[str, Variable] = {}
    for name, stored in group.variables.items():
        values = _decoded(stored)
        if stored.dimensions == (name,):
            if name not in SAMPLE_DIMS:
                labels[name] = tuple(values.tolist())
        else:
            variables[name] = Variable(tuple(stored.dimensions), values)
    return Group(variables, _attributes(group.attrs))


def _decoded(stored: Any) -> Any:
    values = np.asarray(stored[...])
    if values.dtype == object:
        texts = [text.decode() if isinstance(text, bytes) else text for text in values.ravel()]
        return np.asarray(texts, dtype=object).reshape(values.shape)
    return values.astype(bool) if stored.attrs.get("dtype") == "bool" else values


def _attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.item() if hasattr(value, "item") else value for name, value in attributes.items()}


def _fit(tree: Tree) -> Fit:
    facts = tree.groups["fit"].attributes
    kept = ("dims", "members", "starts", "settings", "seconds", "warnings", "notes", "versions")
    nested = {name: json.loads(str(facts[name])) for name in kept}
    nested |= {name: json.loads(str(facts.get(name, "{}"))) for name in ("scales", "chains")}
    unseen = json.loads(str(facts.get("labels", "{}")))
    called = {stored: name for name, stored in json.loads(str(facts["renamed"])).items()}
    original = {
        name: {called.get(stored, stored): variable for stored, variable in group.variables.items()}
        for name, group in tree.groups.items()
    }
    posterior, stats = original["posterior"], original["sample_stats"]
    sample = Sample(
        {name: variable.values[0] for name, variable in posterior.items()},
        stats["log_p"].values[0],
        stats["log_q"].values[0],
    )
    return Fit(
        spec=str(facts["spec"]),
        text=str(facts["text"]),
        guide=str(facts["guide"]),
        dims=nested["dims"],
        labels={**tree.labels, **{dim: tuple(labels) for dim, labels in unseen.items()}},
        sites={name: variable.dims[len(SAMPLE_DIMS) :] for name, variable in posterior.items()},
        params=original["params"],
        losses=original["fit"]["loss"].values,
        elbo=Elbo(float(facts["elbo"]), float(facts["elbo_se"])),
        status=str(facts["status"]),
        advice=str(facts["advice"]),
        converged=bool(facts["converged"]),
        settings=nested["settings"],
        seconds=nested["seconds"],
        data=original["observed_data"],
        constants=original["constant_data"],
        complete=bool(facts["complete"]),
        warnings=tuple(Diagnostic(code, message) for code, message in nested["warnings"]),
        notes=tuple(nested["notes"]),
        stored=sample,
        members=nested["members"],
        scales=nested["scales"],
        chains=nested["chains"],
        starts=tuple(nested["starts"]),
        signal=_signal(facts),
        **_state(tree, original["fit"]["loss"].values),
        device=str(facts["device"]),
        versions=nested["versions"],
    )


def _state(tree: Tree, losses: Any) -> dict[str, Any]:
    """Where the run stood, if the file has it."""
    if "state" not in tree.groups:
        return {}
    group = tree.groups["state"]
    arrays = {name: variable.values for name, variable in group.variables.items()}
    return {"stand": Stand(arrays, losses), "matters": json.loads(str(group.attributes["matters"]))}


def _signal(facts: Mapping[str, Any]) -> Signal:
    """That of an older file is not known."""
    if "signal" not in facts:
        return Signal()
    ratio, gain, motion = json.loads(str(facts["signal"]))
    return Signal(ratio, gain, Motion(motion))


@contextmanager
def _replacing(path: Path) -> Generator[Path]:
    with _draft(path) as draft:
        yield draft
        os.replace(draft, path)


@contextmanager
def _draft(path: Path) -> Generator[Path]:
    """Another name beside ``path``, of which no file is left."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield draft
    finally:
        with suppress(FileNotFoundError, NotADirectoryError):
            draft.unlink()

