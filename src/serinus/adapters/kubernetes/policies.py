"""
Admission policies: what the API server itself refuses, whoever asks.

They are ValidatingAdmissionPolicies (Kubernetes 1.30 and later), evaluated within the API server:
no webhook of ours stands in the way of anybody, and none can be down.
"""

from typing import Any

from serinus.adapters.kubernetes.rights import GROUP

_VERB = (
    "authorizer.group('serinus.dev').resource('releases').subresource(object.spec.verb)"
    ".namespace(object.metadata.namespace).check('create').allowed()"
)
_SELF = "object.spec.actor == request.userInfo.username"
_OTHERS = (
    "authorizer.group('serinus.dev').resource('intents').subresource('actor')"
    ".namespace(object.metadata.namespace).check('create').allowed()"
)


_ALIKE = "{one}.all(k, k == 'deprecated' || (k in {other} && {one}[k] == {other}[k]))"


def every() -> list[dict[str, Any]]:
    """Return all policies, with their bindings."""
    return [*intents(), *templates()]


def templates() -> list[dict[str, Any]]:
    """
    Return the policy on templates, with its binding: a version never changes.

    Nothing of it may, lists and all; but a version may become deprecated. Whoever rolls back to it
    gets what it was.
    """
    new, old = "object.spec", "oldObject.spec"
    both = " && ".join((_ALIKE.format(one=new, other=old), _ALIKE.format(one=old, other=new)))
    message = (
        "'a version of a template never changes: make a new one, ' + object.spec.template + "
        "'-<version>; only spec.deprecated of this one may change'"
    )
    validation = {"expression": both, "reason": "Invalid", "messageExpression": message}
    return _policy(
        "serinus-templates", ("deliverytemplates", "clusterdeliverytemplates"), "UPDATE", validation
    )


def intents() -> list[dict[str, Any]]:
    """
    Return the policy on Intents, with its binding.

    Whoever asks needs the right of the verb (``create`` on ``releases/<verb>``), and signs with the
    own name; only who may ``create`` ``intents/actor`` (a dashboard that signed somebody in) may
    sign for others.
    """
    verb = {
        "expression": _VERB,
        "reason": "Forbidden",
        "messageExpression": (
            "request.userInfo.username + ' may not ' + object.spec.verb + "
            "' releases in namespace ' + object.metadata.namespace + "
            "': it takes the right to create releases/' + object.spec.verb"
        ),
    }
    actor = {
        "expression": f"{_SELF} || {_OTHERS}",
        "reason": "Forbidden",
        "messageExpression": (
            "'spec.actor is ' + object.spec.actor + ', and ' + "
            "request.userInfo.username + ' may sign for nobody else'"
        ),
    }
    return _policy("serinus-intents", ("intents",), "CREATE", verb, actor)


def _policy(
    name: str, resources: tuple[str, ...], operation: str, *validations: dict[str, str]
) -> list[dict[str, Any]]:
    rule = {
        "apiGroups": [GROUP],
        "apiVersions": ["*"],
        "operations": [operation],
        "resources": list(resources),
    }
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [rule]},
            "validations": list(validations),
        },
    }
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    }
    return [policy, binding]
