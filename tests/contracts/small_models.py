"""Small models drawn at random, each with a guide, and their exact bounds by sums and Gauss–Hermite quadrature.

A program is a few latents, outside a plate or in it, and the observations that read them. It can print itself as a spec
and compute the bounds of its guide by listing every combination of the values of the guide's draws: those of discrete
ones, and the nodes of a quadrature of continuous ones. The two share nothing but the numbers.
"""

import functools
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy import stats

NODES, FINER = 12, 30
MOST_POINTS = 30_000
MOST_COUNTS = 30
"""Counts without an end are listed up to here: their rates are about 1."""
KINDS = ("switch", "few", "counts", "normal", "normal", "positive")
DISCRETE = {"switch": 2, "few": 3, "counts": MOST_COUNTS}


@dataclass(frozen=True)
class Line:
    """``base + Σ slope · name``."""

    base: float
    slopes: tuple[tuple[str, float], ...] = ()

    def text(self):
        return " + ".join([repr(self.base), *(f"{slope!r} * {name}" for name, slope in self.slopes)])

    def of(self, value):
        return sum((slope * value(name) for name, slope in self.slopes), self.base)


@dataclass(frozen=True)
class Latent:
    """One of the model: ``switch``, ``few``, ``counts``, ``normal`` or ``positive``; ``line`` is of its location, its
    log rate or its logit.
    """

    name: str
    kind: str
    plated: bool
    line: Line

    def text(self):
        return f"{self.name} ~ {_LAWS[self.kind].format(self.line.text(), '0.9')}"


@dataclass(frozen=True)
class Drawn:
    """How the guide makes a latent: ``plain``, ``score``, ``formula``, ``mixture``, ``family`` or ``none``.

    ``params`` names its parameters: a base, one slope for each latent that it reads, and a log scale, or for a mixture
    the distance of its parts. With ``local`` each member of the plate has its own. ``told`` says that a scored one has
    a baseline, of a parameter of its own and what it reads first.
    """

    latent: Latent
    form: str
    reads: tuple[str, ...] = ()
    local: bool = False
    params: tuple[str, ...] = ()
    start: tuple[float, ...] = ()
    told: bool = False

    def score(self):
        """The statement that asks for the score function."""
        name = self.latent.name
        if not self.told:
            return f"score {name}"
        taken = " + ".join([f"b{name}", *(f"0.4 * {read}" for read in self.reads[:1])])
        return f"param b{name}: real = -1.5   score(baseline={taken}) {name}"

    @property
    def line(self):
        slopes = (f"{param} * {name}" for param, name in zip(self.params[1:], self.reads, strict=False))
        return " + ".join([self.params[0], *slopes])

    def text(self):
        name, line, last = self.latent.name, self.line, self.params[-1]
        if self.form == "formula":
            made = f"0.5 * u{name} + 0.3"
            made = f"exp({made})" if self.latent.kind == "positive" else made
            return f"aux u{name} ~ Normal({line}, exp({last}))   {name} = {made}"
        if self.form == "mixture":
            return f"{name} ~ Mixture([0.3, 0.7], [Normal({line}, 0.5), Normal({line} + {last}, 0.7)])"
        return f"{name} ~ {_LAWS[self.latent.kind].format(line, f'exp({last})')}"

    @property
    def explicit(self):
        return self.form not in ("family", "none")


_LAWS = {
    "switch": "Bernoulli(logits={0})",
    "few": "Binomial(2, logits={0})",
    "counts": "Poisson(exp({0}))",
    "normal": "Normal({0}, {1})",
    "positive": "LogNormal({0}, {1})",
}


def density(kind, line, scale, x):
    """The log density of a law of :data:`_LAWS`."""
    if kind == "switch":
        return -jnp.logaddexp(0, jnp.where(x == 1, -line, line))
    if kind == "few":
        return jnp.where(x == 1, np.log(2), 0) - x * jnp.logaddexp(0, -line) - (2 - x) * jnp.logaddexp(0, line)
    if kind == "counts":
        return stats.poisson.logpmf(x, jnp.exp(line))
    log = jnp.log(x) if kind == "positive" else x
    return stats.norm.logpdf(log, line, scale) - (log if kind == "positive" else 0)


