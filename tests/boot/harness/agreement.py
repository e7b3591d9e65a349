# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether vfio-earlyctl plan, on the running system, says what vfio-early bind has decided in the image of this boot.

The report has what bind decided there: with the policy, the facts and the modules of the image, and the machine as it
was then. A dry run in the image's tree could say no more than that."""
import json
import re

OUTCOMES = {"bound": "bind", "failed": "bind", "kept": "virtual functions"}


def plan_command(command_line):
    """What to ask for: the profiles of a boot are the user's word, and so plan is told of them, too."""
    profiles = re.findall(r"(?:rd\.)?vfio_early\.profile=(\S+)", command_line)
    names = [name for words in profiles for name in words.split(",")]
    # What it says of the policy's text is no part of the plan.
    return " ".join(["vfio-earlyctl plan --json", *(f"--profile {name}" for name in names), "2>/dev/null"])


def parse_plan(output):
    """{function or selector: what is to become of it} of plan's JSON; None if that is none, or tells of a wrong policy."""
    try:
        plan = json.loads(output)
    except ValueError:
        return None
    if "functions" not in plan:
        return None
    said = {function["address"]: function["what"] for function in plan["functions"]}
    said |= {function["address"]: "virtual functions" for function in plan["virtual_functions"]}
    said |= {refused["address"] or refused["subject"]: f"refuse: {refused['refusal']}" for refused in plan["refused"]}
    return said


def decided(report):
    """The same of a report."""
    return {function.get("address") or function["subject"]:
            OUTCOMES.get(function["outcome"]) or f"refuse: {function['refusal']}" for function in report["functions"]}


def differences(plan, report):
    """A line for each function of which the two say different things."""
    boot = decided(report)
    for subject in sorted(plan.keys() | boot.keys()):
        says, did = plan.get(subject, "nothing"), boot.get(subject, "nothing")
        if says != did:
            yield f"{subject}: plan says '{says}', the boot did '{did}'"


def check_agrees(expected, facts):
    """true: they say the same. A text says why they have to differ; that they do is then held against it."""
    plan, report = facts.get("plan"), facts["report"]
    if "functions" not in (report or {}):
        yield "there is no report to hold the plan against"
        return
    found = ["plan has nothing to say"] if plan is None else list(differences(plan, report))
    if expected is True:
        yield from found
    elif not found:
        yield f"they say the same, although it stands that they differ: {expected}"
