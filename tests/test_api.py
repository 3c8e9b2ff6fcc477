import math
from pathlib import Path

import jax
import numpy as np
import pytest
from scipy import stats

import svilang
from svilang import pipeline

TEXT = """
data { y: real[obs]   group: group[obs]   dim part = 2 }
model {
  mu ~ Normal(0, 1)
  plate group { a ~ Normal(mu, 1) }
  plate part { b ~ Exponential(2) }
  plate obs { observe y ~ Normal(a[group], 1) }
  report total = mu + sum(b, over=part)
  report y_new ~ Normal(mu, 3)
}
guide first { rest ~ full_rank }
guide second { rest ~ mean_field }
"""
DATA = {"y": [1.0, 2.0, 0.5], "group": ["x", "y", "x"]}


@pytest.fixture(scope="module")
def model():
    return svilang.compile(TEXT, name="groups.svi").bind(DATA)


@pytest.fixture(scope="module")
def fit(model):
    return model.fit(seed=1, progress="none")


def normal(x, loc, scale):
    return -0.5 * ((x - loc) / scale) ** 2 - math.log(scale) - 0.5 * math.log(2 * math.pi)


def test_a_program_names_its_latents_and_guides():
    program = svilang.compile(TEXT)
    assert program.latents == ("mu", "a", "b")
    assert program.guides == ("first", "second")


def test_a_model_knows_sizes_and_labels(model):
    assert dict(model.dims) == {"obs": 3, "group": 2, "part": 2}
    assert model.labels["group"] == ("x", "y")


