"""The example adapter in Java, which needs a development kit of Java 17 or newer."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from funding_conformance import protocol

from tests.adapters.checks import AdapterChecks

pytestmark = pytest.mark.java

FOLDER = "java"


@pytest.fixture(scope="module")
def command(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Compiled without a warning, and asked with the ``java`` on the path."""
    classes = tmp_path_factory.mktemp("classes")
    files = sorted(map(str, folder.glob("*.java")))
    subprocess.run(["javac", "-Xlint:all", "-Werror", "-encoding", "UTF-8", "-d", str(classes), *files], check=True)
    return ["java", "-cp", str(classes), "Adapter"]


class TestJavaAdapter(AdapterChecks):
    """Its promises."""

    @pytest.mark.parametrize(
        "written",
        [
            '"\\u0041\\u00e9\\ud83d\\ude00"',
            '"é\u2028😀"',
            r'"\"\\\/\b\f\n\r\t"',
            r'"\\u0041"',
            '"a, b: [c] {d}"',
            f'"{"long " * 200_000}"',
        ],
    )
    def test_a_text_is_read_and_written_whatever_the_platform_is_set_to(self, command: list[str], written: str) -> None:
        """Its reader of JSON is its own: an id comes back as it was, even where texts are not UTF-8 by themselves."""
        program, *rest = command
        settings = ["-Dfile.encoding=US-ASCII", "-Duser.language=ar"]
        said = f'{{ "x": [1, -2.5e3, true, null, {{}}], "id" : {written},"m":"hello"}}\n'
        found = subprocess.run([program, *settings, *rest], input=said.encode(), capture_output=True, check=True)
        assert protocol.read_line(found.stdout)["id"] == protocol.read_line(said.encode())["id"]
