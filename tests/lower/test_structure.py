"""What families are told of the model, against the second derivatives of its log density."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import svilang

MODELS = {
    "hierarchy by a plate": (
        "model { mu ~ Normal(0, 1) tau ~ HalfNormal(1) plate g { x ~ Normal(mu, tau) observe y ~ Normal(exp(x), 1) } }",
        "data { y: real[g] }",
        {"y": np.arange(4.0)},
    ),
    "an index from the data": (
        "model { plate g { x ~ Normal(0, 1) } plate r { z ~ Normal(0, 1) }"
        " plate n { observe y ~ Normal(x[g] * exp(z[r]), 1) } }",
        "data { dim g = 4 dim r = 3 g: g[n] r: r[n] y: real[n] }",
        {"y": np.arange(5.0), "g": [0, 0, 1, 2, 3], "r": [0, 1, 1, 2, 2]},
    ),
    "a chain": (
        "model { s ~ HalfNormal(1) markov t { h ~ Normal(0, 1) then Normal(sin(prev(h)), s) "
        "observe y ~ Normal(h^3, 1) } }",
        "data { y: real[t] }",
        {"y": np.arange(6.0)},
    ),
    "chains side by side, of order two": (
        "model { plate k { markov t { h ~ Normal(0, 1) then Normal(prev(h)^2, 1) then "
        "Normal(prev(h) * prev(h, 2), 1) observe y ~ Normal(h^3, 1) } } }",
        "data { y: real[k, t] }",
        {"y": np.arange(10.0).reshape(2, 5)},
    ),
    "vectors in a plate": (
        "model { L ~ LKJCholesky(e, concentration=2) plate c { b ~ MultivariateNormal(zeros(e), scale_tril=L) }"
        " plate n { observe y ~ Normal(exp(b[c][\"i\"]), 1) } }",
        'data { dim e = ["i", "s"] dim c = 3 c: c[n] y: real[n] }',
        {"y": np.arange(4.0), "c": [0, 1, 1, 2]},
    ),
    "a discrete site summed out": (
        "model { w ~ Dirichlet(ones(k)) plate k { m ~ Normal(0, 1) } plate n { z ~ Categorical(w) x ~ Normal(0, 1) "
        "observe y ~ Normal(m[z] * x, 1) } }",
        "data { dim k = 2 y: real[n] }",
        {"y": np.arange(3.0)},
    ),
    "a bound that reads one member": (
        "model { plate d { z ~ Beta(1, 2) } w ~ LogUniform(1, z[0] + 1.5) observe y ~ Normal(w, 1) }",
        "data { dim d = 2 y: real }",
        {"y": 1.0},
    ),
    "a carried definition": (
        "model { markov t { e ~ Normal(0, 1) level = e then 0.5 * sin(prev(level)) + e "
        "observe y ~ Normal(level^3, 1) } }",
        "data { y: real[t] }",
        {"y": np.arange(4.0)},
    ),
    "a bound and a scale taken out": (
        "model { a ~ HalfNormal(1) b: interval(0, a) ~ Uniform(0, a) t ~ Normal(b, a) observe y ~ Normal(exp(t), 1) }",
        "data { y: real }",
        {"y": 1.0},
    ),
}


def _structure(name, noncentered=""):
    model, data, values = MODELS[name]
    guide = f"guide {{ {noncentered} rest ~ graph_gaussian }}"
    bound = svilang.compile(f"{data} {model} {guide}").bind(values)
    lowered = bound.guide._lowered
    return lowered.target, lowered.families[0].structure


@pytest.mark.parametrize("name", MODELS)
def test_coordinates_are_neighbours_where_the_log_density_ties_them(name):
    with jax.enable_x64(True):
        target, structure = _structure(name, "noncentered t" if "scale" in name else "")
        log_density = lambda data, z: target.log_density(target.prepare(data), z, jnp.zeros(0), {})  # noqa: E731
        point = np.random.default_rng(0).standard_normal(target.size) * 0.5
        curvature = np.asarray(jax.jit(jax.hessian(log_density, argnums=1))(target.data, point))
    found = np.zeros((target.size, target.size), bool)
    for i, own in enumerate(structure.neighbours):
        found[i, list(own)] = True
    wanted = (np.abs(curvature) > 1e-12) & ~np.eye(target.size, dtype=bool)
    assert np.array_equal(found, found.T)
    assert not np.any(wanted & ~found)
    assert np.array_equal(found, wanted)


def test_regions_say_where_a_coordinate_stands():
    _, structure = _structure("chains side by side, of order two")
    (region,) = structure.regions
    assert (region.name, region.axes, region.shape, region.chain) == ("h", ("k", "t"), (2, 5), "t")
    assert structure.parents[7] == (5, 6)


def test_parents_are_what_the_law_of_a_site_reads():
    _, structure = _structure("hierarchy by a plate")
    assert structure.parents == ((), (), (0, 1), (0, 1), (0, 1), (0, 1))
