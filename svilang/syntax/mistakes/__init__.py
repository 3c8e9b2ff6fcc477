"""The mistakes that syntax errors come from, one function each.

In: a :class:`~svilang.syntax.situation.Situation`. Out: a finding, or None where the mistake is another one. Their
order is in :mod:`svilang.syntax.messages`.
"""