@dataclass(frozen=True)
class Outcome:
    """An observation: ``real``, ``binary`` or ``count``, in the plate or not."""

    name: str
    kind: str
    plated: bool
    line: Line
    values: tuple[float, ...]
    mask: tuple[int, ...] = ()
    weight: tuple[float, ...] = ()

    def text(self):
        law = {"real": "Normal({}, 1.1)", "binary": "Bernoulli(logits={})", "count": "Poisson(exp({}))"}[self.kind]
        where = f" where m{self.name} == 1" if self.mask else ""
        weight = f" weight w{self.name}" if self.weight else ""
        return f"observe {self.name} ~ {law.format(self.line.text())}{where}{weight}"

    def data(self):
        axis = "[obs]" if self.plated else ""
        told = [(f"{self.name}: {self.kind}", self.values), (f"m{self.name}: binary", self.mask)]
        told.append((f"w{self.name}: positive", self.weight))
        return [f"{head}{axis} = {list(v) if self.plated else v[0]}" for head, v in told if v]

    def log_density(self, i, value):
        """Of one member, as it counts."""
        y, line = self.values[i], self.line.of(value)
        law = {"real": "normal", "binary": "switch", "count": "counts"}[self.kind]
        one = density(law, line, 1.1, jnp.asarray(float(y)))
        one = one * (self.weight[i] if self.weight else 1)
        return one if not self.mask or self.mask[i] else 0 * one


@dataclass(frozen=True)
class Program:
    """A model of a plate ``obs`` of so many members, and a guide whose draws are in the order of its own."""

    members: int
    latents: tuple[Latent, ...]
    guide: tuple[Drawn, ...]
    outcomes: tuple[Outcome, ...]
    tilt: float = 0.0
    nodes: int = NODES

    def text(self):
        data = [one for outcome in self.outcomes for one in outcome.data()]
        model = self._blocks([(one.plated, one.text()) for one in (*self.latents, *self.outcomes)])
        if self.tilt:
            model += f"\n  factor {-self.tilt!r} * {self.latents[0].name}^2"
        given = []
        for one in (one for one in self.guide if one.explicit):
            params = "   ".join(f"param {p}: real = {v!r}" for p, v in zip(one.params, one.start, strict=True))
            given += [(one.local, params), (one.latent.plated, one.text())]
        given += [(one.latent.plated, one.score()) for one in self.guide if one.form == "score"]
        guide = self._blocks(given)
        if any(one.form == "family" for one in self.guide):
            guide += "\n  rest ~ mean_field"
        declared = "\n  ".join([f"dim obs = {self.members}", *data])
        return f"data {{\n  {declared}\n}}\nmodel {{{model}\n}}\nguide {{{guide}\n}}"

    def _blocks(self, statements):
        return "".join(f"\n  plate obs {{ {one} }}" if inside else f"\n  {one}" for inside, one in statements)

    def with_baselines(self):
        """The same with a baseline for each scored draw."""
        return replace(self, guide=tuple(replace(one, told=one.form == "score") for one in self.guide))

    # --- parameters ----------------------------------------------------------------------------------------------

    def start(self):
        """The parameters at which the spec starts, by name; a family's in coordinates of its own."""
        found = {}
        for one in self.guide:
            for param, value in zip(one.params, one.start, strict=True):
                shape = self.members if one.local or (one.form == "family" and one.latent.plated) else ()
                found[param] = jnp.full(shape, value)
        return found

    # --- exact bounds --------------------------------------------------------------------------------------------

    @property
    def points(self):
        """How many combinations there are."""
        total = 1
        for one in self.guide:
            each = DISCRETE.get(one.latent.kind, self.nodes * (2 if one.form == "mixture" else 1))
            total *= each ** (self.members if one.latent.plated else 1)
        return total

    def weights(self, params, heat=1.0):
        """The probability of each combination of the guide's draws and its log weight, latents counting ``heat``."""
        grid = _Grid(self, params)
        for one in (one for one in self.guide if one.form != "none"):
            grid.extend(one)
        mass, log_q = grid.mass, grid.log_q
        for one in (one for one in self.guide if one.form == "none"):
            grid.list(one.latent)
        total = -heat * grid.spread(log_q) + self._joint(grid, heat)
        return mass, jax.nn.logsumexp(total.reshape(len(mass), -1), axis=1)

    def _joint(self, grid, heat):
        total = 0.0
        for one in self.latents:
            for i in range(self.members if one.plated else 1):
                value = functools.partial(grid.value, i)
                x = value(one.name)
                total = total + heat * density(one.kind, one.line.of(value), 0.9, x)
        for one in self.outcomes:
            for i in range(self.members if one.plated else 1):
                total = total + one.log_density(i, functools.partial(grid.value, i))
        return total - self.tilt * grid.value(0, self.latents[0].name) ** 2 if self.tilt else total

    def elbo(self, params, heat=1.0):
        """The bound of one draw."""
        mass, weights = self.weights(params, heat)
        return jnp.sum(mass * weights)

    def renyi(self, params, order):
        """The bound of two independent draws, ``order`` being 1 less its own: 1 is the importance-weighted one.

        Where all latents stand in the plate, it is the sum of those of the members.
        """
        if self.members > 1 and all(one.plated for one in self.latents):
            return sum(self.member(i).renyi(_of_member(params, i), order) for i in range(self.members))
        mass, weights = self.weights(params)
        pairs = jnp.logaddexp(order * weights[:, None], order * weights) - np.log(2)
        return mass @ pairs @ mass / order


    def member(self, i):
        """The same program of one member alone."""
        outcomes = [
            replace(one, values=one.values[i : i + 1], mask=one.mask[i : i + 1], weight=one.weight[i : i + 1])
            for one in self.outcomes
        ]
        alone = replace(self, members=1, outcomes=tuple(outcomes))
        finer = replace(alone, nodes=FINER)
        return finer if finer.points <= FINER**2 else alone


