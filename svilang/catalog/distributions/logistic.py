"""Logistic."""

from __future__ import annotations

import math

from ...lazy import nn, special
from .numeric import open_unit
from .standard import Standard, location_scale_family

LOGISTIC = location_scale_family(
    "Logistic",
    Standard(
        log_prob=lambda z: nn.log_sigmoid(z) + nn.log_sigmoid(-z),
        cdf=lambda z: special.expit(z),
        log_cdf=lambda z: nn.log_sigmoid(z),
        log_sf=lambda z: nn.log_sigmoid(-z),
        icdf=lambda q: special.logit(q),
        noise="uniform",
        from_noise=lambda u: special.logit(open_unit(u)),
        mean=0.0,
        variance=math.pi**2 / 3,
        entropy=2.0,
    ),
    "a latent utility; errors a little heavier in the tails than Normal ones",
    "Johnson, Kotz & Balakrishnan (1995), vol. 2, ch. 23",
)
