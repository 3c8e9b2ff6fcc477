"""Programs by the thousand: all small ones over a fixed world, and large random ones.

Every program shares one set of declarations. A *step* makes one value from those before it; all sequences of steps up
to a length are taken, and each is ended in several ways that use its last value: as the mean of an observation, in a
factor, as the argument of a further latent, under a mask. The values of data and latents for all of them stand in
``WORLD``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from reference import World

from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS
from svilang.catalog.function import Role
from svilang.catalog.functions import FUNCTIONS
from svilang.ir import Law, Node, Program
from svilang.ir import nodes as ir
from svilang.types import KINDS, Dim, Dims, Interval, Kind, intervals, union

A, B, C, E = Dim("a"), Dim("b"), Dim("c"), Dim("e")
DIMENSIONS = (
    ir.Dimension("a"),
    ir.Dimension("b"),
    ir.Dimension("c", labels=("low", "high")),
    ir.Dimension("e", alias="a"),
)
REAL, POSITIVE, BINARY = KINDS["real"].kind, KINDS["positive"].kind, KINDS["binary"].kind


def member(dim: Dim) -> Kind:
    """The kind of a member of a dimension."""
    return Kind(interval=intervals.COUNT, member=dim.name)


DATA = (
    ir.Data("x", REAL, (A, B)),
    ir.Data("i", member(A), (B,)),
    ir.Data("keep", BINARY, (A,)),
    ir.Data("y", REAL, (), optional=True),
    ir.Data("y_a", REAL, (A,)),
    ir.Data("y_ab", REAL, (A, B), optional=True),
    ir.Data("hit", BINARY, (A,)),
)

_rng = np.random.default_rng(20240607)
WORLD = World(
    sizes={"a": 2, "b": 3, "c": 2, "e": 2},
    data={
        "x": _rng.normal(size=(2, 3)).round(2),
        "i": np.array([1.0, 0.0, 1.0]),
        "keep": np.array([1.0, 0.0]),
        "y": np.asarray(0.7),
        "y_a": np.array([0.3, -1.2]),
        "y_ab": np.array([[0.1, np.nan, -0.4], [1.5, 0.2, 0.9]]),
        "hit": np.array([1.0, 0.0]),
    },
    latents={
        "m": np.asarray(0.4),
        "t": np.array([0.8, -0.3]),
        "s": np.asarray(1.3),
        "u": np.asarray(0.6),
        "u_a": np.array([0.6, -0.2]),
        "u_ab": _rng.normal(size=(2, 3)).round(2),
        "w": np.array([0.25, 0.75]),
    },
    labels={"c": ("low", "high")},
)


class Draft:
    """A program under construction; knows the axes that each operation gives."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def copy(self) -> Draft:
        other = Draft()
        other.nodes = list(self.nodes)
        return other

    def dims(self, node: int) -> Dims:
        return self.nodes[node].dims

    def add(self, op: ir.Op, args: tuple[int, ...], dims: Dims, kind: Kind = REAL) -> int:
        self.nodes.append(Node(op, args, dims, kind))
        return len(self.nodes) - 1

    def const(self, value: float | int | bool) -> int:
        kind = BINARY if isinstance(value, bool) else Kind(interval=intervals.point(value))
        return self.add(ir.Const(value), (), (), kind)

    def input(self, name: str) -> int:
        item = next(item for item in DATA if item.name == name)
        return self.add(ir.Input(name), (), item.dims, item.kind)

    def latent(self, name: str, dims: Dims, kind: Kind = REAL) -> int:
        return self.add(ir.Latent(name), (), dims, kind)

    def apply(self, name: str, *args: int) -> int:
        function = FUNCTIONS[name]
        interval = function.support(*(self.nodes[arg].kind.interval for arg in args))
        return self.add(ir.Apply(function), args, union(*map(self.dims, args)), Kind(interval=interval))

    def over(self, name: str, arg: int, dim: Dim) -> int:
        function = FUNCTIONS[name]
        if function.role is Role.ALONG:
            return self.add(ir.Along(function, dim), (arg,), self.dims(arg))
        return self.add(ir.Reduce(function, dim), (arg,), _without(self.dims(arg), dim))

    def gather(self, value: int, dim: Dim, index: int) -> int:
        return self.add(ir.Gather(dim), (value, index), union(_without(self.dims(value), dim), self.dims(index)))

    def contract(self, x: int, left: Dim, y: int, right: Dim) -> int:
        dims = union(_without(self.dims(x), left), _without(self.dims(y), right))
        return self.add(ir.Contract(left, right), (x, y), dims)

    def stack(self, dim: Dim, *args: int) -> int:
        return self.add(ir.Stack(dim), args, (*union(*map(self.dims, args)), dim))

    def relabel(self, arg: int, old: Dim, new: Dim) -> int:
        dims = tuple(new if dim == old else dim for dim in self.dims(arg))
        return self.add(ir.Relabel(old, new), (arg,), dims)

    def lag(self, arg: int, dim: Dim, start: int) -> int:
        return self.add(ir.Lag(dim, 1), (arg, start), union(self.dims(arg), self.dims(start)))

    def fill(self, name: str, over: Dims, *args: int) -> int:
        axes = () if name == "size" else (*over, *(d.primed for d in over)) if name == "eye" else over
        return self.add(ir.Fill(FUNCTIONS[name], over), args, (*union(*map(self.dims, args)), *axes))

    def law(self, name: str, *args: int, event: Dims = (), form: int = 0) -> Law:
        return Law(DISTRIBUTIONS[name], form, args, event=event)

    def program(self, **parts: object) -> Program:
        return Program("small", DIMENSIONS, DATA, nodes=tuple(self.nodes), **parts)


