"""What a recorded run means, as it is said below its output."""

from genesis_mcp.answers.readable import shown_name, told_place
from genesis_mcp.questions.errors_shown import error_line, error_location
from genesis_mcp.questions.record_run import Recorded
from genesis_mcp.questions.tests_told import changes_in_words, told_end, told_verdict


def in_one_line(recorded: Recorded) -> str:
    """Spec, number, end and verdict, the error and where it is, and what is remarkable."""
    run, signature = recorded.run, recorded.run.signature
    place = told_place(error_location(signature))
    error = f": {line}{place}" if (line := error_line(signature)) else ""
    one = recorded.judged
    changes = changes_in_words(one)
    means = f"; {verdict}" if (verdict := told_verdict(one)) else ""
    means += f" ({changes})" if changes else ""
    done = f"{shown_name(run.spec_id)} #{run.iteration} {told_end(one)}{means}{error}"
    return "; ".join([done, *recorded.remarks])
