from serinus.ports.secrets import Secret


def test_a_secret_that_is_written_down_shows_its_name_alone() -> None:
    secret = Secret("on-call", "slack://token")

    assert "Secret(name='on-call')" == repr(secret) == f"{secret}"
