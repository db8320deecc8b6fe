import msgspec
import pytest

from serinus.core.spec import judges
from serinus.core.spec.judges import ArgoRule, FlaggerRule, Judge, KayentaRule


def test_every_judge_has_the_name_of_its_tool() -> None:
    assert [field.encode_name for field in msgspec.structs.fields(Judge)] == list(judges.WHOSE)


@pytest.mark.parametrize(
    ("text", "judge"),
    [
        ('{"flagger": {"successRate": "99.9%"}}', Judge(FlaggerRule(success_rate="99.9%"))),
        ('{"argo": {"failureLimit": 2}}', Judge(argo=ArgoRule(failure_limit=2))),
        ('{"kayenta": {"pass": 90}}', Judge(kayenta=KayentaRule(pass_=90.0))),
    ],
)
def test_it_is_written_as_people_write_it(text: str, judge: Judge) -> None:
    assert judge == msgspec.json.decode(text, type=Judge)
