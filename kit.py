"""Sets everything up and runs it, on a machine that has only Python 3.11 or newer.

    python3 kit.py run       the suite against the reference (further options go to: funding-kit run)
    python3 kit.py test      the tests that need Python alone
    python3 kit.py check     the tests that need Node.js, Java, awk, a browser or the documentation tools
    python3 kit.py ...       any other funding-kit command: python3 kit.py answer FILE

Everything is installed into the folder .venv beside this file and nowhere else.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
NEEDS_MORE = "node or java or awk or docs or browser"
PROGRAMS = {
    "node": "Node.js 18 or newer (node)",
    "javac": "a development kit of Java 17 or newer (javac)",
    "sh": "a shell (sh)",
    "mawk": "mawk",
    "gawk": "gawk",
    "busybox": "busybox",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main(arguments: list[str]) -> int:
    """Does what the first argument says."""
    if sys.version_info < (3, 11):
        print(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if arguments else 2
    what, *more = arguments
    if what == "test":
        install("tests")
        return run("-m", "pytest", "-n", "auto", "-m", f"not ({NEEDS_MORE})", *more, folder=HERE)
    if what == "check":
        return check(more)
    install("tests")
    return run("-m", "funding_conformance", what, *more)


def check(more: list[str]) -> int:
    """Says what it uses, then runs the tests that use it."""
    missing = [name for program, name in PROGRAMS.items() if not shutil.which(program)]
    if not any(shutil.which(browser) for browser in BROWSERS):
        missing.append("Chromium or Chrome")
    print("This uses Node.js, Java and several kinds of awk for the adapters in JavaScript, Java and the shell,")
    print("Chromium for the report and Sphinx for the documentation.")
    if missing:
        print(f"Not found on this machine: {', '.join(missing)}.", file=sys.stderr)
        return 2
    install("tests", "docs")
    return run("-m", "pytest", "-m", NEEDS_MORE, *more, folder=HERE)


def install(*extras: str) -> None:
    """Makes the environment and installs the kit with these extras, unless that was done before."""
    stamp = ENVIRONMENT / f"installed-{'-'.join(extras)}"
    wanted = hashlib.sha256((HERE / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not PYTHON.is_file():
        print("Making the environment .venv …", file=sys.stderr)
        venv.create(ENVIRONMENT, with_pip=True)
    print("Installing what is needed …", file=sys.stderr)
    pip = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if run(*pip, "--editable", f"{HERE}[{','.join(extras)}]"):
        raise SystemExit("The installation did not succeed; what pip said stands above.")
    stamp.write_text(wanted)


def run(*arguments: str, folder: Path | None = None) -> int:
    """Runs Python of the environment, here or in a folder, and returns its exit code."""
    return subprocess.run([str(PYTHON), *arguments], cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
