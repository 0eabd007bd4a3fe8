"""perptape's command line: the one place where everything is put together, imported by nothing."""

import sys

VERSION = "0.1.0"


def main() -> None:
    """Run the command line; the console script's entry point.

    `--version` is answered before anything heavy is imported, so that it takes no longer than Python itself.
    """
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"perptape {VERSION}\n")
        return
    sys.stderr.write("usage: perptape --version\n")
    raise SystemExit(2)


if __name__ == "__main__":
    main()
