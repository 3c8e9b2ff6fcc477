"""Models of discrete sites in plates and chains, each beside its log joint at one assignment, written by hand.

The graphs are those by which Pyro and NumPyro test their enumeration; sizes are small enough to list all assignments.
All tables of logits (``a``, ``b``, …) are latents with standard Normal priors; under a guide they are data, and
the guide's own (``qa``, …) are its parameters.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace as Names
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy import stats

SIZES = {"kx": 3, "ky": 2, "kz": 2, "kw": 2, "ko": 3, "n": 2, "m": 3, "l": 2}
ALIASES = {"kxx": "kx", "kyy": "ky", "kxxx": "kx"}


@dataclass(frozen=True)
class Case:
    """One model.

    Args:
        tables: the dimensions of each table of logits, the last of them that of the categories.
        sites: the dimensions of each discrete site, the first of them that of its values.
        body: of the model, without the tables.
        joint: ``(tables, sites, data) -> nats`` without the priors of the tables.
        data: the dimensions of each item; ``"member:…"`` for categories, ``"0/1:…"`` for masks, ``"count:…"``,
            another dimension for members of it, else real numbers.
        guide: its body, without the parameters.
        log_q: ``(parameters, sites, data) -> nats`` of the sites that the guide names.
        given: the dimensions of each table of the guide.
        sizes: where they are not the usual ones.
    """

    tables: Mapping[str, str]
    sites: Mapping[str, str]
    body: str
    joint: Callable[..., Any]
    data: Mapping[str, str] = field(default_factory=dict)
    guide: str = ""
    log_q: Callable[..., Any] | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)

    def size(self, dim: str) -> int:
        return {**SIZES, **self.sizes}[ALIASES.get(dim, dim)]

    def shape(self, dims: str) -> tuple[int, ...]:
        return tuple(map(self.size, dims.split()))

    def used(self) -> tuple[str, ...]:
        text = " ".join([*self.tables.values(), *self.sites.values(), *self.data.values(), *self.given.values()])
        names = {name for name in text.replace(":", " ").split() if name in {**SIZES, **self.sizes, **ALIASES}}
        names |= {ALIASES[name] for name in names if name in ALIASES}
        return tuple(sorted(names, key=lambda name: (name in ALIASES, name)))

    def values(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Tables, data, and the guide's tables."""
        rng = np.random.default_rng(11)
        tables = {name: rng.normal(size=self.shape(dims)).round(2) for name, dims in self.tables.items()}
        data = {name: _data(rng, self, text) for name, text in self.data.items()}
        return tables, data, {name: rng.normal(size=self.shape(dims)).round(2) for name, dims in self.given.items()}

    def text(self) -> str:
        tables, data, given = self.values()
        lines = [f"dim {d} = {ALIASES[d] if d in ALIASES else self.size(d)}" for d in self.used()]
        for name, text in self.data.items():
            kind, _, dims = text.rpartition(":")
            kind = {"": "real", "member": "ko", "0/1": "binary"}.get(kind, kind)
            lines.append(f"{name}: {kind}{_brackets(dims)} = {data[name].tolist()}")
        held = [f"{name}: real{_brackets(dims)} = {tables[name].tolist()}" for name, dims in self.tables.items()]
        priors = [f"{name}: real{_brackets(dims)} ~ Normal(0, 1)" for name, dims in self.tables.items()]
        params = [f"param {name}: real{_brackets(dims)} = {given[name].tolist()}" for name, dims in self.given.items()]
        lines += held if self.guide else []
        body = "\n".join([*([] if self.guide else priors), self.body])
        guide = "\n".join([*params, self.guide]) if self.guide else ""
        blocks = [f"data {{\n{chr(10).join(lines)}\n}}", f"model {{\n{body}\n}}"]
        return "\n".join([*blocks, *([f"guide {{\n{guide}\n}}"] if guide else [])])

    def assignments(self) -> dict[str, np.ndarray]:
        """Every combination of values of all sites, along the first axis."""
        shapes = {name: self.shape(dims) for name, dims in self.sites.items()}
        ranges = [range(shape[0]) for shape in shapes.values() for _ in range(int(np.prod(shape[1:])))]
        flat = np.array(list(itertools.product(*ranges)))
        found, start = {}, 0
        for name, shape in shapes.items():
            many = int(np.prod(shape[1:]))
            found[name] = flat[:, start : start + many].reshape(-1, *shape[1:])
            start += many
        return found

    def log_joints(self, tables: Mapping[str, Any]) -> Any:
        """The log joint of each assignment, without the priors of the tables."""
        held, data = names(tables), names(self.values()[1])
        return jax.vmap(lambda z: self.joint(held, Names(**z), data))(self.assignments())

    def evidence(self) -> Callable[[Mapping[str, Any]], Any]:
        """The log of the sum over all assignments, with the priors of the tables."""
        def log_evidence(tables: Mapping[str, Any]) -> Any:
            terms = self.log_joints(tables)
            prior = sum(jnp.sum(stats.norm.logpdf(table)) for table in tables.values())
            return jax.nn.logsumexp(terms) + prior

        return log_evidence

    def bound(self) -> Callable[[Mapping[str, Any]], Any]:
        """The bound under the guide, as a function of its tables: sites that it does not name are summed out."""
        tables, values, _ = self.values()
        every, data = self.assignments(), names(values)
        assert self.log_q is not None

        def elbo(given: Mapping[str, Any]) -> Any:
            terms = self.log_joints(tables)
            log_q = jax.vmap(lambda z: self.log_q(names(given), Names(**z), data))(every)
            named = [name for name in self.sites if name in self.guide.replace("~", " ~ ").split()]
            columns = np.concatenate([every[name].reshape(len(terms), -1) for name in named], axis=1)
            first, group = np.unique(columns, axis=0, return_index=True, return_inverse=True)[1:]
            group = np.ravel(group)
            inner = jnp.log(jnp.zeros(len(first)).at[group].add(jnp.exp(terms)))
            return jnp.sum(jnp.exp(log_q[first]) * (inner - log_q[first]))

        return elbo


