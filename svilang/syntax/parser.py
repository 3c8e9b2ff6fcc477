"""Text to tree, or all that is wrong with the text.

The parser is driven word by word. Where a word does not fit, :mod:`.messages` names the mistake and often the word that
was meant; then parsing goes on as if it stood there. Otherwise it goes on at the next statement. Nothing recurses.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from lark import Token, UnexpectedInput
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_parser_state import ParserState

from ..diagnostics import MOST_SHOWN, Diagnostic, Source, SvilangError
from .ast import Attribute, File, Index, Over
from .finding import Repair
from .grammar import parser
from .messages import diagnose
from .scan import is_slight, made, scan, span_of
from .situation import ARITHMETIC, COMPARISONS, Situation, first_on_line, opens_block, starts_statement

_MOST_RECOVERIES = 10 * MOST_SHOWN
"""How often one text is mended, told or not, before the rest of it is left unread."""

MOST_LEVELS = 200
"""How deep brackets, blocks, signs, powers and choices may be nested, and how long a row of suffixes is."""

_LEVELS = ARITHMETIC | COMPARISONS | {"LPAR", "LSQB", "LBRACE", "NOT", "AND", "OR", "ELSE"}
_SUFFIXES = frozenset({"LSQB", "DOT", "OVER"})
_SPELLING = {"NUMBER": "0", "STRING": '""', "NAME": "_"}
_HEADERS = frozenset({"PLATE", "MARKOV", "DATA", "MODEL", "GUIDE", "FIT"})


def parse(source: Source) -> File:
    """The syntax tree of a spec.

    Args:
        source: the text and its name.

    Returns:
        The tree. Every node has the span of its whole construct, and no blank space around it.

    Raises:
        SvilangError: with all errors of the text (the first 100), in source order; their codes begin with ``E01``.

    Example:
        >>> from svilang.diagnostics import Source
        >>> file = parse(Source("coin.svi", "model { p ~ Beta(1, 1) }"))
        >>> file.blocks[0].body[0].names[0].name
        'p'
    """
    words = scan(parser(), source.text)
    run = _Run(words.tokens, source, words.problems)
    file = run.file()
    if file is None:
        raise SvilangError(run.diagnostics, source, rest=run.rest)
    return replace(file, comments=words.comments, blanks=words.blanks)


class _Run:
    """One pass over the words of a text."""

    def __init__(self, tokens: list[Token], source: Source, problems: Sequence[Diagnostic]) -> None:
        self._tokens = tokens
        self._source = source
        self.diagnostics = list(problems[:MOST_SHOWN])
        self._lines = {self._line(problem) for problem in problems if not is_slight(problem)}
        self._state: ParserState[Any] = parser().parse_interactive("").parser_state
        self._last_error = -1
        self._recoveries = 0
        self._owed = 0  # closing braces of bodies that were begun by another sign, as in Python
        self.rest = ""

    def file(self) -> File | None:
        """The tree; None when there are diagnostics."""
        if self.diagnostics:
            self._forget_callbacks()
        at = 0
        result: Any = None
        while at < len(self._tokens) and len(self.diagnostics) < MOST_SHOWN and self._recoveries < _MOST_RECOVERIES:
            token = self._tokens[at]
            if self._too_deep(token):
                return None
            try:
                result = self._state.feed_token(token, token.type == "$END")
                at += 1
                if token.type in _SUFFIXES and self._too_many_suffixes(token):
                    return None
            except UnexpectedInput:
                at = self._recover(at)
        if at < len(self._tokens):
            line = self._tokens[at].line
            self.rest = f"the text from line {line:,} on was not read after so many errors"
        return None if self.diagnostics else result

    def _too_deep(self, token: Token) -> bool:
        stack = self._state.value_stack
        if len(stack) <= MOST_LEVELS or token.type not in _LEVELS:
            return False
        levels = sum(1 for value in stack if isinstance(value, Token) and value.type in _LEVELS)
        if levels >= MOST_LEVELS:
            self._report_depth(token)
        return levels >= MOST_LEVELS

    def _too_many_suffixes(self, token: Token) -> bool:
        """Whether the suffix that begins here stands on a row of too many others, as in ``x[0][0][0]``."""
        value, count = self._state.value_stack[-2], 0
        while count < MOST_LEVELS and isinstance(value, (Index, Attribute, Over)):
            value = value.value if isinstance(value, Over) else value.base
            count += 1
        if count == MOST_LEVELS:
            self._report_depth(token)
        return count == MOST_LEVELS

    def _report_depth(self, token: Token) -> None:
        message = f"this is nested too deeply: {MOST_LEVELS} levels are the most"
        self.diagnostics.append(
            Diagnostic("E0120", message, span_of(token), help="give the inner parts names of their own with `name = …`")
        )

    # --- recovery

    def _recover(self, at: int) -> int:
        """Report what is wrong at a word, and return the word at which parsing goes on."""
        self._recoveries += 1
        again = at == self._last_error
        self._last_error = at
        situation = self._situation(at)
        if self._tokens[at].type == "$END" and self.diagnostics and not situation.braces:
            return len(self._tokens)
        self._forget_callbacks()
        finding = diagnose(situation)
        line = self._line(finding.diagnostic)
        closes_mended = finding.diagnostic.code == "E0109" and self._owed
        if not again and line not in self._lines and not closes_mended:
            self._lines.add(line)
            self.diagnostics = [d for d in self.diagnostics if not (is_slight(d) and self._line(d) == line)]
            self.diagnostics.append(finding.diagnostic)
        if finding.repair is not None and self._mend(finding.repair, at):
            return at + finding.repair.skip
        return self._skip(situation, again)

    def _situation(self, at: int) -> Situation:
        states = self._state.parse_conf.states
        stack = self._state.state_stack
        expected = {kind for kind in states[stack[-1]] if kind.isupper() and self._shifted(stack, kind) is not None}
        return Situation(self._tokens, at, tuple(self._state.value_stack), frozenset(expected))

    def _forget_callbacks(self) -> None:
        """No tree will come of this text, so none is built."""
        conf = copy(self._state.parse_conf)
        conf.callbacks = {}
        self._state.parse_conf = conf

    def _line(self, diagnostic: Diagnostic) -> int:
        return self._source.position(diagnostic.span.start)[0]

    def _shifted(self, stack: Sequence[Any], kind: str) -> list[Any] | None:
        """The stack of states after a word of this kind, or None if it does not fit."""
        conf = self._state.parse_conf
        stack = list(stack)
        while True:
            entry = conf.states[stack[-1]].get(kind)
            if entry is None:
                return None
            action, arg = entry
            if action is Shift:
                stack.append(arg)
                return stack
            if arg.expansion:
                del stack[-len(arg.expansion) :]
            stack.append(conf.states[stack[-1]][arg.origin.name][1])
            if kind == "$END" and stack[-1] == conf.end_state:
                return stack

    def _mend(self, repair: Repair, at: int) -> bool:
        """Put in the words that were meant; False when the text does not go on after any of them."""
        following = self._tokens[at + repair.skip].type
        base = self._state.state_stack[: len(self._state.state_stack) - repair.pop]
        for words in repair.feeds:
            stack: list[Any] | None = base
            for kind in (*words, following):
                stack = self._shifted(stack, kind) if stack is not None else None
            if stack is None:
                continue
            self._pop(len(self._state.value_stack) - repair.pop)
            self._owed += "LBRACE" in words and repair.skip == 1
            for kind in words:
                self._state.feed_token(made(kind, _SPELLING.get(kind, kind.lower()), self._tokens[at]))
            return True
        return False

    def _pop(self, size: int) -> None:
        del self._state.value_stack[size:]
        del self._state.state_stack[size + 1 :]

    def _skip(self, situation: Situation, again: bool) -> int:
        """Leave the statement that cannot be read, and return the word at which the next one begins."""
        at = situation.at
        header = self._skip_header(situation)
        if header is not None:
            return header
        if not situation.braces:
            self._pop(0)
            return self._next_block(at + 1)
        self._pop(situation.braces[-1] + 1)
        return self._next_statement(at, bool(situation.brackets), again)

    def _skip_header(self, situation: Situation) -> int | None:
        """In a broken head, as in ``plate i in school {``: the brace on the same line."""
        if not any(word.type in _HEADERS for word in situation.statement):
            return None
        at = situation.at
        while not first_on_line(self._tokens, at + 1) and self._tokens[at].type not in {"LBRACE", "$END"}:
            at += 1
        if self._tokens[at].type == "LBRACE" and self._mend(
            Repair(((), ("NAME",)), skip=at - situation.at), situation.at
        ):
            return at
        return None

    def _next_block(self, at: int) -> int:
        while at < len(self._tokens) and self._tokens[at].type != "$END" and not opens_block(self._tokens, at):
            at += 1
        return at if at < len(self._tokens) and self._tokens[at].type != "$END" else len(self._tokens)

    def _next_statement(self, start: int, in_brackets: bool, again: bool) -> int:
        tokens, depth = self._tokens, 0
        for at in range(start, len(tokens)):
            kind = tokens[at].type
            if kind == "LBRACE":
                depth += 1
            elif kind == "RBRACE":
                if depth <= 1:
                    return at + depth
                depth -= 1
            elif at == start and again:
                continue
            elif self._resumes(at, in_brackets, depth):
                return at
        return len(tokens) - 1 if start < len(tokens) - 1 else len(tokens)

    def _resumes(self, at: int, in_brackets: bool, depth: int) -> bool:
        """Whether a block begins at a word, or in the body at hand a statement."""
        if first_on_line(self._tokens, at) and opens_block(self._tokens, at):
            return True
        return depth == 0 and starts_statement(self._tokens, at, in_brackets)
