"""`genesis-mcp demo`: the whole loop on real programs, in a store of its own, in one command."""

import shlex
import sys
import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import anyio

from genesis_mcp.answers import call
from genesis_mcp.cli.command_form import command
from genesis_mcp.config import Settings
from genesis_mcp.errors import ConfigError, InputError
from genesis_mcp.install.clients import CLIENTS, this_machine
from genesis_mcp.install.entry import own_command
from genesis_mcp.install.installing import Target
from genesis_mcp.mcp_server.client import connected, text_of
from genesis_mcp.questions import Service
from genesis_mcp.recording.command import run_command

PROGRAM_SECONDS = 10.0


class Program(NamedTuple):
    """A worker's attempt: the code that it runs for a spec."""

    spec_id: str
    code: str


BROKEN_SUM = """\
def soma(numeros):
    return sum(numeros[1:])

resultado = soma([1, 2, 3])
if resultado != 6:
    raise ValueError(f"esperado 6, veio {resultado}")
print("soma ok")
"""

FLAKY_CALL = """\
import pathlib
import sys

marca = pathlib.Path("pedido.lock")
if marca.exists():
    marca.unlink()
    sys.exit("TimeoutError: serviço de pedidos não respondeu em 2000 ms")
marca.touch()
print("pedido 4711 criado")
"""

BROKEN_IMPORT = """\
import json

usuario = json.loads('{"nome": "Ana"}')
print("criando", usuario["nome"])
print(usuario["email"].lower())
"""

PROGRAMS = [
    Program("spec_soma", BROKEN_SUM),
    Program("spec_soma", BROKEN_SUM.replace("numeros[1:]", "numeros[:-1]")),
    Program("spec_pedido_criar", FLAKY_CALL),
    Program("spec_usuario_criar", BROKEN_IMPORT),
    Program("spec_usuario_criar", BROKEN_IMPORT.replace('"criando"', '"criando usuário"')),
    Program("spec_pedido_criar", FLAKY_CALL),
    Program("spec_soma", BROKEN_SUM.replace("numeros[1:]", "numeros")),
]

QUESTIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("What broke lately?", "recent_failures", {}),
    ("What happened to spec_usuario_criar?", "logs_for_spec", {"spec_id": "spec_usuario_criar"}),
    ("Is spec_soma fixed?", "logs_for_spec", {"spec_id": "spec_soma"}),
    ("And spec_pedido_criar?", "logs_for_spec", {"spec_id": "spec_pedido_criar"}),
]


@command("demo", examples=["genesis-mcp demo", "genesis-mcp demo | less"])
def demo(shell: Settings, _given: dict[str, Any]) -> int:
    """Run failing programs in a store of their own, and ask a server about them as Claude would."""
    # On Windows a file that a process still holds cannot be deleted.
    with tempfile.TemporaryDirectory(prefix="genesis-mcp-", ignore_cleanup_errors=True) as folder:
        settings = Settings(store=f"sqlite:///{Path(folder, 'demo.db').as_posix()}")
        print("Seven attempts of three specs, run and recorded:\n")
        with chdir(folder):
            _run_programs(settings, Path(folder))
        with Path(folder, "server.log").open("w+", encoding="utf-8") as log:
            anyio.run(_ask, settings, log)
    print(f"\n{how_to_connect(shell)}")
    print("\nThen record runs of your own:  genesis-mcp run --spec ID -- COMMAND ...")
    return 0


def how_to_connect(shell: Settings) -> str:
    """The command that lets Claude ask, and what it would write; or why there is none."""
    machine = this_machine()
    target = Target("claude-desktop", None, machine)
    try:
        command = shlex.join(own_command(machine))
        [part] = target.parts(shell.store, read_only=shell.read_only)
    except (ConfigError, InputError) as error:
        return f"To let Claude ask: {error}"
    return (
        f"To let Claude ask:  {command} install claude-desktop\n"
        f"(or {', '.join(name for name in CLIENTS if name != 'claude-desktop')}). It puts this "
        f"into {part.file}:\n\n{target.snippet(part)}"
    )


def _run_programs(settings: Settings, folder: Path) -> None:
    store = settings.open_store()
    service = Service(store)
    try:
        for program in PROGRAMS:
            file = folder / f"{program.spec_id}.py"
            file.write_text(program.code, encoding="utf-8")
            finished = run_command(
                [sys.executable, "-X", "utf8", file.name],
                fields={"spec_id": program.spec_id, "code_snapshot": program.code},
                timeout_seconds=PROGRAM_SECONDS,
                stdout=None,
                stderr=None,
            )
            recorded = service.record_one(finished.run)
            print(
                f"  {program.spec_id} #{recorded.iteration}: {recorded.ended}, {recorded.verdict}"
            )
    finally:
        store.close()


async def _ask(settings: Settings, log: TextIO) -> None:
    async with connected(settings, log) as client:
        for question, tool, arguments in QUESTIONS:
            answer = text_of(await client.call_tool(tool, arguments))
            print(f"\n> {question}\n  {call(tool, **arguments)}\n")
            print("\n".join(f"    {line}" for line in answer.split("\n")))
            print(f"\n  ({len(answer):,} characters, one call)")
