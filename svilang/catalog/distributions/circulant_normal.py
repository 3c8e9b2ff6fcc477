"""CirculantNormal: a Normal vector around a circle, whose covariance depends on the distance along it only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, np
from ..distribution import Distribution, Form, LocationScale, Param
from .kinds import REAL
from .multivariate_normal import MULTIVARIATE_NORMAL
from .numeric import LOG_2PI, normal_draws, spread, within

if TYPE_CHECKING:
    from jax import Array


def _spectrum(covariance_row: Any) -> tuple[Array, Array]:
    """Variances of the waves around the circle, and whether they are those of a covariance.

    The row is the same in both directions, but for what rounding does, and all of its waves have a positive variance.
    """
    back = jnp.roll(covariance_row[..., ::-1], 1, axis=-1)
    room = math.sqrt(float(jnp.finfo(covariance_row.dtype).eps)) * jnp.abs(covariance_row[..., :1])
    even = jnp.all(jnp.abs(covariance_row - back) <= room, -1)
    waves = jnp.fft.fft(0.5 * (covariance_row + back)).real
    return jnp.where(waves > 0, waves, 1), even & jnp.all(waves > 0, -1)


def _through(x: Any, factor: Any) -> Array:
    """``x`` with each of its waves multiplied by ``factor``."""
    return jnp.fft.ifft(jnp.fft.fft(x) * factor).real


def _half_log_det(covariance_row: Any) -> Array:
    return 0.5 * jnp.sum(jnp.log(_spectrum(covariance_row)[0]), -1)


def _log_prob(x: Any, loc: Any, covariance_row: Any) -> Array:
    waves, possible = _spectrum(covariance_row)
    parts, size = jnp.fft.fft(x - loc), x.shape[-1]
    squares = jnp.sum((parts.real**2 + parts.imag**2) / waves, -1) / size
    return within(possible, -0.5 * (squares + size * LOG_2PI) - _half_log_det(covariance_row))


def _marginal(x: Any, present: Any, loc: Any, covariance_row: Any) -> Array:
    """With the whole matrix, since a part of a circle is none."""
    places = np.arange(x.shape[-1])
    factor = jnp.linalg.cholesky(covariance_row[..., (places[None, :] - places[:, None]) % x.shape[-1]])
    assert MULTIVARIATE_NORMAL.marginal is not None
    return within(_spectrum(covariance_row)[1], MULTIVARIATE_NORMAL.marginal(x, present, loc, factor))


def _from_noise(noise: Any, loc: Any, covariance_row: Any) -> Array:
    return loc + _through(noise, jnp.sqrt(_spectrum(covariance_row)[0]))


def _to_noise(x: Any, loc: Any, covariance_row: Any) -> Array:
    return _through(x - loc, 1 / jnp.sqrt(_spectrum(covariance_row)[0]))


def _log_det(z: Any, loc: Any, covariance_row: Any) -> Array:
    return spread(_half_log_det(covariance_row), z[..., 0], loc[..., 0])


def _entropy(loc: Any, covariance_row: Any) -> Array:
    size = covariance_row.shape[-1]
    return spread(0.5 * size * (LOG_2PI + 1) + _half_log_det(covariance_row), loc[..., 0])


CIRCULANT_NORMAL = Distribution(
    name="CirculantNormal",
    forms=(
        Form(
            (
                Param("loc", REAL, "the centre", ("k",)),
                Param("covariance_row", REAL, "the covariance with the first, the same in both directions", ("k",)),
            ),
            _log_prob,
        ),
    ),
    support=REAL,
    event=("k",),
    sample=normal_draws(_from_noise),
    reparameterised=True,
    noise="normal",
    from_noise=_from_noise,
    location_scale=LocationScale(forward=_from_noise, inverse=_to_noise, log_det=_log_det),
    mean=lambda loc, covariance_row: spread(loc, covariance_row),
    variance=lambda loc, covariance_row: spread(covariance_row[..., :1], loc, covariance_row),
    entropy=_entropy,
    marginal=_marginal,
    summary="a smooth path around a circle, such as the hours of a day, by the fast Fourier transform",
    reference="Wood & Chan (1994), Journal of Computational and Graphical Statistics 3(4)",
)
