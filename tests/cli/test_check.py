import json


def test_a_correct_spec_passes_in_silence_on_stdout(svilang, schools):
    ended = svilang("check", schools)
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "1 file: nothing wrong\n"


def test_all_errors_of_all_files_are_shown_with_their_places(svilang, schools, wrong):
    ended = svilang("check", schools, wrong)
    assert ended.code == 1
    assert f"{wrong}:2:18" in ended.out
    assert f"{wrong}:3:19" in ended.out
    assert ended.err == "2 files: 2 errors, 0 warnings\n"


def test_json_is_one_object_a_line(svilang, wrong):
    ended = svilang("check", wrong, "--json")
    first, second = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 1
    assert set(first) == {
        *("code", "severity", "message", "file", "line", "column", "end_line", "end_column", "notes", "help"),
    }
    assert (first["severity"], first["file"]) == ("error", str(wrong))
    assert (first["line"], first["column"], first["end_line"], first["end_column"]) == (2, 18, 2, 23)
    assert (second["line"], second["column"]) == (3, 19)


def test_concise_is_one_line_each(svilang, wrong):
    lines = svilang("check", wrong, "--format", "concise").out.splitlines()
    assert [line.startswith(f"{wrong}:{place}: E") for line, place in zip(lines, ("2:18", "3:19"), strict=True)] == [
        True,
        True,
    ]


def test_sarif_is_a_log_with_regions(svilang, wrong):
    log = json.loads(svilang("check", wrong, "--format", "sarif").out)
    results = log["runs"][0]["results"]
    assert log["version"] == "2.1.0"
    assert [result["level"] for result in results] == ["error", "error"]
    region = results[0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 18, "endLine": 2, "endColumn": 23}


def test_a_missing_file_does_not_hide_the_others(svilang, wrong, tmp_path):
    records = [json.loads(line) for line in svilang("check", tmp_path / "none.svi", wrong, "--json").out.splitlines()]
    assert records[0]["code"] == "E0751"
    assert records[0]["line"] is None
    assert len(records) == 3


def test_syntax_errors_are_shown_like_all_others(svilang, tmp_path):
    path = tmp_path / "bad.svi"
    path.write_text("model {\n  mu ~ Normal(0 5)\n}\n")
    ended = svilang("check", path)
    assert ended.code == 1
    assert "error[E01" in ended.out
    assert f"{path}:2:" in ended.out
