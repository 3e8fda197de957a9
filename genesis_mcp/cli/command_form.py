"""What every command is made of: its options, its settings, examples and exit codes in its help."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from genesis_mcp.cli.exits import EXIT_CODES
from genesis_mcp.cli.options import COMMON, Option

Work = Callable[..., int]


class Command(click.Command):
    """A command that gets the settings first, then the options that it asked for, as typed."""

    def __init__(
        self, *, examples: Sequence[str] = (), exits: str = EXIT_CODES, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        self.params += click_options(COMMON)
        self.examples = examples
        self.exits = exits

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
        formatter.write_paragraph()
        formatter.write_text(f"Exit codes: {self.exits}.")

    def invoke(self, ctx: click.Context) -> Any:
        given = {name: value for name, value in ctx.params.items() if value is not None}
        common = (ctx.obj or {}) | {
            option.name: given.pop(option.name) for option in COMMON if option.name in given
        }
        return self.work(common, given)

    def work(self, common: dict[str, Any], given: dict[str, Any]) -> int:
        """Do it, with the settings that the common options tell."""
        from genesis_mcp.cli.shared import leave_out_what_drivers_say  # not for help
        from genesis_mcp.config import load_settings

        assert self.callback is not None
        settings = load_settings(common)
        if self.name != "doctor":
            leave_out_what_drivers_say()
        with settings.showing():
            done: int = self.callback(settings, given)
        return done


def command(
    name: str, *params: click.Parameter, examples: Sequence[str], exits: str = EXIT_CODES
) -> Callable[[Work], Command]:
    """A command of what is decorated, whose docstring is its help."""

    def made(work: Work) -> Command:
        return Command(
            name=name,
            params=list(params),
            callback=work,
            help=work.__doc__,
            examples=examples,
            exits=exits,
        )

    return made


def option(flag: str, help_text: str, *, name: str | None = None, **keywords: Any) -> click.Option:
    """An option that takes a value; `name` when the flag does not tell it."""
    names = [flag, name] if name else [flag]
    return click.Option(names, help=help_text, **keywords)


def flag(
    name: str, help_text: str, *, becomes: str | None = None, value: bool = True
) -> click.Option:
    """An option that takes none; absent, it is not given."""
    names = [name, becomes] if becomes else [name]
    return click.Option(names, is_flag=True, flag_value=value, default=None, help=help_text)


def click_options(options: Sequence[Option]) -> list[click.Parameter]:
    """The options of a table for click."""
    return [_click_option(one) for one in options]


def _click_option(option: Option) -> click.Option:
    if option.metavar is not None:
        return click.Option(
            [option.flag, option.name],
            metavar=option.metavar,
            help=option.help_text,
            required=option.required,
        )
    flags = f"{option.flag}/{option.off}" if option.off else option.flag
    return click.Option([flags, option.name], is_flag=True, default=None, help=option.help_text)
