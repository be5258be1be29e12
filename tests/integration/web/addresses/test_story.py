"""Each state-changing address must leave its audit record.

By its name the last module of this folder: after it two of the town's people are signed out, and much is withdrawn."""

from tests.addresses import CHANGING
from tests.changes import STORY
from tests.town import Town

BY_ITSELF = {"room.left", "access.refused", "slide.refused", "slide.regions", "slide.warmed-regions"}
"""What is recorded a while after it happened: who left a room, how often the same was refused within a minute, what became of a
slide that was sent, and which tiles were sent within half a minute."""


def test_the_story_goes_through_every_address_that_changes_something() -> None:
    assert sorted({step.route for step in STORY}) == CHANGING


def test_every_change_leaves_its_audit_record(town: Town) -> None:
    names = dict(town.names)
    town.ask("zoe", "GET /slides/{id}", names)  # the story's view of it renews this one
    for step in STORY:
        before = town.kinds()
        meant = names | {name: names[which] for name, which in step.of.items()}
        answer = town.ask(step.who, step.route, meant, body=step.body)
        assert answer.status_code in {200, 201, 202, 204, 303}, (
            f"{step.route}: {answer.status_code} {answer.text[-2000:]}"
        )
        assert not answer.headers.get("location", "").startswith("/login?"), step.route
        if step.gives:
            names[step.gives] = answer.headers["location"].rpartition("/")[2].partition("?")[0]
        after = town.kinds()
        if step.leaves:
            assert after.count(step.leaves) == before.count(step.leaves) + step.times, step.route
        else:
            assert [kind for kind in after if kind not in BY_ITSELF] == [
                kind for kind in before if kind not in BY_ITSELF
            ]