def _without(dims: Dims, *gone: Dim) -> Dims:
    return tuple(dim for dim in dims if dim not in gone)


# --- steps -----------------------------------------------------------------------------------------------------------

Step = Callable[[Draft], int]


@dataclass(frozen=True)
class Start:
    """The draft before the first step: declarations' values, and the two latents that every program has."""

    draft: Draft
    values: tuple[int, ...]
    half: int
    index: int
    sites: tuple[ir.Site, ...]


def start() -> Start:
    """``m ~ Normal(0, 1)``, ``t ~ Normal(m, 0.5)`` in plate ``a``, and some values to make others from."""
    draft = Draft()
    zero, one, half = draft.const(0), draft.const(1), draft.const(0.5)
    m, t = draft.latent("m", ()), draft.latent("t", (A,))
    x, index = draft.input("x"), draft.input("i")
    sites = (
        ir.Site("m", draft.law("Normal", zero, one), (), 0, REAL),
        ir.Site("t", draft.law("Normal", m, half), (A,), 1, REAL),
    )
    return Start(draft, (zero, one, m, t, x), half, index, sites)


def steps(draft: Draft, values: tuple[int, ...], begun: Start) -> Iterator[Step]:
    """Everything that can be made next; ``values`` are the operands to choose from."""
    for v in values:
        for name in ("negate", "tanh"):
            yield _step("apply", name, v)
        yield from _of_axes(draft, v, begun)
        for w in values:
            for name in ("+", "-", "*"):
                yield _step("apply", name, v, w)
            yield from _of_pairs(draft, v, w)
    one, half = begun.values[1], begun.half
    yield _step("fill", "full", (A,), half)
    yield _step("fill", "position", (A,))
    yield _step("fill", "size", (B,))
    for v in values:
        yield _step("apply", "/", v, one)
        yield _step("apply", "^", v, one)
        yield _step("apply", "<", v, half)


