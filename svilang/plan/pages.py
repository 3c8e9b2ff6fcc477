"""What ``svilang explain CODE`` says of discrete latents that cannot be summed out."""

from __future__ import annotations

from ..diagnostics.page import Page

PAGES: dict[str, Page] = {
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
        "The values of a discrete latent variable are listed before the fit, so the last one is a number or "
        "comes from data, "
        "not from a formula or another latent variable that changes during the fit.",
        "data { y: real[obs] }\n"
        "model {\n  plate obs {\n    n ~ Binomial(9, 0.5)\n    m ~ Binomial(n, 0.5)\n"
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
}
"""By code."""
