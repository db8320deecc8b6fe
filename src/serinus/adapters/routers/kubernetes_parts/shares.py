"""
An application's share in the rules of somebody else's routing object.

A user's rule names the application's root Service among its targets. There, and nowhere else, the
Services of the revisions take its place and divide its weight::

    rule  /        shop 1                 shop-3f2a9c01d4 930, shop-77ab01c2d3 70
    rule  /api     shop 90, legacy 10     shop-… 837, shop-… 63, legacy 100       (all times ten)
    rule  /admin   admin 1                admin 1

What another target gets stays what it was: where the application's weight cannot be divided in
whole numbers, all weights of the rule are multiplied by the same. The targets that were there are
kept, rule by rule, and put back exactly; rules are known by what else they say, so that a user may
add, move and change others meanwhile.
"""

import hashlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from serinus.core.state import labels

TOTAL = 1000
Rule = Mapping[str, Any]
Target = Mapping[str, Any]


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    The targets of one rule before us.

    ``rule`` is its place, ``rest`` a few digits for what else it said. ``times``: by what all its
    weights were multiplied.
    """

    rule: int
    rest: str
    targets: tuple[dict[str, Any], ...]
    times: int = 1


@dataclass(frozen=True)
class Words:
    """
    How a product writes weighted targets.

    Args:
        field: the key of a rule under which its targets stand.
        service: the name of the Service of our namespace that a target means, else None.
        weight: the weight of a target, one of so many.
        target: the target with the name of another Service, and a weight.
        whole: what the weights of an application that is alone in its rule sum to.
        most: the greatest weight that is allowed.
    """

    field: str
    service: Callable[[Target], str | None]
    weight: Callable[[Target, int], int]
    target: Callable[[Target, str, int], dict[str, Any]]
    whole: int = TOTAL
    most: int = 1_000_000


def divided(
    rules: Sequence[Rule], root: str, parts: Sequence[tuple[str, int]], words: Words
) -> tuple[list[Rule], tuple[Kept, ...]]:
    """
    Return the rules with the parts in the place of the root, and what stood in that place.

    Args:
        rules: as they are without us, see :func:`restored`.
        root: the name of the application's Service.
        parts: the Services of the revisions, with their weights per mille.
        words: the product's.
    """
    result: list[Rule] = []
    kept: list[Kept] = []
    for place, rule in enumerate(rules):
        targets = rule.get(words.field) or []
        if not _weight(targets, root, words):
            result.append(rule)
            continue
        times = _times(targets, root, parts, words)
        result.append({**rule, words.field: _divided(targets, root, parts, times, words)})
        before = tuple(dict(t) for t in targets)
        kept.append(Kept(place, _rest(rule, words), before, times))
    return result, tuple(kept)


def restored(
    rules: Sequence[Rule], root: str, kept: Sequence[Kept], words: Words
) -> tuple[Rule, ...]:
    """Return the rules as they were before us, with what the user has changed since."""
    result: list[Rule] = []
    for place, rule in enumerate(rules):
        targets = rule.get(words.field) or []
        if not any(_is_ours(root, t, words) for t in targets):
            result.append(rule)
            continue
        before = _before(place, _rest(rule, words), kept)
        result.append({**rule, words.field: _undivided(targets, root, before, words)})
    return tuple(result)


def shares(rules: Sequence[Rule], root: str, words: Words) -> list[dict[str, int]]:
    """Return, for each rule that sends the application anything, how much goes to which Service."""
    result: list[dict[str, int]] = []
    for rule in rules:
        targets = rule.get(words.field) or []
        found: dict[str, int] = {}
        for target in targets:
            service = words.service(target)
            if service is not None and (service == root or _is_ours(root, target, words)):
                found[service] = found.get(service, 0) + words.weight(target, len(targets))
        if sum(found.values()):
            result.append(found)
    return result


def agreed(
    found: Sequence[Mapping[str, int]], told: Mapping[str, int], *, root: str, called: str
) -> dict[str, int]:
    """
    Return the weights that the rules carry out: those of the first that does not do what was told.

    Args:
        found: what each rule says, see :func:`shares`.
        told: the weights per mille, by Service.
        root: the name of the application's Service. A user may have put it back into a rule.
        called: the Service of the revision that the root leads to.
    """
    for rule in found:
        weights: dict[str, int] = {}
        for service, weight in rule.items():
            name = called if service == root else service
            weights[name] = weights.get(name, 0) + weight
        split = _split(sum(weights.values()), list(told.values()))
        undivided = set(weights) == {called} and told.get(called) == TOTAL
        if weights != dict(zip(told, split, strict=True)) and not undivided:
            return weights
    return dict(told) if found else {}


def _is_ours(root: str, target: Target, words: Words) -> bool:
    service = words.service(target)
    ours = rf"{re.escape(root)}-[0-9a-f]{{{labels.DIGITS}}}"
    return service is not None and re.fullmatch(ours, service) is not None


def _weight(targets: Sequence[Target], root: str, words: Words) -> int:
    """Return what the application gets of a rule."""
    return sum(words.weight(t, len(targets)) for t in targets if words.service(t) == root)


def _times(
    targets: Sequence[Target], root: str, parts: Sequence[tuple[str, int]], words: Words
) -> int:
    """Return by what the weights of a rule must be multiplied, to be divided in whole numbers."""
    if all(words.service(t) == root for t in targets):
        return 1
    weight = _weight(targets, root, words)
    times = TOTAL // math.gcd(TOTAL, *(weight * share for _, share in parts))
    largest = max(weight, *(words.weight(t, len(targets)) for t in targets))
    return times if largest * times <= words.most else 1


def _divided(
    targets: Sequence[Target],
    root: str,
    parts: Sequence[tuple[str, int]],
    times: int,
    words: Words,
) -> list[dict[str, Any]]:
    alone = all(words.service(t) == root for t in targets)
    whole = words.whole if alone else _weight(targets, root, words) * times
    split = _split(whole, [share for _, share in parts])
    result: list[dict[str, Any]] = []
    done = False
    for target in targets:
        if words.service(target) != root:
            result.append(_multiplied(target, len(targets), times, words))
        elif not done and words.weight(target, len(targets)):
            done = True
            result += [
                words.target(target, service, part)
                for (service, _), part in zip(parts, split, strict=True)
            ]
    return result


def _multiplied(target: Target, among: int, times: int, words: Words) -> dict[str, Any]:
    if times == 1:
        return dict(target)
    return {**target, "weight": words.weight(target, among) * times}


def _split(whole: int, shares: Sequence[int]) -> list[int]:
    """Divide a whole by shares per mille; what is left goes to those who are owed most."""
    result = [whole * share // TOTAL for share in shares]
    owed = sorted(range(len(shares)), key=lambda n: -(whole * shares[n] % TOTAL))
    for index in owed[: whole - sum(result)]:
        result[index] += 1
    return result


def _before(place: int, rest: str, kept: Sequence[Kept]) -> Kept | None:
    """Return what is kept of a rule: of one that says the same, else of the one at its place."""
    same = [k for k in kept if k.rest == rest]
    here = [k for k in same or kept if k.rule == place]
    return next(iter(here or same), None)


def _undivided(
    targets: Sequence[Target], root: str, before: Kept | None, words: Words
) -> list[dict[str, Any]]:
    """Return the targets of a rule with the root in the place of the revisions."""
    others = [t for t in targets if not _is_ours(root, t, words)]
    place = next(n for n, t in enumerate(targets) if _is_ours(root, t, words))
    if before is None:
        first = targets[place]
        weight = sum(words.weight(t, len(targets)) for t in targets if t not in others)
        whole = words.target(first, root, weight)
        return [dict(t) for t in (*others[:place], whole, *others[place:])]
    known = {
        msgspec.json.encode(
            _multiplied(t, len(before.targets), before.times, words), order="deterministic"
        ): t
        for t in before.targets
        if words.service(t) != root
    }
    back = [
        known.get(msgspec.json.encode(t, order="deterministic")) or _less(t, before.times, words)
        for t in others
    ]
    if back == list(known.values()):
        return [dict(t) for t in before.targets]
    own = [t for t in before.targets if words.service(t) == root]
    return [dict(t) for t in (*back[:place], *own, *back[place:])]


def _less(target: Target, times: int, words: Words) -> dict[str, Any]:
    """Return a target that a user has changed since, with the weight that it has among others."""
    if times == 1 or "weight" not in target:
        return dict(target)
    weight = words.weight(target, 1)
    return {**target, "weight": max(1, round(weight / times)) if weight else 0}


def _rest(rule: Rule, words: Words) -> str:
    """Return a few digits for what a rule says beside its targets."""
    rest = {name: value for name, value in rule.items() if name != words.field}
    text = msgspec.json.encode(rest, order="deterministic")
    return hashlib.sha256(text).hexdigest()[: labels.DIGITS]