def _of_axes(draft: Draft, v: int, begun: Start) -> Iterator[Step]:
    dims = draft.dims(v)
    for dim in dims:
        yield _step("over", "sum", v, dim)
        yield _step("over", "softmax", v, dim)
    if A in dims:
        yield _step("gather", v, A, begun.index)
        yield _step("lag", v, A, begun.half)
        if E not in dims:
            yield _step("relabel", v, A, E)
    if dims == (A,):
        yield lambda d: d.add(ir.Matrix(FUNCTIONS["diag"], ((A,),), (A, A.primed)), (v,), (A, A.primed))


def _of_pairs(draft: Draft, v: int, w: int) -> Iterator[Step]:
    for dim in draft.dims(v):
        if dim in draft.dims(w):
            yield _step("contract", v, dim, w, dim)
    if C not in (*draft.dims(v), *draft.dims(w)) and v < w:
        yield _step("stack", C, v, w)


def _step(method: str, *args: object) -> Step:
    return lambda draft: getattr(draft, method)(*args)


# --- ends ------------------------------------------------------------------------------------------------------------

End = Callable[[Draft, Start, int], Program | None]


def _observed(data: str, plates: Dims, **more: object) -> End:
    """``observe data ~ Normal(value, 0.5)`` in ``plates``."""

    def end(draft: Draft, begun: Start, value: int) -> Program | None:
        if not set(draft.dims(value)) <= set(plates):
            return None
        law = draft.law("Normal", value, begun.half)
        optional = tuple(item.name for item in DATA if item.name == data and item.optional)
        seen = ir.Observation(data, draft.input(data), law, plates, optional=optional, **more)
        return draft.program(sites=begun.sites, observations=(seen,))

    return end


def _factor(extra: Dims) -> End:
    """``factor value`` in its own plates and more."""

    def end(draft: Draft, begun: Start, value: int) -> Program | None:
        plates = union(draft.dims(value), extra)
        return draft.program(sites=begun.sites, factors=(ir.Factor(value, plates),))

    return end


def _masked(draft: Draft, begun: Start, value: int) -> Program | None:
    """An observation under a mask, weighted, whose data lack a plate."""
    if not set(draft.dims(value)) <= {A, B}:
        return None
    keep, weight = draft.input("keep"), draft.apply("tanh", draft.input("x"))
    law = draft.law("Normal", value, begun.half)
    seen = ir.Observation("y_a", draft.input("y_a"), law, (A, B), mask=keep, weight=weight)
    return draft.program(sites=begun.sites, observations=(seen,))


def _latent(draft: Draft, begun: Start, value: int) -> Program | None:
    """A further latent whose mean is the value, and a definition and a report of it."""
    name = {(): "u", (A,): "u_a", (A, B): "u_ab"}.get(draft.dims(value))
    if name is None:
        return None
    site = ir.Site(name, draft.law("Normal", value, begun.half), draft.dims(value), len(draft.dims(value)), REAL)
    used = draft.latent(name, site.dims)
    return draft.program(
        sites=(*begun.sites, site),
        factors=(ir.Factor(used, site.dims),),
        reports=(ir.Report("r", value, None, site.dims, REAL),),
        definitions=(("shown", value), ("unused", draft.apply("negate", used))),
    )


def _categorical(draft: Draft, begun: Start, value: int) -> Program | None:
    """A member of ``a`` observed for each ``b``, by its log odds."""
    if A not in draft.dims(value) or not set(draft.dims(value)) <= {A, B}:
        return None
    form = _form("Categorical", "logits")
    seen = ir.Observation("i", draft.input("i"), draft.law("Categorical", value, form=form), (B,))
    return draft.program(sites=begun.sites, observations=(seen,))


def _mixture(draft: Draft, begun: Start, value: int) -> Program | None:
    """A mixture over ``c`` with Dirichlet weights."""
    dims = draft.dims(value)
    if not set(dims) <= {A, C}:
        return None
    weights = draft.latent("w", (C,), KINDS["simplex"].kind)
    ones = draft.fill("ones", (C,))
    site = ir.Site("w", draft.law("Dirichlet", ones, event=(C,)), (C,), 0, KINDS["simplex"].kind)
    law = Law(COMBINATORS["Mixture"], 0, (weights,), (draft.law("Normal", value, begun.half),), mixed=C)
    seen = ir.Observation("y_a", draft.input("y_a"), law, (A,))
    return draft.program(sites=(*begun.sites, site), observations=(seen,))


