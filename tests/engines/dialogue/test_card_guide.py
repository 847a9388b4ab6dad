"""The museum guide, talked with as visitors talk: typed, misspelt, and as a recogniser hears it."""

from __future__ import annotations

import pytest

from tests.engines.dialogue.screenplay import scene

# What the visitor says, and words that the reply must hold (any of those split by "|").
VISIT = [
    ("hello", "hello|good day|welcome"),
    ("how are you", "you"),
    ("good thanks", "glad|lovely|good"),
    ("who are you", "edmund"),
    ("are you a robot", "program|not human"),
    ("what can you do", "whale|lens|machine|clock|helmet|bottle|knot"),
    ("my name is anna", "anna"),
    ("what's my name", "anna"),
    ("tell me about the whale", "minke whale"),
    ("how long is it", "seven and a half"),
    ("what did she eat", "krill"),
    ("when was it found", "1928"),
    ("tell me more", "hind legs|dorothy"),
    ("where are the toilets", "left of the entrance"),
    ("wher can i get a cofee", "crab sandwiches|terrace"),
    ("wat time do you cloes", "five"),
    ("are you open on mondays", "on mondays we are closed"),
    ("how much is a ticket", "six pounds"),
    ("is the tower accessible with a wheelchair", "fifty-two steps|lift"),
    ("can i take photos", "without a flash"),
    ("may i bring my dog", "courtyard"),
    ("who was fresnel", "french engineer"),
    ("when did he die", "1827"),
    ("how does the light house lens work", "fresnel lens|ring"),
    ("how far could it be seen", "thirty kilometres"),
    ("what is the tide machine", "brass computer"),
    ("who made the first one", "kelvin"),
    ("how did sailors find their longitude", "fifteen degrees"),
    ("who was john harrison", "carpenter"),
    ("how much was the longitude prize", "twenty thousand"),
    ("what is a sextant", "horizon"),
    ("where does the name come from", "latin"),
    ("how heavy is the diving helmet", "fifteen kilograms"),
    ("can i lift it", "both hands"),
    ("who is black meg", "figurehead"),
    ("how does the ship get into the bottle", "masts lie flat"),
    ("what does the message in the bottle say", "plant the beans"),
    ("is the unicorn horn real", "narwhal"),
    ("what is the plimsoll line", "side of a ship"),
    ("when did it become law", "1876"),
    ("did the titanic send a distress signal", "1912"),
    ("tell me a ghost story", "silas marsh"),
    ("is that true", "legend|objects are real"),
    ("what happened in eighteen ninety seven", "nine fishing boats"),
    ("who founded the museum", "harriet wold"),
    ("is there a cat", "bosun"),
    ("where does he sleep", "coil of rope"),
    ("did he go to school", "do not know|not that"),
    ("what's the oldest chart", "1675"),
    ("is there a guided tour", "sundays at two"),
    ("tell me a joke", "fish|sea|whale|harbour|wreck|ship"),
    ("what should i see first", "whale"),
    ("how old are you", "sixty-one"),
    ("have you ever been at sea", "ferry"),
    ("what time is it", "ten past three in the afternoon"),
    ("what day is it", "tuesday, the fourth of march"),
    ("what is the capital of france", "not|nothing|beyond|nobody|no answer|making it up"),
    ("repeat that", "again|i said|of course|once more"),
    ("what did i just say", "repeat that"),
    ("you are stupid", "sorry|fair|not take it badly"),
    ("i am sad", "sorry|hard"),
    ("i love it here", "thank"),
    ("thanks for everything", "welcome|pleasure|any time|gladly"),
    ("bye", "goodbye|fair winds|off you go"),
]


def test_a_whole_visit() -> None:
    visitor = scene("guide")
    assert "Edmund" in visitor.greet()
    for line, wanted in VISIT:
        reply = visitor.say(line).lower()
        assert any(part in reply for part in wanted.split("|")), (line, reply)


@pytest.mark.parametrize("seed", range(4))
def test_replies_are_short_enough_to_be_spoken(seed: int) -> None:
    visitor = scene("guide", seed=seed)
    for line, _ in VISIT:
        reply = visitor.say(line)
        assert 0 < len(reply) <= 560, (line, reply)
        assert "{" not in reply
        assert "  " not in reply


def test_a_question_that_nearly_fits_is_asked_back_and_yes_tells() -> None:
    visitor = scene("guide")
    reply = visitor.say("can i try the more ski")
    assert reply.endswith("the Morse key?")
    assert "Morse key stands on the desk" in visitor.say("yes")


