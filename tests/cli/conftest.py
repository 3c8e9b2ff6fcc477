"""The command line inside this process, and specs to run it on."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from svilang.cli.main import exit_code

SCHOOLS = '''"""Eight schools."""

data {
  effect: real[school] = [28, 8, -3, 7, -1, 1, 18, 12]
  stderr: positive[school] = [15, 10, 16, 11, 9, 11, 10, 18]
}

model {
  mu ~ Normal(0, 5)
  tau ~ HalfCauchy(5)

  plate school {
    theta ~ Normal(mu, tau)
    observe effect ~ Normal(theta, stderr)
  }
}

guide {
  noncentered theta
  rest ~ mean_field
}
'''
WRONG = "model {\n  mu ~ Normal(0, sigma)\n  tau ~ Normal(0, sgima)\n}\n"


@dataclass
class Ended:
    code: int
    out: str
    err: str


@pytest.fixture
def svilang(capsys):
    """Runs the command line: ``svilang("check", "a.svi").code``."""

    def call(*arguments) -> Ended:
        code = exit_code([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return call


@pytest.fixture
def schools(tmp_path) -> Path:
    path = tmp_path / "schools.svi"
    path.write_text(SCHOOLS, encoding="utf-8")
    return path


@pytest.fixture
def wrong(tmp_path) -> Path:
    path = tmp_path / "wrong.svi"
    path.write_text(WRONG, encoding="utf-8")
    return path
