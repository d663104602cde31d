"""``python -m funding_conformance``: the same as ``funding-kit``."""

from funding_conformance.cli import main

if __name__ == "__main__":
    main(prog_name="funding-kit")
