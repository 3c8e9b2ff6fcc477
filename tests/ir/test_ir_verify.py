import pytest
from programs import random_program, small_programs

from svilang.diagnostics import InternalError
from svilang.ir.read import read
from svilang.ir.verify import verify

MODEL = """\
model "sound"
dim a
dim b = %0
dim e of a
data x : real[a, b]
data i : count[b] of a
param p : positive[a] lower %1 = %1
param q : real[a] ~ Normal(loc=%1, scale=%1)
%0 : count = const 2
%1 : real = const 0.5
%2 : real[a, b] = input x
%3 : count[b] of a = input i
%4 : real[a] = latent t
%5 : positive[a] = parameter p
%6 : real[a, b] = + %2 %4
%7 : real[b] = sum %2 over a
%8 : real[a, b] = softmax %2 along b
%9 : real[a, a'] = diag %4[a] -> [a, a']
%10 : real[a, b] = contract %9 %2 over a', a
%11 : real[b] = gather %4 %3 over a
%12 : real[b, e] = stack %7 %11 along e
%13 : real[a] = full [a] %1
%14 : real[e] = relabel %4 a -> e
%15 : real[a, b] = lag %2 %4 by 1 along b
%16 : real[a, a'] = eye [a]
%17 : real = size [b]
%18 : simplex[b, a] = softmax %2 along a
site t : real[a] ~ Normal(loc=%5, scale=%1)
site v : real[b | a] lower %1 ~ MultivariateNormal(loc=%4, scale_tril=%9)[a]
observe x = %2 [b, a] ~ Truncated(Normal(loc=%10, scale=%1), lower=%1, upper=none) where %4 weight %11
observe mixed = %7 [b] ~ Mixture(Normal(loc=%8, scale=%1), weights=%18) over a
observe i = %3 [b] ~ Categorical(probs=%18) optional i
factor %4 [a, b]
report r : real[a, b] = %6
report drawn : real[b] ~ Normal(loc=%11, scale=%1)
define named = %6
"""

GUIDE = """\
guide "sound guide"
dim a
dim b
data x : real[a, b]
param c : real[a]
%0 : real = const 1.0
%1 : real[a] = latent t
%2 : real[a] = parameter c
site v : real[b | a] ~ MultivariateNormal(loc=%1, scale_tril=%3)[a]
%3 : real[a, a'] = eye [a]
site extra : real ~ Normal(loc=%0, scale=%0) aux
family mean_field() t
noncentered t
"""


def broken(text: str) -> str:
    with pytest.raises(InternalError) as caught:
        verify(read(text))
    return str(caught.value)


def test_a_sound_model_and_its_guide_pass():
    verify(read(MODEL))
    verify(read(GUIDE), read(MODEL))
    verify(read(GUIDE))


