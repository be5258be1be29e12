"""The demonstration: invented institutions and professionals, cases with slides, and second opinions in each of their states.

Seeding is done by the same actions as people use, is audited as they are, and picks up where it was interrupted. Only the year
that lies behind (past.py) is written at once: so many opinions as its figures need would take minutes."""

from web.demo.people import PEOPLE, PLACES, identities
from web.demo.provider import simulator
from web.demo.samples import SAMPLES
from web.demo.seeding import Told, seed

__all__ = ["PEOPLE", "PLACES", "SAMPLES", "Told", "identities", "seed", "simulator"]
