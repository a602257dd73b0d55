"""The same things from a shell: `./courier`, which is `python -m include.cli`."""
