"""A fit as a page and as figures: well-formed, complete, and with its numbers where they belong."""

from xml.etree import ElementTree

import numpy as np
import pytest

import svilang
from svilang.cli.main import exit_code
from svilang.results import figures
from svilang.results.page import page
from svilang.results.summary import Row

SVG = "{http://www.w3.org/2000/svg}"
TEXT = """
data { y: real[n] = [1, 2, 3] }
model { m ~ Normal(0, 1)   s ~ HalfNormal(1)   plate n { observe y ~ Normal(m, s) } }
"""


@pytest.fixture(scope="module", name="fit")
def _fit():
    return svilang.compile(TEXT).bind().fit(seed=0, steps=300, progress="none")


def numbers(text):
    return [float(word) for word in text.replace(",", " ").split()]


def test_a_page_needs_nothing_else_and_holds_everything(fit):
    text = page(fit)
    root = ElementTree.fromstring(text.removeprefix("<!doctype html>").replace('<meta charset="utf-8">', ""))
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert root.find("body/pre").text.strip() == fit.text.strip()
    assert len(root.findall(f".//{SVG}svg")) == 2
    cells = ["".join(cell.itertext()) for cell in root.iter("td")]
    assert f"{fit.summary()[0].mean:.4g}" in cells
    assert fit.verdict.advice in cells


def test_what_a_spec_says_is_text_and_no_markup():
    text = 'model { m ~ Normal(0, 1) }  # <script>alert("x")</script> & more'
    fit = svilang.compile(text).bind().fit(seed=0, steps=100, progress="none")
    assert "<script" not in page(fit)


def test_intervals_lie_where_their_numbers_are():
    rows = [Row("a", {}, 0.0, 1.0, -1.0, 0.0, 1.0), Row("b", {"g": "<x>"}, 5.0, 1.0, 4.0, 5.0, 9.0)]
    root = ElementTree.fromstring(figures.intervals(rows))
    dots = [float(dot.get("cx")) for dot in root.iter(f"{SVG}circle")]
    thick = [line for line in root.iter(f"{SVG}line") if line.get("stroke-width") == "2"]
    ends = [(float(line.get("x1")), float(line.get("x2"))) for line in thick]
    unit = dots[0] - ends[0][0]
    np.testing.assert_allclose([dots[1] - dots[0], ends[1][1] - dots[1]], [5 * unit, 4 * unit], atol=0.3)
    assert "b[<x>]" in [text.text for text in root.iter(f"{SVG}text")]


def test_the_line_of_the_elbo_rises_as_the_losses_fall():
    losses = np.concatenate([np.linspace(1000, 10, 100), np.full(900, 10.0), [np.nan]])
    (line,) = ElementTree.fromstring(figures.elbo(losses)).iter(f"{SVG}polyline")
    points = np.reshape(numbers(line.get("points")), (-1, 2))
    assert np.all(np.diff(points[:, 0]) > 0)
    assert np.all(np.diff(points[:, 1]) <= 0)


@pytest.mark.parametrize("losses", [[], [1.0], [np.nan, np.nan], [3.0, 3.0]])
def test_a_run_with_nothing_to_draw_is_no_failure(losses):
    figures.elbo(np.array(losses))
    assert figures.intervals([]) == ""


def test_the_commands_write_beside_the_fit_and_name_a_site_that_is_not_there(fit, tmp_path, capsys):
    fit.save(tmp_path / "fit.nc")
    path = str(tmp_path / "fit.nc")
    assert exit_code(["report", path]) == 0
    assert exit_code(["plot", path, "--site", "m"]) == 0
    assert exit_code(["plot", path, "--kind", "elbo", "--out", str(tmp_path / "elbo.svg")]) == 0
    assert (tmp_path / "fit.html").read_text().startswith("<!doctype html>")
    assert (tmp_path / "fit.svg").read_text().count("<circle") == 1
    assert "polyline" in (tmp_path / "elbo.svg").read_text()
    assert exit_code(["plot", path, "--site", "mm"]) == 1
    assert "E0764" in capsys.readouterr().err
