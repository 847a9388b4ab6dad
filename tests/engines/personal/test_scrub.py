"""What names somebody is found, replaced by the same stand-in each time, and put back by the ledger alone."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import scrub as bench
from engines.personal.kinds import KINDS, Found, settled
from engines.personal.people import known
from engines.personal.presidio import Unavailable, presidio
from engines.personal.scrub import STEP, BadLedger, Ledger, Scrubber

SENTENCES = {
    "My name is Thomas Müller.": "My name is <PERSON_1>.",
    "I'm Ada Quist, not Ada.": "I'm <PERSON_1>, not Ada.",
    "Mrs. van Dyke and Prof Okonkwo agreed.": "Mrs. van Dyke and Prof <PERSON_1> agreed.",
    "我叫王小明，请找李老师。": "我叫<PERSON_1>，请找<PERSON_2>老师。",
    "Mail john.doe+x@example.co.uk today": "Mail <EMAIL_1> today",
    "ada [at] example [dot] org": "<EMAIL_1>",
    "See https://example.org/a?b=1. Then go.": "See <URL_1>. Then go.",
    "Card 4111-1111-1111-1111!": "Card <CARD_1>!",
    "DE89 3704 0044 0532 0130 00 PLEASE": "<IBAN_1> PLEASE",
    "身份证360426199101010071。": "身份证<NATIONAL_ID_1>。",
    "My passport number is C01X00T47.": "My passport number is <NATIONAL_ID_1>.",
    "Ring +44 20 7946 0958 or 13812345678": "Ring <PHONE_1> or <PHONE_2>",
    "From fe80::1 and 10.0.0.1.": "From <IP_1> and <IP_2>.",
    "221B Baker Street, London NW1 6XE, at noon": "<ADDRESS_1>, at noon",
    "Ich wohne Lindenstraße 12, 10969 Berlin.": "Ich wohne <ADDRESS_1>.",
    "Elle habite 12 rue de la Paix, 75002 Paris.": "Elle habite <ADDRESS_1>.",
    "我住在北京市朝阳区建国路88号。": "我住在<ADDRESS_1>。",
    "I was born on 3 May 1984.": "I was born on <BIRTH_DATE_1>.",
    "她1990年3月5日出生。": "她<BIRTH_DATE_1>出生。",
    "We met at 51.50740, -0.12780.": "We met at <PLACE_1>.",
    "Discord: night_owl7, or @nightowl": "Discord: <HANDLE_1>, or <HANDLE_2>",
}
NOTHING = (
    "It is 12:30:45 on 3 May 2024, version 10.2.0.1.",
    "Mark the page in May; hope and grace will do.",
    "Pi is 3.14159265358979, c is 299792458 m/s.",
    "Order 20240503-77 has 4111 parts.",
    "The Street is long, and the Doctor is in.",
    "第3章在第120页，光速是299792458米每秒。",
    "a::b and 1:2 are slices",
)


def scrubbed(text: str) -> str:
    return Scrubber(Ledger()).scrub(text).text


@pytest.mark.parametrize(("text", "wanted"), SENTENCES.items())
def test_what_names_somebody_is_replaced(text: str, wanted: str) -> None:
    assert scrubbed(text) == wanted


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert scrubbed(text) == text


@pytest.mark.parametrize(
    "text",
    ["4111 1111 1111 1112", "DE89 3704 0044 0532 0130 0X", "360426199101010072", "536-00-4399", "999.1.1.1"],
)
def test_a_number_whose_checksum_is_wrong_is_none(text: str) -> None:
    assert not [each for each in Scrubber(Ledger()).find(text) if each.kind != "phone"]


def test_the_same_has_the_same_stand_in_however_it_is_written() -> None:
    scrubber = Scrubber(Ledger())
    first = scrubber.scrub("Call 020 7946 0958, ADA@example.org, card 4111111111111111").text
    second = scrubber.scrub("ada@example.org has 4111 1111 1111 1111; call (020) 79460958").text
    assert first == "Call <PHONE_1>, <EMAIL_1>, card <CARD_1>"
    assert second == "<EMAIL_1> has <CARD_1>; call <PHONE_1>"


def test_people_who_are_known_are_found_in_any_case_and_by_a_part() -> None:
    scrubber = Scrubber(Ledger(), names=("Grace Hopper", "小芳"))
    assert scrubber.scrub("hopper said that grace will come; 小芳也来。 Hoppers stay.").text == (
        "<PERSON_1> said that <PERSON_2> will come; <PERSON_3>也来。 Hoppers stay."
    )
    assert list(known(["", "Al"])("Al is short", "")) == []


TEXTS = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from([*SENTENCES, *NOTHING, "<PERSON_1>", "\n", " "]), max_size=6).map("".join),
)


@given(TEXTS)
def test_the_ledger_puts_back_every_letter_and_a_second_time_changes_nothing(text: str) -> None:
    scrubber = Scrubber(Ledger())
    once = scrubber.scrub(text)
    assert scrubber.scrub(once.text).text == once.text
    if "<" not in text:
        assert scrubber.ledger.restore(once.text).casefold() == text.casefold()
    assert all(each in once.text for each in once.stand_ins[:1])


def test_a_ledger_is_kept_where_only_its_owner_reads_it_and_read_again(tmp_path: Path) -> None:
    scrubber, file = Scrubber(Ledger()), tmp_path / "ledger.json"
    text = scrubber.scrub("I'm Ada Quist, 我叫王小明。").text
    scrubber.ledger.save(file)
    scrubber.ledger.save(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = Ledger.load(file)
    assert again == scrubber.ledger
    assert again.restore(f"{text} <PERSON_9>") == "I'm Ada Quist, 我叫王小明。 <PERSON_9>"
    assert Scrubber(again).scrub("I am Ada Quist and Bo Quist.").text == "I am <PERSON_1> and Bo Quist."


@pytest.mark.parametrize("held", ["", "[]", "{}", '{"names": 1, "words": {}}', '{"names": {}, "words": []}', "\xff"])
def test_a_file_that_is_no_ledger_is_told(held: str, tmp_path: Path) -> None:
    file = tmp_path / "ledger.json"
    file.write_bytes(held.encode("latin-1"))
    with pytest.raises(BadLedger, match="no ledger"):
        Ledger.load(file)
    with pytest.raises(BadLedger):
        Ledger.load(tmp_path / "none")


def test_what_lies_across_a_step_is_found_once() -> None:
    text = "x" * (STEP - 8) + " ada@example.org " + "y" * STEP
    (found,) = Scrubber(Ledger()).find(text)
    assert text[found.start : found.end] == "ada@example.org"


def test_the_surest_kind_is_taken_where_two_overlap() -> None:
    assert settled([Found(0, 9, "person"), Found(2, 5, "email"), Found(6, 8, "phone"), Found(9, 11, "person")]) == [
        Found(2, 5, "email"),
        Found(6, 8, "phone"),
        Found(9, 11, "person"),
    ]


@pytest.mark.parametrize("unit", ["1", "1 ", "a@", "A ", "Mr ", "1.", ":", "王", "路1", "http://", "1-", "A1 ", "+1 "])
def test_the_work_grows_with_the_text(unit: str) -> None:
    def took(count: int) -> float:
        text = unit * (count // len(unit))
        best = 1e9
        for _ in range(2):
            begun = time.process_time()
            Scrubber(Ledger()).find(text)
            best = min(best, time.process_time() - begun)
        return best

    small, large = took(2000), took(16_000)
    assert large < 24 * small + 0.1, (small, large)  # eight times the text


def test_the_benchmark_finds_nearly_all_but_names() -> None:
    tallies = bench.measure(300, seed=7)
    for kind in KINDS:
        tally = tallies[kind]
        assert tally.found >= (0.55 if kind == "person" else 0.9) * tally.there, (kind, tally.missed)
    assert sum(tally.wrong for tally in tallies.values()) <= 2
    assert "| all " in bench.report(tallies)


def test_a_model_that_is_not_here_is_told() -> None:
    with pytest.raises(Unavailable, match=r"ner|no spaCy model"):
        presidio("no_such_model")
