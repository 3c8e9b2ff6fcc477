"""Arguments that are computed from data are checked when these are bound, as data themselves are."""

import numpy as np
import pytest
from scipy import linalg

import svilang
from svilang.diagnostics import SvilangError

SQUARE = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 1.0], [2.0, 1.0, 0.0]])
ROWS = {"x": [2.0, 3.0, 1.5, 0.5], "y": [1.0, 2.0, 3.0, 4.0], "ok": [1, 1, 1, 0]}


def said(text, given):
    try:
        svilang.compile(text).bind(given)
    except SvilangError as error:
        return [(one.code, one.message) for one in error.diagnostics]
    return []


def of_matrix(argument):
    text = "data { dim j = k   d: real[k, j]   y: real[k] } model { mu ~ Normal(0, 1) "
    return said(text + f"observe y ~ MultivariateNormal(mu, {argument}) }}", {"d": SQUARE, "y": [1.0, 2.0, 3.0]})


def of_rows(statement):
    text = f"data {{ x: real[n]   y: real[n]   ok: binary[n] }} model {{ mu ~ Normal(0, 1) plate n {{ {statement} }} "
    return said(text + "report used = sum(x) + sum(ok) }", ROWS)


@pytest.mark.parametrize("slope", [0.3, 0.6, 0.8, 1.2])
def test_a_computed_covariance_is_refused_where_it_has_no_cholesky_factor(slope):
    try:
        linalg.cholesky(1 - slope * SQUARE)
        expected = []
    except linalg.LinAlgError:
        least = linalg.eigvalsh(1 - slope * SQUARE)[0]
        expected = [f"covariance matrix, and its least eigenvalue is {least:g}"]
    found = of_matrix(f"covariance_matrix = 1 - {slope} * d")
    assert [code for code, _ in found] == ["E0402"] * len(expected)
    assert all(message.endswith(end) for (_, message), end in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("scale_tril = exp(-d)", "its entry [0, 1] above the diagonal is 0.367879"),
        ("scale_tril = tril(d)", "its entry [0, 0] on the diagonal is 0"),
        ("covariance_matrix = d + tril(d) + 9 * eye(k)", "its entries [0, 1] and [1, 0] are 1 and 2"),
        ("scale_tril = tril(d) + eye(k)", None),
    ],
)
def test_a_computed_matrix_is_refused_by_its_first_wrong_entry(argument, told):
    found = of_matrix(argument)
    assert [message.split(", and ")[1] for _, message in found] == ([] if told is None else [told])


@pytest.mark.parametrize(
    "statement",
    [
        "observe y ~ Normal(mu, x - 1) where ok",
        "observe y ~ Normal(mu, x - 1 if ok == 1 else 1)",
        "observe y ~ Mixture([ok, 1 - ok], [Normal(mu, x - 1), Normal(mu, 1)])",
    ],
)
def test_members_that_do_not_count_are_not_asked(statement):
    assert of_rows(statement) == []


def test_a_computed_scale_is_refused_with_the_member():
    assert of_rows("observe y ~ Normal(mu, x - 1)") == [
        ("E0402", "the scale of Normal must be positive, and it is -0.5 at n 3")
    ]
    assert of_rows("observe y ~ Truncated(Normal(mu, x - 1), lower=0)")[0][1].endswith("it is -0.5 at n 3")


def test_the_member_has_its_label():
    text = (
        "data { x: real[g]   y: real[g, k] } model { m: real[k] ~ Normal(0, 1) "
        "plate g { observe y ~ MultivariateNormal(m, covariance_matrix = x * (1 + eye(k))) } }"
    )
    ((_, message),) = said(text, {"g": {"g": ["a", "b"], "x": [1.0, -1.0]}, "y": np.ones((2, 2))})
    assert message.endswith("and its least eigenvalue is -3 at g b")


def test_a_kernel_may_be_singular_where_noise_is_added():
    text = "data { x: real[k]   y: real[k] } model { m: real[k] ~ Normal(0, 1) observe y ~ "
    given = {"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 3.0]}
    assert said(text + "GaussianProcess(m, kernel=outer(x, x), noise=1) }", given) == []
    assert said(text + "MultivariateNormal(m, covariance_matrix=outer(x, x)) }", given)[0][0] == "E0402"


def test_a_guide_is_asked_too():
    text = (
        "data { x: real[n]   y: real[n] } model { plate n { a ~ Normal(0, 1) observe y ~ Normal(a, 1) } } "
        "guide { param m: real   plate n { a ~ Normal(m, x - 1) } }"
    )
    model = svilang.compile(text).bind({"x": ROWS["x"], "y": ROWS["y"]})
    with pytest.raises(SvilangError, match=r"E0402[\s\S]*it is -0.5 at n 3"):
        model.fit(progress="none")
