"""Optax by name: optimisers, step-size schedules and gradient transformations of the fit block.

The tables are static, so that a spec can be checked without importing Optax; a test compares them with the one that is
installed. Not offered: what needs exact function values (``lbfgs``, ``polyak_sgd``) or a function as an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import errors
from .adam import Method, adam
from .limit import LARGEST, STEPS
from .settings import CallSpec

if TYPE_CHECKING:
    import optax

LEARNING_RATE = 0.01
"""Step size of an optimiser that is named without one."""

_Problems = list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class OptaxRow:
    """One function of Optax that a spec may call.

    Args:
        name: as the language spells it.
        optax: the name in Optax.
        params: argument names in order, as Optax calls them.
        required: those that have no default.
        lengths: those that count steps, with the fraction of the run that stands for them when they are not given.
    """

    name: str
    optax: str
    params: tuple[str, ...]
    required: tuple[str, ...] = ()
    lengths: tuple[tuple[str, float], ...] = ()


def _plain(text: str) -> dict[str, OptaxRow]:
    """Rows from lines ``name: needed, optional=``, under the name that Optax uses."""
    table: dict[str, OptaxRow] = {}
    for line in text.strip().splitlines():
        name, _, rest = line.strip().partition(":")
        words = [word.strip() for word in rest.split(",") if word.strip()]
        needed = tuple(word for word in words if not word.endswith("="))
        table[name] = OptaxRow(name, name, tuple(word.rstrip("=") for word in words), needed)
    return table


OPTIMIZERS: dict[str, OptaxRow] = _plain(
    """
    adabelief: learning_rate=, b1=, b2=, eps=, eps_root=, nesterov=
    adadelta: learning_rate=, rho=, eps=, weight_decay=
    adafactor: learning_rate=, min_dim_size_to_factor=, decay_rate=, clipping_threshold=, momentum=
    adagrad: learning_rate=, initial_accumulator_value=, eps=
    adam: learning_rate=, b1=, b2=, eps=, eps_root=, nesterov=
    adamax: learning_rate=, b1=, b2=, eps=
    adamaxw: learning_rate=, b1=, b2=, eps=, weight_decay=
    adamw: learning_rate=, b1=, b2=, eps=, eps_root=, weight_decay=, nesterov=
    adan: learning_rate=, b1=, b2=, b3=, eps=, eps_root=, weight_decay=
    amsgrad: learning_rate=, b1=, b2=, eps=, eps_root=
    fromage: learning_rate=, min_norm=
    lamb: learning_rate=, b1=, b2=, eps=, eps_root=, weight_decay=
    lars: learning_rate=, weight_decay=, trust_coefficient=, eps=, momentum=, nesterov=
    lion: learning_rate=, b1=, b2=, weight_decay=
    nadam: learning_rate=, b1=, b2=, eps=, eps_root=, nesterov=
    nadamw: learning_rate=, b1=, b2=, eps=, eps_root=, weight_decay=, nesterov=
    novograd: learning_rate=, b1=, b2=, eps=, eps_root=, weight_decay=
    optimistic_adam_v2: learning_rate=, alpha=, beta=, b1=, b2=, eps=, eps_root=, nesterov=
    optimistic_gradient_descent: learning_rate=, alpha=, beta=
    radam: learning_rate=, b1=, b2=, eps=, eps_root=, threshold=, nesterov=
    rmsprop: learning_rate=, decay=, eps=, initial_scale=, eps_in_sqrt=, centered=, momentum=, nesterov=
    rprop: learning_rate=, eta_minus=, eta_plus=, min_step_size=, max_step_size=
    sgd: learning_rate=, momentum=, nesterov=
    sign_sgd: learning_rate=
    signum: learning_rate=, beta=
    sm3: learning_rate=, momentum=
    yogi: learning_rate=, b1=, b2=, eps=
    """
)

TRANSFORMS: dict[str, OptaxRow] = _plain(
    """
    adaptive_grad_clip: clipping, eps=
    add_decayed_weights: weight_decay=
    centralize:
    clip: max_delta
    clip_by_block_rms: threshold
    clip_by_global_norm: max_norm
    ema: decay, debias=
    normalize_by_update_norm: scale_factor=, eps=
    scale: step_size
    trace: decay, nesterov=
    zero_nans:
    """
)


def _schedules(*rows: OptaxRow) -> dict[str, OptaxRow]:
    """Each row under its short name and under Optax's."""
    return {name: row for row in rows for name in (row.name, row.optax)}


