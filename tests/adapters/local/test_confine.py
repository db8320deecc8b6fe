import os
import signal
import subprocess
import sys
from pathlib import Path

from serinus.adapters.local import confine

SAY = "import os, resource, sys; print(resource.getrlimit(resource.RLIMIT_NOFILE), sys.argv)"


def run(
    *words: str, env: dict[str, str] | None = None, groups: tuple[str, ...] = (), files: str = "-"
) -> subprocess.CompletedProcess[str]:
    first = [sys.executable, "-I", "-S", confine.__file__, files, *groups, "--"]
    return subprocess.run(
        [*first, *words], capture_output=True, text=True, check=False, env=env or {}
    )


def test_the_program_gets_its_own_words_and_its_open_files_are_limited() -> None:
    found = run(sys.executable, "any name", "-S", "-c", SAY, "one", "two words", files="64")

    assert "(64, 64) ['-c', 'one', 'two words']\n" == found.stdout
    assert "" == found.stderr


def test_the_environment_is_the_one_that_was_given_to_the_byte() -> None:
    given = {"A": "1", "EMPTY": "", "B": "x=y"}
    found = run("/usr/bin/env", "env", env=given)

    assert "A=1\nEMPTY=\nB=x=y\n" == found.stdout


def test_signals_that_python_ignores_are_not_ignored_by_the_program() -> None:
    found = run("/bin/sh", "sh", "-c", "grep SigIgn /proc/self/status")
    ignored = int(found.stdout.split()[1], 16)

    # What whoever started the tests ignores is inherited, and none of our business.
    assert not [s for s in (signal.SIGPIPE, signal.SIGXFSZ) if ignored >> (s - 1) & 1]


def test_a_group_that_cannot_be_joined_is_told_and_stops_nothing(tmp_path: Path) -> None:
    found = run("/bin/echo", "echo", "here", groups=(str(tmp_path / "gone"),))

    assert "here\n" == found.stdout
    assert (
        f"serinus: the group {tmp_path}/gone was not joined: No such file or directory\n"
        == found.stderr
    )


def test_a_group_is_joined_by_the_process_itself(tmp_path: Path) -> None:
    (tmp_path / "cgroup.procs").write_text("")

    run("/bin/true", "true", groups=(str(tmp_path),))

    assert "0" == (tmp_path / "cgroup.procs").read_text()


def test_a_program_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("no first line")
    script.chmod(0o755)

    found = run(str(script), "script")

    assert 126 == found.returncode
    assert found.stderr == (
        f"serinus: {script} cannot be started: Exec format error; "
        "a script needs a first line such as #!/bin/sh\n"
    )


def test_a_process_stays_the_same_while_it_becomes_the_program() -> None:
    first = [sys.executable, "-I", "-S", confine.__file__, "-", "--"]
    with subprocess.Popen(
        [*first, "/bin/sh", "sh", "-c", "echo $$"], stdout=subprocess.PIPE, env=dict(os.environ)
    ) as process:
        said, _ = process.communicate()

    assert process.pid == int(said)
