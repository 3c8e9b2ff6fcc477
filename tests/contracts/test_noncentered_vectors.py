"""Vectors seen through their standard variables: the posterior and the evidence are those of the Gaussian they are."""

import numpy as np
import pytest
from scipy import stats

import svilang

Y = np.array([0.3, -0.4, 1.1, 0.8])
X = np.array([0.0, 0.7, 1.5, 3.0])
NEIGHBOURS = np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], float)


def _walk():
    steps = np.tril(np.ones((4, 4)))
    return 0.49 * steps @ steps.T


def _autoregression():
    return 0.49 / (1 - 0.36) * 0.6 ** np.abs(np.subtract.outer(range(4), range(4)))


LAWS = {
    "GaussianProcess(zeros(k), rbf(x, 1.2, 0.9), 0.2)": 0.81 * np.exp(-0.5 * (np.subtract.outer(X, X) / 1.2) ** 2)
    + 0.04 * np.eye(4),
    "GaussianRandomWalk(k, 0.7)": _walk(),
    "AR(k, [0.6] over p, 0.7)": _autoregression(),
    "CAR(zeros(k), 0.5, 2, near)": np.linalg.inv(2 * (np.diag(NEIGHBOURS.sum(0)) - 0.5 * NEIGHBOURS)),
}


@pytest.mark.parametrize("law", LAWS)
def test_a_vector_seen_noncentred_has_the_posterior_it_has(law):
    spec = f"""
        data {{ y: real[k]  x: real[k]  near: nonnegative[k, to]  dim to = k  dim p = 1 }}
        model {{
          f ~ {law}
          plate k {{ observe y ~ Normal(f, 0.5) }}
        }}
        guide {{ noncentered f  rest ~ full_rank }}"""
    spec = spec if "near)" in law else spec.replace("near: nonnegative[k, to]  dim to = k", "")
    data = {"y": Y, "x": X, "near": NEIGHBOURS} if "near)" in law else {"y": Y, "x": X}
    fit = svilang.compile(spec).bind(data).fit(seed=0, progress="none")
    covariance = LAWS[law]
    evidence = stats.multivariate_normal(np.zeros(4), covariance + 0.25 * np.eye(4)).logpdf(Y)
    gain = covariance @ np.linalg.inv(covariance + 0.25 * np.eye(4))
    assert fit.elbo.value == pytest.approx(evidence, abs=2e-3)
    np.testing.assert_allclose(fit.draws["f"].mean(0), gain @ Y, atol=0.05)
    np.testing.assert_allclose(np.cov(fit.draws["f"].T), covariance - gain @ covariance, atol=0.05)
