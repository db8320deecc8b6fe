"""Run the command line as ``python -m serinus``."""

from serinus.interfaces.cli import main

if __name__ == "__main__":
    main.main()
