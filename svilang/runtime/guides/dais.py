"""Differentiable annealed importance sampling: a Gaussian moved towards the posterior by a few Hamiltonian steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ...lazy import jax, jnp, lax, np
from ..structure import Structure
from .family import COUNT, Density, Family, FamilyRow, Settings, Whiten, entries, some
from .gaussian import log_det, spread, standard_log_prob

if TYPE_CHECKING:
    from jax import Array

_LONGEST = 1.0
"""The longest leapfrog step, in standard deviations of the start: an angle in radians."""

_STRONGEST = 10.0
"""The strongest pull, that of a standard normal at ten standard deviations. A path may follow any force and stay what
it is; where a log density falls like an exponential a step along its slope would leave for good."""

_STEP, _KEPT = -1.5, 2.2
"""Where step size and kept momentum begin, as logits: 0.18 and 0.9."""

Slope = Callable[[Any], Any]
"""The gradient of a log density in whitened coordinates."""


def moved(
    steps: int, size: int, lengths: int, params: Array, normals: Array, whiten: Whiten, slope: Slope
) -> tuple[Array, Array]:
    """A draw and its log density together with all momenta on the way, less what these would have by themselves.

    Between p and q, ``exp(-log q)`` of the whole path is a bound on the evidence as that of a draw is. Without
    accept or reject the path is a smooth function of everything, and it may follow any ``slope``. A leapfrog step is
    three shears, and these are so long that for a standard normal they are a rotation by the angle ``length``: where
    the target is the Gaussian of the start, a path of whatever length leaves it as it is, and nothing is lost.

    Source: Geffner & Domke (2021), MCMC variational inference via uncorrected Hamiltonian annealing; Zhang, Hsu, Li,
    Finn & Grosse (2021), Differentiable annealed importance sampling.
    """
    move, log_ratio = params[:size], params[size : 2 * size]
    own = 2 * size + lengths
    length, kept = _LONGEST * jax.nn.sigmoid(params[2 * size : own]), jax.nn.sigmoid(params[own])
    heat = jnp.cumsum(jax.nn.softmax(params[own + 1 :]))
    drift, kick = jnp.tan(0.5 * length), jnp.sin(length)
    noise = normals.reshape(steps + 1, size)

    def pull(u: Array, share: Array) -> Array:
        towards_both = share * slope(u) - (1 - share) * (u - move) * jnp.exp(-2 * log_ratio)
        return jnp.clip(towards_both, -_STRONGEST, _STRONGEST)

    def step(carry: tuple[Array, Array, Array], given: tuple[Array, Array]) -> tuple[tuple[Array, Array, Array], None]:
        u, momentum, log_q = carry
        share, fresh = given
        half = u + drift * momentum
        pushed = momentum + kick * pull(half, share)
        log_q = log_q + standard_log_prob(momentum) - standard_log_prob(pushed)
        return (half + drift * pushed, kept * pushed + jnp.sqrt(1 - kept**2) * fresh, log_q), None

    u = move + jnp.exp(log_ratio) * noise[0]
    log_q = standard_log_prob(noise[0]) - jnp.sum(log_ratio) - log_det(whiten)
    fresh = jnp.concatenate([noise[2:], jnp.zeros((1, size), u.dtype)])
    (u, _, log_q), _ = lax.scan(step, (u, noise[1], log_q), (heat, fresh))
    return whiten.loc + spread(u, whiten), log_q


def _path(
    steps: int, size: int, lengths: int, params: Array, normals: Array, whiten: Whiten, density: Density
) -> tuple[Array, Array]:
    slope = jax.grad(lambda u: density(whiten.loc + spread(u, whiten)))
    return moved(steps, size, lengths, params, normals, whiten, slope)


def _over(structure: Structure, settings: Settings) -> Family:
    return _family(structure.size, 1, int(settings["steps"]))


def _each(structure: Structure, settings: Settings) -> Family:
    return _family(structure.size, structure.size, int(settings["steps"]))


def _family(size: int, lengths: int, steps: int) -> Family:
    """With one length of a step, or one for each coordinate, which keeps volumes as well."""
    begin = start(size, lengths, steps)
    return Family(
        params=len(begin),
        normals=(steps + 1) * size,
        init=lambda whiten: begin,
        path=partial(_path, steps, size, lengths),
    )


def start(size: int, lengths: int, steps: int) -> np.ndarray:
    """Parameters of a path that begins at the start's Gaussian."""
    return np.concatenate([np.zeros(2 * size), np.full(lengths, _STEP), [_KEPT], np.zeros(steps)])


def _restrict(params: Array, whiten: Whiten, indices: Array) -> tuple[Array, Whiten]:
    size = len(whiten.loc)
    places = [entries(params[first : first + size], indices) for first in (0, size, 2 * size)]
    return jnp.concatenate([*places, params[3 * size :]]), some(whiten, indices)


DAIS = FamilyRow(
    name="dais",
    summary="a Gaussian moved by Hamiltonian steps towards the posterior, without accept or reject",
    over=_over,
    settings={"steps": 4},
    kinds={"steps": COUNT},
    density=False,
    follows=True,
)

SEMI_DAIS = replace(
    DAIS,
    name="semi_dais",
    summary="the same for members of a plate, each towards its own posterior given all else, also by minibatches",
    over=_each,
    restrict=_restrict,
)
