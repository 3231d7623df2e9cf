"""Vast's client, unchanged, at the engine that ENGINE_URL names."""

import contextlib
import json
import os

from vastai import CoroutineServerless, Serverless

ENGINE = os.environ["ENGINE_URL"]

# The client fetches a root certificate from this address before its first request.
Serverless.SSL_CERT_URL = CoroutineServerless.SSL_CERT_URL = f"{ENGINE}/static/jvastai_root.cer"


@contextlib.asynccontextmanager
async def local_endpoint(client_class=CoroutineServerless):
    """The endpoint "local"; what is tried again is tried at once."""
    client = client_class(
        api_key="local", autoscaler_url=ENGINE, webserver_url=ENGINE, max_poll_interval=0.1
    )
    async with client:
        yield await client.get_endpoint("local")


def tell(value) -> None:
    """Prints the one line that the test reads."""
    print(json.dumps(value))
