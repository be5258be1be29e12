"""A node that serves rooms and nothing else: the real server, layers, routes, hub and ledger. node DATABASE BUS PORT"""

import asyncio
import sys

import uvloop

from realtime.bus import Bus
from realtime.bus_memory import MemoryBus
from realtime.bus_redis import RedisBus
from realtime.hub import Hub
from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.rooms import room_application
from web.server import serve
from web.settings import Settings


async def run(database: str, bus_url: str, port: int) -> None:
    settings = Settings(origin=f"http://127.0.0.1:{port}", port=port, log_level="warning")
    db = Database(database, MASTER_KEY)
    bus: Bus = RedisBus(bus_url) if bus_url else MemoryBus()
    async with Hub(db, bus) as hub:
        await serve(room_application(settings, db, bus, hub), settings)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(sys.argv[1], sys.argv[2], int(sys.argv[3])))
