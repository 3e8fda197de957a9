"""Texts within what every store keeps: the head, the tail, and the error in between."""

from genesis_mcp.text.clean import clean

TEXT_BYTES_MAX = 1024 * 1024
"""UTF-8 bytes kept of each text field; a longer one keeps its head and tail (MongoDB refuses
documents over 16 MB, and the runaway run is exactly the one worth having)."""

SEARCHED_BYTES_MAX = 8 * 1024 * 1024
"""UTF-8 bytes of an output, its head and tail, in which the error is looked for."""


def cap_text(text: str, limit: int = TEXT_BYTES_MAX) -> str:
    """At most `limit` UTF-8 bytes of `text`: its head and tail, and a line that states the cut."""
    if len(text) * 4 <= limit:
        return text
    data = text.encode()
    return text if len(data) <= limit else join_ends(data, data, len(data), limit)


def join_ends(head: bytes, tail: bytes, total: int, limit: int = TEXT_BYTES_MAX) -> str:
    """The two ends of a text of `total` bytes within `limit` bytes, and a line for the gap.

    The tail gets three quarters: errors stand at the end more often than at the head.
    """
    room = max(0, limit - 100)  # for the line that states the cut
    head = head[: room // 4]
    tail = tail[max(0, len(tail) - (room - len(head))) :]
    left_out = total - len(head) - len(tail)
    return f"{_decode(head)}{_gap(left_out)}{_decode(tail)}"


def _gap(size: int) -> str:
    return f"\n[... {size:,} bytes left out ...]\n"


def _decode(data: bytes) -> str:
    # A cut may split a character: what remains of it is dropped rather than shown as U+FFFD.
    return data.decode("utf-8", "ignore")


def cap_output(text: str) -> str:
    """What `cap_text` keeps of what a failure printed, and the error when it stands in between."""
    if len(text) * 4 <= TEXT_BYTES_MAX or len(data := text.encode()) <= TEXT_BYTES_MAX:
        return text
    place = _place_of_error(data)
    head = TEXT_BYTES_MAX // 8
    middle = TEXT_BYTES_MAX // 4
    tail = TEXT_BYTES_MAX - head - middle - 200  # for the lines that state the cuts
    start = 0 if place is None else place - middle // 4
    end = start + middle
    if start <= head or end >= len(data) - tail:
        return join_ends(data, data, len(data))
    return "".join(
        [
            _decode(data[:head]),
            _gap(start - head),
            _decode(data[start:end]),
            _gap(len(data) - tail - end),
            _decode(data[-tail:]),
        ]
    )


def _place_of_error(data: bytes) -> int | None:
    """About where the error stands, in bytes; exactly when nothing before it is invisible."""
    from genesis_mcp.diagnostics.finding import find_error  # loaded for huge outputs only

    head = SEARCHED_BYTES_MAX // 4
    if unseen := max(0, len(data) - SEARCHED_BYTES_MAX):
        data = data[:head] + b"\n" + data[head + unseen :]
    text = _decode(data)
    try:
        found = find_error(stdout="", stderr=text, guess=False)
    except Exception:  # its ends are kept all the same
        return None
    if found is None:
        return None
    cleaned = clean(text)
    before = sum(len(line) + 1 for line in cleaned.split("\n")[: found.line_number])
    place = len(data) * before // max(1, len(cleaned))
    return place if place < head else place + unseen
