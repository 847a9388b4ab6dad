"""The rules that are judged: an id, the sentence of SPEC.md that it holds to, and where that stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rule:
    """One promise; `sentence` stands in section `section` of SPEC.md, word for word."""

    id: str
    section: str
    sentence: str


CLIENT: Final = (
    Rule("hello_first", "4", "The client's first message is `hello`, within 10 s."),
    Rule("waits_for_welcome", "4", "Nothing but `hello` may be sent before `welcome` has come."),
    Rule("subprotocol", "2", "The server answers with the one it chose"),
    Rule("no_token_in_url", "2", "A token never goes into the URL"),
    Rule("well_formed", "3", "A field whose value is outside its bounds makes the whole message `bad_message`."),
    Rule("only_features", "4", "use only what `features` names"),
    Rule("pongs", "2", "Both ends answer WebSocket pings"),
    Rule("begins", "6.3", "Start to play when 80 ms are buffered"),
    Rule("playhead_regular", "7", "Send `playhead` every 100 to 500 ms"),
    Rule("playhead_end", "7", "once when it has been played to its end"),
    Rule("playhead_sent", "5", "not beyond what was sent"),
    Rule("playhead_seq", "7", "`seq` the last number received"),
    Rule("playhead_heard", "7", "`pts` is what is being heard"),
    Rule("playhead_held", "7", "or is held in an underrun"),
    Rule("no_sound_skipped", "6.3", "Never skip sound to catch up."),
    Rule("in_order", "6.3", "Turns play one after the other, in order."),
    Rule("no_sound", "15", "a reply without sound"),
    Rule("no_face", "15", "plays on without a face where"),
    Rule("cut_playhead", "5", "send one `playhead` of that turn"),
    Rule("cut_stops", "15", "nothing of that turn afterwards"),
    Rule("cut_goes_on", "5", "Drop everything of turns up to `turn`"),
    Rule("cut_before_sound", "15", "an interruption before the first sound"),
    Rule("resumes", "9", "try at once"),
    Rule("resume_token", "9", "resume = {session: welcome.session, token: welcome.token, seq: last}"),
    Rule("resume_seq", "9", "Keep `last`, the highest `seq` received in this session."),
    Rule("resume_same_hello", "9", "send hello with the same fields"),
    Rule("resume_playhead", "9", "Send a playhead at once."),
    Rule("resume_not_twice", "9", "if seq <= last: drop it, you have it already"),
    Rule("resume_backoff", "9", "try at once, then after 0.25, 0.5, 1, 2, 4, 4, 4 ... s"),
    Rule("new_session", "9", "stop playing, drop everything, last = 0"),
    Rule("kept_closes", "9", "any other                                  -> resume"),
    Rule("stays_away", "9", "A client that is closed with 4032 must not resume"),
    Rule("over_is_over", "9", "code 1000                                  -> the conversation is over"),
    Rule("ended_closes", "9", "a code that says \"ended\" or \"refused\" in section 12 -> it is over"),
    Rule("refused", "12", "try after `retry_after_s`, tell the user"),
    Rule("dry_ping", "7", "1 s while it is dry, send a `ping`"),
    Rule("dry_patience", "7", "Any message counts as a sign of life."),
    Rule("dry_gives_up", "7", "take the connection for lost and resume"),
    Rule("unknown_types", "3", "messages of a type that you do not know"),
    Rule("unknown_fields", "3", "Skip fields that you do not know"),
    Rule("unknown_values", "3", "treat an unknown one by the general rule of its section"),
    Rule("fragments", "2", "Each WebSocket message is exactly one protocol message."),
    Rule("hostile_values", "3", "A field whose value is outside its bounds makes the whole message `bad_message`."),
    Rule("hostile_lengths", "5", "Be ready for media of any length up to 1 s."),
    Rule("hostile_frames", "13", "Anything that decodes to no message"),
)  # fmt: skip

SERVER: Final = (
    Rule("subprotocol", "2", "The server answers with the one it chose (MessagePack if both are offered)"),
    Rule("healthz", "2", "`GET /healthz`"),
    Rule("other_paths", "2", "any other path"),
    Rule("other_methods", "2", "any other method 405"),
    Rule("origin", "2", "A request with an `Origin` header (a browser's) is refused with HTTP 403"),
    Rule("welcome_first", "4", "The server answers with `welcome`, always the first message"),
    Rule("welcome_idle", "4", "the session begins in state `idle`"),
    Rule("valid", "5", "The tables give every field."),
    Rule("hello_expected", "4", "not `hello`"),
    Rule("bad_hello", "12", "the first message was no proper `hello`"),
    Rule("unsupported_version", "12", "`hello.version` is not served"),
    Rule("unknown_companion", "4", "`companion` is not served"),
    Rule("unknown_identity", "4", "`identity` is none of `identities`"),
    Rule("unsupported", "12", "codec, face profile, frame rate or language tag cannot be served"),
    Rule("refusal", "4", "a close whose code and reason say the same"),
    Rule("unknown_fields", "3", "The server skips unknown fields likewise"),
    Rule("unknown_types", "3", "answers an unknown type with the error `unknown_type`"),
    Rule("lasting", "12", "The connection goes on; the message that caused it is dropped."),
    Rule("eight_mistakes", "12", "the 8th `bad_message` of a connection"),
    Rule("pong", "5", "Answers `ping`."),
    Rule("profile", "6.4", "All profiles but `none` end with `headYaw`, `headPitch`, `headRoll`"),
    Rule("lead", "5", "`welcome.lead_ms` tells what holds"),
    Rule("reply_order", "8.1", "`speaking` comes right after the first `media`, `reply_start` before"),
    Rule("contiguous", "5", "Sound is contiguous: `pts` of one is the end of the one before."),
    Rule("frames", "5", "Frames are contiguous too"),
    Rule("words_before", "5", "Comes before the media that it is heard in"),
    Rule("words_join", "5", "All gaps and words of a turn that was heard to its end make"),
    Rule("seq_rises", "5", "strictly"),
    Rule("idle_at_end", "7", "state `idle` comes when the playhead has reached"),
    Rule("pacing", "7", "sends what lies less than `lead_ms` ahead of the playhead"),
    Rule("bad_playhead", "12", "beyond what was sent of the running turn"),
    Rule("interrupt", "5", "Answered with `interrupted`, unless that turn is not running any more."),
    Rule("nothing_after_cut", "5", "Nothing more of them follows."),
    Rule("typed_cuts", "8.6", "a running reply is interrupted"),
    Rule("resume", "9", "What you lack follows by itself, in order; then `state`; then live messages."),
    Rule("replay_same", "9", "byte for byte as it was sent first"),
    Rule("resume_refused", "9", "another session's token"),
    Rule("session_taken", "9", "the new one takes over, the old one gets"),
    Rule("bye", "5", "the server closes with 1000"),
    Rule("unknown_call", "12", "for a call that never was"),
    Rule("empty_text", "12", "a `text` without words"),
    Rule("viewer", "10", "the `state`, and from then on every message that the speaker gets"),
    Rule("viewer_refused", "12", "viewers: no such session, or the wrong secret"),
    Rule("too_large", "12", "your message was larger than `message_bytes`"),
    Rule("json_same", "3", "JSON: bytes are base64 strings in the standard alphabet"),
)  # fmt: skip
