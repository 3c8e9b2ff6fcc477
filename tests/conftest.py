"""Stands here so that every test can import ``programs`` and ``reference``."""
