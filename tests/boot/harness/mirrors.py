# SPDX-License-Identifier: GPL-2.0-or-later
"""Find the Debian mirror and the apt options this machine is configured with.

No mirror is written down here: a machine behind a proxy, a local mirror or a frozen archive gives its roots the same."""
import pathlib
import subprocess

from .errors import HarnessError

# Names of apt options that say how to reach an archive or how much to trust its dates.
CARRIED = ("acquire::check-valid-until", "acquire::check-date", "acquire::max-futuretime", "acquire::http",
           "acquire::https", "acquire::retries", "acquire::forceipv4", "acquire::forceipv6")


def _one_line_entries(text):
    """(uri, suite, components) of each `deb` line of the classic format."""
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words or words[0] != "deb":
            continue
        words = words[1:]
        if words and words[0].startswith("["):
            while words and not words[0].endswith("]"):
                words = words[1:]
            words = words[1:]
        if len(words) >= 3:
            yield words[0], words[1], words[2:]


def _deb822_entries(text):
    """(uri, suite, components) of each deb822 stanza."""
    for stanza in text.split("\n\n"):
        fields = {}
        name = None
        for line in stanza.splitlines():
            if line.startswith("#"):
                continue
            if line[:1].isspace() and name:
                fields[name] += " " + line.strip()
            elif ":" in line:
                name, value = line.split(":", 1)
                name = name.strip().lower()
                fields[name] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() == "no":
            continue
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield uri, suite, fields.get("components", "").split()


def entries(etc_apt="/etc/apt"):
    """All binary package entries of the machine's apt configuration."""
    etc_apt = pathlib.Path(etc_apt)
    lists = [etc_apt / "sources.list", *sorted((etc_apt / "sources.list.d").glob("*.list"))]
    for path in lists:
        if path.is_file():
            yield from _one_line_entries(path.read_text())
    for path in sorted((etc_apt / "sources.list.d").glob("*.sources")):
        yield from _deb822_entries(path.read_text())


def _codename(os_release="/etc/os-release"):
    for line in pathlib.Path(os_release).read_text().splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.split("=", 1)[1].strip().strip('"')
    return ""


def debian_mirror(etc_apt="/etc/apt", os_release="/etc/os-release"):
    """The base address from which this machine takes its own release, the same for every release."""
    suites = (_codename(os_release), "stable", "testing", "unstable", "sid")
    fitting = [uri.rstrip("/") for uri, suite, components in entries(etc_apt)
               if suite in suites and "main" in components and uri.startswith(("http:", "https:", "file:"))]
    plain = [uri for uri in fitting if uri.endswith("/debian")]
    if not fitting:
        raise HarnessError(f"{etc_apt} names no Debian archive for this machine's own release: the roots come from there")
    return (plain + fitting)[0]


def apt_options():
    """The options of `apt-config dump` that a root's apt needs too, as lines of apt.conf."""
    try:
        dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    kept = []
    for line in dump.splitlines():
        name = line.split(" ", 1)[0].rstrip(":").lower()
        if line.endswith(' "";') or not any(name == c or name.startswith(c + "::") for c in CARRIED):
            continue
        kept.append(line)
    return kept
