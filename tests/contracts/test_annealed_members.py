"""Members that are moved one by one, `semi_dais`: against closed forms, of all members and of some."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from estimating import lowered
from scipy import stats

import svilang
from svilang.runtime import layout
from svilang.runtime.view import View

Y = np.random.default_rng(23).normal(0.5, 1.2, 12)
SD, NOISE = 0.5, 1.0
"""Of the members around their mean, and of an observation around its member."""

GROUPS = f"""
data {{ y: real[k] }}
model {{
  mu ~ Normal(0, 2)
  plate k {{
    theta ~ Normal(mu, {SD})
    observe y ~ Normal(theta, {NOISE})
  }}
}}
guide {{ theta ~ semi_dais(STEPS)   mu ~ mean_field }}
fit {{ SETTINGS }}
"""


def _evidence():
    covariance = np.full((len(Y), len(Y)), 4.0) + (SD**2 + NOISE**2) * np.eye(len(Y))
    return stats.multivariate_normal(np.zeros(len(Y)), covariance).logpdf(Y)


def _independent():
    """The bound of the best independent normals: the evidence less half the log of how much wider the margins' own
    conditional normals are together than the posterior.
    """
    precision = np.diag([1 / SD**2 + 1 / NOISE**2] * len(Y) + [1 / 4 + len(Y) / SD**2])
    precision[-1, :-1] = precision[:-1, -1] = -1 / SD**2
    return _evidence() - 0.5 * (np.log(np.diagonal(precision)).sum() - np.linalg.slogdet(precision)[1])


def _spec(steps, settings="steps = 3000"):
    return GROUPS.replace("STEPS", str(steps)).replace("SETTINGS", settings)


def _bound(text):
    """With its standard error."""
    sample = svilang.compile(text).bind({"y": Y}).fit(seed=0, progress="none").take(4_000)
    weights = sample.log_p - sample.log_q
    return weights.mean(), weights.std() / np.sqrt(len(weights))


def test_the_bound_comes_up_to_the_evidence_with_more_moves():
    (one, error), (more, own) = (_bound(_spec(steps)) for steps in (1, 6))
    assert error < 0.02
    assert own < 0.005
    assert _independent() - 3 * error < one < _evidence() - 0.3
    assert _evidence() - 0.05 < more < _evidence() + 3 * own


def _log_weights(low, params, normals, rows=None):
    view = View(layout.make(low.target, low.families))
    made, target = view.layout, view.layout.target
    plain = layout.plain(low.target, low.families)

    def one(normal):
        own, whitens, prepared = view.at(params, plain, target.prepare(target.data), rows or {})
        drawn = made.draw(own, whitens, prepared, {"normal": normal})
        return target.log_density(prepared, drawn.z, drawn.theta, drawn.given) - made.log_q(own, whitens, drawn)

    return jax.jit(jax.vmap(one))(normals)


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("batch", [1, 4])
def test_the_steps_of_an_epoch_have_the_bound_of_all_members_as_their_mean(batch):
    steps, count = 3, len(Y)
    low = lowered(_spec(steps), {"y": Y})
    some = lowered(_spec(steps), {"y": Y}, batches={"k": batch})
    source = np.random.default_rng(29)
    made = layout.make(low.target, low.families)
    params = jnp.asarray(made.init(layout.plain(low.target, low.families)))
    params = params + 0.3 * source.standard_normal(made.size)
    members, shared = source.standard_normal((5, steps + 1, count)), source.standard_normal((5, 1))

    def noise(rows):
        return np.concatenate([members[:, :, rows].reshape(5, -1), shared], axis=1)

    order = source.permutation(count).astype(np.int32).reshape(-1, batch)
    seen = [_log_weights(some, params, noise(rows), {"k": jnp.asarray(rows)}) for rows in order]
    assert np.std(seen, axis=0).min() > 0.1
    np.testing.assert_allclose(np.mean(seen, axis=0), _log_weights(low, params, noise(np.arange(count))), rtol=1e-10)


def test_a_fit_of_some_members_at_a_time_keeps_below_the_evidence():
    fit = svilang.compile(_spec(4, "steps = 2000   minibatch[k] = 4")).bind({"y": Y}).fit(seed=0, progress="none")
    late = fit.losses[len(fit.losses) // 2 :]
    assert -np.mean(late) < _evidence() + 4 * np.std(late) / np.sqrt(len(late))
    assert _independent() + 0.3 < fit.elbo.value < _evidence() + 3 * fit.elbo.se
