"""Everything that `deploy/` names exists, and the programs that read its files accept them."""

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands, load_command_class
from gunicorn.config import KNOWN_SETTINGS

from agreements.serving.export_slots import EXPORTS_AT_ONCE
from tests.deployed import DEPLOY, ROOT

UNITS = sorted((DEPLOY / "systemd").rglob("*.*"))
UNIT_FILES = [path for path in UNITS if path.is_file()]
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
# systemd's own rating, from 0 (closed) to 10 (open)
MOST_EXPOSED = 2.0


def read_by_the_settings() -> set[str]:
    text = (ROOT / "mou_tracker" / "settings.py").read_text()
    return set(re.findall(r"""environment\.[\w.]+\(\s*"([A-Z_]+)\"""", text))


def named_in(path: Path) -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", path.read_text(), re.MULTILINE))


def jobs() -> dict[str, str]:
    """The arguments of each command that a timer starts."""
    names = [path.stem.partition("@")[2] for path in UNIT_FILES if path.suffix == ".timer"]
    folder = DEPLOY / "systemd"
    return {
        name: "".join(
            re.findall(r'ARGUMENTS=([^"\n]*)', file.read_text())[0]
            for file in folder.glob(f"mou-tracker-job@{name}.service.d/arguments.conf")
        )
        for name in names
    }


# The application


def test_gunicorn_accepts_its_configuration() -> None:
    program = Path(sys.executable).with_name("gunicorn")

    checked = subprocess.run(
        [program, "--config", DEPLOY / "gunicorn.conf.py", "--check-config", "builtins:print"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
    # it ignores others without a word
    named = {
        name
        for name, value in runpy.run_path(str(DEPLOY / "gunicorn.conf.py")).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert {"bind", "threads", "wsgi_app"} <= named
    assert named <= {setting.name for setting in KNOWN_SETTINGS}


def test_threads_remain_for_pages_and_each_gets_a_connection() -> None:
    gunicorn = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))

    assert EXPORTS_AT_ONCE < gunicorn["threads"] <= 10


def test_variables_are_those_that_the_settings_read() -> None:
    services = [COMPOSE["services"][name] for name in ("web", "migrate")]
    named = named_in(DEPLOY / "environment.example")
    named |= {name for service in services for name in service["environment"]}
    named |= set(
        re.findall(r"^(?:ENV|    ) ?.*?\b((?:DOCUMENTS|STATIC)_ROOT)=", DOCKERFILE, re.MULTILINE)
    )

    assert named
    assert named <= read_by_the_settings()


@pytest.mark.parametrize("name", jobs())
def test_timer_starts_a_command_that_takes_its_arguments(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    arguments = ["/srv/register/backups/1"] if name == "backup" else shlex.split(jobs()[name])

    assert command.create_parser("manage.py", name).parse_args(arguments)


def test_cron_does_what_the_timers_do() -> None:
    lines = re.findall(r" root +(.+)", (DEPLOY / "crontab").read_text())
    prefix = "cd /srv/register/app && . deploy/manage.sh && manage "
    (backup,) = [line for line in lines if "manage backup" in line]
    unit = (DEPLOY / "systemd/mou-tracker-job@backup.service.d/folders.conf").read_text()
    keeping = re.findall(r"-mindepth.+", unit)

    others = {line.removeprefix(prefix).partition(" 2>&1")[0] for line in lines if line != backup}
    assert all(line.startswith(prefix) for line in lines)
    assert others == {f"{name} {jobs()[name]}".strip() for name in jobs() if name != "backup"}
    assert backup.endswith(keeping[0])
    assert "%" not in backup.replace("\\%", "")


@pytest.fixture
def managing(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call a function of manage.sh, with settings of this test's own and a `setpriv` that prints what it is given."""
    settings_of = tmp_path / "etc"
    settings_of.mkdir()
    (settings_of / "environment").write_text(
        """BASE_URL=https://here\nOIDC_NAME="the ministry"\n"""
    )
    (settings_of / "owner").write_text("BASE_URL=https://owner\n")
    (settings_of / "manage.sh").write_text(
        (DEPLOY / "manage.sh").read_text().replace("/etc/mou-tracker", str(settings_of))
    )
    program = tmp_path / "setpriv"
    program.write_text('#!/bin/sh\necho "$@"; echo "$BASE_URL $OIDC_NAME"; umask; exit 3\n')
    program.chmod(0o700)

    def called(line: str, shell: str = "sh") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [shell, "-c", f"umask 022; . {settings_of}/manage.sh; {line}"],
            env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "ETC": str(settings_of)},
            capture_output=True,
            text=True,
            check=False,
        )

    return called


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_command_by_hand_runs_as_the_service_does(managing: Any, shell: str) -> None:
    ran = managing('manage backup "a folder"', shell)

    arguments, variables, umask = ran.stdout.splitlines()
    assert arguments == (
        "--reuid=register --regid=register --init-groups .venv/bin/python manage.py backup a folder"
    )
    assert variables == "https://here the ministry"
    assert umask == "0077"
    assert ran.returncode == 3


def test_command_by_hand_takes_another_user_and_more_settings(managing: Any) -> None:
    as_root = managing("RUN_AS=root manage collectstatic").stdout.splitlines()
    as_owner = managing("MORE=$ETC/owner manage migrate").stdout.splitlines()

    assert as_root[0].startswith("--reuid=root --regid=root ")
    assert as_root[2] == "0022"
    assert as_owner[1] == "https://owner the ministry"


@pytest.mark.parametrize(
    "line", ["MORE=$ETC/missing manage migrate", "rm $ETC/environment; manage migrate"]
)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_command_by_hand_does_not_run_without_its_settings(
    managing: Any, line: str, shell: str
) -> None:
    ran = managing(line, shell)

    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "cannot read" in ran.stderr


def test_commands_named_elsewhere_exist() -> None:
    files = [*UNIT_FILES, DEPLOY / "compose.yaml", DEPLOY / "Dockerfile"]
    named = {
        name for path in files for name in re.findall(r"manage\.py,? ([a-z_]+)", path.read_text())
    }

    assert {"backup", "check", "collectstatic", "migrate"} <= named <= get_commands().keys()


def test_every_regular_job_has_a_timer() -> None:
    guide = (ROOT / "docs" / "operating.md").read_text()
    section = guide.partition("\n## Regular jobs\n")[2].partition("\n### One run at a time")[0]
    named = set(re.findall(r"`manage\.py (\w+)", section))

    assert {"send_mails", "send_reminders", "check_links", "remove_orphaned_documents"} <= named
    assert named <= jobs().keys()


VALUE = re.compile(r'[^\s"\'`$\\&;|<>()#]*|"[^"`$\\]*"')


def test_systemd_and_the_shell_read_the_settings_alike() -> None:
    guide = (ROOT / "docs" / "operating.md").read_text()
    example = (DEPLOY / "environment.example").read_text()
    lines = [line for line in example.splitlines() if line and not line.startswith("#")]
    lines += re.findall(r"^(?:export )?(?:OIDC|CACHE|CLAMD|METRICS)\w*=.*", guide, re.MULTILINE)
    odd = [line for line in lines if not VALUE.fullmatch(line.partition("=")[2])]

    assert any(line.startswith("OIDC_ROLES=") for line in lines)
    assert [line for line in lines if line.startswith("export")] == odd == []


# systemd


def test_only_the_web_service_shares_its_counts_and_can_write_them() -> None:
    web = (DEPLOY / "systemd" / "mou-tracker-web.service").read_text()
    (folder,) = re.findall("^RuntimeDirectory=(.+)", web, re.MULTILINE)
    naming = [path for path in UNIT_FILES if "PROMETHEUS" in path.read_text()]

    assert f"Environment=PROMETHEUS_MULTIPROC_DIR=/run/{folder}\n" in web
    assert [path.name for path in naming] == ["mou-tracker-web.service"]
    assert "PROMETHEUS" not in (DEPLOY / "environment.example").read_text()


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with the programs replaced by those of this clone, which exist."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd on this machine: apt-get install systemd")
    folder = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", folder)
    for path in folder.rglob("*.*"):
        if path.is_file():
            own = path.read_text().replace(
                "/srv/register/app/.venv/bin", str(Path(sys.executable).parent)
            )
            path.write_text(own)
    return folder


