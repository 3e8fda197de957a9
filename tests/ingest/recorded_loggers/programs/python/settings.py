"""The settings of Python's loggers, each with what it does not tell (`lacks`)."""

import json
import logging
import os
import sys
from datetime import UTC, datetime

SPEC = "lote-1"
TEXT = "labels exact"


def handled(formatter, handler=None, **extra):
    """A logger of the standard library with this formatter, and fields of its own."""
    handler = handler or logging.StreamHandler(sys.stdout)
    if formatter is not None:
        handler.setFormatter(formatter)
    logger = logging.getLogger("importa")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel("INFO")
    return logging.LoggerAdapter(logger, {"spec_id": SPEC, **extra})


def plain(form, **options):
    return lambda: handled(logging.Formatter(form, **options))


def basic(**options):
    def make():
        logging.basicConfig(stream=sys.stdout, level="INFO", **options)
        return logging.getLogger("importa")

    return make


def python_json(form=None, **options):
    def make():
        from pythonjsonlogger.json import JsonFormatter

        return handled(JsonFormatter(form, **options))

    return make


def struct(*processors, bound=True, factory=None):
    def make():
        import structlog

        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
                *(one() if callable(one) and one.__name__ == "<lambda>" else one
                  for one in processors),
            ]
        )  # fmt: skip
        return structlog.get_logger(spec_id=SPEC)

    return make


def struct_default():
    import structlog

    return structlog.get_logger(spec_id=SPEC)


def struct_through_stdlib():
    import structlog

    shared = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    return handled(formatter)


def loguru(**options):
    def make():
        from loguru import logger

        logger.remove()
        logger.add(sys.stdout, **options)
        return logger.bind(spec_id=SPEC)

    return make


def loguru_own_json():
    from loguru import logger

    def sink(message):
        record = message.record
        line = {
            "timestamp": record["time"].isoformat(),
            "level": record["level"].name,
            "message": record["message"],
            **record["extra"],
        }
        if record["exception"]:
            kind, value, _ = record["exception"]
            line["exception"] = {"type": kind.__name__, "value": str(value)}
            line["traceback"] = str(message).partition("\n")[2]
        print(json.dumps(line))

    logger.remove()
    logger.add(sink, backtrace=False, diagnose=False)
    return logger.bind(spec_id=SPEC)


def ecs(**options):
    def make():
        import ecs_logging

        return handled(ecs_logging.StdlibFormatter(**options))

    return make


def ecs_struct():
    import ecs_logging
    import structlog

    structlog.configure(processors=[ecs_logging.StructlogFormatter()])
    return structlog.get_logger(spec_id=SPEC)


def google(**options):
    def make():
        from google.cloud.logging_v2.handlers import StructuredLogHandler

        handler = StructuredLogHandler(stream=sys.stdout, **options)
        return handled(None, handler, json_fields={"spec_id": SPEC})

    return make


def lambda_logger(env=None, **options):
    def make():
        os.environ.update(env or {})
        from aws_lambda_powertools import Logger

        logger = Logger(service="loja", stream=sys.stdout, **options)
        logger.append_keys(spec_id=SPEC)
        return logger

    return make


_providers = []


def telemetry(make_exporter):
    def make():
        import warnings

        warnings.simplefilter("ignore")
        from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
        from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
        from opentelemetry.sdk.resources import Resource

        provider = LoggerProvider(resource=Resource.create({"service.name": "loja"}))
        provider.add_log_record_processor(SimpleLogRecordProcessor(make_exporter()))
        _providers.append(provider)
        return handled(None, LoggingHandler(logger_provider=provider))

    return make


def flushed():
    for provider in _providers:
        provider.shutdown()


def console_exporter(**options):
    from opentelemetry.sdk._logs import export

    exporter = getattr(export, "ConsoleLogRecordExporter", None) or export.ConsoleLogExporter
    return exporter(out=sys.stdout, **options)


def protocol_exporter():
    from google.protobuf.json_format import MessageToJson
    from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
    from opentelemetry.sdk._logs import export

    base = getattr(export, "LogRecordExporter", None) or export.LogExporter

    class ProtocolLines(base):
        def export(self, batch):
            print(MessageToJson(encode_logs(batch), indent=None))

        def shutdown(self):
            pass

        def force_flush(self, timeout_millis=0):
            return True

    return ProtocolLines()


def rich_handler(**options):
    def make():
        from rich.console import Console
        from rich.logging import RichHandler

        return handled(None, RichHandler(console=Console(file=sys.stdout, width=140), **options))

    return make


def uvicorn():
    from uvicorn.logging import DefaultFormatter

    return handled(DefaultFormatter("%(levelprefix)s %(message)s", use_colors=False))


def logfmt(**options):
    def make():
        from logfmter import Logfmter

        return handled(Logfmter(**options))

    return make


def json_log_formatter(kind):
    def make():
        import json_log_formatter

        return handled(getattr(json_log_formatter, kind)())

    return make


class OwnJson(logging.Formatter):
    """The formatter that many write themselves."""

    def format(self, record):
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "spec_id": record.spec_id,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


ALL = "%(asctime)s %(levelname)s %(name)s %(message)s"

