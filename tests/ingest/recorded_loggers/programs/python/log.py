"""Does the same work in one setting of one logger: `python log.py LOGGER/SETTING MEANT`.

The log goes to stdout; what was logged goes to the file MEANT as JSON, by the program's own
knowledge.
"""

import json
import sys
import time
from pathlib import Path

import lote
from settings import SETTINGS

SUM = {"type": "ValueError", "message": "sem preço", "place": "lote.py:5"}
ORDER = {"type": "RuntimeError", "message": "pedido 12 recusado", "place": "lote.py:16"}
FREIGHT = {"type": "LookupError", "message": "sem frete", "place": "lote.py:9"}

meant = []


def logged(fields, log):
    begun = time.time()
    log()
    meant.append({"from": begun * 1000, "to": time.time() * 1000, **fields})


def failed(work, log):
    try:
        work()
    except Exception:
        log()


def main(name, meant_file):
    setting = SETTINGS[name]
    labels = {"spec_id": "lote-1"}
    if "service" in setting:
        labels["service"] = setting["service"]
    logger = setting["make"]()
    info = {"level": "info", "message": "lote recebido", **labels}
    logged(info, lambda: logger.info("lote recebido"))
    failed(
        lote.soma,
        lambda: logged(
            {"level": "error", "message": "falha ao gravar", "error": SUM, **labels},
            lambda: logger.exception("falha ao gravar"),  # noqa: LOG004
        ),
    )
    logged(
        {"level": "warn", "message": "fila cheia", **labels}, lambda: logger.warning("fila cheia")
    )
    failed(
        lote.pedido,
        lambda: logged(
            {"level": "error", "message": "falha ao pagar", "error": ORDER, "cause": FREIGHT}
            | labels,
            lambda: logger.exception("falha ao pagar"),  # noqa: LOG004
        ),
    )
    logged(
        {"level": "error", "message": "sem conexão", **labels}, lambda: logger.error("sem conexão")
    )
    if "end" in setting:
        setting["end"]()
    told = {"lacks": setting.get("lacks", "").split(), "meant": meant}
    Path(meant_file).write_text(json.dumps(told))


if len(sys.argv) < 3:
    print(*SETTINGS, sep="\n")
else:
    main(*sys.argv[1:])
