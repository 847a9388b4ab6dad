"""What is judged without talking: files, attributes, course, contradictions, richness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engines.identity import load_identity, shipped
from studio.commit import apply
from studio.draft.stage import Draft
from studio.evaluate.agreement import agreement
from studio.evaluate.attributes import attributes
from studio.evaluate.course import course, headings_of
from studio.evaluate.measures import Measure, Section
from studio.evaluate.richness import richness
from studio.evaluate.subject import CHARACTERS, ONE, Subject
from studio.evaluate.validity import card_faults, problem, validity
from studio.folder import Folder
from studio.stage import Wish
from tests.studio.evaluate.persons import COMETS, TIDES, card, entry, identity, step, write
from tests.studio.stages import quiet

SENTENCE = "a warm physics teacher in her forties who loves optics"


def by_name(section: Section) -> dict[str, Measure]:
    return {measure.name.partition(".")[2]: measure for measure in section.measures}


def subject(root: Path) -> Subject:
    return Subject(load_identity(root), Folder(root))


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("people") / "somebody"
    apply(Draft(), root, Wish(SENTENCE), quiet)
    return root


# ------------------------------------------------------------------------------------------------ texts


def test_texts_are_everything_that_the_card_says_and_nothing_that_it_does_not() -> None:
    found = {text.where: text for text in Subject(load_identity(shipped()["teacher"])).texts}
    assert found["description"].speaker == "about"
    assert found["about[0]"].text.startswith("I teach")
    assert found["course.lessons[0].steps[0].ask"].text.endswith("?")
    assert found["answers[0].say[0]"].text.startswith("I am forty-four")
    assert not any("accept" in where or ".keys" in where or ".ask[" in where for where in found)
    assert not any("{{" in text.text or "[happy]" in text.text for text in found.values())


def test_a_huge_card_is_cut_at_the_bounds(tmp_path: Path) -> None:
    entries = [entry(f"thing {i}", f"Thing {i} is here. " * 1500) for i in range(60)]
    big = Subject(identity(tmp_path / "a", *entries))
    assert max(len(text.text) for text in big.texts) <= ONE
    assert sum(len(text.text) for text in big.texts) <= CHARACTERS + ONE


# ------------------------------------------------------------------------------------------------ files


def test_a_drafted_person_is_valid(drafted: Path) -> None:
    found = by_name(validity(subject(drafted)))
    assert {name: measure.outcome for name, measure in found.items()} == dict.fromkeys(found, "passed")


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("a.json", b"{", "JSON"),
        ("a.json", b"[" * 100_000, "nested"),
        ("a.jsonl", b'{"a": 1}\n[]\n', "line 2"),
        ("review.jsonl", b'{"n": 0}\n', "line 1"),
        ("a.toml", b"a = ", "Invalid value"),
        ("a.md", b"\xff\xfe\xfa", "UTF-8"),
        ("a.txt", b"a\0b", "control"),
        ("a.png", b"GIF89a", "no picture"),
        ("a.jpg", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("a.glb", b"nothing", "no picture"),
        ("a.wav", b"RIFF", "no WAV"),
        ("a.safetensors", b"\xff" * 16, "header"),
        ("a.safetensors", b"\x02\0\0\0\0\0\0\0[]", "no object"),
        ("a.safetensors", b"\x02", "buffer"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, name: str, data: bytes, what: str) -> None:
    root = write(tmp_path / "a", card())
    (root / name).write_bytes(data)
    assert what in problem(Folder(root), name)
    assert by_name(validity(subject(root)))["files"].outcome == "missed"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", b'{"a": 1}\n\n'),
        ("a.toml", b"a = 1"),
        ("a.md", "\ufeff# 题".encode()),
        ("a.png", b"\x89PNG\r\n\x1a\n"),
        ("a.glb", b"glTF...."),
        ("a.wav", b"RIFF\0\0\0\0WAVE" + b"\0" * 40),
        ("a.safetensors", b"\x02\0\0\0\0\0\0\0{}"),
        ("a.bin", b"\xff\0"),
    ],
)
def test_what_is_right_passes(tmp_path: Path, name: str, data: bytes) -> None:
    root = write(tmp_path / "a", card())
    (root / name).write_bytes(data)
    assert problem(Folder(root), name) == ""


def test_a_card_is_held_to_its_specification() -> None:
    asked, faults = card_faults(card(entry("comets", COMETS)))
    assert (asked, faults) == (23, [])
    broken = card({"keys": "comets", "content": COMETS}, tags="none")
    del broken["data"]["personality"]
    broken["spec_version"] = "2.0"
    asked, faults = card_faults(broken)
    assert len(faults) == 8
    assert "card.data.personality is missing" in faults
    assert "card.data.tags is of another type" in faults
    assert card_faults({"name": "old"})[1]


def test_missing_files_and_changed_ones_are_named(drafted: Path, tmp_path: Path) -> None:
    asset = {"type": "icon", "uri": "embeded://assets/icon/images/main.png", "name": "main", "ext": "png"}
    lost = subject(write(tmp_path / "a", card(assets=[asset])))
    found = by_name(validity(lost))
    assert found["lost_files"].evidence == ("card.json names assets/icon/images/main.png, which is not there",)
    assert found["changed_files"].outcome == "not measured"
    copy = tmp_path / "copy"
    apply(Draft(), copy, Wish(SENTENCE), quiet)
    (copy / "extra.txt").write_text("hello")
    assert by_name(validity(subject(copy)))["changed_files"].evidence == ("extra.txt is not made here",)


def test_a_course_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    own = {"course": {"title": "x", "lessons": []}}
    broken = subject(write(tmp_path / "a", card(own=own)))
    assert by_name(validity(broken))["script"].outcome == "missed"
    assert {measure.outcome for measure in course(broken).measures} == {"not measured"}


def test_what_an_evaluation_wrote_is_not_judged(tmp_path: Path) -> None:
    root = write(tmp_path / "a", card(), reports__evaluation_dot_json=b"{", reports__draft_dot_json=b"{}")
    assert by_name(validity(subject(root)))["files"].evidence == ("3 of 3",)


# ------------------------------------------------------------------------------------------------ attributes


def test_a_drafted_person_reads_as_it_was_drawn(drafted: Path) -> None:
    section = attributes(subject(drafted))
    assert {name: measure.value for name, measure in by_name(section).items()} == {"exact": 1.0, "conflicts": 0}
    assert len(section.detail["rows"]) > 8  # type: ignore[arg-type]


def test_a_text_that_says_otherwise_is_found(tmp_path: Path) -> None:
    facts = {
        "attributes": {
            "age": 44,
            "presentation": "female",
            "eyes": "brown",
            "hair": {"colour": "black", "style": "curly"},
        }
    }
    text = "Ada is a woman of forty-four with curly black hair and brown eyes. She reads."
    fine = subject(write(tmp_path / "a", card(description=text), facts))
    assert {name: measure.value for name, measure in by_name(attributes(fine)).items()} == {
        "exact": 1.0,
        "conflicts": 0,
    }
    greeting = "Ada smiles with green eyes."
    other = text.replace("brown eyes", "blue eyes")
    wrong = by_name(attributes(subject(write(tmp_path / "b", card(description=other, first_mes=greeting), facts))))
    assert wrong["exact"].evidence[1] == "eyes is brown, the text says blue"
    assert wrong["conflicts"].evidence == (
        "description: eyes is blue, not brown",
        "first_mes: eyes is green, not brown",
    )


def test_attributes_that_are_not_there_or_cannot_be_read_are_not_measured(tmp_path: Path) -> None:
    bare = by_name(attributes(subject(write(tmp_path / "a", card()))))
    assert bare["exact"].why == "identity.json has no attributes"
    facts = {"language": "tlh", "attributes": {"age": 44}}
    assert "cannot be read back" in by_name(attributes(subject(write(tmp_path / "b", card(), facts))))["exact"].why


# ------------------------------------------------------------------------------------------------ course


def lessons(*titles: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {"course": {"title": "the sky", "lessons": [{"title": title, "steps": steps} for title in titles]}}


def test_headings_without_an_entry_a_lesson_or_a_question_are_named(tmp_path: Path) -> None:
    own = lessons("comets", steps=[step("Where does its tail point?", "away")])
    taught = subject(write(tmp_path / "a", card(entry("comets", COMETS), entry("tides", TIDES), own=own)))
    found = by_name(course(taught, ["Comets", "Tides", "Dark matter"]))
    assert found["entries"].evidence == ("2 of 3", "nothing about “Dark matter”")
    assert found["lessons"].evidence == ("1 of 3", "nothing about “Tides”", "nothing about “Dark matter”")
    assert found["questions"].value == pytest.approx(1 / 3)
    assert by_name(course(taught))["entries"].value == 1.0
    silent = lessons("comets", steps=[{"explain": "Look up."}])
    assert by_name(course(subject(write(tmp_path / "b", card(own=silent)))))["questions"].value == 0.0


def test_the_headings_are_those_of_the_documents(tmp_path: Path) -> None:
    notes = (
        b"# The sky\n\n## Comets\n\nA comet is ice and dust.\n\n## Dark matter\n\nNobody has seen it, but it weighs.\n"
    )
    root = write(tmp_path / "a", card(entry("comets", COMETS)), knowledge__sky_dot_md=notes)
    assert headings_of(subject(root)) == ("Comets", "Dark matter")
    section = course(subject(root))
    assert by_name(section)["entries"].evidence == ("1 of 2", "nothing about “Dark matter”")
    assert section.detail["from"] == "documents"


def test_a_question_that_refuses_its_own_answer_or_gives_it_away_is_named(tmp_path: Path) -> None:
    steps = [
        step("Which is larger, the Sun or the Moon?", "sun", answer="It is the Moon."),
        step("Is the Sun a star?", "star", answer="A star, indeed."),
        step("What is it made of?", "ice and dust"),
    ]
    taught = subject(write(tmp_path / "a", card(own=lessons("the sky", steps=steps))))
    found = by_name(course(taught))
    assert found["graded"].value == pytest.approx(2 / 3)
    assert "does not take its own answer “It is the Moon.”" in found["graded"].evidence[1]
    assert found["thinking"].value == pytest.approx(1 / 3)


def test_without_a_course_there_is_nothing_to_measure(tmp_path: Path) -> None:
    assert {each.outcome for each in course(subject(write(tmp_path / "a", card()))).measures} == {"not measured"}


# ------------------------------------------------------------------------------------------------ agreement


RULES = b"""
[[rule]]
name = "mains"
when = ["change the bulb"]
never = ["without unplugging"]
say = "Please unplug the lamp first."

