"""A finding: what does not agree in the evidence, or what an adviser found. A blocking one shuts the gates it concerns.

Source: checklist template, ``automatic_flags`` (severity info, warn or block).
"""

from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs; ``block`` shuts every gate from that of its item on while it is open."""

    INFO = "info"
    WARN = "warn"
    BLOCK = "block"


class FindingState(StrEnum):
    """Open until somebody other than its subject resolves it, or until the check that opened it passes."""

    OPEN = "open"
    RESOLVED = "resolved"
