"""Checks of the design system's colors: `python -m tests.design`, part of `make check`."""
