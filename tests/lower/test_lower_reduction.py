"""The ways to take axes out of a table: their values, and which entries the derivative goes through."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special, stats

from svilang.lower.reduction import Drawn, Largest, Total

TABLE = np.random.default_rng(0).normal(size=(3, 2, 4))


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def test_the_derivative_of_the_sum_is_the_share_of_each_entry():
    slope = jax.grad(lambda t: Total()(t, (0, 2)).sum())(jnp.asarray(TABLE))
    np.testing.assert_allclose(slope, special.softmax(TABLE, axis=(0, 2)), rtol=1e-12)


def test_the_derivative_of_the_largest_is_one_entry_even_where_two_are_equal():
    table = TABLE.copy()
    table[:, 1] = 0.5
    value, slope = jax.value_and_grad(lambda t: Largest()(t, (2, 0)).sum())(jnp.asarray(table))
    assert value == pytest.approx(table[:, 0].max() + 0.5)
    assert slope.sum() == 2
    assert set(np.unique(slope)) == {0, 1}
    assert slope[np.unravel_index(table[:, 0].argmax(), (3, 4))[0], 0].sum() == 1


def test_the_derivative_of_a_draw_is_an_entry_drawn_by_its_share():
    def entry(key):
        return jax.grad(lambda t: Drawn(key)(t, (0, 2)).sum())(jnp.asarray(TABLE))

    found = jax.vmap(entry)(jax.random.split(jax.random.key(1), 8000))
    shares = special.softmax(TABLE, axis=(0, 2))
    for member in range(2):
        counts = np.asarray(found[:, :, member]).sum(0).ravel()
        assert counts.sum() == 8000
        assert stats.chisquare(counts, 8000 * shares[:, member].ravel()).pvalue > 1e-3
    np.testing.assert_allclose(Drawn(jax.random.key(0))(jnp.asarray(TABLE), (0, 2)), special.logsumexp(TABLE, (0, 2)))


def test_the_steps_of_a_scan_draw_apart():
    drawn = Drawn(jax.random.key(3))

    def contracted(t):
        def step(total, one):
            table, source = one
            return total + drawn.at(source)(table, (0,)), None

        return jax.lax.scan(step, 0.0, (t, drawn.sources(500)))[0]

    picked = jax.jit(jax.grad(contracted))(jnp.zeros((500, 4)))
    assert stats.chisquare(np.asarray(picked).sum(0)).pvalue > 1e-3
