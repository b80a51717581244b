"""Conversation items, as they travel in both directions.

One struct with optional fields rather than a union: servers add item types, and an item we do not know must not break
the event that carries it.
"""

import msgspec


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A piece of a message's content: input_text, input_audio, output_text, output_audio (beta: text, audio)."""

    type: str
    text: str | None = None
    transcript: str | None = None
    audio: bytes | None = None


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message, a function call, or its output.

    * message: ``role``, ``content``
    * function_call: ``name``, ``call_id``, ``arguments`` (JSON text)
    * function_call_output: ``call_id``, ``output``
    """

    type: str
    id: str | None = None
    role: str | None = None
    content: list[Part] | None = None
    name: str | None = None
    call_id: str | None = None
    arguments: str | None = None
    output: str | None = None
    status: str | None = None
    object: str | None = None


def user_text(text: str, item_id: str | None = None) -> Item:
    """What the caller said, or did, as text."""
    return Item(type="message", id=item_id, role="user", content=[Part("input_text", text=text)])


def system_text(text: str, item_id: str | None = None) -> Item:
    """A note of ours to the model."""
    return Item(type="message", id=item_id, role="system", content=[Part("input_text", text=text)])


def assistant_text(text: str, item_id: str | None = None) -> Item:
    """What the agent said before. Assistant *audio* cannot be created by a client."""
    return Item(type="message", id=item_id, role="assistant", content=[Part("output_text", text=text)])


def function_call(call_id: str, name: str, arguments: str, item_id: str | None = None) -> Item:
    """A tool call that the model made before."""
    return Item(type="function_call", id=item_id, call_id=call_id, name=name, arguments=arguments)


def function_call_output(call_id: str, output: str, item_id: str | None = None) -> Item:
    """What a tool answered."""
    return Item(type="function_call_output", id=item_id, call_id=call_id, output=output)