def _of_member(params, i):
    return {name: value[i : i + 1] if value.ndim else value for name, value in params.items()}


class _Grid:
    """Combinations of values, each with its probability and its log density under the guide."""

    def __init__(self, program, params):
        self.program, self.params = program, params
        self.values, self.mass, self.log_q = {}, jnp.ones(1), jnp.zeros(1)

    def value(self, i, name):
        """At member ``i``; the same for all of a latent outside the plate."""
        return self.spread(self.values.get((name, i), self.values.get((name, 0))))

    def spread(self, values):
        """Values of an earlier grid on this one: later draws run fastest."""
        return _repeated(values, len(self.mass) // len(values))

    def extend(self, one):
        """All values of one of the guide's draws."""
        plated = one.latent.plated
        for i in range(self.program.members if plated else 1):
            own = [self.params[p] for p in one.params]
            own = [p[i] if p.ndim else p for p in own]
            line = own[0] + sum((p * self.value(i, name) for p, name in zip(own[1:], one.reads, strict=False)), 0.0)
            line = jnp.broadcast_to(line, self.mass.shape)
            x, mass, log_q = _draws(one, line[:, None], own[-1], self.program.nodes)
            mass, log_q = (jnp.broadcast_to(part, x.shape) for part in (mass, log_q))
            self.mass = (self.mass[:, None] * mass).ravel()
            self.log_q = (self.log_q[:, None] + log_q).ravel()
            self.values[one.latent.name, i] = x.ravel()

    def list(self, latent):
        """All values of one that is summed out."""
        count = DISCRETE[latent.kind]
        for i in range(self.program.members if latent.plated else 1):
            x = jnp.tile(jnp.arange(float(count)), len(self.mass))
            self.mass = _repeated(self.mass, count)
            self.values[latent.name, i] = x


def _repeated(values, times):
    return jnp.broadcast_to(values[:, None], (len(values), times)).ravel()


@functools.cache
def _rule(nodes):
    space, weight = np.polynomial.hermite_e.hermegauss(nodes)
    return space, weight / weight.sum()


def _draws(one, line, last, nodes):
    """Values along the last axis, their probabilities, and the log density of the guide there."""
    space, weight = _rule(nodes)
    kind = one.latent.kind
    if kind in DISCRETE:
        x = jnp.broadcast_to(jnp.arange(float(DISCRETE[kind])), (len(line), DISCRETE[kind]))
        log_q = density(kind, line, None, x)
        return x, jnp.exp(log_q), log_q
    if one.form == "mixture":
        parts = [(0.3, line, 0.5), (0.7, line + last, 0.7)]
        x = jnp.concatenate([loc + scale * space for _, loc, scale in parts], axis=1)
        mass = jnp.concatenate([share * weight for share, _, _ in parts])
        log_q = jnp.logaddexp(*(jnp.log(share) + stats.norm.logpdf(x, loc, scale) for share, loc, scale in parts))
        return x, mass, log_q
    loc, scale = line, jnp.exp(last)
    if one.form == "formula":
        loc, scale = 0.5 * loc + 0.3, 0.5 * scale
    x = loc + scale * space
    x = jnp.exp(x) if kind == "positive" else x
    return x, weight, density(kind, loc, scale, x)


# --- programs at random ----------------------------------------------------------------------------------------------


def drawn_program(seed, *, kinds=KINDS, forms=None, members=2, most=MOST_POINTS, suits=lambda program: True):
    """The program of a number; ``forms`` are those that the guide may take, ``most`` how many points it may have."""
    rng = np.random.default_rng(seed)
    while True:
        found = _program(rng, kinds, forms, members)
        if found.points <= most and suits(found):
            return found


def _number(rng, scale=1.0):
    return float(np.round(rng.normal(0, scale), 2))


def _line(rng, names, scale=0.7):
    read = [name for name in names if rng.random() < 0.7]
    return Line(_number(rng, 0.5), tuple((name, _number(rng, scale)) for name in read))


def _program(rng, kinds, forms, members):
    latents = []
    plated = sorted(rng.random(rng.choice([1, 2, 2, 3])) < 0.6)
    for i, inside in enumerate(plated):
        kind = str(rng.choice(kinds))
        kind = "switch" if inside and kind == "counts" else kind
        latents.append(Latent(f"z{i}", kind, bool(inside), _line(rng, [one.name for one in latents], 0.4)))
    guide = _guide(rng, latents, forms)
    outcomes = tuple(_outcome(rng, i, latents, members) for i in range(rng.integers(1, 3)))
    tilt = 0.1 if rng.random() < 0.2 and not latents[0].plated else 0.0
    return Program(members, tuple(latents), guide, outcomes, tilt)


def _forms(latent):
    match latent.kind:
        case "normal":
            return ("plain", "plain", "score", "formula", "mixture", "family")
        case "positive":
            return ("plain", "score", "formula", "family")
        case "counts":
            return ("score",)
        case _:
            return ("plain", "score", "none")


def _guide(rng, latents, forms):
    """Families draw first and sites without a draw are summed out last; the others stand in any order."""
    order = [latents[i] for i in rng.permutation(len(latents))]
    order.sort(key=lambda one: one.plated)
    chosen = []
    for one in order:
        allowed = [form for form in _forms(one) if forms is None or form in forms] or ["plain"]
        chosen.append((one, str(rng.choice(allowed))))
    chosen.sort(key=lambda pair: {"family": 0, "none": 2}.get(pair[1], 1))
    found, number = [], 0
    for one, form in chosen:
        if form == "none":
            found.append(Drawn(one, form))
            continue
        read = [other.latent.name for other in found if other.latent.plated <= one.plated and rng.random() < 0.7]
        read = () if form == "family" else tuple(read)
        size = 1 + len(read) + (one.kind not in DISCRETE)
        start = tuple(_number(rng, 0.5) for _ in range(size))
        if one.kind not in DISCRETE and form != "mixture":
            start = (*start[:-1], float(np.round(rng.uniform(-1.2, -0.4), 2)))
        if form == "family":
            start = (0.0, 0.0)
        names = tuple(f"v{number + k}" for k in range(size))
        number += size
        local = bool(one.plated and form != "family" and rng.random() < 0.5)
        found.append(Drawn(one, form, read, local, names, start))
    return tuple(found)


def _outcome(rng, i, latents, members):
    plated = bool(rng.random() < 0.8 or not any(not one.plated for one in latents))
    seen = [one.name for one in latents if plated or not one.plated]
    kind, size = str(rng.choice(["real", "real", "binary", "count"])), members if plated else 1
    if kind == "count" and any(one.kind in ("counts", "positive") for one in latents):
        kind = "real"
    values = {
        "real": lambda: _number(rng), "binary": lambda: int(rng.integers(2)), "count": lambda: int(rng.poisson(1.5))
    }[kind]
    line = _line(rng, seen, 0.5)
    if not line.slopes:
        line = replace(line, slopes=((seen[-1], 0.8),))
    mask = tuple(int(rng.random() < 0.6) for _ in range(size)) if plated and rng.random() < 0.4 else ()
    weight = tuple(float(np.round(rng.uniform(0.3, 2), 2)) for _ in range(size)) if rng.random() < 0.4 else ()
    return Outcome(f"y{i}", kind, plated, line, tuple(values() for _ in range(size)), mask, weight)
