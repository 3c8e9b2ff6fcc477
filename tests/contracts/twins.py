"""Models drawn at random, each beside what it means: its log joint by loops over members, with the densities of SciPy.

A twin writes a spec statement by statement, and with each the function of one member that it stands for. The two share
nothing but the numbers. Discrete latents are summed out by listing every assignment.
"""

import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

SIZES = {"a": 2, "b": 3, "k": 2}
PLATES = ("a", "b", "n")
MEMBERS = (("n", "a"), ("n", "b"), ("b", "a"), ("a", "b"), ("n", "k"))
"""The dimension of each column of members, and that of which they are members."""

MOST_BITS = 8
"""Assignments of the discrete latents that are listed, as a power of two."""

UNARY = (
    ("exp(0.3 * {})", lambda x: math.exp(0.3 * x)),
    ("tanh({})", math.tanh),
    ("softplus({})", lambda x: np.logaddexp(0, x)),
    ("-{}", lambda x: -x),
    ("log1p(abs({}))", lambda x: math.log1p(abs(x))),
)
BINARY = (
    ("({} + {})", lambda x, y: x + y),
    ("({} * {})", lambda x, y: x * y),
    ("({} / (1 + square({})))", lambda x, y: x / (1 + y * y)),
    ("maximum({}, {})", max),
    ("h({}, {})", lambda x, y: math.tanh(x) - y),
)
REDUCTIONS = (
    ("sum", sum),
    ("mean", np.mean),
    ("max", max),
    ("logsumexp", special.logsumexp),
    ("var", np.var),
)
REAL = (
    ("Normal({}, {})", stats.norm),
    ("Laplace({}, {})", stats.laplace),
    ("Logistic({}, {})", stats.logistic),
    ("Gumbel({}, {})", stats.gumbel_r),
    ("StudentT(3, {}, {})", lambda loc, scale: stats.t(3, loc, scale)),
)
POSITIVE = (
    ("Gamma({}, {})", lambda a, rate: stats.gamma(a, scale=1 / rate)),
    ("InverseGamma({}, {})", lambda a, b: stats.invgamma(a, scale=b)),
    ("Weibull({}, {})", lambda scale, power: stats.weibull_min(power, scale=scale)),
)

Member = dict[str, int]


@dataclass(frozen=True)
class Term:
    """A piece of text, and what it is for one member of the plates."""

    text: str
    of: Callable[[Member], object]


def number(value):
    return Term(repr(value), lambda member: value)


def density(law, x):
    """The log density or the log probability of a law of SciPy, or of a function of the variate."""
    if not hasattr(law, "dist"):
        return law(x)
    return law.logpmf(x) if isinstance(law.dist, stats.rv_discrete) else law.logpdf(x)


def cut(law, lower, upper):
    """Truncated between two ends."""
    return lambda x: density(law, x) - math.log(law.cdf(upper) - law.cdf(lower))


def censored(law, upper):
    return lambda x: density(law, x) if x < upper else law.logsf(upper)


def inflated(law, gate):
    return lambda x: np.log((x == 0) * gate + (1 - gate) * np.exp(density(law, x)))


def mixed(share, one, other):
    return lambda x: np.logaddexp(math.log(share) + density(one, x), math.log1p(-share) + density(other, x))


