"""What the contracts share: ``double``, double precision for a test."""

import jax
import pytest


@pytest.fixture(name="double")
def _double():
    with jax.enable_x64(True):
        yield
