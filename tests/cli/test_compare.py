"""``svilang compare``."""

import json

LINE = "data {{ x: real[n] = [1, 2, 3, 4]   y: real[n] = [1.1, 2.2, 2.9, 4.1] }}\n{}"
WITH = LINE.format("model { b ~ Normal(0, 2)   s ~ HalfNormal(1)   plate n { observe y ~ Normal(b * x, s) } }")
WITHOUT = LINE.format("model { b ~ Normal(0, 2)   s ~ HalfNormal(1)   plate n { observe y ~ Normal(b, s) } }")


def test_the_model_that_predicts_better_comes_out_ahead(svilang, tmp_path):
    for name, text in (("with", WITH), ("without", WITHOUT)):
        (tmp_path / f"{name}.svi").write_text(text, encoding="utf-8")
        ended = svilang("run", tmp_path / f"{name}.svi", "--quiet", "--out", tmp_path / f"{name}.nc")
        assert ended.code == 0, ended.err
    ended = svilang("compare", tmp_path / "with.nc", tmp_path / "without.nc", "--json")
    first, second = json.loads(ended.out)
    assert first["difference"] == 0
    assert second["difference"] < -1
    assert first["elbo"] > second["elbo"]
    ended = svilang("compare", tmp_path / "with.nc", tmp_path / "without.nc")
    assert "elpd" in ended.out
