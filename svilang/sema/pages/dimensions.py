"""Pages of the codes about dimensions: 03."""

from __future__ import annotations

from ...diagnostics.page import Page

PAGES: dict[str, Page] = {
    "E0301": Page(
        "A vector where one number is needed",
        "The arguments of a scalar distribution are single numbers at this place. Inside `plate d` a value with "
        "the dimension "
        "`d` is that of this member; outside it is the whole vector. Open the plate around the statement, index "
        "the value, or "
        "reduce it, as by `sum(x, over=d)`.",
        "data { x: real[feature] }\nmodel { mu ~ Normal(x, 1) }",
        "data { x: real[feature] }\nmodel { plate feature { mu ~ Normal(x, 1) } }",
    ),
    "E0302": Page(
        "An argument that is no vector, or more than one",
        "`Dirichlet`, `Categorical` and their like take a vector: a value with one free dimension; a covariance "
        "is a square. "
        "Dimensions whose plates are open around the statement do not count, since inside them a value is that "
        "of one member.",
        "data { a: positive[k] }\nmodel { plate k { w ~ Dirichlet(a) } }",
        "data { a: positive[k] }\nmodel { w ~ Dirichlet(a) }",
    ),
    "E0303": Page(
        "A vector inside the plate of its own dimension",
        "Inside `plate d` there is one member of `d`, so a vector over `d` cannot be drawn there. For one such "
        "vector per "
        "member (the rows of a transition matrix) declare a second axis with the same members: `dim to = state`.",
        "data { dim state = 3 }\nmodel { plate state { L ~ LKJCholesky(state, 2) } }",
        "data { dim state = 3   dim to = state }\nmodel { plate state { L ~ LKJCholesky(to, 2) } }",
    ),
    "E0304": Page(
        "Arguments over different dimensions",
        "The vectors and squares of one distribution run over one dimension, or aliases of one.",
        "data { m: real[a]   c: cov[b, b] }\nmodel { x ~ MultivariateNormal(m, covariance_matrix=c) }",
        "data { m: real[a]   c: cov[a, a] }\nmodel { x ~ MultivariateNormal(m, covariance_matrix=c) }",
    ),
    "E0305": Page(
        "A product without a common dimension",
        "`x @ y` sums over the one free dimension that both sides have. Where they share none, the product is "
        "element by "
        "element, `*`; where they share several, give one of them another name by an alias: `x over other`.",
        "data { X: real[obs, feature]   b: real[trait]   y: real[obs] }\n"
        "model { plate obs { observe y ~ Normal(X @ b, 1) } }",
        "data { X: real[obs, feature]   b: real[feature]   y: real[obs] }\n"
        "model { plate obs { observe y ~ Normal(X @ b, 1) } }",
    ),
    "E0306": Page(
        "A reduction that does not know its dimension",
        "`softmax`, `cumsum`, `lag` and their like act along one dimension. Where the value has several, name it: "
        "`over=d`. Inside a plate a value is that of one member, and has no free dimension to act along. A "
        "definition in a plate that is the same for all members has no dimension for it: a sum says whether it counts "
        "once, `over=d`, "
        "or for each member, `x * ones(plate)`.",
        "data { x: real[a, b] }\nmodel {\n  w = softmax(x)\n  report w\n}",
        "data { x: real[a, b] }\nmodel {\n  w = softmax(x, over=b)\n  report w\n}",
    ),
    "E0307": Page(
        "A reduction over a dimension that is not there",
        "The dimension after `over=` must be one that the value has.",
        "data { x: real[a]   dim b = 2 }\nmodel { mu ~ Normal(sum(x, over=b), 1) }",
        "data { x: real[a] }\nmodel { mu ~ Normal(sum(x, over=a), 1) }",
    ),
    "E0308": Page(
        "A reduction over an open plate",
        "Inside `plate d` a value is that of one member, and a sum over all members cannot be taken there. Give "
        "it a name "
        "outside the plate.",
        "data { x: real[a]   y: real[a] }\nmodel { plate a { observe y ~ Normal(sum(x, over=a), 1) } }",
        "data { x: real[a]   y: real[a] }\n"
        "model {\n  total = sum(x, over=a)\n  plate a { observe y ~ Normal(total, 1) }\n}",
    ),
    "E0309": Page(
        "An index of another dimension",
        "A label column is a member of one dimension, and can index only what has that dimension (or one it is "
        "an alias of).",
        "data { y: real[obs]   county: county[obs]   dim state = 3 }\n"
        "model {\n  plate state { a ~ Normal(0, 1) }\n  plate obs { observe y ~ Normal(a[county], 1) }\n}",
        "data { y: real[obs]   county: county[obs] }\n"
        "model {\n  plate county { a ~ Normal(0, 1) }\n  plate obs { observe y ~ Normal(a[county], 1) }\n}",
    ),
    "E0310": Page(
        "A number as an index",
        "A column of whole numbers is no index until `data` says which dimension its values are members of. Then "
        "the codes "
        "are checked, and labels appear in the results.",
        "data { y: real[obs]   g: integer[obs]   dim group = 4 }\n"
        "model {\n  plate group { a ~ Normal(0, 1) }\n  plate obs { observe y ~ Normal(a[g], 1) }\n}",
        "data { y: real[obs]   g: group(base=1)[obs]   dim group = 4 }\n"
        "model {\n  plate group { a ~ Normal(0, 1) }\n  plate obs { observe y ~ Normal(a[g], 1) }\n}",
    ),
    "E0311": Page(
        "A literal index that fits several dimensions, or none",
        "A label or a position indexes the one free dimension. Where there are several, a label that only one of "
        "them has "
        "decides, or one index for each, in order.",
        "data { x: real[a, b] }\nmodel { mu ~ Normal(sum(x[0]), 1) }",
        "data { x: real[a, b] }\nmodel { mu ~ Normal(x[0, 0], 1) }",
    ),
    "E0312": Page(
        "A plate inside itself",
        "Pairs of members need a second axis: `dim other = school`, and `plate school, other { … }`.",
        "data { dim a = 3 }\nmodel { plate a { plate a { x ~ Normal(0, 1) } } }",
        "data { dim a = 3   dim b = a }\nmodel { plate a { plate b { x ~ Normal(0, 1) } } }",
    ),
    "E0313": Page(
        "A dimension that stands twice",
        "A type names each axis once, squares excepted, and leaves out those whose plates are open around it.",
        "data { x: real[a, a] }\nmodel { mu ~ Normal(sum(x), 1) }",
        "data { x: real[a, b]   dim b = a }\nmodel { mu ~ Normal(sum(x), 1) }",
    ),
    "E0314": Page(
        "A vector kind without its dimension",
        "`simplex`, `ordered`, `cov` and their like tie several numbers together, and name the dimension along which.",
        "model { c: ordered ~ Normal(0, 1) }",
        "data { dim cut = 3 }\nmodel { c: ordered[cut] ~ Normal(0, 1) }",
    ),
    "E0315": Page(
        "Observed data with a dimension too many",
        "The distribution gives one number (or one vector) and the data are many. Open a plate over the rest.",
        "data { y: real[obs] }\nmodel {\n  mu ~ Normal(0, 1)\n  observe y ~ Normal(mu, 1)\n}",
        "data { y: real[obs] }\nmodel {\n  mu ~ Normal(0, 1)\n  plate obs { observe y ~ Normal(mu, 1) }\n}",
    ),
    "E0316": Page(
        "A term that counts once for every member",
        "What stands inside `plate d` exists once for every member. An observation or a `factor` that does not "
        "vary with `d` would be multiplied by their number, which is seldom meant. Where it is (competing risks: one "
        "time, and a likelihood of it for each cause), say so by a copy for each member, `y_each = y * ones(d)`, "
        "outside the plate.",
        "data { y: real[obs]   n: real }\n"
        "model {\n  mu ~ Normal(0, 1)\n  plate obs {\n    observe y ~ Normal(mu, 1)\n"
        "    observe n ~ Normal(mu, 1)\n  }\n}",
        "data { y: real[obs]   n: real }\n"
        "model {\n  mu ~ Normal(0, 1)\n  plate obs { observe y ~ Normal(mu, 1) }\n  observe n ~ Normal(mu, 1)\n}",
    ),
    "E0317": Page(
        "A vector where one term is needed",
        "A `factor`, a `where` and a `weight` are one value for each element. Open a plate, or reduce.",
        "data { dim a = 3 }\nmodel {\n  plate a { x ~ Normal(0, 1) }\n  factor -x^2\n}",
        "data { dim a = 3 }\nmodel {\n  plate a { x ~ Normal(0, 1) }\n  factor -sum(x^2)\n}",
    ),
    "E0318": Page(
        "A list of another length than its dimension",
        "A list has one entry for each member of the dimension that it takes.",
        "data { dim state = 3 }\nmodel { m: ordered[state] ~ Normal([1, 2], 1) }",
        "data { dim state = 3 }\nmodel { x: real[state] ~ Normal([1, 2, 3], 1) }",
    ),
    "E0319": Page(
        "A list without a dimension",
        "A list takes the dimension that its place asks for: a declared type, or the other operand. Where "
        "nothing asks, say "
        "it: `[3, 10] over state`.",
        "model {\n  x ~ Normal(0, 1)\n  report pair = [x, x^2]\n}",
        "data { dim power = 2 }\nmodel {\n  x ~ Normal(0, 1)\n  report pair = [x, x^2] over power\n}",
    ),
    "E0320": Page(
        "No vector or matrix where one is needed",
        "Linear algebra works on free dimensions: a vector has one, a matrix two, a square one dimension twice.",
        "data { x: real[a] }\nmodel { mu ~ Normal(det(x), 1) }",
        "data { x: cov[a] }\nmodel { mu ~ Normal(det(x), 1) }",
    ),
    "E0321": Page(
        "Matrices and vectors over different dimensions",
        "The arguments of one function run over one dimension, or aliases of one.",
        "data { x: real[a]   y: real[b] }\nmodel { mu ~ Normal(dot(x, y), 1) }",
        "data { x: real[a]   y: real[a] }\nmodel { mu ~ Normal(dot(x, y), 1) }",
    ),
    "E0322": Page(
        "Nothing to rename",
        "`x over other` gives an axis of `x` the name of an alias: `other` must be declared as an alias of a "
        "dimension that "
        "`x` has.",
        "data { x: real[a]   dim b = 3 }\nmodel {\n  d = x over b\n  mu ~ Normal(sum(d), 1)\n}",
        "data { x: real[a]   dim b = a }\nmodel {\n  d = x over b\n  mu ~ Normal(sum(d), 1)\n}",
    ),
    "E0323": Page(
        "A vector over an open plate",
        "Inside `plate d` there is one member, so `ones(d)` cannot be made there.",
        "data { y: real[a] }\nmodel { plate a { observe y ~ Normal(sum(ones(a)), 1) } }",
        "data { y: real[a] }\nmodel { plate a { observe y ~ Normal(size(a), 1) } }",
    ),
    "E0324": Page(
        "A dimension with a size or labels that it cannot have",
        "A size is a whole number of at least 1, computed from data and other sizes; labels differ from each other.",
        "data { dim k = 2.5 }\nmodel { plate k { x ~ Normal(0, 1) } }",
        "data { dim k = 2 }\nmodel { plate k { x ~ Normal(0, 1) } }",
    ),
    "E0325": Page(
        "The start of a parameter has a dimension too many",
        "A start has the dimensions of its parameter, or fewer.",
        "data { x: real[a]   y: real[a] }\nmodel {\n  param m: real = x\n  plate a { observe y ~ Normal(m, 1) }\n}",
        "data { x: real[a]   y: real[a] }\nmodel {\n  param m: real = mean(x)\n"
        "  plate a { observe y ~ Normal(m, 1) }\n}",
    ),
    "E0326": Page(
        "A mixture of parts that do not go together",
        "All parts of a mixture have variates of one shape and of one sort: whole numbers, whose probabilities are "
        "added, or real ones, whose densities are. A single point, Delta, has a probability, and can stand beside "
        "whole numbers only.",
        "data { y: real[obs]   dim k = 2 }\n"
        "model { plate obs { observe y ~ Mixture([0.5, 0.5], [Normal(0, 1), Dirichlet(ones(k))]) } }",
        "data { y: real[obs] }\nmodel { plate obs { observe y ~ Mixture([0.5, 0.5], [Normal(0, 1), Normal(0, 9)]) } }",
    ),
    "E0327": Page(
        "A matrix product across",
        "`A @ B` sums over the last axis of A and the first of B, as on paper, where an axis is shared with an "
        "alias of it. "
        "Here the dimension that both sides have stands elsewhere, and the product on paper would be another one.",
        "data { dim s = 3   dim t = s   A: real[s, t]   y: real[s] }\nmodel { x ~ Normal(sum(A @ y), 1) }",
        "data { dim s = 3   dim t = s   A: real[s, t]   y: real[s] }\nmodel { x ~ Normal(sum(y @ A), 1) }",
    ),
    "E0340": Page(
        "An argument with other dimensions than the function's",
        "The signature of a net or an extern function names the dimensions of its inputs. An argument must have them; "
        "over any other dimension the function is applied for each member.",
        "data { dim a = 2   dim b = 3 }\n"
        "model {\n  z: real[b] ~ Normal(0, 1)\n  net f(x: real[a]) -> real = mlp(8, tanh)\n  factor -f(z)^2\n}",
        "data { dim a = 2   dim b = 3 }\n"
        "model {\n  z: real[a] ~ Normal(0, 1)\n  net f(x: real[a]) -> real = mlp(8, tanh)\n  factor -f(z)^2\n}",
    ),
    "E0341": Page(
        "Differential equations over other dimensions than their state",
        "The state has the dimensions of its start, and the open plates that the rates vary over. The rates have a "
        "value for each part of it and no more. Where the equations tie members to each other, as by a product or a "
        "sum over them, all of these are solved together, from one beginning and at the same times.",
        "data { dim part = 2   k: real[part] = [1, 2] }\n"
        "model {\n  a ~ Normal(0, 1)\n  def f(y) = -k * y\n  factor -sum(ode(f, a, times=1))\n}",
        "data { dim part = 2   k: real[part] = [1, 2] }\n"
        "model {\n  a ~ Normal(0, 1)\n  def f(y) = -k * y\n  factor -sum(ode(f, a * ones(part), times=1))\n}",
    ),
    "E0328": Page(
        "Squares that lie crosswise",
        "`cov[s]` is a square over `s`, and `real[s, t]` with the alias `t` is one as well: rows meet rows and columns "
        "meet columns. In `real[t, s]` the name `s` belongs to the columns, so that the two would meet crosswise.",
        "data { dim s = 3   dim t = s   A: real[t, s]   C: cov[s] }\nmodel { x ~ Normal(sum(A + C), 1) }",
        "data { dim s = 3   dim t = s   A: real[s, t]   C: cov[s] }\nmodel { x ~ Normal(sum(A + C), 1) }",
    ),
    "E0329": Page(
        "A distribution over another number of members",
        "Some distributions are of a set number of values at once: two angles. The dimension that they run over has as "
        "many members.",
        "data { dim angle = 3 }\nmodel { x ~ SineBivariateVonMises(zeros(angle), ones(angle), 1) }",
        "data { dim angle = 2 }\nmodel { x ~ SineBivariateVonMises(zeros(angle), ones(angle), 1) }",
    ),
}
"""By code."""
