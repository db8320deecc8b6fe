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


def intents() -> list[dict[str, Any]]:
    """
    Return the policy on Intents, with its binding.

    Whoever asks needs the right of the verb (``create`` on ``releases/<verb>``), and signs with the
    own name; only who may ``create`` ``intents/actor`` (a dashboard that signed somebody in) may
    sign for others.
    """
    name = "serinus-intents"
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "resourceRules": [
                    {
                        "apiGroups": [GROUP],
                        "apiVersions": ["*"],
                        "operations": ["CREATE"],
                        "resources": ["intents"],
                    }
                ]
            },
            "validations": [
                {
                    "expression": _VERB,
                    "reason": "Forbidden",
                    "messageExpression": (
                        "request.userInfo.username + ' may not ' + object.spec.verb + "
                        "' releases in namespace ' + object.metadata.namespace + "
                        "': it takes the right to create releases/' + object.spec.verb"
                    ),
                },
                {
                    "expression": f"{_SELF} || {_OTHERS}",
                    "reason": "Forbidden",
                    "messageExpression": (
                        "'spec.actor is ' + object.spec.actor + ', and ' + "
                        "request.userInfo.username + ' may sign for nobody else'"
                    ),
                },
            ],
        },
    }
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    }
    return [policy, binding]
