"""Functions from Python: the door, the trials on shapes, members and outputs, objects with parameters."""

from __future__ import annotations

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats as st

import svilang
from svilang.diagnostics import SvilangError

Y, X = np.array([0.3, -1.0, 2.0]), np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 3.0]])

SPEC = """
data { y: real[obs]   x: real[obs, feature] }
model {
  extern f(x: real[feature], a: real) -> real from "m:f"
  a ~ Normal(0, 1)
  plate obs { observe y ~ Normal(f(x, a), 1) }
}"""


def refused(text, functions, data=None):
    with pytest.raises(SvilangError) as caught:
        svilang.compile(text, functions=functions).bind({"y": Y, "x": X} if data is None else data).guide.init()
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


def test_a_function_is_applied_for_each_member_and_differentiated():
    model = svilang.compile(SPEC, functions={"f": lambda x, a: jnp.sin(x[0] * a) + x[1]}).bind({"y": Y, "x": X})
    with jax.enable_x64(True):
        value, slope = jax.value_and_grad(lambda a: model.log_density({"a": a}))(0.7)
    loc = np.sin(X[:, 0] * 0.7) + X[:, 1]
    assert float(value) == pytest.approx(st.norm.logpdf(Y, loc, 1).sum() + st.norm.logpdf(0.7), rel=1e-12)
    assert float(slope) == pytest.approx(((Y - loc) * X[:, 0] * np.cos(X[:, 0] * 0.7)).sum() - 0.7, rel=1e-12)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: {"scale": jnp.exp(x), "loc": 2 * x},
        lambda x: (2 * x, jnp.exp(x)),
    ],
)
def test_several_outputs_come_by_name_or_in_order(function):
    text = """
    data { y: real[obs]   x: real[obs] }
    model {
      extern f(x: real) -> (loc: real, scale: positive) from "m:f"
      plate obs { observe y ~ Normal(f(x).loc, f(x).scale) }
    }"""
    model = svilang.compile(text, functions={"f": function}).bind({"y": Y, "x": X[:, 0]})
    with jax.enable_x64(True):
        value = float(model.log_density({}))
    assert value == pytest.approx(st.norm.logpdf(Y, 2 * X[:, 0], np.exp(X[:, 0])).sum(), rel=1e-12)


def test_vectors_members_and_plates_of_both_sides_meet():
    text = """
    data { y: real[obs, site]   x: real[obs, feature]   g: group[site]   dim group = 3   dim k = 2 }
    model {
      extern f(x: real[feature], g: group) -> real[k] from "m:f"
      plate obs, site { observe y ~ Normal(sum(f(x, g), over=k), 1) }
    }"""
    y, g = np.arange(6.0).reshape(3, 2), np.array([2, 0])
    model = svilang.compile(text, functions={"f": lambda x, g: x * (1 + g)}).bind({"y": y, "x": X, "g": g})
    with jax.enable_x64(True):
        value = float(model.log_density({}))
    assert value == pytest.approx(st.norm.logpdf(y, X.sum(1)[:, None] * (1 + g), 1).sum(), rel=1e-12)


def test_a_function_may_stand_in_the_guide_of_the_same_spec():
    text = """
    data { y: real[obs] }
    model {
      extern f(x: real) -> real from "m:f"
      plate obs {
        z ~ Normal(0, 1)
        observe y ~ Normal(f(z), 1)
      }
    }
    guide { plate obs { z ~ Normal(f(y), 1) } }"""
    model = svilang.compile(text, functions={"f": lambda x: 3 * x}).bind({"y": Y})
    latents, log_q = model.guide.sample(model.guide.init(), jax.random.key(0))
    assert float(log_q) == pytest.approx(st.norm.logpdf(latents["z"], 3 * Y, 1).sum(), rel=1e-4)


def test_another_guide_may_call_what_the_first_does_not():
    text = """
    data { y: real[obs] }
    model { plate obs {
      z ~ Normal(0, 1)
      observe y ~ Normal(z, 1)
    } }
    guide plain { rest ~ mean_field }
    guide formula {
      extern f(x: real) -> real from "m:f"
      plate obs { z ~ Normal(f(y), 0.7071067811865476) }
    }"""
    model = svilang.compile(text, guide="plain", functions={"f": lambda x: x / 2}).bind({"y": Y})
    fit = model.fit(guide="formula", seed=0, progress="none")
    exact = st.multivariate_normal.logpdf(Y, np.zeros(3), 2 * np.eye(3))
    assert fit.elbo.value == pytest.approx(exact, abs=1e-6)


# --- the door --------------------------------------------------------------------------------------------------------


def test_a_closed_door_says_how_it_opens():
    diagnostic = refused(SPEC, {})
    assert diagnostic.code == "E0540"
    assert "functions=" in diagnostic.help
    assert "--allow-extern" in diagnostic.help


def test_a_check_imports_nothing():
    svilang.compile(SPEC.replace('"m:f"', '"no_such_module:f"'))


