# SPDX-License-Identifier: GPL-2.0-or-later
"""Expectations: each is a function of what was expected and what was seen that lists what differs.

Every one can fail (self_test.py proves it): a function or file that is not there is a failure, never a pass."""
import re

from .agreement import check_agrees

# Whoever may name a bound function in the kernel log: the PCI core, vfio itself, the IOMMU code, and we.
HARMLESS = r"pci \S+: |(?:vfio-pci|vfio_pci|pcieport) ADDRESS: |" \
           r"vfio-early: |vfio_pci: |iommu: |DMAR: |AMD-Vi: |vgaarb: "


def full(address):
    """An address with its domain."""
    return address if address.count(":") == 2 else f"0000:{address}"


def _lines(facts):
    return [record["text"] for record in facts["kmsg"]]


def _naming(facts, address):
    return [f"[{r['time']:.3f}] {r['text']}" for r in facts["kmsg"] if full(address) in r["text"]]


def _seen(facts, address):
    function = facts["pci"].get(full(address))
    if function is None:
        return f"{full(address)} is not there; functions: {', '.join(sorted(facts['pci']))}"
    return f"{full(address)} {function['id']} driver '{function['driver']}' override '{function['override']}' " \
           f"group '{function['group']}'"


def _attribute(name):
    """An expectation of the form {address = value} about one attribute of the function."""
    def check(expected, facts):
        for address, value in expected.items():
            if facts["pci"].get(full(address), {}).get(name) != value:
                log = "".join(f"\n      {line}" for line in _naming(facts, address))
                yield f"{name} should be '{value}': {_seen(facts, address)}{log}"
    return check


def check_viable(expected, facts):
    for address in expected:
        group = facts["pci"].get(full(address), {}).get("group", "")
        status = facts["groups"].get(group, "no VFIO node")
        if status != "viable":
            yield f"group should be viable, is '{status}': {_seen(facts, address)}"


def check_not_viable(expected, facts):
    for address in expected:
        group = facts["pci"].get(full(address), {}).get("group", "")
        if facts["groups"].get(group) != "not viable":
            yield f"group should not be viable, is '{facts['groups'].get(group)}': {_seen(facts, address)}"


def check_native_silent(expected, facts):
    """No kernel record but those of the PCI core, vfio and us names the function."""
    for address in expected:
        if full(address) not in facts["pci"]:
            yield _seen(facts, address)
            continue
        harmless = re.compile(HARMLESS.replace("ADDRESS", re.escape(full(address))))
        for record in facts["kmsg"]:
            if full(address) in record["text"] and not harmless.match(record["text"]):
                yield f"{full(address)} is named by another driver: [{record['time']:.3f}] {record['text']}"


def check_dmesg_has(expected, facts):
    for pattern in expected:
        if not any(re.search(pattern, line) for line in _lines(facts)):
            ours = "".join(f"\n      {line}" for line in _lines(facts) if line.startswith("vfio-early"))
            yield f"no kernel record matches '{pattern}'; ours are:{ours or ' none'}"


def check_dmesg_lacks(expected, facts):
    if not facts["kmsg"]:
        yield "the kernel log is empty"
    for pattern in expected:
        for line in _lines(facts):
            if re.search(pattern, line):
                yield f"a kernel record matches '{pattern}': {line}"


def check_before(expected, facts):
    """Pairs of patterns: the first record of the one is earlier than the first record of the other."""
    for first, second in expected:
        at = [next((i for i, line in enumerate(_lines(facts)) if re.search(p, line)), None) for p in (first, second)]
        if None in at or at[0] >= at[1]:
            yield f"'{first}' (record {at[0]}) should be before '{second}' (record {at[1]})"


def check_refused(expected, facts):
    """Our refusal record for each address, with the given word."""
    for address, word in expected.items():
        pattern = rf"^vfio-early: {re.escape(full(address))} .*refused: {re.escape(word)}(?![-\w])"
        yield from check_dmesg_has([pattern], facts)


def check_modules(expected, facts):
    """Modules that must be loaded; with a leading `!`, must not be."""
    for name in expected:
        wanted, module = not name.startswith("!"), name.lstrip("!").replace("-", "_")
        if (module in facts["modules"]) != wanted:
            yield f"module {module} should {'' if wanted else 'not '}be loaded"


def _walk(value, path):
    """The value at a dotted path. `[key=text]` picks the first element of a list whose key has that text."""
    for part in re.findall(r"\[[^]]*\]|[^.\[\]]+", path):
        if part.startswith("["):
            key, _, text = part[1:-1].partition("=")
            value = next((item for item in value if str(item.get(key)) == text), None)
        elif isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


