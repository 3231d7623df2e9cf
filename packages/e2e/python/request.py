"""Makes one request: request.py ROUTE PAYLOAD."""

import asyncio
import json
import sys

from local_endpoint import local_endpoint, tell


async def main(route: str, payload: dict) -> None:
    is_stream = payload.get("stream", False)
    async with local_endpoint() as endpoint:
        result = await endpoint.request(route, payload, cost=16, stream=is_stream)
        if is_stream:
            result["response"] = [event async for event in result["response"]]
    tell(result)


asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
