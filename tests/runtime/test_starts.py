"""Several starts: the best bound is kept, and all are told."""

import json
from dataclasses import replace

import numpy as np
import pytest
from runtime_targets import everything, simple

import svilang
from svilang.cli import report
from svilang.runtime import start, svi
from svilang.runtime.choose import Chooser
from svilang.runtime.runner import Runner
from svilang.runtime.search import evaluate_one, lbfgs
from svilang.runtime.start import evaluator

TWO_HILLS = """
model {
  x ~ Improper(real)
  factor logsumexp([-0.5 * ((x + 1) / 0.5)^2, 4 - 0.5 * ((x - 7) / 0.5)^2])
}
guide = full_rank
"""


def test_the_higher_of_two_hills_is_found_from_scattered_starts():
    model = svilang.compile(TWO_HILLS).bind()
    one = model.fit(progress="none")
    assert one.starts == ()
    assert one.draws["x"].mean() == pytest.approx(-1, abs=0.3)
    many = model.fit(progress="none", starts=5)
    assert len(many.starts) == 5
    assert many.draws["x"].mean() == pytest.approx(7, abs=0.3)
    assert many.elbo.value == pytest.approx(max(many.starts))
    assert min(many.starts) == pytest.approx(one.elbo.value, abs=0.1)


def test_several_starts_are_one_program_and_each_finds_what_it_would_alone():
    spec = """
        data { y: real[n] = [1, 3, 2] }
        model { m ~ Normal(0, 1)  s ~ Exponential(1)  plate n { observe y ~ Normal(m, s) } }"""
    with pytest.MonkeyPatch.context() as patch:
        made = []
        patch.setattr(svi, "Runner", lambda *args: made.append(Runner(*args)) or made[-1])
        many = svilang.compile(spec).bind().fit(progress="none", starts=3)
    assert len(made) == 1
    one = svilang.compile(spec).bind().fit(progress="none")
    assert one.starts == ()
    np.testing.assert_allclose(many.starts, one.elbo.value, atol=0.02)
    np.testing.assert_allclose(many.draws["m"].mean(), one.draws["m"].mean(), atol=0.05)


