"""Pages of the codes about guides and what the compiler makes of them: 06."""

from __future__ import annotations

from ...diagnostics.page import Page

PAGES: dict[str, Page] = {
    "E0601": Page(
        "A variable that is covered twice",
        "Each latent variable has one approximation: a family that names it, a distribution of its own, or `rest`.",
        "model {\n  a ~ Normal(0, 1)\n  b ~ Normal(a, 1)\n}\nguide {\n  a ~ mean_field\n  a, b ~ full_rank\n}",
        "model {\n  a ~ Normal(0, 1)\n  b ~ Normal(a, 1)\n}\nguide { a, b ~ full_rank }",
    ),
    "E0602": Page(
        "A guide for something that is no latent variable",
        "A guide approximates what the model draws by `~` and does not observe. Data, definitions and parameters "
        "need none.",
        "model { mu ~ Normal(0, 1) }\nguide { nu ~ mean_field }",
        "model { mu ~ Normal(0, 1) }\nguide { mu ~ mean_field }",
    ),
    "E0603": Page(
        "Other dimensions in the guide than in the model",
        "A distribution in the guide has the dimensions that the variable has in the model: open the same plates "
        "around it.",
        "data { dim school = 8 }\nmodel { plate school { theta ~ Normal(0, 1) } }\n"
        "guide {\n  param m: real\n  theta ~ Normal(m, 1)\n}",
        "data { dim school = 8 }\nmodel { plate school { theta ~ Normal(0, 1) } }\n"
        "guide {\n  param m: real[school]\n  plate school { theta ~ Normal(m, 1) }\n}",
    ),
    "E0604": Page(
        "A guide that draws what the model excludes",
        "A draw outside the support of the prior has density 0 under the model, and the objective is infinite. "
        "Choose a "
        "distribution with the support of the prior, or a family, which transforms by itself.",
        "model { sigma ~ HalfNormal(1) }\nguide {\n  param m: real\n  sigma ~ Normal(m, 1)\n}",
        "model { sigma ~ HalfNormal(1) }\nguide {\n  param m: real\n  sigma ~ LogNormal(m, 1)\n}",
    ),
    "E0605": Page(
        "A family inside a plate",
        "A family covers whole variables, with all their members at once.",
        "data { dim school = 8 }\nmodel { plate school { theta ~ Normal(0, 1) } }\n"
        "guide { plate school { theta ~ mean_field } }",
        "data { dim school = 8 }\nmodel { plate school { theta ~ Normal(0, 1) } }\nguide { theta ~ mean_field }",
    ),
    "E0606": Page(
        "A family with a type",
        "A family works on the unconstrained values and takes the kinds of the variables that it covers.",
        "model { a ~ HalfNormal(1) }\nguide { a: positive ~ mean_field }",
        "model { a ~ HalfNormal(1) }\nguide { a ~ mean_field }",
    ),
    "E0607": Page(
        "A variable that cannot be standardised",
        "`noncentered` replaces a variable by its standardised form, location + scale × standard. Only "
        "distributions with a "
        "location and a scale have one. `centered(learned)` fits a degree between the two forms, and needs one `loc` "
        "and one `scale`, and no chain.",
        "model { a ~ Gamma(2, 1) }\nguide { noncentered a }",
        "model { a ~ Normal(2, 1) }\nguide { noncentered a }",
    ),
    "E0608": Page(
        "A narrowed variable that cannot be standardised",
        "After standardising, the bound of a narrowed variable would move with its location and scale.",
        "model { a: positive ~ Normal(0, 1) }\nguide { noncentered a }",
        "model { a ~ LogNormal(0, 1) }\nguide { noncentered a }",
    ),
    "E0609": Page(
        "`noncentered` next to an explicit distribution",
        "`noncentered` changes what a family sees. A distribution that the guide writes out is used as it stands.",
        "model { a ~ Normal(0, 1) }\nguide {\n  param m: real\n  noncentered a\n  a ~ Normal(m, 1)\n}",
        "model { a ~ Normal(0, 1) }\nguide {\n  param m: real\n  a ~ Normal(m, 1)\n}",
    ),
    "E0610": Page(
        "A parameter of the model in the guide",
        "Parameters of the model are fitted to the likelihood, those of the guide to the posterior. The guide "
        "declares its own.",
        "data { y: real[obs] }\nmodel {\n  param a: real\n  mu ~ Normal(a, 1)\n"
        "  plate obs { observe y ~ Normal(mu, 1) }\n}\n"
        "guide { mu ~ Normal(a, 1) }",
        "data { y: real[obs] }\nmodel {\n  param a: real\n  mu ~ Normal(a, 1)\n"
        "  plate obs { observe y ~ Normal(mu, 1) }\n}\n"
        "guide {\n  param b: real\n  mu ~ Normal(b, 1)\n}",
    ),
    "E0611": Page(
        "A guide for a variable that is summed out",
        "A discrete latent variable with finitely many values is summed out of the model exactly. The posterior "
        "of all others "
        "is the same as if it had been drawn, nothing is approximated, and the guide has nothing to add.",
        "data { y: real[obs] }\n"
        "model {\n  m ~ Normal(0, 1)\n  plate obs {\n    z ~ Bernoulli(0.5)\n    observe y ~ Normal(m * z, 1)\n"
        "  }\n}\n"
        "guide { m, z ~ mean_field }",
        "data { y: real[obs] }\n"
        "model {\n  m ~ Normal(0, 1)\n  plate obs {\n    z ~ Bernoulli(0.5)\n    observe y ~ Normal(m * z, 1)\n"
        "  }\n}\n"
        "guide { m ~ mean_field }",
    ),
    "E0612": Page(
        "A score function for a variable that the guide does not draw",
        "`score z` says how the gradient through the guide's own draw of `z` is taken, so the guide must draw it from "
        "a distribution of its own.",
        "data { y: real }\nmodel {\n  z ~ Bernoulli(0.3)\n  observe y ~ Normal(z, 1)\n}\nguide { score z }",
        "data { y: real }\nmodel {\n  z ~ Bernoulli(0.3)\n  observe y ~ Normal(z, 1)\n}\n"
        "guide {\n  param q: unit\n  z ~ Bernoulli(q)\n  score z\n}",
    ),
    "E0613": Page(
        "A guide distribution without a density",
        "A guide draws values and needs their density. A censored distribution has points with a probability of their "
        "own, and an improper one has no draws.",
        "model { x ~ Normal(0, 1) }\nguide {\n  param m: real\n  x ~ Censored(Normal(m, 1), -1, 1)\n}",
        "model { x ~ Normal(0, 1) }\nguide {\n  param m: real\n  x ~ Normal(m, 1)\n}",
    ),
    "E0616": Page(
        "A family that does not fit the variables it covers",
        "`block(d)` has one covariance for each member of a plate, and `markov_gaussian` follows the steps of a chain: "
        "at least one of the variables that they cover must have the plate, or stand in the `markov`.",
        "data { dim school = 8 }\nmodel {\n  mu ~ Normal(0, 1)\n  plate school { theta ~ Normal(mu, 1) }\n}\n"
        "guide { mu ~ block(school) }",
        "data { dim school = 8 }\nmodel {\n  mu ~ Normal(0, 1)\n  plate school { theta ~ Normal(mu, 1) }\n}\n"
        "guide { mu, theta ~ block(school) }",
    ),
    "E0617": Page(
        "A baseline of a score function that would bend the gradient",
        "`score(baseline=b) z` takes `b` from the costs of each draw of `z`: less noise, and the same mean, as long as "
        "the draw has no part in `b`. So `b` is made from data, from what `z` is drawn from, and from parameters of "
        "its own, which follow the costs by least squares while all others follow the bound. It is one number for each "
        "member of `z`, or for all of them. The bounds of several draws have baselines of their own.",
        "data { y: real }\nmodel {\n  z ~ Bernoulli(0.3)\n  observe y ~ Normal(z, 1)\n}\n"
        "guide {\n  param q: unit\n  z ~ Bernoulli(q)\n  param b: real\n  score(baseline=b * z) z\n}",
        "data { y: real }\nmodel {\n  z ~ Bernoulli(0.3)\n  observe y ~ Normal(z, 1)\n}\n"
        "guide {\n  param q: unit\n  z ~ Bernoulli(q)\n  param b: real\n  score(baseline=b) z\n}",
    ),
    "E0640": Page(
        "An objective that needs a guide of families",
        "`stl`, `dreg` and `tail_adaptive` let the gradient of a draw count with a factor of its own, which they know "
        "how to do for families with a density. `rws` takes every draw as a fixed number, and a latent made by a "
        "formula is none. The particles of `svgd` follow the log density itself, which only `elbo` takes as it is.",
        "model { x ~ Normal(0, 1) }\nguide { param m: real   x ~ Normal(m, 1) }\nfit { objective = stl }",
        "model { x ~ Normal(0, 1) }\nguide { x ~ mean_field }\nfit { objective = stl }",
    ),
    "E0690": Page(
        "A part of the language that this version cannot run",
        "The language has a word for it, the spec is understood, and the compiler refuses rather than do "
        "something else. "
        "The changelog says which version brings it.",
        "data { y: real }\nmodel {\n  z ~ Binomial(4, 0.5)\n  x: interval(z, 9) ~ Uniform(0, 9)\n"
        "  observe y ~ Normal(x, 1)\n}",
        "data { y: real }\nmodel {\n  z ~ Binomial(4, 0.5)\n  x ~ Normal(z, 9)\n  observe y ~ Normal(x, 1)\n}",
    ),
    "W0601": Page(
        "A guide that misses a part of the support",
        "Where the model allows values that the guide never draws, the approximation cannot see them, and no "
        "number of steps "
        "will tell.",
        "model { a ~ Normal(0, 1) }\nguide {\n  param m: positive\n  a ~ Exponential(m)\n}",
        "model { a ~ Normal(0, 1) }\nguide {\n  param m: real\n  a ~ Normal(m, 1)\n}",
    ),
    "W0602": Page(
        "A `rest` without anything left",
        "Every latent variable is named elsewhere in the guide. Often one of them was not meant to be.",
        "model { a ~ Normal(0, 1) }\nguide {\n  a ~ full_rank\n  rest ~ mean_field\n}",
        "model { a ~ Normal(0, 1) }\nguide { a ~ full_rank }",
    ),
    "W0603": Page(
        "A latent variable that nothing observed depends on",
        "The data says nothing about it: its posterior is its prior. Often a name was mistyped where it was "
        "meant to be used. "
        "A quantity that is only predicted is written `report name ~ …`.",
        "data { y: real[obs] }\nmodel {\n  mu ~ Normal(0, 1)\n  nu ~ Normal(0, 1)\n"
        "  plate obs { observe y ~ Normal(mu, 1) }\n}",
        "data { y: real[obs] }\nmodel {\n  mu ~ Normal(0, 1)\n  report nu ~ Normal(0, 1)\n"
        "  plate obs { observe y ~ Normal(mu, 1) }\n}",
    ),
    "W0604": Page(
        "A funnel that is left centred",
        "Where a scale is latent and each member has at most one observation, the members are held together by "
        "the scale: "
        "small scales allow only small differences. Independent normals cannot follow that shape, and come out "
        "too narrow. "
        "`noncentered` lets the guide see the members in units of their scale. With many observations for each "
        "member the "
        "centred form is the better one, and nothing is said.",
        "data { y: real[school]   se: positive[school] }\n"
        "model {\n  tau ~ HalfNormal(5)\n  plate school {\n    theta ~ Normal(0, tau)\n"
        "    observe y ~ Normal(theta, se)\n  }\n}",
        "data { y: real[school]   se: positive[school] }\n"
        "model {\n  tau ~ HalfNormal(5)\n  plate school {\n    theta ~ Normal(0, tau)\n"
        "    observe y ~ Normal(theta, se)\n  }\n}\n"
        "guide { noncentered theta }",
    ),
    "W0608": Page(
        "A formula that may leave the support",
        "A formula of the guide makes a latent variable from others. Where it may give a value that the prior "
        "excludes, the log density there is minus infinity, and the fit stops.",
        "model { x ~ Uniform(0, 1) }\nguide {\n  param m: real\n  aux u ~ Normal(0, 1)\n  x = m + u\n}",
        "model { x ~ Uniform(0, 1) }\nguide {\n  param m: real\n  aux u ~ Normal(0, 1)\n  x = expit(m + u)\n}",
    ),
    "W0605": Page(
        "A mixture whose parts can change places",
        "All parts, or all values of a class or hidden state, have the same prior, so the posterior has the same peak "
        "once for every order of them, and a "
        "guide with one "
        "peak picks one by chance. An `ordered` location names the parts by their place.",
        "data { y: real[obs]   dim k = 2 }\n"
        "model {\n  w ~ Dirichlet(ones(k))\n  plate k { m ~ Normal(0, 5) }\n"
        "  plate obs { observe y ~ Mixture(w, Normal(m, 1)) }\n}",
        "data { y: real[obs]   dim k = 2 }\n"
        "model {\n  w ~ Dirichlet(ones(k))\n  m: ordered[k] ~ Normal(0, 5)\n"
        "  plate obs { observe y ~ Mixture(w, Normal(m, 1)) }\n}",
    ),
    "W0606": Page(
        "Latent variables that are always added",
        "Raising one and lowering the other by as much changes no prediction, so the data inform their sum alone; "
        "only the priors hold the two apart, and the posterior is a narrow ridge along which a guide fits badly. So it "
        "is with an intercept beside the effects of all groups, and with an indicator for each of two groups beside an "
        "intercept. "
        "Effects of groups around 0 with a latent scale, or of kind `zero_sum`, leave the intercept its meaning.",
        "data { y: real[obs] }\n"
        "model {\n  a ~ Normal(0, 10)\n  b ~ Normal(0, 10)\n  plate obs { observe y ~ Normal(a + b, 1) }\n}",
        "data { y: real[obs] }\n"
        "model {\n  a ~ Normal(0, 10)\n  plate obs { observe y ~ Normal(a, 1) }\n}",
    ),
    "W0607": Page(
        "A term that multiplies a prior",
        "A `factor` made of one latent variable and of numbers changes the prior that the variable has already. Often "
        "it is the Jacobian that another language needs after a change of variables: a draw here has its density as "
        "it stands, and `y = exp(x)` needs none. A density of one's own has a flat prior beside it, `Improper(…)`.",
        "data { y: real[obs] }\nmodel {\n  s ~ HalfNormal(1)\n  factor log(s)\n"
        "  plate obs { observe y ~ Normal(0, s) }\n}",
        "data { y: real[obs] }\nmodel {\n  s ~ HalfNormal(1)\n  plate obs { observe y ~ Normal(0, s) }\n}",
    ),
    "W0612": Page(
        "A flat prior without an end that perhaps nothing holds",
        "An `Improper` prior has no total. The posterior has one only where the likelihood falls off fast enough: it "
        "does not where no observation depends on the variable, and it may not where the outcomes are classes or have "
        "heavy tails: a logistic regression of separated groups has no largest coefficient. That last part is a rule "
        "of thumb; whether a posterior is proper cannot be decided in general.",
        "data { y: binary[obs]   x: real[obs] }\nmodel {\n  b ~ Improper(real)\n"
        "  plate obs { observe y ~ Bernoulli(logits=b * x) }\n}",
        "data { y: binary[obs]   x: real[obs] }\nmodel {\n  b ~ Normal(0, 10)\n"
        "  plate obs { observe y ~ Bernoulli(logits=b * x) }\n}",
    ),
    "W0613": Page(
        "A density that jumps",
        "Rounding, signs and comparisons of a continuous latent variable go in steps. A gradient sees neither the jump "
        "nor that there is one, so that the fit stays where it began, or settles where only the smooth terms want it. "
        "Pieces that meet, as `max(x - a, 0)` or `b * (x - a) if x > a else 0`, are fine.",
        "data { y: real[t]   x: real[t] }\nmodel {\n  a ~ Normal(0, 1)\n"
        "  plate t { observe y ~ Normal(1 if x > a else 0, 1) }\n}",
        "data { y: real[t]   x: real[t] }\nmodel {\n  a ~ Normal(0, 1)\n"
        "  plate t { observe y ~ Normal(expit((x - a) / 0.1), 1) }\n}",
    ),
    "W0614": Page(
        "Data that are observed twice",
        "Two observations of the same data are two terms of the likelihood, as if each entry had been measured twice. "
        "Observations that share out the rows by `where` are fine.",
        "data { y: real[n] }\nmodel {\n  m ~ Normal(0, 1)\n"
        "  plate n { observe y ~ Normal(m, 1)   observe y ~ StudentT(4, m, 1) }\n}",
        "data { y: real[n] }\nmodel {\n  m ~ Normal(0, 1)\n  plate n { observe y ~ Normal(m, 1) }\n}",
    ),
    "W0615": Page(
        "A model without anything to fit",
        "A model draws latent variables, observes data, or adds terms. This one does nothing of the kind.",
        "model { }",
        "model { x ~ Normal(0, 1) }",
    ),
    "W0609": Page(
        "Heavy tails under a guide of normal distributions",
        "Cauchy, and Student's t with two degrees of freedom or fewer, have no variance. Where at most one observation "
        "informs each "
        "such variable, and its likelihood does not fall off fast, the posterior has such tails too; a normal "
        "distribution has light ones, and its intervals come out too narrow.",
        "data { y: real[obs] }\nmodel {\n"
        "  plate obs {\n    m ~ Cauchy(0, 5)\n    observe y ~ StudentT(2, m, 1)\n  }\n}",
        "data { y: real[obs] }\nmodel {\n"
        "  plate obs {\n    m ~ Cauchy(0, 5)\n    observe y ~ StudentT(2, m, 1)\n  }\n}\n"
        "guide {\n  plate obs {\n    param centre: real\n    param spread: positive\n"
        "    m ~ StudentT(3, centre, spread)\n  }\n}",
    ),
}
"""By code."""
