"""The bijections themselves, by what they make: scalars, vectors, matrices.

In: nothing. Out: rows whose maps work over leading batch axes, in the precision of what they are given.
"""
