"""Log lines that keep their fields in an object of their own, as if the line itself had them."""

from collections.abc import Callable, Mapping
from typing import Any

Record = dict[str, Any]

_DOTTED = ("error", "exception", "err")
"""What ECS and OpenTelemetry put before a dot in the names of an error's parts."""

_SYSLOG_LEVELS = ("fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug")
"""Of its severities 0 to 7, which GELF writes as a number (RFC 5424, section 6.2.1)."""

_LAMBDA = {"errorType": "type", "errorMessage": "message", "stackTrace": "stack"}
"""The names of AWS Lambda's runtimes, in a line or in its message."""


def opened(record: Mapping[str, Any]) -> Record:
    """The record with what its logger's envelope holds in its place; any other as it is."""
    opened = dict(record)
    for mark, opener in _OPENERS:
        if mark in opened:
            opened = opener(opened)
    if any("." in name for name in opened):
        opened = _undotted(opened)
    return _with_service(opened)


def _with_service(record: Record) -> Record:
    """The record with the service's name and version in their place: of ECS, OpenTelemetry, Google.

    What is moved is a plain text; all else stays where it is.
    """
    if isinstance(record.get("service"), str):
        return record
    told = next((told for about in _SERVICES if (told := about(record))), None)
    if told is None:
        return record
    service, version = told
    labels = {"service": service} if isinstance(service, str) else {}
    if isinstance(version, str) and "version" not in record:
        labels["version"] = version
    if "service" in labels and "service" in record:
        others = {k: v for k, v in record["service"].items() if k not in ("name", "version")}
        record = record | ({"service_more": others} if others else {})
    return record | labels


def _of_resource(record: Record) -> tuple[object, object] | None:
    resource = record.get("resource")
    if not isinstance(resource, dict):
        return None
    about = _pairs(resource.get("attributes"))
    return (
        (about["service.name"], about.get("service.version")) if "service.name" in about else None
    )


def _of_fields(record: Record) -> tuple[object, object] | None:
    for name, inner in (("service", "name"), ("serviceContext", "service")):
        about = record.get(name)
        if isinstance(about, dict) and isinstance(about.get(inner), str):
            return about[inner], about.get("version")
    if "service.name" in record:
        return record["service.name"], record.get("service.version")
    return None


_SERVICES = (_of_fields, _of_resource)


def _loguru(record: Record) -> Record:
    """`logger.add(..., serialize=True)`: all is in `record`, the printed line in `text`."""
    inner = record["record"]
    if not isinstance(inner, dict) or not isinstance(inner.get("level"), dict):
        return record
    extra = inner.get("extra") if isinstance(inner.get("extra"), dict) else {}
    outer = {name: value for name, value in record.items() if name not in ("record", "text")}
    taken = ("time", "level", "message", "exception", "extra")
    opened = {
        **outer,
        **{name: inner[name] for name in inner if name not in taken},
        **(extra or {}),
    }
    moment = inner.get("time")
    opened["time"] = moment.get("timestamp") if isinstance(moment, dict) else moment
    opened["level"], opened["message"] = inner["level"].get("name"), inner.get("message")
    printed = str(record.get("text", ""))
    at = printed.find("\nTraceback (most recent call last):")
    if isinstance(inner.get("exception"), dict):
        opened["exception"] = printed[at + 1 :] if at >= 0 else inner["exception"]
    return opened


def _logstash(record: Record) -> Record:
    """winston's: its own fields begin with `@`, all others are in `@fields`."""
    fields = record["@fields"]
    if not isinstance(fields, dict):
        return record
    rest = {name: value for name, value in record.items() if name != "@fields"}
    return {"message": rest.pop("@message", None), **rest, **fields}


def _payload(record: Record) -> Record:
    """Google Cloud's entries, as they are exported and as its transport for winston prints them."""
    name = "jsonPayload" if "jsonPayload" in record else "message"
    payload = record[name]
    if not isinstance(payload, dict) or not isinstance(payload.get("message"), str):
        return record
    rest = {other: value for other, value in record.items() if other != name}
    metadata = payload.get("metadata")
    inner = {other: value for other, value in payload.items() if other != "metadata"}
    return {**rest, **(metadata if isinstance(metadata, dict) else {}), **inner}


