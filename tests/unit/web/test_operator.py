from telepath.actor import SYSTEM
from web.operator import operator


def test_who_runs_a_command_is_the_service_from_the_account_that_started_it() -> None:
    found = operator({})
    assert found.person_id == SYSTEM.person_id
    assert found.device.removeprefix("command line, ")


def test_who_came_by_sudo_is_named_too_without_what_cannot_be_printed() -> None:
    assert operator({"SUDO_USER": "mar\nie"}).device == f"{operator({}).device}, sudo marie"
