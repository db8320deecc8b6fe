"""
What each field means, in one sentence: what ``kubectl explain`` shows.

By the name of the type and the field's name in a document. A test sees to it that no field is
without its words; what a type is as a whole stands in its docstring.
"""

from collections.abc import Mapping

WRITTEN: Mapping[str, Mapping[str, str]] = {
    "ApplicationSpec": {
        "workload": "What one replica is.",
        "workloadRef": "A Deployment to adopt, which then says what one replica is.",
        "version": "A label for people; the image's tag if nothing is said.",
        "route": "Where the application answers.",
        "delivery": "How a change gets to everybody.",
        "environments": "Patches of version, workload, route and delivery, by environment.",
    },
    "Workload": {
        "command": "What starts a replica in place of the image's command: words, or one text.",
        "args": "Words after the command.",
        "image": "The image; it may hold ${version}.",
        "workdir": "Where it starts: an absolute directory of the image.",
        "files": "Files of one machine; a cluster refuses them.",
        "env": "Variables. ${version}, ${port} and ${replica} may stand in their values.",
        "configMaps": "ConfigMaps of which all keys become variables; part of the revision.",
        "secrets": "Secrets of which all keys become variables; part of the revision.",
        "resources": "How much one replica may take: cpu and memory.",
        "port": "The port that the container listens at; also in $PORT.",
        "health": "How a replica says that it is ready.",
        "replicas": "How many replicas; kubectl scale and autoscalers change it here.",
        "grace": "How long a replica may take to stop.",
        "serviceAccount": "Who the replicas are to the API server; none: they get no token.",
        "pod": "A part of a PodTemplateSpec, merged in; the container that serves is called app.",
    },
    "Health": {
        "path": "What is asked for; null: it is ready when its port is open.",
        "every": "How often.",
        "timeout": "How long an answer may take.",
    },
    "WorkloadRef": {"name": "Its name, in the same namespace.", "kind": "Deployment."},
    "RouteRef": {
        "kind": "Its kind, such as HTTPRoute, VirtualService or Ingress.",
        "name": "Its name, in the same namespace.",
    },
    "RouteSpec": {
        "host": "The host name that it answers at.",
        "port": "The port of its Service.",
        "ref": "A routing object that is there already; only its parts of this application change.",
        "timeout": "How long a request may take.",
    },
    "TemplateRef": {
        "name": "The template's name, such as canary-standard.",
        "version": "'1' is the newest 1.x, '1.2.0' exactly that one.",
    },
    "DeliverySpec": {
        "template": "A template's name, or {name, version}.",
        "parameters": "Values of the template's parameters.",
        "plan": "Steps in place of the template's.",
        "checks": "Checks in place of the template's.",
        "judge": "Another tool's rule in place of the evidence: flagger, argo or kayenta.",
        "every": "The length of a block of evidence.",
        "strikes": "How often a check by query has to fail, in a row.",
        "warmup": "The age before which a replica's requests do not count.",
        "startTimeout": "How long replicas may take to get ready.",
        "drain": "How long requests may take to end on a replica that goes.",
        "maxSurge": "How many replicas a canary may have beyond stable's: a number or a percent.",
        "onFail": "What becomes of a failed candidate.",
        "onNoData": "What happens without data.",
        "onUnverified": "What happens if safety was not shown: promote, hold or rollback.",
        "verified": "What still counts as safe: ratio and plus.",
        "retreat": "Numbers of the way back.",
        "sticky": "How long users stay on their side.",
        "headers": "Headers that are set or removed on the way to the candidate.",
        "goals": "What the users of an A/B test are hoped to do.",
    },
    "EnvironmentSpec": {
        "stage": "dev, staging or prod: prod warns of bold first shares.",
        "region": "A label.",
        "defaults": "What applications get that say nothing themselves.",
        "target": "Which namespaces are in the environment.",
        "router": "The router, by its name, with its settings: {gatewayapi: {...}}.",
        "counts": "Where the counts of requests come from.",
        "metrics": "Sources that checks by query ask, by their names.",
        "windows": "When releases begin.",
        "freeze": "Nothing new begins, and why.",
        "roles": "Who has which role, for approvals.",
        "notify": "Who is told what.",
    },
    "Defaults": {
        "template": "The template of applications that name none.",
        "parameters": "Values for every template that has such a parameter.",
    },
    "Target": {"namespaces": "Their names."},
    "Counts": {
        "dialect": "Whose counters they are; the router's if nothing is said.",
        "scrape": "The address where they are read.",
        "prometheus": "Or the source of 'metrics' that is asked for them.",
        "pods": "Or the page of metrics of each pod.",
        "every": "How often there is something new.",
        "settings": "What the dialect has to know.",
    },
    "PodPages": {
        "port": "The port of the page; the one that serves if nothing is said.",
        "path": "The path of the page.",
    },
    "Hours": {"from": "From, such as Fri 16:00.", "to": "To, such as Mon 07:00."},
    "Window": {
        "name": "Its name, by which a gate asks for it.",
        "type": "allow: releases begin within its hours; blackout: outside of them.",
        "tz": "The time zone of the hours, such as Europe/Berlin.",
        "weekly": "Hours of every week: {from: Fri 16:00, to: Mon 07:00}, or a list of them.",
        "from": "An instant before which it does not count, such as 2026-12-24T12:00:00Z.",
        "to": "An instant after which it does not count.",
        "message": "What people are told while it is closed.",
        "gatesOnly": "Only steps that name it in their gates look at it.",
    },
    "Freeze": {"reason": "Why, for people.", "until": "An instant, if it is known."},
    "Notify": {
        "to": "The name of the secret that holds the address.",
        "on": "What about; everything if nothing is said.",
    },
    "Parameter": {
        "type": "string, integer, number or boolean.",
        "format": "What a text means, such as percent or duration.",
        "enum": "What it may be.",
        "minimum": "The least.",
        "maximum": "The most.",
        "default": "What it is if nobody says it.",
        "title": "What a form calls it.",
        "order": "Its place in a form.",
    },
    "Deprecated": {
        "since": "Since when.",
        "use": "What to use instead.",
        "message": "Why.",
    },
    "TemplateSpec": {
        "template": "The template's name; the object is called NAME-VERSION.",
        "version": "Three numbers, such as 1.3.0.",
        "strategy": "rolling, recreate, blueGreen, canary, abTest or mirror.",
        "title": "What people call it.",
        "about": "What it does.",
        "promise": "What it promises, in one line.",
        "notFor": "When not to use it.",
        "needs": "What the router has to be able to do.",
        "parameters": "What applications may set.",
        "plan": 'The steps; "${name}" as a whole value is a parameter.',
        "checks": "What the candidate is judged by.",
        "locks": "JSON pointers to what nobody below may change.",
        "deprecated": "Why nobody should choose it any more.",
    },
}