def test_the_log_density_is_that_of_the_formula(model):
    latents = {"mu": 0.3, "a": np.array([0.5, -1.0]), "b": np.array([0.2, 1.5])}
    expected = normal(0.3, 0, 1) + sum(normal(a, 0.3, 1) for a in latents["a"])
    expected += sum(math.log(2) - 2 * b for b in latents["b"])
    expected += normal(1.0, 0.5, 1) + normal(2.0, -1.0, 1) + normal(0.5, 0.5, 1)
    assert float(model.log_density(latents)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("double", [False, True])
def test_a_fit_goes_beside_compiled_functions_of_the_same_data_in_another_precision(double, precision):
    x, y = np.linspace(-1, 1, 20), np.linspace(0, 3, 20)
    text = f"""
    data {{ x: real[obs]   y: real[obs] }}
    model {{
      a ~ Normal(0, 1)
      plate obs {{ observe y ~ StudentT(3, a * exp(x), 1) }}
    }}
    guide {{ param m: real = sum(y) / 20   a ~ Normal(m, 0.1) }}
    fit {{ precision = {precision} }}
    """
    bound = svilang.compile(text).bind({"x": x, "y": y})

    def of_the_user(a):
        return jax.numpy.sum(jax.numpy.asarray(y) - a * jax.numpy.exp(jax.numpy.asarray(x)))

    with jax.enable_x64(double):
        density, sample = jax.jit(bound.log_density), jax.jit(bound.guide.sample)
        at = density({"a": 0.7}), jax.jit(of_the_user)(0.7), sample(bound.guide.init(), jax.random.key(0))[1]
    expected = normal(0.7, 0, 1) + stats.t.logpdf(y, 3, 0.7 * np.exp(x)).sum()
    assert float(at[0]) == pytest.approx(expected, rel=1e-5)
    assert np.isfinite(bound.fit(steps=2, progress="none").elbo.value)
    with jax.enable_x64(not double):
        assert float(jax.jit(bound.log_density)({"a": 0.7})) == pytest.approx(expected, rel=1e-5)
        assert np.isfinite(sample(bound.guide.init(), jax.random.key(0))[1])


def test_the_unconstrained_density_adds_the_log_jacobian(model):
    flat = np.array([0.3, 0.5, -1.0, math.log(0.2), math.log(1.5)])
    slopes = jax.jacfwd(lambda x: model.unconstrained.constrain(x)["b"])(flat)[:, 3:]
    given = model.unconstrained.constrain(flat)
    difference = float(model.unconstrained.log_density(flat)) - float(model.log_density(given))
    assert difference == pytest.approx(float(np.log(np.linalg.det(slopes))), rel=1e-4)
    assert np.allclose(model.unconstrained.unconstrain(given), flat, atol=1e-5)


def test_the_guides_log_density_pairs_with_the_models(model):
    """The mean importance ratio is the evidence whatever the guide; here at the prior of a model without data."""
    text = "model { s ~ Exponential(2)   x ~ Normal(0, s) } guide { noncentered x   rest ~ mean_field }"
    free = svilang.compile(text).bind()
    params = free.guide.init()
    assert free.guide.size == params.size == 4

    def log_ratio(key):
        latents, log_q = free.guide.sample(params, key)
        return free.log_density(latents) - log_q

    keys = jax.random.split(jax.random.key(0), 20_000)
    ratios = np.exp(np.asarray(jax.jit(jax.vmap(log_ratio))(keys), float))
    assert ratios.mean() == pytest.approx(1, abs=5 * ratios.std() / math.sqrt(20_000))
    assert ratios.std() / math.sqrt(20_000) < 0.03


def test_a_fit_has_draws_of_latents_reports_and_generated_quantities(fit):
    shapes = {name: values.shape for name, values in fit.draws.items()}
    assert shapes == {"mu": (2000,), "a": (2000, 2), "b": (2000, 2), "total": (2000,), "y_new": (2000,)}
    assert np.allclose(fit.draws["total"], fit.draws["mu"] + fit.draws["b"].sum(axis=1))


def test_generated_quantities_are_drawn_afresh_for_each_draw(fit):
    noise = (fit.draws["y_new"] - fit.draws["mu"]) / 3
    assert abs(noise.mean()) < 5 / math.sqrt(2000)
    assert noise.std() == pytest.approx(1, rel=0.08)
    assert abs(np.corrcoef(noise, fit.draws["mu"])[0, 1]) < 0.1


def test_the_exact_gaussian_part_of_the_posterior_is_found(fit):
    """``mu`` and ``a`` are jointly normal: precision and mean by hand."""
    precision = np.array([[3.0, -1.0, -1.0], [-1.0, 3.0, 0.0], [-1.0, 0.0, 2.0]])
    covariance = np.linalg.inv(precision)
    mean = covariance @ np.array([0.0, 1.5, 2.0])
    found = np.column_stack([fit.draws["mu"], fit.draws["a"]])
    error = np.sqrt(np.diag(covariance) / 2000)
    assert np.all(np.abs(found.mean(axis=0) - mean) < 5 * error + 0.02)
    assert np.allclose(np.cov(found.T), covariance, atol=0.06)


def test_rows_carry_labels(fit):
    assert [row.name for row in fit.summary()] == ["mu", "a[x]", "a[y]", "b[0]", "b[1]", "total", "y_new"]


def test_another_guide_of_the_spec_can_be_fitted(model, fit):
    other = model.fit(seed=1, guide="second", progress="none")
    assert (fit.guide, other.guide) == ("first", "second")
    assert other.elbo.value < fit.elbo.value
    assert abs(np.corrcoef(other.draws["mu"], other.draws["a"][:, 0])[0, 1]) < 0.1


def test_the_posterior_is_a_tree_with_named_dimensions(fit):
    xarray = pytest.importorskip("xarray")
    tree = fit.posterior(draws=300)
    assert isinstance(tree, xarray.DataTree)
    assert tree["posterior"]["a"].dims == ("chain", "draw", "group")
    assert tree["posterior"]["a"].sizes["draw"] == 300
    assert tree["posterior"]["a"].coords["group"].values.tolist() == ["x", "y"]
    assert tree["observed_data"]["y"].values.tolist() == DATA["y"]


def test_a_saved_fit_needs_neither_spec_nor_data(fit, tmp_path):
    fit.save(tmp_path / "fit.nc")
    again = svilang.load_fit(tmp_path / "fit.nc")
    assert again.summary() == fit.summary()
    assert (again.khat, again.elbo, again.status) == (fit.khat, fit.elbo, fit.status)


def test_the_same_seed_gives_the_same_draws_and_another_seed_others(model, fit):
    again, other = model.fit(seed=1, progress="none"), model.fit(seed=2, progress="none")
    assert np.array_equal(again.draws["a"], fit.draws["a"])
    assert not np.array_equal(other.draws["a"], fit.draws["a"])


def test_parameters_of_the_model_are_reported_apart():
    model = "model { param m: real = 0   plate n { x ~ Normal(m, 1)   observe y ~ Normal(x, 1) } }"
    fit = svilang.compile("data { y: real[n] = [1, 2, 3] }" + model).bind().fit(progress="none")
    assert [row.name for row in fit.parameters()] == ["m"]
    assert fit.parameters()[0].value == pytest.approx(2.0, abs=0.05)
    assert "m" not in fit.draws


def test_a_posterior_far_from_the_origin_is_fitted_in_double_precision():
    text = "data { y: real[n] }\nmodel { m ~ Normal(0, 1e7)   plate n { observe y ~ StudentT(4, m, 1) } }\n"
    text += "fit { steps = 20 }"
    noise = np.random.default_rng(0).standard_normal(10_500)
    near, far = (svilang.compile(text).bind({"y": noise + at}).fit(progress="none") for at in (0.0, 1e6))
    assert near.settings["precision"] == "float32"
    assert far.settings["precision"] == "float64"


def test_errors_carry_the_text_they_are_about():
    with pytest.raises(svilang.SvilangError, match="<text>:1:23") as caught:
        svilang.compile("model { x ~ Normal(0, s) }")
    assert caught.value.source is not None
    with pytest.raises(svilang.SvilangError, match="data `y`"):
        svilang.compile("data { y: real } model { x ~ Normal(0, 1) observe y ~ Normal(x, 1) }").bind()


def test_the_root_package_offers_what_it_lists_and_nothing_else():
    for name in svilang.__all__:
        assert getattr(svilang, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        svilang.nothing


@pytest.mark.parametrize("path", ["models/coin.svi", Path("coin.svi")])
def test_a_path_in_the_place_of_a_text_is_told_from_it(path):
    with pytest.raises(ValueError, match=r"load\('.*coin.svi'\)` reads it"):
        svilang.compile(path)


@pytest.mark.parametrize(
    "asked",
    [{"steps": 1.5}, {"steps": 0}, {"steps": "10"}, {"seed": -1}, {"starts": True}, {"minibatch": {"obs": 1.5}},
     {"minibatch": "obs=2"}, {"resume": "fit.nc"}, {"progress": "loud"}],
    ids=lambda asked: next(iter(asked)),
)
def test_what_is_asked_of_a_fit_from_python_is_checked_as_a_fit_block_is(model, asked):
    with pytest.raises(svilang.SvilangError) as error:
        model.fit(**{"progress": "none", **asked})
    (one,) = error.value.diagnostics
    assert one.message.startswith(f"`{next(iter(asked))}")


def test_draws_are_whole_numbers(model, fit):
    for draw in (lambda: model.prior(draws=0), lambda: fit.take(2.5), lambda: fit.predict(draws=-1)):
        with pytest.raises(svilang.SvilangError, match="`draws` must be a whole number of at least 1"):
            draw()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"seed": -1}, "`seed` must be a whole number of at least 0"),
        ({"seed": 2**64}, "`seed` must be a whole number of at most 9,223,372,036,854,775,807"),
        ({"steps": 0}, "`steps` must be a whole number of at least 1"),
        ({"steps": 10.5}, "`steps` must be a whole number of at least 1"),
        ({"steps": 10**12}, "`steps` must be a whole number of at most 2,147,483,647"),
        ({"starts": True}, "`starts` must be a whole number of at least 1"),
        ({"starts": "4"}, "`starts` must be a whole number of at least 1"),
        ({"minibatch": {"n": 0}}, r"`minibatch\[n\]` must be a whole number of at least 1"),
    ],
    ids=str,
)
def test_numbers_out_of_range_are_refused(given, told):
    text = "data { y: real[n] = [1, 3] } model { m ~ Normal(0, 1) plate n { observe y ~ Normal(m, 1) } }"
    with pytest.raises(svilang.SvilangError, match=told):
        svilang.compile(text).bind().fit(progress="none", **given)


