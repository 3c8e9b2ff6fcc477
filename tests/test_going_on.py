"""Predictions of new members of laws that hold all of them together: against kriging and forecasts in closed form."""

import numpy as np
import pytest

import svilang

RNG = np.random.default_rng(5)
X = np.sort(RNG.uniform(0, 5, 18))
Y = np.sin(2 * X) + 0.1 * RNG.normal(size=18)
NEW = np.array([0.4, 2.2, 6.5])


def _fit(text, data, **settings):
    return svilang.compile(text).bind(data).fit(progress="none", **settings)


def _rbf(a, b, lengthscale=0.7):
    return np.exp(-0.5 * ((a[:, None] - b) / lengthscale) ** 2)


def _kriging(x, y, new, noise, lengthscale=0.7):
    """Mean and covariance at new points of the curve, given values with noise."""
    inverse = np.linalg.inv(_rbf(x, x, lengthscale) + noise**2 * np.eye(len(x)))
    cross = _rbf(new, x, lengthscale)
    return cross @ inverse @ y, _rbf(new, new, lengthscale) - cross @ inverse @ cross.T


OBSERVED = """
    data { x: real[point]   y: real[point] }
    model { level ~ Normal(0, 0.0001)   observe y ~ GaussianProcess(full(point, level), rbf(x, 0.7, 1), 0.1) }"""


@pytest.mark.parametrize(
    ("new", "places"), [(NEW, [0, 1, 2]), (np.r_[NEW, X], [0, 1, 2]), (np.r_[NEW, X[3:]], [0, 1, 2])]
)
def test_an_observed_process_is_kriged_at_new_points(new, places):
    """Points as many as those of the fit are others where they lie elsewhere."""
    fit = _fit(OBSERVED, {"x": X, "y": Y})
    ahead = fit.predict({"x": new}, draws=2_000)
    mean, covariance = _kriging(X, Y, NEW, 0.1)
    y = ahead.values["y"][:, places]
    np.testing.assert_allclose(y.mean(0), mean, atol=0.08)
    np.testing.assert_allclose(np.cov(y.T), covariance + 0.01 * np.eye(3), atol=0.08)
    assert ahead.notes == ("`y` of what is new in `point` is drawn given what the fit observed",)
    assert ahead.values["y"].shape == (2_000, len(new))


def test_a_latent_process_goes_through_the_draws_of_the_fit():
    text = """
    data { x: real[point]   y: real[point] }
    model { f ~ GaussianProcess(0, rbf(x, 0.7, 1), 0.001)   plate point { observe y ~ Normal(f, 0.1) } }
    guide = full_rank"""
    fit = _fit(text, {"x": X, "y": Y})
    ahead = fit.predict({"x": NEW})
    mean, covariance = _kriging(X, Y, NEW, 0.1)
    np.testing.assert_allclose(ahead.values["f"].mean(0), mean, atol=0.08)
    np.testing.assert_allclose(np.cov(ahead.values["f"].T), covariance, atol=0.08)
    assert ahead.notes == ("`f` of 3 new in `point` is drawn given the members of the fit",)


def test_labelled_members_keep_their_values_and_their_new_covariates_count():
    text = """
    data { x: real[site]   u: real[site]   y: real[site] }
    model { f ~ GaussianProcess(0, rbf(x, 0.7, 1), 0.001)   plate site { observe y ~ Normal(f + 10 * u, 0.1) } }
    guide = full_rank"""
    names = [f"s{i}" for i in range(18)]
    fit = _fit(text, {"site": {"site": names, "x": X, "u": np.zeros(18), "y": Y}})
    new = {"site": {"site": ["new", "s4", "s2"], "x": [2.2, X[4], X[2]], "u": [0, 1, 2]}}
    ahead = fit.predict(new)
    np.testing.assert_array_equal(ahead.values["f"][:, 1:], fit.draws["f"][:, [4, 2]])
    mean, _ = _kriging(X, Y, NEW[1:2], 0.1)
    np.testing.assert_allclose(ahead.values["y"].mean(0), [mean[0], 10 + Y[4], 20 + Y[2]], atol=0.15)
    assert ahead.labels["site"] == ("new", "s4", "s2")
    with pytest.raises(svilang.SvilangError, match="E0760"):
        fit.predict({"site": {**new["site"], "x": [2.2, 9.0, X[2]]}})


