"""Predictions from posterior samples, from a guide with its parameters, or from the prior."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ..diagnostics import did_you_mean
from ..lazy import jax, np, random
from ..predictor import Predictor
from ..runtime import effort

if TYPE_CHECKING:
    import numpy

    from ..api import Model
    from ..guide import Guide

Arrays = Mapping[str, "numpy.ndarray"]


class Predictive:
    """Draws of what a model predicts; data are never part of them.

    Args:
        model: a program with its data.
        posterior_samples: values of the latents, ``[draws, …]`` each. Discrete ones may be left out: they are drawn
            exactly, given the others and the data.
        guide: draws the latents instead; with its flat vector in ``params``.
        params: the guide's vector, or values of the model's own parameters by name.
        num_samples: how many draws of a guide or of the prior.
        return_sites: the names that are wanted; by default observations and reports, and latents from the prior.

    Raises:
        ValueError: a name is none of the model's, a latent is missing, or shapes do not fit.

    Example:
        >>> import jax, numpy as np, svilang
        >>> from svilang.infer import Predictive
        >>> text = "data { y: real[n] = [1, 3] } model { m ~ Normal(0, 1)   plate n { observe y ~ Normal(m, 1) } }"
        >>> model = svilang.compile(text).bind()
        >>> Predictive(model, {"m": np.zeros(50)})(jax.random.key(0))["y"].shape
        (50, 2)
        >>> sorted(Predictive(model, num_samples=20)(jax.random.key(0)))
        ['m', 'y']
    """

    def __init__(
        self,
        model: Model,
        posterior_samples: Mapping[str, Any] | None = None,
        *,
        guide: Guide | None = None,
        params: Any = None,
        num_samples: int | None = None,
        return_sites: Collection[str] | None = None,
    ) -> None:
        if posterior_samples is not None and guide is not None:
            raise ValueError("give either posterior samples or a guide, not both")
        if guide is not None and params is None:
            raise ValueError("a guide needs its parameters: `params`, such as `guide.init()` or those of a fit")
        if posterior_samples is None and num_samples is None:
            raise ValueError("say how many draws: `num_samples`")
        self._model, self._guide, self._params, self._count = model, guide, params, num_samples
        self._samples = None if posterior_samples is None else self._checked(posterior_samples)
        self._sites = return_sites
        named = params if guide is None and isinstance(params, Mapping) else {}
        _check_names(named, [one.name for one in model.bound.program.params], "parameter")
        self._named: Mapping[str, Any] = named

    def __call__(self, key: Any, data: Any = None, *, set: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Draws of the wanted names, ``[draws, …]`` each, in float64.

        Args:
            key: a JAX key; one key gives the same draws each time.
            data: other data than the model's, as for :meth:`svilang.api.Program.bind`, outcomes left out.
            set: sizes of dimensions and single numbers of these data.

        Raises:
            SvilangError: with what is wrong in the data.
        """
        seed = int(random.bits(key, dtype="uint32"))
        if self._samples is None and self._guide is None:
            found = self._predictor(None).prior(self._count or 0, seed).values
            return self._wanted(found, found)
        samples, params = self._drawn(key)
        predictor = self._predictor(params)
        missing = [site.name for site in self._model.bound.program.sites if site.name not in samples]
        if missing:
            samples = {**samples, **predictor.states(samples, "draw", seed)}
        found = predictor.predict(samples, seed, data, set or {}, (), everything=True).values
        latents = {site.name for site in self._model.bound.program.sites}
        shown = {name: values for name, values in found.items() if name not in latents}
        return self._wanted({**samples, **found}, shown)

    def _predictor(self, params: Arrays | None) -> Predictor:
        given = {name: np.asarray(value, float) for name, value in self._named.items()}
        if params is None and given:
            start = Predictor(self._model.program.source, self._model.bound, None).params
            params = {**start, **given}
        return Predictor(self._model.program.source, self._model.bound, params)

    def _drawn(self, key: Any) -> tuple[Arrays, Arrays | None]:
        if self._samples is not None:
            return self._samples, None
        guide, vector = self._guide, self._params
        assert guide is not None
        keys = random.split(random.fold_in(key, 1), self._count or 1)
        draw = jax.vmap(lambda one: guide.sample(vector, one)[0])
        values = jax.jit(draw, compiler_options=effort.in_order())(keys)
        params = {name: np.asarray(value, float) for name, value in guide.parameters(vector).items()}
        return {name: np.asarray(value) for name, value in values.items()}, params or None

    def _wanted(self, known: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
        if self._sites is None:
            return dict(shown)
        _check_names(self._sites, known, "value")
        return {name: known[name] for name in self._sites}

    def _checked(self, samples: Mapping[str, Any]) -> dict[str, numpy.ndarray]:
        """Samples of all continuous latents, each of its shape, all as many."""
        program, sizes = self._model.bound.program, self._model.bound.sizes
        _check_names(samples, [site.name for site in program.sites], "latent variable")
        found = {name: np.asarray(values) for name, values in samples.items()}
        for site in program.sites:
            shape = tuple(sizes[dim.name] for dim in site.dims)
            if site.name in found and found[site.name].shape[1:] != shape:
                given = found[site.name].shape
                raise ValueError(f"`{site.name}` has shape {shape}, and its samples {given}: draws come first")
            if site.name not in found and not site.kind.discrete:
                raise ValueError(f"`{site.name}` has no samples")
        if len({len(values) for values in found.values()}) > 1:
            counts = ", ".join(f"`{name}` {len(values)}" for name, values in found.items())
            raise ValueError(f"the numbers of samples differ: {counts}")
        return found


def _check_names(names: Collection[str], known: Collection[str], what: str) -> None:
    for name in names:
        if name not in known:
            suggestion = did_you_mean(name, known)
            raise ValueError(f"there is no {what} `{name}`" + (f": {suggestion}" if suggestion else ""))
