"""Terms whose means are known: against quadrature, log evidences in closed form, and draws of the same guide."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from estimating import estimates
from scipy import special, stats

import svilang
from svilang import pipeline, plan
from svilang.catalog.distributions import DISTRIBUTIONS
from svilang.catalog.spaces import SPACES, USES, Part
from svilang.runtime.objectives import OBJECTIVES

pytestmark = pytest.mark.usefixtures("double")


# --- the tables ------------------------------------------------------------------------------------------------------

LAWS = {
    "Normal": ([(0.3, 1.7), (-200.0, 0.01)], lambda loc, scale: stats.norm(loc, scale)),
    "LogNormal": ([(0.3, 0.7), (-2.0, 0.01)], lambda loc, scale: stats.lognorm(scale, scale=np.exp(loc))),
    "Gamma": ([(0.3, 2.0), (2.5, 0.1), (4e4, 10.0)], lambda a, b: stats.gamma(a, scale=1 / b)),
    "Exponential": ([(0.4,)], lambda rate: stats.expon(scale=1 / rate)),
    "Chi2": ([(0.8,), (9.0,)], lambda df: stats.chi2(df)),
    "InverseGamma": ([(0.7, 2.0), (50.0, 0.1)], lambda a, b: stats.invgamma(a, scale=b)),
    "ScaledInverseChi2": ([(3.0, 0.4)], lambda df, s: stats.invgamma(df / 2, scale=df * s**2 / 2)),
    "Beta": ([(0.4, 0.7), (3.0, 90.0), (2e4, 5e4)], lambda a, b: stats.beta(a, b)),
    "BetaProportion": ([(0.2, 6.0)], lambda mean, size: stats.beta(mean * size, (1 - mean) * size)),
}


def of(function, x):
    match function:
        case Part.LOG:
            return jnp.log(x)
        case Part.LOG_REST:
            return jnp.log1p(-x)
        case Part.LOG_SQUARE:
            return jnp.log(x) ** 2
        case _:
            return x**function


def mean_of(function, law):
    """The mean by the quantile function, in a variable in which its singular ends are flat."""
    t = np.linspace(-3.6, 3.6, 4001)
    lower, upper = special.expit(-np.pi * np.sinh(t)), special.expit(np.pi * np.sinh(t))
    x = np.where(t < 0, law.ppf(upper), law.isf(lower))
    weights = np.pi * np.cosh(t) * lower * upper * (t[1] - t[0])
    values = np.asarray(of(function, jnp.asarray(x)))
    return np.sum(np.where(np.isfinite(values), values, 0) * weights)


def test_every_law_with_known_means_is_tested():
    assert {*LAWS, "Dirichlet", "MultivariateNormal"} == {*SPACES}


@pytest.mark.parametrize("name", LAWS)
def test_points_give_the_means_that_a_space_promises(name):
    cases, law = LAWS[name]
    for params in cases:
        points = SPACES[name].points(*map(jnp.asarray, params))
        assert points.shape == (SPACES[name].count,)
        for function in SPACES[name].functions:
            found, wanted = float(jnp.mean(of(function, points))), mean_of(function, law(*params))
            assert found == pytest.approx(wanted, rel=2e-7, abs=1e-7), (params, function)


def test_the_point_of_a_dirichlet_has_the_mean_logarithms():
    concentration = np.array([0.3, 2.0, 40.0])
    (point,) = SPACES["Dirichlet"].points(jnp.asarray(concentration))
    marginals = [stats.beta(a, concentration.sum() - a) for a in concentration]
    np.testing.assert_allclose(np.log(point), [mean_of(Part.LOG, law) for law in marginals], rtol=1e-6)


OUTCOMES = {"Bernoulli": 1, "Binomial": 3, "Geometric": 4, "Poisson": 3, "Categorical": 1, "Multinomial": [1, 2, 0]}
REST = {"loc": 0.4, "scale": 1.3, "concentration": 2.2, "rate": 0.6, "total_count": 5, "probs": 0.3, "df": 3.0}
REST |= {"low": 0.0, "high": 1.0}
GRID = np.linspace(0.1, 0.9, 9)


OF_NUMBERS = [key for key, functions in USES.items() if Part.LOG_PARTS not in functions and "Multi" not in key[0]]


@pytest.mark.parametrize(("name", "slot"), OF_NUMBERS)
def test_a_log_density_is_a_sum_of_the_functions_that_its_argument_is_said_to_enter_by(name, slot):
    """A least-squares fit by these functions and a constant leaves nothing, in every set of parameters."""
    row = DISTRIBUTIONS[name]
    design = np.stack([np.ones_like(GRID), *(np.asarray(of(one, jnp.asarray(GRID))) for one in USES[name, slot])], 1)
    tried = 0
    for form in row.forms:
        names = [param.name for param in form.params]
        if slot is not None and slot not in names:
            continue
        args = {one: REST.get(one, 0.4) for one in names}
        x = jnp.asarray(GRID) if slot is None else OUTCOMES.get(name, 0.7)
        if slot is not None:
            args[slot] = jnp.asarray(GRID)
        values = np.asarray(form.log_prob(jnp.asarray(x), *args.values()))
        left = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
        assert np.max(np.abs(left)) < 1e-9
        tried += 1
    assert tried


@pytest.mark.parametrize(("name", "x"), [("Categorical", 1), ("Multinomial", [1, 2, 0]), ("Dirichlet", None)])
def test_a_log_density_is_linear_in_the_logarithms_of_a_simplex(name, x):
    rng = np.random.default_rng(0)
    logs = np.log(rng.dirichlet(np.ones(3), 9))
    probs = jnp.exp(jnp.asarray(logs))
    if name == "Dirichlet":
        values = DISTRIBUTIONS[name].forms[0].log_prob(probs, jnp.asarray([0.4, 2.0, 3.0]))
    else:
        args = (3, probs) if name == "Multinomial" else (probs,)
        values = DISTRIBUTIONS[name].forms[0].log_prob(jnp.asarray(x), *args)
    design = np.column_stack([np.ones(9), logs])
    left = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    assert np.max(np.abs(left)) < 1e-10


# --- conjugate pairs -------------------------------------------------------------------------------------------------

Y = np.array([1.0, 4.0, 0.5, 2.0])
NORMAL_PRECISION = 1 / 2**2 + 4 / 1.5**2
NORMAL_MEAN = (1 / 4 + Y.sum() / 1.5**2) / NORMAL_PRECISION
NORMAL_SD = NORMAL_PRECISION**-0.5
CONJUGATE = {
    "Beta–Bernoulli": (
        "data { y: binary[o] = [1, 1, 0, 1] } model { p ~ Beta(2, 3) plate o { observe y ~ Bernoulli(p) } } "
        "guide { param a: positive = 5 param b: positive = 4 p ~ Beta(a, b) }",
        special.betaln(5, 4) - special.betaln(2, 3),
    ),
    "Gamma–Poisson": (
        "data { y: count[o] = [1, 4, 0, 2] } model { r ~ Gamma(2, 3) plate o { observe y ~ Poisson(r) } } "
        "guide { param a: positive = 9 param b: positive = 7 r ~ Gamma(a, b) }",
        special.gammaln(9) - 9 * np.log(7) - special.gammaln(2) + 2 * np.log(3) - np.log(24 * 2),
    ),
    "Gamma–Exponential": (
        "data { y: positive[o] = [1, 4, 0.5, 2] } model { r ~ Gamma(2, 3) plate o { observe y ~ Exponential(r) } } "
        "guide { param a: positive = 6 param b: positive = 10.5 r ~ Gamma(a, b) }",
        special.gammaln(6) - 6 * np.log(10.5) - special.gammaln(2) + 2 * np.log(3),
    ),
    "Dirichlet–Categorical": (
        "data { dim k = 3 y: k[o] = [0, 1, 0, 2] } "
        "model { w ~ Dirichlet(ones(k)) plate o { observe y ~ Categorical(w) } } "
        "guide { param a: positive[k] = [3, 2, 2] w ~ Dirichlet(a) }",
        special.gammaln(3) + special.gammaln(3) - special.gammaln(7),
    ),
    "Normal–Normal": (
        "data { y: real[o] = [1, 4, 0.5, 2] } model { m ~ Normal(1, 2) plate o { observe y ~ Normal(m, 1.5) } } "
        f"guide {{ param a: real = {NORMAL_MEAN} param b: positive = {NORMAL_SD} m ~ Normal(a, b) }}",
        stats.multivariate_normal(np.ones(4), 1.5**2 * np.eye(4) + 4).logpdf(Y),
    ),
    "inverse Gamma–Normal": (
        "data { y: real[o] = [1, 4, 0.5, 2] } "
        "model { v ~ InverseGamma(2, 3) plate o { observe y ~ Normal(1, sqrt(v)) } } "
        f"guide {{ param a: positive = 4 param b: positive = {3 + ((Y - 1) ** 2).sum() / 2} v ~ InverseGamma(a, b) }}",
        stats.multivariate_t(np.ones(4), 1.5 * np.eye(4), 4).logpdf(Y),
    ),
    "Gamma–Normal": (
        "data { y: real[o] = [1, 4, 0.5, 2] } "
        "model { t ~ Gamma(2, 3) plate o { observe y ~ Normal(1, 1 / sqrt(t)) } } "
        f"guide {{ param a: positive = 4 param b: positive = {3 + ((Y - 1) ** 2).sum() / 2} t ~ Gamma(a, b) }}",
        stats.multivariate_t(np.ones(4), 1.5 * np.eye(4), 4).logpdf(Y),
    ),
}


@pytest.mark.parametrize("pair", CONJUGATE)
def test_under_the_exact_guide_the_bound_is_the_log_evidence_and_its_gradient_zero(pair):
    text, evidence = CONJUGATE[pair]
    for seed in (0, 1):
        found = estimates(text, steps=2, particles=1, seed=seed)
        np.testing.assert_allclose(found.bounds, evidence, atol=1e-10)
        np.testing.assert_allclose(found.gradients, 0, atol=1e-10)


# --- several sites, indexes, masks, weights --------------------------------------------------------------------------

HIERARCHY = """
data {
  y: real[obs] = [0.3, 1.2, -0.4, 2.0]   group: group[obs] = [0, 0, 1, 2]   dim group = 3
  there: binary[obs] = [1, 1, 0, 1]   w: positive[obs] = [1, 2, 1, 0.5]
}
model {
  mu ~ Normal(0, 2)
  tau ~ Gamma(2, 1)
  plate group { theta ~ Normal(mu, 1) }
  plate obs { observe y ~ Normal(2 * theta[group] - mu, 1 / sqrt(tau)) where there weight w }
}
guide {
  param m: real = 0.3   param s: positive = 0.5   mu ~ Normal(m, s)
  param a: positive = 3   param b: positive = 2   tau ~ Gamma(a, b)
  plate group { param l: real = 0.1   param k: positive = 0.7   theta ~ Normal(l + 0.1, k) }
}
"""


def hierarchy_bound(phi):
    """Every mean written out."""
    m, s, a, b, loc, k = phi[0], jnp.exp(phi[1]), jnp.exp(phi[2]), jnp.exp(phi[3]), phi[4:7] + 0.1, jnp.exp(phi[7:])
    digamma, gammaln = jax.scipy.special.digamma, jax.scipy.special.gammaln
    log_2pi = jnp.log(2 * jnp.pi)
    tau, log_tau = a / b, digamma(a) - jnp.log(b)
    total = -0.5 * (m**2 + s**2) / 4 - jnp.log(2.0) - 0.5 * log_2pi
    total += log_tau - tau
    total += jnp.sum(-0.5 * ((loc - m) ** 2 + k**2 + s**2) - 0.5 * log_2pi)
    for y, g, there, w in zip([0.3, 1.2, -0.4, 2.0], [0, 0, 1, 2], [1, 1, 0, 1], [1, 2, 1, 0.5], strict=True):
        square = (y - 2 * loc[g] + m) ** 2 + 4 * k[g] ** 2 + s**2
        total += there * w * (0.5 * log_tau - 0.5 * log_2pi - 0.5 * tau * square)
    total += 0.5 * (log_2pi + 1) + jnp.log(s) + jnp.sum(0.5 * (log_2pi + 1) + jnp.log(k))
    return total + a - jnp.log(b) + gammaln(a) + (1 - a) * digamma(a)


def test_sites_that_meet_in_a_term_under_masks_weights_and_indexes():
    found = estimates(HIERARCHY, steps=2, particles=1)
    start = jnp.array([0.3, np.log(0.5), np.log(3), np.log(2), 0.1, 0.1, 0.1, *np.log([0.7, 0.7, 0.7])])
    value, slope = jax.jit(jax.value_and_grad(hierarchy_bound))(start)
    np.testing.assert_allclose(found.bounds, value, atol=1e-10)
    np.testing.assert_allclose(found.gradients[0], slope, atol=1e-10)


MIXTURE = """
data { y: real[obs] = [0.3, 5.2, -0.4]   dim part = 2 }
model {
  w ~ Dirichlet([2, 3] over part)
  plate part { loc ~ Normal(0, 3) }
  plate obs { z ~ Categorical(w)   observe y ~ Normal(loc[z], 1) }
}
guide {
  param c: positive[part] = [2, 4]   w ~ Dirichlet(c)
  plate part { param m: real = 0.5   param s: positive = 0.6   loc ~ Normal(m, s) }
  plate obs { param r: simplex[part] = [0.3, 0.7]   z ~ Categorical(r) }
}
"""


def test_a_mixture_with_assignments_in_the_guide_is_that_of_coordinate_ascent():
    found = estimates(MIXTURE, steps=2, particles=1)
    c, m, s, r = np.array([2, 4.0]), 0.5, 0.6, np.array([0.3, 0.7])
    logs = special.digamma(c) - special.digamma(6)
    wanted = special.gammaln(5) - special.gammaln(2) - special.gammaln(3) + logs @ [1, 2]
    wanted += 2 * (stats.norm(0, 3).logpdf(m) - 0.5 * s**2 / 9)
    for y in (0.3, 5.2, -0.4):
        wanted += r @ logs + (stats.norm(m, 1).logpdf(y) - 0.5 * s**2) - r @ np.log(r)
    wanted += stats.dirichlet(c).entropy() + 2 * stats.norm(m, s).entropy()
    np.testing.assert_allclose(found.bounds, wanted, atol=1e-10)


def test_a_sum_over_an_axis_along_which_a_site_is_the_same_keeps_it_analytic():
    text = """
    data { y: real[o] = [0.3, 1.2, -0.4]   x: real[o, k] = [[1, 0.5], [2, -1], [0, 3]]   dim k = 2 }
    model { a ~ Normal(0, 1)   b ~ Normal(0, 2)   plate o { observe y ~ Normal(x @ [a, b], 1) } }
    guide { a ~ Normal(0.4, 0.5)   b ~ Normal(-0.2, 0.3) }
    """
    found = estimates(text, steps=2, particles=1)
    x, loc, sd = np.array([[1, 0.5], [2, -1], [0, 3]]), np.array([0.4, -0.2]), np.array([0.5, 0.3])
    wanted = stats.norm(x @ loc, 1).logpdf([0.3, 1.2, -0.4]).sum() - 0.5 * (x**2 @ sd**2).sum()
    wanted += (stats.norm(0, [1, 2]).logpdf(loc) - 0.5 * sd**2 / [1, 4] + stats.norm(loc, sd).entropy()).sum()
    np.testing.assert_allclose(found.bounds, wanted, atol=1e-10)


def test_what_is_drawn_beside_an_analytic_site_has_no_larger_variance():
    """Rao–Blackwell: for every parameter, beside the same guide with all sites drawn."""
    text = """
    data { y: real[o] = [0.3, 1.2, -0.4] }
    model { m ~ Normal(0, 2)   s ~ LogNormal(0, 1)   plate o { observe y ~ Normal(m, exp(0.3 * s)) } }
    guide {
      param a: real = 0.2   param b: positive = 0.5   m ~ Normal(a, b)
      param c: real = 0.1   param d: positive = 0.3   s ~ LogNormal(c, d)
    }
    """
    mixed = estimates(text, steps=3000, particles=1)
    alone = estimates(text, steps=3000, particles=1, sampled=True)
    assert np.all(mixed.gradients.std(0) <= alone.gradients.std(0) * 1.001)
    error = np.hypot(mixed.error, alone.error)
    assert np.all(np.abs(mixed.mean - alone.mean) < 4.5 * error)
    assert abs(mixed.bounds.mean() - alone.bounds.mean()) < 4.5 * np.hypot(mixed.bound_error, alone.bound_error)


# --- what is no sum of known functions -------------------------------------------------------------------------------

BASE = """
data {{ y: real[o] = [1, 4, 0.5]   i: o[o] = [1, 2, 0]   dim k = 2 }}
model {{ {model} }}
guide {{ {guide} }}
"""
LOCAL = "plate o { param m: real = 0.1  x ~ Normal(m, 0.7) }"
REFUSED = {
    "a difference of two members": (
        "plate o { x ~ Normal(0, 1)  observe y ~ Normal(x - x[i], 1) }", LOCAL, "`y` has no mean over Normal"
    ),
    "one member twice in one term": (
        "plate o { x ~ Normal(0, 1)  observe y ~ Normal(x, exp(x)) }", LOCAL, "`y` has no mean over Normal"
    ),
    "another function": (
        "plate o { x ~ Normal(0, 1)  observe y ~ Normal(0, exp(x)) }", LOCAL, "`y` has no mean over Normal"
    ),
    "a sum over members": (
        "plate o { x ~ Normal(0, 1) }  t = sum(x, over=o)  plate o { observe y ~ Normal(t, 1) }",
        LOCAL,
        "`y` has no mean over Normal",
    ),
    "a prior of another form": (
        "plate o { x ~ StudentT(3, 0, 1)  observe y ~ Normal(x, 1) }", LOCAL, "`x` has no mean over Normal"
    ),
    "a chain": (
        "markov o { x ~ Normal(0, 1) then Normal(prev(x), 1)  observe y ~ Normal(x, 1) }",
        LOCAL,
        "`x` has no mean over Normal",
    ),
    "a guide that reads it": (
        "x ~ Normal(0, 1)  u ~ Normal(0, 1)  plate o { observe y ~ Normal(x + u, 1) }",
        "x ~ Normal(0.1, 0.7)  u ~ Normal(0.3 * x, 1)",
        "`u` of the guide reads it",
    ),
    "a site that is seen noncentred": (
        "x ~ Normal(0, 1)  plate o { u ~ Normal(x, 1)  observe y ~ Normal(u, 1) }",
        "x ~ Normal(0.1, 0.7)  noncentered u",
        "`u` is seen noncentred",
    ),
    "a sum over a variable of the model": (
        "plate k { x ~ Normal(0, 1) }  plate o { z ~ Categorical([0.3, 0.7] over k)  observe y ~ Normal(x[z], 1) }",
        "plate k { x ~ Normal(0.1, 0.7) }",
        "`z` is summed out of a term that reads it",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_site_stays_drawn_where_its_means_are_not_known_and_is_told_why(case):
    model, guide, reason = REFUSED[case]
    program = svilang.compile(BASE.format(model=model, guide=guide))
    plan = pipeline.planned(program.checked, program.source)
    (entry,) = (one for one in plan.entries if one.name == "x")
    assert entry.treatment == "pathwise"
    assert reason in entry.why


def test_no_more_than_a_few_sites_of_one_term_are_combined():
    names = "abcdef"
    model = " ".join(f"{name} ~ Normal(0, 1)" for name in names)
    text = BASE.format(
        model=f"{model}  plate o {{ observe y ~ Normal({' + '.join(names)}, 1) }}",
        guide=" ".join(f"{name} ~ Normal(0.1, 0.7)" for name in names),
    )
    program = svilang.compile(text)
    plan = pipeline.planned(program.checked, program.source)
    assert [one.treatment for one in plan.entries] == ["analytic"] * 3 + ["pathwise"] * 3


def test_the_steps_of_an_epoch_have_the_bound_of_all_rows_as_their_mean():
    whole = estimates(HIERARCHY, steps=1, particles=1)
    some = [estimates(HIERARCHY, steps=1, particles=1, batches={"obs": 2}, rows={"obs": i}) for i in ([0, 3], [2, 1])]
    assert some[0].recipe.layout.target.batch is not None
    np.testing.assert_allclose(np.mean([one.bounds for one in some], 0), whole.bounds, atol=1e-10)
    np.testing.assert_allclose(np.mean([one.gradients for one in some], 0), whole.gradients, atol=1e-10)


@pytest.mark.exhaustive
def test_every_objective_takes_the_same_guide():
    text, evidence = CONJUGATE["Beta–Bernoulli"]
    for name in OBJECTIVES:
        found = estimates(text, steps=3, particles=8, objective=name)
        np.testing.assert_allclose(found.bounds, evidence, atol=1e-9)


def test_a_truncated_draw_is_differentiated_where_its_distribution_function_is_known():
    text = """
    model { x ~ Beta(2, 2) }
    guide { param m: unit = 0.5   param s: positive = 0.1   x ~ Truncated(Normal(m, s), 0, 1) }
    """
    checked = svilang.compile(text).checked
    assert plan.treat(checked.model, checked.guide).roles == {"x": plan.Role.PATHWISE}


# --- vectors ---------------------------------------------------------------------------------------------------------

RNG = np.random.default_rng(11)
A, B = (np.tril(RNG.standard_normal((3, 3))) for _ in range(2))
A[np.diag_indices(3)], B[np.diag_indices(3)] = [0.7, 1.2, 0.4], [1.5, 0.6, 0.9]
AT, ABOUT = np.array([0.3, -1.0, 2.0]), np.array([0.1, 0.5, 1.0])
ROWS = RNG.standard_normal((5, 3))
OF_ROWS = np.array([0.2, 1.0, -0.5, 2.0, 0.3])
VECTOR = """
data {
  dim k = 3   dim to = k
  at: real[k]   about: real[k]   A: cholesky[k, to]   B: cholesky[k, to]   x: real[row, k]   y: real[row]
}
model {
  b ~ MultivariateNormal(about, LAW)
  LIKELIHOOD
}
guide { param shift: real = 0   b ~ MultivariateNormal(at + shift, scale_tril=A) }
"""
GIVEN = {"at": AT, "about": ABOUT, "A": A, "B": B, "x": ROWS, "y": OF_ROWS}


def divergence(loc, cov, about, other):
    """KL of two Gaussian vectors."""
    off, inverse = about - loc, np.linalg.inv(other)
    logs = np.linalg.slogdet(other)[1] - np.linalg.slogdet(cov)[1]
    return 0.5 * (np.trace(inverse @ cov) + off @ inverse @ off - len(loc) + logs)


def vector(law="scale_tril=B", likelihood="", **more):
    text = VECTOR.replace("LAW", law).replace("LIKELIHOOD", likelihood)
    return estimates(text, data=GIVEN, steps=4, **more)


def test_the_points_of_a_vector_have_its_mean_and_its_covariance():
    for size in (1, 2, 7):
        loc, root = RNG.standard_normal(size), np.tril(RNG.standard_normal((size, size)))
        points = np.asarray(SPACES["MultivariateNormal"].points(jnp.asarray(loc), jnp.asarray(root)))
        assert points.shape == (size + 1, size)
        np.testing.assert_allclose(points.mean(0), loc, atol=1e-13)
        np.testing.assert_allclose((points - loc).T @ (points - loc) / (size + 1), root @ root.T, atol=1e-13)


@pytest.mark.parametrize("law", ["scale_tril=B", "precision_matrix=P"])
def test_the_divergence_of_gaussian_vectors_is_exact(law):
    cov = B @ B.T if law == "scale_tril=B" else np.linalg.inv(B @ B.T)
    text = VECTOR.replace("LAW", law).replace("LIKELIHOOD", "").replace("y: real[row]", "y: real[row]   P: cov[k, to]")
    found = estimates(text, data={**GIVEN, "P": B @ B.T}, steps=4)
    np.testing.assert_allclose(found.bounds, -divergence(AT, A @ A.T, ABOUT, cov), rtol=0, atol=1e-10)
    slope = np.linalg.solve(cov, ABOUT - AT).sum()
    np.testing.assert_allclose(found.gradients, slope, rtol=1e-10)


@pytest.mark.parametrize("likelihood", [
    "plate row { observe y ~ Normal(x @ b, 0.7) }",
    "plate row { observe y ~ Normal(sum(x * b, over=k), 0.7) }",
    "observe y ~ MultivariateNormal(x @ b, covariance_matrix=0.49 * eye(row))",
])  # fmt: skip
def test_the_mean_of_a_regression_on_a_vector_is_exact(likelihood):
    found = vector(likelihood=likelihood)
    rest = OF_ROWS - ROWS @ AT
    squares = rest @ rest + np.trace(ROWS @ A @ A.T @ ROWS.T)
    exact = -0.5 * squares / 0.49 - 5 * np.log(0.7 * np.sqrt(2 * np.pi)) - divergence(AT, A @ A.T, ABOUT, B @ B.T)
    np.testing.assert_allclose(found.bounds, exact, rtol=1e-12)


def test_vectors_of_a_plate_and_coordinates_by_index_are_exact():
    text = """
    data { dim k = 3   A: cholesky[k, to]   dim to = k   g: group[row]   y: real[row]   which: k[row] }
    model {
      plate group { b ~ MultivariateNormal(zeros(k), scale_tril=A) }
      plate row { observe y ~ Normal(b[g][0] - 2 * b[g][which], 0.7) }
    }
    guide { plate group { param m: real[k] = 0.3   b ~ MultivariateNormal(m, scale_tril=A) } }
    """
    g, which = np.array([0, 1, 1, 0, 1]), np.array([0, 2, 1, 1, 0])
    found = estimates(text, data={"A": A, "g": g, "y": OF_ROWS, "which": which}, steps=3)
    lines = np.eye(3)[0] - 2 * np.eye(3)[which]
    loc, cov = np.full(3, 0.3), A @ A.T
    squares = (OF_ROWS - lines @ loc) ** 2 + np.einsum("ni,ij,nj->n", lines, cov, lines)
    exact = np.sum(-0.5 * squares / 0.49) - 5 * np.log(0.7 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(found.bounds, exact - 2 * divergence(loc, cov, np.zeros(3), cov), rtol=1e-12)


def test_coordinates_of_two_members_are_drawn():
    text = """
    data { dim k = 3   A: cholesky[k, to]   dim to = k   g: group[row]   h: group[row]   y: real[row] }
    model {
      plate group { b ~ MultivariateNormal(zeros(k), scale_tril=A) }
      plate row { observe y ~ Normal(b[g][0] - b[h][1], 0.7) }
    }
    guide { plate group { param m: real[k] = 0.3   b ~ MultivariateNormal(m, scale_tril=A) } }
    """
    g, h = np.array([0, 1, 1, 0, 1]), np.array([0, 0, 1, 1, 0])
    found = estimates(text, data={"A": A, "g": g, "h": h, "y": OF_ROWS}, steps=20_000)
    cov = np.kron(np.eye(2), A @ A.T)
    lines = np.array([np.eye(6)[3 * i] - np.eye(6)[3 * j + 1] for i, j in zip(g, h, strict=True)])
    squares = OF_ROWS**2 + np.einsum("ni,ij,nj->n", lines, cov, lines)
    exact = np.sum(-0.5 * squares / 0.49) - 5 * np.log(0.7 * np.sqrt(2 * np.pi))
    exact -= 2 * divergence(np.full(3, 0.3), A @ A.T, np.zeros(3), A @ A.T)
    assert abs(found.bounds.mean() - exact) < 5 * found.bound_error
    assert found.bounds.std() > 0.1


def test_members_that_a_vector_ties_are_drawn():
    """The two points of a scalar move all members of its plate together, so that their products would be wrong."""
    text = """
    data { dim k = 3   dim to = k   A: cholesky[k, to] }
    model { b ~ MultivariateNormal(zeros(k), scale_tril=A) }
    guide { plate k { b ~ Normal(0.3, 0.5) } }
    """
    found = estimates(text, data={"A": A}, steps=20_000)
    exact = -divergence(np.full(3, 0.3), 0.25 * np.eye(3), np.zeros(3), A @ A.T)
    assert abs(found.bounds.mean() - exact) < 5 * found.bound_error
    assert found.bounds.std() > 0.1
    read = """
    data { dim k = 3   dim to = k   A: cholesky[k, to]   at: real[k] }
    model { plate k { b ~ Normal(0, 1) }   observe at ~ MultivariateNormal(b, scale_tril=A) }
    guide { plate k { b ~ Normal(0.3, 0.5) } }
    """
    assert estimates(read, data={"A": A, "at": AT}, steps=50).bounds.std() > 0.1


def test_a_long_vector_is_drawn_since_its_points_are_many():
    text = """
    model { b ~ MultivariateNormal(zeros(k), scale_tril=eye(k)) }
    guide { b ~ MultivariateNormal(zeros(k), scale_tril=2 * eye(k)) }
    """
    short, long = (estimates(f"data {{ dim k = {size} }}" + text, steps=50) for size in (10, 11))
    assert short.bounds.std() < 1e-12
    assert long.bounds.std() > 0.1