SCHEDULES: dict[str, OptaxRow] = _schedules(
    OptaxRow("constant", "constant_schedule", ("value",), ("value",)),
    OptaxRow(
        "cosine",
        "cosine_decay_schedule",
        ("init_value", "decay_steps", "alpha", "exponent"),
        ("init_value",),
        (("decay_steps", 1.0),),
    ),
    OptaxRow(
        "exponential",
        "exponential_decay",
        ("init_value", "transition_steps", "decay_rate", "transition_begin", "staircase", "end_value"),
        ("init_value", "decay_rate"),
        (("transition_steps", 1.0),),
    ),
    OptaxRow(
        "linear",
        "linear_schedule",
        ("init_value", "end_value", "transition_steps", "transition_begin"),
        ("init_value", "end_value"),
        (("transition_steps", 1.0),),
    ),
    OptaxRow(
        "polynomial",
        "polynomial_schedule",
        ("init_value", "end_value", "power", "transition_steps", "transition_begin"),
        ("init_value", "end_value", "power"),
        (("transition_steps", 1.0),),
    ),
    OptaxRow(
        "onecycle",
        "cosine_onecycle_schedule",
        ("transition_steps", "peak_value", "pct_start", "div_factor", "final_div_factor"),
        ("peak_value",),
        (("transition_steps", 1.0),),
    ),
    OptaxRow(
        "warmup_cosine",
        "warmup_cosine_decay_schedule",
        ("init_value", "peak_value", "warmup_steps", "decay_steps", "end_value"),
        ("init_value", "peak_value"),
        (("warmup_steps", 0.1), ("decay_steps", 1.0)),
    ),
)


_ANY = (lambda x: abs(x) <= LARGEST, "a number that single precision holds")
_POSITIVE = (lambda x: 0 < x <= LARGEST, "a positive number")
_NOT_NEGATIVE = (lambda x: 0 <= x <= LARGEST, "a number of at least 0")
_SHARE = (lambda x: 0 <= x < 1, "a number from 0 to below 1")
_INSIDE = (lambda x: 0 < x < 1, "a number between 0 and 1")
_BEYOND = (lambda x: 1 <= x <= LARGEST, "a number of at least 1")
_COUNT = (lambda x: 1 <= x <= STEPS and float(x).is_integer(), "a whole number of at least 1")
_WHOLE = (lambda x: 0 <= x <= STEPS and float(x).is_integer(), "a whole number of at least 0")

RANGES: dict[str, tuple[Callable[[float], bool], str]] = {
    **dict.fromkeys(("learning_rate", "peak_value", "value", "cosine.init_value", "exponential.init_value"), _POSITIVE),
    **dict.fromkeys(("max_delta", "max_norm", "clipping", "threshold", "clipping_threshold"), _POSITIVE),
    **dict.fromkeys(("trust_coefficient", "min_step_size", "max_step_size", "scale_factor"), _POSITIVE),
    **dict.fromkeys(("decay_rate", "power", "exponent", "div_factor", "final_div_factor"), _POSITIVE),
    **dict.fromkeys(("eps", "eps_root", "weight_decay", "min_norm", "initial_accumulator_value"), _NOT_NEGATIVE),
    **dict.fromkeys(("init_value", "end_value", "initial_scale"), _NOT_NEGATIVE),
    **dict.fromkeys(("b1", "b2", "b3", "rho", "decay", "momentum", "signum.beta", "cosine.alpha"), _SHARE),
    **dict.fromkeys(("eta_minus", "pct_start"), _INSIDE),
    "eta_plus": _BEYOND,
    "radam.threshold": (lambda x: 4 <= x <= LARGEST, "a number of at least 4, below which its steps are undefined"),
    **dict.fromkeys(("decay_steps", "transition_steps", "min_dim_size_to_factor"), _COUNT),
    **dict.fromkeys(("warmup_steps", "transition_begin"), _WHOLE),
}
"""What an argument of this name, or of this function and name, must be, in words; the others are any numbers."""

FLAGS = ("nesterov", "centered", "eps_in_sqrt", "staircase", "debias")
"""Arguments that are true or false."""

_CALLED_ELSEWHERE = {
    "lr": "learning_rate",
    "step_size": "learning_rate",
    "beta1": "b1",
    "beta_1": "b1",
    "beta2": "b2",
    "beta_2": "b2",
    "epsilon": "eps",
}


def problems(spec: CallSpec) -> _Problems:
    """What is wrong with an optimiser of the fit block: sentences, each with its fix where that is certain.

    Example:
        >>> problems(CallSpec("adamm"))
        [('there is no optimizer called `adamm`', 'did you mean `adam`, `adamw` or `adamax`?')]
    """
    if spec.name != "chain":
        return _call_problems(spec, OPTIMIZERS, "optimizer")
    found: _Problems = []
    links = [value for _, value in spec.args]
    for link in links:
        if isinstance(link, CallSpec):
            found += _call_problems(link, OPTIMIZERS | TRANSFORMS, "optimizer or transformation")
        else:
            advice = "write it as `chain(clip(10), adam(0.01))`"
            found.append((f"a chain is made of calls, and `{link}` is none", advice))
    if not found and not any(isinstance(link, CallSpec) and link.name in OPTIMIZERS for link in links):
        found.append(("this chain has no optimizer in it", "end it with one, as in `chain(clip(10), adam(0.01))`"))
    return found


