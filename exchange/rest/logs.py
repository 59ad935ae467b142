"""JSON log lines in UTC. Request bodies, cookies, keys and passwords are never handed to the log."""

import logging

import structlog

FORBIDDEN = frozenset({"password", "secret", "token", "cookie", "authorization", "body"})


def _drop_secrets(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {name: "[removed]" if name.lower() in FORBIDDEN else value for name, value in event.items()}


def configure(level: str) -> None:
    """Set up structlog for this process: level by name, one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _drop_secrets,
            # Without local variables: they would carry what people typed.
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        cache_logger_on_first_use=True,
    )
