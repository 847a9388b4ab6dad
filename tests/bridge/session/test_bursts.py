"""Everything at once and in any order: nothing that was said is dropped silently, and every turn has a beginning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import messages as m
from testkit.scripted.engines import ScriptedDialogue, ScriptedStt, ScriptedTts
from tests.bridge.scenario import AEC, Cast, Scenario, perform


@dataclass(frozen=True, slots=True)
class Deed:
    """What the user or their client does, `after` seconds after the last."""

    after: float
    what: Literal["type", "speak", "press", "release", "stop", "event", "lose"]
    lasts: float


DEEDS = st.lists(
    st.builds(
        Deed,
        st.sampled_from([0.0, 0.0, 0.01, 0.1, 0.3, 0.7, 1.5]),
        st.sampled_from(["type", "speak", "speak", "press", "release", "stop", "event", "lose"]),
        st.sampled_from([0.1, 0.3, 0.6, 1.2]),
    ),
    max_size=14,
)


def play(deeds: list[Deed], *, aec: bool, delay: float) -> tuple[Scenario, list[str]]:
    typed: list[str] = []

    async def screenplay(scenario: Scenario) -> None:
        for number, deed in enumerate(deeds):
            await scenario.at(scenario.now + deed.after)
            match deed.what:
                case "type":
                    typed.append(f"typed{number}")
                    scenario.type(typed[-1])
                case "speak":
                    scenario.speak(scenario.now, scenario.now + deed.lasts)
                case "press" | "release":
                    scenario.say(m.Talk(on=deed.what == "press", pts=0))
                case "stop":
                    scenario.say(m.Interrupt())
                case "event":
                    scenario.say(m.Context(events=(f"event{number}",), respond="must"))
                case "lose":
                    await scenario.at(scenario.now + delay + 0.001)
                    scenario.cut()
                    scenario.connect(seq=scenario.avatar.seq)
        scenario.say(m.Talk(on=False, pts=0))
        await scenario.at(scenario.now + 40.0)

    cast = Cast(
        ScriptedDialogue(("One two three four five six.",), first=0.05, every=0.02),
        ScriptedTts(ms_per_word=200, delay=0.02),
        ScriptedStt(lambda n: f"heard{n}", delay=delay),
    )
    hello = m.Hello(audio=AEC if aec else m.HelloAudio())
    return perform(screenplay, cast, hello=hello, mic=True), typed


@given(DEEDS, st.booleans(), st.sampled_from([0.0, 0.1, 1.0]))
@settings(max_examples=60, deadline=None)
def test_in_any_order_nothing_is_dropped_silently(deeds: list[Deed], aec: bool, delay: float) -> None:
    scenario, typed = play(deeds, aec=aec, delay=delay)
    avatar = scenario.avatar
    assert scenario.crash is None
    messages = [message for _, message in avatar.messages]
    begun = [x.turn for x in messages if isinstance(x, m.ReplyStart)]
    cut = [x.turn for x in messages if isinstance(x, m.Interrupted)]
    ended = [x.turn for x in messages if isinstance(x, m.ReplyEnd)]
    assert begun == list(range(1, len(begun) + 1))
    assert set(cut) <= set(begun)
    assert set(begun) == set(cut) | set(ended)
    asked = {word for request in scenario.cast.dialogue.requests for x in request.history for word in x.text.split()}
    assert set(typed) <= asked
    lost = sum(x.code == "unanswered" for x in messages if isinstance(x, m.Error))
    assert len(set(avatar.transcripts()) - asked) == lost
    assert avatar.states()[-1:] in ([], ["idle"])
