"""What of a chat is answered: the best first, none twice, nobody too often, and a flood costs little."""

from __future__ import annotations

from collections import Counter

from bridge.command.show import allows
from bridge.setup.config import load
from show.director import Ask, Cue, Director, Manner, Read, Topic
from show.lines import Line
from show.phrases import phrases
from show.queue import AGAIN_S, ANSWERED_S, JUDGED, OLD_S, OWN, PLACES, REST_S, Queue
from testkit.chat import scripted


def said(text: str, user: str = "ada", *, gift: float = 0.0, role: str = "viewer", first: bool = False) -> Line:
    return Line("x", user, user, text, role, gift, first)  # type: ignore[arg-type]


def test_gifts_come_first_then_the_companions_name_then_questions_then_people_who_are_known() -> None:
    queue = Queue("Nora")
    lines = [
        said("I like this very much", "a"), said("what is a wave?", "b"), said("Nora what is a wave then?", "c"),
        said("for you", "d", gift=5.0), said("good evening to all of you", "e", role="moderator"),
    ]  # fmt: skip
    assert [queue.hear(each, 0.0) for each in lines] == ["taken"] * 5
    assert [each.user for each in queue.take(5, 0.0)] == ["d", "c", "b", "e", "a"]
    assert queue.take(5, 0.0) == []


def test_the_same_line_counts_once_and_a_copypasta_is_forgotten_for_long() -> None:
    queue = Queue("Nora")
    assert queue.hear(said("Copy this into every chat", "a"), 0.0) == "taken"
    assert queue.hear(said("copy THIS into every chat!", "b"), 10.0) == "again"
    assert queue.hear(said("copy this into every chat", "c"), 10.0 + AGAIN_S) == "again", "twice as long each time"
    assert queue.hear(said("copy this into every chat", "d"), 10_000.0) == "taken"


def test_what_was_answered_is_not_answered_again_for_a_while() -> None:
    queue = Queue("Nora")
    queue.hear(said("what is a wave?", "a"), 0.0)
    queue.take(1, 5.0)
    assert queue.hear(said("hey Nora, what is a wave?", "b"), 5.0 + AGAIN_S + 1) == "again"
    other = Queue("Nora")
    other.hear(said("what is a wave?", "a"), 0.0)
    other.take(1, 5.0)
    assert other.hear(said("what is a wave?", "b"), 6.0 + ANSWERED_S) == "taken"


def test_nobody_writes_too_often_and_commands_and_noise_are_left() -> None:
    queue = Queue("Nora")
    assert queue.hear(said("what is a wave?"), 0.0) == "taken"
    assert queue.hear(said("and what is light?"), REST_S / 2) == "often"
    assert queue.hear(said("and what is light?"), REST_S) == "taken"
    assert queue.hear(said("and what is heat?"), 2 * REST_S) == "often", f"{OWN} lines of one person wait"
    assert queue.hear(said("!discord", "b"), 0.0) == "command"
    assert queue.hear(said("lol", "c"), 0.0) == "idle"
    assert queue.hear(said("and what is heat?", gift=1.0), 2 * REST_S) == "taken", "who gives something is heard"


def test_lines_grow_old_and_gifts_wait_longer() -> None:
    queue = Queue("Nora")
    queue.hear(said("what is a wave?", "a"), 0.0)
    queue.hear(said("for you", "b", gift=2.0), 0.0)
    assert [each.user for each in queue.take(5, OLD_S + 1)] == ["b"]


def test_what_the_filter_blocks_is_never_taken_and_is_judged_once() -> None:
    judged: list[str] = []

    def allows(text: str) -> bool:
        judged.append(text)
        return "bad" not in text

    queue = Queue("Nora", allows)
    assert queue.hear(said("a bad question?", "a"), 0.0) == "blocked"
    assert queue.hear(said("a bad question?", "b"), 1.0) == "again"
    assert judged == ["a bad question?"]
    assert queue.take(1, 1.0) == []


def test_a_flood_fills_the_places_with_the_best_and_is_hardly_filtered() -> None:
    judged = 0

    def allows(text: str) -> bool:
        nonlocal judged
        judged += 1
        return True

    queue = Queue("Nora", allows)
    verdicts: Counter[str] = Counter()
    for number in range(10_000):
        verdicts[queue.hear(said(f"what is number {number} of them?", f"u{number}"), number / 1000)] += 1
    assert len(queue) == PLACES
    assert judged <= 10 * JUDGED
    assert verdicts["flood"] > 9000
    assert queue.hear(said("thank you", "giver", gift=10.0), 10.0) == "taken"
    assert queue.take(1, 10.0)[0].user == "giver"
    assert len(queue._people) <= 2000


def test_of_a_thousand_lines_a_second_with_slurs_the_good_ones_are_answered_and_no_slur_is_read() -> None:
    may = allows(load(None, {}, ["guard.queue=none"]))
    slurs = ("kill yourself", "all immigrants should die", "you are a fucking idiot")
    director = Director("Nora", allows=may)
    verdicts: Counter[str] = Counter()
    read: list[str] = []
    for number in range(10_000):
        # Two of three are slurs, each a little different, from other people.
        text = f"{slurs[number % 3]} {number}" if number % 3 else f"what is number {number} of them?"
        verdicts[director.hear(said(text, f"u{number}"), number / 1000)] += 1
        if number % 2000 == 1999:
            cue = director.next(number / 1000, busy=False)
            read.append(str(cue))
    assert sum(verdicts.values()) == 10_000
    assert verdicts["blocked"] > 0
    assert verdicts["flood"] > 5000
    assert any("what is number" in each for each in read), read
    waiting = [each.line.text for each in director.queue._waiting]
    assert waiting
    assert not any(slur in text for slur in slurs for text in [*waiting, *read])


