"""``offhook speech``: ears, a recogniser, a dialogue and a voice, as an OpenAI Realtime server."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def speech(
        socket_number: Annotated[int | None, typer.Option("--socket", hidden=True)] = None,
    ) -> None:
        """Serve speech without any cloud: the engine `local`, and POST /v1/audio/speech. Wants offhook\\[local]."""
        import socket

        from offhook.settings import LanguageModel, read_settings, require_safe_speech_access
        from offhook.speech.parts import require_parts
        from offhook.telemetry.logs import configure_logs, get_logger

        reading = read_settings()
        configure_logs(reading.settings)
        require_parts()
        LanguageModel.of(reading.settings)  # a half of one is told here, and not once for each try
        if socket_number is not None:
            from offhook.speech.worker import serve

            serve(socket.socket(fileno=socket_number), reading.settings)
            return

        from offhook.speech.address import listen, url_of
        from offhook.speech.supervisor import supervise

        require_safe_speech_access(reading.settings)
        for warning in reading.warnings:
            get_logger("offhook").warning(warning)
        with listen(reading.settings.speech_host, reading.settings.speech_port) as listener:
            url = url_of(listener)
            typer.echo(f"Offhook speech answers on {url}. Point a gateway at it:", err=True)
            typer.echo(f"  OFFHOOK_ENGINE=local OFFHOOK_SPEECH_URL={url} offhook serve", err=True)
            raise typer.Exit(supervise(listener))
