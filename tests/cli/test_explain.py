import pytest

from svilang import pipeline


def test_a_code_is_explained_with_an_example(svilang):
    ended = svilang("explain", "e0751")
    assert ended.code == 0
    assert ended.out.startswith("E0751: A file is not there\n\n")
    assert "For example:\n\n  svilang run schools.sv\n" in ended.out


def test_an_unknown_code_gets_the_nearest(svilang):
    ended = svilang("explain", "E0750")
    assert ended.code == 1
    assert "there is no code `E0750`" in ended.err
    assert "did you mean" in ended.err


def test_every_page_can_be_printed(svilang):
    pages = pipeline.pages()
    assert {"E0751", "E0501"} <= set(pages)
    for code in pages:
        assert svilang("explain", code).out.startswith(f"{code}: ")


@pytest.mark.parametrize("group", ["01", "02", "03", "04", "05", "06", "07"])
def test_every_group_of_codes_has_pages(group):
    assert any(code[1:3] == group for code in pipeline.pages())
