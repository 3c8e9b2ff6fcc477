"""Differentiable annealed importance sampling: a Gaussian moved towards the posterior by a few Hamiltonian steps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...lazy import jax, jnp, lax, np
from ..structure import Structure
from .family import COUNT, Density, Family, FamilyRow, Settings, Whiten
from .gaussian import log_det, spread, standard_log_prob

if TYPE_CHECKING:
    from jax import Array

_LONGEST = 1.0
"""The longest leapfrog step, in standard deviations of the start."""

_STEP, _KEPT = -1.5, 2.2
"""Where step size and kept momentum begin, as logits: 0.18 and 0.9."""


def _path(
    steps: int, size: int, params: Array, normals: Array, whiten: Whiten, density: Density
) -> tuple[Array, Array]:
    """A draw and its log density together with all momenta on the way, less what these would have by themselves.

    Between p and q, ``exp(-log q)`` of the whole path is a bound on the evidence as that of a draw is. Without
    accept or reject the path is a smooth function of everything.

    Source: Geffner & Domke (2021), MCMC variational inference via uncorrected Hamiltonian annealing; Zhang, Hsu, Li,
    Finn & Grosse (2021), Differentiable annealed importance sampling.
    """
    move, log_ratio = params[:size], params[size : 2 * size]
    length, kept = _LONGEST * jax.nn.sigmoid(params[2 * size]), jax.nn.sigmoid(params[2 * size + 1])
    heat = jnp.cumsum(jax.nn.softmax(params[2 * size + 2 :]))
    noise = normals.reshape(steps + 1, size)

    def pull(u: Array, share: Array) -> Array:
        towards_p = jax.grad(lambda u: density(whiten.loc + spread(u, whiten)))(u)
        return share * towards_p - (1 - share) * (u - move) * jnp.exp(-2 * log_ratio)

    def step(carry: tuple[Array, Array, Array], given: tuple[Array, Array]) -> tuple[tuple[Array, Array, Array], None]:
        u, momentum, log_q = carry
        share, fresh = given
        half = u + 0.5 * length * momentum
        pushed = momentum + length * pull(half, share)
        log_q = log_q + standard_log_prob(momentum) - standard_log_prob(pushed)
        return (half + 0.5 * length * pushed, kept * pushed + jnp.sqrt(1 - kept**2) * fresh, log_q), None

    u = move + jnp.exp(log_ratio) * noise[0]
    log_q = standard_log_prob(noise[0]) - jnp.sum(log_ratio) - log_det(whiten)
    fresh = jnp.concatenate([noise[2:], jnp.zeros((1, size), u.dtype)])
    (u, _, log_q), _ = lax.scan(step, (u, noise[1], log_q), (heat, fresh))
    return whiten.loc + spread(u, whiten), log_q


def _over(structure: Structure, settings: Settings) -> Family:
    size, steps = structure.size, int(settings["steps"])
    start = np.concatenate([np.zeros(2 * size), [_STEP, _KEPT], np.zeros(steps)])
    return Family(
        params=2 * size + 2 + steps,
        normals=(steps + 1) * size,
        init=lambda whiten: start,
        path=partial(_path, steps, size),
    )


DAIS = FamilyRow(
    name="dais",
    summary="a Gaussian moved by Hamiltonian steps towards the posterior, without accept or reject",
    over=_over,
    settings={"steps": 4},
    kinds={"steps": COUNT},
)
