"""What can go wrong in a federation: a code for machines, a sentence for people."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "bad_plan": "the plan contradicts itself",
    "base_differs": "the site has another base model, another adapter or another tokenizer",
    "bad_message": "what came is no message of this protocol",
    "bad_update": "an update has another length than the adapter, or holds no numbers",
    "bad_site": "the name of a site cannot be used",
    "too_many_sites": "there is no room for another site",
    "too_few_sites": "fewer sites are left than a round needs",
    "bad_keys": "the keys of a site are not signed with the circle's secret",
    "bad_share": "a share of a secret cannot be opened or does not fit",
    "told_twice": "somebody asks a site for both secrets of another, which would unmask its update",
    "other_round": "the run that was begun here had another plan or another base",
    "privacy_spent": "a site has taken as many steps as its privacy allows",
    "bad_record": "the record of a run cannot be read, or is of another run",
    "unreachable": "the aggregator cannot be reached",
    "unauthorized": "the token is not valid here",
}


class FederationError(Exception):
    """A federation or a site cannot go on; `code` is one of CODES, `message` says it to people."""

    def __init__(self, code: str, message: str) -> None:
        if code not in CODES:
            raise ValueError(f"{code} is no code of a federation")
        super().__init__(message)
        self.code = code
        self.message = message