def test_seeds_differ_to_their_last_bit():
    model = svilang.compile("model { m ~ Normal(0, 1) }").bind()
    ends = [model.prior(draws=3, seed=seed).groups["prior"]["m"].values for seed in (0, 1, 2**32, 2**62, 2**63 - 1)]
    assert len({values.tobytes() for values in ends}) == len(ends)


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ("unit = 1", "1."),
        ("interval(0, 5) = top", "5."),
        ("real = 1 / zero", "inf"),
        ("simplex[k] = [1, 1, 1]", "[1., 1., 1.]"),
        ("ordered[k] = [3, 2, 1]", "[3., 2., 1.]"),
        ("cov[k] = [[1, 2, 0], [2, 1, 0], [0, 0, 1]]", "[[1., 2., 0.], [2., 1., 0.], [0., 0., 1.]]"),
    ],
)
def test_a_start_outside_its_kind_or_on_the_edge_is_refused(declared, shown):
    text = f"data {{ y: real = 1 top: interval(0, 5) = 5 zero: real = 0 dim k = 3 }} model {{ param s: {declared} "
    text += "observe y ~ Normal(sum(s), 1) a ~ Normal(0, 1) }"
    text = text if "[k]" in declared else text.replace("sum(s)", "s")
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(text).bind().fit(progress="none")
    (found,) = caught.value.diagnostics
    assert (found.code, text[found.span.start : found.span.end]) == ("E0402", "s")
    assert f"`s` cannot start at {shown}" in found.message