# ------------------------------------------------------------------------------------------------ the director


def run(director: Director, until: float, *, busy_for: float = 5.0, start: float = 0.0) -> list[tuple[float, Cue]]:
    """Let the show run: after each cue the companion is busy for a while."""
    done, now, busy_until = [], start, start
    while now < until:
        cue = director.next(now, busy=now < busy_until)
        if cue is not None:
            done.append((round(now, 1), cue))
            busy_until = now + busy_for
        now += 0.1
    return done


def test_three_are_read_and_then_what_asks_is_answered_one_after_the_other() -> None:
    director = Director("Nora")
    for user, text in (
        ("xX_Bob_Xx", "what is a wave?"),
        ("zoe", "good evening to everybody"),
        ("ada", "what is light"),
    ):
        assert director.hear(said(text, user), 0.0) == "taken"
    (_, read), *answers = run(director, 60.0)
    assert isinstance(read, Read)
    assert read.words == "Bob asks: what is a wave? Ada asks: what is light? Zoe writes: good evening to everybody."
    assert [each.text for _, each in answers if isinstance(each, Ask)] == [
        "what is a wave?", "what is light"
    ]  # fmt: skip


def test_a_model_is_asked_all_at_once_and_told_who_said_what() -> None:
    director = Director("Nora", Manner(together=True))
    director.hear(said("what is a wave?", "bob"), 0.0)
    director.hear(said("what is light?", "zoe"), 0.0)
    _, (_, asked) = run(director, 30.0)
    assert isinstance(asked, Ask)
    assert sorted(asked.text.split("\n")) == ["Bob: what is a wave?", "Zoe: what is light?"]


def test_who_gives_is_thanked_and_not_asked_about() -> None:
    director = Director("Nora", Manner(language="de-DE"))
    director.hear(said("", "1337", gift=2.0), 0.0)
    director.hear(said("für dich", "zoe", gift=5.0), 0.0)
    cues = [cue for _, cue in run(director, 30.0)]
    assert cues == [Read("Zoe gibt 5. Danke, Zoe! Zoe schreibt: für dich. Danke!", cues[0].lines)]  # type: ignore[union-attr]


def test_a_name_that_may_not_be_said_is_somebody() -> None:
    director = Director("Nora", allows=lambda text: "rude" not in text.lower())
    director.hear(said("what is a wave?", "so_RUDE"), 0.0)
    ((_, read), _) = run(director, 30.0)
    assert isinstance(read, Read)
    assert read.words == "Somebody asks: what is a wave?"
    assert phrases("tlh").somebody == "Somebody"


def about(topic: str) -> Topic:
    return Topic(topic, f"Tell me about {topic}.")


def test_a_statement_is_answered_where_the_mind_follows_any_talk_or_nothing_is_read() -> None:
    for together, aloud, answered in ((False, True, False), (True, True, True), (False, False, True)):
        director = Director("Nora", Manner(together=together, aloud=aloud))
        director.hear(said("my dog is watching too"), 0.0)
        assert any(isinstance(cue, Ask) for _, cue in run(director, 30.0)) == answered


def test_a_quiet_chat_gets_topics_in_turn_and_muted_nothing_happens() -> None:
    director = Director("Nora", Manner(quiet=20.0), topics=("one", "two"))
    cues = run(director, 100.0)
    assert [cue for _, cue in cues[:3]] == [about("one"), about("two"), about("one")]
    assert cues[0][0] >= 20.0
    director.muted = True
    director.hear(said("what is a wave?"), 100.0)
    assert run(director, 200.0, start=100.0) == []


def test_a_skip_forgets_what_was_planned() -> None:
    director = Director("Nora")
    director.hear(said("what is a wave?"), 0.0)
    director.next(0.0, busy=False)
    assert isinstance(director.next(1.0, busy=False), Read)
    director.skip()
    assert run(director, 20.0, start=2.0) == []


def test_long_lines_are_read_short_and_reading_can_be_left_out() -> None:
    director = Director("Nora", Manner(aloud=False))
    director.hear(said("what " * 90 + "?"), 0.0)
    ((_, asked),) = run(director, 20.0)
    assert isinstance(asked, Ask)
    aloud = Director("Nora")
    aloud.hear(said("what " * 90 + "?"), 0.0)
    (_, read), _ = run(aloud, 20.0)
    assert isinstance(read, Read)
    assert len(read.words) < 220


def test_a_scripted_chat_of_three_hundred_lines_is_answered_sensibly() -> None:
    director = Director("Nora", topics=("sound",), allows=lambda text: "idiot" not in text and "die" not in text)
    verdicts: Counter[str] = Counter()
    asked: list[str] = []
    chat, now, busy_until = list(scripted()), 0.0, 0.0
    while now < 1000.0:
        while chat and chat[0][0] <= now:
            verdicts[director.hear(chat.pop(0)[1], now)] += 1
        cue = director.next(now, busy=now < busy_until)
        if cue is not None:
            busy_until = now + 8.0
        if isinstance(cue, Ask):
            asked.append(cue.text)
        now += 0.2
    assert sum(verdicts.values()) == 300
    assert verdicts["again"] > 100
    assert len(asked) > 20
    questions = [text for text in asked if text.endswith("?")]
    assert len(questions) > len(asked) / 2
    assert len(set(asked)) >= 0.8 * len(asked), "nothing is answered over and over but what was paid for"
    assert not any("idiot" in text for text in asked)
