"""The reference worker: what our-worker.ts is, in the words of Vast's own package."""

import os

import anyio
from vastai.serverless.server.lib import backend
from vastai.serverless.server.worker import (
    BenchmarkConfig,
    HandlerConfig,
    LogActionConfig,
    Worker,
    WorkerConfig,
)


def open_elsewhere(path, *args, **kwargs):
    """The package writes /.force_update into the root of the machine. A test must not."""
    moved = os.environ["FORCE_UPDATE_FILE"] if path == "/.force_update" else path
    return anyio.open_file(moved, *args, **kwargs)


backend.open_file = open_elsewhere


def asked_tokens(payload: dict) -> float:
    return payload.get("max_tokens", 0)


worker = Worker(
    WorkerConfig(
        model_server_url=os.environ["MODEL_SERVER_URL"],
        model_server_port=int(os.environ["MODEL_SERVER_PORT"]),
        model_log_file=os.environ["MODEL_LOG"],
        handlers=[
            HandlerConfig(
                route="/v1/completions",
                workload_calculator=asked_tokens,
                allow_parallel_requests=True,
                max_queue_time=60.0,
                benchmark_config=BenchmarkConfig(
                    generator=lambda: {"prompt": "hello", "max_tokens": 16},
                    runs=1,
                    concurrency=1,
                ),
            ),
            HandlerConfig(
                route="/v1/chat/completions",
                workload_calculator=asked_tokens,
                allow_parallel_requests=True,
                max_queue_time=60.0,
            ),
            HandlerConfig(route="/tokenize", max_queue_time=60.0),
        ],
        log_action_config=LogActionConfig(
            on_load=["Application startup complete."],
            on_error=["RuntimeError: Engine"],
        ),
        max_sessions=3,
    )
)
worker.run(host=os.environ["WORKER_HOST"])
