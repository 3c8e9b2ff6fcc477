def test_fmt_rewrites_a_file_once(svilang, schools):
    schools.write_text(schools.read_text().replace("tau ~ HalfCauchy(5)", "tau    ~   HalfCauchy( 5 )"))
    assert svilang("fmt", schools).err == f"{schools} changed\n"
    first = schools.read_text()
    assert "tau ~ HalfCauchy(5)" in first
    assert svilang("fmt", schools).err == ""
    assert schools.read_text() == first


def test_fmt_check_changes_nothing_and_fails(svilang, schools):
    ragged = schools.read_text().replace("tau ~", "tau    ~")
    schools.write_text(ragged)
    ended = svilang("fmt", "--check", schools)
    assert (ended.code, ended.out) == (1, f"{schools} would change\n")
    assert schools.read_text() == ragged


def test_fmt_leaves_a_file_with_errors_alone_and_goes_on(svilang, schools, tmp_path):
    bad = tmp_path / "bad.svi"
    bad.write_text("model { mu ~ ")
    schools.write_text(schools.read_text().replace("tau ~", "tau    ~"))
    assert svilang("fmt", bad, schools).code == 1
    assert bad.read_text() == "model { mu ~ "
    assert "tau ~ HalfCauchy(5)" in schools.read_text()
