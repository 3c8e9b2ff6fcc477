"""A name is one name, whether its accents are characters of their own (Unicode NFD) or not (NFC)."""

import unicodedata

import pandas as pd
import pytest
import xarray as xr

import svilang
from svilang.diagnostics import SvilangError

TEXT = """
data { größe: real[länge]   dim stück }
model {
  mü: real[stück] ~ Normal(0, 1)
  plate länge { observe größe ~ Normal(sum(mü), 1) }
}
guide ähnlich { rest ~ full_rank }
"""
FORMS = ("NFC", "NFD")


def written(text, form):
    return unicodedata.normalize(form, text)


@pytest.mark.parametrize("given", FORMS)
@pytest.mark.parametrize("spec", FORMS)
def test_names_of_spec_data_and_settings_meet(spec, given):
    program = svilang.compile(written(TEXT, spec), guide=written("ähnlich", given))
    size, label = {written("stück", given): 2}, written("länge", given)
    frame = pd.DataFrame({written("größe", given): [1.0, 2.0]})
    array = xr.Dataset({written("größe", given): ((label,), [1.0, 2.0])}, coords={label: ["a", "b"]})
    assert program.bind(frame, set=size).dims == {"länge": 2, "stück": 2}
    model = program.bind(array, set=size)
    assert model.labels["länge"] == ("a", "b")
    fit = model.fit(init={written("mü", given): 0.5}, steps=20, progress="none")
    assert fit.covariance(written("mü", given)).names == ("mü[0]", "mü[1]")


def test_a_column_is_named_in_either_form():
    text = 'data { y: real[n] from "%s" } model { m ~ Normal(0, 1) plate n { observe y ~ Normal(m, 1) } }'
    for spec, given in (FORMS, FORMS[::-1]):
        program = svilang.compile(text % written("größe", spec))
        assert program.bind({"n": {written("größe", given): [1.0]}}).dims == {"n": 1}


def test_a_name_in_both_forms_is_an_error(tmp_path):
    both = {written("größe", form): [1.0] for form in FORMS}
    file = tmp_path / "both.csv"
    file.write_text(",".join(both) + "\n1,2\n")
    program = svilang.compile(TEXT)
    for given in (both, pd.DataFrame(both), file, {"länge": file}):
        with pytest.raises(SvilangError, match=r"E0503.*`größe` stands there twice"):
            program.bind(given, set={"stück": 2})
    with pytest.raises(SvilangError, match="`set` must be a mapping with one entry for each name"):
        program.bind({"größe": [1.0]}, set={written("stück", form): 2 for form in FORMS})


def test_the_place_of_an_error_is_that_of_the_text_as_it_is_written():
    text = written("model { mü ~ Normal(0, mü) }", "NFD")
    with pytest.raises(SvilangError) as caught:
        svilang.compile(text)
    span = caught.value.diagnostics[0].span
    assert written(text[span.start : span.end], "NFC") == "mü"
