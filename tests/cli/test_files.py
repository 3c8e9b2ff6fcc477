"""What the command line reads and writes: nothing of the user's is lost."""

import subprocess
import sys

import pytest

from svilang.results import load

DRAWN = "data { y: real[n] }\nmodel { a ~ Normal(0, 1)\n  plate n { observe y ~ Normal(a, 1) } }\n"


@pytest.fixture
def fit(svilang, schools, tmp_path):
    svilang("run", schools, "--out", tmp_path / "fit.nc", "--quiet")
    return tmp_path / "fit.nc"


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        (("run", "schools.svi", "--out", "schools.svi"), "schools.svi"),
        (("prior", "schools.svi", "--out", "schools.svi"), "schools.svi"),
        (("predict", "fit.nc", "--out", "fit.nc"), "fit.nc"),
        (("predict", "fit.nc", "--out", "schools.svi"), "schools.svi"),
        (("report", "fit.nc", "--out", "fit.nc"), "fit.nc"),
        (("plot", "fit.nc", "--out", "schools.svi"), "schools.svi"),
    ],
    ids=" ".join,
)
def test_no_file_of_another_sort_is_overwritten(svilang, fit, tmp_path, monkeypatch, words, lost):
    monkeypatch.chdir(tmp_path)
    before = (tmp_path / lost).read_bytes()
    ended = svilang(*words)
    assert (ended.code, ended.out) == (1, "")
    assert "error[E0754]" in ended.err
    assert (tmp_path / lost).read_bytes() == before


def test_data_that_was_not_simulated_is_not_overwritten(svilang, tmp_path):
    (tmp_path / "a.svi").write_text(DRAWN)
    (tmp_path / "data.json").write_text('{"y": [1, 2]}')
    words = ("simulate", tmp_path / "a.svi", "--set", "n=3", "--out")
    assert "error[E0754]" in svilang(*words, tmp_path).err
    assert (tmp_path / "data.json").read_text() == '{"y": [1, 2]}'
    assert svilang(*words, tmp_path / "new").code == svilang(*words, tmp_path / "new").code == 0


def test_what_a_command_has_written_it_writes_again(svilang, schools, fit):
    for words in (("run", schools, "--out", fit, "--quiet"), ("report", fit), ("report", fit), ("plot", fit)):
        assert svilang(*words).code == 0


def test_a_fit_that_cannot_be_saved_is_shown(svilang, schools, tmp_path, monkeypatch):
    monkeypatch.setattr("svilang.results.store._write_group", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    ended = svilang("run", schools, "--out", tmp_path / "fit.nc", "--quiet")
    assert ended.code == 1
    assert "theta[7]" in ended.out
    assert "not saved" in ended.out
    assert "cannot be written: disk full" in " ".join(ended.err.split())


@pytest.mark.parametrize("command", ["summary", "report", "plot", "predict", "compare"])
@pytest.mark.parametrize(("place", "code"), [(".", "E0752"), ("none.nc", "E0751"), ("cut.nc", "E0755")])
def test_what_is_no_file_is_told_of(svilang, fit, tmp_path, monkeypatch, command, place, code):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cut.nc").write_bytes(fit.read_bytes()[:5000])
    ended = svilang(command, place, *(["fit.nc"] if command == "compare" else []))
    assert (ended.code, ended.out) == (1, "")
    assert f"error[{code}]" in ended.err


@pytest.mark.parametrize(("lines", "both"), [(0, True), (3, True), (0, False)])
def test_a_reader_that_leaves_ends_nothing(schools, tmp_path, lines, both):
    """``svilang run … 2>&1 | head``: the fit goes on and is saved, and nothing is told of a failure."""
    words = [sys.executable, "-m", "svilang", "run", schools, "--steps", "50", "--out", tmp_path / "fit.nc"]
    errors = subprocess.STDOUT if both else subprocess.PIPE
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors) as run:
        for _ in range(lines):
            run.stdout.readline()
        run.stdout.close()
        told = b"" if both else run.stderr.read()
        assert run.wait(timeout=120) == 0
    assert b"Error" not in told
    assert load(tmp_path / "fit.nc").steps == 50


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rn", "a.svi"], "No such command 'rn'. Did you mean `run`"),
        (["a.svi"], "A file needs a command before it: `svilang run a.svi`"),
        (["new", ""], "a spec needs a name"),
        (["run", "a.svi", "--sead", "1"], "'--seed'"),
        (["check", "-"], "what is piped is not read"),
        (["run", "a.svi", "--data", "."], "it is a directory"),
    ],
)
def test_slips_of_beginners_are_told_of(svilang, tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.svi").write_text(DRAWN)
    ended = svilang(*words)
    assert ended.code in (1, 2)
    assert told in " ".join((ended.out + ended.err).split())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "bom"])
def test_line_ends_and_byte_order_marks_are_read(svilang, tmp_path, end, mark):
    (tmp_path / "a.svi").write_bytes((mark + DRAWN.replace("\n", end)).encode())
    assert svilang("check", tmp_path / "a.svi").code == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "holds no block"),
        (b"# only a comment\n", "holds no block"),
        (b"model { x ~ Normal(0, 1) }\0", "`U+0000` has no meaning"),
        (b"\xff\xfem\0", "not UTF-8 text (byte 1)"),
        (b"model { x ~ Normal(" + b"(" * 3000 + b"1" + b")" * 3000 + b", 1) }", "nested too deeply"),
        (b"model {\n\tx ~ Nrmal(0, 1)\n}", "did you mean `Normal`"),
    ],
    ids=["empty", "comment", "nul", "utf-16", "deep", "tab"],
)
def test_what_is_no_spec_is_told_of(svilang, tmp_path, text, told):
    (tmp_path / "a.svi").write_bytes(text)
    ended = svilang("check", tmp_path / "a.svi")
    assert ended.code == 1
    assert told in " ".join((ended.out + ended.err).split())
