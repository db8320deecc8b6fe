import msgspec

from serinus.core.spec import plan, steps


def test_the_first_keys_of_a_step_say_what_happens() -> None:
    names = tuple(f.encode_name for f in msgspec.structs.fields(steps.Step))

    assert steps.WHAT == names[: len(steps.WHAT)]
    assert ("hold", "gates", "checks", "manual") == names[len(steps.WHAT) :]


def test_every_step_is_carried_out_or_refused_by_name() -> None:
    carried = {kind for kinds in plan.HERE.values() for kind in kinds}

    assert set(steps.WHAT) == carried | set(steps.LATER)
    assert carried == set(plan.BESIDE)


def test_for_and_from_keep_their_words() -> None:
    step = steps.Step(hold=steps.Hold(for_="1m"), ramp=steps.Ramp("1%", "5%", "1%"))
    written = {"ramp": {"from": "1%", "to": "5%", "by": "1%"}, "hold": {"for": "1m"}}

    assert written == msgspec.to_builtins(step)