def test_every_small_program_passes():
    for program in (*small_programs(1), *small_programs(2, every=100)):
        verify(program)
    verify(random_program(0, 400))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # what the nodes are made from
        ("+ %2 %4", "+ %2 %6", "%6 is made from %6, which does not stand before it"),
        ("[a, b] = %6", "[a, b] = %99", "%99 is referred to and does not exist"),
        ("define named = %6", "define named = %99", "%99 is referred to and does not exist"),
        ("+ %2 %4", "+ %2", "%6 takes 2 operands, not 1"),
        # axes of operations
        ("%6 : real[a, b] = +", "%6 : real[a] = +", "%6 has the axes [a] where its operands give [a, b]"),
        ("%6 : real[a, b] = +", "%6 : real[a, a, b] = +", "%6 has an axis twice"),
        ("sum %2 over a", "sum %2 over e", "%7 lacks the axis `e` in its first operand"),
        ("%7 : real[b] = sum", "%7 : real[a, b] = sum", "%7 has the axes [a, b] where its operands give [b]"),
        ("softmax %2 along b", "softmax %2 along e", "%8 lacks the axis `e`"),
        ("diag %4[a]", "diag %4[b]", "%9 lacks the axis `b` in its 1. operand"),
        ("= diag %4[a] -> [a, a']", "= diag %4[a] -> [a', a]", "%9 does not end with the axes [a', a] of its result"),
        ("over a', a", "over b, a", "%10 lacks the axis `b` in its first operand"),
        ("over a', a", "over a', e", "%10 lacks the axis `e` in its second operand"),
        ("gather %4 %3 over a", "gather %4 %3 over b", "%11 lacks the axis `b` in its first operand"),
        ("%11 : real[b] = gather", "%11 : real[a, b] = gather", "%11 has the axes [a, b] where its operands give [b]"),
        ("stack %7 %11 along e", "stack %7 %11 along b", "%12 stacks operands that have the axis `b` already"),
        ("%12 : real[b, e] = stack %7 %11 along", "%12 : real[e] = stack along", "%12 stacks nothing"),
        ("%13 : real[a] = full", "%13 : real[b] = full", "%13 has the axes [b] where its operands give [a]"),
        ("relabel %4 a -> e", "relabel %4 b -> e", "%14 lacks the axis `b`"),
        ("relabel %4 a -> e", "relabel %2 a -> b", "%14 has the axis `b` already"),
        ("lag %2 %4 by 1 along b", "lag %2 %2 by 1 along b", "%15 starts with a value that has the axis `b`"),
        ("by 1 along", "by 0 along", "%15 goes 0 steps back"),
        ("%16 : real[a, a']", "%16 : real[a]", "%16 has the axes [a] where its operands give [a, a']"),
        ("%17 : real = size", "%17 : real[b] = size", "%17 has the axes [b] where its operands give []"),
        # names
        ("input x", "input z", "%2 names the data item `z`, which is not declared"),
        ("latent t", "latent z", "%4 names the latent `z`, which is not declared"),
        ("parameter p", "parameter z", "%5 names the parameter `z`, which is not declared"),
        ("real[a, b] = input x", "real[b, a] = input x", "%2 has the axes [b, a] where `x` has [a, b]"),
        ("data i : count[b]", "data x : count[b]", "the value `x` stands 2 times"),
        ("dim e of a", "dim a", "the dimension `a` stands 2 times"),
        ("observe mixed", "observe x", "the term `x` stands 2 times"),
        ("report drawn", "report r", "the report `r` stands 2 times"),
        ("define named = %6", "define named = %6\ndefine named = %5", "the definition `named` stands 2 times"),
        ("dim e of a", "dim e of z", "`e` is an alias of `z`, which is not declared"),
        ("dim b = %0", "", "the dimension `b` is used and not declared"),
        ("count[b] of a = input i", "count[b] of z = input i", "the dimension `z` is used and not declared"),
        ("dim b = %0", "dim b = %4", "the size of `b` has axes"),
        ("optional i", "optional z", "the observation `i` names the data item `z`, which is not declared"),
        # distributions
        ("Normal(loc=%5,", "Normal(loc=%2,", "the site `t`: `loc` of `Normal` has `b` besides the plates"),
        (
            "MultivariateNormal(loc=%4",
            "MultivariateNormal(loc=%9",
            "`loc` of `MultivariateNormal` has `a`, `a'` besides",
        ),
        ("scale_tril=%9)[a]", "scale_tril=%9)", "a variate of `MultivariateNormal` has 1 event axes, not 0"),
        ("real[b | a]", "real[a | b]", "the site `v` does not end with the event axes"),
        ("real[b | a]", "real[b, a]", "the site `v` has 2 plates among the axes b, a"),
        ("site t : real[a]", "site t : real[a, a]", "the site `t` has an axis twice"),
        ("real[b | a] lower %1", "real[b | a] lower %14", "the site `v` has no axis `e`, which %14 has"),
        ("Truncated(Normal(loc=%10, scale=%1), ", "Truncated(", "`Truncated` cannot wrap 0 distributions"),
        ("Normal(loc=%5, scale=%1)", "Normal(Normal(loc=%1, scale=%1), loc=%5, scale=%1)", "`Normal` wraps nothing"),
        ("upper=none)", "upper=none)[e]", "`Truncated` has another event than what it wraps"),
        ("Normal(loc=%5, scale=%1)", "Normal(loc=%5, scale=none)", "the site `t`: `Normal` lacks its `scale`"),
        ("Normal(loc=%8", "Normal(loc=%12", "`loc` of `Normal` has `e` besides the plates"),
        ("positive[a] lower %1 = %1", "positive[a] lower %1 = %2", "the parameter `p` has no axis `b`, which %2 has"),
        ("q : real[a] ~ Normal(loc=%1", "q : real[a] ~ Normal(loc=%7", "the parameter `q`: `loc` of `Normal` has `b`"),
        # terms
        ("observe x = %2 [b, a]", "observe x = %2 [b]", "the observation `x` has no axis `a`, which %2 has"),
        ("where %4", "where %14", "the observation `x` has no axis `e`, which %14 has"),
        ("weight %11", "weight %14", "the observation `x` has no axis `e`, which %14 has"),
        ("factor %4 [a, b]", "factor %4 [b]", "the factor %4 has no axis `a`, which %4 has"),
        ("report r : real[a, b]", "report r : real[a]", "the report `r` has no axis `b`, which %6 has"),
        ("real[a, b] = %6", "real[a, b]", "the report `r` must have either a value or a distribution"),
    ],
)
def test_each_rule_is_held(old, new, message):
    assert old in MODEL
    assert message in broken(MODEL.replace(old, new, 1))


