import subprocess
import sys

import pytest

from svilang import pipeline
from svilang.diagnostics import Diagnostic, NumericalError, SvilangError


@pytest.fixture
def failing(monkeypatch):
    def arrange(error):
        def read(path):
            raise error

        monkeypatch.setattr(pipeline, "read", read)

    return arrange


def test_a_missing_spec_is_a_clean_message(svilang, schools):
    ended = svilang("run", schools.with_name("school.svi"))
    assert (ended.code, ended.out) == (1, "")
    assert " ".join(ended.err.split()).startswith("error[E0751]: there is no file `")
    assert "did you mean" in ended.err


def test_an_unknown_command_is_wrong_usage_and_gets_a_suggestion(svilang):
    ended = svilang("runn", "a.svi")
    assert ended.code == 2
    assert "No such command 'runn'" in ended.err


def test_an_unknown_option_is_wrong_usage(svilang, schools):
    assert svilang("run", schools, "--stepps", "3").code == 2


def test_a_numerical_failure_has_its_own_exit_code(svilang, failing):
    failing(NumericalError([Diagnostic("E0701", "the log density is not finite")]))
    ended = svilang("run", "a.svi")
    assert (ended.code, ended.err) == (3, "error[E0701]: the log density is not finite\n\n")


def test_several_problems_are_counted(svilang, failing):
    failing(SvilangError([Diagnostic("E0201", "a"), Diagnostic("E0201", "b")]))
    ended = svilang("fmt", "a.svi")
    assert ended.code == 1
    assert ended.err.splitlines()[-1] == "2 problems"


def test_a_fault_of_ours_is_said_to_be_ours_without_a_traceback(svilang, failing):
    failing(ZeroDivisionError("division by zero"))
    ended = svilang("run", "a.svi")
    assert ended.code == 70
    assert "a fault in svilang" in ended.err
    assert "ZeroDivisionError: division by zero" in ended.err
    assert "Traceback" not in ended.err


def test_the_trace_is_printed_on_request(svilang, failing, monkeypatch):
    failing(ZeroDivisionError("division by zero"))
    assert "Traceback" in svilang("run", "a.svi", "--verbose").err
    monkeypatch.setenv("SVILANG_DEBUG", "1")
    assert "Traceback" in svilang("run", "a.svi").err


def test_an_interrupt_has_its_own_exit_code(svilang, failing):
    failing(KeyboardInterrupt())
    assert svilang("run", "a.svi").code == 130


def test_every_command_has_a_help_text(svilang):
    listed = svilang("--help").out
    for name in ("run", "check", "fmt", "dump", "summary", "explain", "new", "lsp"):
        assert f"  {name} " in listed
        assert svilang(name, "--help").out.startswith(f"Usage: svilang {name}")


def test_a_file_that_is_not_text_is_refused(svilang, tmp_path):
    (tmp_path / "a.svi").write_bytes(b"model \xff")
    ended = svilang("fmt", tmp_path / "a.svi")
    assert ended.code == 1
    assert "it is not UTF-8 text (byte 7)" in ended.err


INTERRUPTED_WHILE_LOADING = """
import runpy, sys

class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "svilang.cli":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupted())
runpy.run_module("svilang", run_name="__main__")
"""


def test_an_interrupt_while_the_command_line_is_loaded_prints_no_trace():
    words = [sys.executable, "-c", INTERRUPTED_WHILE_LOADING]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (130, "interrupted\n")