def test_predictions_for_a_dimension_that_is_none_are_refused(fit):
    with pytest.raises(svilang.SvilangError, match="there is no dimension `nn`"):
        fit.predict(new=["nn"])


TWO_MODES = """
data { y: real = 1 }
model { x ~ Normal(0, 1)   observe y ~ Normal(x^2, 0.1) }
guide = laplace"""
HIERARCHY = """
data { y: real[obs, k] = [[1, 2], [0.5, 1]] }
model {
  tau ~ HalfNormal(1)
  w: simplex[k] ~ Dirichlet(1)
  plate k { theta ~ Normal(2, tau)   plate obs { observe y ~ Normal(theta * w, 1) } }
}
guide { noncentered theta   rest ~ mean_field }"""


@pytest.mark.parametrize("sign", [1, -1])
def test_a_search_that_begins_beside_a_mode_finds_it(sign):
    # The modes are where x^2 + 50 (1 - x^2)^2 has its slope 0: x^2 = 1 - 1 / 200.
    fit = svilang.compile(TWO_MODES).bind().fit(init={"x": 0.8 * sign}, progress="none")
    assert np.median(fit.draws["x"]) == pytest.approx(sign * np.sqrt(1 - 1 / 200), abs=0.01)


def test_starts_are_placed_where_the_families_see_them():
    model = svilang.compile(HIERARCHY).bind()
    lowered = pipeline.lower(model.bound, model.program.checked, model.program.source)
    values = {"tau": np.array(0.7), "w": np.array([0.2, 0.8]), "theta": np.array([1.5, -3.0])}
    with jax.enable_x64(True):
        begin, _ = lowered.placed(values)
        prepared = lowered.target.prepare(lowered.target.data)
        found, _ = lowered.target.draws(prepared, begin, lowered.target.theta, None)
    for name, value in values.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-12)
    np.testing.assert_allclose(begin[lowered.covered.latents.pieces["theta"].start :], [-0.5 / 0.7, -5 / 0.7])


