"""Specs that look like models: names that are in scope, arguments of about the right kind, statements in any order."""

from svilang.catalog.distribution import Distribution
from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS
from svilang.catalog.function import Role
from svilang.catalog.functions import FUNCTIONS

ELEMENTWISE = [row for name, row in FUNCTIONS.items() if row.role is Role.ELEMENTWISE and name.isidentifier()]
REDUCTIONS = [row.name for row in FUNCTIONS.values() if row.role is Role.REDUCE]
ALONG = [row.name for row in FUNCTIONS.values() if row.role is Role.ALONG]
MATRIX = [row for row in FUNCTIONS.values() if row.role is Role.MATRIX]
LAWS = [row for name, row in DISTRIBUTIONS.items() if name != "then"]
FAMILIES = ("mean_field", "full_rank", "low_rank", "low_rank(2)", "delta", "laplace", "full_rank(scale=0.1)")
DATA_KINDS = ("real", "positive", "unit", "count", "binary", "integer", "interval(0, 10)", "nonnegative")
VECTOR_KINDS = ("simplex", "ordered", "positive_ordered", "unit_vector", "zero_sum")
DOUBT = 0.04
"""How often a choice is made without regard to what fits."""


class Writer:
    """What one spec has declared so far."""

    def __init__(self, rng):
        self.rng = rng
        self.count = 0
        self.dims = [f"d{i}" for i in range(rng.randrange(1, 4))]
        self.known = []  # (name, dims, kind): kind is a word of the language, `member:d` or `matrix`
        self.latents = []
        self.functions = []

    def name(self, letter):
        self.count += 1
        return f"{letter}{self.count}"

    def odd(self, chance=DOUBT):
        return self.rng.random() < chance

    def pick(self, options):
        return self.rng.choice(list(options))

    # --- expressions

    def use(self, name, dims, open_):
        """A name as one number for each member of the open plates."""
        text = name
        for dim in dims:
            if dim in open_ or self.odd():
                continue
            indexes = [n for n, over, kind in self.known if kind == f"member:{dim}" and set(over) <= set(open_)]
            if indexes and self.rng.random() < 0.6:
                text = f"{text}[{self.pick(indexes)}]"
            elif self.rng.random() < 0.5:
                text = f"{text}[{self.pick((0, 0, 0, 1, 2, -1))}]"
            else:
                text = f"{self.pick(REDUCTIONS)}({text}, over={dim})"
        return text

    def scalar(self, open_, depth=2, kinds=None):
        """An expression without free dimensions."""
        rng = self.rng
        fits = [k for k in self.known if not k[2].startswith(("member", "matrix")) and (kinds is None or k[2] in kinds)]
        roll = rng.random()
        if depth <= 0 or roll < 0.35:
            if fits and rng.random() < 0.75:
                name, dims, _ = self.pick(fits)
                return self.use(name, dims, open_)
            return self.pick(("0", "1", "2", "0.5", "3", "-1", "10", "pi", "1e3", "0.1"))
        one = self.scalar(open_, depth - 1)
        if roll < 0.65:
            return f"({one} {self.pick('+-*/+-*^')} {self.scalar(open_, depth - 1)})"
        if roll < 0.8:
            row = self.pick(ELEMENTWISE)
            return f"{row.name}({', '.join([one, *(self.scalar(open_, depth - 2) for _ in row.params[1:])])})"
        if roll < 0.86:
            sign = self.pick(("<", ">", "<=", "==", "!="))
            other, least, most = self.scalar(open_, 0), self.scalar(open_, depth - 1), self.scalar(open_, 0)
            return f"({one} if {least} {sign} {most} else {other})"
        if roll < 0.94:
            free = self.pick(self.dims)
            if free in open_ and not self.odd():
                return one
            return f"{self.pick(REDUCTIONS)}({self.vector(free, open_)})"
        if self.functions and roll < 0.98:
            return f"{self.pick(self.functions)}({one}, {self.scalar(open_, 0)})"
        dim = self.pick(self.dims)
        return f"({self.vector(dim, open_)} @ {self.vector(dim, open_)})"

    def vector(self, dim, open_):
        """An expression whose one free dimension is ``dim``."""
        fits = [name for name, dims, kind in self.known if dim in dims and not kind.startswith(("member", "matrix"))]
        roll = self.rng.random()
        if fits and roll < 0.5:
            name = self.pick(fits)
            dims = next(dims for known, dims, _ in self.known if known == name)
            return self.use(name, [d for d in dims if d != dim], open_)
        if roll < 0.7:
            return f"full({dim}, {self.scalar(open_, 0)})"
        if roll < 0.8:
            return f"{self.pick(ALONG)}({self.vector(dim, open_)})"
        if roll < 0.9:
            return f"({self.vector(dim, open_)} {self.pick('+-*')} {self.scalar(open_, 0)})"
        return f"{self.pick(('ones', 'zeros', 'position'))}({dim})"

    def matrix(self, dim, open_):
        fits = [name for name, dims, kind in self.known if kind == "matrix" and dim in dims]
        if fits and self.odd(0.5):
            return self.pick(fits)
        if self.odd(0.3):
            return f"diag({self.positive_vector(dim, open_)})"
        if self.odd(0.1):
            row = self.pick(MATRIX)
            arguments = [
                self.matrix(dim, open_) if len(events) == 2 else self.vector(dim, open_) for events in row.signature[0]
            ]
            return f"{row.name}({', '.join(arguments)})"
        return f"eye({dim})"

    def positive_vector(self, dim, open_):
        return f"exp({self.vector(dim, open_)})"

    def of_kind(self, kind, open_):
        """An argument of a distribution for a parameter of this kind."""
        if self.odd():
            return self.scalar(open_)
        low, high = kind.interval.lower, kind.interval.upper
        if kind.interval.integer:
            return self.pick(("1", "2", "5", "3"))
        if (low, high) == (0, 1):
            return self.pick(("0.5", "0.2", f"expit({self.scalar(open_, 1)})", self.scalar(open_, 0, ("unit",))))
        if low >= 0:
            positive = self.scalar(open_, 0, ("positive", "nonnegative"))
            return self.pick(
                ("1", "2", "0.5", f"exp({self.scalar(open_, 1)})", positive, f"softplus({self.scalar(open_, 0)})")
            )
        return self.scalar(open_)

    def law(self, open_, depth=1):
        """A distribution, and its row."""
        if depth and self.odd(0.12):
            return self.combined(open_)
        row = (
            self.pick(LAWS)
            if self.odd(0.6)
            else DISTRIBUTIONS[self.pick(("Normal", "HalfNormal", "Exponential", "Beta"))]
        )
        form = self.pick(row.forms)
        canonical = form is row.forms[0]
        free = {axis: self.pick(self.dims) for param in form.params for axis in param.event}
        arguments = [self.pick(self.dims)] if row.dimension_first else []
        for param in form.params:
            if param.default is not None and self.odd(0.7):
                canonical = False
                continue
            if len(param.event) == 2:
                text = self.matrix(free[param.event[0]], open_)
            elif param.event:
                dim = free[param.event[0]]
                text = self.pick((f"softmax({self.vector(dim, open_)})", f"ones({dim})", self.vector(dim, open_)))
            else:
                text = self.of_kind(param.kind, open_)
            arguments.append(text if canonical and self.odd(0.7) else f"{param.name}={text}")
            canonical = canonical and "=" not in arguments[-1].partition("(")[0]
        return f"{row.name}({', '.join(arguments)})", row

    def combined(self, open_):
        inner, row = self.law(open_, 0)
        other, _ = self.law(open_, 0)
        low, high = self.scalar(open_, 0), self.scalar(open_, 0)
        dim = self.pick(self.dims)
        return self.pick(
            (
                (f"Truncated({inner}, {low}, {high})", row),
                (f"Truncated({inner}, lower={low})", row),
                (f"Censored({inner}, upper={high})", row),
                (f"ZeroInflated({inner}, {self.pick(('0.2', low))})", row),
                (f"Mixture([0.3, 0.7], [{inner}, {other}])", row),
                (f"Mixture(softmax({self.vector(dim, open_)}), {inner})", row),
                (f"{self.pick(COMBINATORS)}({inner})", row),
            )
        )

    # --- statements

    def statement(self, open_):
        roll = self.rng.random()
        if roll < 0.4:
            return self.latent(open_)
        if roll < 0.55:
            name = self.name("e")
            text = f"{name} = {self.scalar(open_)}"
            self.known.append((name, open_, "real"))
            return text
        if roll < 0.62:
            return f"factor {self.scalar(open_)}"
        if roll < 0.7:
            name = self.name("r")
            return self.pick((f"report {name} = {self.scalar(open_)}", f"report {name} ~ {self.law(open_)[0]}"))
        if roll < 0.76 and not open_:
            name, kind = self.name("p"), self.pick(("real", "positive", "unit"))
            self.known.append((name, (), kind))
            return f"param {name}: {kind}{self.pick(('', ' = 0.5', ' = draw Exponential(1)'))}"
        if roll < 0.8 and not open_:
            name = self.name("f")
            self.functions.append(name)
            return f"def {name}(u, v) = {self.pick(('u + v', 'u * exp(v)', 'u if v > 0 else v', 'sum([u, v])'))}"
        return self.plate(open_)

    def latent(self, open_):
        name = self.name("z")
        text, row = self.law(open_)
        if self.odd(0.06) and open_:
            text = f"{text} then {self.law(open_)[0]}"
        kind = "real"
        if isinstance(row, Distribution):
            low, high = row.support.interval.lower, row.support.interval.upper
            kind = "unit" if (low, high) == (0, 1) else "positive" if low >= 0 else "real"
            kind = "matrix" if len(row.event) == 2 else kind
        dims, declared = open_, ""
        free = [dim for dim in self.dims if dim not in open_]
        if free and self.odd(0.2):
            dim = self.pick(free)
            dims, declared = (*open_, dim), f": {self.pick(('real', 'real', 'positive', *VECTOR_KINDS))}[{dim}]"
        elif isinstance(row, Distribution) and row.event and free:
            dims = (*open_, *self.dims[:1])
        self.known.append((name, dims, kind))
        self.latents.append((name, open_))
        return f"{name}{declared} ~ {text}"

    def observe(self):
        """An observation in the plates of its data."""
        data = [known for known in self.known if known[0].startswith("y")]
        name, dims, _ = self.pick(data)
        tail = self.pick(("", "", "", " where 1 == 1", " weight 2"))
        inner = f"observe {name} ~ {self.law(tuple(dims))[0]}{tail}"
        return f"plate {', '.join(dims)} {{ {inner} }}" if dims else inner

    def plate(self, open_):
        free = [dim for dim in self.dims if dim not in open_]
        if not free or len(open_) > 2:
            return self.latent(open_)
        dim = self.pick(free)
        head = "markov" if self.odd(0.1) else "plate"
        body = [self.statement((*open_, dim)) for _ in range(self.rng.randrange(1, 4))]
        return f"{head} {dim} {{ {'  '.join(body)} }}"

    def data(self):
        lines = []
        for dim in self.dims:
            lines.append(
                self.pick((f"dim {dim} = {self.rng.randrange(1, 5)}", f'dim {dim} = ["a", "b"]', f"dim {dim} = 3"))
            )
        if self.odd(0.3):
            alias = self.name("a")
            lines.append(f"dim {alias} = {self.pick(self.dims)}")
            self.dims.append(alias)
        for _ in range(self.rng.randrange(1, 5)):
            name, dims = (
                self.name("y"),
                tuple(self.rng.sample(self.dims, self.rng.randrange(0, min(3, len(self.dims) + 1)))),
            )
            if self.odd(0.25):
                over = self.pick(self.dims)
                kind, word = f"member:{over}", over
            elif self.odd(0.06) and dims:
                kind, word = "real", self.pick(VECTOR_KINDS)
            else:
                kind = word = self.pick(DATA_KINDS)
            axes = f"[{', '.join(dims)}]" if dims else ""
            lines.append(f"{name}: {word}{'?' if self.odd(0.05) else ''}{axes}")
            self.known.append((name, dims, kind))
        return lines

    def guide(self):
        lines = []
        for name, plates in self.rng.sample(self.latents, min(len(self.latents), self.rng.randrange(0, 3))):
            roll = self.rng.random()
            if roll < 0.5:
                lines.append(f"{name} ~ {self.pick(FAMILIES)}")
            elif roll < 0.7:
                lines.append(f"noncentered {name}")
            else:
                text = f"{name} ~ {self.law(plates)[0]}"
                lines.append(f"plate {', '.join(plates)} {{ {text} }}" if plates else text)
        if self.odd(0.5):
            lines.append(f"rest ~ {self.pick(FAMILIES)}")
        return lines


SETTINGS = (
    *("steps = 100", "seed = 3", "particles = 4", "optimizer = adam(0.01)", "optimizer = chain(clip(1), sgd(0.1))"),
    *("precision = float64", "stop = none", "stop = plateau(0.1, 2)", "average = false", "objective = iwae(k=4)"),
    *("objective = renyi(alpha=0.5)", "steps = -1", "particles = 0.5", 'seed = "a"', "optimizer = adam(adam(1))"),
)


def spec(rng):
    """One spec."""
    writer = Writer(rng)
    data = writer.data()
    body = [writer.statement(()) for _ in range(rng.randrange(1, 6))]
    body += [writer.observe() for _ in range(rng.randrange(0, 3))]
    if rng.random() < 0.3:
        rng.shuffle(body)
    blocks = [_block("data", data), _block("model", body)]
    if rng.random() < 0.4:
        blocks.append(_block("guide", writer.guide()))
    if rng.random() < 0.2:
        blocks.append(_block("fit", rng.sample(SETTINGS, rng.randrange(1, 3))))
    return "\n".join(blocks)


def _block(head, lines):
    return f"{head} {{\n{''.join(f'  {line}' + chr(10) for line in lines)}}}"
