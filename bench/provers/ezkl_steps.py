"""One step of EZKL, run inside EZKL's own environment: every step is a function of its Python package."""

import asyncio
import inspect
from typing import Any

from bench.provers.child import Stopwatch, serve

STEPS = ("gen_settings", "calibrate_settings", "compile_circuit", "gen_srs", "setup", "gen_witness", "prove", "verify")


def take(name: str) -> Any:
    """The step of that name, as ``bench.provers.child`` calls it."""

    def step(watch: Stopwatch, *, run_arguments: dict[str, object] | None = None, **arguments: Any) -> bool:
        import ezkl  # type: ignore[import-not-found]

        if run_arguments is not None:
            arguments["py_run_args"] = ezkl.PyRunArgs()
            for key, value in run_arguments.items():
                setattr(arguments["py_run_args"], key, value)
        with watch:
            answer = asyncio.run(_call(getattr(ezkl, name), arguments))
        return bool(answer)

    return step


def idle(_: Stopwatch) -> None:
    """Nothing but the library, for the memory that everything else comes on top of."""
    import ezkl  # noqa: F401


async def _call(function: Any, arguments: dict[str, Any]) -> Any:
    """Some of EZKL's functions want a running event loop even where they are not awaited."""
    answer = function(**arguments)
    return await answer if inspect.isawaitable(answer) else answer


if __name__ == "__main__":
    serve({"idle": idle} | {name: take(name) for name in STEPS})
