"""The posteriors of real data as NumPyro models; what is summed out there is summed out here by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from jax.scipy.special import logsumexp
from numpyro.distributions import constraints


def _improper(name: str, constraint: Any = constraints.positive, size: int | None = None) -> Any:
    return numpyro.sample(name, dist.ImproperUniform(constraint, (), () if size is None else (size,)))


def _within(name: str, constraint: Any, law: dist.Distribution, members: int = 1) -> Any:
    """A vector in a support on which its law is not normalised, but for the ``members`` that could change places."""
    value = _improper(name, constraint, law.batch_shape[0])
    numpyro.factor(f"{name} prior", jnp.sum(law.log_prob(value)) + math.lgamma(members + 1))
    return value


# --- groups ----------------------------------------------------------------------------------------------------------


def _schools(y: Any, sigma: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 5))
    tau = numpyro.sample("tau", dist.HalfCauchy(5))
    with numpyro.plate("school", 8):
        theta = numpyro.sample("theta", dist.Normal(mu, tau))
        numpyro.sample("y", dist.Normal(theta, sigma), obs=y)


def _standard_schools(y: Any, sigma: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 5))
    tau = numpyro.sample("tau", dist.HalfCauchy(5))
    with numpyro.plate("school", 8):
        theta = numpyro.deterministic("theta", mu + tau * numpyro.sample("theta_trans", dist.Normal(0, 1)))
        numpyro.sample("y", dist.Normal(theta, sigma), obs=y)


def _seeds(n: Any, N: Any, x1: Any, x2: Any) -> None:
    alpha0, alpha1, alpha12, alpha2 = (
        numpyro.sample(name, dist.Normal(0, 1)) for name in ("alpha0", "alpha1", "alpha12", "alpha2")
    )
    sigma = numpyro.sample("sigma", dist.HalfCauchy(1))
    with numpyro.plate("plot", len(n)):
        b = numpyro.sample("b", dist.Normal(0, sigma))
        eta = alpha0 + alpha1 * x1 + alpha2 * x2 + alpha12 * x1 * x2 + b
        numpyro.sample("n", dist.Binomial(N, logits=eta), obs=n)


def _rats(y: Any, x: Any, rat: Any, xbar: Any) -> None:
    mu_alpha, mu_beta = (numpyro.sample(name, dist.Normal(0, 100)) for name in ("mu_alpha", "mu_beta"))
    sigma_y, sigma_alpha, sigma_beta = map(_improper, ("sigma_y", "sigma_alpha", "sigma_beta"))
    with numpyro.plate("rat", int(rat.max())):
        alpha = numpyro.sample("alpha", dist.Normal(mu_alpha, sigma_alpha))
        beta = numpyro.sample("beta", dist.Normal(mu_beta, sigma_beta))
    with numpyro.plate("weighing", len(y)):
        numpyro.sample("y", dist.Normal(alpha[rat - 1] + beta[rat - 1] * (x - xbar), sigma_y), obs=y)


def _radon(log_radon: Any, log_uppm: Any, floor_measure: Any, county_idx: Any, J: Any) -> None:
    beta = numpyro.sample("beta", dist.Normal(0, 10).expand([2]).to_event(1))
    mu_alpha = numpyro.sample("mu_alpha", dist.Normal(0, 10))
    sigma_alpha, sigma_y = (numpyro.sample(name, dist.HalfNormal(1)) for name in ("sigma_alpha", "sigma_y"))
    with numpyro.plate("county", int(J)):
        raw = numpyro.sample("alpha_raw", dist.Normal(0, 1))
        alpha = numpyro.deterministic("alpha", mu_alpha + sigma_alpha * raw)
    with numpyro.plate("home", len(log_radon)):
        eta = alpha[county_idx - 1] + beta[0] * log_uppm + beta[1] * floor_measure
        numpyro.sample("log_radon", dist.Normal(eta, sigma_y), obs=log_radon)


def _pooled_radon(log_radon: Any, floor_measure: Any) -> None:
    alpha, beta = (numpyro.sample(name, dist.Normal(0, 10)) for name in ("alpha", "beta"))
    sigma_y = numpyro.sample("sigma_y", dist.HalfNormal(1))
    with numpyro.plate("home", len(log_radon)):
        numpyro.sample("log_radon", dist.Normal(alpha + beta * floor_measure, sigma_y), obs=log_radon)


# --- regressions -----------------------------------------------------------------------------------------------------


def _regression(y: Any, columns: Sequence[Any], scale: dist.Distribution | None = None) -> None:
    beta = _improper("beta", constraints.real_vector, len(columns) + 1)
    sigma = _improper("sigma") if scale is None else numpyro.sample("sigma", scale)
    eta = beta[0] + sum(beta[i] * column for i, column in enumerate(columns, start=1))
    with numpyro.plate("row", len(y)):
        numpyro.sample("y", dist.Normal(eta, sigma), obs=y)


def _momhs(kid_score: Any, mom_hs: Any) -> None:
    _regression(kid_score, [mom_hs], dist.HalfCauchy(2.5))


def _momiq(kid_score: Any, mom_iq: Any) -> None:
    _regression(kid_score, [mom_iq], dist.HalfCauchy(2.5))


def _interaction(kid_score: Any, mom_hs: Any, mom_iq: Any) -> None:
    _regression(kid_score, [mom_hs, mom_iq, mom_hs * mom_iq], dist.HalfCauchy(2.5))


def _earnings(earn: Any, height: Any) -> None:
    _regression(earn, [height])


def _log_earnings(earn: Any, height: Any) -> None:
    _regression(jnp.log(earn), [height])


def _sesame(watched: Any, encouraged: Any) -> None:
    _regression(watched, [encouraged])


def _mesquite(
    weight: Any, diam1: Any, diam2: Any, canopy_height: Any, total_height: Any, density: Any, group: Any
) -> None:
    logs = [jnp.log(one) for one in (diam1, diam2, canopy_height, total_height, density)]
    _regression(jnp.log(weight), [*logs, group])


def _nes(
    partyid7: Any, real_ideo: Any, race_adj: Any, age_discrete: Any, educ1: Any, gender: Any, income: Any
) -> None:
    ages = [jnp.asarray(age_discrete == age, float) for age in (2, 3, 4)]
    _regression(partyid7, [real_ideo, race_adj, *ages, educ1, gender, income])


def _simulated(X: Any, y: Any) -> None:
    with numpyro.plate("predictor", X.shape[1]):
        beta = numpyro.sample("beta", dist.Normal(0, 10))
    sigma = numpyro.sample("sigma", dist.HalfNormal(10))
    with numpyro.plate("row", len(y)):
        numpyro.sample("y", dist.Normal(X @ beta, sigma), obs=y)


def _counts(year: Any, C: Any) -> None:
    alpha = numpyro.sample("alpha", dist.Uniform(-20, 20))
    beta1, beta2, beta3 = (numpyro.sample(f"beta{i}", dist.Uniform(-10, 10)) for i in (1, 2, 3))
    with numpyro.plate("t", len(C)):
        rate = numpyro.deterministic("log_lambda", alpha + beta1 * year + beta2 * year**2 + beta3 * year**3)
        numpyro.sample("C", dist.Poisson(jnp.exp(rate)), obs=C)


def _successes(year: Any, C: Any, N: Any) -> None:
    alpha, beta1, beta2 = (numpyro.sample(name, dist.Normal(0, 100)) for name in ("alpha", "beta1", "beta2"))
    with numpyro.plate("t", len(C)):
        logits = numpyro.deterministic("logit_p", alpha + beta1 * year + beta2 * year**2)
        numpyro.sample("C", dist.Binomial(N, logits=logits), obs=C)


def _process(x: Any, k: Any) -> None:
    rho = numpyro.sample("rho", dist.Gamma(25, 4))
    alpha = numpyro.sample("alpha", dist.HalfNormal(2))
    raw = numpyro.sample("f_tilde", dist.Normal(0, 1).expand([len(x)]).to_event(1))
    gaps = (x[:, None] - x) / rho
    root = jnp.linalg.cholesky(alpha**2 * jnp.exp(-0.5 * gaps**2) + 1e-10 * jnp.eye(len(x)))
    f = numpyro.deterministic("f", root @ raw)
    with numpyro.plate("point", len(x)):
        numpyro.sample("k", dist.Poisson(jnp.exp(f)), obs=k)


# --- rates, mixtures and those who were never seen -------------------------------------------------------------------


def _rate(k: Any, n: Any) -> None:
    numpyro.sample("k", dist.Binomial(n, numpyro.sample("theta", dist.Beta(1, 1))), obs=k)


def _rates(k1: Any, n1: Any, k2: Any, n2: Any) -> None:
    first, second = (numpyro.sample(name, dist.Beta(1, 1)) for name in ("theta1", "theta2"))
    numpyro.deterministic("delta", first - second)
    numpyro.sample("k1", dist.Binomial(n1, first), obs=k1)
    numpyro.sample("k2", dist.Binomial(n2, second), obs=k2)


def _captured(y: Any, omega: Any, p: Any) -> None:
    """Those who were seen exist; those who were not may not."""
    seen = jnp.log(omega) + jnp.sum(y * jnp.log(p) + (1 - y) * jnp.log1p(-p), axis=-1)
    never = jnp.where(jnp.any(y, axis=-1), -jnp.inf, jnp.log1p(-omega))
    numpyro.factor("y", jnp.sum(jnp.logaddexp(seen, never)))


def _capture(y: Any) -> None:
    omega, p = (numpyro.sample(name, dist.Uniform(0, 1)) for name in ("omega", "p"))
    _captured(y, omega, p)


def _captures(y: Any) -> None:
    omega = numpyro.sample("omega", dist.Uniform(0, 1))
    with numpyro.plate("occasion", y.shape[1]):
        p = numpyro.sample("p", dist.Uniform(0, 1))
    _captured(y, omega, p)


def _two_parts(y: Any) -> None:
    mu = _within("mu", constraints.ordered_vector, dist.Normal(0, 2).expand([2]), members=2)
    sigma = numpyro.sample("sigma", dist.HalfNormal(2).expand([2]).to_event(1))
    theta = numpyro.sample("theta", dist.Beta(5, 5))
    weights = dist.Categorical(probs=jnp.stack([theta, 1 - theta]))
    with numpyro.plate("point", len(y)):
        numpyro.sample("y", dist.MixtureSameFamily(weights, dist.Normal(mu, sigma)), obs=y)


# --- series ----------------------------------------------------------------------------------------------------------


def _autoregression(y: Any) -> None:
    alpha = numpyro.sample("alpha", dist.Normal(0, 10))
    beta = numpyro.sample("beta", dist.Normal(0, 10).expand([5]).to_event(1))
    sigma = numpyro.sample("sigma", dist.HalfCauchy(2.5))
    past = sum(beta[i] * y[4 - i : -1 - i] for i in range(5))
    with numpyro.plate("t", len(y) - 5):
        numpyro.sample("y", dist.Normal(alpha + past, sigma), obs=y[5:])


def _moving_average(y: Any) -> None:
    mu = numpyro.sample("mu", dist.Normal(0, 10))
    phi, theta = (numpyro.sample(name, dist.Normal(0, 2)) for name in ("phi", "theta"))
    sigma = numpyro.sample("sigma", dist.HalfCauchy(2.5))

    def step(error: Any, pair: Any) -> Any:
        nu = mu + phi * pair[0] + theta * error
        return pair[1] - nu, nu

    first = mu + phi * mu
    later = jax.lax.scan(step, y[0] - first, jnp.stack([y[:-1], y[1:]], axis=1))[1]
    numpyro.sample("y", dist.Normal(jnp.concatenate([first[None], later]), sigma).to_event(1), obs=y)


def _hidden(log_likelihood: Any, move: Any) -> None:
    """A chain of two states, equally likely at first, summed out forwards."""

    def step(alpha: Any, row: Any) -> Any:
        return logsumexp(alpha[:, None] + jnp.log(move), axis=0) + row, None

    last = jax.lax.scan(step, math.log(0.5) + log_likelihood[0], log_likelihood[1:])[0]
    numpyro.factor("chain", logsumexp(last))


def _moves(alpha: Any) -> Any:
    return jnp.stack([numpyro.sample(f"theta{i + 1}", dist.Dirichlet(alpha[i])) for i in range(2)])


def _chain(y: Any) -> None:
    move = _moves(jnp.ones((2, 2)))
    mu = _within("mu", constraints.positive_ordered_vector, dist.Normal(jnp.array([3.0, 10.0]), 1))
    _hidden(dist.Normal(mu, 1).log_prob(y[:, None]), move)


def _drive(u: Any, v: Any, alpha: Any, tau: Any, rho: Any) -> None:
    move, prior = _moves(alpha), dist.Normal(jnp.array([0.0, 3.0]), 1)
    phi, rate = (_within(name, constraints.ordered_vector, prior) for name in ("phi", "lambda"))
    _hidden(dist.Normal(phi, tau).log_prob(u[:, None]) + dist.Normal(rate, rho).log_prob(v[:, None]), move)


PEERS: dict[str, Callable[..., None]] = {
    "eight_schools-eight_schools_centered": _schools,
    "eight_schools-eight_schools_noncentered": _standard_schools,
    "seeds_data-seeds_stanified_model": _seeds,
    "rats_data-rats_model": _rats,
    "radon_mn-radon_hierarchical_intercept_noncentered": _radon,
    "radon_mn-radon_pooled": _pooled_radon,
    "kidiq-kidscore_momhs": _momhs,
    "kidiq-kidscore_momiq": _momiq,
    "kidiq-kidscore_interaction": _interaction,
    "earnings-earn_height": _earnings,
    "earnings-logearn_height": _log_earnings,
    "sesame_data-sesame_one_pred_a": _sesame,
    "mesquite-logmesquite": _mesquite,
    "nes1972-nes": _nes,
    "sblri-blr": _simulated,
    "sblrc-blr": _simulated,
    "GLM_Poisson_Data-GLM_Poisson_model": _counts,
    "GLM_Binomial_data-GLM_Binomial_model": _successes,
    "gp_pois_regr-gp_pois_regr": _process,
    "Rate_1_data-Rate_1_model": _rate,
    "Rate_2_data-Rate_2_model": _rates,
    "M0_data-M0_model": _capture,
    "Mt_data-Mt_model": _captures,
    "low_dim_gauss_mix-low_dim_gauss_mix": _two_parts,
    "arK-arK": _autoregression,
    "arma-arma11": _moving_average,
    "hmm_example-hmm_example": _chain,
    "bball_drive_event_1-hmm_drive_1": _drive,
}