[[fact]]
subject = "speed of light"
relation = "is"
object = "299,792 kilometres per second"
"""


def test_sentences_against_facts_and_rules_are_found(tmp_path: Path) -> None:
    lamp = "You may change the bulb without unplugging the lamp."
    light = "The speed of light is 150,000 kilometres per second."
    wrong = subject(
        write(tmp_path / "a", card(entry("lamp", lamp), entry("light", light)), knowledge__rules_dot_toml=RULES)
    )
    found = by_name(agreement(wrong))
    assert (found["facts"].value, found["rules"].value) == (1, 1)
    assert "150,000" in found["facts"].evidence[1]
    assert "unplugging" in found["rules"].evidence[1]
    right = subject(
        write(
            tmp_path / "b", card(entry("light", light.replace("150,000", "299,792"))), knowledge__rules_dot_toml=RULES
        )
    )
    assert {measure.value for measure in agreement(right).measures} == {0}


def test_without_facts_nothing_is_held_against_anybody(tmp_path: Path) -> None:
    assert {each.outcome for each in agreement(subject(write(tmp_path / "a", card()))).measures} == {"not measured"}
    notes = b"# The lamp\n\nThe lamp is made of brass and of glass, and it has been here for a hundred years.\n"
    facts = {"language": "de"}
    german = write(tmp_path / "b", card(), facts, knowledge__rules_dot_toml=RULES, knowledge__a_dot_md=notes)
    assert "the person speaks de" in agreement(subject(german)).measures[0].why
    broken = write(tmp_path / "c", card(), None, knowledge__compiled_dot_json=b"{")
    assert {each.outcome for each in agreement(subject(broken)).measures} == {"not measured"}


# ------------------------------------------------------------------------------------------------ richness


def test_a_card_that_repeats_itself_is_poorer(tmp_path: Path) -> None:
    rich = by_name(richness(Subject(load_identity(shipped()["teacher"]))))
    poor = by_name(richness(subject(write(tmp_path / "a", card(*(entry(f"t{i}", COMETS * 3) for i in range(9)))))))
    assert rich["distinct_2"].passed
    assert poor["distinct_2"].outcome == poor["distinct_3"].outcome == poor["variety"].outcome == "missed"
    assert {each.outcome for each in richness(subject(write(tmp_path / "b", card()))).measures} == {"not measured"}
