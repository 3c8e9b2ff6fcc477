"""What editors ask of a spec: diagnostics, hover, definitions, completion, layout, colours.

In: a text, often a broken one, and a place in it. Out: plain data. Everything is answered from the words of the text,
from the last tree that could be read, and from the tables of the compiler. Only :mod:`.server` knows the protocol of
editors; it needs the package ``pygls``.
"""
