import pytest

from svilang import pipeline


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
    words = [line.split(maxsplit=2) for line in ended.out.splitlines()[2:7]]
    assert {name: (treatment, why) for name, treatment, why in words} == {
        "a": ("expectation", "finitely many values, weighted by their probability in the guide"),
        "n": ("score", "the distribution Poisson has no end"),
        "mu": ("pathwise", "`mean_field`: its draws can be differentiated"),
        "b": ("expectation", "finitely many values, weighted by their probability in the guide given `a`"),
        "c": ("exact", "Bernoulli has finitely many values: summed out of the model"),
    }
    assert "over `c` for each value of `b` and `a`, for each `obs`" in ended.out
    assert "`n` is scored with the terms of `n`, `mu`" in ended.out
