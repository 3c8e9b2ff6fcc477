"""A mixture of several guides of one family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...lazy import jax, jnp, lax, np, special
from ..structure import Structure
from .family import COUNT, FAMILY, Family, FamilyRow, Settings, Whiten

if TYPE_CHECKING:
    from jax import Array

_APART = 1.0
"""How many standard deviations of the start the components begin from its centre."""


def mixture(count: int, component: Family, size: int) -> Family:
    """The mixture of ``count`` components.

    A step draws from every component, so that weights have a gradient without noise of their own, and the others one
    through the draws alone (:meth:`svilang.runtime.layout.Layout.log_q`); a single draw picks one by the last normal.
    """
    each = component.params

    def split(params: Array) -> tuple[Array, Array]:
        return jax.nn.log_softmax(params[:count]), params[count:].reshape(count, each)

    def from_component(params: Array, normals: Array, whiten: Whiten, which: Array) -> Array:
        own = lax.dynamic_index_in_dim(split(params)[1], which, keepdims=False)
        assert component.sample is not None
        return component.sample(own, normals[:-1], whiten)

    def sample(params: Array, normals: Array, whiten: Whiten) -> Array:
        ends = jnp.cumsum(jnp.exp(split(params)[0]))[:-1]
        return from_component(params, normals, whiten, jnp.sum(special.ndtr(normals[-1]) >= ends))

    def log_prob(params: Array, z: Array, whiten: Whiten) -> Array:
        log_weights, own = split(params)
        assert component.log_prob is not None
        return special.logsumexp(log_weights + jax.vmap(component.log_prob, (0, None, None))(own, z, whiten))

    def init(whiten: Whiten) -> np.ndarray:
        """Components around the centre of the start, in directions as far apart as there are."""
        start = np.tile(component.init(whiten), (count, 1))
        source = np.random.default_rng(0)
        moves = source.standard_normal((count, size))
        moves -= moves.mean(axis=0)
        norms = np.linalg.norm(moves, axis=1, keepdims=True)
        start[:, :size] += _APART * moves / np.where(norms > 0, norms, 1)
        return np.concatenate([np.zeros(count), start.ravel()])

    def moments(params: np.ndarray, whiten: Whiten) -> tuple[np.ndarray, np.ndarray]:
        mean, covariance = _moments(count, component, params, whiten)
        return mean, np.sqrt(np.diag(covariance))

    return Family(
        params=count * (1 + each),
        normals=component.normals + 1,
        init=init,
        sample=sample,
        log_prob=log_prob,
        moments=moments,
        covariance=lambda params, whiten: _moments(count, component, params, whiten)[1],
        anchor=component.anchor,
        branches=count,
        branch=from_component,
        log_weights=lambda params: split(params)[0],
    )


def _moments(count: int, component: Family, params: np.ndarray, whiten: Whiten) -> tuple[np.ndarray, np.ndarray]:
    assert component.moments is not None
    assert component.covariance is not None
    weights = np.exp(params[:count] - np.max(params[:count]))
    weights = weights / np.sum(weights)
    own = params[count:].reshape(count, -1)
    means = np.stack([component.moments(p, whiten)[0] for p in own])
    mean = weights @ means
    inside = sum(w * component.covariance(p, whiten) for w, p in zip(weights, own, strict=True))
    return mean, inside + (means - mean).T @ (weights[:, None] * (means - mean))


def row(components: Mapping[str, FamilyRow]) -> FamilyRow:
    """The row of mixtures of these families."""

    def over(structure: Structure, settings: Settings) -> Family:
        chosen = components[settings["family"]]
        component = chosen.over(structure, dict(chosen.settings))
        return mixture(int(settings["components"]), component, structure.size)

    return FamilyRow(
        name="mixture",
        summary="a mixture of several guides of one family; every step draws from each of them",
        over=over,
        settings={"components": 2, "family": "full_rank"},
        kinds={"components": COUNT, "family": FAMILY},
    )
