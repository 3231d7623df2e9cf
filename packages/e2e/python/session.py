"""Opens a session, looks at it, uses it, ends it, and tries to use it once more."""

import asyncio

from local_endpoint import local_endpoint, tell

ROUTE = "/v1/completions"
PAYLOAD = {"prompt": "hello", "max_tokens": 3}


async def failure_of(attempt) -> str:
    try:
        await attempt
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


async def main() -> None:
    async with local_endpoint() as endpoint:
        session = await endpoint.session(
            cost=64, lifetime=30, on_close_route="/closed", on_close_payload={"why": "over"}
        )
        known = {"is_open": await session.is_open()}
        answer = await session.request(ROUTE, PAYLOAD)
        # A second look at the same session does not hear of its end.
        second = await endpoint.get_session(session.session_id, session.auth_data)
        await session.close()
        tell(
            {
                **known,
                "session_id": session.session_id,
                "auth_data": session.auth_data,
                "answer": answer,
                "lifetime": second.lifetime,
                "prolonged": second.expiration - session.expiration,
                "use_after_end": await failure_of(second.request(ROUTE, PAYLOAD)),
                "look_after_end": await failure_of(
                    endpoint.get_session(session.session_id, session.auth_data)
                ),
            }
        )


asyncio.run(main())
