"""What the pages show is true: specs check, Python runs, commands print what stands there."""

import shlex

import documents
import pytest

import svilang
from svilang.cli.main import exit_code

SPECS = [(path, block) for path in documents.PAGES for block in documents.blocks(path) if block.language == "svi"]


def name(path, block):
    return f"{path.relative_to(documents.ROOT)}:{block.line}"


@pytest.mark.parametrize(("path", "block"), SPECS, ids=[name(*spec) for spec in SPECS])
def test_a_spec_of_the_pages_is_right_or_wrong_as_it_says(path, block):
    codes = {word for word in block.words if word[1:].isdigit()}
    try:
        found = svilang.compile(block.text).warnings
        failed = False
    except svilang.SvilangError as error:
        found, failed = error.diagnostics, True
    assert failed == ("error" in block.words), [diagnostic.message for diagnostic in found]
    assert {diagnostic.code for diagnostic in found} == codes


RUN = [path for path in documents.PAGES if any(b.language in ("python", "console") for b in documents.blocks(path))]


@pytest.mark.parametrize("path", RUN, ids=lambda path: str(path.relative_to(documents.ROOT)))
def test_the_code_of_a_page_runs(path, tmp_path, monkeypatch, capsys):
    (tmp_path / "specs").symlink_to(documents.ROOT / "specs")
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in documents.blocks(path):
        if block.language in ("svi", "csv") and any("." in word for word in block.words[:1]):
            (tmp_path / block.words[0]).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            exec(compile("\n" * block.line + block.text, path.name, "exec"), names)
        elif block.language == "console":
            run(block, capsys)


def run(block, capsys):
    """Each command ends well, or as a block marked ``fails`` says; in one marked ``exact`` the output is compared."""
    for part in block.text.split("$ ")[1:]:
        command, _, shown = part.partition("\n")
        program, *words = shlex.split(command)
        if program != "svilang":
            continue
        capsys.readouterr()
        code = exit_code(words)
        printed = capsys.readouterr()
        assert bool(code) == ("fails" in block.words), printed.err
        if "exact" in block.words:
            assert (printed.out + printed.err).strip() == shown.strip()


LINKS = [(path, link) for path in documents.PAGES for link in documents.links(path)]


@pytest.mark.parametrize(("path", "link"), LINKS, ids=[f"{path.name}-{link}" for path, link in LINKS])
def test_a_link_leads_somewhere(path, link):
    file, _, anchor = link.partition("#")
    target = (path.parent / file).resolve() if file else path
    assert target.exists()
    if anchor:
        assert anchor in documents.anchors(target)
