"""The Python worker as measured: ../workers/constant-worker.ts, line by line."""

import os

from vastai import BenchmarkConfig, HandlerConfig, LogActionConfig, Worker, WorkerConfig

parallel = {
    "workload_calculator": lambda payload: 100.0,
    "allow_parallel_requests": True,
    "max_queue_time": 60.0,
}

url, _, port = os.environ["MODEL_SERVER_URL"].rpartition(":")

config = WorkerConfig(
    model_server_url=url,
    model_server_port=int(port),
    model_log_file=os.environ["MODEL_LOG"],
    model_healthcheck_url=os.environ.get("MODEL_HEALTH_ENDPOINT"),
    handlers=[
        HandlerConfig(
            route="/v1/completions",
            benchmark_config=BenchmarkConfig(
                generator=lambda: {"model": "stand-in", "prompt": "hello", "max_tokens": 128},
                runs=1,
                concurrency=10,
            ),
            **parallel,
        ),
        HandlerConfig(route="/stream/200/2", **parallel),
    ],
    log_action_config=LogActionConfig(
        on_load=["Application startup complete."],
        on_error=["INFO exited: vllm", "RuntimeError: Engine", "Traceback (most recent call last):"],
        on_info=['"message":"Download'],
    ),
)

if __name__ == "__main__":
    Worker(config).run(host="127.0.0.1")
