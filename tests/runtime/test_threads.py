"""Linear algebra on small matrices takes one thread for the time of a fit."""

import subprocess
import sys

import pytest

import svilang

INSIDE = """
import sys
from svilang.runtime import threads
assert not any(name.startswith("scipy") for name in sys.modules)
with threads.one({size}, {factored}):
    import scipy.linalg
    from threadpoolctl import threadpool_info
    print(max(one["num_threads"] for one in threadpool_info() if "scipy.libs" in one["filepath"]))
"""


@pytest.mark.parametrize(("size", "factored", "alone"), [(3, 60, True), (90, 60, True), (3, 2000, False)])
def test_the_library_of_compiled_programs_takes_one_thread_for_small_matrices(size, factored, alone):
    code = INSIDE.format(size=size, factored=factored)
    environment = {"OPENBLAS_NUM_THREADS": "2", "PATH": ""}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert (int(found.stdout) == 1) == alone


@pytest.mark.parametrize(
    ("model", "largest"),
    [
        ("x ~ Normal(0, 1)", 0),
        ("x ~ MultivariateNormal(zeros(k), eye(k))", 4),
        ("L ~ LKJCholesky(k, 2)", 4),
        ("s ~ HalfNormal(1)  factor logdet(s * eye(k))", 4),
        ("s ~ HalfNormal(1)  y ~ GaussianProcess(zeros(n), rbf(t, s, 1), 0.1)", 7),
    ],
)
def test_the_largest_matrix_of_a_model_is_known(model, largest):
    spec = f"data {{ dim k = 4  dim n = 7  t: real[n] }} model {{ {model} }}"
    bound = svilang.compile(spec).bind({"t": [0.0, 1, 2, 3, 4, 5, 6]})
    assert bound._lowered.target.squares == largest


MATRICES = """
import numpy as np
import svilang

law = "MultivariateNormal(0, covariance_matrix={}(x, l, 1) + 0.1 * eye(i))"
laws = [law.format(kernel) for kernel in ("rbf", "matern12", "matern32")]
spec = f'''
data {{ x: real[i]   dim k = 3 }}
model {{ plate k {{ l ~ LogNormal(0, 0.3)   f ~ {laws[0]}   g ~ {laws[1]}   h ~ {laws[2]} }} }}
fit {{ steps = 50 }}
'''
fit = svilang.compile(spec).bind({"x": np.linspace(0, 4, 25)}).fit(progress="none")
print(len(fit.take(3000).log_p))
"""


def test_draws_that_factor_many_matrices_at_once_do_not_wait_for_each_other():
    # Compiled without a thought for that, they hang on two cores in every run.
    found = subprocess.run([sys.executable, "-c", MATRICES], capture_output=True, text=True, check=True, timeout=300)
    assert int(found.stdout) == 3000
