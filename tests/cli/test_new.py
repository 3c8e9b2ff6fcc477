def test_a_new_spec_passes_the_check_and_is_in_canonical_layout(svilang, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = svilang("new", "growth")
    assert ended.out == "growth.svi written; next: svilang run growth.svi\n"
    checked = svilang("check", "growth.svi", "--strict")
    assert (checked.code, checked.out) == (0, "")
    assert svilang("fmt", "--check", "growth.svi").code == 0


def test_a_new_spec_never_overwrites(svilang, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "growth.svi").write_text("mine")
    ended = svilang("new", "growth.svi")
    assert ended.code == 1
    assert "exists already" in ended.err
    assert (tmp_path / "growth.svi").read_text() == "mine"


def test_a_directory_that_is_not_there_is_named(svilang, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = svilang("new", "a/b/c")
    assert (ended.code, "there is no directory `a/b`" in ended.err) == (1, True)
