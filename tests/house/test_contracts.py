"""A contract comes with its floor: what exists is named by the contract that guards it."""

from typing import Any

from tests.house import repository

ACTING = (
    "act",
    "measure",
    "observe",
    "record",
)  # the modules of serinus.app that only the loop may call


def contract(identity: str) -> dict[str, Any]:
    contracts = repository.project()["tool"]["importlinter"]["contracts"]
    return next((entry for entry in contracts if entry["id"] == identity), {})


def exists(*parts: str) -> bool:
    path = repository.PACKAGE.joinpath(*parts)
    return path.with_suffix(".py").is_file() or any(path.glob("*.py"))


def test_modules_that_act_are_kept_from_the_interfaces() -> None:
    acting = {f"serinus.app.{name}" for name in ACTING if exists("app", name)}

    assert acting <= set(contract("doors").get("protected_modules", []))


def test_every_platform_is_kept_from_its_siblings() -> None:
    platforms = {
        f"serinus.adapters.{name}"
        for name in ("kubernetes", "local", "memory")
        if exists("adapters", name)
    }

    assert platforms == set(contract("platforms")["modules"])


def test_the_core_knows_no_package_but_msgspec() -> None:
    distributions = {"anyio", "cyclopts", "httpx2", "lightkube", "rich", "ruamel", "structlog"}

    assert distributions <= set(contract("purity")["forbidden_modules"])
