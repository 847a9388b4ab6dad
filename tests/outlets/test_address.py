"""Where an outlet leads: what may be written, and what is refused with a reason."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlets.address import TOOLS, BadAddress, parse
from outlets.obs import Scene, Source


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tools_name_is_enough(tool: str) -> None:
    address = parse(f"{tool}://")
    assert (address.tool, address.host, address.port) == (tool, "127.0.0.1", TOOLS[tool][0])
    assert address.fps == (30 if tool == "vts" else 60)


def test_everything_that_may_be_said() -> None:
    address = parse("vmc://localhost:1234?bones=no&fps=30")
    assert (address.host, address.port, address.fps) == ("localhost", 1234, 30)
    assert not address.says("bones")
    assert address.says("clips")
    assert str(parse("livelink://[::1]:9")) == "livelink://[::1]:9"


def test_obs_takes_a_password_that_is_never_shown_and_what_cues_do() -> None:
    text = "obs://:se%20cret@127.0.0.1?text=Subtitles&do=happy:scene:Smile&do=wave:show:Main/Hand&do=sad:hide:A/B"
    address = parse(text)
    assert "cret" not in f"{address} {address!r}"
    assert address.secret == "se cret"
    assert address.options["text"] == "Subtitles"
    assert address.deeds == {
        "happy": Scene("Smile"),
        "wave": Source("Main", "Hand", shown=True),
        "sad": Source("A", "B", shown=False),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no outlet"),
        ("ftp://127.0.0.1", "only livelink"),
        ("vmc://127.0.0.1:99999", "no address"),
        ("vmc://127.0.0.1:0", "port 0"),
        ("vmc://[::1", "no address"),
        ("vmc://?bones=perhaps", "yes or no"),
        ("vmc://?wings=yes", "no option"),
        ("vmc://?fps=600", "from 10 to 60"),
        ("vmc://?fps=\u0662\u0660", "from 10 to 60"),
        ("ifacialmocap://?version=3", "1 or 2"),
        ("livelink://?subject=" + "x" * 65, "64 characters"),
        ("obs://?do=happy", "none of CUE"),
        ("obs://?do=happy:show:Main", "none of CUE"),
        ("obs://?" + "&".join(f"do=c{i}:scene:S" for i in range(65)), "more than 64"),
    ],
)
def test_what_leads_nowhere_says_why(text: str, said: str) -> None:
    with pytest.raises(BadAddress, match=said) as caught:
        parse(text)
    assert caught.value.code == "bad_outlet"


@pytest.mark.parametrize("host", ["192.168.1.2", "example.org", "0.0.0.0", "[2001:db8::1]"])
def test_another_machine_has_to_be_allowed(host: str) -> None:
    with pytest.raises(BadAddress, match="not this machine") as caught:
        parse(f"vmc://{host}")
    assert caught.value.code == "outlet_abroad"
    assert parse(f"vmc://{host}", abroad=True).port == 39_539


@given(st.text(max_size=60), st.sampled_from(["", "vmc://", "obs://", "vmc://h?"]))
def test_any_text_is_read_or_refused(text: str, head: str) -> None:
    with suppress(BadAddress):
        parse(head + text)
