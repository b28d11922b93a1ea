"""Run the command line as `python -m app.cli`."""

from app.cli.main import main

main(prog_name="plumbline")
