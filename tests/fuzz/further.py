"""Specs that look like models with what is rarer: nets, chains of several starts, carried definitions, imputed data,
combinators around each other, guides with formulas, auxiliary variables and scores, minibatches.
"""

from plausible import FAMILIES, Writer, _block

from svilang.catalog.functions import FUNCTIONS

KERNELS = [name for name in FUNCTIONS if "kernel" in name or name in ("rbf", "matern32", "periodic")]
MORE_FAMILIES = (*FAMILIES, "structured", "iaf", "spline", "mixture(2, mean_field)", "markov_gaussian", "dais")
ARCHITECTURES = ("mlp(4, tanh)", "mlp(4, 3, softplus)", "linear", "resnet(4, relu)", "mlp(0, tanh)", "mlp(4)")
OBJECTIVES = ("elbo", "iwae(k=3)", "renyi(alpha=0.5)", "stl", "dreg", "rws", "tail_adaptive")


class Further(Writer):
    """A writer that knows the rarer statements too."""

    def __init__(self, rng):
        super().__init__(rng)
        self.nets = []
        self.optional = []

    def scalar(self, open_, depth=2, kinds=None):
        if self.nets and depth > 0 and self.odd(0.15):
            name, inputs = self.pick(self.nets)
            return f"{name}({', '.join(self.scalar(open_, depth - 1) for _ in range(inputs))})"
        return super().scalar(open_, depth, kinds)

    def statement(self, open_):
        roll = self.rng.random()
        if roll < 0.08 and not open_:
            return self.net()
        if roll < 0.2 and open_:
            return self.carried(open_)
        if roll < 0.3:
            free = [dim for dim in self.dims if dim not in open_]
            if free:
                return self.chain(open_, self.pick(free))
        return super().statement(open_)

    def net(self):
        name, inputs = self.name("n"), self.rng.randrange(1, 3)
        heads = ", ".join(f"u{i}: {self.pick(('real', 'positive', 'unit'))}" for i in range(inputs))
        self.nets.append((name, inputs))
        return f"net {name}({heads}) -> {self.pick(('real', 'real', 'positive', 'unit'))} = {self.pick(ARCHITECTURES)}"

    def back(self, name, order):
        return self.pick((f"prev({name})", f"prev({name}, {self.rng.randrange(1, order + 2)})", name))

    def carried(self, open_):
        """A definition that looks back at itself, with one start or more."""
        name, order = self.name("e"), self.rng.randrange(1, 4)
        starts = [self.scalar(open_, 0) for _ in range(order)]
        self.known.append((name, open_, "real"))
        step = f"0.5 * {self.back(name, order)} + {self.scalar(open_, 1)}"
        return f"{name} = {' then '.join([*starts, step])}"

    def chain(self, open_, dim):
        """A latent chain, of numbers or of states, and what reads it."""
        name, order = self.name("z"), self.rng.randrange(1, 3)
        inside, back = (*open_, dim), self.back(name, order)
        if self.odd(0.4):
            over = self.pick(self.dims)
            start = f"Categorical(softmax({self.vector(over, inside)}))"
            step = f"Categorical(logits={self.vector(over, inside)} * {self.pick(('1', f'position({over})'))})"
            step = self.pick((step, f"Bernoulli(0.2 + 0.5 * {back})"))
            start = "Bernoulli(0.5)" if step.startswith("Bern") else start
        else:
            start, step = f"Normal({self.scalar(inside, 0)}, 1)", f"Normal(0.5 * {back}, {self.pick(('1', '0.3'))})"
        self.known.append((name, inside, "real"))
        self.latents.append((name, inside))
        laws = " then ".join([*[start] * order, step])
        rest = self.pick(("", self.statement(inside), self.carried(inside)))
        return f"{self.pick(('markov', 'markov', 'plate'))} {dim} {{ {name} ~ {laws}  {rest} }}"

    def combined(self, open_):
        text, row = super().combined(open_)
        if self.odd(0.4):
            low = self.scalar(open_, 0)
            text = self.pick(
                (
                    f"Truncated({text}, lower={low})",
                    f"Censored({text}, {low}, {self.scalar(open_, 0)})",
                    f"ZeroInflated({text}, gate=expit({low}))",
                    f"Mixture([0.5, 0.5], [{text}, Normal(0, 1)])",
                    f"Transformed({text}, {self.pick(('exp', 'log', 'expit'))})",
                )
            )
        return text, row

    def data(self):
        lines = super().data()
        self.optional = [line.partition(":")[0] for line in lines if "?" in line]
        return lines

    def guide(self):
        lines = [line.replace("low_rank", self.pick(("low_rank", "block"))) for line in super().guide()]
        for name, plates in self.rng.sample(self.latents, min(len(self.latents), self.rng.randrange(0, 3))):
            lines.append(self.covered(name, plates))
        if self.odd(0.3):
            lines.append(f"rest ~ {self.pick(MORE_FAMILIES)}")
        return lines

    def covered(self, name, plates):
        roll, inner = self.rng.random(), self.name("u")
        if roll < 0.3:
            formula = self.pick((inner, f"exp({inner})", f"2 * {inner}"))
            body = f"aux {inner} ~ {self.law(plates)[0]}  {name} = {formula}"
        elif roll < 0.5:
            body = f"score {name}  {name} ~ {self.law(plates)[0]}"
        elif roll < 0.7:
            body = f"{name} = {self.scalar(plates)}"
        else:
            axes = f"[{', '.join(plates)}]" if plates else ""
            return f"param {inner}: real{axes}  {name} ~ {self.pick(('Normal', 'Laplace'))}({inner}, 1)"
        return f"plate {', '.join(plates)} {{ {body} }}" if plates else body

    def settings(self):
        lines = [f"objective = {self.pick(OBJECTIVES)}", f"minibatch[{self.pick(self.dims)}] = {self.pick('1290')}"]
        return self.rng.sample(lines, self.rng.randrange(1, 3))


def spec(rng):
    """One spec."""
    writer = Further(rng)
    data = writer.data()
    body = [writer.statement(()) for _ in range(rng.randrange(1, 5))]
    body += [writer.observe() for _ in range(rng.randrange(0, 3))]
    body += [f"impute {name}" for name in writer.optional if rng.random() < 0.7]
    if KERNELS and rng.random() < 0.1:
        dim = rng.choice(writer.dims)
        body.append(f"factor sum({rng.choice(KERNELS)}(position({dim}), position({dim})))")
    blocks = [_block("data", data), _block("model", body)]
    if rng.random() < 0.6:
        blocks.append(_block("guide", writer.guide()))
    if rng.random() < 0.3:
        blocks.append(_block("fit", writer.settings()))
    return "\n".join(blocks)
