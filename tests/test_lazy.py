"""Modules that are imported ahead, in the background."""

import threading

from svilang.lazy import ahead


def test_an_import_ahead_that_fails_is_told_of_where_the_module_is_used(tmp_path, monkeypatch, capfd):
    (tmp_path / "no_such_luck.py").write_text("raise RuntimeError('too late')")
    monkeypatch.syspath_prepend(tmp_path)
    told = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    before = set(threading.enumerate())
    ahead("no_such_luck")
    for thread in set(threading.enumerate()) - before:
        thread.join()
    assert told == []
    assert capfd.readouterr().err == ""
