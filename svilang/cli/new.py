"""``svilang new``."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from ..results import errors
from . import console

STARTER = '''"""Say here what the model is for."""

# What is given. A value may stand here, or come from a file: svilang run {name}.svi --data {name}.csv
data {{
  x: real[row] = [-2, -1, 0, 1, 2]
  y: real[row] = [-3.1, -0.8, 1.2, 2.9, 5.1]
}}

# What is believed.
model {{
  intercept ~ Normal(0, 10)
  slope ~ Normal(0, 10)
  noise ~ HalfNormal(5)

  plate row {{
    observe y ~ Normal(intercept + slope * x, noise)
  }}
}}

# How the posterior is approximated. Try `full_rank` for correlated parameters.
guide {{
  rest ~ mean_field
}}

# How the approximation is fitted.
fit {{
  steps = 10_000
}}
'''


@click.command("new")
@click.argument("name")
def command(name: str) -> None:
    """Write NAME.svi, a commented starting spec."""
    path = Path(name if name.endswith(".svi") else f"{name}.svi")
    if path.name == ".svi":
        raise click.BadParameter("a spec needs a name", param_hint="NAME")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(STARTER.format(name=path.stem))
    except FileExistsError:
        raise errors.exists(path) from None
    except OSError as error:
        raise errors.unwritable(path, error) from None
    console.result(f"{path} written; next: svilang run {quote(str(path))}")
