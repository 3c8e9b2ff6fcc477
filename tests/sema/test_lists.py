"""Lists of lists take their dimensions from the one that names its own."""

import jax
import numpy as np
import pytest

import svilang


@pytest.mark.parametrize(
    "move",
    [
        "[[p, 1 - p] over to, [0.3, 0.7] over to] over state",
        "[[p, 1 - p] over to, [0.3, 0.7]] over state",
        "[[p, 1 - p], [0.3, 0.7] over to] over state",
    ],
)
def test_an_inner_list_has_the_dimension_that_another_names(move):
    text = f"""
    data {{ dim state = 2   dim to = state   y: to[obs] = [1, 0, 1]   z: state[obs] = [0, 0, 1] }}
    model {{
      p ~ Uniform(0, 1)
      move = {move}
      plate obs {{ observe y ~ Categorical(move[z]) }}
    }}
    """
    with jax.enable_x64(True):
        value = float(svilang.compile(text).bind().log_density({"p": np.array(0.2)}))
    assert value == pytest.approx(np.log(0.8 * 0.2 * 0.7), abs=1e-12)
