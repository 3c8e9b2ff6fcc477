"""Every code has a page whose examples are what they say, and every static code has a case beside this file."""

import re
from pathlib import Path

import pytest
from corpus import MARK, reported, specs

import svilang
from svilang.pipeline import pages

STATIC = re.compile(r"[EW]0[1246]\d\d")
CODE = re.compile(r'"([EW]0\d{3})"')
PACKAGE = Path(svilang.__file__).parent

NOT_FROM_TEXT = {"E0230": "a guide is picked on the command line"}
NOT_A_FEW_LINES = {"E0120": "200 levels of nesting", "E0131": "100,000 words"}


def codes_in_use():
    text = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if "pages" not in str(path))
    return set(CODE.findall(text))


def static_codes():
    return sorted(code for code in codes_in_use() if STATIC.fullmatch(code))


def examples():
    return [code for code in sorted(pages()) if STATIC.fullmatch(code) and code not in NOT_FROM_TEXT]


def test_a_code_means_one_thing_so_that_one_stage_gives_it_out():
    stages = [path.read_text(encoding="utf-8") for path in PACKAGE.glob("*/errors.py")]
    given = [code for text in stages for code in set(CODE.findall(text))]
    assert {code for code in given if given.count(code) > 1} == {"E0690"}, "what cannot be run yet is met by several"


def test_a_table_of_pages_has_each_code_once():
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    keys = [key for text in texts for key in re.findall(r'^    "([EW]0\d{3})": Page', text, re.M)]
    assert len(keys) == len(set(keys)) == len(pages())


def test_every_code_has_a_page_and_every_page_a_code():
    assert set(pages()) == codes_in_use()


@pytest.mark.parametrize("code", sorted(pages()))
def test_a_page_is_written_in_sentences(code):
    page = pages()[code]
    assert page.title[-1:].isalnum() or page.title[-1:] in "`)"
    assert page.explanation.endswith(".")
    assert "" != page.wrong != page.right != ""


@pytest.mark.parametrize("code", examples())
def test_the_wrong_example_of_a_page_has_its_code_and_no_other(code):
    assert {given for _, given, _ in reported(pages()[code].wrong)} == {code}


@pytest.mark.parametrize("code", [code for code in examples() if code[1:3] != "01"])
def test_the_right_example_of_a_page_passes(code):
    assert reported(pages()[code].right) == []


@pytest.mark.parametrize("code", static_codes())
def test_every_static_code_has_a_case(code):
    stated = {mark["code"] for case in specs() for mark in MARK.finditer(case.values[0])}
    assert code in stated | set(NOT_FROM_TEXT) | set(NOT_A_FEW_LINES)


def test_there_are_many_cases():
    assert sum(bool(MARK.search(case.values[0])) for case in specs()) >= 400
