"""One flat parameter vector for the whole guide, with static slices: families, the explicit part, model parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..lazy import jnp, lax, np
from .guides import FAMILIES, Family, FamilyRow, Whiten, anchored, placed
from .guides.family import Density, pieces, shift
from .structure import FamilyUse
from .target import Noise, Target
from .whitening import diagonal

if TYPE_CHECKING:
    from jax import Array

Whitens = tuple[Whiten, ...]
"""One for each family in order, then one for the model's own parameters."""

Pieces = Sequence[Any]
"""The flat vector cut up: the parameters of each family in order, the explicit part's, the model's own."""


@dataclass(frozen=True, slots=True)
class Part:
    """Where one family's parameters and noise stand in the flat vectors."""

    use: FamilyUse
    row: FamilyRow
    family: Family
    params: slice
    normals: slice


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The guide of a target as functions of one flat vector.

    Args:
        target: what is approximated.
        parts: the families, in order.
        phi: the explicit part's parameters in the flat vector.
        theta: the model's own parameters, in whitened coordinates.
        size: length of the flat vector.
        noise: what one draw takes.
        runs: how ``z`` is put together from the families' draws: ``(part, start, stop)`` in the part's own coordinates.
    """

    target: Target
    parts: tuple[Part, ...]
    phi: slice
    theta: slice
    size: int
    noise: Noise
    runs: tuple[tuple[int, int, int], ...]

    def of_all(self) -> Layout:
        """The same with steps that see all members."""
        return replace(self, target=self.target.of_all())

    def cut(self, params: Array) -> Pieces:
        """The flat vector in pieces."""
        sizes = [*(part.family.params for part in self.parts), self.phi.stop - self.phi.start]
        return pieces(params, *sizes, self.theta.stop - self.theta.start)

    @property
    def branches(self) -> int:
        """How many draws one row of noise stands for."""
        return math.prod(part.family.branches for part in self.parts)

    def log_weights(self, params: Pieces) -> Array:
        """How much each of the branches counts, ``[branches]``."""
        total = jnp.zeros(1, params[-1].dtype)
        for part, own in zip(self.parts, params, strict=False):
            if part.family.log_weights is not None:
                total = (total[:, None] + part.family.log_weights(own)).ravel()
        return total

    def draw(
        self,
        params: Pieces,
        whitens: Whitens,
        prepared: Any,
        noise: Mapping[str, Array],
        branch: Array | None = None,
    ) -> _Drawn:
        """One draw of everything: ``z``, ``theta``, the explicit part, and the explicit part's log density.

        With ``branch`` it is that of the branches; without, one of them by chance.
        """
        drawn = self._families(params, whitens, prepared, noise, branch)
        explicit = self.target.explicit
        if explicit is None:
            return drawn
        made = explicit.sample(prepared, params[-2], self._explicit_noise(noise), drawn.z)
        return replace(drawn, given=made.given, log_q=made.log_q, scored=made.scored)

    @property
    def has_expectation(self) -> bool:
        """Whether the explicit part has sums that are taken exactly, or gradients that are not pathwise."""
        return self.target.explicit is not None and self.target.explicit.expected is not None

    def expected(
        self,
        params: Pieces,
        whitens: Whitens,
        prepared: Any,
        noise: Mapping[str, Array],
        branch: Array | None = None,
    ) -> tuple[_Drawn, Array, tuple[tuple[Array, Array], ...]]:
        """A draw of the families, and the log weight with the explicit part's sums taken but for the families' part."""
        drawn, explicit = self._families(params, whitens, prepared, noise, branch), self.target.explicit
        assert explicit is not None
        assert explicit.expected is not None
        given_noise = self._explicit_noise(noise)
        return (drawn, *explicit.expected(prepared, params[-2], drawn.theta, given_noise, drawn.z))

    def _families(
        self, params: Pieces, whitens: Whitens, prepared: Any, noise: Mapping[str, Array], branch: Array | None
    ) -> _Drawn:
        theta = shift(params[-1], whitens[-1])
        picks = self._picks(branch)
        draws: list[Array] = []
        for part, own, whiten, pick in zip(self.parts, params, whitens, picks, strict=False):
            taken = own, noise["normal"][part.normals], whiten
            if pick is not None and part.family.branch is not None:
                draws.append(part.family.branch(*taken, pick))
            else:
                draws.append(whiten.loc if part.family.sample is None else part.family.sample(*taken))
        known: list[Array | None] = []
        for i, (part, whiten) in enumerate(zip(self.parts, whitens, strict=False)):
            log_q = None
            if part.family.path is not None:
                density = self._density(draws, i, prepared, theta, params, noise)
                taken = params[i], noise["normal"][part.normals], whiten
                draws[i], log_q = part.family.path(*taken, density)
            known.append(log_q)
        z = _assembled(draws, self.runs, params[-1].dtype)
        return _Drawn(z, theta, tuple(known))

    def _explicit_noise(self, noise: Mapping[str, Array]) -> Mapping[str, Array]:
        assert self.target.explicit is not None
        families = self.noise.normal - self.target.explicit.noise.normal
        return {**noise, "normal": noise["normal"][families:]}

    def _picks(self, branch: Array | None) -> list[Array | None]:
        """The branch of each part."""
        found: list[Array | None] = []
        for part in reversed(self.parts):
            found.append(None if branch is None else branch % part.family.branches)
            branch = None if branch is None else branch // part.family.branches
        return found[::-1]

    def _density(
        self, draws: list[Array], i: int, prepared: Any, theta: Array, params: Pieces, noise: Mapping[str, Array]
    ) -> Density:
        """The log density over the coordinates of the ``i``-th part, the others as drawn so far: that of the target, or
        of the part's surrogate for it.
        """
        target, use = self.target, self.parts[i].use
        surrogate = target.surrogates[i] if target.surrogates else None

        def density(own: Array, *weights: Array) -> Array:
            z = _assembled([*draws[:i], own, *draws[i + 1 :]], self.runs, own.dtype)
            given = None
            if target.explicit is not None:
                given = target.explicit.sample(prepared, params[-2], self._explicit_noise(noise), z).given
            if surrogate is not None:
                return surrogate(prepared, weights[0], z, theta, given)
            value = target.log_density(prepared, z, theta, given)
            return value if use.scale == 1 else value / use.scale

        return density

    def entropy(self, params: Pieces, whitens: Whitens) -> Array:
        """Entropy of the families together, in nats."""
        total = jnp.zeros((), params[-1].dtype)
        for part, own, whiten in zip(self.parts, params, whitens, strict=False):
            if part.family.entropy is not None:
                total = total + _scaled(part.use, part.family.entropy(own, whiten))
        return total

    def control(self, params: Pieces, whitens: Whitens, normals: Array) -> Array:
        """The families' control variates for one draw: mean zero, in nats."""
        total = jnp.zeros((), params[-1].dtype)
        for part, own, whiten in zip(self.parts, params, whitens, strict=False):
            if part.family.control is not None:
                control = part.family.control(own, normals[part.normals], whiten)
                total = total + _scaled(part.use, control)
        return total

    def log_q(self, params: Pieces, whitens: Whitens, drawn: _Drawn, known: bool = True) -> Array:
        """Log density of the families together at a draw; without those whose entropy is known, unless ``known``.

        Without, it stands in a mean of log weights. There a family that draws all of its branches needs no gradient
        through its own parameters at the draws: those of all branches have mean zero together, and would be the noise
        that is left at the posterior.

        Source: Roeder, Wu & Duvenaud (2017), Sticking the landing, section 4 for mixtures.
        """
        total = jnp.zeros((), params[-1].dtype)
        for part, own, whiten, log_q in zip(self.parts, params, whitens, drawn.families, strict=False):
            if not known and part.family.entropy is not None:
                continue
            if log_q is None:
                assert part.family.log_prob is not None
                z = drawn.z if len(self.parts) == 1 else drawn.z[np.asarray(part.use.indices)]
                held = part.family.branches > 1 and not known
                log_q = part.family.log_prob(lax.stop_gradient(own) if held else own, z, whiten)
            total = total + _scaled(part.use, log_q)
        return total

    def init(self, whitens: Whitens) -> np.ndarray:
        """The parameters that the start proposes."""
        flat = np.zeros(self.size)
        for part, whiten in zip(self.parts, whitens, strict=False):
            flat[part.params] = part.family.init(whiten)
        if self.target.explicit is not None:
            flat[self.phi] = self.target.explicit.init
        return flat

    def model_parameters(self, params: np.ndarray, whitens: Whitens) -> np.ndarray:
        """The model's own parameters in the target's coordinates."""
        return np.asarray(shift(params[self.theta], whitens[-1]))


