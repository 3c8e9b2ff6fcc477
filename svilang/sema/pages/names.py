"""Pages of the codes about names: 02."""

from __future__ import annotations

from ...diagnostics.page import Page

TOO_LONG = "\n".join(
    [
        "model {",
        "  def f0(x) = x + 1",
        *(f"  def f{i}(x) = f{i - 1}(x) + f{i - 1}(x + 1)" for i in range(1, 30)),
        "  a ~ Normal(f29(1), 1)",
        "}",
    ]
)
"""Thirty functions, each of which calls the one before it twice."""

PAGES: dict[str, Page] = {
    "E0201": Page(
        "An unknown name",
        "Every name is declared once: in `data`, by `~`, by `=`, by `param` or by `def`. The order of statements "
        "does not "
        "matter, so the name is missing everywhere, not only above this line. Dimensions have a name space of "
        "their own and "
        "are no values.",
        "model {\n  x ~ Normal(mu, 1)\n}",
        "model {\n  mu ~ Normal(0, 1)\n  x ~ Normal(mu, 1)\n}",
    ),
    "E0202": Page(
        "A name that is defined twice",
        "A name means one thing in the whole file. There is no assignment: a second definition does not replace "
        "the first.",
        "model {\n  mu ~ Normal(0, 1)\n  mu ~ Normal(0, 2)\n}",
        "model {\n  mu ~ Normal(0, 1)\n  nu ~ Normal(0, 2)\n}",
    ),
    "E0203": Page(
        "An unknown dimension",
        "A dimension exists when data is declared with it, `y: real[obs]`, or when `data` says so, `dim obs = 10`.",
        "model {\n  plate component { loc ~ Normal(0, 1) }\n}",
        "data { dim component = 3 }\nmodel {\n  plate component { loc ~ Normal(0, 1) }\n}",
    ),
    "E0204": Page(
        "An unknown kind",
        "After `:` stands what the values may be: `real`, `positive`, `nonnegative`, `unit`, `interval(a, b)`, "
        "`count`, "
        "`binary`, `simplex`, `ordered` …, or a dimension whose members they are. A vector is written with its "
        "dimension, "
        "`real[feature]`.",
        "data { y: reals[obs] }\nmodel { plate obs { observe y ~ Normal(0, 1) } }",
        "data { y: real[obs] }\nmodel { plate obs { observe y ~ Normal(0, 1) } }",
    ),
    "E0205": Page(
        "An unknown function",
        "Functions have the names that they have in NumPy, JAX and SciPy. A function of your own is declared by `def`.",
        "model {\n  a ~ Normal(0, 1)\n  b ~ Normal(exq(a), 1)\n}",
        "model {\n  a ~ Normal(0, 1)\n  b ~ Normal(exp(a), 1)\n}",
    ),
    "E0206": Page(
        "An unknown distribution",
        "Distributions have the names and arguments that they have in NumPyro, with capitals: `Normal`, "
        "`HalfNormal`, "
        "`StudentT`, `LKJCholesky`.",
        "model { x ~ normal(0, 1) }",
        "model { x ~ Normal(0, 1) }",
    ),
    "E0207": Page(
        "An unknown argument",
        "Arguments may be given by position or by the names that the message lists.",
        "model { x ~ Normal(mean=0, sd=1) }",
        "model { x ~ Normal(loc=0, scale=1) }",
    ),
    "E0208": Page(
        "A missing argument",
        "Only arguments that have a default may be left out.",
        "model { x ~ StudentT(loc=0, scale=1) }",
        "model { x ~ StudentT(4, loc=0, scale=1) }",
    ),
    "E0209": Page(
        "Too many arguments",
        "There are more arguments than the function or the distribution takes. An interval is not given as two "
        "further "
        "arguments: write `Truncated(D, lower, upper)`, or narrow the kind, `x: interval(0, 1) ~ D`.",
        "model { x ~ Normal(0, 1, 2) }",
        "model { x ~ Normal(0, 1) }",
    ),
    "E0210": Page(
        "An argument that is given twice",
        "The same argument is given by position and by name, or by name twice.",
        "model { x ~ Normal(0, loc=1) }",
        "model { x ~ Normal(0, scale=1) }",
    ),
    "E0211": Page(
        "Arguments of two ways to write a distribution",
        "Some distributions can be written in several ways, and each call follows one of them.",
        "data { y: binary[obs] }\nmodel { plate obs { observe y ~ Bernoulli(probs=0.5, logits=0) } }",
        "data { y: binary[obs] }\nmodel { plate obs { observe y ~ Bernoulli(logits=0) } }",
    ),
    "E0212": Page(
        "A definition that depends on itself",
        "The compiler sorts the statements, and cannot where each needs the other first. What depends on the "
        "step before is "
        "written in `markov` with `prev`.",
        "model {\n  a = b + 1\n  b = a + 1\n  x ~ Normal(a, 1)\n}",
        "model {\n  b ~ Normal(0, 1)\n  a = b + 1\n  x ~ Normal(a, 1)\n}",
    ),
    "E0213": Page(
        "A function that calls itself",
        "Functions are written out where they are called, so none can call itself, directly or through another.",
        "model {\n  def f(x) = f(x) + 1\n  a ~ Normal(f(0), 1)\n}",
        "model {\n  def f(x) = x + 1\n  a ~ Normal(f(0), 1)\n}",
    ),
    "E0214": Page(
        "A function in the place of a value",
        "A function becomes a value by being called.",
        "model {\n  def f(x) = x + 1\n  a ~ Normal(f, 1)\n}",
        "model {\n  def f(x) = x + 1\n  a ~ Normal(f(0), 1)\n}",
    ),
    "E0215": Page(
        "A name after a dot",
        "Only the outputs of a net have names: `encode(x).loc`. Columns of data are declared one by one in `data`.",
        "model {\n  a ~ Normal(0, 1)\n  b ~ Normal(a.mean, 1)\n}",
        "model {\n  a ~ Normal(0, 1)\n  b ~ Normal(a, 1)\n}",
    ),
    "E0216": Page(
        "An unknown guide family",
        "A family covers several variables at once: `delta`, `laplace`, `mean_field`, `full_rank`, `low_rank(r)`. A "
        "distribution, written with a capital, covers one.",
        "model { x ~ Normal(0, 1) }\nguide { rest ~ meanfield }",
        "model { x ~ Normal(0, 1) }\nguide { rest ~ mean_field }",
    ),
    "E0217": Page(
        "An unknown setting",
        "The block `fit` knows `objective`, `particles`, `optimizer`, `steps`, `minibatch`, `seed`, `precision`, "
        "`starts`, `stop`, `average` and `rewrites`.",
        "model { x ~ Normal(0, 1) }\nfit { step = 1000 }",
        "model { x ~ Normal(0, 1) }\nfit { steps = 1000 }",
    ),
    "E0218": Page(
        "An unknown label",
        "The text itself lists the labels of this dimension, and the one used is not among them.",
        'data { dim effect = ["intercept", "slope"] }\n'
        'model {\n  beta: real[effect] ~ Normal(0, 1)\n  x ~ Normal(beta["slop"], 1)\n}',
        'data { dim effect = ["intercept", "slope"] }\n'
        'model {\n  beta: real[effect] ~ Normal(0, 1)\n  x ~ Normal(beta["slope"], 1)\n}',
    ),
    "E0219": Page(
        "No model",
        "`data`, `guide` and `fit` may be left out; `model` may not.",
        "data { y: real[obs] }",
        "data { y: real[obs] }\nmodel { plate obs { observe y ~ Normal(0, 1) } }",
    ),
    "E0220": Page(
        "A block that stands twice",
        "There is one `model` and one `fit`. Several guides must have different names: `guide wide { … }`.",
        "model { x ~ Normal(0, 1) }\nmodel { y ~ Normal(0, 1) }",
        "model {\n  x ~ Normal(0, 1)\n  y ~ Normal(0, 1)\n}",
    ),
    "E0221": Page(
        "A statement of the other block",
        "The model says what is believed and never how the posterior is approximated: `noncentered`, `centered`, "
        "`score` and "
        "`aux` belong in the guide. `observe`, `factor`, `impute` and `report` belong in the model.",
        "model {\n  x ~ Normal(0, 1)\n  noncentered x\n}",
        "model { x ~ Normal(0, 1) }\nguide { noncentered x }",
    ),
    "E0222": Page(
        "Several names before `~` in a model",
        "In a model each variable has a distribution of its own. In a guide several names share a joint family.",
        "model { a, b ~ Normal(0, 1) }",
        "model {\n  a ~ Normal(0, 1)\n  b ~ Normal(0, 1)\n}",
    ),
    "E0223": Page(
        "No distribution after `~`",
        "What is drawn or observed has a distribution: a name with a capital and its arguments. Inside `Truncated`, "
        "`Mixture` and their like stand distributions too.",
        "model { x ~ Truncated(3, 0, 1) }",
        "model { x ~ Truncated(Normal(0, 1), 0, 1) }",
    ),
    "E0224": Page(
        "No kind where one is needed",
        "`Improper` takes the support on which it is flat, as a kind.",
        "model { x ~ Improper(3) }",
        "model { x ~ Normal(0, 3) }",
    ),
    "E0225": Page(
        "No dimension where one is needed",
        "`ones`, `zeros`, `full`, `eye`, `size`, `position`, `over=` and the first argument of `LKJCholesky` are "
        "names of "
        "dimensions, not numbers or expressions.",
        "model { w ~ Dirichlet(ones(3)) }",
        "data { dim component = 3 }\nmodel { w ~ Dirichlet(ones(component)) }",
    ),
    "E0226": Page(
        "A dimension that is declared outside `data`",
        "Sizes and labels are given things, and stand in `data`.",
        "model {\n  dim component = 3\n  x ~ Normal(0, 1)\n}",
        "data { dim component = 3 }\nmodel { plate component { x ~ Normal(0, 1) } }",
    ),
    "E0227": Page(
        "`then` or `prev` outside a chain",
        "`x ~ start then step` and `prev(x)` describe a chain, and stand inside `markov t { … }`. Data of "
        "earlier steps is "
        "read by `lag(y, k)` in a plate.",
        "data { y: real[day] }\nmodel { plate day { observe y ~ Normal(prev(y), 1) } }",
        "data { y: real[day] }\nmodel { plate day { observe y ~ Normal(lag(y, 1), 1) } }",
    ),
    "E0228": Page(
        "A computation in `data`",
        "`data` holds what is given: numbers, labels and lists of them. Whatever is computed from them is "
        "defined in the "
        "model.",
        "data { y: real[obs]   a: real = 2 * 3 }\nmodel { plate obs { observe y ~ Normal(a, 1) } }",
        "data { y: real[obs]   a: real = 6 }\nmodel { plate obs { observe y ~ Normal(a, 1) } }",
    ),
    "E0229": Page(
        "An argument of a label column",
        "A column whose values are members of a dimension takes one argument: `base=1` where its codes count from 1.",
        "data { y: real[obs]   g: group(1)[obs] }\n"
        "model {\n  plate group { a ~ Normal(0, 1) }\n  plate obs { observe y ~ Normal(a[g], 1) }\n}",
        "data { y: real[obs]   g: group(base=1)[obs] }\n"
        "model {\n  plate group { a ~ Normal(0, 1) }\n  plate obs { observe y ~ Normal(a[g], 1) }\n}",
    ),
    "E0230": Page(
        "An unknown guide",
        "`--guide name` picks one of the guides that the spec names.",
        "svilang run spec.svi --guide wide     # and the spec has no `guide wide { … }`",
        "svilang run spec.svi",
    ),
    "E0231": Page(
        "A setting with a value that it cannot have",
        "Counts are whole numbers, `precision` is `float32` or `float64`, `average` is `true` or `false`, and "
        "`objective`, "
        "`optimizer` and `stop` are names or calls. `minibatch` is of one dimension, `init` of one latent variable.",
        "model { x ~ Normal(0, 1) }\nfit { steps = 0.5 }",
        "model { x ~ Normal(0, 1) }\nfit { steps = 500 }",
    ),
    "E0232": Page(
        "An optimiser with a mistake in it",
        "Optimisers and their arguments have the names that they have in Optax.",
        "model { x ~ Normal(0, 1) }\nfit { optimizer = adamm(0.01) }",
        "model { x ~ Normal(0, 1) }\nfit { optimizer = adam(0.01) }",
    ),
    "E0233": Page(
        "Functions that become too long",
        "Functions are written out where they are called, and those that call others several times grow with "
        "every level: "
        "thirty levels of two calls are a thousand million. Calls with equal arguments count once.",
        TOO_LONG,
        "model {\n  def f(x) = x + x\n  a ~ Normal(f(f(1)), 1)\n}",
    ),
    "E0234": Page(
        "A start that no latent variable can have",
        "`init[mu] = 700` says where the search for the start of the fit begins. It is of a continuous latent variable "
        "that a family of the guide covers: one number for all elements, or lists in the order of its dimensions, "
        "within the support and on none of its ends. Parameters start at the value of their declaration.",
        "model { s ~ HalfNormal(1) }\nfit { init[s] = -1 }",
        "model { s ~ HalfNormal(1) }\nfit { init[s] = 0.1 }",
    ),
    "E0240": Page(
        "An unknown architecture",
        "The body of a net names its layers: `mlp(400, softplus)` is one dense layer of 400 units, `mlp(64, 64, tanh)` "
        "two, `resnet(64, 3, relu)` a dense layer and three blocks, `linear()` none. The heads follow from the "
        "outputs.",
        "model {\n  z ~ Normal(0, 1)\n  net f(x: real) -> real = mpl(8, tanh)\n  factor -f(z)^2\n}",
        "model {\n  z ~ Normal(0, 1)\n  net f(x: real) -> real = mlp(8, tanh)\n  factor -f(z)^2\n}",
    ),
    "E0241": Page(
        "An unknown activation",
        "Behind each layer of a net stands a function of one number, named last: `mlp(400, softplus)`.",
        "model {\n  z ~ Normal(0, 1)\n  net f(x: real) -> real = mlp(8, tahn)\n  factor -f(z)^2\n}",
        "model {\n  z ~ Normal(0, 1)\n  net f(x: real) -> real = mlp(8, tanh)\n  factor -f(z)^2\n}",
    ),
    "E0242": Page(
        "A net without a shape",
        "A net has inputs, and its layers have sizes: whole numbers of at least 1, or dimensions.",
        "model {\n  z ~ Normal(0, 1)\n  net f(x: real) -> real = mlp(0, tanh)\n  factor -f(z)^2\n}",
        "model {\n  z ~ Normal(0, 1)\n  net f(x: real) -> real = mlp(8, tanh)\n  factor -f(z)^2\n}",
    ),
    "E0243": Page(
        "An extern function without a place",
        "The text behind `from` names a module of Python and a function in it, parted by a colon. It is looked up only "
        "where the caller allows it.",
        'model {\n  z ~ Normal(0, 1)\n  extern f(x: real) -> real from "physics.drag"\n  factor -f(z)^2\n}',
        'model {\n  z ~ Normal(0, 1)\n  extern f(x: real) -> real from "physics:drag"\n  factor -f(z)^2\n}',
    ),
    "E0244": Page(
        "Differential equations without their rates",
        "The first argument of `ode` is the name of a function that gives the rate of change: a `def`, a net or an "
        "extern function of the state, or of the state and the time. Everything else that the rates are made from is "
        "named in its body.",
        "model {\n  k ~ HalfNormal(1)\n  y = ode(-k, 1, times=2)\n  factor -y^2\n}",
        "model {\n  k ~ HalfNormal(1)\n  def decay(y) = -k * y\n  y = ode(decay, 1, times=2)\n  factor -y^2\n}",
    ),
    "W0202": Page(
        "A permission that nothing needs",
        "A comment `# svi: allow W0603` silences that warning on its own line, or on the next line where it "
        "stands alone, or "
        "in the whole file where it stands before the first block. This one silences nothing.",
        "model { x ~ Normal(0, 1) }   # svi: allow W0603",
        "model { x ~ Normal(0, 1) }",
    ),
    "W0201": Page(
        "Something that is never used",
        "Data, a dimension, a definition, a parameter, a net or a function is declared, and nothing reads it. It is "
        "harmless, and "
        "often a slip: another name was meant, or an observation was forgotten. A definition that is only wanted "
        "in the "
        "results is written `report name = …`.",
        "model {\n  x ~ Normal(0, 1)\n  twice = 2 * x\n}",
        "model {\n  x ~ Normal(0, 1)\n  report twice = 2 * x\n}",
    ),
}
"""By code."""