def analysed(*arguments: str | Path) -> str:
    ran = subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout + ran.stderr


def test_systemd_accepts_the_units(units: Path) -> None:
    timers = sorted(units.glob("*.timer"))

    said = analysed("verify", units / "mou-tracker-web.service", *timers)

    own = [line for line in said.splitlines() if "mou-tracker" in line]
    assert not own


@pytest.mark.parametrize("name", ["mou-tracker-web.service", "mou-tracker-job@verify.service"])
def test_units_may_do_little(units: Path, name: str) -> None:
    template = re.sub("@.*[.]", "@.", name)
    if template != name:
        (units / name).write_text((units / template).read_text())

    said = analysed("security", "--offline=true", "--no-pager", units / name)

    rating = re.search(r"exposure level for .*: ([0-9.]+)", said)
    assert rating is not None, said
    assert float(rating[1]) < MOST_EXPOSED


# Docker


def test_services_wait_for_each_other_and_report_their_health() -> None:
    services = COMPOSE["services"]

    for service in services.values():
        assert service.get("depends_on", {}).keys() <= services.keys()
        assert "healthcheck" in service or ("HEALTHCHECK" in DOCKERFILE and "build" in service)
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert (
                source in COMPOSE["volumes"]
                or source.startswith("${")
                or (DEPLOY / source).exists()
            )


def test_images_come_from_where_the_operator_says() -> None:
    """No registry is named: if an image name begins with a host, its first part contains a dot or a port."""
    images = [service["image"] for service in COMPOSE["services"].values()]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert not [
        image for image in images if "/" in image and re.search("[.:]", image.split("/")[0])
    ]


def test_image_holds_what_the_application_runs_from_and_nothing_private() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    taken = [line.removeprefix("!") for line in lines if line.startswith("!")]

    assert "*" in lines
    assert all((ROOT / name).exists() for name in taken)
    assert {
        "agreements",
        "mou_tracker",
        "templates",
        "static",
        "locale",
        "docs",
        "manage.py",
    } <= set(taken)
    assert not {"var", ".git", "deploy/environment"} & set(taken)


def test_image_is_built_from_the_lock_and_does_not_run_as_root() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert "requirements/base.txt" in DOCKERFILE
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)[-1] not in {"root", "0"}
    assert str(settings.BASE_DIR) not in DOCKERFILE
