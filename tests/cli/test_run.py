import json
import math
import subprocess
import sys

import pytest

from svilang import load_fit
from svilang.cli.run import command
from svilang.runtime import svi
from svilang.sema.settings import NAMES

MEAN = "data { y: real[n] }\nmodel {\n  m ~ Normal(0, 2)\n  plate n { observe y ~ Normal(m, 1) }\n}\n"
VALUES = [1.5, 0.5, 2.5, 3.0]


@pytest.fixture
def mean(tmp_path):
    path = tmp_path / "mean.svi"
    path.write_text(MEAN)
    (tmp_path / "y.csv").write_text("y\n" + "\n".join(map(str, VALUES)) + "\n")
    return path


def log_evidence(prior_variance, values):
    """Of normal data with unit variance and a normal prior on their mean, in closed form."""
    n, total, square = len(values), sum(values), sum(v * v for v in values)
    precision = n + 1 / prior_variance
    constant = -0.5 * n * math.log(2 * math.pi) - 0.5 * math.log(prior_variance * precision)
    return constant - 0.5 * (square - total**2 / precision)


def test_a_saved_fit_goes_on(svilang, mean, tmp_path):
    given = ("run", mean, "--data", tmp_path / "y.csv", "--progress", "none", "--json", "--steps", "60")
    first = svilang(*given, "--out", tmp_path / "fit.nc")
    second = svilang(*given, "--resume", tmp_path / "fit.nc")
    assert json.loads(first.out)["steps"] == 60
    assert json.loads(second.out)["steps"] == 120
    refused = svilang(*given, "--resume", tmp_path / "fit.nc", "--seed", "4")
    assert "E0708" in refused.err
    assert "`seed` was 0 and is now 4" in refused.err


TWO_MODES = "model { x: real[k] ~ Normal(0, 1)   factor -50 * sum((y - x^2)^2) }\nguide = laplace\n"


def test_a_search_begins_where_the_command_says(svilang, tmp_path):
    # Up to the prior, the density has its modes where x^2 is y: at 1 and -1, at 2 and -2.
    spec = tmp_path / "two.svi"
    spec.write_text("data { y: real[k] = [1, 4] }\n" + TWO_MODES + "fit { init[x] = 3 }\n")
    ended = svilang("run", spec, "--init", "x=[-0.8, 2.2]", "--json", "--progress", "none")
    assert [row["mean"] for row in json.loads(ended.out)["posterior"]] == pytest.approx([-1, 2], abs=0.1)
    refused = svilang("run", spec, "--init", "x=[1, 2, 3]")
    assert refused.code == 1
    assert "`x` is over [k 2], and its start is of shape [3]" in refused.err
    assert "the start of `x` must be a number, or a list of numbers" in svilang("run", spec, "--init", "x=true").err


SETTINGS = {"particles": "3", "optimizer": "chain(clip(10), adam(0.05))", "precision": "float32", "average": "false"}


def test_settings_of_the_command_are_those_of_a_fit_block(svilang, mean, tmp_path):
    written = tmp_path / "written.svi"
    block = " ".join(f"{name} = {text}" for name, text in SETTINGS.items())
    written.write_text(MEAN + f"fit {{ steps = 80 {block} }}\n")
    given = ("--data", tmp_path / "y.csv", "--progress", "none", "--json")
    saved = [("--out", tmp_path / name) for name in ("one.nc", "other.nc")]
    options = [word for name, text in SETTINGS.items() for word in ("--fit", f"{name}={text}")]
    svilang("run", written, *given, *saved[0])
    svilang("run", mean, *given, *saved[1], "--steps", "80", *options)
    one, other = (load_fit(path) for _, path in saved)
    assert one.settings == other.settings
    assert one.settings["particles"] == 3
    assert (one.elbo, one.summary()) == (other.elbo, other.summary())


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("precison=float32", "did you mean `precision`?"),
        ("optimizer=adamm(0.1)", "1 │ fit { optimizer = adamm(0.1) }\n  │                   ^^^^^"),
        ("particles=0", "`particles` must be a whole number of at least 1"),
        ("particles=8 steps=5", "`particles` has one value, and there is more here"),
        ("init=3", "`--init NAME=VALUE` on the command line"),
        ("minibatch[n]=3", "`--minibatch NAME=VALUE` on the command line"),
        ("steps=5", "`steps` must be given once"),
    ],
)
def test_a_wrong_setting_of_the_command_is_refused_with_its_place(svilang, mean, tmp_path, setting, words):
    ended = svilang("run", mean, "--data", tmp_path / "y.csv", "--steps", "9", "--fit", setting)
    assert (ended.code, words in ended.err) == (1, True)


def test_a_precision_that_the_command_asks_for_is_warned_of(svilang, mean, tmp_path):
    (tmp_path / "far.csv").write_text("y\n" + "\n".join(str(3e7 + value) for value in VALUES) + "\n")
    given = ("run", mean, "--data", tmp_path / "far.csv", "--progress", "none", "--steps", "5")
    assert "W0510" in svilang(*given, "--fit", "precision=float32").err
    assert "W0510" not in svilang(*given).err


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_of_the_fit_that_is_set_as_data_is_told_of_by_its_option(svilang, mean, tmp_path, name):
    ended = svilang("run", mean, "--data", tmp_path / "y.csv", "--set", f"{name}=1")
    own = {option for param in command.params for option in param.opts}
    assert (f"`--{name}`" if f"--{name}" in own else f"`--fit {name}=…`") in ended.err


