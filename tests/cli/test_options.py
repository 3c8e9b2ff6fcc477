import click
import pytest
from click.testing import CliRunner

from svilang.cli.options import bound


@pytest.fixture
def read():
    @click.command()
    @bound
    def command(data, sets):
        click.echo(repr((data, sets)))

    def call(*arguments):
        return CliRunner().invoke(command, list(arguments))

    return call


def test_data_has_a_name_or_none(read):
    assert read("--data", "obs=a.csv", "--data", "b.csv").output == "({'obs': 'a.csv', '': 'b.csv'}, {})\n"


def test_a_file_with_an_equals_sign_is_a_file(read, tmp_path):
    path = tmp_path / "a=b.csv"
    path.write_text("y\n1\n")
    assert read("--data", str(path)).output == repr(({"": str(path)}, {})) + "\n"


def test_two_sources_of_one_name_are_refused(read):
    ended = read("--data", "obs=a.csv", "--data", "obs=b.csv")
    assert ended.exit_code == 2
    assert "two sources for `obs`: `a.csv` and `b.csv`" in ended.output


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("10_000", 10_000), ("0.5", 0.5), ("-1e3", -1000.0), ("[1, 2]", [1, 2]), ("a b", "a b")],
)
def test_values_are_numbers_lists_or_text(read, text, value):
    assert read("--set", f"k={text}").output == repr(({}, {"k": value})) + "\n"


def test_a_setting_without_a_value_is_refused(read):
    assert "`k` is not of the form name=value" in read("--set", "k").output


def test_two_values_for_one_name_are_refused(svilang, schools):
    ended = svilang("run", schools, "--set", "school=8", "--set", "school=9")
    assert ended.code == 2
    assert "two values for `school`" in ended.err
