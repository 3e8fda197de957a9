"""What a recorded suite of tests is: its files, how it is run, where the runner's own report is."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A suite that really runs; the command may leave the runner's own report in `report`."""

    name: str
    """The runner, and after a slash what is special."""
    files: dict[str, str]
    command: str
    report: str
    """How the report is read: a function of `own_reports`, and its file: `junit:report.xml`. Or
    the facts as this suite was written to have them: `told: 1 failed, 2 passed`."""
    again: str = ""
    """A second run, which makes the report where one run cannot print and report."""
    environment: dict[str, str] = field(default_factory=dict)
