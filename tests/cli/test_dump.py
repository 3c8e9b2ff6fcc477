import pytest

from svilang.ir.read import read
from svilang.ir.text import write


def test_the_tree_shows_every_statement(svilang, schools):
    lines = svilang("dump", schools, "--stage", "ast").out.splitlines()
    assert lines[0].startswith("File")
    assert "ModelBlock" in [line.split()[0] for line in lines]
    assert sum(line.strip().startswith("Draw ") for line in lines) == 4
    assert not any("span" in line for line in lines)


def test_the_ir_reads_back(svilang, schools):
    text = svilang("dump", schools).out
    model, guide = text.split("\n\n")
    assert write(read(model)).strip() == model.strip()
    assert guide.startswith('guide "')


@pytest.mark.parametrize(("stage", "word"), [("jaxpr", "lambda"), ("hlo", "stablehlo")])
def test_the_array_programs_can_be_seen(svilang, schools, stage, word):
    assert word in svilang("dump", schools, "--stage", stage).out