def names(values: Mapping[str, Any]) -> Names:
    """Arrays under their names."""
    return Names(**{name: jnp.asarray(value) for name, value in values.items()})


def _brackets(dims: str) -> str:
    return f"[{', '.join(dims.split())}]" if dims else ""


def _data(rng: np.random.Generator, case: Case, text: str) -> np.ndarray:
    kind, _, dims = text.rpartition(":")
    shape = case.shape(dims)
    match kind:
        case "":
            return rng.normal(size=shape).round(2)
        case "0/1":
            return np.asarray(rng.random(shape) < 0.6).astype(int)
        case "count":
            return np.asarray(rng.integers(0, 3, shape))
        case _:
            return np.asarray(rng.integers(0, case.size("ko" if kind == "member" else kind), shape))


def cat(logits: Any, value: Any) -> Any:
    """The sum of the log probabilities of categories, ``logits[…, k]`` broadcast to ``value[…]``."""
    scores, value = jax.nn.log_softmax(logits, axis=-1), jnp.asarray(value)
    scores = jnp.broadcast_to(scores, (*value.shape, scores.shape[-1]))
    return jnp.sum(jnp.take_along_axis(scores, value[..., None], axis=-1))


def each(scores: Any, value: Any) -> Any:
    """The same member by member."""
    value = jnp.asarray(value)
    made = jnp.broadcast_to(jax.nn.log_softmax(scores, axis=-1), (*value.shape, scores.shape[-1]))
    return jnp.take_along_axis(made, value[..., None], axis=-1)[..., 0]


def normal(y: Any, mean: Any) -> Any:
    return jnp.sum(stats.norm.logpdf(y, mean, 1))


def chain(start: Any, move: Any, states: Any) -> Any:
    """The log probability of paths along the last axis."""
    return cat(start, states[..., 0]) + cat(move[states[..., :-1]], states[..., 1:])


# --- in plates -------------------------------------------------------------------------------------------------------

A, AB, ABC = {"a": "kx"}, {"a": "kx", "b": "kx ky"}, {"a": "kx", "b": "kx ky", "c": "ky ko"}
X, XY = {"x": "kx"}, {"x": "kx", "y": "ky"}

