"""A guide as pure functions, for those who write their own loop."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .lazy import jnp, np, random
from .lower.run import Latents, vector
from .runtime import layout

if TYPE_CHECKING:
    import numpy

    from .lower import Lowered
    from .runtime.layout import Layout, Whitens


class Guide:
    """The guide of a model with its data, with all parameters in one flat vector.

    Example:
        >>> import jax, svilang
        >>> model = svilang.compile("model { x ~ Normal(0, 1) }").bind()
        >>> latents, log_q = model.guide.sample(model.guide.init(), jax.random.key(0))
        >>> sorted(latents)
        ['x']
    """

    def __init__(self, lowered: Lowered) -> None:
        self._lowered = lowered
        self._layout: Layout = layout.make(lowered.target, lowered.families)

    @property
    def size(self) -> int:
        """Number of unconstrained parameters."""
        return self._layout.size

    def init(self) -> numpy.ndarray:
        """Parameters to start from: each family is a standard one at the origin of the unconstrained space."""
        return self._layout.init(self._plain)

    def sample(self, params: Any, key: Any) -> tuple[dict[str, Any], Any]:
        """One draw and its log density, differentiable in ``params``.

        Args:
            params: the flat vector.
            key: a JAX key.

        Returns:
            The constrained value of each latent, and log q of these values in nats, so that the ELBO is the mean of
            ``model.log_density(latents) - log_q``.
        """
        target, lowered = self._lowered.target, self._lowered
        flat = self._vector(params)
        pieces, prepared = self._layout.cut(flat), lowered.prepared()
        drawn = self._layout.draw(pieces, self._plain, prepared, self._noise(key, flat.dtype))
        log_q = self._layout.log_q(pieces, self._plain, drawn)
        if drawn.log_q is not None:
            log_q = log_q + drawn.log_q
        assert target.draws is not None
        shown, density = target.draws(prepared, drawn.z, drawn.theta, drawn.given)
        values = target.by_name(shown)
        latents = {site.name: values[site.name] for site in lowered.sites}
        model_params = {param.name: values[param.name] for param in lowered.bound.program.params}
        return latents, log_q - (density - lowered.log_density(latents, model_params))

    def parameters(self, params: Any) -> dict[str, Any]:
        """The constrained values of the model's own parameters, by name."""
        lowered, flat = self._lowered, self._vector(params)
        if not lowered.bound.program.params:
            return {}
        theta = jnp.asarray(self._layout.model_parameters(np.asarray(flat), self._plain))
        latents = Latents(lowered.full.latents, None, {})
        run = lowered.full.start(lowered.prepared()["model"], theta, flat.dtype, latents)
        return {param.name: run.parameter(param.name) for param in lowered.bound.program.params}

    def _vector(self, params: Any) -> Any:
        return vector("the vector of the guide's parameters", params, self.size)

    @cached_property
    def _plain(self) -> Whitens:
        return layout.plain(self._lowered.target, self._lowered.families)

    def _noise(self, key: Any, dtype: Any) -> Mapping[str, Any]:
        size = self._layout.noise
        first, second, third = random.split(key, 3)
        tiny = jnp.finfo(dtype).eps
        return {
            "normal": random.normal(first, (size.normal,), dtype),
            "uniform": random.uniform(second, (size.uniform,), dtype, tiny, 1 - tiny),
            "keys": random.bits(third, (size.keys, 2), jnp.uint32),
        }
