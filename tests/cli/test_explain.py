from pathlib import Path

import numpy as np
import pytest

from svilang import pipeline

SPECS = Path(__file__).parents[2] / "specs"


def test_a_code_is_explained_with_an_example(svilang):
    ended = svilang("explain", "e0751")
    assert ended.code == 0
    assert ended.out.startswith("E0751: A file is not there\n\n")
    assert "For example:\n\n  svilang run schools.sv\n" in ended.out


def test_an_unknown_code_gets_the_nearest(svilang):
    ended = svilang("explain", "E0750")
    assert ended.code == 1
    assert "there is no code `E0750`" in ended.err
    assert "did you mean" in ended.err


def test_every_page_can_be_printed(svilang):
    pages = pipeline.pages()
    assert {"E0751", "E0501"} <= set(pages)
    for code in pages:
        assert svilang("explain", code).out.startswith(f"{code}: ")


@pytest.mark.parametrize("group", ["01", "02", "03", "04", "05", "06", "07"])
def test_every_group_of_codes_has_pages(group):
    assert any(code[1:3] == group for code in pipeline.pages())


def test_a_spec_is_explained_site_by_site(svilang, tmp_path):
    """Each latent once: its treatment, and in words why it is valid."""
    spec = tmp_path / "mixed.svi"
    spec.write_text(
        """
        data { y: real[obs] }
        model {
          a ~ Bernoulli(0.3)
          n ~ Poisson(3)
          mu ~ Normal(n, 3)
          plate obs { b ~ Bernoulli(0.4)   c ~ Bernoulli(0.4)   observe y ~ Normal(mu + b + c - a, 1) }
        }
        guide {
          param q: unit
          param r: positive
          a ~ Bernoulli(q)
          n ~ Poisson(r)
          plate obs { b ~ Bernoulli(0.3 + 0.1 * a) }
        }
        """
    )
    ended = svilang("explain", str(spec))
    assert ended.code == 0
    assert all(len(line) <= 80 for line in ended.out.splitlines())
    words = [line.split(maxsplit=2) for line in unfolded(ended.out)[2:7]]
    assert {name: (treatment, why) for name, treatment, why in words} == {
        "a": ("expectation", "finitely many values, weighted by their probability in the guide"),
        "n": ("score", "the distribution Poisson has no end"),
        "mu": ("pathwise", "`mean_field`: its draws can be differentiated"),
        "b": ("expectation", "finitely many values, weighted by their probability in the guide given `a`"),
        "c": ("exact", "Bernoulli has finitely many values: summed out of the model"),
    }
    assert "over `c` (2 values), for each `obs`" in ended.out
    assert "for each combination of `b` and `a`" in ended.out
    assert "`n` is scored with the terms of `n`, `mu`" in ended.out


def unfolded(text):
    """The lines of a page; what was folded, and so stands farther in, is on one line again."""
    found = []
    for line in text.splitlines():
        deep = len(line) - len(line.lstrip())
        if deep > 5:
            found[-1] = f"{found[-1]} {line.strip()}"
        else:
            found.append(line)
    return found


def sums_of(svilang, *words):
    ended = svilang("explain", *map(str, words))
    assert ended.code == 0
    assert all(len(line) <= 80 for line in ended.out.splitlines())
    told = ended.out.partition("Sums over discrete variables, in order")[2]
    return [line.strip() for line in unfolded(told) if line]


def test_a_sum_through_an_index_tells_its_terms_and_its_cells(svilang):
    assert sums_of(svilang, SPECS / "annotators" / "annotators.svi") == [
        "1. over `truth` (4 values), for each `patient` (45 members)",
        "in the terms of `truth` and `grade` (one for each `assessment`, added up for each `patient`)",
        "table: 4 × 45 = 180 cells",
        "`grade` before it is added up: 4 × 315 = 1,260 cells",
        "In all 1,440 cells for a density, about 4,320 with its gradient.",
        "A cell is one combination of values at one member of the plates.",
    ]


FACTORIAL = """
data { y: real[bar, beat]   dim chord = 4   dim drum = 3   dim next_chord = chord   dim next_drum = drum }
model {
  plate chord { move ~ Dirichlet(ones(next_chord))   pitch ~ Normal(0, 1) }
  plate drum { turn ~ Dirichlet(ones(next_drum))   lift ~ Normal(0, 1) }
  plate bar {
    markov beat {
      c ~ Categorical(ones(chord) / 4) then Categorical(move[prev(c)])
      d ~ Categorical(ones(drum) / 3) then Categorical(turn[prev(d)])
      observe y ~ Normal(pitch[c] + lift[d], 1)
    }
  }
}
"""


def test_two_chains_are_summed_out_one_after_the_other_at_each_step(svilang, tmp_path):
    """Together they would take 12 × 12 cells a step."""
    spec = tmp_path / "factorial.svi"
    spec.write_text(FACTORIAL)
    told = sums_of(svilang, spec)
    assert told[0] == "1. over `d` (3 values) and `c` (4 values) along the chain `beat`, for each `bar`"
    assert told[2] == "carried from step to step: 3 × 4 combinations"
    assert told[4].endswith("× members of `bar` × members of `beat` cells")
    np.savez(tmp_path / "y.npz", y=np.zeros((5, 10)))
    told = sums_of(svilang, spec, "--data", tmp_path / "y.npz")
    assert told[3] == (
        "at each step: over the earlier `d` (3 × 4 × 3 cells), then over the earlier `c` (4 × 3 × 4 cells)"
    )
    assert told[4] == "table: (3 × 4 × 3 + 4 × 3 × 4) × 5 × 10 = 4,200 cells"


def test_the_law_of_a_chain_is_named(svilang, tmp_path):
    spec = tmp_path / "factorial.svi"
    spec.write_text(FACTORIAL)
    told = " ".join(svilang("explain", str(spec)).out.split())
    assert "Categorical has finitely many values: summed out of the model, along the chain `beat`" in told