@pytest.mark.parametrize("optimizer", ["", "fit { optimizer = adam(0.02)  steps = 600 }"])
def test_a_start_that_leads_nowhere_does_not_end_the_others(optimizer):
    spec = f"""
        data {{ y: real[n] = [1, 3, 2] }}
        model {{ m ~ Normal(0, 1)  plate n {{ observe y ~ Normal(m, 1) }} }}
        {optimizer}"""
    seek = start.Finder.find

    def find(self, seed, initial=None, scatter=None, begin=None):
        found = seek(self, seed, initial, scatter, begin)
        if seed != 1:
            return found
        first = found.whitens[0]
        return replace(found, whitens=(first._replace(loc=first.loc + 1e200), *found.whitens[1:]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(start.Finder, "find", find)
        fit = svilang.compile(spec).bind().fit(progress="none", starts=3)
    assert [bool(np.isfinite(one)) for one in fit.starts] == [True, False, True]
    exact = -1.5 * np.log(2 * np.pi) - 0.5 * np.log(4) - 0.5 * (14 - 36 / 4)
    assert fit.elbo.value == pytest.approx(exact, abs=1e-2)
    assert json.loads(report.record(fit))["starts"][1] is None
    assert "1 not finite" in report.text(fit)


def test_a_mode_with_a_kink_does_not_run_away():
    y = np.random.default_rng(0).laplace(2, 1, 101)
    spec = """
        data { y: real[n] }
        model { m ~ Normal(0, 10)  s ~ HalfNormal(5)  plate n { observe y ~ Laplace(m, s) } }
        guide = full_rank"""
    fit = svilang.compile(spec).bind({"y": y}).fit(progress="none")
    assert [warning.code for warning in fit.warnings] == []
    assert fit.draws["m"].mean() == pytest.approx(np.median(y), abs=0.1)


def test_several_starts_of_a_point_are_several_modes():
    fit = svilang.compile(TWO_HILLS.replace("full_rank", "delta")).bind().fit(progress="none", starts=5)
    assert fit.draws["x"][0] == pytest.approx(7, abs=1e-3)
    assert len(fit.starts) == 5


ALIKE = ("low_rank(2)", "full_rank", "iaf")


@pytest.mark.parametrize("family", ["markov_gaussian", *(pytest.param(f, marks=pytest.mark.exhaustive) for f in ALIKE)])
def test_starts_of_every_kind_of_whitening_go_on_together(family):
    spec = f"""
        data {{ y: real[day] = [1, 3, 2, 2.5, 1] }}
        model {{ markov day {{ h ~ Normal(0, 1) then Normal(0.8 * prev(h), 1)  observe y ~ Normal(h, 1) }} }}
        guide = {family}
        fit {{ steps = 300 }}"""
    fit = svilang.compile(spec).bind().fit(progress="none", starts=2)
    assert np.ptp(fit.starts) < 0.5


def test_the_number_of_starts_is_a_setting():
    program = svilang.compile("model { x ~ Normal(0, 1) } fit { starts = 2 }")
    assert program.checked.fit.starts == 2
    assert len(program.bind().fit(progress="none").starts) == 2
    with pytest.raises(svilang.SvilangError, match="starts"):
        svilang.compile("model { x ~ Normal(0, 1) } fit { starts = 0 }")


def test_a_hierarchy_far_from_the_origin_is_not_lost_in_the_neck_of_its_funnel():
    """From the origin the search ends where a scale is 0; the middle of the prior is near the answer."""
    spec = """
        data { y: real[rat, week] }
        model {
          mu ~ Normal(150, 50)
          sd ~ HalfNormal(30)
          sigma ~ HalfNormal(20)
          plate rat { a ~ Normal(mu, sd) }
          plate rat, week { observe y ~ Normal(a, sigma) }
        }
        guide = mean_field"""
    source = np.random.default_rng(3)
    each = 100 + 10 * source.normal(size=30)
    fit = svilang.compile(spec).bind({"y": each[:, None] + 5 * source.normal(size=(30, 5))}).fit(progress="none")
    assert fit.draws["mu"].mean() == pytest.approx(each.mean(), abs=2)
    assert fit.draws["sd"].mean() == pytest.approx(each.std(), rel=0.15)


def test_a_hierarchy_is_not_lost_in_a_peak_where_its_precision_is_as_high_as_the_prior_lets_it():
    """Of the density with this prior the mode has a precision near n / 0.002, and little mass."""
    spec = """
        data { y: real[rat, week] }
        model {
          mu ~ Normal(0, 1000)
          between ~ Gamma(0.001, 0.001)
          within ~ Gamma(0.001, 0.001)
          plate rat { a ~ Normal(mu, precision=between) }
          plate rat, week { observe y ~ Normal(a, precision=within) }
          report sd = 1 / sqrt(between)
        }
        guide = full_rank"""
    source = np.random.default_rng(3)
    y = 242 + 14 * source.normal(size=(30, 1)) + 6 * source.normal(size=(30, 5))
    fit = svilang.compile(spec).bind({"y": y}).fit(progress="none")
    means = y.mean(axis=1)
    assert fit.draws["mu"].mean() == pytest.approx(means.mean(), abs=1)
    moments = np.sqrt(means.var(ddof=1) - y.var(axis=1, ddof=1).mean() / 5)
    assert fit.draws["sd"].mean() == pytest.approx(moments, rel=0.1)


def neck(points):
    """Minus log N(y | x, exp(s)) with a normal prior of x, and its gradient, at ``(s, x, y)``."""
    s, x, y = points.T
    apart = (y - x) / np.exp(s)
    slopes = np.stack([1 - apart**2, x - apart / np.exp(s), apart / np.exp(s)], axis=1)
    return 0.5 * apart**2 + s + 0.5 * x**2, slopes


@pytest.mark.parametrize(("s", "finite"), [(-10.0, True), (-70.0, False)])
def test_a_spread_that_rounding_hides_has_no_bound(s, finite):
    """At the end of a neck all draws of two neighbours are the same number, and no draw would contradict the bound."""
    point = evaluate_one(neck, np.array([s, -2.0, -2.0]))
    width = np.exp(s)
    assert np.isfinite(Chooser(neck, 3, 0)._elbo(point, np.diag([0.1, width, width]))) == finite


def test_where_evaluations_are_dear_the_search_ends_on_the_way_to_the_mode():
    """A bent ridge, where the search would go on for a better bound than that of the mode."""

    def log_density(data, z, theta, given):
        return -0.5 * (z[0] - 1) ** 2 - 50 * (z[1] - z[0] ** 2) ** 2

    target = simple(2, {}, log_density)
    families = everything("mean_field", target)
    taken = {}
    for cells in (0, 10**9):
        counted = []

        def count(*args, counted=counted):
            evaluate = evaluator(*args)
            return lambda points: counted.append(len(points)) or evaluate(points)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(start, "evaluator", count)
            found = start.find(replace(target, cells=cells), families, 0)
        taken[cells] = sum(counted)
    assert taken[10**9] < taken[0] / 5
    assert found.log_density > -1


def test_where_evaluations_are_dear_only_the_paths_ahead_go_to_their_ends():
    """Two wells: the search ends at the bottom of the deeper one, for less than all paths would take."""

    def wells(points):
        x = points[:, 0]
        below = np.sum(100 * points[:, 1:] ** 2 * np.arange(1, 30) ** 2, axis=1)
        slopes = 200 * points * np.concatenate([[0], np.arange(1, 30) ** 2])
        slopes[:, 0] = x**3 - x + 0.1
        return 0.25 * x**4 - 0.5 * x**2 + 0.1 * x + below, slopes

    taken = []

    def count(points):
        taken.append(len(points))
        return wells(points)

    points = [evaluate_one(wells, np.append(x, np.ones(29))) for x in np.linspace(-1.5, 2, 8)]
    alone = [len(lbfgs(wells, point)) for point in points]
    path = Chooser(count, 30, 0)._first_of(points)
    assert sum(taken) < 0.7 * sum(alone)
    assert path[-1].x[0] == pytest.approx(np.roots([1, 0, -1, 0.1]).min(), abs=1e-3)


@pytest.mark.posterior
def test_a_mixture_starts_from_rows_far_apart():
    """Beside the mode next to the truth; from the origin some states share a cluster and others have none."""
    spec = """
        data { y: real[row, axis]  dim state = 8 }
        model {
          share ~ Dirichlet(2 * ones(state))
          plate state, axis { loc ~ Normal(0, 20) }
          plate row { z ~ Categorical(share)  plate axis { observe y ~ Normal(loc[z], 1) } }
        }"""
    source = np.random.default_rng(8)
    centres = 10 * source.standard_normal((8, 2))
    of = source.integers(0, 8, 400)
    y = centres[of] + source.standard_normal((400, 2))
    fit = svilang.compile(spec).bind({"y": y}).fit(progress="none")
    means = np.array([y[of == k].mean(0) for k in range(8)])
    found = fit.draws["loc"].mean(0)
    assert max(np.min(np.linalg.norm(found - one, axis=1)) for one in means) < 0.3
