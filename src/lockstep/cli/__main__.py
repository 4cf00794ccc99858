"""``python -m lockstep.cli`` is ``lockstep``."""

from lockstep.cli.main import run

if __name__ == "__main__":
    run()
