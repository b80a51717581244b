"""docs/settings.md, made from the table."""

from offhook.settings.load import FILE_NAME, FILE_VARIABLE
from offhook.settings.table import TABLE, Setting

_HEAD = f"""\
# Settings

<!-- Made from the table in the code: python -m offhook.settings > docs/settings.md -->

Every setting can be an environment variable (`OFFHOOK_PORT=8000`) or a line of `{FILE_NAME}` in the current directory
(`port = 8000`); `{FILE_VARIABLE}` names another file. The environment wins over the file. Blanks around a value are
dropped, and an empty value counts as not set. `offhook config` shows what is set and where it came from;
`offhook doctor` checks that it works.

A wrong value stops the start with one line that says which, why, and what a right one looks like. So does an unknown
name in the file. An unknown `OFFHOOK_…` variable is a warning, because other programs may set such names: Kubernetes
does so for services called `offhook` or `offhook-speech`, and its `OFFHOOK_PORT=tcp://…` is a wrong port
(`enableServiceLinks: false` turns that off).

Without `OFFHOOK_TWILIO_AUTH_TOKEN`, webhooks and media streams are accepted from this machine only; without
`OFFHOOK_API_TOKEN` the API answers this machine only. Setting `OFFHOOK_PUBLIC_URL`, or a host that is not loopback,
needs both. In the same way `OFFHOOK_SPEECH_HOST` needs `OFFHOOK_SPEECH_API_KEY`.
"""

_IN_THE_EXAMPLE = ("port", "public_url", "twilio_number", "dial_allow")


def render_page() -> str:
    """The whole page, in Markdown."""
    rows = "".join(_row(setting) for setting in TABLE)
    lines = "\n".join(setting.file_line for setting in TABLE if setting.name in _IN_THE_EXAMPLE)
    return f"""\
{_HEAD}
| variable | default | what it is | must be | for example |
|---|---|---|---|---|
{rows}
The file, by example. A route leads from a dialled number, or from a prefix that ends in `*`, to the agent that answers:

```toml
{lines}

[routes]
"+15550001111" = "shop:agent"
"+1555*" = "shop:sales"
```
"""


def _row(setting: Setting) -> str:
    name = f"`{setting.variable}`" if setting.variable else f"`[{setting.name}]`"
    example = f"`{setting.example}`" if setting.variable else "below"
    return f"| {name} | {_default(setting.default)} | {setting.description} | {setting.must} | {example} |\n"


def _default(value: object) -> str:
    return "not set" if value is None or value in ((), {}) else f"`{value}`"
