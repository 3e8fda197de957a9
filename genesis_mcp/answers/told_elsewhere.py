"""An answer that another server made: both of its forms as they came."""

from typing import Annotated, Any

from pydantic import Field

from genesis_mcp.answers.result import Result


class ToldElsewhere(Result):
    """The budget was that server's; what it hid stays hidden."""

    text: Annotated[str, Field(exclude=True)]
    data: Annotated[dict[str, Any], Field(exclude=True)]

    def structured(self) -> dict[str, Any]:
        """See `Result`."""
        return self.data
