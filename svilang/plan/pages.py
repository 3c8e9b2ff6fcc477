"""What ``svilang explain CODE`` says of discrete latents that cannot be summed out, and of minibatches with a bias."""

from __future__ import annotations

from ..diagnostics.page import Page

PAGES: dict[str, Page] = {
    "E0614": Page(
        "A formula and an auxiliary variable that do not go together",
        "A latent variable made by a formula gets its density from the `aux` variables in it, by a change of "
        "variables. A formula without one makes a point, and an `aux` variable that no formula reads would leave the "
        "density of what reads it unknown. A discrete choice is written as a `Mixture`.",
        "model { x ~ Normal(0, 1) }\nguide {\n  param m: real\n  aux u ~ Normal(0, 1)\n  x ~ Normal(m + u, 1)\n}",
        "model { x ~ Normal(0, 1) }\nguide {\n  param m: real\n  aux u ~ Normal(0, 1)\n  x = m + u\n}",
    ),
    "E0615": Page(
        "A change of variables that is not square",
        "Formulas that share `aux` variables are one map, and its density is known where it makes as many numbers as "
        "it takes, in each member of the plates along which it goes member by member.",
        "model {\n  x ~ Normal(0, 1)\n  y ~ Normal(x, 1)\n}\n"
        "guide {\n  aux u ~ Normal(0, 1)\n  x = u\n  y = 2 * u\n}",
        "model {\n  x ~ Normal(0, 1)\n  y ~ Normal(x, 1)\n}\n"
        "guide {\n  aux u ~ Normal(0, 1)\n  aux v ~ Normal(0, 1)\n  x = u\n  y = 2 * u + v\n}",
    ),
    "E0620": Page(
        "A discrete variable without an end",
        "A discrete latent variable is summed out of the model exactly, which takes finitely many values. Counts "
        "without a "
        "bound have none: observe them, take a distribution with a bound, or write the sum in closed form (a "
        "Poisson rate "
        "with a Gamma prior is a NegativeBinomial).",
        "data { y: real[obs] }\nmodel {\n  plate obs {\n    n ~ Poisson(3)\n    observe y ~ Normal(n, 1)\n  }\n}",
        "data { y: real[obs] }\n"
        "model {\n  plate obs {\n    n ~ Binomial(20, 0.15)\n    observe y ~ Normal(n, 1)\n  }\n}",
    ),
    "E0621": Page(
        "A discrete variable with an end that is not known",
        "The values of a discrete latent variable are listed before the fit, so that its ends are numbers, come from "
        "data, or are those of another variable with ends: not something that grows without bound during the fit. The "
        "parts of a mixture are listed together, and must end alike.",
        "data { y: real[obs] }\n"
        "model {\n  r ~ Exponential(1)\n  plate obs {\n    m ~ Binomial(1 + round(r), 0.5)\n"
        "    observe y ~ Normal(m, 1)\n  }\n}",
        "data { y: real[obs] }\n"
        "model {\n  plate obs {\n    m ~ Binomial(9, 0.25)\n    observe y ~ Normal(m, 1)\n  }\n}",
    ),
    "E0622": Page(
        "All members of a discrete variable at once",
        "Inside its plate a discrete variable is summed out member by member. A statement that needs all members "
        "at once, "
        "such as the sum of them, would need the sum over all combinations: 2 to the power of the number of members.",
        "data { y: real   dim item = 9 }\n"
        "model {\n  plate item { z ~ Bernoulli(0.5) }\n  observe y ~ Normal(sum(z), 1)\n}",
        "data { y: real[item] }\nmodel { plate item {\n  z ~ Bernoulli(0.5)\n  observe y ~ Normal(z, 1)\n} }",
    ),
    "E0623": Page(
        "Two members of a discrete variable in one term",
        "A term that reads two members, such as both players of a game, ties all members together, and they can "
        "no longer be "
        "summed out one by one.",
        "data { y: real[game]   a: player[game]   b: player[game] }\n"
        "model {\n  plate player { z ~ Bernoulli(0.5) }\n  plate game { observe y ~ Normal(z[a] - z[b], 1) }\n}",
        "data { y: real[game]   a: player[game] }\n"
        "model {\n  plate player { z ~ Bernoulli(0.5) }\n  plate game { observe y ~ Normal(z[a], 1) }\n}",
    ),
    "E0624": Page(
        "Discrete variables of plates that cross",
        "Rows and columns that both have a hidden class meet in every cell, so that no order of summation is cheap.",
        "data { y: real[answer]   i: item[answer]   p: person[answer] }\n"
        "model {\n  plate item { z ~ Bernoulli(0.5) }\n  plate person { w ~ Bernoulli(0.5) }\n"
        "  plate answer { observe y ~ Normal(z[i] + w[p], 1) }\n}",
        "data { y: real[answer]   i: item[answer]   p: person[answer] }\n"
        "model {\n  plate item { z ~ Bernoulli(0.5) }\n  plate person { w ~ Normal(0, 1) }\n"
        "  plate answer { observe y ~ Normal(z[i] + w[p], 1) }\n}",
    ),
    "E0625": Page(
        "A sum over too many combinations",
        "Summing out discrete variables takes a table with an entry for each combination of their values, in each "
        "member of the plates: 10 variables with 10 values each that meet in one term are 10 billion. How "
        "many values a "
        "variable has may come from data, so this is found when the data are there.",
        "data { y: real }\nmodel {\n  n ~ Binomial(1000000000, 0.5)\n  observe y ~ Normal(n, 1)\n}",
        "data { y: real }\nmodel {\n  n ~ Binomial(1000, 0.5)\n  observe y ~ Normal(n, 1)\n}",
    ),
    "E0630": Page(
        "A minibatch of a dimension whose members meet",
        "In minibatches a step sees only some members of a dimension, and counts each of them N / B times. That has "
        "the right mean if every term is a sum over the members of the plate, each by itself. A value that is made "
        "from all members of a latent variable (a sum over them, an index that reaches across the plate, a chain "
        "along it, one distribution over all of them) has no such estimate. What is made from data alone is free to "
        "do so: `x - mean(x, over=obs)` is made from all rows beforehand.",
        "data { y: real[obs]   student: student[obs] }\nmodel {\n  plate student { a ~ Normal(0, 1) }\n"
        "  plate obs { observe y ~ Normal(a[student], 1) }\n}\nfit { minibatch[student] = 10 }",
        "data { y: real[obs]   student: student[obs] }\nmodel {\n  plate student { a ~ Normal(0, 1) }\n"
        "  plate obs { observe y ~ Normal(a[student], 1) }\n}\nfit { minibatch[obs] = 10 }",
    ),
    "E0631": Page(
        "A minibatch inside a sum over values",
        "A discrete variable outside the plate is summed out of the product over all members inside it: the logarithm "
        "of a sum of products. From some members that sum cannot be estimated without bias, since the factor N / B "
        "would stand inside the logarithm. A variable of each member is no obstacle.",
        "data { y: real[obs] }\nmodel {\n  z ~ Bernoulli(0.5)\n  plate obs { observe y ~ Normal(z, 1) }\n}\n"
        "fit { minibatch[obs] = 10 }",
        "data { y: real[obs] }\nmodel {\n  plate obs {\n    z ~ Bernoulli(0.5)\n    observe y ~ Normal(z, 1)\n  }\n}\n"
        "fit { minibatch[obs] = 10 }",
    ),
    "E0632": Page(
        "A guide that needs more than a minibatch",
        "In minibatches a step draws only the members that it sees. A family with correlations between members cannot "
        "do that: to draw one it needs all. Give the variables of the plate a family of their own in which members are "
        "independent, or write their guide in the plate, with parameters or from the data of each row. What stands "
        "outside the plate may have any family but `dais` and `semi_dais`: these move a draw along the log density, "
        "and along that of some members it would be another guide at each step, fitted to these alone.",
        "data { y: real[obs] }\nmodel {\n  m ~ Normal(0, 1)\n  plate obs {\n    z ~ Normal(m, 1)\n"
        "    observe y ~ Normal(z, 1)\n  }\n}\nguide { rest ~ full_rank }\nfit { minibatch[obs] = 10 }",
        "data { y: real[obs] }\nmodel {\n  m ~ Normal(0, 1)\n  plate obs {\n    z ~ Normal(m, 1)\n"
        "    observe y ~ Normal(z, 1)\n  }\n}\nguide {\n  m ~ full_rank\n  rest ~ mean_field\n}\n"
        "fit { minibatch[obs] = 10 }",
    ),
    "E0633": Page(
        "A minibatch under a bound that it would bias",
        "The ELBO is linear in the terms of the log density, so that an unbiased estimate of these is one of the "
        "bound. A bound such as `iwae` takes the exponential of the whole sum first. Where every latent variable "
        "stands in the plate, it is taken for each member by itself and added up, and a sum can be estimated from some "
        "of its members. A variable that all members share ties them to each other, so that there is no such sum. As a "
        "`param`, which has one value and no distribution, it does not.",
        "data { y: real[obs] }\nmodel {\n  m ~ Normal(0, 1)\n  plate obs {\n    z ~ Normal(m, 1)\n"
        "    observe y ~ Normal(z, 1)\n  }\n}\nfit { objective = iwae(8)   minibatch[obs] = 10 }",
        "data { y: real[obs] }\nmodel {\n  param m: real\n  plate obs {\n    z ~ Normal(m, 1)\n"
        "    observe y ~ Normal(z, 1)\n  }\n}\nfit { objective = iwae(8)   minibatch[obs] = 10 }",
    ),
    "E0634": Page(
        "Annealing of a prior inside a sum over values",
        "`elbo(anneal=…)` gives the priors of the latent variables a weight that grows to 1, and with them the log "
        "density of the guide. A discrete variable that is summed out has no such terms of its own; the prior of a "
        "variable that depends on it stands inside the sum, and has no part that could be weighed. Drawn in the guide, "
        "the discrete variable has terms like any other.",
        "data { y: real }\nmodel {\n  z ~ Bernoulli(0.5)\n  x ~ Normal(z, 1)\n  observe y ~ Normal(x, 1)\n}\n"
        "fit { objective = elbo(anneal=100) }",
        "data { y: real }\nmodel {\n  z ~ Bernoulli(0.5)\n  x ~ Normal(z, 1)\n  observe y ~ Normal(x, 1)\n}\n"
        "guide {\n  param q: unit\n  z ~ Bernoulli(q)\n  rest ~ mean_field\n}\n"
        "fit { objective = elbo(anneal=100) }",
    ),
    "E0635": Page(
        "Rows that cannot stand for all",
        "`surrogate_dais` moves its draws along the log density of a few rows of a plate. The plate is the outermost "
        "one around the observations, or the one that `dim` names. Each row must have a density by itself, given what "
        "stands outside the plate: no latent variable or parameter has a value for each row, and nothing takes several "
        "rows together. For a latent variable of each row there is `semi_dais`, also in minibatches; without a plate "
        "of observations there is nothing to choose from, and `dais` follows the whole density.",
        "data { y: real[school] }\nmodel {\n  mu ~ Normal(0, 5)\n  plate school {\n    theta ~ Normal(mu, 1)\n"
        "    observe y ~ Normal(theta, 1)\n  }\n}\nguide { rest ~ surrogate_dais }",
        "data { y: real[school] }\nmodel {\n  mu ~ Normal(0, 5)\n  plate school {\n    theta ~ Normal(mu, 1)\n"
        "    observe y ~ Normal(theta, 1)\n  }\n}\nguide {\n  theta ~ semi_dais\n  rest ~ full_rank\n}",
    ),
    "W0611": Page(
        "A formula that may be many to one",
        "The density of a latent variable made by a formula follows from that of its `aux` variables if each value "
        "comes from one of theirs only. Sums, multiples and monotone functions of them are one to one; a square is "
        "not, and its density would be half of what it should be.",
        "model { x ~ Normal(0, 1) }\nguide {\n  param m: real\n  aux u ~ Normal(m, 1)\n  x = u^2\n}",
        "model { x ~ Normal(0, 1) }\nguide {\n  param m: real\n  aux u ~ Normal(m, 1)\n  x = 2 * u\n}",
    ),
    "W0610": Page(
        "A gradient by the score function",
        "The gradient through a draw that cannot be differentiated, nor summed over, is the gradient of its log "
        "density times the terms that depend on it. It is right on average and noisy. A finite distribution is summed "
        "exactly, and most continuous ones have a pathwise gradient; `score x` says that the score function is meant.",
        "model {\n  n ~ Poisson(3)\n  x ~ Normal(n, 1)\n}\n"
        "guide {\n  param r: positive\n  param m: real\n  n ~ Poisson(r)\n  x ~ Normal(m, 1)\n}",
        "model {\n  n ~ Poisson(3)\n  x ~ Normal(n, 1)\n}\n"
        "guide {\n  param r: positive\n  param m: real\n  n ~ Poisson(r)\n  score n\n  x ~ Normal(m, 1)\n}",
    ),
}
"""By code."""