def _narrowed(draft: Draft, begun: Start, value: int) -> Program | None:
    """A latent cut off below, whose missing mass is put back."""
    if draft.dims(value):
        return None
    kind = Kind(interval=Interval(0.25, intervals.inf))
    law = draft.law("Normal", value, begun.half)
    site = ir.Site("s", law, (), 0, kind, narrowed=True, normaliser="truncate")
    return draft.program(sites=(*begun.sites, site), factors=(ir.Factor(draft.latent("s", (), kind), ()),))


def _form(law: str, *params: str) -> int:
    forms = DISTRIBUTIONS[law].forms
    return next(i for i, form in enumerate(forms) if tuple(param.name for param in form.params) == params)


ENDS: tuple[End, ...] = (
    _observed("y", ()),
    _observed("y_a", (A,)),
    _observed("y_ab", (A, B)),
    _observed("y", (B, A)),
    _factor(()),
    _factor((B,)),
    _masked,
    _latent,
    _categorical,
    _mixture,
    _narrowed,
)


def small_programs(size: int, every: int = 1) -> Iterator[Program]:
    """All programs of up to ``size`` steps: those shorter with every end, the longest with one end each, in turn.

    Args:
        size: how many values are made between the declarations and the end.
        every: take one program in so many, evenly over all of them.
    """
    count = 0
    for draft, begun, made in _drafts(size):
        turn = count % len(ENDS)
        once = len(made) == size > 1
        for end in (*ENDS[turn:], *ENDS[:turn]) if once else ENDS:
            program = end(draft.copy(), begun, made[-1])
            if program is None:
                continue
            count += 1
            if count % every == 0:
                yield program
            if once:
                break


def _drafts(size: int) -> Iterator[tuple[Draft, Start, tuple[int, ...]]]:
    """Every sequence of up to ``size`` steps, with what they made; without a step, each value to start from."""
    begun = start()
    level: list[tuple[Draft, tuple[int, ...]]] = [(begun.draft, ())]
    yield from ((begun.draft, begun, (value,)) for value in begun.values)
    for _ in range(size):
        following: list[tuple[Draft, tuple[int, ...]]] = []
        for draft, made in level:
            for step in steps(draft, (*begun.values, *made), begun):
                longer = draft.copy()
                following.append((longer, (*made, step(longer))))
        yield from ((draft, begun, made) for draft, made in following)
        level = following


def random_program(seed: int, size: int) -> Program:
    """A program of ``size`` random steps, with observations, factors and further latents on random values of it."""
    choose = random.Random(seed)
    begun = start()
    draft, made = begun.draft, list(begun.values)
    for _ in range(size):
        operands = (*begun.values, *choose.sample(made, min(3, len(made))))
        value = choose.choice(list(steps(draft, operands, begun)))(draft)
        if len(draft.dims(value)) <= 2:
            made.append(draft.apply("tanh", value))
    parts = [end(draft, begun, choose.choice(made)) for end in ENDS for _ in range(3)]
    programs = [program for program in parts if program is not None]
    return _joined(programs, tuple(draft.nodes))


def _joined(programs: list[Program], nodes: tuple[Node, ...]) -> Program:
    """One program with the terms of all, which share their nodes."""
    sites = {site.name: site for program in programs for site in program.sites}
    seen = [observation for program in programs for observation in program.observations]
    named = tuple(replace(observation, name=f"{observation.name}#{i}") for i, observation in enumerate(seen))
    return Program(
        "random",
        DIMENSIONS,
        DATA,
        sites=tuple(sites.values()),
        observations=named,
        factors=tuple(factor for program in programs for factor in program.factors),
        nodes=nodes,
    )
