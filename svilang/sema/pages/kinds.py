"""Pages of the codes about kinds and supports: 04."""

from __future__ import annotations

from ...diagnostics.page import Page

PAGES: dict[str, Page] = {
    "E0401": Page(
        "Numbers that are not tied together as they must be",
        "A covariance is more than a square of numbers, and a vector of probabilities sums to 1. A value that is "
        "declared "
        "without that structure cannot be used where it is needed.",
        "data { p: unit[k]   y: k[obs] }\nmodel { plate obs { observe y ~ Categorical(p) } }",
        "data { p: simplex[k]   y: k[obs] }\nmodel { plate obs { observe y ~ Categorical(p) } }",
    ),
    "E0402": Page(
        "A value outside the support that is needed",
        "What a value can be follows from its declared kind, its distribution, its formula or, where it is computed "
        "from data alone, from these. Here it can leave the set that is required, so the density would be undefined. "
        "Draw a scale from a positive distribution, narrow it "
        "(`tau: positive ~ Normal(0, 1)`), or transform it (`exp(a)`, `expit(a)`).",
        "model {\n  tau ~ Normal(0, 1)\n  y ~ Normal(0, tau)\n}",
        "model {\n  tau ~ HalfNormal(1)\n  y ~ Normal(0, tau)\n}",
    ),
    "E0403": Page(
        "Bounds in the wrong order",
        "The lower bound of an interval must lie below the upper one.",
        "model { x: interval(1, 0) ~ Normal(0, 1) }",
        "model { x: interval(0, 1) ~ Normal(0, 1) }",
    ),
    "E0404": Page(
        "A declared kind that the distribution never gives",
        "A type in front of `~` narrows the support of the distribution: the two must have values in common, and "
        "both be "
        "whole numbers or neither.",
        "model { x: negative ~ HalfNormal(1) }",
        "model { x: negative ~ Normal(0, 1) }",
    ),
    "E0405": Page(
        "A member of a dimension in arithmetic",
        "The codes of a label column are names, not quantities. Index with it, or compare it to another member "
        "or label. "
        "Declare the column `integer` or `count` if its values are numbers.",
        "data { y: real[obs]   county: county[obs] }\nmodel { plate obs { observe y ~ Normal(2 * county, 1) } }",
        "data { y: real[obs]   county: county[obs] }\n"
        "model {\n  plate county { a ~ Normal(0, 1) }\n  plate obs { observe y ~ Normal(a[county], 1) }\n}",
    ),
    "E0406": Page(
        "Two values of different kinds",
        "Both branches of `a if c else b` are members of one dimension, or both are numbers, and so are both "
        "sides of `==`.",
        "data { y: real[obs]   g: g[obs]   h: h[obs] }\n"
        "model {\n  plate g { a ~ Normal(0, 1) }\n  plate h { b ~ Normal(0, 1) }\n"
        "  plate obs { observe y ~ Normal(a[g if y > 0 else h] + b[h], 1) }\n}",
        "data { y: real[obs]   g: g[obs]   h: h[obs] }\n"
        "model {\n  plate g { a ~ Normal(0, 1) }\n  plate h { b ~ Normal(0, 1) }\n"
        "  plate obs { observe y ~ Normal(a[g] if y > 0 else b[h], 1) }\n}",
    ),
    "E0407": Page(
        "A function outside its domain",
        "The argument can never have a value at which the function is defined.",
        "model {\n  s ~ HalfNormal(1)\n  x ~ Normal(log(-s), 1)\n}",
        "model {\n  s ~ HalfNormal(1)\n  x ~ Normal(log(s), 1)\n}",
    ),
    "E0408": Page(
        "A label as a value",
        "Text stands for a member of a dimension: in square brackets, or next to `==`.",
        'model { x ~ Normal("slope", 1) }',
        'data { dim effect = ["intercept", "slope"] }\n'
        'model {\n  beta: real[effect] ~ Normal(0, 1)\n  x ~ Normal(beta["slope"], 1)\n}',
    ),
    "E0409": Page(
        "A discrete parameter",
        "Parameters are optimised by gradients, and a whole number has none. A latent variable is drawn by `~`.",
        "data { y: count[obs] }\nmodel {\n  param n: count = 3\n  plate obs { observe y ~ Poisson(n) }\n}",
        "data { y: count[obs] }\nmodel {\n  param n: positive = 3\n  plate obs { observe y ~ Poisson(n) }\n}",
    ),
    "E0410": Page(
        "Something that is no data is observed",
        "Only data, or an expression of data alone, can be observed. A latent variable is drawn by `~` without "
        "`observe`; a "
        "log-density term about a function of latents is added by `factor`, with its own Jacobian if it needs one.",
        "model {\n  x ~ Normal(0, 1)\n  observe x ~ Normal(0, 2)\n}",
        "model {\n  x ~ Improper(real)\n  factor -x^2 / 8\n}",
    ),
    "E0411": Page(
        "A constant is observed",
        "An observed number without a name would be a piece of data hidden in the model. Declare it in `data`.",
        "model {\n  mu ~ Normal(0, 1)\n  observe 3 ~ Normal(mu, 1)\n}",
        "data { y: real = 3 }\nmodel {\n  mu ~ Normal(0, 1)\n  observe y ~ Normal(mu, 1)\n}",
    ),
    "E0412": Page(
        "An observed member of another dimension",
        "`Categorical(w)` with `w` over `k` gives members of `k`, so what is observed must be declared as one.",
        "data { w: simplex[k]   y: group[obs] }\nmodel { plate obs { observe y ~ Categorical(w) } }",
        "data { w: simplex[k]   y: k[obs] }\nmodel { plate obs { observe y ~ Categorical(w) } }",
    ),
    "E0413": Page(
        "Data with missing entries where every entry is needed",
        "A missing observation drops out of the likelihood, and with it its covariates, which may be missing there "
        "too: declare both with `?`. A covariate of an observation that is there is needed, and so is every entry of "
        "what stands in a prior, a mask or a chain: nothing says what it was. Declare it without `?`, impute it, or "
        "leave the rows out.",
        "data { x: real?[obs]   y: real[obs] }\n"
        "model {\n  b ~ Normal(0, 1)\n  plate obs { observe y ~ Normal(b * x, 1) }\n}",
        "data { x: real[obs]   y: real[obs] }\n"
        "model {\n  b ~ Normal(0, 1)\n  plate obs { observe y ~ Normal(b * x, 1) }\n}",
    ),
    "E0414": Page(
        "`where` without a condition",
        "The mask of an observation is a comparison of data, or a column of kind `binary`.",
        "data { y: real[obs] }\nmodel { plate obs { observe y ~ Normal(0, 1) where y } }",
        "data { y: real[obs]   day: real[obs] }\nmodel { plate obs { observe y ~ Normal(0, 1) where day > 3 } }",
    ),
    "E0415": Page(
        "A weight that is no data",
        "Weights are how often an observation counts, and are known before the fit.",
        "data { y: real[obs] }\nmodel {\n  w ~ HalfNormal(1)\n  plate obs { observe y ~ Normal(0, 1) weight w }\n}",
        "data { y: real[obs]   w: positive[obs] }\nmodel { plate obs { observe y ~ Normal(0, 1) weight w } }",
    ),
    "E0416": Page(
        "A latent variable with `?`",
        "`?` says that a column of data may have missing entries. A latent variable is unknown altogether.",
        "model { x: real? ~ Normal(0, 1) }",
        "model { x: real ~ Normal(0, 1) }",
    ),
    "E0417": Page(
        "A `lag` that goes nowhere",
        "`lag(y, k)` is the value of data k steps earlier along the plate around it, with k a fixed whole number "
        "of at least 1. Where several plates of y are open, `over=day` says which one. What is made of latent "
        "variables has a lag outside of chains, and needs a start, `lag(total, 1, 0)`. Latent chains are written in "
        "`markov` with `prev`.",
        "data { y: real[day] }\nmodel { plate day { observe y ~ Normal(lag(y, 0), 1) } }",
        "data { y: real[day] }\nmodel { plate day { observe y ~ Normal(lag(y, 1), 1) } }",
    ),
    "E0418": Page(
        "A distribution that cannot be cut",
        "`Truncated` and `Censored` need the probability beyond a bound, and this distribution has no closed "
        "form for it.",
        "model { x ~ Truncated(SkewNormal(0, 1), 0, 1) }",
        "model { x ~ Truncated(Normal(0, 1), 0, 1) }",
    ),
    "E0419": Page(
        "The start of a parameter depends on something unknown",
        "Parameters are given their start before anything is drawn or optimised.",
        "data { y: real[obs] }\nmodel {\n  x ~ Normal(0, 1)\n  param a: real = x\n"
        "  plate obs { observe y ~ Normal(a * x, 1) }\n}",
        "data { y: real[obs] }\nmodel {\n  x ~ Normal(0, 1)\n  param a: real = 0\n"
        "  plate obs { observe y ~ Normal(a * x, 1) }\n}",
    ),
    "E0421": Page(
        "A chain that reads before its start",
        "The first step of a chain has no step before it. Its law stands first, and what follows `then` is the "
        "law of all "
        "later steps; a chain that looks two steps back has two first steps, and two `then`.",
        "data { y: real[day] }\n"
        "model {\n  markov day {\n    h ~ Normal(prev(h), 1)\n    observe y ~ Normal(h, 1)\n  }\n}",
        "data { y: real[day] }\n"
        "model {\n  markov day {\n    h ~ Normal(0, 1) then Normal(prev(h), 1)\n    observe y ~ Normal(h, 1)\n  }\n}",
    ),
    "E0422": Page(
        "A previous value of something that does not change",
        "`prev(x)` is the value of `x` one step earlier along the chain, so `x` must be declared within it.",
        "data { y: real[day] }\n"
        "model {\n  m ~ Normal(0, 1)\n  markov day {\n"
        "    h ~ Normal(0, 1) then Normal(prev(m), 1)\n    observe y ~ Normal(h, 1)\n  }\n}",
        "data { y: real[day] }\n"
        "model {\n  m ~ Normal(0, 1)\n  markov day {\n"
        "    h ~ Normal(0, 1) then Normal(m, 1)\n    observe y ~ Normal(h, 1)\n  }\n}",
    ),
    "E0423": Page(
        "Steps of different kinds",
        "All steps of a chain have variates of one kind: all real numbers, all members of one dimension, or all "
        "vectors over "
        "one dimension.",
        "data { y: real[day] }\n"
        "model {\n  markov day {\n    h ~ Bernoulli(0.5) then Normal(prev(h), 1)\n"
        "    observe y ~ Normal(h, 1)\n  }\n}",
        "data { y: real[day] }\n"
        "model {\n  markov day {\n    h ~ Normal(0, 1) then Normal(prev(h), 1)\n    observe y ~ Normal(h, 1)\n  }\n}",
    ),
    "E0424": Page(
        "A step that reads more than the steps before it",
        "A carried definition is made step by step: at each step it may read itself and others through `prev`, and "
        "what stands at this step. Nothing in it may run along the chain as a whole, since later steps are not "
        "made yet, and `prev` or `lag` cannot stand within a `prev` of it.",
        "data { y: real[day] }\n"
        "model {\n  markov day {\n    level = 0 then 0.5 * prev(lag(y) + prev(level))\n"
        "    observe y ~ Normal(level, 1)\n  }\n}",
        "data { y: real[day] }\n"
        "model {\n  markov day {\n    level = 0 then 0.5 * (lag(y) + prev(level))\n"
        "    observe y ~ Normal(level, 1)\n  }\n}",
    ),
    "E0430": Page(
        "A latent whose support moves",
        "The support of this distribution ends at a point that all its arguments make together. A latent is fitted on "
        "the real line, by a map from there to its support, which has to be known. Observed data need no such map.",
        "model {\n  k ~ Normal(0, 0.2)\n  x ~ GeneralizedExtremeValue(0, 1, k)\n}",
        "data { y: real[year] }\n"
        "model {\n  k ~ Normal(0, 0.2)\n  plate year { observe y ~ GeneralizedExtremeValue(0, 1, k) }\n}",
    ),
    "E0431": Page(
        "A latent with single values that have probability",
        "`ZeroInflated`, `Hurdle` and `Censored` give single values, such as 0 or a bound, a probability of their own. "
        "A continuous latent is fitted by its density, which knows nothing of them. Observed data may have such a law, "
        "and so may counts.",
        "model { x ~ Censored(Normal(0, 1), upper=2) }",
        "data { x: upper(2)[obs] }\nmodel { plate obs { observe x ~ Censored(Normal(0, 1), upper=2) } }",
    ),
    "E0432": Page(
        "A function that `Transformed` does not know",
        "`Transformed(D, exp)` is the law of the exponential of a variate of `D`. The function is named, without its "
        "argument, and has to be increasing, with a known inverse. Other functions are written as definitions, "
        "`y = f(x)`, of a latent `x`.",
        "model { x ~ Transformed(Normal(0, 1), sin) }",
        "model { x ~ Transformed(Normal(0, 1), exp) }",
    ),
    "E0440": Page(
        "A discrete output of a net",
        "A net is fitted by gradients, so it gives continuous values: the rate of a count, the logits of a label.",
        "model {\n  z ~ Normal(0, 1)\n  net f(x: real) -> count = mlp(8, tanh)\n  factor -f(z)\n}",
        "model {\n  z ~ Normal(0, 1)\n  net f(x: real) -> positive = mlp(8, tanh)\n  factor -f(z)\n}",
    ),
    "E0441": Page(
        "A missing value in a signature",
        "`?` allows missing entries in data. What a function takes and gives is never missing.",
        "model {\n  z ~ Normal(0, 1)\n  net f(x: real?) -> real = mlp(8, tanh)\n  factor -f(z)^2\n}",
        "model {\n  z ~ Normal(0, 1)\n  net f(x: real) -> real = mlp(8, tanh)\n  factor -f(z)^2\n}",
    ),
    "E0442": Page(
        "A number where a function takes a member",
        "An input whose kind is a dimension takes a member of it, such as a label column; a net has an embedding for "
        "each member.",
        "data { x: real[obs]   g: group[obs] }\n"
        "model {\n  net f(g: group) -> real = mlp(8, tanh)\n  plate obs { observe x ~ Normal(f(x), 1) }\n}",
        "data { x: real[obs]   g: group[obs] }\n"
        "model {\n  net f(g: group) -> real = mlp(8, tanh)\n  plate obs { observe x ~ Normal(f(g), 1) }\n}",
    ),
    "E0443": Page(
        "An imputed value that is not missing",
        "`impute` makes latent variables of the missing entries of data. What is latent anyway, or has no missing "
        "entries, needs no such statement.",
        "data { y: real[obs] }\nmodel {\n  m ~ Normal(0, 1)\n  plate obs { observe y ~ Normal(m, 1) }\n  impute y\n}",
        "data { y: real?[obs] }\nmodel {\n  m ~ Normal(0, 1)\n  plate obs { observe y ~ Normal(m, 1) }\n  impute y\n}",
    ),
    "E0444": Page(
        "Imputed data without one observation",
        "The law of the missing entries is that of the entries that are known: the one `observe y ~ …` in the plates "
        "of the data.",
        "data { x: real?[obs]   y: real[obs] }\n"
        "model {\n  b ~ Normal(0, 1)\n  plate obs { observe y ~ Normal(b * x, 1) }\n  impute x\n}",
        "data { x: real?[obs]   y: real[obs] }\n"
        "model {\n  b ~ Normal(0, 1)\n"
        "  plate obs { observe x ~ Normal(0, 1)   observe y ~ Normal(b * x, 1) }\n  impute x\n}",
    ),
    "E0445": Page(
        "An observation that gives no law to single entries",
        "Each missing entry becomes a variable of its own, with the law of its observation. A vector of which "
        "a part is "
        "missing, a chain, an observation with `where` or `weight`, and a law that is partly a density and partly a "
        "probability give no such law.",
        "data { y: real?[obs]   w: positive[obs] }\n"
        "model {\n  m ~ Normal(0, 1)\n  plate obs { observe y ~ Normal(m, 1) weight w }\n  impute y\n}",
        "data { y: real?[obs]   w: positive[obs] }\n"
        "model {\n  m ~ Normal(0, 1)\n  plate obs { observe y ~ Normal(m, 1 / sqrt(w)) }\n  impute y\n}",
    ),
    "E0446": Page(
        "Imputed data in their own law",
        "The completed values would be needed before they are drawn.",
        "data { y: real?[obs] }\nmodel {\n  plate obs { observe y ~ Normal(0.5 * y, 1) }\n  impute y\n}",
        "data { y: real?[obs] }\nmodel {\n  m ~ Normal(0, 1)\n  plate obs { observe y ~ Normal(m, 1) }\n  impute y\n}",
    ),
    "E0447": Page(
        "The fit depends on a generated quantity",
        "`report x ~ …` draws x from the fitted model, for each posterior draw: a prediction, say. It has no part in "
        "the fit, so that no latent variable, observation or factor can depend on it; other reports can.",
        "data { y: real[obs] }\nmodel {\n  a ~ Normal(0, 1)\n  report b ~ Normal(a, 1)\n"
        "  plate obs { observe y ~ Normal(b, 1) }\n}",
        "data { y: real[obs] }\nmodel {\n  a ~ Normal(0, 1)\n  b ~ Normal(a, 1)\n"
        "  plate obs { observe y ~ Normal(b, 1) }\n  report c ~ Normal(b, 1)\n}",
    ),
    "E0448": Page(
        "No density of this distribution at a value",
        "`log_prob(D(…), x)` is the log density of a distribution at any value. It needs one formula: combinators, "
        "improper laws, and distributions that stand for data only have none.",
        "model {\n  a ~ Normal(0, 1)\n  b ~ Normal(0, 1)\n  factor log_prob(Truncated(Normal(0, 1), 0), a + b)\n}",
        "model {\n  a ~ Normal(0, 1)\n  b ~ Normal(0, 1)\n  factor log_prob(HalfNormal(1), a^2 + b^2)\n}",
    ),
    "W0401": Page(
        "A value that may leave the support that is needed",
        "From the formula alone it is not certain that the value always has the kind that is needed here. Where "
        "it leaves it, "
        "the log density is not finite and the fit stops. Most often a transformation was forgotten, or belongs "
        "here. Of a matrix in the place of a Cholesky factor only the lower triangle counts: a covariance matrix there "
        "gives other numbers, and no error.",
        "model {\n  a ~ Normal(0, 1)\n  x ~ Normal(0, exp(a) - 1)\n}",
        "model {\n  a ~ Normal(0, 1)\n  x ~ Normal(0, exp(a))\n}",
    ),
    "W0402": Page(
        "A narrowed prior that is not rescaled",
        "A declared kind cuts away a part of the distribution, and there is no closed form for the mass that is "
        "left. The "
        "posterior is the same wherever that mass is a constant; where it depends on latent variables, they are "
        "pulled by it.",
        "data { dim k = 3 }\nmodel { m: ordered[k] ~ Normal([1, 2, 3], 1) }",
        "data { dim k = 3 }\nmodel { m: ordered[k] ~ Normal(2, 1) }",
    ),
    "W0403": Page(
        "A uniform prior on a scale",
        "Nobody believes that a scale of 99 is as likely as one of 1, and that one of 101 is impossible. Where "
        "the data says "
        "little, the posterior then sits at the edge, and the guide has to bend around it.",
        "data { y: real[obs] }\nmodel {\n  s ~ Uniform(0, 100)\n  plate obs { observe y ~ Normal(0, s) }\n}",
        "data { y: real[obs] }\nmodel {\n  s ~ HalfNormal(10)\n  plate obs { observe y ~ Normal(0, s) }\n}",
    ),
    "W0404": Page(
        "Gamma(ε, ε)",
        "With a small shape and a small rate a Gamma looks flat on paper and is none: it has a spike at 0 and a "
        "tail without "
        "end, and for the scale of a group the posterior depends on ε.",
        "data { y: real[obs] }\nmodel {\n  t ~ Gamma(0.001, 0.001)\n"
        "  plate obs { observe y ~ Normal(0, 1 / sqrt(t)) }\n}",
        "data { y: real[obs] }\nmodel {\n  s ~ HalfNormal(10)\n  plate obs { observe y ~ Normal(0, s) }\n}",
    ),
    "W0407": Page(
        "A precision or a variance where a standard deviation stands",
        "The scale of Normal and its like is a standard deviation. BUGS and JAGS give a precision, in which 0.001 is "
        "vague; here it is a prior of no width. On paper a Normal often has a variance, and other languages have the "
        "covariance matrix where `MultivariateNormal` has its Cholesky factor.",
        "data { y: real[obs] }\nmodel {\n  m ~ Normal(0, 0.001)\n  s ~ HalfNormal(1)\n"
        "  plate obs { observe y ~ Normal(m, s^2) }\n}",
        "data { y: real[obs] }\nmodel {\n  m ~ Normal(0, 30)\n  s ~ HalfNormal(1)\n"
        "  plate obs { observe y ~ Normal(m, s) }\n}",
    ),
    "W0406": Page(
        "A probability where its logit is wanted",
        "`logits` take any number, and turn it into a probability themselves. A probability given there lies between "
        "0 and 1, and comes out between 0.5 and 0.73.",
        "data { y: binary[obs]   x: real[obs] }\nmodel {\n  b ~ Normal(0, 1)\n"
        "  plate obs { observe y ~ Bernoulli(logits=expit(b * x)) }\n}",
        "data { y: binary[obs]   x: real[obs] }\nmodel {\n  b ~ Normal(0, 1)\n"
        "  plate obs { observe y ~ Bernoulli(logits=b * x) }\n}",
    ),
    "W0405": Page(
        "A whole correlation matrix as a latent variable",
        "A density of several normal variables needs the Cholesky factor of their correlation matrix. A matrix is "
        "factorised again in every step, which costs time and, near the edge of what is possible, digits. LKJCholesky "
        "is the same prior, of the factor.",
        "data { y: real[obs, k] }\nmodel {\n  R ~ LKJ(k, 2)\n"
        "  plate obs { observe y ~ MultivariateNormal(zeros(k), covariance_matrix=R) }\n}",
        "data { y: real[obs, k] }\nmodel {\n  L ~ LKJCholesky(k, 2)\n"
        "  plate obs { observe y ~ MultivariateNormal(zeros(k), scale_tril=L) }\n}",
    ),
}
"""By code."""