KEPT: Mapping[str, Mapping[str, str]] = {
    "Condition": {
        "type": "What it is about: Ready, Reconciling, Stalled.",
        "status": "True, False or Unknown.",
        "lastTransitionTime": "Since when it is so.",
        "reason": "Why, in one word for programs.",
        "message": "Why, in one sentence for people.",
        "observedGeneration": "Of which generation of the spec it speaks.",
    },
    "Decision": {
        "sequence": "Its number; numbers rise.",
        "at": "When.",
        "kind": "What it is about: release, step, verdict, retreat, replica, intent, problem.",
        "reason": "What happened, in one word for programs.",
        "sentence": "What happened, in one sentence for people.",
    },
    "Side": {
        "revision": "The revision's id.",
        "version": "What people call it.",
        "share": "Its part of the traffic.",
    },
    "DocumentStatus": {
        "observedGeneration": "The generation of the spec that was looked at.",
        "conditions": "Ready: it can be used. Stalled: it cannot, and the message says why.",
    },
    "ApplicationStatus": {
        "observedGeneration": "The generation of the spec that was looked at.",
        "conditions": "Ready, Reconciling and Stalled, as tools understand them.",
        "phase": "Where the newest release is.",
        "sentence": "What is going on, for people.",
        "release": "The name of the newest release.",
        "stable": "The revision that serves.",
        "candidate": "The revision that is tried.",
        "replicas": "How many pods serve.",
        "selector": "How to find them.",
    },
    "ReleaseSpec": {
        "application": "The name of the Application.",
        "environment": "The environment.",
        "number": "The number of the release, counted for each application.",
        "candidate": "The revision that is released.",
        "version": "What people call it.",
        "delivery": "The resolved plan, as it was when the release began.",
        "deliveryHash": "The hash of the plan.",
        "replicas": "How many replicas were wanted.",
        "workload": "What one replica of the candidate is, in full.",
        "createdAt": "When it began.",
        "stable": "The revision that served; none in the first release.",
        "stableVersion": "What people call that one.",
        "actor": "Who changed it.",
        "reason": "Why.",
    },
    "ReleaseStatus": {
        "phase": "Where the release is.",
        "sentence": "What is going on, for people.",
        "share": "The candidate's part of the traffic.",
        "step": "Which step of how many.",
        "result": "How it ended.",
        "endedAt": "When it ended.",
        "decisions": "What happened, the newest hundred.",
        "conditions": "Ready, Reconciling and Stalled, as tools understand them.",
        "state": "The controller's memory.",
        "judge": "The judge's memory: base64 of zlib.",
    },
    "IntentSpec": {
        "application": "The name of the Application.",
        "verb": "What is asked for.",
        "actor": "Who asks.",
        "reason": "Why.",
        "expectRelease": "The release that was seen; another one refuses it.",
        "expectStep": "The step that was seen, counted from 1; another one refuses it.",
    },
    "IntentStatus": {
        "done": "Whether it was done; false: it was refused.",
        "sentence": "What was done, or why it was refused.",
        "at": "When.",
    },
}


def field(kind: str, name: str) -> str:
    """Return the words of a field; a template's body has those of a delivery."""
    for found in (WRITTEN.get(kind), KEPT.get(kind)):
        if found is not None and name in found:
            return found[name]
    if kind == "TemplateSpec":
        return WRITTEN["DeliverySpec"].get(name, "")
    return ""
