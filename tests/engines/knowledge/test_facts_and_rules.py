"""Facts from tables and rules.toml, and what is wrong with them in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.identity.errors import IdentityError
from engines.knowledge.document import Place
from engines.knowledge.facts import Fact, read_table
from engines.knowledge.rules import Rule, read_rules

PLACE = Place("facts.csv")


def test_a_table_with_names_of_columns() -> None:
    table = (
        "subject;relation;object;also;tolerance;wrong;not;say;remark\n"
        "# a comment\n"
        "speed of light;is;299,792 km/s;c|light speed;5%;;;;checked\n"
        "lamp L2;is;waterproof;;;;yes;The lamp is not waterproof.;\n"
    )
    assert read_table(table, "facts.csv") == [
        Fact("speed of light", "is", "299,792 km/s", PLACE, also=("c", "light speed"), tolerance=0.05),
        Fact("lamp L2", "is", "waterproof", PLACE, negative=True, say="The lamp is not waterproof."),
    ]


@pytest.mark.parametrize(
    "table",
    [
        "sun,is,a star\n",
        "subject\trelation\tobject\nsun\tis\ta star\n",
        "主体，关系，宾语\nsun，is，a star",
        '"sun", "is", "a star"\n\n',
    ],
)
def test_tables_of_every_kind(table: str) -> None:
    assert read_table(table, "facts.csv") == [Fact("sun", "is", "a star", PLACE)]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("sun,is\n", "facts.csv, line 1 has 2 columns: a fact is subject, relation, object"),
        ("subject,relation,object\nsun,is,\n", "line 2 has 3 columns"),
        ("subject,relation,object,tolerance\nsun,is,1 m,much\n", "the tolerance 'much' is no number"),
        ("subject,relation,object,tolerance\nsun,is,1 m,7\n", "tolerance must be a number from 0 to 1"),
        ("sun,is,***\n", "a fact needs a subject and an object"),
        (f"sun,is,{'x' * 401}\n", "longer than 400"),
        ("sun,is,a star\n" * 5001, "more than 5000 facts"),
        (f'"{"x" * 140_000}",is,x', "is no table: field larger than field limit"),
    ],
)
def test_a_table_that_is_wrong_says_where(table: str, sentence: str) -> None:
    with pytest.raises(IdentityError, match=sentence):
        read_table(table, "facts.csv")


@given(st.text(max_size=200))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    try:
        facts = read_table(text, "x")
    except IdentityError:
        return
    assert all(fact.subject and fact.object for fact in facts)


RULES = """
[[rule]]
name = "sun"
when = ["look at the sun"]
must = ["never look"]
say = "Never look at the sun."

[[rule]]
never = ["guaranteed", "no risk"]

[[fact]]
subject = "sun"
relation = "is"
object = "a star"
same = "a sun"
"""


def test_rules_and_facts_of_one_file() -> None:
    rules, facts = read_rules(RULES, "rules.toml")
    place = Place("rules.toml")
    assert rules == [
        Rule("sun", place, when=("look at the sun",), must=("never look",), say="Never look at the sun."),
        Rule("rule[1]", place, never=("guaranteed", "no risk")),
    ]
    assert facts == [Fact("sun", "is", "a star", place, same=("a sun",))]
    assert rules[0].as_json() == {
        "name": "sun", "when": ["look at the sun"], "must": ["never look"], "say": "Never look at the sun.",
    }  # fmt: skip
    assert facts[0].as_json() == {"subject": "sun", "relation": "is", "object": "a star", "same": ["a sun"]}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[rule]", "rules.toml is not TOML"),
        ("rule = 3", "rules.toml.rule must be a list of objects"),
        ("[[rules]]\nname = 'a'", r"holds 'rules': there are \[\[rule\]\] and \[\[fact\]\]"),
        ("[[rule]]\nname = 'a'", "asks for nothing"),
        ("[[rule]]\nmust = ['a']", "needs `when`"),
        ("[[rule]]\nmust = ['a']\nwhen = ['b']", "what to `say`"),
        ("[[rule]]\nnever = ['a']\nwhy = 'x'", "has no field 'why'"),
        ("[[rule]]\nnever = [1]", "never must be a list of texts"),
        (f"[[rule]]\nnever = ['{'x' * 500}']", "more than 400 characters"),
        ("[[fact]]\nsubject = 'a'", "a fact needs a subject and an object"),
        ("a = " + "[" * 10_000, "is not TOML"),
        ("[[rule]]\nnever = ['a']\n" * 1001, "more than 1000"),
    ],
)
def test_rules_that_are_wrong_say_where(text: str, sentence: str) -> None:
    with pytest.raises(IdentityError, match=sentence):
        read_rules(text, "rules.toml")
