"""The tables: distributions, functions, bijectors. One row holds everything known about one of them.

In: nothing. Out: rows that can be read without loading NumPy or JAX; their functions load JAX when first called.
"""
