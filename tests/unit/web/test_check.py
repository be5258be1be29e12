import pytest
from starlette.exceptions import HTTPException

from web.routes.check import ADDRESSES_LIMIT, Allowance


def test_an_address_may_spend_its_allowance_and_no_more_until_the_window_ends() -> None:
    now = 0.0
    allowance = Allowance(limit=100, window=60, clock=lambda: now)
    allowance.spend("a", 60)
    allowance.spend("b", 100)
    with pytest.raises(HTTPException) as refused:
        allowance.spend("a", 41)
    assert refused.value.status_code == 429
    assert refused.value.headers == {"Retry-After": "61"}
    allowance.spend("a", 40)
    now = 60.0
    allowance.spend("a", 100)


def test_it_remembers_a_bounded_number_of_addresses() -> None:
    allowance = Allowance(clock=lambda: 0.0)
    for number in range(ADDRESSES_LIMIT + 10):
        allowance.spend(str(number), 1)
    assert len(allowance._spent) <= ADDRESSES_LIMIT
