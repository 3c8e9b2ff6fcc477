"""Texts with a mark at the place in question."""

from dataclasses import dataclass

import pytest

from svilang.diagnostics import Source
from svilang.editor.document import Document

SCHOOLS = '''"""Eight schools."""

data {
  dim school = ["A", "B", "C"]
  effect: real[school] = [28, 8, -3]
  stderr: positive[school] = [15, 10, 16]
}

model {
  mu ~ Normal(0, 5)
  tau ~ HalfCauchy(5)

  plate school {
    theta ~ Normal(mu, tau)
    shrunk = theta - mu
    observe effect ~ Normal(theta, stderr)
  }
  report spread = max(shrunk, over=school)
}

guide {
  noncentered theta
  mu, tau ~ full_rank
  rest ~ mean_field
}

fit {
  steps = 10_000
}
'''


@dataclass(frozen=True)
class Marked:
    document: Document
    offset: int


@pytest.fixture
def schools() -> str:
    return SCHOOLS


@pytest.fixture
def marked():
    """``marked("mu ~ |")``: a text and the place; ``marked("mu ~ |", "mu ~ Normal(0, 5)")``: typed over the schools."""

    def make(text: str, instead_of: str | None = None) -> Marked:
        before = None
        if instead_of is not None:
            assert SCHOOLS.count(instead_of) == 1
            before = Document(Source("schools.svi", SCHOOLS))
            text = SCHOOLS.replace(instead_of, text)
        offset = text.index("|")
        return Marked(Document(Source("schools.svi", text.replace("|", "", 1)), before), offset)

    return make
