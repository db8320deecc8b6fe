import os
from pathlib import Path

import pytest

from serinus.adapters.local.secrets import LARGEST, STRANGERS, Secrets
from serinus.ports import failures
from serinus.ports.secrets import Secret

VALUE = "slack://very-secret"


def put(home: Path, name: str, content: bytes = VALUE.encode(), mode: int = 0o600) -> Path:
    path = home / "secrets" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    return path


def told(failure: failures.Rejected) -> str:
    """Everything that a failure says, its causes included."""
    parts = []
    cause: BaseException | None = failure
    while cause is not None:
        parts += [str(cause), repr(cause), *map(str, vars(cause).values())]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(parts)


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_secret_is_a_file_without_its_last_newline(tmp_path: Path, ending: bytes) -> None:
    put(tmp_path, "on-call", VALUE.encode() + ending)

    assert Secret("on-call", VALUE) == Secrets(tmp_path, {}).get("on-call")


def test_a_secret_may_be_a_variable(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path, {"SERINUS_SECRET_ON_CALL": VALUE})

    assert VALUE == secrets.get("on-call").text


def test_the_file_wins_over_the_variable(tmp_path: Path) -> None:
    put(tmp_path, "on-call")

    assert VALUE == Secrets(tmp_path, {"SERINUS_SECRET_ON_CALL": "old"}).get("on-call").text


def test_a_secret_that_is_changed_counts_from_the_next_time_on(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path, {})
    put(tmp_path, "smoke", b"first")
    first = secrets.get("smoke")
    put(tmp_path, "smoke", b"second")

    assert ("first", "second") == (first.text, secrets.get("smoke").text)


@pytest.mark.parametrize("content", [None, b"", b"\n"])
def test_a_missing_secret_says_how_to_give_it(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        put(tmp_path, "on-call", content)

    with pytest.raises(failures.Rejected, match="there is no secret 'on-call'") as caught:
        Secrets(tmp_path, {}).get("on-call")

    assert (
        f"{tmp_path}/secrets/on-call and SERINUS_SECRET_ON_CALL are missing or empty"
        == caught.value.why
    )
    assert f"(umask 077; cat > {tmp_path}/secrets/on-call)" in caught.value.hint


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = put(tmp_path, "on-call", mode=mode)

    with pytest.raises(failures.Rejected, match="others than its owner may read it") as caught:
        Secrets(tmp_path, {"SERINUS_SECRET_ON_CALL": VALUE}).get("on-call")

    assert f"chmod 600 {path}" == caught.value.hint
    assert VALUE not in told(caught.value)


def test_where_people_cannot_write_files_something_else_is_said(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path, {}, given=lambda path: f"ask for {path.name}")

    with pytest.raises(failures.Rejected) as caught:
        secrets.get("on-call")
    assert "ask for on-call" == caught.value.hint


def test_in_a_pod_the_group_is_the_pods_own(tmp_path: Path) -> None:
    put(tmp_path, "on-call", mode=0o440)
    put(tmp_path, "open", mode=0o444)
    secrets = Secrets(tmp_path, {}, others=STRANGERS)

    assert VALUE == secrets.get("on-call").text
    with pytest.raises(failures.Rejected, match="others than its owner may read it"):
        secrets.get("open")


@pytest.mark.parametrize("name", ["", "..", "../state.db", "/etc/passwd", "a/b", "A", "a\0b", "é"])
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(failures.Rejected, match="a secret cannot be called so"):
        Secrets(tmp_path, {}).get(name)


@pytest.mark.parametrize("content", [b"x" * (LARGEST + 1), b"very-secret \xff"])
def test_what_cannot_be_a_secret_is_refused_without_showing_it(
    tmp_path: Path, content: bytes
) -> None:
    put(tmp_path, "smoke", content)

    with pytest.raises(failures.Rejected, match="the secret 'smoke' is") as caught:
        Secrets(tmp_path, {}).get("smoke")

    assert "very-secret" not in told(caught.value)
    assert "xxx" not in told(caught.value)


def test_a_pipe_or_a_folder_keeps_nobody_waiting(tmp_path: Path) -> None:
    (tmp_path / "secrets" / "folder").mkdir(parents=True)
    os.mkfifo(tmp_path / "secrets" / "pipe", 0o600)

    for name in ("pipe", "folder"):
        with pytest.raises(failures.Rejected, match=f"the secret '{name}'"):
            Secrets(tmp_path, {}).get(name)
