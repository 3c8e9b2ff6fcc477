"""What is compiled: options that XLA does not know are left out, and nothing is computed twice."""

import jax
import pytest

import svilang
from svilang.runtime import effort


class Lowered:
    """A program for a compiler that knows some options."""

    def __init__(self, *known):
        self.known, self.calls = known, []

    def compile(self, compiler_options=None):
        self.calls.append(compiler_options)
        for name in compiler_options or {}:
            if name not in self.known:
                raise jax.errors.JaxRuntimeError(f"INVALID_ARGUMENT: No such compile option: '{name}'")
        return compiler_options


@pytest.mark.parametrize("known", [("fast", "small"), ("small",), ("fast",), ()])
def test_options_that_the_compiler_knows_are_kept(monkeypatch, known):
    monkeypatch.setattr(effort, "_refused", set())
    wanted = {"fast": 1, "small": 2}
    program = Lowered(*known)
    for _ in range(2):
        assert (effort._compile(program, wanted) or {}) == {name: wanted[name] for name in known}
    # What was refused once is not tried again.
    assert len(program.calls) == 2 + len(wanted) - len(known)


def test_an_error_of_another_kind_is_not_put_down_to_the_options(monkeypatch):
    monkeypatch.setattr(effort, "_refused", set())

    class Broken:
        def compile(self, compiler_options=None):
            raise jax.errors.JaxRuntimeError("out of memory")

    with pytest.raises(jax.errors.JaxRuntimeError, match="out of memory"):
        effort._compile(Broken(), {"fast": 1})
    assert not effort._refused


def test_a_draw_solves_its_equations_once(monkeypatch):
    pytest.importorskip("diffrax")
    from svilang.lower import flow

    solved, solve = [], flow._solve
    monkeypatch.setattr(flow, "_solve", lambda *args: solved.append(args) or solve(*args))
    fit = svilang.compile("""
        data { t: real[n] = [1, 2]   y: real[n] = [0.6, 0.4] }
        model {
          k ~ LogNormal(0, 1)
          def rates(z) = -k * z
          path = ode(rates, 1, times=t)
          plate n { observe y ~ Normal(path, 0.1) }
          report path
        }
    """).bind().fit(steps=10, progress="none")
    solved.clear()
    fit.take(10)
    assert len(solved) == 1
