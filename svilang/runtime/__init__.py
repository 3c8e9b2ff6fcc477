"""The fit of a guide to a log density: guide families, objectives, optimisers, the loop, and checks of the result.

In: a :class:`~svilang.runtime.target.Target` of pure functions and :class:`~svilang.runtime.settings.FitSettings`.
Out: a :class:`~svilang.runtime.result.RunResult` that can be sampled again. Same seed, same result, to the bit. Nothing
here knows the language.
"""