def test_an_open_door_imports_and_a_closed_one_does_not(tmp_path):
    (tmp_path / "outside.py").write_text("print('imported')\ndef twice(x): return 2 * x\n")
    spec = tmp_path / "spec.svi"
    spec.write_text(
        'data { y: real[n] = [1, 2] }\nmodel {\n  extern f(x: real) -> real from "outside:twice"\n'
        "  m ~ Normal(0, 1)\n  plate n { observe y ~ Normal(f(m), 1) }\n}\n"
    )
    command = [sys.executable, "-m", "svilang", "run", str(spec), "--quiet", "--json"]
    closed = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert closed.returncode == 1
    assert "imported" not in closed.stdout
    opened = subprocess.run([*command, "--allow-extern"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert opened.returncode == 0, opened.stderr
    assert opened.stdout.startswith("imported")


def test_what_was_handed_in_must_be_asked_for_and_be_a_function():
    assert refused(SPEC, {"f": 3}).code == "E0541"
    with pytest.raises(SvilangError, match="no extern function `g`"):
        svilang.compile(SPEC, functions={"f": lambda x, a: a, "g": len}).bind({"y": Y, "x": X})


def test_an_import_that_fails_is_told():
    text = SPEC.replace('"m:f"', '"svilang:no_such_function"')
    with pytest.raises(SvilangError, match="cannot be imported from `svilang:no_such_function`"):
        svilang.compile(text, allow_extern=True).bind({"y": Y, "x": X})


# --- trials ----------------------------------------------------------------------------------------------------------


def test_another_shape_than_the_head_says_is_refused():
    diagnostic = refused(SPEC, {"f": lambda x, a: x * a})
    assert (diagnostic.code, "gives an array of 2 for one member" in diagnostic.message) == ("E0543", True)


def test_a_branch_on_a_value_is_refused():
    diagnostic = refused(SPEC, {"f": lambda x, a: a if a > 0 else -a})
    assert diagnostic.code == "E0542"
    assert "fails when JAX traces it" in diagnostic.message


def test_a_function_without_a_derivative_is_refused_where_one_is_needed_only():
    def slopeless(x, a):
        return jax.pure_callback(lambda x, a: np.asarray(x[0] * a), jax.ShapeDtypeStruct((), x.dtype), x, a)

    diagnostic = refused(SPEC, {"f": slopeless})
    assert diagnostic.code == "E0542"
    assert "no derivative" in diagnostic.message


# --- objects with parameters -----------------------------------------------------------------------------------------


class Scale:
    """An object as Flax makes them."""

    def init(self, key, x, a):
        return {"params": {"w": jnp.full(2, 0.5), "b": jnp.zeros(())}}

    def apply(self, variables, x, a):
        p = variables["params"]
        return jnp.dot(p["w"], x) * a + p["b"]


def test_parameters_of_an_object_are_optimised():
    model = svilang.compile(SPEC, functions={"f": Scale()}).bind({"y": Y, "x": X})
    lowered = model._lowered
    np.testing.assert_array_equal(np.sort(lowered.target.theta), [0, 0.5, 0.5])
    with jax.enable_x64(True):
        value = float(model.log_density({"a": 2.0}))
    assert value == pytest.approx(st.norm.logpdf(Y, X.sum(1), 1).sum() + st.norm.logpdf(2.0), rel=1e-12)
    fit = model.fit(seed=0, steps=200, progress="none")
    assert fit.nets == {"f": 3}
    assert fit.parameters() == []
    assert not np.allclose(np.sort(fit.params["f.params"].values), [0, 0.5, 0.5], atol=0.01)


def test_a_flax_module_is_one_of_them():
    nn = pytest.importorskip("flax.linen")
    text = """
    data { y: real[obs]   x: real[obs, feature] }
    model {
      extern f(x: real[feature]) -> real[k] from "m:f"
      plate obs { observe y ~ Normal(sum(f(x)), 1) }
    }
    """.replace("model {", "data { dim k = 3 }\n    model {")
    module = nn.Dense(3)
    model = svilang.compile(text, functions={"f": module}).bind({"y": Y, "x": X})
    assert len(model._lowered.target.theta) == 3 * 2 + 3
    variables = module.init(jax.random.key(0), jnp.ones(2))
    loc = np.asarray(module.apply(variables, X)).sum(1)
    assert float(model.log_density({})) == pytest.approx(st.norm.logpdf(Y, loc, 1).sum(), rel=1e-5)


def test_an_equinox_module_is_one_of_them():
    eqx = pytest.importorskip("equinox")
    text = """
    data { y: real[obs]   x: real[obs, feature]   dim k = 3 }
    model {
      extern f(x: real[feature]) -> real[k] from "m:f"
      plate obs { observe y ~ Normal(sum(f(x)), 1) }
    }"""
    module = eqx.nn.MLP(2, 3, 8, 1, activation=jnp.tanh, key=jax.random.key(1))
    model = svilang.compile(text, functions={"f": module}).bind({"y": Y, "x": X})
    assert len(model._lowered.target.theta) == 2 * 8 + 8 + 8 * 3 + 3
    loc = np.asarray(jax.vmap(module)(jnp.asarray(X))).sum(1)
    assert float(model.log_density({})) == pytest.approx(st.norm.logpdf(Y, loc, 1).sum(), rel=1e-5)
