"""What counts in a likelihood: missing entries, ``where`` and ``weight``."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from lowering_programs import Writer
from scipy import stats

from svilang.catalog.distributions import COMBINATORS as C
from svilang.catalog.distributions import DISTRIBUTIONS as D
from svilang.ir import nodes as ir
from svilang.lower import lower
from svilang.types import KINDS

MEMBER = COUNT = KINDS["count"].kind
RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def density_and_slope(w: Writer, **latents):
    lowered = lower(w.bind())
    value, slope = jax.jit(jax.value_and_grad(lowered.log_density))({n: jnp.asarray(v) for n, v in latents.items()})
    assert all(np.all(np.isfinite(g)) for g in slope.values())
    return float(value), slope


def scale_site(w: Writer) -> int:
    return w.site("s", w.law(D["Exponential"], 1.0))


def test_a_missing_outcome_drops_out():
    w = Writer()
    y = w.data("y", "i", np.array([1.0, 99, 2]), missing=[False, True, False])
    s = scale_site(w)
    w.observe("y", y, w.law(D["Normal"], 0.0, s), "i", optional=("y",))
    value, slope = density_and_slope(w, s=0.8)
    assert value == pytest.approx(stats.expon.logpdf(0.8) + stats.norm(0, 0.8).logpdf([1, 2]).sum(), rel=1e-12)
    assert slope["s"] == pytest.approx(-1 - 2 / 0.8 + 5 / 0.8**3)


def test_a_missing_outcome_may_hold_what_its_law_forbids():
    """The second entry stands at a value with density zero, where the logarithm has an infinite slope."""
    w = Writer()
    trials = w.data("n", "i", np.array([5, 3, 4]), COUNT)
    y = w.data("y", "i", np.array([2, 7, 4]), COUNT, missing=[False, True, False])
    p = w.site("p", w.law(D["Beta"], 2.0, 2.0), "i")
    w.observe("y", y, binomial(w, trials, p), "i", optional=("y",))
    at = np.array([0.3, 0.5, 0.9])
    value, slope = density_and_slope(w, p=at)
    by_hand = stats.beta(2, 2).logpdf(at).sum() + stats.binom([5, 4], [0.3, 0.9]).logpmf([2, 4]).sum()
    assert value == pytest.approx(by_hand, rel=1e-12)
    assert slope["p"][1] == pytest.approx(0, abs=1e-12)


def binomial(w: Writer, trials: int, p: int) -> ir.Law:
    names = [param.name for param in D["Binomial"].forms[0].params]
    return w.law(D["Binomial"], *({"total_count": trials, "probs": p}[name] for name in names))


def test_of_a_vector_with_one_element_missing_the_other_counts():
    w = Writer()
    values = RNG.normal(size=(3, 2))
    missing = np.array([[0, 0], [0, 1], [0, 0]], bool)
    y = w.data("y", "i k", values, missing=missing)
    s = scale_site(w)
    tril = w.apply("*", s, w.fill("eye", "k"))
    law = w.law(D["MultivariateNormal"], w.fill("zeros", "k"), tril, event="k")
    w.observe("y", y, law, "i", optional=("y",))
    value, _ = density_and_slope(w, s=1.3)
    by_hand = stats.expon.logpdf(1.3) + stats.norm(0, 1.3).logpdf(values[~missing]).sum()
    assert value == pytest.approx(by_hand, rel=1e-12)


def test_a_missing_outcome_reached_through_an_index_drops_out_where_it_is_used():
    w = Writer()
    values, item = np.array([0.5, 0.0, 2.0]), np.array([0, 1, 2, 1, 0])
    y = w.data("y", "item", values, missing=[False, True, False])
    at = w.data("item", "j", item, MEMBER)
    s = scale_site(w)
    w.observe("y", w.gather(y, "item", at), w.law(D["Normal"], 0.0, s), "j", optional=("y",))
    value, _ = density_and_slope(w, s=0.8)
    by_hand = stats.expon.logpdf(0.8) + stats.norm(0, 0.8).logpdf([0.5, 2.0, 0.5]).sum()
    assert value == pytest.approx(by_hand, rel=1e-12)


def test_presence_follows_the_axes_that_functions_use_together():
    w = Writer()
    values = RNG.normal(size=(4, 3))
    missing = np.zeros((4, 3), bool)
    missing[2, 1] = True
    y = w.data("y", "i k", values, missing=missing)
    s = scale_site(w)
    shifted = w.apply("+", w.reduce("sum", y, "k"), w.lag(w.reduce("max", y, "k"), "i", 1, 0.0))
    w.observe("y", shifted, w.law(D["Normal"], 0.0, s), "i", optional=("y",))
    value, _ = density_and_slope(w, s=2.0)
    total = values.sum(1) + np.concatenate([[0], values.max(1)[:-1]])
    by_hand = stats.expon.logpdf(2.0) + stats.norm(0, 2).logpdf(total[[0, 1]]).sum()
    assert value == pytest.approx(by_hand, rel=1e-12)


def test_where_keeps_only_what_it_names_and_shields_the_gradient():
    """At the entries left out the law's scale is 0 and its density has neither value nor slope."""
    w = Writer()
    y = w.data("y", "a b", RNG.normal(size=(2, 3)))
    size = np.array([[1.0, 0, 2], [0, 3, 1]])
    n = w.data("n", "b a", size.T)
    s = scale_site(w)
    law = w.law(D["Normal"], 0.0, w.apply("*", s, n))
    w.observe("y", y, law, "a b", mask=w.apply(">", n, 0.0))
    value, slope = density_and_slope(w, s=0.7)
    keep = size > 0
    by_hand = stats.expon.logpdf(0.7) + stats.norm(0, 0.7 * size[keep]).logpdf(w.arrays["y"][keep]).sum()
    assert value == pytest.approx(by_hand, rel=1e-12)
    z = w.arrays["y"][keep] / size[keep]
    assert slope["s"] == pytest.approx(-1 - keep.sum() / 0.7 + (z**2).sum() / 0.7**3)


