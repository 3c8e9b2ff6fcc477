"""The examples run, and say what is true."""

import runpy
from pathlib import Path

import pytest

import svilang

EXAMPLES = Path(__file__).parents[1] / "examples"


def example(name):
    return runpy.run_path(str(EXAMPLES / f"{name}.py"))["main"]


def test_the_examples_are_the_ones_tested_here():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {
        "compare_guides",
        "embed_a_model",
        "nuts_on_a_compiled_density",
        "own_training_loop",
    }


def test_an_embedded_model_finds_what_the_data_was_made_with():
    rows = {row.name: row for row in example("embed_a_model")().summary()}
    assert rows["intercept"].mean == pytest.approx(-1, abs=3 * rows["intercept"].sd)
    assert rows["slope"].mean == pytest.approx(2, abs=3 * rows["slope"].sd)


# BlackJAX warns of what JAX will no longer take; that is not what is tested here.
@pytest.mark.filterwarnings("ignore:::blackjax", "ignore:::jax")
def test_nuts_agrees_with_the_fit():
    for _, fitted, sampled, sd in example("nuts_on_a_compiled_density")(warmup=200, draws=300):
        assert fitted == pytest.approx(sampled, abs=0.4 * sd)


def test_a_loop_of_ones_own_reaches_the_same_bound():
    own, fitted = example("own_training_loop")()
    assert own == pytest.approx(fitted, abs=0.05)


def test_standardising_helps_on_eight_schools():
    fits: dict[str, svilang.Fit] = example("compare_guides")(steps=2000)
    bounds = {name: fit.elbo.value for name, fit in fits.items()}
    assert bounds["as_written"] + 1 < bounds["standardised"] < bounds["joint"] + 0.1
