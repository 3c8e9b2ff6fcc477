"""Loops of small programs are one function of machine code, with the values of any other, and else stay as they are."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from svilang.runtime import effort, in_one

ONE = "xla_cpu_small_call"
"""What XLA marks such a loop with."""


def orbit(x, w):
    """Products of matrices, sums, an entry that is read, and one that is added to."""

    def body(carry):
        i, x = carry
        y = jnp.tanh(w @ x) + 1e-3 * jnp.sum(x, axis=0)
        return i + 1, y.at[i % 3].add(x[(i + 1) % 3]) - jax.vmap(lambda v: v / (1 + v @ v))(y)

    return jax.lax.while_loop(lambda carry: carry[0] < 20, body, (0, x))[1]


def factors(x, w):
    """The same with a call of LAPACK, which only the runtime makes."""
    return jax.lax.fori_loop(0, 5, lambda _, x: jnp.linalg.cholesky(x @ x.T + jnp.eye(len(w))) @ x / 9, x)


def sorts(x, w):
    return jax.lax.fori_loop(0, 5, lambda _, x: jnp.sort(w @ x, axis=0), x)


def compiled(function, dtype, numbers=100):
    source = np.random.default_rng(0)
    given = source.standard_normal((6, 4)).astype(dtype), source.standard_normal((6, 6)).astype(dtype) / 3
    with jax.enable_x64(dtype is np.float64):
        program = effort.compiled(function, given, numbers, loop=True, factors=function is factors)
        return program.as_text(), np.asarray(program(*given)), np.asarray(jax.jit(function)(*given))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("function", [orbit, factors, sorts])
def test_a_small_loop_is_one_function_unless_it_needs_the_runtime(function, dtype):
    text, found, usual = compiled(function, dtype)
    np.testing.assert_allclose(found, usual, rtol=1e3 * np.finfo(dtype).eps, atol=1e3 * np.finfo(dtype).eps)
    if effort._refused:
        assert ONE not in text
        pytest.skip("this XLA refuses the options without which its loops need the runtime")
    assert (ONE in text) == (function is orbit)


def test_loops_over_much_data_are_left_to_the_runtime():
    assert ONE not in compiled(orbit, np.float32, numbers=effort.SMALL + 1)[0]


def test_options_that_cannot_be_added_to_are_left_as_they_are():
    strange = SimpleNamespace(SerializeAsString=lambda: b"")
    assert in_one._adding(lambda: strange)() is strange


def test_other_programs_have_the_options_that_they_had():
    from jax._src import compiler

    usual = compiler.get_compile_options
    with in_one.loops():
        assert compiler.get_compile_options is not usual
    assert compiler.get_compile_options is usual


def test_a_jax_that_makes_its_options_elsewhere_compiles_as_always(monkeypatch):
    monkeypatch.setattr(in_one, "_MAKER", "made_elsewhere")
    text, found, usual = compiled(lambda x, w: orbit(x, w), np.float64)
    assert ONE not in text
    np.testing.assert_allclose(found, usual, rtol=1e-12)
