"""Every bench, one after the other: ``make bench``. Each module ``bench_*`` has a ``main`` that measures and prints."""

import importlib
from pathlib import Path


def main() -> None:
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        importlib.import_module(f"tests.bench.{path.stem}").main()


if __name__ == "__main__":
    main()
