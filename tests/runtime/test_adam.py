import jax
import numpy as np
import optax
import pytest

from svilang.runtime.adam import adam


@pytest.mark.parametrize("settings", [{}, {"b1": 0.5, "b2": 0.9}, {"eps": 1e-3, "eps_root": 1e-4}])
def test_steps_are_those_of_optax(settings):
    with jax.enable_x64(True):
        own, theirs = adam(0.1, **settings), optax.adam(0.1, **settings)
        params = np.array([1.0, -2.0, 0.0])
        memory, their_memory = own.init(params), theirs.init(params)
        for gradient in np.random.default_rng(0).standard_normal((50, 3)) * [1.0, 100.0, 1e-6]:
            step, memory = own.update(gradient, memory, params)
            their_step, their_memory = theirs.update(gradient, their_memory, params)
            np.testing.assert_allclose(step, their_step, rtol=1e-10)