def test_a_run_that_ends_early_says_its_error_and_nothing_else(mean, tmp_path):
    words = ["run", str(mean), "--data", str(tmp_path / "y.csv"), "--init", "mm=1"]
    ended = subprocess.run([sys.executable, "-m", "svilang", *words], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1
    assert ended.stderr == "error[E0234]: there is no latent variable `mm`\n  help: did you mean `m`?\n\n"


def test_the_json_object_holds_the_exact_posterior(svilang, mean, tmp_path):
    ended = svilang("run", mean, "--data", tmp_path / "y.csv", "--json", "--progress", "none", "--seed", "5")
    found = json.loads(ended.out)
    row = found["posterior"][0]
    precision = len(VALUES) + 1 / 4
    assert ended.code == 0
    assert (found["status"], found["dims"], found["seed"]) == ("converged", {"n": 4}, 5)
    assert found["data"] == {"": str(tmp_path / "y.csv")}
    assert row["mean"] == pytest.approx(sum(VALUES) / precision, abs=4 * precision**-0.5 / math.sqrt(2000))
    assert row["sd"] == pytest.approx(precision**-0.5, rel=0.06)
    assert found["elbo"]["value"] == pytest.approx(log_evidence(4, VALUES), abs=0.02)
    assert found["khat"] < 0.5


def test_a_run_prints_a_report_and_saves_the_fit_on_request(svilang, schools, tmp_path):
    ended = svilang("run", schools, "--out", tmp_path / "fit.nc", "--steps", "2000")
    assert ended.code == 0
    assert "guide mean_field · school 8 · cpu · seed 0" in ended.out
    assert "theta[7]" in ended.out
    assert f"Saved to {tmp_path / 'fit.nc'}" in ended.out
    assert "ended after 2,000 steps: ELBO" in ended.err
    again = svilang("summary", tmp_path / "fit.nc")
    assert again.out.splitlines() == ended.out.splitlines()[:-2]
    assert svilang("summary", tmp_path / "fit.nc", "--json").code == 0


def test_quiet_leaves_stderr_empty(svilang, mean, tmp_path):
    ended = svilang("run", mean, "--data", tmp_path / "y.csv", "--quiet")
    assert (ended.code, ended.err) == (0, "")
    assert "The fit was not saved" in ended.out


def test_the_same_seed_gives_the_same_output(svilang, mean, tmp_path):
    def figures():
        ended = svilang("run", mean, "--data", tmp_path / "y.csv", "--json", "--quiet")
        return {name: value for name, value in json.loads(ended.out).items() if name != "seconds"}

    assert figures() == figures()


def test_missing_data_is_the_users_error_and_names_the_option(svilang, mean):
    ended = svilang("run", mean)
    assert ended.code == 1
    assert "`y` was not supplied" in ended.err
    assert "--data" in ended.err


def test_wrong_values_name_file_and_row(svilang, mean, tmp_path):
    (tmp_path / "y.csv").write_text("y\n1\nbad\n")
    ended = svilang("run", mean, "--data", tmp_path / "y.csv")
    assert (ended.code, ended.out) == (1, "")
    assert "y.csv" in ended.err
    assert "row 2" in ended.err


def test_strict_fails_a_fit_that_has_not_converged(svilang, schools):
    ended = svilang("run", schools, "--steps", "2", "--strict", "--quiet", "--json")
    assert json.loads(ended.out)["status"] != "converged"
    assert ended.code == 4
    assert svilang("run", schools, "--steps", "2", "--quiet").code == 0


def test_an_interrupted_fit_is_kept(svilang, schools, tmp_path, monkeypatch):
    taken = svi._Fit.advance

    def advance(fit, *arguments):
        taken(fit, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(svi._Fit, "advance", advance)
    ended = svilang("run", schools, "--out", tmp_path / "fit.nc", "--quiet")
    assert ended.code == 130
    assert "theta[7]" in ended.out
    assert f"--resume {tmp_path / 'fit.nc'}" in ended.err
    assert json.loads(svilang("summary", tmp_path / "fit.nc", "--json").out)["status"] == "interrupted"


def test_a_density_that_is_nowhere_finite_is_a_numerical_failure(svilang, tmp_path):
    path = tmp_path / "a.svi"
    path.write_text("data { y: real = 0 }\nmodel {\n  m ~ Normal(0, 1)\n  factor m - 1 / y\n}\n")
    ended = svilang("run", path, "--quiet")
    assert ended.code == 3
    assert "error[E0701]" in ended.err


def test_a_place_that_cannot_be_written_is_refused_before_the_fit(svilang, schools, tmp_path):
    ended = svilang("run", schools, "--out", tmp_path / "none" / "fit.nc")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("error[E0753]")
    assert "there is no directory" in ended.err


def test_an_unknown_guide_is_refused(svilang, schools):
    ended = svilang("run", schools, "--guide", "foo")
    assert ended.code == 1
    assert "there is no guide `foo`" in ended.err
