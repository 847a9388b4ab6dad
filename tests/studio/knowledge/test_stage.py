"""The stage knowledge: documents of every kind into a card that teaches, and what is wrong with them in a sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engines.dialogue.card.book import read_book
from engines.identity import IdentityError, load_identity
from engines.knowledge.knowledge import knowledge_of
from studio.command.new import make
from studio.commit import apply
from studio.errors import StudioError
from studio.knowledge.stage import Knowledge
from studio.lineage import stages_of
from studio.stage import Wish
from testkit.papers import paper
from tests.studio.stages import quiet

DATA = Path(__file__).parent / "data"
CARD = {"spec": "chara_card_v3", "data": {"name": "Ada", "description": "Ada is a teacher."}}


def person(folder: Path, language: str = "en-gb", card: dict[str, Any] | None = None, **files: str | bytes) -> Path:
    """A person with documents."""
    folder.joinpath("knowledge").mkdir(parents=True)
    folder.joinpath("card.json").write_text(json.dumps(card or CARD))
    folder.joinpath("identity.json").write_text(json.dumps({"language": language}))
    for name, data in files.items():
        path = folder / "knowledge" / name.replace("__", ".")
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def learn(folder: Path, **options: Any) -> dict[str, Any]:
    """Run the stage; its report."""
    apply(Knowledge(), folder, Wish(options=options), quiet)
    report: dict[str, Any] = json.loads(folder.joinpath("reports", "knowledge.json").read_text())
    return report


def card(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(folder.joinpath("card.json").read_text())
    return read["data"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("document", "language", "lessons"),
    [("optics.md", "en-gb", 10), ("museum.md", "zh-cn", 6), ("manual.txt", "en", 6)],
)
def test_a_document_becomes_a_course_a_book_and_passages(
    tmp_path: Path, document: str, language: str, lessons: int
) -> None:
    folder = person(tmp_path / "ada", language)
    report = learn(folder, add=[str(DATA / document)])
    assert report["lessons"] == lessons
    assert sum(report["questions"].values()) >= 1.5 * lessons
    assert report["without_question"] == []
    assert report["conflicts"] == []
    identity = load_identity(folder)
    book = read_book(identity)
    assert book.course is not None
    assert len(book.course.lessons) == lessons
    assert len(book.entries) >= lessons
    known = knowledge_of(identity)
    assert known is not None
    assert known.warnings == ()
    assert len(known.library.facts) == report["facts"]["drawn"] > 0
    entry = card(folder)["character_book"]["entries"][0]
    assert document.rpartition(".")[0] in entry["extensions"]["companion_bridge"]["source"]


def test_the_same_documents_make_the_same_bytes_and_nothing_twice(tmp_path: Path) -> None:
    folder = person(tmp_path / "ada", optics__md=(DATA / "optics.md").read_bytes())
    learn(folder)
    first = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "identity.json"}
    learn(folder)
    assert {path: path.read_bytes() for path in first} == first


def test_what_was_written_by_hand_stays(tmp_path: Path) -> None:
    own = {"title": "mine", "lessons": course_of_one()}
    data = {
        "name": "Ada",
        "character_book": {"name": "b", "entries": [{"keys": ["tea"], "content": "Tea is hot.", "x": 1}]},
        "extensions": {"other": {"a": 1}, "companion_bridge": {"about": ["I am Ada."], "course": own}},
    }
    folder = person(
        tmp_path / "ada", card={"spec": "chara_card_v3", "data": data}, a__md="# Light\n\nLight is very fast."
    )
    report = learn(folder)
    assert report["course_by_hand"] is True
    made = card(folder)
    assert made["extensions"]["other"] == {"a": 1}
    assert made["extensions"]["companion_bridge"] == {"about": ["I am Ada."], "course": own}
    assert [entry["content"] for entry in made["character_book"]["entries"]] == ["Tea is hot.", "Light is very fast."]
    folder.joinpath("knowledge", "a.md").write_text("# Sound\n\nSound is rather slow.")
    learn(folder)
    assert [entry["content"] for entry in card(folder)["character_book"]["entries"]] == [
        "Tea is hot.", "Sound is rather slow.",
    ]  # fmt: skip


def test_a_course_that_the_writer_invented_gives_way(tmp_path: Path) -> None:
    folder = make(Wish("a warm physics teacher", "en-gb", 3), tmp_path / "ada", quiet, learn=[str(DATA / "optics.md")])
    identity = folder.identity
    course = read_book(identity).course
    assert course is not None
    assert course.title == "optics for beginners"
    report = json.loads(folder.read("reports/knowledge.json"))
    assert report["course_by_hand"] is False
    assert stages_of(folder.facts)[:2] == ("draft", "knowledge")
    # Run again it goes on where it was: nothing is learnt twice.
    again = make(Wish("a warm physics teacher", "en-gb", 3), tmp_path / "ada", quiet, learn=[str(DATA / "optics.md")])
    assert again.facts == folder.facts
    # What somebody has changed since is theirs.
    data = json.loads(folder.read("card.json"))
    data["data"]["extensions"]["companion_bridge"]["course"] = {"title": "mine", "lessons": course_of_one()}
    tmp_path.joinpath("ada", "card.json").write_text(json.dumps(data))
    assert learn(tmp_path / "ada")["course_by_hand"] is True


def course_of_one() -> list[dict[str, Any]]:
    return [{"title": "one", "steps": [{"explain": "It is so."}]}]


def test_lessons_may_be_left_out(tmp_path: Path) -> None:
    folder = person(tmp_path / "ada", optics__md=(DATA / "optics.md").read_bytes())
    report = learn(folder, no_course=True)
    assert report["lessons"] == 0
    assert "course" not in card(folder)["extensions"]["companion_bridge"]


def test_a_language_without_patterns_gets_lessons_that_ask_nothing(tmp_path: Path) -> None:
    text = (
        "# Licht\n\nLicht ist eine Form der Energie, die wir mit den Augen sehen, und nichts ist schneller als Licht."
    )
    report = learn(person(tmp_path / "ada", "de", licht__md=text))
    assert (report["language"], report["lessons"], report["questions"]) == ("de", 1, {})
    assert report["without_question"] == ["Licht"]


# ------------------------------------------------------------------------------------------------ consistency


def test_what_contradicts_itself_is_reported_with_its_places(tmp_path: Path) -> None:
    folder = person(
        tmp_path / "ada",
        a__md="# Tower\n\nThe tower is 300 metres tall. We like it.\n\n# Again\n\nThe tower is 250 metres tall.",
        facts__csv="lamp,is,waterproof\nwheel,part of,car\ncar,part of,wheel\nmoon,is,3474 km wide\n",
        rules__toml="[[fact]]\nsubject='lamp'\nrelation='is'\nobject='waterproof'\nnot=true\n",
        b__md="# Moon\n\nThe moon is 5000 km wide, they wrote.",
    )
    report = learn(folder)
    told = "\n".join(report["conflicts"])
    assert "a.md › Tower: Tower is 300 metres tall. - but a.md › Again: Tower is 250 metres tall." in told
    assert "facts.csv: Lamp is waterproof. - but rules.toml: Lamp is not waterproof." in told
    assert "runs in a circle" in told
    assert "b.md › Moon: The moon is 5000 km wide, they wrote. - but facts.csv: Moon is 3474 km wide." in told
    known = knowledge_of(load_identity(folder))
    assert known is not None
    assert [fact.subject for fact in known.library.facts if fact.drawn] == []  # what is disputed holds nobody


def test_the_writer_is_told_what_to_keep_to(tmp_path: Path) -> None:
    folder = person(
        tmp_path / "ada",
        facts__csv="sun,is,a star\n",
        rules__toml="[[rule]]\nwhen=['sun']\nmust=['never look']\nnever=['stare']\nsay='Never look at the sun.'\n",
    )
    assert learn(folder)["constraints"] == [
        "When sun is spoken of: never say: stare.",
        "When sun is spoken of: Never look at the sun.",
        "Sun is a star.",
    ]


# ------------------------------------------------------------------------------------------------ PDF


def pages(count: int) -> list[list[tuple[float, float, str]]]:
    return [
        [
            (8, 30, "Optics for everybody"),
            (20, 80, f"Chapter {i + 1}: Mirrors of kind {i + 1}"),
            (10, 120, f"A mirror of kind {i + 1} is a surface that throws back light. It was"),
            (10, 132, f"made in 18{i % 90 + 10} by hand. Mirror {i + 1} weighs {i + 2} kg, and it is never clea-"),
            (10, 144, "ned with sand."),
            *(
                (10, 180 + 12 * j, f"Line {j} of the page speaks of mirrors and of the light in them.")
                for j in range(40)
            ),
            (8, 800, f"{i + 1}"),
        ]
        for i in range(count)
    ]


def test_a_pdf_of_three_hundred_pages_is_learnt(tmp_path: Path) -> None:
    folder = person(tmp_path / "ada", optics__pdf=paper(pages(300)))
    report = learn(folder)
    assert report["passages"] > 300
    assert report["lessons"] == 60  # as many as one has the patience for
    assert report["entries"] == 300
    known = knowledge_of(load_identity(folder))
    assert known is not None
    places = {passage.place.page for passage in known.library.passages}
    assert places == set(range(1, 301))
    assert all("Optics for everybody" not in passage.text for passage in known.library.passages)
    assert "never cleaned with sand" in known.library.passages[0].text


def test_a_chinese_pdf_with_a_table_of_contents(tmp_path: Path) -> None:
    page = [
        (12.0, 60.0, "青铜鼎"),
        (12.0, 90.0, "青铜鼎铸于商代，高133厘米，重832公斤。"),
        (12.0, 104.0, "它是祭祀时用来煮肉的礼器。"),
    ]
    folder = person(tmp_path / "ada", "zh", museum__pdf=paper([page], toc=[("青铜鼎", 0)]))
    report = learn(folder)
    assert report["language"] == "zh"
    course = card(folder)["extensions"]["companion_bridge"]["course"]
    assert course["lessons"][0]["title"] == "青铜鼎"
    assert course["lessons"][0]["steps"][0]["explain"].startswith("青铜鼎铸于商代")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (paper([[(10.0, 60.0, "Secret words that nobody may read.")]], password="key"), "locked with a password"),
        (paper([[], []]), "holds pictures of its pages"),
        (b"%PDF-1.4\nnothing of it", "is damaged"),
        (b"", "is damaged"),
        (paper([[(10.0, 60.0, "Some words here.")]])[:300], "is damaged"),
    ],
)
def test_a_pdf_that_cannot_be_learnt_says_why(tmp_path: Path, data: bytes, sentence: str) -> None:
    folder = person(tmp_path / "ada", paper__pdf=data)
    with pytest.raises(IdentityError, match=sentence):
        learn(folder)
    assert not folder.joinpath("knowledge", "compiled.json").exists()


# ------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("make", "code", "sentence"),
    [
        (lambda folder: None, "no_sources", "there are no documents"),
        (lambda folder: folder.joinpath("knowledge", "a.md").write_text("\n\n"), "bad_source", "no text to learn from"),
        (
            lambda folder: folder.joinpath("knowledge", "a.md").write_text("# Only\n\n## Headings\n"),
            "bad_source",
            "no text",
        ),
        (lambda folder: folder.joinpath("knowledge", "a.md").write_bytes(b"\x00\x01"), "bad_source", "is no text file"),
        (lambda folder: folder.joinpath("knowledge", "f.csv").write_text("a,b\n"), "bad_facts_table", "2 columns"),
        (lambda folder: folder.joinpath("knowledge", "rules.toml").write_text("x"), "bad_rules", "is not TOML"),
    ],
)
def test_bad_documents_change_nothing(tmp_path: Path, make: Callable[[Path], object], code: str, sentence: str) -> None:
    folder = person(tmp_path / "ada")
    make(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises((StudioError, IdentityError), match=sentence) as caught:
        learn(folder)
    assert isinstance(caught.value, StudioError | IdentityError)
    assert caught.value.code == code
    assert {
        path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".studio" not in path.parts
    } == before


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("nowhere.md", "there is no file"), ("a.docx", "is no document that is read")],
)
def test_a_document_that_cannot_be_added(tmp_path: Path, name: str, sentence: str) -> None:
    folder = person(tmp_path / "ada")
    with pytest.raises(StudioError, match=sentence):
        learn(folder, add=[str(tmp_path / name)])


def test_a_folder_without_a_card_learns_too(tmp_path: Path) -> None:
    folder = tmp_path / "ada"
    folder.joinpath("knowledge").mkdir(parents=True)
    shutil.copy(DATA / "optics.md", folder / "knowledge" / "optics.md")
    assert learn(folder)["passages"] > 5
    assert not folder.joinpath("card.json").exists()