def test_the_fit_block_says_where_a_search_begins_and_a_call_says_otherwise(tmp_path):
    model = svilang.compile(TWO_MODES + " fit { init[x] = -0.8 }").bind()
    fit, other = model.fit(progress="none"), model.fit(progress="none", init={"x": 0.8})
    assert np.median(fit.draws["x"]) < 0 < np.median(other.draws["x"])
    fit.save(tmp_path / "fit.nc")
    stored = svilang.load_fit(tmp_path / "fit.nc")
    assert [list(one) for one in fit.settings["init"]] == stored.settings["init"] == [["x", -0.8]]
    assert other.settings["init"] == [["x", 0.8]]
    again = svilang.compile(TWO_MODES).bind().fit(progress="none", init=dict(stored.settings["init"]))
    np.testing.assert_array_equal(again.draws["x"], fit.draws["x"])


@pytest.mark.parametrize(
    ("declared", "start", "words"),
    [
        ("x: real[k] ~ Normal(0, 1)", "[1, 2, 3]", "is over [k 2], and its start is of shape [3]"),
        ("x ~ Uniform(0, top)", "5", "must be within its support"),
        ("x: simplex[k] ~ Dirichlet(1)", "0.4", "must be a simplex"),
    ],
)
def test_a_start_that_the_data_forbid_has_its_place_in_the_text(declared, start, words):
    text = f"data {{ y: real[k] = [1, 2]   top: positive = 3 }} model {{ {declared}   factor sum(x * y) - top }}"
    text += f" fit {{ init[x] = {start} }}"
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(text).bind().fit(progress="none")
    (problem,) = caught.value.diagnostics
    assert problem.code == "E0234"
    assert words in problem.message
    assert text[problem.span.start : problem.span.end] == start


BY_HAND_OR_NOT = """model { x ~ Normal(0, 1)   factor -x^2 }
guide by_hand { param m: real = 0.5   x ~ Normal(m, 1) }
guide joint { rest ~ mean_field }
fit { init[x] = 0.3   steps = 10 }"""


def test_a_start_is_for_the_guides_that_have_a_use_for_it():
    model = svilang.compile(BY_HAND_OR_NOT).bind()
    assert model.fit(progress="none").settings["init"] == []
    assert model.fit(progress="none", guide="joint").settings["init"] == [["x", 0.3]]
    with pytest.raises(svilang.SvilangError, match="`x` is drawn by the guide"):
        model.fit(progress="none", guide="by_hand", init={"x": 0.3})


@pytest.mark.parametrize(
    ("init", "words"),
    [
        ({"thea": 1.0}, "did you mean `theta`"),
        ({"theta": [1.0, 2.0, 3.0]}, "is over [k 2], and its start is of shape [3]"),
        ({"tau": [1.0]}, "`tau` is one number"),
        ({"tau": -1.0}, "must be positive, and this is -1"),
        ({"tau": 0}, "must be positive, and this is 0"),
        ({"tau": float("nan")}, "must be positive, and this is nan"),
        ({"w": [0.5, 0.6]}, "must be a simplex"),
        ({"w": 0.4}, "must be a simplex"),
        *(({"tau": value}, "must be a number, or a list") for value in ("one", "1", True, np.True_, 1j, None)),
        ({"theta": [True, 1.0]}, "must be a number, or a list of numbers"),
        ({"y": 1}, "`y` is data"),
    ],
)
def test_a_start_that_no_latent_can_have_is_refused(init, words):
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(HIERARCHY).bind().fit(init=init, progress="none")
    (problem,) = caught.value.diagnostics
    assert problem.code == "E0234"
    assert words in f"{problem.message} {problem.help}"


ASKED = {
    "text": lambda: svilang.compile(5),
    "name": lambda: svilang.compile(TEXT, name=None),
    "guide": lambda: svilang.compile(TEXT, guide=5),
    "functions": lambda: svilang.compile(TEXT, functions=5),
    "set": lambda: svilang.compile(TEXT).bind(DATA, set=["part"]),
    "sizes": lambda: svilang.compile(TEXT).simulate(3),
    "path": lambda: svilang.load(5),
    "allow_extern": lambda: svilang.compile(TEXT, allow_extern="no"),
    "seed": lambda: svilang.compile(TEXT).simulate(seed=None),
    "draws": lambda: svilang.compile(TEXT).prior(DATA, draws=None),
}


