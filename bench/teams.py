"""The risk model on simulated teams: `plumbline model evaluate` over ten companies.

Run: `python -m bench.teams`. Everything it prints is simulated; docs/model.md says what of.
"""

import sys

from app.cli.main import main

if __name__ == "__main__":
    main(["model", "evaluate", "--jobs", "2", *sys.argv[1:]], standalone_mode=False)
