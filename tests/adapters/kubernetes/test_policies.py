from serinus.adapters.kubernetes import policies


def test_the_policy_on_intents_is_bound_and_denies() -> None:
    policy, binding = policies.intents()

    assert policy["metadata"]["name"] == binding["spec"]["policyName"]
    assert ["Deny"] == binding["spec"]["validationActions"]


def test_a_policy_that_cannot_be_evaluated_refuses() -> None:
    policy, _ = policies.intents()

    assert "Fail" == policy["spec"]["failurePolicy"]


def test_a_version_of_a_template_is_compared_whole_but_for_its_deprecation() -> None:
    policy, binding = policies.templates()
    (validation,) = policy["spec"]["validations"]

    assert policy["metadata"]["name"] == binding["spec"]["policyName"]
    assert 2 == validation["expression"].count("k == 'deprecated'")
    assert "never changes" in validation["messageExpression"]


def test_each_refusal_says_who_may_not_do_what() -> None:
    policy, _ = policies.intents()

    for validation in policy["spec"]["validations"]:
        assert "request.userInfo.username" in validation["messageExpression"]