def check_report(expected, facts):
    """Values of /run/vfio-early/report.jsonl by path; `false` alone: there is no report."""
    if expected is False:
        if facts["report"] is not None:
            yield "there should be no report"
        return
    for path, value in expected.items():
        seen = _walk(facts["report"], path)
        if seen != value:
            yield f"report: {path} should be {value!r}, is {seen!r}; the report: {facts['report']}"


def check_image(expected, facts):
    """The initramfs image: exit, order_first, has and lacks (patterns of names), log_has and log_lacks."""
    image = facts["image"]
    for key, value in expected.items():
        if key == "exit":
            if image["exit"] != value:
                yield f"the generator exited with {image['exit']}, not {value}:\n{image['log']}"
        elif key == "order_first":
            scripts = re.findall(r"^/scripts/\S+/(\S+)", image["order"], re.MULTILINE)
            if scripts[:1] != [value]:
                yield f"the first boot script should be {value}: {scripts}"
        elif key in ("has", "lacks"):
            for pattern in value:
                found = [name for name in image["names"] if re.search(pattern, name)]
                if bool(found) != (key == "has"):
                    yield f"image: '{pattern}' " + (f"matches {found[:3]}" if found else "matches no name")
        elif key in ("log_has", "log_lacks"):
            for pattern in value:
                found = re.search(pattern, image["log"], re.MULTILINE)
                if bool(found) != (key == "log_has"):
                    yield f"generator's output: '{pattern}' {'is there' if found else 'is missing'}:\n{image['log']}"
        else:
            yield f"unknown expectation image.{key}"


def _card(address, facts):
    """What was done to a card, or a failure."""
    card = facts["cards"].get(full(address))
    if card is None:
        return None, f"{full(address)} is no card of tests/boot/cards; there are: {', '.join(facts['cards']) or 'none'}"
    if full(address) not in facts["pci"]:
        return None, _seen(facts, address)
    return card, f"{full(address)}: {card['registers']} accesses to registers, {card['pages']} pages of memory touched"


def check_untouched(expected, facts):
    """Functions of which nobody has read or written a register since power-on, nor a page of memory behind a BAR."""
    for address in expected:
        card, text = _card(address, facts)
        if card is None:
            yield text
        elif card["registers"] or card["pages"]:
            if card["registers"]:
                text += f", from {card['first']:.2f} s to {card['last']:.2f} s: {', '.join(card['sample'])} …"
            yield text


def check_touched(expected, facts):
    """The least number of accesses to registers of each function."""
    for address, least in expected.items():
        card, text = _card(address, facts)
        if card is None or card["registers"] < least:
            yield text if card is None else f"{text}; at least {least} accesses should be"


def check_uptime(expected, facts):
    """The guest's seconds since power-on, at most."""
    if not 0 < facts["uptime"] <= expected:
        yield f"uptime should be at most {expected} s, is {facts['uptime']} s"


EXPECTATIONS = {
    "drivers": _attribute("driver"),
    "overrides": _attribute("override"),
    "ids": _attribute("id"),
    "groups": _attribute("group"),
    "viable": check_viable,
    "not_viable": check_not_viable,
    "native_silent": check_native_silent,
    "dmesg_has": check_dmesg_has,
    "dmesg_lacks": check_dmesg_lacks,
    "before": check_before,
    "refused": check_refused,
    "modules": check_modules,
    "report": check_report,
    "image": check_image,
    "untouched": check_untouched,
    "touched": check_touched,
    "uptime": check_uptime,
    "agrees": check_agrees,
}


def check(expected, facts):
    """All failures of a table of expectations against facts."""
    failures = []
    for key, value in expected.items():
        failures += [f"{key}: {failure}" for failure in EXPECTATIONS[key](value, facts)]
    return failures


def check_output(step, code, output):
    """The failures of a `run` step: exit code (0 unless given) and patterns in the output."""
    failures = []
    if code != step.get("exit", 0):
        failures.append(f"exit code {code}, not {step.get('exit', 0)}")
    for key in ("has", "lacks"):
        for pattern in step.get(key, []):
            if bool(re.search(pattern, output, re.MULTILINE)) != (key == "has"):
                failures.append(f"output {'lacks' if key == 'has' else 'has'} '{pattern}'")
    if not failures:
        return []
    shown = "\n".join("      " + line for line in output.splitlines())
    return [f"run: {step['run'].strip()}: {'; '.join(failures)}; output:\n{shown}"]