def test_an_autoregression_that_is_observed_is_forecast():
    text = """
    data { y: real[t] }
    model { level ~ Normal(2, 0.0001)   observe y ~ AR(t, [0.8, -0.3], 0.5, level) }"""
    y = 2 + np.array([0.3, -0.2, 0.5, 1.5])
    ahead = _fit(text, {"y": y}).predict(set={"t": 7}, draws=2_000)
    path, widths = [1.5, 0.5], [1, 0.8, 0.8**2 - 0.3]
    for _ in range(3):
        path = [0.8 * path[0] - 0.3 * path[1], *path]
    np.testing.assert_array_equal(ahead.values["y"][:, :4], np.tile(y, (2_000, 1)))
    np.testing.assert_allclose(ahead.values["y"][:, 4:].mean(0), 2 + np.array(path[2::-1]), atol=0.06)
    np.testing.assert_allclose(ahead.values["y"][:, 4:].std(0), 0.5 * np.sqrt(np.cumsum(np.square(widths))), rtol=0.06)


def test_walks_in_a_plate_go_on_and_new_ones_begin():
    text = """
    data { y: real[person, t]   person: label[person] }
    model { plate person { w ~ GaussianRandomWalk(t, 0.5)   plate t { observe y ~ Normal(w, 0.1) } } }"""
    y = np.cumsum(RNG.normal(size=(2, 5)), axis=1)
    fit = _fit(text.replace("   person: label[person]", ""), {"y": y})
    ahead = fit.predict(set={"t": 7, "person": 2})
    w = ahead.values["w"]
    np.testing.assert_array_equal(w[:, :, :5], fit.draws["w"])
    np.testing.assert_allclose(np.diff(w[:, :, 4:]).std((0, 1)), [0.5, 0.5], rtol=0.06)
    more = fit.predict(set={"t": 7, "person": 3}, new=["person"]).values["w"]
    np.testing.assert_allclose(more.std(0), np.tile(0.5 * np.sqrt(np.arange(1, 8)), (3, 1)), rtol=0.1)


def test_a_state_space_goes_on_from_its_last_state():
    text = """
    data { dim to = k   A: real[k, to]   L: cholesky[k]   y: real[t, k] }
    model {
      z ~ GaussianStateSpace(t, A, scale_tril = L)
      plate t, k { observe y ~ Normal(z, 0.05) }
    }"""
    y = np.array([[0, 1], [0.5, 1.1], [0.8, 0.9]])
    move = np.array([[0.5, 0.5], [0, 1]])
    fit = _fit(text, {"y": y, "A": move, "L": np.diag([0.1, 0.2])})
    z = fit.predict(set={"t": 5}).values["z"]
    np.testing.assert_array_equal(z[:, :3], fit.draws["z"])
    for t in (3, 4):
        steps = z[:, t] - z[:, t - 1] @ move.T
        np.testing.assert_allclose(steps.mean(0), 0, atol=0.015)
        np.testing.assert_allclose(steps.std(0), [0.1, 0.2], rtol=0.06)


def test_a_square_of_data_speaks_of_new_members_beside_the_fits_where_these_come_first():
    text = """
    data { w: cov[area]   y: real[area] }
    model { f ~ MultivariateNormal(0, covariance_matrix = w)   plate area { observe y ~ Normal(f, 1) } }"""
    w = np.array([[1, 0.5, 0.8], [0.5, 1, 0.2], [0.8, 0.2, 1]])
    fit = _fit(text, {"area": {"area": ["a", "b"]}, "w": w[:2, :2], "y": [1.0, 2.0]})
    f = fit.predict({"area": {"area": ["a", "b", "c"]}, "w": w}).values["f"]
    weights = np.linalg.solve(w[:2, :2], w[:2, 2])
    rest = f[:, 2] - fit.draws["f"] @ weights
    assert rest.mean() == pytest.approx(0, abs=0.05)
    assert rest.std() == pytest.approx(np.sqrt(1 - w[:2, 2] @ weights), rel=0.06)
    with pytest.raises(svilang.SvilangError, match="`f` cannot be carried over"):
        fit.predict({"area": {"area": ["c", "a", "b"]}, "w": w})


def test_predictions_of_new_members_alone_are_as_many_as_the_draws():
    fit = _fit("data { y: real[n] } model { plate n { m ~ Normal(0, 1)  observe y ~ Normal(m, 1) } }", {"y": [1.0]})
    assert fit.predict(set={"n": 2}, draws=50).values["m"].shape == (50, 2)
