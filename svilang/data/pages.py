"""What ``svilang explain CODE`` says of the messages about data."""

from __future__ import annotations

from ..diagnostics.page import Page

PAGES: dict[str, Page] = {
    "E0501": Page(
        "A data file is not there",
        'A file named by `data "…"` is looked for beside the spec, one named by `--data` from where you are.',
        'data "radon.csv" { y: real[obs] }     # and no radon.csv beside the spec',
        "Correct the path, or give another file for it: `--data radon.csv=/elsewhere/radon.csv`.",
    ),
    "E0502": Page(
        "A data file cannot be read",
        "The ending of a file says its format. Text must be UTF-8; arrays must hold plain numbers, text or dates.",
        "svilang run model.svi --data survey.xlsx",
        "Save the table as CSV, Parquet, JSON, NPZ or netCDF.",
    ),
    "E0503": Page(
        "A data file is not well formed",
        "Every row of a table has as many cells as the header, column names differ, nested lists are rectangular.",
        "y,x\n1,2\n3",
        "Mend the row that the message names.",
    ),
    "E0504": Page(
        "A format needs a package that is not installed",
        "Parquet, Arrow and data frames are read through packages that are not part of the core.",
        "svilang run model.svi --data table.parquet",
        'Install them with `pip install "svilang[data]"`, or save the table as CSV.',
    ),
    "E0505": Page(
        "Data is declared but was not supplied",
        "An item is looked up by its name, or by `from`, in the file of its block, else in all tables given.",
        "data { log_radon: real[obs] }     # and the file calls it logradon",
        'Say what it is called there, `log_radon: real[obs] from "logradon"`, give it a default, or supply it.',
    ),
    "E0506": Page(
        "A column is in two tables",
        "An item without a file of its own is looked for everywhere. Where two tables have it, the one given for its "
        "own dimension is taken; here that does not decide.",
        "svilang run model.svi --data a=first.csv --data b=second.csv",
        'Put the item into a block that names its file, `data "first.csv" { … }`.',
    ),
    "E0507": Page(
        "Data was given that nothing declares",
        "A name given by hand must be a dimension, a data item, or a file of the spec. Further columns are fine.",
        "program.bind({'y': y, 'typo': x})",
        "Correct the name, or leave it out.",
    ),
    "E0508": Page(
        "A --set that does not fit",
        "`--set` gives the size of a dimension or the value of a data item that is a single number.",
        "svilang run mixture.svi --set componnet=5",
        "Correct the name or the value.",
    ),
    "E0509": Page(
        "A dimension without a size",
        "A size comes from the data, from `dim name = …`, or from `--set`.",
        "model { plate component { loc ~ Normal(0, 10) } }",
        "Write `dim component = 3` in a data block, or give `--set component=3`.",
    ),
    "E0510": Page(
        "A size that cannot be",
        "A size is a whole number from 0, computed from numbers and other sizes.",
        "data { dim cut = size(level) - 9 }",
        "Correct the expression.",
    ),
    "E0511": Page(
        "One dimension, two sizes",
        "All data along a dimension have the same length, and the same as a declared size or the declared labels.",
        "data { x: real[obs] = [1, 2, 3]   y: real[obs] = [1, 2] }",
        "Find out which is right, or give the two different dimensions.",
    ),
    "E0512": Page(
        "Data of another rank than declared",
        "A declaration names one dimension for each axis of the data, in storage order.",
        "data { X: real[obs] }     # and the file has a matrix",
        "Name all axes: `X: real[obs, feature]`.",
    ),
    "E0513": Page(
        "Missing values",
        "Empty cells, `NA`, `NaN` and `null` are missing. They are refused unless the declaration allows them.",
        "data { y: real[obs] }     # and row 7 is empty",
        "Declare `y: real?[obs]`: missing observations then drop out of the likelihood exactly.",
    ),
    "E0514": Page(
        "Text where a number should be",
        "The item is declared as a number, but some entries cannot be read as one.",
        "y\n1.5\nn.a.",
        "Correct the entries, or declare a dimension as the kind if they are labels.",
    ),
    "E0515": Page(
        "Values outside their kind",
        "Every value is checked against the kind it is declared with; infinities are in none.",
        "data { stderr: positive[school] = [1, 0, 2] }",
        "Correct the data, or declare the kind that it has (`nonnegative`, `real`).",
    ),
    "E0516": Page(
        "Values that do not go together as declared",
        "Simplexes sum to 1 within 1e-6, ordered vectors increase strictly, matrices are as their kind says.",
        "data { p: simplex[k] = [0.5, 0.6] }",
        "Correct the data, or declare the kind that it has.",
    ),
    "E0517": Page(
        "An unknown label",
        "The labels of a dimension are fixed by the text, or by the table that describes its members.",
        'data { dim group = ["a", "b"]   g: group[obs] = ["a", "c"] }',
        "Correct the label, or add it to the dimension.",
    ),
    "E0518": Page(
        "A code out of range",
        "Where a dimension has a size and no labels, its members are coded from 0, or from `base`. Nothing is clamped.",
        "data { dim state = 2   s: state[step] = [1, 2, 1] }",
        "If the codes count from 1, declare `s: state(base=1)[step]`.",
    ),
    "E0519": Page(
        "A member described twice, or not named",
        "A table with a column named as its dimension describes one member in each row, and one with a column for each "
        "dimension of an array one cell.",
        "county,uranium\nAITKIN,0.5\nAITKIN,0.6",
        "Keep one row for each member, or for each cell.",
    ),
    "E0520": Page(
        "Two tables do not join",
        "A table that describes the members of a dimension must have one row for each of them and no others.",
        "county.csv has no row for a county of the other table",
        "Complete the table.",
    ),
    "E0521": Page(
        "A literal index that is no member",
        "A literal index is a label, or a position counted from 0 (from the end if negative).",
        'beta["slop"]',
        "Correct the label.",
    ),
    "E0522": Page(
        "A list of the wrong length",
        "A list literal has one entry for each member of its dimension; how many there are came from the data.",
        "mu: ordered[group] ~ Normal([1, 2], 1)     # and the data has three groups",
        "mu: ordered[group] ~ Normal([1, 2, 3], 1)",
    ),
    "E0523": Page(
        "A value that is too large",
        "The sizes of its dimensions are multiplied, as in a matrix of distances between all pairs of points. More "
        "than 250 million entries (two gigabytes) are refused before they are made, unless the data are as large "
        "themselves.",
        "data { dim k = 1000000000 }\nmodel { x: real[k] ~ Normal(0, 1) }",
        "Correct the size, use fewer points, or write the model without the large value.",
    ),
    "W0501": Page(
        "A badly scaled covariate",
        "It has a coefficient, and its mean is more than 50 standard deviations from 0, or its standard deviation is "
        "outside 1e-3 to 1e3. Coefficients and intercept are then strongly correlated, or their scales far apart: slow "
        "for every optimiser.",
        "data { year: real[obs] }     # 1990 … 2020",
        "Write `(year - 2005) / 10` in the model.",
    ),
    "W0503": Page(
        "Nothing is observed",
        "The dimension that an observation runs over has no members, or every entry is left out by `where`, a weight "
        "of 0 or a missing value, so that the data say nothing.",
        "y: real[obs] = []",
        "Check that the file has rows, that the right file was bound, and that `where` holds for some rows.",
    ),
    "W0504": Page(
        "Rows that are matched to labels by their order",
        "A table with a row for each member of a dimension says in a column with the dimension's name which row is "
        "whose. Without it the rows are taken in the order of the sorted labels that other columns refer to.",
        "county.csv:  uranium            # and radon.csv refers to counties by name\n             0.5",
        "county.csv:  county,uranium\n             AITKIN,0.5",
    ),
    "E0524": Page(
        "Differential equations need a package that is not installed",
        "`ode` is solved by the package diffrax, which is not part of the core.",
        "model {\n  k ~ HalfNormal(1)\n  def decay(y) = -k * y\n  y = ode(decay, 1, times=2)\n  factor -y^2\n}",
        'Install it with `pip install "svilang[ode]"`.',
    ),
    "E0525": Page(
        "A time before the beginning",
        "Differential equations are solved forwards from `begin`, which is 0 unless it is given. No time may be before "
        "it.",
        "y = ode(decay, start, times=year)     # and the years are 1900, 1901, …",
        "y = ode(decay, start, times=year, begin=1900)",
    ),
    "E0540": Page(
        "Code from outside that was not allowed",
        "A spec reads no file, imports nothing and runs nothing by itself, so that one from a stranger is safe to run. "
        "`extern` names a function of Python; it is used only where you hand it in or allow its import.",
        'extern drag(v: real) -> real from "physics:drag"     # and svilang run spec.svi',
        "svilang run spec.svi --allow-extern, or svilang.load('spec.svi', functions={'drag': drag}).",
    ),
    "E0541": Page(
        "An extern function that is not there",
        "The text behind `from` is a module that Python can import and a function in it; what is handed in instead can "
        "be called, or has `init` and `apply`.",
        'extern drag(v: real) -> real from "physics:darg"',
        'extern drag(v: real) -> real from "physics:drag"',
    ),
    "E0542": Page(
        "An extern function that JAX cannot use",
        "A function is called with arrays whose values are not known yet, and where it is given latent variables or "
        "parameters its derivative is taken.",
        "def drag(v):\n    return 0.0 if v < 0 else v**2",
        "def drag(v):\n    return jnp.where(v < 0, 0.0, v**2)",
    ),
    "E0543": Page(
        "An extern function with another shape than its head says",
        "A function is called for one member of all plates at a time, with arrays of the declared dimensions, and "
        "gives an array of the declared dimensions.",
        'extern f(x: real[a]) -> real from "m:f"     # and def f(x): return 2 * x',
        'extern f(x: real[a]) -> real[a] from "m:f"',
    ),
    "E0526": Page(
        "Bounds that the data give the wrong way round",
        "The ends of `interval(a, b)`, of Uniform, of Truncated and of Censored may be data. Each lower end must lie "
        "below its upper one.",
        "a: interval(lo, hi) ~ Normal(0, 1)     # and lo is 3, hi is 1",
        "Give the bounds in order, or swap them in the spec.",
    ),
    "E0527": Page(
        "A vector that is there in part",
        "What is known of a vector under a Normal law, and what a random walk passed through, has a density of its "
        "own, and counts. Other laws of vectors give a density to whole ones only, and leaving known entries out "
        "without a word would throw data away.",
        "data { y: real?[site, kind] }                       # and one entry of a row is missing\n"
        "plate site { observe y ~ Dirichlet(2 * ones(kind)) }",
        "Leave the whole vector out (all of its entries missing), or observe its entries in a plate of their own.",
    ),
    "E0528": Page(
        "A distribution over another number of members",
        "Some distributions are of a set number of values at once: two angles. The dimension that they run over, of "
        "which the data say the size, has as many members.",
        "data { x: circular[residue, angle] }                # and the table has three columns\n"
        "model { plate residue { observe x ~ SineBivariateVonMises(zeros(angle), ones(angle), 1) } }",
        "Bind data of as many members, or fix them: `dim angle = 2`.",
    ),
    "E0529": Page(
        "A covariate that is missing where the observation is not",
        "A covariate may be missing where what is observed is missing too, as in a table of visits of which some never "
        "took place: the whole term drops out. Where there is an observation every covariate is needed.",
        "data {\n  y: real?[obs] = [1, 2, missing]\n  x: real?[obs] = [0, missing, missing]\n}\n"
        "model {\n  b ~ Normal(0, 1)\n  plate obs { observe y ~ Normal(b * x, 1) }\n}",
        "data {\n  y: real?[obs] = [1, missing, missing]\n  x: real?[obs] = [0, missing, missing]\n}\n"
        "model {\n  b ~ Normal(0, 1)\n  plate obs { observe y ~ Normal(b * x, 1) }\n}",
    ),
    "W0505": Page(
        "An order that nothing says, or that is another one",
        "Chains, cumulative sums, `ordered` vectors and ordinal outcomes read the members of a dimension one after the "
        "other. Labels that only occur in a column are sorted by the alphabet, which puts `high` before `low` and "
        "`Feb` before `Jan`. Rows that a table describes keep their order there, and each is one step, whatever lies "
        "between their labels.",
        "data { answer: level[person]   dim cut = size(level) - 1 }      # and the file says low, mid and high\n"
        "model { … plate person { observe answer ~ OrderedLogistic(0, cut) } }",
        'Write the labels in their order, `dim level = ["low", "mid", "high"]`, or sort the rows. A column of ordered '
        "categories (pandas, Polars) brings its order with it.",
    ),
    "W0506": Page(
        "Labels that look alike",
        "`North`, `north` and `North ` are three labels, and so three members, each with some of the data. Most often "
        "one member was typed in several ways.",
        "school,y\nNorth,1.2\nnorth,0.7",
        "Write the label of one member in one way. Labels that are fixed in the spec refuse all others: "
        '`dim school = ["North", "South"]`.',
    ),
    "W0507": Page(
        "A mark for a missing entry",
        "Many files write -999, `.` or `?` where nothing is known. Taken as they stand, such numbers count as "
        "measurements, and such labels as a group of their own.",
        "y\n1.2\n0.7\n-999",
        "Leave the cell empty, and put a `?` after the kind: `y: real?[row]`. If it is a value as others are, nothing "
        "needs to be done.",
    ),
    "W0508": Page(
        "Codes that may count from 1",
        "Whole numbers count from 0 where a dimension has a size and no labels. No entry is 0 here: either the first "
        "member has no data, or the codes count from 1 and each entry is taken for the member after its own.",
        "data { group: group[row]   dim group = 4 }     # and the codes are 1, 2 and 3",
        "If they count from 1, declare `group: group(base=1)[row]`.",
    ),
    "W0509": Page(
        "Missing values of an outcome that may be censored",
        "A value that is missing says nothing and drops out. One that was censored says that it lies beyond its bound, "
        "and leaving it out makes times too short. Some programs write censored values as missing ones, with the bound "
        "in another column; here they are written as their bound.",
        "time,end\n12,40\n,40",
        "time,end\n12,40\n40,40     # and `observe time ~ Censored(Weibull(k, s), upper=end)`",
    ),
    "W0510": Page(
        "Data of which single precision drops digits",
        "Numbers in float32 have seven digits. Values around 20,000,000 that differ by 1 need eight, and are rounded "
        "to even numbers before the model sees them; what the model subtracts from them comes too late. Without "
        "`precision` the fit takes float64 for such data.",
        "fit { precision = float32 }     # and `y` is 20000001.3, 19999998.9, …",
        "Leave `precision` out or write `precision = float64`, or subtract a constant in the data file.",
    ),
    "W0502": Page(
        "A collinear design",
        "Some columns of a matrix, or of a predictor `a + b * x + c * z`, are sums of others, so that only "
        "combinations of their coefficients are identified. A column that is the same in all rows is so beside an "
        "intercept.",
        "a column for each level of a factor, and a constant; one length in metres and in feet",
        "Leave one column out, or give the coefficients a proper prior.",
    ),
}
"""By code."""