def refused(ask, argument):
    with pytest.raises(svilang.SvilangError, match=f"`{argument}` must be") as caught:
        ask()
    assert [found.code for found in caught.value.diagnostics] == ["E0231"]


@pytest.mark.parametrize("argument", ASKED)
def test_an_argument_of_another_sort_is_told_of_by_its_name(argument):
    refused(ASKED[argument], argument)


def test_arguments_of_a_model_and_its_fit_are_told_of_by_their_names(model, fit):
    asked = {
        "guide": lambda: model.fit(guide=5, progress="none"),
        "minibatch": lambda: model.fit(minibatch=[3], progress="none"),
        "latents": lambda: model.log_density(5),
        "params": lambda: model.log_density({"mu": 0.0, "a": [0.0, 0.0], "b": [1.0, 1.0]}, 5),
        "stage": lambda: model.listing("jaxp"),
        "draws": lambda: fit.take(None),
        "log_likelihood": lambda: fit.posterior(10, log_likelihood="yes"),
        "path": lambda: fit.save(None),
        "group": lambda: fit.predict(draws=5).summary("posterio"),
        "rewrites": lambda: model.fit(settings={"rewrites": ["gram"]}, progress="none"),
        "objective": lambda: model.fit(objective=5, progress="none"),
        "init": lambda: model.fit(init=5, progress="none"),
        "set": lambda: fit.predict(set=5),
        "new": lambda: fit.predict(new=5),
        "how": lambda: fit.discrete("likely"),
        "sites": lambda: fit.covariance([5]),
    }
    for argument, ask in asked.items():
        refused(ask, argument)


def test_an_empty_path_is_told_of_as_such():
    for ask in (lambda: svilang.load(""), lambda: svilang.load_fit("")):
        with pytest.raises(svilang.SvilangError, match="`path` must be the path of a file, and is empty"):
            ask()
    with pytest.raises(svilang.SvilangError, match=r"E0501.*the path of a file is empty"):
        svilang.compile(TEXT).bind("")


@pytest.mark.parametrize("value", ["x", None, {"a": 1}, object()])
def test_values_that_are_no_numbers_are_told_of(model, value):
    asked = {
        "`mu`": lambda: model.log_density({"mu": value, "a": [0.0, 0.0], "b": [1.0, 1.0]}),
        "an unconstrained vector": lambda: model.unconstrained.log_density(value),
        "the vector of the guide's parameters": lambda: model.guide.sample(value, jax.random.key(0)),
    }
    for what, ask in asked.items():
        with pytest.raises(ValueError, match=f"{what} must be a number or an array of numbers"):
            ask()


def test_a_text_is_one_name_and_not_its_letters(fit):
    assert fit.covariance("total").names == ("total",)
    assert {row.site for row in fit.rows_of("mu")} == {"mu"}
    with pytest.raises(svilang.SvilangError, match="draws of `ab`"):
        fit.covariance("ab")


@pytest.mark.parametrize("b", [-1.0, 0.0, np.nan])
def test_a_value_outside_of_its_support_has_no_unconstrained_one(model, b):
    latents = {"mu": 0.0, "a": [0.0, 0.0], "b": [1.0, b]}
    assert not np.isfinite(stats.expon.logpdf(b)) or b == 0
    with pytest.raises(ValueError, match="`b` lies outside of its support, or on its edge"):
        model.unconstrained.unconstrain(latents)


def test_a_start_without_density_is_told_of_as_such(model):
    with pytest.raises(svilang.NumericalError, match=r"E0701[\s\S]*begins at the values of `init`"):
        model.fit(init={"a": 1e300}, progress="none")


@pytest.mark.parametrize("size", [4, 6])
def test_an_unconstrained_vector_of_another_length_is_refused(model, size):
    with pytest.raises(ValueError, match="has 5 numbers"):
        model.unconstrained.log_density(np.zeros(size))
    with pytest.raises(ValueError, match="has 5 numbers"):
        model.unconstrained.constrain(np.zeros(size))
    with pytest.raises(ValueError, match=f"has {model.guide.size} numbers"):
        model.guide.sample(np.zeros(size), jax.random.key(0))
