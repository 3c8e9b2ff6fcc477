"""A data set drawn from a spec before there is data."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import pipeline
from .lazy import np
from .sema import requests

if TYPE_CHECKING:
    import numpy

    from .data import Bound
    from .diagnostics import Source
    from .ir.nodes import Program


@dataclass(frozen=True, eq=False)
class Simulation:
    """A data set drawn from the model itself, and the values that it came from.

    Args:
        data: every data item, members by their labels; :meth:`svilang.api.Program.bind` takes it.
        latents: the values of the latents.
        params: the values of the model's own parameters.
        sizes: of the dimensions and single numbers that were given, for ``bind(data, set=sizes)``.
        notes: which items were drawn from plain laws of their kind.

    Example:
        >>> import svilang
        >>> model = "model { b ~ Normal(0, 1)   plate n { observe y ~ Normal(b * x, 1) } }"
        >>> program = svilang.compile("data { y: real[n]   x: real[n] }" + model)
        >>> drawn = program.simulate({"n": 50}, seed=1)
        >>> program.bind(drawn.data).dims
        {'n': 50}
        >>> drawn.notes
        ('`x` has no distribution in the model: drawn from a standard one of its kind',)
    """

    data: Mapping[str, Any]
    latents: Mapping[str, numpy.ndarray]
    params: Mapping[str, numpy.ndarray]
    sizes: Mapping[str, Any]
    notes: tuple[str, ...]

    def save(self, directory: str | os.PathLike[str]) -> Path:
        """Write ``data.json``, which ``--data`` reads, and ``truth.json`` with the values of latents and parameters.

        Raises:
            SvilangError: a file cannot be written, or ``data.json`` is there and was not drawn.
        """
        from .results import errors

        folder = requests.path("directory", directory)
        truth = {**self.latents, **self.params}
        if (folder / "data.json").exists() and not (folder / "truth.json").exists():
            raise errors.would_be_lost(folder / "data.json")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, held in (("data.json", self.data), ("truth.json", truth)):
                lists = {key: np.asarray(value).tolist() for key, value in held.items()}
                (folder / name).write_text(json.dumps(lists), encoding="utf-8")
        except OSError as error:
            raise errors.unwritable(folder, error) from None
        return folder / "data.json"


def simulate(program: Program, source: Source, data: Any, sizes: Mapping[str, Any], seed: int) -> Simulation:
    """Draw a data set.

    Args:
        program: the model.
        source: its text.
        data: what is given nevertheless.
        sizes: of dimensions, and single numbers.
        seed: of all noise.

    Raises:
        SvilangError: a size is missing, or something cannot be drawn.
    """
    from .lower.ancestral import can_sample, without_draw
    from .lower.simulated import outcomes
    from .lower.simulated import simulate as draw
    from .results import errors

    with pipeline.about(source):
        missing = without_draw(program)
        if missing:
            raise errors.no_prior([(site.name, site.span) for site in missing])
        observed = outcomes(program)
        wrong = [program.observations[i] for i in observed.get("", [])]
        wrong += [one for one in program.observations if not can_sample(one.law)]
        if wrong:
            raise errors.no_simulation([(one.name, one.span) for one in wrong])
        bound = _bound(program, source, data, sizes)
        gaps = [name for name, there in bound.present.items() if name not in observed and not there.all()]
        if gaps:
            raise errors.no_simulation_of_gaps([(item.name, item.span) for item in program.data if item.name in gaps])
        found = draw(bound, seed)
    plain = [name for name in found.covariates if name not in bound.arrays]
    notes = [f"`{name}` has no distribution in the model: drawn from a standard one of its kind" for name in plain]
    notes += [f"`{name}` is a parameter and stands at its initial value" for name in found.params]
    notes += ["`factor` takes no part in the simulation"] * bool(program.factors)
    return Simulation(_labelled(program, bound, found.data), found.latents, found.params, dict(sizes), tuple(notes))


def _bound(program: Program, source: Source, data: Any, sizes: Mapping[str, Any]) -> Bound:
    """All sizes, and the data that are there: given, written in the text, or in a file that it names."""
    from .data import bind, present

    tables, there = present(program, data, Path(source.name).parent, sizes)
    return replace(bind(replace(program, data=there), tables, sizes), program=program)


def _labelled(program: Program, bound: Bound, data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in program.data:
        labels = None if item.kind.member is None else bound.labels.get(item.kind.member)
        found[item.name] = data[item.name] if labels is None else np.asarray(labels, dtype=object)[data[item.name]]
    return found