SETTINGS = {
    "stdlib/basic": {"make": basic(), "lacks": f"{TEXT} time"},
    "stdlib/times": {"make": plain(ALL), "lacks": f"{TEXT}"},
    "stdlib/dashes": {
        "make": plain("%(asctime)s - %(name)s - %(levelname)s - %(message)s"), "lacks": TEXT},
    "stdlib/celery": {
        "make": plain("[%(asctime)s: %(levelname)s/%(processName)s] %(message)s"), "lacks": TEXT},
    "stdlib/brackets": {
        "make": plain("[%(levelname)s] %(asctime)s %(filename)s:%(lineno)d: %(message)s"),
        "lacks": TEXT},
    "stdlib/own-json": {"make": lambda: handled(OwnJson())},
    "stdlib/uvicorn": {"make": uvicorn, "lacks": f"{TEXT} time"},
    "python-json-logger/default": {"make": python_json(), "lacks": "level time"},
    "python-json-logger/production": {
        "make": python_json(ALL, static_fields={"service": "loja"}), "service": "loja"},
    "python-json-logger/renamed": {
        "make": python_json(
            "%(message)s %(levelname)s", timestamp=True, exc_info_as_array=True,
            json_ensure_ascii=False, rename_fields={"levelname": "severity"})},
    "python-json-logger/comma": {
        "make": python_json("{levelname}{asctime}{message}{name}", style="{",
                            rename_fields={"asctime": "@timestamp", "levelname": "log.level"})},
    "structlog/default": {"make": struct_default, "lacks": TEXT},
    "structlog/json": {"make": struct(
        lambda: __import__("structlog").processors.format_exc_info,
        lambda: __import__("structlog").processors.JSONRenderer())},
    "structlog/dictionaries": {"make": struct(
        lambda: __import__("structlog").processors.dict_tracebacks,
        lambda: __import__("structlog").processors.EventRenamer("msg"),
        lambda: __import__("structlog").processors.JSONRenderer())},
    "structlog/key-value": {"make": struct(
        lambda: __import__("structlog").processors.format_exc_info,
        lambda: __import__("structlog").processors.KeyValueRenderer(
            key_order=["timestamp", "level", "event"])), "lacks": TEXT},
    "structlog/logfmt": {"make": struct(
        lambda: __import__("structlog").processors.format_exc_info,
        lambda: __import__("structlog").processors.LogfmtRenderer())},
    "structlog/plain-console": {"make": struct(
        lambda: __import__("structlog").dev.ConsoleRenderer(
            colors=False, exception_formatter=__import__("structlog").dev.plain_traceback)),
        "lacks": TEXT},
    "structlog/stdlib": {"make": struct_through_stdlib},
    "loguru/default": {"make": loguru(), "lacks": TEXT},
    "loguru/serialize": {"make": loguru(serialize=True)},
    "loguru/serialize-plain": {"make": loguru(serialize=True, backtrace=False, diagnose=False)},
    "loguru/text-plain": {
        "make": loguru(backtrace=False, diagnose=False, colorize=False,
                       format="{time} {level} {message}"), "lacks": TEXT},
    "loguru/own-json": {"make": loguru_own_json},
    "ecs-logging/default": {"make": ecs()},
    "ecs-logging/service": {
        "make": ecs(extra={"service": {"name": "loja"}}, stack_trace_limit=10), "service": "loja"},
    "ecs-logging/no-stack": {
        "make": ecs(exclude_fields=["error.stack_trace"]), "lacks": "place cause"},
    "ecs-logging/structlog": {"make": ecs_struct, "lacks": "error"},
    "google/default": {"make": google(), "lacks": "time"},
    "google/labels": {"make": google(labels={"zona": "a"}), "lacks": "time"},
    "google/project": {"make": google(project_id="p"), "lacks": "time"},
    "powertools/default": {"make": lambda_logger(), "service": "loja"},
    "powertools/no-frames": {
        "make": lambda_logger(serialize_stacktrace=False, utc=True), "service": "loja"},
    "powertools/indented": {
        "make": lambda_logger({"POWERTOOLS_DEV": "1"}, use_rfc3339=True), "service": "loja"},
    "opentelemetry/python-console": {
        "make": telemetry(console_exporter), "service": "loja", "end": flushed},
    "opentelemetry/python-lines": {
        "make": telemetry(
            lambda: console_exporter(formatter=lambda record: record.to_json(indent=None) + "\n")),
        "service": "loja", "end": flushed},
    "opentelemetry/python-protocol": {
        "make": telemetry(protocol_exporter), "service": "loja", "end": flushed},
    "rich/default": {"make": rich_handler(), "lacks": f"{TEXT} time"},
    "rich/tracebacks": {"make": rich_handler(rich_tracebacks=True), "lacks": f"{TEXT} time"},
    "rich/no-path": {
        "make": rich_handler(show_path=False, log_time_format="[%Y-%m-%d %H:%M:%S]",
                             omit_repeated_times=False), "lacks": f"{TEXT} time"},
    "logfmter/default": {"make": logfmt(), "lacks": "time"},
    "logfmter/keys": {"make": logfmt(
        keys=["level", "when", "logger"], mapping={"level": "levelname", "when": "asctime",
                                                   "logger": "name"}), "lacks": "time"},
    "logfmter/times": {"make": logfmt(
        keys=["time", "level"], mapping={"level": "levelname", "time": "asctime"})},
    "json-log-formatter/default": {"make": json_log_formatter("JSONFormatter"), "lacks": "level"},
    "json-log-formatter/verbose": {"make": json_log_formatter("VerboseJSONFormatter")},
    "json-log-formatter/flat": {"make": json_log_formatter("FlatJSONFormatter"), "lacks": "level"},
}  # fmt: skip
