from serinus.core.state.command import Command


def test_a_command_is_written_as_it_is_typed() -> None:
    promote = Command("promote", "shop", "-m REASON")

    assert "serinus promote shop -m REASON" == promote.text()
    assert "serinus status" == Command("status").text()


def test_the_options_of_a_place_come_last_and_what_is_not_typed_behind_them() -> None:
    late = Command("history", "team/shop", about="shows it once it is answered")

    assert "serinus history team/shop --cluster   (shows it once it is answered)" == late.text(
        "--cluster"
    )
