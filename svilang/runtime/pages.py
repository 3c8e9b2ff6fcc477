"""What ``svilang explain CODE`` says of the messages of a run."""

from __future__ import annotations

from ..diagnostics.page import Page

PAGES: dict[str, Page] = {
    "E0701": Page(
        "No place to start from",
        "The log density is not finite anywhere near the middle of the prior, so no optimiser can take a step. "
        "The message "
        "names the terms that are not finite, and the rows of the data where they are: an observation that the model "
        "holds for impossible, or a formula that leaves its domain.",
        "data { y: real[obs] = [-1, 2] }\nmodel {\n  s ~ HalfNormal(1)\n"
        "  plate obs { observe log(y) ~ Normal(0, s) }\n}",
        "Declare the data as what it must be (`y: positive[obs]`), so that the value is named before anything is "
        "optimised.",
    ),
    "E0702": Page(
        "The objective is not finite",
        "The fit went well up to this step, and then a term overflowed or left its domain. Most often the steps "
        "are too "
        "large, or a scale came too near to 0.",
        "fit { optimizer = adam(1.0) }",
        "fit { optimizer = adam(0.01) }",
    ),
    "E0703": Page(
        "The gradient is not finite",
        "The log density has a value and its derivative has not: the root, logarithm or power of something that "
        "is exactly 0, "
        "or a choice `a if c else b` whose other branch is not finite.",
        "s = sqrt(sum((x - x)^2))",
        "s = sqrt(sum((x - x)^2) + 1e-9)",
    ),
    "E0704": Page(
        "An optimiser or a schedule with a mistake in it",
        "Optimisers, schedules and their arguments have the names that they have in Optax.",
        "fit { optimizer = adamm(0.01) }",
        "fit { optimizer = adam(0.01) }",
    ),
    "E0705": Page(
        "A posterior that cannot be normalised",
        "The log density keeps growing along some direction, so that no guide can be fitted to it. An improper "
        "prior on a "
        "constrained variable that no observation reaches is the usual cause.",
        "m: cov[k] ~ Improper(cov)     # and nothing observed depends on m",
        "L ~ LKJCholesky(k, concentration=2)",
    ),
    "E0706": Page(
        "A Laplace approximation without a mode",
        "`laplace` takes its covariance from the curvature at the mode. Where the density is flat in some direction, "
        "or grows without a mode, there is none.",
        "model { a ~ Improper(real)   b ~ Normal(0, 1) }\nguide = laplace",
        "model { a ~ Normal(0, 10)   b ~ Normal(0, 1) }\nguide = laplace",
    ),
    "E0707": Page(
        "A Laplace approximation of too many numbers",
        "`laplace` takes the curvature at the mode in full: a row and a column for each number that the model draws, "
        "those of other families among them. Beyond 2,000 of them other families say more for less.",
        "data { dim group = 3_000 }\nmodel { plate group { a ~ Normal(0, 1) } }\nguide = laplace",
        "data { dim group = 3_000 }\nmodel { plate group { a ~ Normal(0, 1) } }\nguide = graph_gaussian",
    ),
    "W0701": Page(
        "A direction that nothing determines",
        "Along some combination of the named variables the log density does not change: neither data nor priors "
        "say anything "
        "about it. Two intercepts that are only ever added are the usual case.",
        "a ~ Improper(real)   b ~ Improper(real)   observe y ~ Normal(a + b, 1)",
        "a ~ Normal(0, 5)   b ~ Normal(0, 1)   observe y ~ Normal(a + b, 1)",
    ),
    "W0702": Page(
        "A posterior without a usable mode",
        "The density grows without bound along some direction, as it does where a scale goes to 0 and takes its "
        "effects along. "
        "The fit starts on the way there; its result is not affected by that.",
        "tau ~ HalfCauchy(5)   plate school { theta ~ Normal(mu, tau) }",
        "guide { noncentered theta   rest ~ mean_field }",
    ),
    "W0704": Page(
        "A guide that goes beyond the end of a law",
        "The density of some laws ends where their arguments say: `Uniform(0, t)` at `t`, extremes at a point made of "
        "all three arguments, and ratings where cut points that are computed do not rise. A guide whose tail goes "
        "beyond, so that data have no density there, is taken as the guide within: such draws are left out, and the "
        "ELBO has the logarithm of what is left. Where more than 1 % are lost the fit is refused (E0702).",
        "t ~ HalfNormal(10)   plate i { observe y ~ Uniform(0, t) }",
        "t: lower(max(y)) ~ HalfNormal(10)   plate i { observe y ~ Uniform(0, t) }",
    ),
    "E0708": Page(
        "A saved fit that cannot go on",
        "A run that goes on from a saved fit has its parameters, the memory of its optimiser and its place in the "
        "noise, so that it is the run that was never cut. That needs the same model and guide, the same data, and the "
        "same objective, particles, optimiser, minibatches, baseline, precision and seed; `steps`, `stop` and "
        "`average` may differ. Fits that took no steps, or had several starts, have nothing to go on with.",
        "svilang run a.svi --out fit.nc\nsvilang run b.svi --resume fit.nc",
        "svilang run a.svi --out fit.nc\nsvilang run a.svi --resume fit.nc --steps 2000",
    ),
    "W0703": Page(
        "A mode that does not exist, or has no curvature",
        "`delta` and `laplace` look for the mode of the posterior. Where that runs away, as a scale of a hierarchy may "
        "to 0, the numbers depend on where the search stopped. Where the log density has a kink at its mode, as under "
        "Laplace priors, `delta` finds it, and `laplace` has no curvature to take.",
        "guide { rest ~ delta }",
        "guide { rest ~ mean_field }",
    ),
}
"""By code."""