CASES: dict[str, Case] = {
    "a site that nothing observes": Case(AB, XY, "x ~ Categorical(logits=a)  y ~ Categorical(logits=b[x])",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y)),
    "a chain of three, the last observed": Case(
        ABC, XY, "x ~ Categorical(logits=a)  y ~ Categorical(logits=b[x])  observe o ~ Categorical(logits=c[y])",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + cat(v.c[z.y], d.o), {"o": "member:"}),
    "a site behind a mask": Case(
        ABC, XY, "x ~ Categorical(logits=a)  y ~ Categorical(logits=b[x])\n"
        "plate n { observe o ~ Categorical(logits=c[y]) where keep }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + jnp.sum(d.keep * each(v.c[z.y], d.o)),
        {"o": "member:n", "keep": "0/1:n"}),
    "plate 1: observed for each, one site": Case(
        {"a": "kx", "b": "kx ko"}, X, "x ~ Categorical(logits=a)  plate n { observe o ~ Categorical(logits=b[x]) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], d.o), {"o": "member:n"}),
    "plate 2: a site for each below one": Case(
        ABC, {"x": "kx", "y": "ky n"},
        "x ~ Categorical(logits=a)\nplate n { y ~ Categorical(logits=b[x])  observe o ~ Categorical(logits=c[y]) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + cat(v.c[z.y], d.o), {"o": "member:n"}),
    "plate 3: all sites for each": Case(
        ABC, {"x": "kx n", "y": "ky n"},
        "plate n { x ~ Categorical(logits=a)  y ~ Categorical(logits=b[x])  observe o ~ Categorical(logits=c[y]) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + cat(v.c[z.y], d.o), {"o": "member:n"}),
    "plate 4: two sites for each meet": Case(
        {"a": "kx", "b": "kx ky", "c": "kz", "e": "ky kz ko"}, {"x": "kx", "y": "ky n", "z": "kz n"},
        "x ~ Categorical(logits=a)\nplate n {\n y ~ Categorical(logits=b[x])  z ~ Categorical(logits=c)\n"
        " observe o ~ Categorical(logits=e[y, z]) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + cat(v.c, z.z) + cat(v.e[z.y, z.z], d.o),
        {"o": "member:n"}),
    "plate 5: one plate opened twice": Case(
        {"a": "kx", "b": "kx ko"}, {"x": "kx n"},
        "plate n { x ~ Categorical(logits=a) }\nplate n { observe o ~ Categorical(logits=b[x]) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], d.o), {"o": "member:n"}),
    "plate 6: a site above two plates": Case(
        {"a": "kx", "b": "kx ky", "c": "kx kz"}, {"x": "kx", "y": "ky n", "z": "kz m"},
        "x ~ Categorical(logits=a)\nplate n { y ~ Categorical(logits=b[x])  observe p ~ Normal(y_at[y], 1) }\n"
        "plate m { z ~ Categorical(logits=c[x])  observe r ~ Normal(z_at[z], 1) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + cat(v.c[z.x], z.z) + normal(d.p, d.y_at[z.y])
        + normal(d.r, d.z_at[z.z]),
        {"p": "n", "r": "m", "y_at": "ky", "z_at": "kz"}),
    "plate 7: two sites above a plate of two": Case(
        {"a": "kw", "b": "kw kx", "c": "kx ky", "e": "ky kz ko"},
        {"w": "kw", "x": "kx", "y": "ky n", "z": "kz n"},
        "w ~ Categorical(logits=a)  x ~ Categorical(logits=b[w])\n"
        "plate n {\n y ~ Categorical(logits=c[x])  z ~ Categorical(logits=e_z[y])\n"
        " observe o ~ Categorical(logits=e[y, z]) }",
        lambda v, z, d: cat(v.a, z.w) + cat(v.b[z.w], z.x) + cat(v.c[z.x], z.y) + cat(d.e_z[z.y], z.z)
        + cat(v.e[z.y, z.z], d.o),
        {"o": "member:n", "e_z": "ky kz"}),
    "plate 8: nested, a site in each": Case(
        ABC, {"x": "kx n", "y": "ky n m"},
        "plate n {\n x ~ Categorical(logits=a)\n plate m { y ~ Categorical(logits=b[x])\n"
        " observe o ~ Categorical(logits=c[y]) } }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x[:, None]], z.y) + cat(v.c[z.y], d.o), {"o": "member:n m"}),
    "plate 9: a weight for each": Case(
        {"a": "kx", "b": "kx ko"}, X,
        "x ~ Categorical(logits=a)  plate n { observe o ~ Categorical(logits=b[x]) weight times }",
        lambda v, z, d: cat(v.a, z.x) + jnp.sum(d.times * each(v.b[z.x], d.o)), {"o": "member:n", "times": "0/1:n"}),
    "plate 10: three levels, the lowest reads all": Case(
        {"a": "kw", "b": "kw kx", "c": "kx ky", "e": "kw kx ky ko"}, {"w": "kw", "x": "kx n", "y": "ky n l"},
        "w ~ Categorical(logits=a)\nplate n {\n x ~ Categorical(logits=b[w])\n plate l {\n"
        " y ~ Categorical(logits=c[x])  observe o ~ Categorical(logits=e[w, x, y]) } }",
        lambda v, z, d: cat(v.a, z.w) + cat(v.b[z.w], z.x) + cat(v.c[z.x[:, None]], z.y)
        + cat(v.e[z.w, z.x[:, None], z.y], d.o),
        {"o": "member:n l"}),
    "plate 11: a factor for each": Case(
        AB, {"x": "kx", "y": "ky n"},
        "x ~ Categorical(logits=a)\nplate n { y ~ Categorical(logits=b[x])  factor tilt[y] * p }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + jnp.sum(d.tilt[z.y] * d.p), {"tilt": "ky", "p": "n"}),
    "plate 12: a table for each member": Case(
        {"a": "n kx", "b": "kx ko"}, {"x": "kx n"},
        "plate n { x ~ Categorical(logits=a)  observe o ~ Categorical(logits=b[x]) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], d.o), {"o": "member:n"}),
    "plate 13: nested, behind a mask": Case(
        ABC, {"x": "kx n", "y": "ky n m"},
        "plate n {\n x ~ Categorical(logits=a)\n plate m { y ~ Categorical(logits=b[x])\n"
        " observe o ~ Categorical(logits=c[y]) where keep } }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x[:, None]], z.y) + jnp.sum(d.keep * each(v.c[z.y], d.o)),
        {"o": "member:n m", "keep": "0/1:n m"}),
    "plates 1: one above two plates": Case(
        {"a": "kx", "b": "kx ky", "c": "kx kz"}, {"x": "kx", "y": "ky n", "z": "kz m"},
        "x ~ Categorical(logits=a)\nplate n { y ~ Categorical(logits=b[x]) } plate m { z ~ Categorical(logits=c[x]) }\n"
        "plate n { observe p ~ Normal(y_at[y], 1) }  plate m { observe r ~ Normal(z_at[z], 1) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + cat(v.c[z.x], z.z) + normal(d.p, d.y_at[z.y])
        + normal(d.r, d.z_at[z.z]),
        {"p": "n", "r": "m", "y_at": "ky", "z_at": "kz"}),
    "plates 2: the inner reads the outer": Case(
        AB, {"x": "kx n", "y": "ky n l"},
        "plate n {\n x ~ Categorical(logits=a)\n plate l { y ~ Categorical(logits=b[x])\n"
        " observe p ~ Normal(y_at[y], 1) } }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x[:, None]], z.y) + normal(d.p, d.y_at[z.y]),
        {"p": "n l", "y_at": "ky"}),
    "plates 3: three levels, each reads the last two": Case(
        {"a": "kw", "b": "kw kx", "c": "kw kx ky"}, {"w": "kw", "x": "kx n", "y": "ky n l"},
        "w ~ Categorical(logits=a)\nplate n {\n x ~ Categorical(logits=b[w])\n"
        " plate l { y ~ Categorical(logits=c[w, x])  observe p ~ Normal(y_at[y] + x_at[x], 1) } }",
        lambda v, z, d: cat(v.a, z.w) + cat(v.b[z.w], z.x) + cat(v.c[z.w, z.x[:, None]], z.y)
        + normal(d.p, d.y_at[z.y] + d.x_at[z.x][:, None]),
        {"p": "n l", "y_at": "ky", "x_at": "kx"}),
    "plates 4: two plates that never meet": Case(
        {"a": "kx", "b": "ky"}, {"x": "kx n", "y": "ky m"},
        "plate n { x ~ Categorical(logits=a)  observe p ~ Normal(x_at[x], 1) }\n"
        "plate m { y ~ Categorical(logits=b)  observe r ~ Normal(y_at[y], 1) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b, z.y) + normal(d.p, d.x_at[z.x]) + normal(d.r, d.y_at[z.y]),
        {"p": "n", "r": "m", "x_at": "kx", "y_at": "ky"}),
    "plates 5: two children in plates of their own, one in both": Case(
        {"a": "kx", "b": "kx ky", "c": "kx kz"}, {"x": "kx", "y": "ky n", "z": "kz n l"},
        "x ~ Categorical(logits=a)\nplate n { y ~ Categorical(logits=b[x])  observe p ~ Normal(y_at[y], 1) }\n"
        "plate n, l { z ~ Categorical(logits=c[x])  observe r ~ Normal(z_at[z], 1) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + cat(v.c[z.x], z.z) + normal(d.p, d.y_at[z.y])
        + normal(d.r, d.z_at[z.z]),
        {"p": "n", "r": "n l", "y_at": "ky", "z_at": "kz"}),
    "plates 6: the cells read what stands above both plates": Case(
        {"a": "kx", "b": "kx ky", "c": "kx kz", "e": "kx kw"},
        {"x": "kx", "y": "ky n", "z": "kz l", "w": "kw n l"},
        "x ~ Categorical(logits=a)\nplate n { y ~ Categorical(logits=b[x])  observe p ~ Normal(y_at[y], 1) }\n"
        "plate l { z ~ Categorical(logits=c[x])  observe r ~ Normal(z_at[z], 1) }\n"
        "plate n, l { w ~ Categorical(logits=e[x])  observe s ~ Normal(w_at[w], 1) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + cat(v.c[z.x], z.z) + cat(v.e[z.x], z.w)
        + normal(d.p, d.y_at[z.y]) + normal(d.r, d.z_at[z.z]) + normal(d.s, d.w_at[z.w]),
        {"p": "n", "r": "l", "s": "n l", "y_at": "ky", "z_at": "kz", "w_at": "kw"}),
    "plates 7: two inner plates of one outer": Case(
        {"a": "kx", "b": "kx ky", "c": "kx kz"}, {"x": "kx n", "y": "ky n l", "z": "kz n m"},
        "plate n {\n x ~ Categorical(logits=a)\n plate l { y ~ Categorical(logits=b[x])\n"
        " observe p ~ Normal(y_at[y], 1) }\n plate m { z ~ Categorical(logits=c[x])\n"
        " observe r ~ Normal(z_at[z], 1) } }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x[:, None]], z.y) + cat(v.c[z.x[:, None]], z.z)
        + normal(d.p, d.y_at[z.y]) + normal(d.r, d.z_at[z.z]),
        {"p": "n l", "r": "n m", "y_at": "ky", "z_at": "kz"}),
    "a ragged index into a plate of sites": Case(
        {"a": "kx", "b": "kx ko"}, {"x": "kx n"},
        "plate n { x ~ Categorical(logits=a) }\nplate m { observe o ~ Categorical(logits=b[x[at]]) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x[d.at]], d.o), {"o": "member:m", "at": "n:m"}),
    "a ragged index beside a site above": Case(
        {"a": "kw", "b": "kw kx", "c": "kw kx ko"}, {"w": "kw", "x": "kx n"},
        "w ~ Categorical(logits=a)  plate n { x ~ Categorical(logits=b[w]) }\n"
        "plate m { observe o ~ Categorical(logits=c[w, x[at]]) }",
        lambda v, z, d: cat(v.a, z.w) + cat(v.b[z.w], z.x) + cat(v.c[z.w, z.x[d.at]], d.o),
        {"o": "member:m", "at": "n:m"}),
    "a site of each row beside one that the row reaches by an index": Case(
        {"a": "kx", "b": "ky", "c": "kx ky ko"}, {"x": "kx n", "y": "ky m"},
        "plate n { x ~ Categorical(logits=a) }\n"
        "plate m { y ~ Categorical(logits=b)  observe o ~ Categorical(logits=c[x[at], y]) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b, z.y) + cat(v.c[z.x[d.at], z.y], d.o),
        {"o": "member:m", "at": "n:m"}),
    "a site of each row below one that the row reaches by an index": Case(
        {"a": "kx", "b": "kx ky", "c": "ky ko"}, {"x": "kx n", "y": "ky m"},
        "plate n { x ~ Categorical(logits=a) }\n"
        "plate m { y ~ Categorical(logits=b[x[at]])  observe o ~ Categorical(logits=c[y]) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x[d.at]], z.y) + cat(v.c[z.y], d.o),
        {"o": "member:m", "at": "n:m"}),
    "groups of groups by two indexes": Case(
        {"a": "kw", "b": "kw kx", "c": "kx ko"}, {"w": "kw l", "x": "kx n"},
        "plate l { w ~ Categorical(logits=a) }  plate n { x ~ Categorical(logits=b[w[of]]) }\n"
        "plate m { observe o ~ Categorical(logits=c[x[at]]) }",
        lambda v, z, d: cat(v.a, z.w) + cat(v.b[z.w[d.of]], z.x) + cat(v.c[z.x[d.at]], d.o),
        {"o": "member:m", "at": "n:m", "of": "l:n"}),
    "a row reaches a class by an index of an index": Case(
        {"a": "kw", "c": "kw ko"}, {"w": "kw l"},
        "plate l { w ~ Categorical(logits=a) }  plate n { v = c[w[of]] }\n"
        "plate m { observe o ~ Categorical(logits=v[at]) }",
        lambda v, z, d: cat(v.a, z.w) + cat(v.c[z.w[d.of]][d.at], d.o),
        {"o": "member:m", "at": "n:m", "of": "l:n"}),
    "hidden chains whose class is that of their group": Case(
        {"a": "kx", "b": "kw kx kxx", "c": "kw"}, {"w": "kw l", "x": "kx n t"},
        "plate l { w ~ Categorical(logits=c) }\nplate n { markov t {\n"
        " x ~ Categorical(logits=a) then Categorical(logits=b[w[of], prev(x)])  observe p ~ Normal(x_at[x], 1) } }",
        lambda v, z, d: cat(v.c, z.w) + cat(v.a, z.x[:, 0])
        + cat(v.b[z.w[d.of][:, None], z.x[:, :-1]], z.x[:, 1:]) + normal(d.p, d.x_at[z.x]),
        {"p": "n t", "x_at": "kx", "of": "l:n"}, sizes={"t": 3}),
    "cells with a site of their own, of their row, and of the group of the row": Case(
        {"a": "kw", "b": "kw kx", "c": "kx kw ky", "e": "ky ko"}, {"w": "kw l", "x": "kx n", "y": "ky n m"},
        "plate l { w ~ Categorical(logits=a) }\nplate n {\n x ~ Categorical(logits=b[w[of]])\n"
        " plate m { y ~ Categorical(logits=c[x, w[of]])  observe o ~ Categorical(logits=e[y]) } }",
        lambda v, z, d: cat(v.a, z.w) + cat(v.b[z.w[d.of]], z.x)
        + cat(v.c[z.x[:, None], z.w[d.of][:, None]], z.y) + cat(v.e[z.y], d.o),
        {"o": "member:n m", "of": "l:n"}, sizes={"kx": 2, "m": 2}),
    # --- trees, pyramids, growth -------------------------------------------------------------------------------------
    "a tree": Case(
        {"a": "kx", "b": "kx ky", "c": "kx kz", "e": "ky kw"}, {"x": "kx", "y": "ky", "z": "kz", "w": "kw"},
        "x ~ Categorical(logits=a)  y ~ Categorical(logits=b[x])  z ~ Categorical(logits=c[x])\n"
        "w ~ Categorical(logits=e[y])  observe p ~ Normal(w_at[w] + z_at[z], 1)",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + cat(v.c[z.x], z.z) + cat(v.e[z.y], z.w)
        + normal(d.p, d.w_at[z.w] + d.z_at[z.z]),
        {"p": "", "w_at": "kw", "z_at": "kz"}),
    "no tree: a child of three": Case(
        {"a": "kx", "b": "kx ky", "c": "kx ky kz", "e": "kx ky kz kw"}, {"x": "kx", "y": "ky", "z": "kz", "w": "kw"},
        "x ~ Categorical(logits=a)  y ~ Categorical(logits=b[x])  z ~ Categorical(logits=c[x, y])\n"
        "w ~ Categorical(logits=e[x, y, z])  plate n { observe p ~ Normal(w_at[w], 1) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + cat(v.c[z.x, z.y], z.z) + cat(v.e[z.x, z.y, z.z], z.w)
        + normal(d.p, d.w_at[z.w]),
        {"p": "n", "w_at": "kw"}),
    "a pyramid": Case(
        {"a": "", "b": "", "c": "", "e": "", "f": ""},
        {"x": "kz", "y": "kz", "z": "kz", "u": "kz", "w": "kz", "t": "kz"},
        "x ~ Bernoulli(logits=a)  y ~ Bernoulli(logits=b)  z ~ Bernoulli(logits=c)\n"
        "u ~ Bernoulli(logits=e * x + y)  w ~ Bernoulli(logits=e * y - z)  t ~ Bernoulli(logits=f * u + w)\n"
        "observe p ~ Normal(t, 1)",
        lambda v, z, d: bern(v.a, z.x) + bern(v.b, z.y) + bern(v.c, z.z) + bern(v.e * z.x + z.y, z.u)
        + bern(v.e * z.y - z.z, z.w) + bern(v.f * z.u + z.w, z.t) + normal(d.p, z.t),
        {"p": ""}),
    "zero-inflated counts": Case(
        {"a": "", "b": ""}, {"x": "kz n"},
        "plate n { x ~ Bernoulli(logits=a)  observe y ~ Poisson(exp(b) * x + 0.001) }",
        lambda v, z, d: bern(v.a, z.x) + jnp.sum(stats.poisson.logpmf(d.y, jnp.exp(v.b) * z.x + 0.001)),
        {"y": "count:n"}, sizes={"n": 3}),
}


def bern(logits: Any, value: Any) -> Any:
    return jnp.sum(-jnp.logaddexp(0, jnp.where(jnp.asarray(value) == 1, -logits, logits)))


# --- hidden chains ---------------------------------------------------------------------------------------------------


def _hmm(steps: int) -> Case:
    return Case(
        {"a": "kx", "b": "kx kxx", "c": "kx ko"}, {"x": "kx t"},
        "markov t { x ~ Categorical(logits=a) then Categorical(logits=b[prev(x)])\n"
        "observe o ~ Categorical(logits=c[x]) }",
        lambda v, z, d: chain(v.a, v.b, z.x) + cat(v.c[z.x], d.o), {"o": "member:t"}, sizes={"t": steps})


def _dbn(steps: int) -> Case:
    return Case(
        {"a": "kx", "b": "kx kxx", "c": "ky", "e": "kx ky kyy"}, {"x": "kx t", "y": "ky t"},
        "markov t {\n x ~ Categorical(logits=a) then Categorical(logits=b[prev(x)])\n"
        " y ~ Categorical(logits=c) then Categorical(logits=e[x, prev(y)])\n"
        " observe p ~ Normal(x_at[x] + y_at[y], 1) }",
        lambda v, z, d: chain(v.a, v.b, z.x) + cat(v.c, z.y[0]) + cat(v.e[z.x[1:], z.y[:-1]], z.y[1:])
        + normal(d.p, d.x_at[z.x] + d.y_at[z.y]),
        {"p": "t", "x_at": "kx", "y_at": "ky"}, sizes={"t": steps})


CASES |= {f"a hidden chain of {steps}": _hmm(steps) for steps in (1, 2, 3, 5, 7)}
CASES |= {f"a chain that drives a chain, {steps} steps": _dbn(steps) for steps in (1, 2, 4)}
CASES |= {
    "hidden chains for each, of one class above": Case(
        {"a": "kx", "b": "kw kx kxx", "c": "kw"}, {"w": "kw", "x": "kx n t"},
        "w ~ Categorical(logits=c)\nplate n { markov t {\n"
        " x ~ Categorical(logits=a) then Categorical(logits=b[w, prev(x)])  observe p ~ Normal(x_at[x], 1) } }",
        lambda v, z, d: cat(v.c, z.w) + chain(v.a, v.b[z.w], z.x) + normal(d.p, d.x_at[z.x]),
        {"p": "n t", "x_at": "kx"}, sizes={"t": 3}),
    "hidden chains for each, each of its own class": Case(
        {"a": "kx", "b": "kw kx kxx", "c": "kw"}, {"w": "kw n", "x": "kx n t"},
        "plate n {\n w ~ Categorical(logits=c)\n markov t {\n"
        " x ~ Categorical(logits=a) then Categorical(logits=b[w, prev(x)])  observe p ~ Normal(x_at[x], 1) } }",
        lambda v, z, d: cat(v.c, z.w) + cat(v.a, z.x[:, 0]) + cat(v.b[z.w[:, None], z.x[:, :-1]], z.x[:, 1:])
        + normal(d.p, d.x_at[z.x]),
        {"p": "n t", "x_at": "kx"}, sizes={"t": 3}),
    "a plate inside a hidden chain": Case(
        {"a": "kx", "b": "kx kxx", "c": "kx ky"}, {"x": "kx t", "y": "ky t l"},
        "markov t {\n x ~ Categorical(logits=a) then Categorical(logits=b[prev(x)])\n"
        " plate l { y ~ Categorical(logits=c[x])  observe p ~ Normal(y_at[y], 1) } }",
        lambda v, z, d: chain(v.a, v.b, z.x) + cat(v.c[z.x[:, None]], z.y) + normal(d.p, d.y_at[z.y]),
        {"p": "t l", "y_at": "ky"}, sizes={"t": 3}),
    "a chain of order two": Case(
        {"a": "kx", "b": "kx kxx", "c": "kx kxx kxxx"}, {"x": "kx t"},
        "markov t {\n x ~ Categorical(logits=a) then Categorical(logits=b[prev(x)])"
        " then Categorical(logits=c[prev(x, 2), prev(x)])\n observe p ~ Normal(x_at[x], 1) }",
        lambda v, z, d: cat(v.a, z.x[0]) + cat(v.b[z.x[0]], z.x[1]) + cat(v.c[z.x[:-2], z.x[1:-1]], z.x[2:])
        + normal(d.p, d.x_at[z.x]),
        {"p": "t", "x_at": "kx"}, sizes={"t": 5}),
    "a chain whose emissions look one step back": Case(
        {"a": "kx", "b": "kx kxx"}, {"x": "kx t"},
        "markov t {\n x ~ Categorical(logits=a) then Categorical(logits=b[prev(x)])\n"
        " observe p ~ Normal(x_at[x], 1) then Normal(x_at[x] + 0.5 * lag(p, 1), 1) where keep }",
        lambda v, z, d: chain(v.a, v.b, z.x) + jnp.sum(d.keep * stats.norm.logpdf(
            d.p, d.x_at[z.x] + 0.5 * jnp.concatenate([jnp.zeros(1), d.p[:-1]]), 1)),
        {"p": "t", "x_at": "kx", "keep": "0/1:t"}, sizes={"t": 5}),
}

# --- guides that name some of the sites ------------------------------------------------------------------------------

_PLATES = (
    "w ~ Categorical(logits=a)\nplate n { x ~ Categorical(logits=b[w]) }  plate l { y ~ Categorical(logits=c[w]) }\n"
    "plate n, l { z ~ Categorical(logits=e[w])  observe s ~ Normal(z_at[z], 1) }\n"
    "plate n { observe p ~ Normal(x_at[x], 1) }  plate l { observe r ~ Normal(y_at[y], 1) }"
)
_NAMED = {
    "w": ("kw", "w ~ Categorical(logits=qw)", lambda q, z: cat(q.qw, z.w)),
    "x": ("kw kx", "plate n { x ~ Categorical(logits=qx[w]) }", lambda q, z: cat(q.qx[z.w], z.x)),
    "y": ("kw ky", "plate l { y ~ Categorical(logits=qy[w]) }", lambda q, z: cat(q.qy[z.w], z.y)),
    "z": ("kw kz", "plate n, l { z ~ Categorical(logits=qz[w]) }", lambda q, z: cat(q.qz[z.w], z.z)),
}


def _plate_plate(named: str) -> Case:
    rows = [_NAMED[name] for name in named]
    return Case(
        {"a": "kw", "b": "kw kx", "c": "kw ky", "e": "kw kz"},
        {"w": "kw", "x": "kx n", "y": "ky l", "z": "kz n l"}, _PLATES,
        lambda v, z, d: cat(v.a, z.w) + cat(v.b[z.w], z.x) + cat(v.c[z.w], z.y) + cat(v.e[z.w], z.z)
        + normal(d.p, d.x_at[z.x]) + normal(d.r, d.y_at[z.y]) + normal(d.s, d.z_at[z.z]),
        {"p": "n", "r": "l", "s": "n l", "x_at": "kx", "y_at": "ky", "z_at": "kz"},
        "\n".join(text for _, text, _ in rows), lambda q, z, d: sum(log_q(q, z) for *_, log_q in rows),
        {f"q{name}": dims for name, (dims, *_) in zip(named, rows, strict=True)}, {"n": 2, "l": 2, "kx": 2})


GUIDED: dict[str, Case] = {f"plates in plates, the guide names {named}": _plate_plate(named) for named in (
    "w", "wx", "wy", "wz", "wxy", "wxz", "wxyz")}
GUIDED |= {
    "the guide names the lower site of two": Case(
        ABC, XY, CASES["a chain of three, the last observed"].body, CASES["a chain of three, the last observed"].joint,
        {"o": "member:"}, "y ~ Categorical(logits=qy)", lambda q, z, d: cat(q.qy, z.y), {"qy": "ky"}),
    "the guide reverses two sites": Case(
        ABC, XY, CASES["a chain of three, the last observed"].body, CASES["a chain of three, the last observed"].joint,
        {"o": "member:"}, "y ~ Categorical(logits=qy)  x ~ Categorical(logits=qx[y])",
        lambda q, z, d: cat(q.qy, z.y) + cat(q.qx[z.y], z.x), {"qy": "ky", "qx": "ky kx"}),
    "the guide names a site for each, the model sums one above it below": Case(
        ABC, {"x": "kx n", "y": "ky n"}, CASES["plate 3: all sites for each"].body,
        CASES["plate 3: all sites for each"].joint, {"o": "member:n"},
        "plate n { x ~ Categorical(logits=qx) }", lambda q, z, d: cat(q.qx, z.x), {"qx": "n kx"}),
    "the guide reads data that reach its plate by an index": Case(
        {"a": "kx", "b": "kx ko"}, {"x": "kx n"}, CASES["a ragged index into a plate of sites"].body,
        CASES["a ragged index into a plate of sites"].joint, {"o": "member:m", "at": "n:m"},
        "plate n { x ~ Categorical(logits=qx) }", lambda q, z, d: cat(q.qx, z.x), {"qx": "n kx"}),
    "the guide names both sides of a grid": Case(
        {"a": "kx", "b": "ky"}, {"x": "kx n", "y": "ky m"},
        "plate n { x ~ Categorical(logits=a) }  plate m { y ~ Categorical(logits=b) }\n"
        "plate n, m { observe s ~ Normal(x_at[x] + y_at[y], 1) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b, z.y) + normal(d.s, d.x_at[z.x][:, None] + d.y_at[z.y]),
        {"s": "n m", "x_at": "kx", "y_at": "ky"},
        "plate n { x ~ Categorical(logits=qx) }  plate m { y ~ Categorical(logits=qy) }",
        lambda q, z, d: cat(q.qx, z.x) + cat(q.qy, z.y), {"qx": "n kx", "qy": "m ky"}),
    "the guide contracts a plate that the model sums": Case(
        AB, {"x": "kx", "y": "ky n"},
        "x ~ Categorical(logits=a)\nplate n { y ~ Categorical(logits=b[x])  observe p ~ Normal(y_at[y] + x_at[x], 1) }",
        lambda v, z, d: cat(v.a, z.x) + cat(v.b[z.x], z.y) + normal(d.p, d.y_at[z.y] + d.x_at[z.x]),
        {"p": "n", "y_at": "ky", "x_at": "kx"}, "x ~ Categorical(logits=qx)", lambda q, z, d: cat(q.qx, z.x),
        {"qx": "kx"}),
    "the guide names the class of hidden chains": Case(
        {"a": "kx", "b": "kw kx kxx", "c": "kw"}, {"w": "kw n", "x": "kx n t"},
        CASES["hidden chains for each, each of its own class"].body,
        CASES["hidden chains for each, each of its own class"].joint, {"p": "n t", "x_at": "kx"},
        "plate n { w ~ Categorical(logits=qw) }", lambda q, z, d: cat(q.qw, z.w), {"qw": "n kw"}, {"t": 3}),
}
