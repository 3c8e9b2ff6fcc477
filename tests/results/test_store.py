import numpy as np
import pytest

from svilang.diagnostics import SvilangError
from svilang.results import expect, load, save


@pytest.fixture
def path(tmp_path, fit):
    save(fit, tmp_path / "fit.nc")
    return tmp_path / "fit.nc"


def test_a_fit_read_back_says_the_same(fit, path):
    again = load(path)
    assert again.summary() == fit.summary()
    assert again.parameters() == fit.parameters()
    assert (again.khat, again.reading) == (fit.khat, fit.reading)
    for name in ("spec", "text", "guide", "dims", "labels", "sites", "elbo", "status", "advice", "converged"):
        assert getattr(again, name) == getattr(fit, name), name
    for name in ("settings", "seconds", "warnings", "notes", "versions", "seed", "steps", "device"):
        assert getattr(again, name) == getattr(fit, name), name
    assert np.array_equal(again.losses, fit.losses)
    assert again.data["seen"].values.dtype == bool
    assert set(again.data) == set(fit.data)


def test_a_fit_saved_twice_stays_the_same(fit, path, tmp_path):
    save(load(path), tmp_path / "second.nc")
    assert load(tmp_path / "second.nc").summary() == fit.summary()


def test_xarray_opens_the_file_with_the_values_of_the_draws(fit, path):
    xarray = pytest.importorskip("xarray")
    with xarray.open_datatree(path, engine="h5netcdf") as tree:
        posterior = tree["posterior"]
        assert posterior["theta"].dims == ("chain", "draw", "school")
        assert posterior["theta"].sel(school="Andover").values.tolist() == [fit.draws["theta"][:, 2].tolist()]
        assert tree["sample_stats"]["log_q"].shape == (1, 2000)
        assert tree["observed_data"]["seen"].dtype == bool
        assert tree["fit"].attrs["elbo"] == fit.elbo.value


def test_the_file_and_the_tree_in_memory_hold_the_same(fit, path):
    xarray = pytest.importorskip("xarray")
    with xarray.open_datatree(path, engine="h5netcdf") as stored:
        made = fit.posterior(2000)
        assert set(stored.children) == set(made.children)
        for name in made.children:
            xarray.testing.assert_identical(stored[name].to_dataset(), made[name].to_dataset())


def test_arviz_extracts_the_draws_from_the_file(fit, path):
    arviz_base = pytest.importorskip("arviz_base")
    tree = arviz_base.convert_to_datatree(str(path), engine="h5netcdf")
    draws = arviz_base.extract(tree, group="posterior", keep_dataset=True)
    assert np.array_equal(draws["theta"].transpose("sample", "school").values, fit.draws["theta"])
    assert np.array_equal(draws["mu"].values, fit.draws["mu"])
    assert draws["school"].values.tolist() == ["Choate", "Deerfield", "Andover"]
    tree.close()


def test_a_variable_named_as_a_dimension_keeps_its_name_in_the_fit(fit, path):
    again = load(path)
    assert "year" in again.draws
    assert again.sites["year"] == ("year",)
    assert np.array_equal(again.draws["year"], fit.draws["year"])
    assert np.array_equal(again.data["school"].values, [0, 2, 1, 1])


def test_a_file_gives_fewer_draws_and_refuses_more(path):
    again = load(path)
    assert again.take(10).values["theta"].shape == (10, 3)
    with pytest.raises(SvilangError, match="5000 draws are asked for, but the file holds 2000"):
        again.take(5000)


def test_a_file_that_is_no_fit_is_refused_by_name(tmp_path):
    (tmp_path / "a.nc").write_text("hello")
    with pytest.raises(SvilangError, match="not a fit saved by svilang"):
        load(tmp_path / "a.nc")
    with pytest.raises(SvilangError, match="there is no file"):
        load(tmp_path / "b.nc")


def test_a_failed_save_leaves_the_old_file(fit, path, monkeypatch):
    before = path.read_bytes()
    monkeypatch.setattr("svilang.results.store._write_group", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(SvilangError, match="cannot be written: disk full"):
        save(fit, path)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_khat_of_a_fit_is_that_of_a_generalised_pareto_tail(fit):
    pytest.importorskip("arviz_stats")
    assert -1 < fit.khat < 0.5


@pytest.mark.parametrize("start", [0, 1, 8, 2000, 0.3, 0.5, 0.7, 0.99])
@pytest.mark.parametrize("cut", [True, False], ids=["cut", "zeroed"])
def test_no_damaged_file_gives_other_values(fit, path, start, cut):
    whole = path.read_bytes()
    first = int(start * len(whole)) if isinstance(start, float) else start
    path.write_bytes(whole[:first] if cut else whole[:first] + bytes(400) + whole[first + 400 :])
    try:
        again = load_values(load(path))
    except SvilangError as error:
        again = error.diagnostics[0].code
    if again != "E0755":
        for name, values in load_values(fit).items():
            np.testing.assert_array_equal(again[name], values)


def load_values(fit):
    return {**fit.draws, **{name: one.values for name, one in fit.data.items()}}


def test_bytes_of_the_draws_have_a_checksum(path):
    import h5py

    with h5py.File(path) as file:
        arrays = [one for one in file["posterior"].values() if one.ndim and one.dtype.kind == "f"]
        assert arrays
        assert all(one.fletcher32 for one in arrays)


def test_a_file_of_something_else_is_not_replaced(fit, path, tmp_path):
    expect(path)
    (tmp_path / "rows.csv").write_text("y\n1\n")
    with pytest.raises(SvilangError, match=r"E0754[\s\S]*something else"):
        expect(tmp_path / "rows.csv")
    with pytest.raises(SvilangError, match="E0754"):
        fit.save(tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text() == "y\n1\n"
    with pytest.raises(SvilangError, match=r"E0753[\s\S]*is a directory"):
        expect(tmp_path)
    with pytest.raises(SvilangError, match=r"E0753[\s\S]*not a directory"):
        expect(tmp_path / "rows.csv" / "fit.nc")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["fit.nc", "rows.csv"]