def test_a_broken_vector_observation_is_told_from_its_plates():
    text = MODEL + "observe vector = %4 [a] ~ MultivariateNormal(loc=%4, scale_tril=%9)[a]\n"
    assert "the observation `vector` has an event axis among its plates" in broken(text)
    text = MODEL + "observe vector = %7 [b] ~ MultivariateNormal(loc=%4, scale_tril=%9)[a]\n"
    assert "the observation `vector` lacks the event axes of its distribution" in broken(text)


def test_a_law_of_an_unknown_form_is_refused():
    from dataclasses import replace

    program = read(MODEL)
    site = program.sites[0]
    wrong = replace(program, sites=(replace(site, law=replace(site.law, form=7)), *program.sites[1:]))
    with pytest.raises(InternalError, match="the site `t`: `Normal` has no form 7"):
        verify(wrong)
    short = replace(program, sites=(replace(site, law=replace(site.law, args=(1,))), *program.sites[1:]))
    with pytest.raises(InternalError, match="the site `t`: `Normal` takes 2 arguments, not 1"):
        verify(short)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mean_field() t", "mean_field() z", "the guide covers `z`, which is no latent of `sound`"),
        ("noncentered t", "noncentered z", "the guide covers `z`, which is no latent of `sound`"),
        ("site v", "site z", "the guide covers `z`, which is no latent of `sound`"),
        ("mean_field() t", "mean_field() t, v", "the guide covers `v` 2 times"),
        ("mean_field() t", "mean_field() t\ndefine t = %1\nformulas t", "the guide covers `t` 2 times"),
        ("site extra : real", "site t : real", "the auxiliary site `t` has the name of a latent"),
        ("latent t", "latent z", "%1 names the latent `z`, which is not declared"),
    ],
)
def test_a_guide_covers_the_latents_of_its_model_once(old, new, message):
    with pytest.raises(InternalError) as caught:
        verify(read(GUIDE.replace(old, new, 1)), read(MODEL))
    assert message in str(caught.value)


def test_all_that_is_broken_is_listed():
    text = broken(MODEL.replace("input x", "input z").replace("factor %4 [a, b]", "factor %4 [b]"))
    assert "data item `z`" in text
    assert "the factor %4" in text
    assert "the program `sound` is broken" in text