class Twin:
    """One model, from a seed."""

    def __init__(self, seed):
        self.rng, self.noise = random.Random(seed), np.random.default_rng(seed)
        self.sizes = {**SIZES, "n": self.rng.choice((1, 3, 4)), "t": self.rng.choice((1, 2, 3))}
        self.count = 0
        self.values, self.dims = {}, {}
        self.latents, self.states, self.members = [], {}, {}  # of discrete latents their values, of members of what
        self.readable = []
        self.data = [f"dim {name} = {size}" for name, size in self.sizes.items()]
        self.statements = ["def h(x, y) = tanh(x) - y"]
        self.terms = []  # (dimensions, log density of one member)
        for dims in ((), ("a",), ("b",), ("n",), ("a", "b"), ("b", "n"), ("t", "a")):
            self.readable.append(self.give("x", dims, self.noise.normal(size=self.shape(dims)).round(2), "real"))
        for dim, of in MEMBERS:
            name = self.give("g", (dim,), self.noise.integers(0, self.sizes[of], self.shape((dim,))), of)
            self.members[name] = of
        adding = (self.latent, self.latent, self.definition, self.discrete, self.chain, self.observation, self.factor)
        for _ in range(self.rng.randrange(4, 10)):
            self.rng.choice(adding)()
        self.observation()

    # --- the text and its meaning

    def text(self):
        lines = ["data {", *self.data, "}", "model {", *self.rng.sample(self.statements, len(self.statements)), "}"]
        return "\n".join(lines)

    def given(self):
        return {name: np.asarray(self.values[name], float) for name in self.latents}

    def log_joint(self):
        return sum(term(member) for dims, term in self.terms for member in self.all_of(dims))

    def assignments(self):
        """Each assignment of the discrete latents, put in place."""
        cells = [(name, at) for name in self.states for at in np.ndindex(*self.shape(self.dims[name]))]
        for values in itertools.product(*(self.states[name] for name, _ in cells)):
            for (name, at), value in zip(cells, values, strict=True):
                self.values[name][at] = value
            yield values

    def log_density(self):
        return special.logsumexp([self.log_joint() for _ in self.assignments()])

    def shape(self, dims):
        return tuple(self.sizes[dim] for dim in dims)

    def all_of(self, dims):
        return [dict(zip(dims, at, strict=True)) for at in np.ndindex(*self.shape(dims))]

    def at(self, name, member):
        index = tuple(member[dim] for dim in self.dims[name])
        value = self.values[name]
        return value(dict(zip(self.dims[name], index, strict=True))) if callable(value) else value[index]

    # --- names

    def named(self, letter, dims, values):
        self.count += 1
        name = f"{letter}{self.count}"
        self.values[name], self.dims[name] = values, dims
        return name

    def give(self, letter, dims, values, kind):
        name = self.named(letter, dims, values)
        entries = str(values.tolist()).replace("nan", "missing")
        self.data.append(f"{name}: {kind}{'[' + ', '.join(dims) + ']' if dims else ''} = {entries}")
        return name

    def put(self, dims, statement):
        for dim in reversed(dims):
            statement = f"{'markov' if dim == 't' and ' then ' in statement else 'plate'} {dim} {{ {statement} }}"
        self.statements.append(statement)

    def some_plates(self):
        return tuple(self.rng.sample(PLATES, self.rng.randrange(3)))

    # --- expressions

    def read(self, plates):
        """A name as one number: what it has besides the plates is indexed or reduced, as its own plates may be."""
        name = self.rng.choice(self.readable)
        indexes, others = {}, []
        for dim in self.dims[name]:
            able = [one for one, of in self.members.items() if of == dim and {*self.dims[one]} <= {*plates}]
            if able and (dim not in plates or self.rng.random() < 0.15):
                indexes[dim] = self.rng.choice(able)
            elif dim not in plates:
                others.append(dim)
        text = f"{name}[{', '.join(self.rng.sample(list(indexes.values()), len(indexes)))}]" if indexes else name

        def value(member):
            return self.at(name, {**member, **{dim: int(self.at(one, member)) for dim, one in indexes.items()}})

        if len(others) == 1 and self.rng.random() < 0.4:
            (dim,), place = others, self.rng.randrange(self.sizes[others[0]])
            inner = value
            return Term(f"{text}[{place}]", lambda member: inner({**member, dim: place}))
        for dim in others:
            text, value = self.reduced(text, value, dim)
        return Term(text, value)

    def reduced(self, text, value, dim):
        word, function = self.rng.choice(REDUCTIONS)
        return f"{word}({text}, over={dim})", lambda member: function(
            [value({**member, dim: i}) for i in range(self.sizes[dim])]
        )

    def expression(self, plates, depth=2):
        roll = self.rng.random()
        if depth == 0 or roll < 0.35:
            switches = [one for one in self.states if one not in self.members and {*self.dims[one]} <= {*plates}]
            if switches and roll < 0.3:
                name = self.rng.choice(switches)
                return Term(name, lambda member: self.at(name, member))
            return self.read(plates)
        one, other = self.expression(plates, depth - 1), self.expression(plates, depth - 1)
        if roll < 0.55:
            text, function = self.rng.choice(UNARY)
            return Term(text.format(one.text), lambda member: function(one.of(member)))
        if roll < 0.85:
            text, function = self.rng.choice(BINARY)
            return Term(text.format(one.text, other.text), lambda member: function(one.of(member), other.of(member)))
        least = self.read(plates)
        return Term(
            f"({one.text} if {least.text} > 0.2 else {other.text})",
            lambda member: one.of(member) if least.of(member) > 0.2 else other.of(member),
        )

    def positive(self, plates):
        if self.rng.random() < 0.4:
            return number(self.rng.choice((0.5, 1.0, 2.0)))
        one = self.expression(plates, 1)
        return Term(f"(0.3 + softplus({one.text}))", lambda member: 0.3 + np.logaddexp(0, one.of(member)))

    def share(self, plates):
        one = self.expression(plates, 1)
        return Term(f"expit({one.text})", lambda member: special.expit(one.of(member)))

    def varying(self, plates):
        """An expression that varies with each of the plates."""
        one, own = self.expression(plates), [f"x{1 + ('', 'a', 'b', 'n').index(dim)}" for dim in plates]
        return Term(
            " + ".join([one.text, *own]), lambda member: one.of(member) + sum(self.at(name, member) for name in own)
        )

    # --- distributions

    def law(self, rows, *arguments):
        text, row = self.rng.choice(rows)
        filled = text.format(*(one.text for one in arguments))
        return Term(filled, lambda member: row(*(one.of(member) for one in arguments)))

    def real(self, plates):
        return self.law(REAL, self.expression(plates), self.positive(plates))

    def wrapped(self, plates):
        """A law of the reals under a combinator, or plain."""
        one, other, share = self.real(plates), self.real(plates), self.share(plates)
        forms = (
            one,
            Term(f"Truncated({one.text}, -4, 4)", lambda member: cut(one.of(member), -4, 4)),
            Term(f"Censored({one.text}, upper=1.5)", lambda member: censored(one.of(member), 1.5)),
            Term(
                f"Mixture([{share.text}, 1 - {share.text}], [{one.text}, {other.text}])",
                lambda member: mixed(share.of(member), one.of(member), other.of(member)),
            ),
        )
        return self.rng.choice(forms)

    def counts(self, plates):
        rate, gate = self.positive(plates), self.share(plates)
        return Term(
            f"ZeroInflated(Poisson({rate.text}), {gate.text})",
            lambda member: inflated(stats.poisson(rate.of(member)), gate.of(member)),
        )

    def switch(self, plates, logits):
        text = f"Bernoulli(logits={logits.text})"
        return Term(text, lambda member: stats.bernoulli(special.expit(logits.of(member))))

    # --- statements

    def latent(self):
        plates = self.some_plates()
        if self.rng.random() < 0.3:
            law = self.law(POSITIVE, self.positive(plates), self.positive(plates))
            self.drawn("r", plates, law, self.noise.uniform(0.3, 2, self.shape(plates)))
        elif self.rng.random() < 0.4:
            inner = self.real(plates)
            law = Term(inner.text, lambda member: cut(inner.of(member), -2, 2))
            self.drawn("r", plates, law, self.noise.uniform(-1.9, 1.9, self.shape(plates)), ": interval(-2, 2)")
        else:
            self.drawn("r", plates, self.real(plates), self.noise.normal(size=self.shape(plates)))

    def drawn(self, letter, dims, law, values, kind=""):
        name = self.named(letter, dims, np.asarray(values))
        self.latents.append(name)
        self.readable.append(name)
        self.put(dims, f"{name}{kind} ~ {law.text}")
        self.terms.append((dims, lambda member: density(law.of(member), self.at(name, member))))

    def definition(self):
        plates = self.some_plates()
        one = self.varying(plates)
        name = self.named("d", plates, one.of)
        self.put(plates, f"{name} = {one.text}")
        self.readable.append(name)

    def factor(self):
        plates = self.some_plates()
        one = self.varying(plates)
        self.put(plates, f"factor {one.text}")
        self.terms.append((plates, one.of))

    def room(self, dims, states):
        used = sum(math.prod(self.shape(self.dims[one])) * math.log2(len(own)) for one, own in self.states.items())
        return used + math.prod(self.shape(dims)) * math.log2(states) <= MOST_BITS

    def discrete(self):
        """A switch, or a member of a dimension that may index what has it."""
        plates = self.some_plates()
        of = self.rng.choice(("", "a", "b"))
        if of in plates or not self.room(plates, self.sizes.get(of, 2)):
            return
        one = self.expression(plates)
        if of:
            places = np.arange(self.sizes[of])
            text = f"Categorical(logits={one.text} * position({of}))"
            law = Term(text, lambda member: special.log_softmax(one.of(member) * places).__getitem__)
        else:
            law = self.switch(plates, one)
        self.stated(plates, law, law.text, of)

    def stated(self, dims, law, text, of=""):
        name = self.named("z", dims, np.zeros(self.shape(dims), int))
        self.states[name] = range(self.sizes.get(of, 2))
        if of:
            self.members[name] = of
        self.put(dims, f"{name} ~ {text.replace('SELF', name)}")
        self.terms.append((dims, lambda member: density(law.of(member), self.at(name, member))))
        return name

    def chain(self):
        """A latent along ``t``, continuous or discrete, and an observation of it."""
        dims = (*self.rng.sample(("a",), self.rng.randrange(2)), "t")
        hidden = self.rng.random() < 0.5 and self.room(dims, 2)
        steady = [one for one in self.readable if one.startswith("x")]
        self.readable, everything = steady, self.readable
        first, later, scale = self.expression(dims, 1), self.expression(dims, 1), self.positive(dims)
        self.readable = everything

        def mean(member):
            back = {**member, "t": member["t"] - 1}
            return later.of(member) + 0.7 * self.at(name, back) if member["t"] else first.of(member)

        means = (first.text, f"({later.text} + 0.7 * prev(SELF))")
        if hidden:
            text = " then ".join(f"Bernoulli(logits={one})" for one in means)
            law = Term("", lambda member: stats.bernoulli(special.expit(mean(member))))
            name = self.stated(dims, law, text)
        else:
            name = f"v{self.count + 1}"
            text = " then ".join(f"Normal({one}, {scale.text})" for one in means).replace("SELF", name)
            law = Term(text, lambda member: stats.norm(mean(member), scale.of(member)))
            self.drawn("v", dims, law, self.noise.normal(size=self.shape(dims)))
        seen = self.give("y", dims, self.noise.normal(size=self.shape(dims)).round(2), "real")
        self.put(dims, f"observe {seen} ~ Normal({name} * 0.8, 1)")
        outcome = Term("", lambda member: stats.norm(0.8 * self.at(name, member), 1))
        self.terms.append((dims, lambda member: density(outcome.of(member), self.at(seen, member))))

    def observation(self):
        plates = self.some_plates()
        shape, counted = self.shape(plates), self.rng.random() < 0.3
        law = self.counts(plates) if counted else self.wrapped(plates)
        values = self.noise.integers(0, 4, shape) if counted else self.noise.normal(size=shape).round(2).clip(-3, 1.5)
        kind, keep, weight, clauses = "count" if counted else "real", np.ones(shape), np.ones(shape), ""
        if plates and not counted and self.rng.random() < 0.3:
            keep = self.noise.random(shape) < 0.7
            values, kind = np.where(keep, values, np.nan), "real?"
        name = self.give("y", plates, values, kind)
        if plates and self.rng.random() < 0.3:
            mask = self.noise.integers(0, 2, shape)
            clauses += f" where {self.give('m', plates, mask, 'binary')} == 1"
            keep = keep * mask
        if plates and self.rng.random() < 0.3:
            weight = self.noise.uniform(0, 2, shape).round(1)
            clauses += f" weight {self.give('w', plates, weight, 'nonnegative')}"
        self.put(plates, f"observe {name} ~ {law.text}{clauses}")

        def term(member):
            at = tuple(member[dim] for dim in plates)
            return weight[at] * density(law.of(member), self.at(name, member)) if keep[at] else 0.0

        self.terms.append((plates, term))