def _roarr(record: Record) -> Record:
    context = record["context"]
    if not isinstance(context, dict) or type(context.get("logLevel")) is not int:
        return record
    rest = {name: value for name, value in record.items() if name != "context"}
    return {"level": context["logLevel"], **rest, **context}


def _aws_lambda(record: Record) -> Record:
    told = record if "errorType" in record else record["message"]
    if not isinstance(told, dict) or "errorType" not in told:
        return record
    error = {name: told[given] for given, name in _LAMBDA.items() if given in told}
    rest = {name: value for name, value in record.items() if name not in _LAMBDA}
    if told is not record:
        rest["message"] = told.get("errorMessage")
    return rest if "error" in rest else {**rest, "error": error}


def _attributes(record: Record) -> Record:
    """OpenTelemetry's, as an object or as a list of keys and values."""
    others = _pairs(record["attributes"])
    if not others:
        return record
    others = {name: value for name, value in others.items() if name not in record}
    return {name: value for name, value in record.items() if name != "attributes"} | others


def _pairs(given: object) -> Record:
    if isinstance(given, list):
        pairs = [one for one in given if isinstance(one, dict) and isinstance(one.get("key"), str)]
        return {one["key"]: _value(one.get("value")) for one in pairs}
    return given if isinstance(given, dict) else {}


def _body(record: Record) -> Record:
    return record | {"body": _value(record["body"])}


def _value(value: object) -> Any:
    """A value of OpenTelemetry's protocol, such as `{"stringValue": "x"}`."""
    if isinstance(value, dict) and len(value) == 1:
        [(name, inner)] = value.items()
        if name.endswith("Value"):
            return inner
    return value


def _gelf(record: Record) -> Record:
    level = record.get("level")
    if type(level) is not int or not 0 <= level < len(_SYSLOG_LEVELS):
        return record
    return record | {"level": _SYSLOG_LEVELS[level]}


def _tslog(record: Record) -> Record:
    """Its arguments stand under their numbers, and what it knows under `_meta`."""
    meta = record["_meta"]
    if not isinstance(meta, dict) or "logLevelName" not in meta:
        return record
    rest = {name: value for name, value in record.items() if name != "_meta"}
    rest |= {"level": meta["logLevelName"], "time": meta.get("date"), "meta": meta}
    for number in ("0", "1", "2"):
        given = rest.get(number)
        if isinstance(given, str) and "message" not in rest:
            rest["message"] = rest.pop(number)
        elif isinstance(given, dict) and "nativeError" in given:
            rest["error"] = rest.pop(number)
    return rest


def _arguments(record: Record) -> Record:
    """The arguments of tslog in a list, texts and errors, under a name of the user's."""
    for given in record.values():
        if isinstance(given, list) and given and "message" not in record:
            texts = [one for one in given if isinstance(one, str)]
            errors = [one for one in given if isinstance(one, dict) and "stack" in one]
            told = {"message": " ".join(texts)} if texts else {}
            return record | told | ({"error": errors[0]} if errors else {})
    return record


def _log4js(record: Record) -> Record:
    """Its arguments stand in a list, texts and errors."""
    data = record["data"]
    if not isinstance(data, list) or not isinstance(record.get("level"), dict):
        return record
    texts = [one for one in data if isinstance(one, str)]
    errors = [one for one in data if isinstance(one, dict) and "stack" in one]
    told = {"message": " ".join(texts)} if texts else {}
    return record | told | ({"error": errors[0]} if errors else {})


def _undotted(record: Record) -> Record:
    for before in _DOTTED:
        parts = {
            name.removeprefix(f"{before}."): value
            for name, value in record.items()
            if name.startswith(f"{before}.")
        }
        if parts and before not in record:
            rest = {
                name: value for name, value in record.items() if not name.startswith(f"{before}.")
            }
            record = {**rest, before: parts}
    return record


_OPENERS: tuple[tuple[str, Callable[[Record], Record]], ...] = (
    ("record", _loguru),
    ("errorType", _aws_lambda),
    ("message", _aws_lambda),
    ("@fields", _logstash),
    ("jsonPayload", _payload),
    ("message", _payload),
    ("context", _roarr),
    ("attributes", _attributes),
    ("body", _body),
    ("short_message", _gelf),
    ("_meta", _tslog),
    ("_logMeta", _arguments),
    ("data", _log4js),
)
"""The field by which an envelope is told, and what opens it."""
