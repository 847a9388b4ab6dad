"""Makes people from the command line: `python -m studio`, the same as `companion identity`."""

from studio.command.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