def test_a_mask_over_one_plate_of_two_and_a_mixture_below_it():
    w = Writer(sizes={"k": 2})
    y = w.data("y", "a b", RNG.normal(size=(2, 3)))
    use = w.data("use", "a", np.array([0, 1]), KINDS["binary"].kind)
    loc = w.site("loc", w.law(D["Normal"], 0.0, 1.0), "b k")
    law = w.law(C["Mixture"], w.stack("k", 0.3, 0.7), children=[w.law(D["Normal"], loc, 1.0)], mixed="k")
    w.observe("y", y, law, "a b", mask=use)
    at = RNG.normal(size=(3, 2))
    value, _ = density_and_slope(w, loc=at)
    parts = stats.norm(at, 1).pdf(w.arrays["y"][1][:, None]) @ [0.3, 0.7]
    assert value == pytest.approx(stats.norm.logpdf(at).sum() + np.log(parts).sum(), rel=1e-12)


def test_a_mask_may_depend_on_a_latent():
    w = Writer()
    y = w.data("y", "i", np.array([1.0, 2.0, 3.0]), missing=[False, False, True])
    s = scale_site(w)
    w.observe("y", y, w.law(D["Normal"], 0.0, s), "i", optional=("y",), mask=w.apply(">", y, s))
    value, _ = density_and_slope(w, s=1.5)
    assert value == pytest.approx(stats.expon.logpdf(1.5) + stats.norm(0, 1.5).logpdf(2.0), rel=1e-12)


def test_nothing_kept_is_a_term_of_zero():
    w = Writer()
    y = w.data("y", "i", np.array([0.0, 0.0]), missing=[True, True])
    s = scale_site(w)
    w.observe("y", y, w.law(D["Normal"], 0.0, s), "i", optional=("y",))
    value, _ = density_and_slope(w, s=1.5)
    assert value == pytest.approx(stats.expon.logpdf(1.5), rel=1e-12)


def test_a_mask_without_a_plate():
    w = Writer()
    use = w.data("use", "", np.array(False))
    s = scale_site(w)
    w.observe("y", w.of(1.0), w.law(D["Normal"], 0.0, s), mask=use)
    value, _ = density_and_slope(w, s=1.5)
    assert value == pytest.approx(stats.expon.logpdf(1.5), rel=1e-12)


def test_weights_scale_each_element():
    w = Writer()
    y = w.data("y", "i", np.array([1.0, 2.0]))
    weight = w.data("weight", "i", np.array([2.0, 0.5]))
    s = scale_site(w)
    w.observe("y", y, w.law(D["Normal"], 0.0, s), "i", weight=weight)
    w.observe("shared", w.of(1.0), w.law(D["Normal"], 0.0, s), "i", weight=w.of(3.0))
    value, _ = density_and_slope(w, s=1.5)
    terms = stats.norm(0, 1.5).logpdf([1, 2])
    by_hand = stats.expon.logpdf(1.5) + 2 * terms[0] + 0.5 * terms[1] + 6 * terms[0]
    assert value == pytest.approx(by_hand, rel=1e-12)


def test_two_observations_of_one_name_share_a_term():
    w = Writer(sizes={"i": 2})
    y = w.data("y", "i", np.array([1.0, 2.0]))
    for scale in (1.0, 2.0):
        w.observe("y", y, w.law(D["Normal"], 0.0, scale), "i")
    target = lower(w.bind()).target
    terms = target.terms(target.prepare(target.data), jnp.zeros(0), target.theta, None)
    by_hand = stats.norm.logpdf([1, 2]).sum() + stats.norm(0, 2).logpdf([1, 2]).sum()
    assert list(terms) == ["y"]
    assert terms["y"] == pytest.approx(by_hand, rel=1e-12)
