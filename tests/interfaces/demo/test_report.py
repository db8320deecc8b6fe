from pathlib import Path

import msgspec
from rich.console import Console

from serinus.interfaces.demo import report

LINES = (
    report.Line("v2", "succeeded", 64.2, 1.0, 5424, 0, "v2 serves everybody."),
    report.Line(
        "v3",
        "rolled back",
        58.0,
        0.05,
        462,
        18,
        "Rolled back: errors 3.9 %.",
        report.Evidence(4200.0, 100.0, "worse", 411, 7900),
    ),
)
LOAD = report.Load(sent=68557, ok=68539, errors=18, lost=0)


def test_the_numbers_are_written_in_the_promised_shape(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"

    report.write(path, LINES, LOAD)

    assert {
        "releases": [
            {
                "version": "v2",
                "outcome": "succeeded",
                "seconds": 64.2,
                "max_share": 1.0,
                "exposed": 5424,
                "bad": 0,
                "sentence": "v2 serves everybody.",
                "evidence": None,
            },
            {
                "version": "v3",
                "outcome": "rolled back",
                "seconds": 58.0,
                "max_share": 0.05,
                "exposed": 462,
                "bad": 18,
                "sentence": "Rolled back: errors 3.9 %.",
                "evidence": {
                    "odds": 4200.0,
                    "needed": 100.0,
                    "of": "worse",
                    "requests": 411,
                    "compared": 7900,
                },
            },
        ],
        "load": {"sent": 68557, "ok": 68539, "errors": 18, "lost": 0},
    } == msgspec.json.decode(path.read_bytes())
    assert [path] == list(tmp_path.iterdir())


def test_the_table_tells_every_release_and_what_became_of_all_requests() -> None:
    console = Console(record=True, width=118, highlight=False)

    report.table(console, LINES, LOAD)
    text = console.export_text()

    assert "✓ succeeded" in text
    assert "↩ rolled back" in text
    assert "5 %" in text
    assert "worse over 1,000:1" in text
    assert "; needed: worse 100:1\n" in text
    assert "411 with 7,900" in text
    assert "Rolled back: errors 3.9 %." in text
    assert "68,557 sent · 68,539 answered well · 18 answered with an error · 0 lost" in text
