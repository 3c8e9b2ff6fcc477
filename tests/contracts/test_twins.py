"""The log density of random models is that of their twins, which are written member by member."""

import jax
import numpy as np
import pytest
from by_equation import evaluated
from twins import Twin

import svilang
from svilang import pipeline

UNSUMMED = {"E0622", "E0623", "E0624", "E0625"}
"""What no sum is taken of at a cost that grows with the plates alone."""


def check(seed):
    """Whether the density is given; where it is, it is the right one, before and after rows are put together."""
    twin = Twin(seed)
    text = twin.text()
    try:
        model = svilang.compile(text).bind()
        found = model.log_density
    except svilang.SvilangError as error:
        if {problem.code for problem in error.diagnostics} <= UNSUMMED:
            return False
        raise
    checked, source = model.program.checked, model.program.source
    fewer = pipeline.lower(pipeline.compress(model.bound, checked)[0], checked, source)
    with jax.enable_x64(True):
        values = [float(evaluated(one, twin.given())) for one in (found, fewer.log_density)]
    np.testing.assert_allclose(values, twin.log_density(), rtol=1e-9, atol=1e-9, err_msg=f"seed {seed}\n{text}")
    return True


@pytest.mark.parametrize("seed", [3, 7, 11])
def test_a_random_model_has_the_density_of_its_twin(seed):
    assert check(seed)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(100))
def test_many_random_models_have_the_densities_of_their_twins(part):
    assert sum(map(check, range(10 * part, 10 * part + 10))) > 5
