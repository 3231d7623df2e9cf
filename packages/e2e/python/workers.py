"""Lists the endpoint's workers."""

import asyncio
import dataclasses

from local_endpoint import local_endpoint, tell


async def main() -> None:
    async with local_endpoint() as endpoint:
        workers = await endpoint.get_workers()
    tell([dataclasses.asdict(worker) for worker in workers])


asyncio.run(main())
