"""All five clients keep every rule, judged by the same scripted server over real sockets."""

from __future__ import annotations

import pytest

from testkit.clients import CLIENTS, Client, judged
from tests.unity.conftest import need

SLACK_S = 1.5  # a machine on which other tests run beside this one

pytestmark = pytest.mark.realtime


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_client_keeps_every_rule(client: Client) -> None:
    need(client.missing())
    made = judged(client, slack=SLACK_S)
    assert [(each.rule.id, each.broken) for each in made.found if each.broken] == []
    assert {each.kept for each in made.found} == {True}, "every rule was tried"
