"""The longer explanation of each syntax error, for ``svilang explain CODE`` and the manual."""

from __future__ import annotations

from ..diagnostics.page import Page

PAGES: dict[str, Page] = {
    "E0101": Page(
        "unknown character",
        "The character is no part of the language. Outside of comments and quoted text a spec holds names, "
        "numbers, the operators `+ - * / ^ @`, comparisons, brackets, and the signs `~ = : , . ? ->`.",
        "model { x ~ Normal($mu, 1) }",
        "model { x ~ Normal(mu, 1) }",
    ),
    "E0102": Page(
        "spelling of another language",
        "The sign has a meaning in another language and is written differently here: `and`, `or`, `not` for `&&`,"
        " `||`, `!`; `^` for `**`; `#` for `//`; straight double quotation marks for all text; and no `;`.",
        "model { y = a**2 }",
        "model { y = a^2 }",
    ),
    "E0103": Page(
        "unclosed text",
        'A quoted text ends on the line on which it begins. A quotation mark within it is written `\\"`.',
        'data { dim effect = ["slope, "floor"] }',
        'data { dim effect = ["slope", "floor"] }',
    ),
    "E0104": Page(
        "unclosed docstring",
        'A docstring begins and ends with `"""`, and may have several lines.',
        '"""Eight schools\nmodel { x ~ Normal(0, 1) }',
        '"""Eight schools"""\nmodel { x ~ Normal(0, 1) }',
    ),
    "E0105": Page(
        "not a number",
        "A number is `3`, `2.5`, `10_000` or `1e-3`. It cannot run into a word, and a product needs its `*`. The "
        "largest number is about 1.8e308.",
        "model { y = 3x }",
        "model { y = 3 * x }",
    ),
    "E0106": Page(
        "reserved word as a name",
        "The words `if`, `else`, `and`, `or`, `not`, `over`, `true`, `false` and `guide` cannot name a variable or a "
        'dimension. A column of such a name is reached by `from "over"`. All other words of the language, such as '
        "`score`, `weight` and `plate`, are names wherever a name is needed.",
        "data { over: count[ball] }",
        'data { number: count[ball] from "over" }',
    ),
    "E0107": Page(
        "missing comma",
        "Arguments, entries of a list, dimensions and names are separated by commas.",
        "model { x ~ Normal(0 1) }",
        "model { x ~ Normal(0, 1) }",
    ),
    "E0108": Page(
        "unclosed bracket",
        "A round or square bracket is still open where the statement ends. The message points right after the "
        "last word that belongs to it, and a note shows the opening bracket.",
        "model {\n  x ~ Normal(0, 1\n  y ~ Normal(x, 1)\n}",
        "model {\n  x ~ Normal(0, 1)\n  y ~ Normal(x, 1)\n}",
    ),
    "E0109": Page(
        "unclosed block",
        "A block, `plate` or `markov` is still open at the end of the file or where the next block begins.",
        "model { x ~ Normal(0, 1)\nfit { steps = 100 }",
        "model { x ~ Normal(0, 1) }\nfit { steps = 100 }",
    ),
    "E0110": Page(
        "closing bracket without an opening one",
        "The bracket or brace closes nothing, or is of another kind than the one that is open.",
        "model { x ~ Normal(0, (1])) }",
        "model { x ~ Normal(0, (1)) }",
    ),
    "E0111": Page(
        "outside of the blocks",
        "A file is a row of the blocks `data`, `model`, `guide` and `fit`; all statements stand in one of them. "
        "There are no other blocks: a latent variable is declared where it is drawn, and a quantity is defined "
        "where it is used.",
        "mu ~ Normal(0, 1)",
        "model { mu ~ Normal(0, 1) }",
    ),
    "E0112": Page(
        "another sign is meant",
        "`~` draws or observes, `=` defines or sets, `==` compares, and `:` gives a type. Assignment by `<-` or "
        "`:=` is `=`.",
        "model { observe y = Normal(0, 1) }",
        "model { observe y ~ Normal(0, 1) }",
    ),
    "E0113": Page(
        "chained comparison",
        "A comparison has two sides. Two comparisons are joined by `and`.",
        "model { inside = 0 < x < 1 }",
        "model { inside = 0 < x and x < 1 }",
    ),
    "E0114": Page(
        "missing expression",
        "A value must follow: a number, a name, a call, a list, or an expression in brackets.",
        "model { y = a + }",
        "model { y = a + b }",
    ),
    "E0115": Page(
        "missing name or sign",
        "The statement lacks a part that it must have. The message points right after what stands before it.",
        "model { plate { x ~ Normal(0, 1) } }",
        "model { plate school { x ~ Normal(0, 1) } }",
    ),
    "E0116": Page(
        "missing type",
        "Data, parameters, and the arguments and results of a `net` or an `extern` are declared with their type: "
        "a kind, and in square brackets its dimensions.",
        "data { y = [1, 2, 3] }",
        "data { y: real[obs] = [1, 2, 3] }",
    ),
    "E0117": Page(
        "a distribution is expected",
        "After `~` (and after `then` in a draw) stands one distribution or guide family by its name, with its "
        "arguments. It has no arithmetic: shift its location, scale its scale, or wrap it in `Transformed`.",
        "model { x ~ 3 + Normal(0, 1) }",
        "model { x ~ Normal(3, 1) }",
    ),
    "E0118": Page(
        "not the beginning of a statement",
        "A statement begins with a name or with one of its words (`observe`, `plate`, …), never with an operator,"
        " a bracket, a number or a text: what begins with those continues the line before.",
        "model { 3 ~ Normal(0, 1) }",
        "model { observe 3 ~ Normal(0, 1) }",
    ),
    "E0119": Page(
        "statement of another language",
        "There are no loops, branches, declarations by type or changes of a variable. `plate d { … }` says what "
        "exists once for each member of `d`, `markov t { … }` what follows from the step before, `a if c else b` "
        "chooses, and a name is defined once.",
        "model { for i in items { x ~ Normal(0, 1) } }",
        "model { plate items { x ~ Normal(0, 1) } }",
    ),
    "E0120": Page(
        "nested too deeply",
        "Brackets, blocks, signs, powers and choices may stand in each other 200 levels deep. Long sums and "
        "products are not nested, and have no limit.",
        f"model {{ x = {'(' * 250}1{')' * 250} }}",
        "model { x = 1 }",
    ),
    "E0121": Page(
        "no block",
        "The file holds nothing but blank space, comments and a docstring. The smallest spec is a `model` with "
        "one statement.",
        "# a model of coins",
        "# a model of coins\nmodel { p ~ Beta(1, 1) }",
    ),
    "E0122": Page(
        "statement of another block",
        "`data` holds types and dimensions, `fit` holds settings, and all else stands in `model` or `guide`.",
        "data { y ~ Normal(0, 1) }",
        "data { y: real }\nmodel { observe y ~ Normal(0, 1) }",
    ),
    "E0123": Page(
        "a word that does not fit",
        "The statement was complete, or goes on differently. Look at the word before it: most often an operator "
        "is missing or one is too many.",
        "model { x ~ Normal(0, 1), y ~ Normal(0, 1) }",
        "model { x ~ Normal(0, 1) y ~ Normal(0, 1) }",
    ),
    "E0124": Page(
        "a dimension is a name",
        "Types name their dimensions. A size is given once, by `dim`, or comes from the data.",
        "model { beta: real[3] ~ Normal(0, 1) }",
        "model { dim slope = 3 beta: real[slope] ~ Normal(0, 1) }",
    ),
    "E0125": Page(
        "docstring in the wrong place",
        'The text between `"""` describes the whole spec and stands before its first block, once.',
        'model { x ~ Normal(0, 1) }\n"""A line"""',
        '"""A line"""\nmodel { x ~ Normal(0, 1) }',
    ),
    "E0126": Page(
        "clause without its statement",
        "`then`, `where`, `weight`, `from` and `draw` are parts of certain statements, in a certain place.",
        "model { x = y where z }",
        "model { observe y ~ Normal(0, 1) where z }",
    ),
    "E0127": Page(
        "a value that is not used",
        "A statement draws, observes, defines or adds. A name or a call alone does none of these.",
        "model { normal_lpdf(y) }",
        "model { factor normal_lpdf(y) }",
    ),
    "E0128": Page(
        "not a function",
        "Only a name can be followed by arguments in round brackets. A product is written with `*`.",
        "model { y = 2(a + b) }",
        "model { y = 2 * (a + b) }",
    ),
    "E0129": Page(
        "one entry of a variable",
        "A variable is drawn or defined as a whole. In a `plate` its name means the entry of this member.",
        "model { theta[i] ~ Normal(0, 1) }",
        "model { plate school { theta ~ Normal(0, 1) } }",
    ),
    "E0130": Page(
        "missing quotation marks",
        "The names of files, columns and outside functions stand in straight double quotation marks.",
        "data radon.csv { y: real[obs] }",
        'data "radon.csv" { y: real[obs] }',
    ),
    "E0131": Page(
        "too long",
        "A spec holds at most 100,000 words, some 20,000 statements, and besides them 300,000 numbers, labels and "
        "commas. Statements that differ in a number or a name only are one statement in a `plate`, and long lists "
        "of data stand in a file.",
        f"model {{ {' '.join(['factor x'] * 51_000)} }}",
        "data { x: real[term] }\nmodel { plate term { factor x } }",
    ),
}
"""Every code of this stage."""