@dataclass(frozen=True, slots=True)
class _Drawn:
    z: Array
    theta: Array
    families: tuple[Array | None, ...]
    given: Any = None
    log_q: Array | None = None
    scored: Array | None = None


def at(layout: Layout, z: Array) -> _Drawn:
    """The families' part of a draw that stands at ``z``."""
    return _Drawn(z, z, (None,) * len(layout.parts))


def make(target: Target, families: tuple[FamilyUse, ...]) -> Layout:
    """The layout of these families, the target's explicit part and its model parameters."""
    parts: list[Part] = []
    params = normals = 0
    for use in families:
        family = placed(use)
        ends = params + family.params, normals + family.normals
        parts.append(Part(use, FAMILIES[use.name], family, slice(params, ends[0]), slice(normals, ends[1])))
        params, normals = ends
    explicit = target.explicit
    phi = slice(params, params + (explicit.size if explicit else 0))
    theta = slice(phi.stop, phi.stop + len(target.theta))
    extra = explicit.noise if explicit else Noise()
    noise = Noise(normals + extra.normal, extra.uniform, extra.keys)
    return Layout(target, tuple(parts), phi, theta, theta.stop, noise, _runs(families))


def plain(target: Target, families: tuple[FamilyUse, ...]) -> Whitens:
    """The units of the unconstrained space itself, in the place of those that a start finds."""
    theta = np.asarray(target.theta)
    zeros, ones = np.zeros(target.size, theta.dtype), np.ones(target.size, theta.dtype)
    own = [anchored(use, diagonal(zeros, ones, use.indices)) for use in families]
    return (*own, diagonal(theta, np.ones_like(theta), range(len(theta))))


def _scaled(use: FamilyUse, value: Array) -> Array:
    return value if use.scale == 1 else use.scale * value


def _runs(families: tuple[FamilyUse, ...]) -> tuple[tuple[int, int, int], ...]:
    """Maximal ranges of ``z`` that come in order from one family."""
    owners = sorted((index, part, own) for part, use in enumerate(families) for own, index in enumerate(use.indices))
    runs: list[tuple[int, int, int]] = []
    for _, part, own in owners:
        if runs and runs[-1][0] == part and runs[-1][2] == own:
            runs[-1] = (part, runs[-1][1], own + 1)
        else:
            runs.append((part, own, own + 1))
    return tuple(runs)


def _assembled(draws: list[Array], runs: tuple[tuple[int, int, int], ...], dtype: Any) -> Array:
    if not runs:
        return jnp.zeros(0, dtype)
    if len(runs) == 1:
        return draws[0]
    return jnp.concatenate([draws[part][start:stop] for part, start, stop in runs])