def _call_problems(spec: CallSpec, table: dict[str, OptaxRow], what: str) -> _Problems:
    row = table.get(spec.name)
    if row is None:
        return [_part(spec.name) or errors.unknown(what, spec.name, list(table))]
    found: _Problems = []
    given, excess = _bind(row, spec)
    strange = [name for name in given if name not in row.params]
    found += [(f"`{spec.name}` takes no argument `{name}`", _meant(name, row)) for name in strange]
    found += [(f"`{spec.name}` is given too many arguments", _arguments(row))] * bool(excess)
    found += [(f"`{spec.name}` needs `{name}`", None) for name in row.required if name not in given]
    for name, value in given.items():
        if not isinstance(value, CallSpec):
            wanted = None if name in strange else _wanted(row, name, value)
            found += [(f"`{name}` of `{spec.name}` must be {wanted}", None)] * (wanted is not None)
        elif name == "learning_rate":
            found += _call_problems(value, SCHEDULES, "schedule")
        else:
            found.append((f"`{name}` of `{spec.name}` is a number, not a call", None))
    return found or _misfits(row, given)


def _part(name: str) -> tuple[str, str] | None:
    """What to say of something that is only a part of an optimiser; ``None`` where a name is none."""
    for table, what, advice in (
        (TRANSFORMS, "a transformation of gradients", f"write it as `chain({name}(…), adam(0.01))`"),
        (SCHEDULES, "a step size", f"write it as `adam({name}(…))`"),
    ):
        if name in table:
            return f"`{name}` is no optimizer but {what}", advice
    return None


def _misfits(row: OptaxRow, values: Mapping[str, Any]) -> _Problems:
    """What is wrong with arguments beside each other."""
    first, whole = values.get("warmup_steps"), values.get("decay_steps")
    if first is None or whole is None or first < whole:
        return []
    message = f"`{row.name}` has {whole:,} steps in all, and `warmup_steps` would take {first:,} of them"
    return [(message, "let `warmup_steps` be fewer, or give more `steps` or `decay_steps`")]


def _wanted(row: OptaxRow, name: str, value: float | int | str | bool) -> str | None:
    """What an argument must be, where it is not."""
    if name in FLAGS:
        return None if isinstance(value, bool) else "`true` or `false`"
    if isinstance(value, (str, bool)):
        return "a number"
    holds, words = RANGES.get(f"{row.name}.{name}") or RANGES.get(name) or _ANY
    if holds(value):
        return None
    return words if abs(value) <= LARGEST else f"{words}, and not so large"


def _bind(row: OptaxRow, spec: CallSpec) -> tuple[dict[str, Any], int]:
    """Arguments by name, and how many there were too many."""
    positional = [value for name, value in spec.args if name is None]
    given = dict(zip(row.params, positional, strict=False))
    given.update({name: value for name, value in spec.args if name is not None})
    return given, max(0, len(positional) - len(row.params))


def _meant(name: str, row: OptaxRow) -> str:
    """The parameter that other libraries call so, or all there are."""
    meant = _CALLED_ELSEWHERE.get(name)
    return f"did you mean `{meant}`?" if meant in row.params else _arguments(row)


def _arguments(row: OptaxRow) -> str:
    return f"its arguments are {', '.join(f'`{name}`' for name in row.params)}" if row.params else "it takes none"


def build(spec: CallSpec | None, steps: int) -> Method | optax.GradientTransformation:
    """The Optax optimiser that a call of the fit block names.

    Args:
        spec: ``adam(0.01)``, ``adam(cosine(0.01))``, ``chain(clip(10), adam(0.01))``; ``None`` for Adam
            with a step size that falls to zero along a cosine.
        steps: length of the run, known to schedules that are not given a length of their own.

    Raises:
        SvilangError: with one diagnostic ``E0704`` for each name or argument that is not known or does not fit.
    """
    spec = spec or CallSpec("adam", ((None, CallSpec("cosine", ((None, LEARNING_RATE),))),))
    if found := problems(spec):
        raise errors.bad_settings(found)
    if spec.name == "chain":
        links = (_make(link, steps) for _, link in spec.args if isinstance(link, CallSpec))
        return import_module("optax").chain(*links)
    return _make(spec, steps)


def decays(spec: CallSpec) -> bool:
    """Whether the step size falls along a schedule, so that the last iterate is the one to keep."""
    nested = [value for _, value in spec.args if isinstance(value, CallSpec)]
    return any((call.name in SCHEDULES and SCHEDULES[call.name].name != "constant") or decays(call) for call in nested)


def _make(spec: CallSpec, steps: int) -> Any:
    row = (OPTIMIZERS | TRANSFORMS | SCHEDULES)[spec.name]
    given, _ = _bind(row, spec)
    values = {name: _make(value, steps) if isinstance(value, CallSpec) else value for name, value in given.items()}
    if "learning_rate" in row.params:
        values.setdefault("learning_rate", LEARNING_RATE)
    for name, share in row.lengths:
        values.setdefault(name, max(1, round(share * steps)))
    if found := _misfits(row, values):
        raise errors.bad_settings(found)
    if row.name == "adam" and "nesterov" not in values and isinstance(values["learning_rate"], (int, float)):
        return adam(**values)
    return getattr(import_module("optax"), row.optax)(**values)
