"""The static tables against the installed Optax, and the building of optimisers."""

import inspect
import subprocess
import sys

import jax
import numpy as np
import optax
import pytest

from svilang.diagnostics import SvilangError
from svilang.runtime import optimizers
from svilang.runtime.settings import CallSpec, FitSettings
from svilang.runtime.stopping import still_falling
from svilang.runtime.structure import FamilyUse
from svilang.runtime.svi import problems


def call(name, *args, **named):
    return CallSpec(name, (*((None, value) for value in args), *named.items()))


ROWS = {**optimizers.OPTIMIZERS, **optimizers.TRANSFORMS, **optimizers.SCHEDULES}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_table_agrees_with_the_installed_optax(row):
    signature = inspect.signature(getattr(optax, row.optax)).parameters
    assert set(row.params) <= set(signature)
    given = {*row.required, *(name for name, _ in row.lengths), "learning_rate"}
    missing = {name for name, parameter in signature.items() if parameter.default is parameter.empty} - given
    assert not missing


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_every_optimizer_can_be_built_by_name_and_lowers_a_square(name):
    built = optimizers.build(call(name, 0.01), steps=100)

    @jax.jit
    def run(x):
        def step(carry, _):
            x, memory = carry
            updates, memory = built.update(x, memory, x)
            return (x + updates, memory), None

        return jax.lax.scan(step, (x, built.init(x)), None, length=50)[0][0]

    start = np.full(2, 1.0, np.float32)
    assert np.sum(np.asarray(run(start)) ** 2) < np.sum(start**2)


def test_schedules_know_the_length_of_the_run():
    made = optimizers._make(call("cosine", 0.5), 200)
    np.testing.assert_allclose([made(0), made(100), made(200)], [0.5, 0.25, 0.0], atol=1e-6)
    assert optimizers.decays(call("adam", call("cosine", 0.1)))
    assert optimizers.decays(call("chain", call("clip", 1), call("adam", call("linear", 0.1, 0.0))))
    assert not optimizers.decays(call("adam", 0.1))


def test_arguments_reach_optax():
    update, _ = optimizers.build(call("chain", call("clip", 0.5), call("sgd", 1.0)), 10).update(
        np.array([4.0, -0.1], np.float32), (optax.EmptyState(), (optax.EmptyState(), optax.EmptyState()))
    )
    np.testing.assert_allclose(update, [-0.5, 0.1], rtol=1e-6)


@pytest.mark.parametrize(
    ("spec", "message", "advice"),
    [
        (call("adamm"), "no optimizer called `adamm`", "did you mean `adam`"),
        (call("adam", call("cosin", 0.1)), "no schedule called `cosin`", "`cosine`"),
        (call("adam", rate=0.1), "`adam` takes no argument `rate`", "`learning_rate`"),
        (call("sign_sgd", 1, 2), "too many arguments", "`learning_rate`"),
        (call("chain", call("clip", 1.0)), "no optimizer in it", "adam(0.01)"),
        (call("chain", 3), "made of calls", "chain("),
        (call("chain", call("clip")), "`clip` needs `max_delta`", ""),
        (call("adam", 0.1, b1=call("cosine", 1)), "`b1` of `adam` is a number", ""),
    ],
)
def test_a_wrong_optimizer_is_named_with_its_fix(spec, message, advice):
    with pytest.raises(SvilangError) as caught:
        optimizers.build(spec, 10)
    assert message in caught.value.diagnostics[0].message
    assert advice in (caught.value.diagnostics[0].help or "")


def test_every_wrong_name_of_a_fit_is_reported_at_once():
    settings = FitSettings(call("elbow"), optimizer=call("adamm"), stop=call("plato"), precision="half")
    found = [message for message, _ in problems((FamilyUse("meanfield", (0,)),), settings)]
    assert len(found) == 5
    assert "there is no guide family called `meanfield`" in found


def test_tables_are_read_without_numpy_jax_or_optax():
    code = (
        "import sys; import svilang.runtime.guides, svilang.runtime.objectives, svilang.runtime.optimizers;"
        "import svilang.runtime.svi; print({'numpy', 'jax', 'optax', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_plateau_test_sees_a_slow_fall_and_not_noise():
    noise = np.random.default_rng(0).standard_normal(4000)
    assert not still_falling(noise, 0.01)
    assert still_falling(noise - np.linspace(0, 1, 4000), 0.01)


BEYOND = (-1.0, -1e-9, 0.0, 1.5, 1e6, 1e300, float("inf"), float("nan"), True)
"""Numbers of which most arguments take few; truth values are none."""

ARGUMENTS = [
    pytest.param(table, name, argument, id=f"{name}.{argument}")
    for table in (optimizers.OPTIMIZERS, optimizers.TRANSFORMS, optimizers.SCHEDULES)
    for name, row in table.items()
    for argument in row.params
    if name == row.name and argument not in optimizers.FLAGS
]


def _with(table, name, argument, value):
    """An optimiser in which an argument of a function has a value."""
    given = {other: 0.5 for other in table[name].required if other != argument}
    made = call(name, **given, **{argument: value})
    if table is optimizers.SCHEDULES:
        return call("sgd", made)
    return call("chain", made, call("sgd", 0.1)) if table is optimizers.TRANSFORMS else made


@pytest.mark.parametrize(("table", "name", "argument"), ARGUMENTS)
def test_a_number_is_refused_or_optax_makes_finite_steps_with_it(table, name, argument):
    refused = 0
    for value in BEYOND:
        spec = _with(table, name, argument, value)
        try:
            built, x = optimizers.build(spec, 100), np.array([1.0, -2.0], np.float32)
        except SvilangError:
            refused += 1
            continue
        state = built.init(x)
        for _ in range(3):
            step, state = built.update(np.array([0.5, -1.0], np.float32), state, x)
            assert np.isfinite(step).all(), value
    assert refused >= 4


@pytest.mark.parametrize("name", [name for name in dir(optax) if name in optimizers.TRANSFORMS | optimizers.SCHEDULES])
def test_a_part_of_an_optimizer_is_told_of_with_its_place(name):
    ((message, advice),) = optimizers.problems(CallSpec(name))
    assert message.startswith(f"`{name}` is no optimizer but")
    assert f"{name}(…)" in advice
