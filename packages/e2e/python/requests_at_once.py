"""Makes several requests at once, with the client that hands out futures: requests_at_once.py COUNT."""

import asyncio
import sys

from local_endpoint import local_endpoint, tell
from vastai import Serverless


async def main(count: int) -> None:
    async with local_endpoint(Serverless) as endpoint:
        requests = [
            endpoint.request("/v1/completions", {"prompt": f"request {number}", "max_tokens": number + 1})
            for number in range(count)
        ]
        results = await asyncio.gather(*requests)
    tell([{**result, "tracked": request.status} for request, result in zip(requests, results)])


asyncio.run(main(int(sys.argv[1])))
