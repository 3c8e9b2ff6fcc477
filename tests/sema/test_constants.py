"""Matrices that a spec writes out, each judged beside NumPy's own decomposition."""

import numpy as np
import pytest

from svilang import pipeline
from svilang.diagnostics import Source, SvilangError

TEXT = """data {{ y: real[n, k]   dim k = 3 }}
model {{ plate n {{ observe y ~ MultivariateNormal([0, 0, 0], {name}={value}) }} }}"""


def refused(name, value):
    text = TEXT.format(name=name, value=np.round(value, 4).tolist())
    try:
        return [found.code for found in pipeline.check(Source("spec.svi", text)).warnings]
    except SvilangError as error:
        return [found.code for found in error.diagnostics]


def positive_definite(value):
    try:
        np.linalg.cholesky(value)
    except np.linalg.LinAlgError:
        return False
    return True


@pytest.mark.parametrize("seed", range(20))
def test_a_symmetric_matrix_is_refused_where_it_has_no_factor(seed):
    random = np.random.default_rng(seed).normal(size=(3, 3))
    value = np.round(random + random.T + 3 * np.eye(3), 4)
    assert refused("covariance_matrix", value) == ([] if positive_definite(value) else ["E0402"])
    value[0, 1] += 0.01
    assert refused("covariance_matrix", value) == ["E0402"]


@pytest.mark.parametrize("seed", range(10))
def test_a_factor_of_a_matrix_is_one_and_its_transpose_is_none(seed):
    random = np.random.default_rng(seed).normal(size=(3, 3))
    factor = np.linalg.cholesky(random @ random.T + np.eye(3))
    assert refused("scale_tril", factor) == []
    assert refused("scale_tril", factor.T) == ["E0402"]