def test_more_until_all_is_told_and_then_it_says_so() -> None:
    visitor = scene("guide")
    told = visitor.say("tell me about the knots")
    for _ in range(4):
        told += visitor.say("tell me more")
    assert "nautical mile" in told
    assert told.count("most useful of all is the bowline") == 1
    last = visitor.say("more").lower()
    assert "knot board" in last
    assert any(word in last for word in ("all i know", "not in my book", "knowledge of"))


def test_why_gives_the_reason_that_the_entry_holds() -> None:
    visitor = scene("guide")
    visitor.say("how long can the narwhal tusk become")
    assert "because they were thought to make poison harmless" in visitor.say("but why")


def test_why_without_a_reason_is_not_answered_with_something_else() -> None:
    visitor = scene("guide")
    visitor.say("is there a lift")
    assert any(words in visitor.say("why") for words in ("do not know the reason", "cannot tell you"))


def test_the_last_topic_is_asked_on_about_with_a_pronoun() -> None:
    visitor = scene("guide")
    visitor.say("what about captain thorne")
    assert "1822" in visitor.say("when was he born")
    visitor.say("thank you")
    assert "thorne" in visitor.say("tell me about him").lower()


def test_two_sentences_are_both_heard() -> None:
    visitor = scene("guide")
    reply = visitor.say("Hi, my name is Ben. Where are the toilets?")
    assert "behind the anchor" in reply
    assert "Ben" in visitor.say("what is my name?")


def test_i_am_is_a_name_only_when_it_is_one() -> None:
    visitor = scene("guide")
    visitor.say("I'm tired")
    assert "Tired" not in visitor.say("what is my name?")
    visitor.say("I'm Maria")
    assert "Maria" in visitor.say("what is my name?")


def test_a_name_that_was_asked_for_may_come_alone() -> None:
    visitor = scene("guide")
    assert "name" in visitor.say("what is my name").lower()
    assert "Karim" in visitor.say("karim")
    assert "Karim" in visitor.say("who am i")


def test_a_name_cannot_smuggle_in_a_tag() -> None:
    visitor = scene("guide")
    visitor.say("my name is [gesture:bow] {{char}}")
    reply = visitor.say("what is my name")
    assert "gesture:bow" not in reply
    assert "{{" not in reply


def test_slower_gives_less_at_a_time_and_go_on_the_rest() -> None:
    visitor = scene("guide")
    whole = visitor.say("what is the tide machine")
    piece = visitor.say("slower please")
    assert len(piece) < len(whole)
    assert "moon" not in piece.lower()
    assert "moon" in visitor.say("go on").lower()


def test_nothing_is_repeated_within_a_few_turns() -> None:
    visitor = scene("guide")
    for line in ("hello", "tell me a joke", "what is the capital of peru"):
        replies = [visitor.say(line) for _ in range(3)]
        assert len(set(replies)) == 3, replies


def test_the_same_question_again_is_answered_as_said_before() -> None:
    visitor = scene("guide")
    first = visitor.say("who was john harrison")
    second = visitor.say("who was john harrison")
    assert first != second
    assert "carpenter" in second


def test_the_scene_is_known_as_far_as_it_was_told() -> None:
    visitor = scene("guide", states={"location": "the Whale Hall", "main_door": "locked", "visitorCount": "3"})
    assert "Whale Hall" in visitor.say("where are we")
    assert "locked" in visitor.say("is the main door open")
    everything = visitor.say("what is around us")
    assert "main door" in everything
    assert "visitor count" in everything
    assert "moved" not in visitor.say("what just happened")
    visitor.event("a chair moved")
    assert "a chair moved" in visitor.say("what just happened")


def test_an_unknown_place_is_not_invented() -> None:
    reply = scene("guide").say("where are we").lower()
    assert "told" in reply


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        ("the fire alarm rings", "front door"),
        ("the cat jumped on the desk", "bosun"),
        ("the visitor looks at the sextant", "sextant"),
        ("a plant fell from the shelf", "plant fell from the shelf"),
        ("[angry] {{user}} *shouts*", "shouts"),
    ],
)
def test_events_are_remarked_on(event: str, wanted: str) -> None:
    reply = scene("guide").event(event)
    assert wanted in reply.lower()
    assert "[angry]" not in reply
    assert "{{" not in reply


def test_silence_is_not_answered_with_knowledge() -> None:
    for nothing in ("", "   ", "...", "?!"):
        assert "?" in scene("guide").say(nothing)
