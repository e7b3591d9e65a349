// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/options.hpp"

#include "early/model/printable.hpp"

namespace vfio_early {

namespace {

using Parsed = std::expected<Options, std::string>;

std::unexpected<std::string> wrong(std::string_view text, std::string_view problem)
{
    return std::unexpected(printable(text) + ": " + std::string(problem));
}

bool* find_flag(Options& options, std::string_view name)
{
    using enum Options::Command;
    struct Flag {
        Options::Command command;
        std::string_view name;
        bool Options::* member;
    };
    static constexpr Flag flags[] = {
        {bind, "--dry-run", &Options::dry_run},    {bind, "--vfs", &Options::vfs},
        {release, "--storage", &Options::storage}, {release, "--network", &Options::network},
        {release, "--all", &Options::all},         {release, "--pins", &Options::pins},
        {recover, "--watch", &Options::watch},     {recover, "--last", &Options::last},
        {recover, "--network", &Options::network},
    };
    for (const Flag& flag : flags)
        if (flag.command == options.command && flag.name == name)
            return &(options.*flag.member);
    return nullptr;
}

std::expected<void, std::string> set_value(Options& options, std::string_view name, std::string_view value)
{
    if (value.empty())
        return wrong(name, "the value is empty");
    if (name == "--root") {
        options.root = value;
    } else if (name == "--policy") {
        options.policy = value;
    } else {
        const auto address = parse_address(value);
        if (!address)
            return wrong(value, "not an address like 0000:01:00.0");
        options.only.push_back(*address);
    }
    return {};
}

Parsed parse_command(Options options, std::span<const char* const> arguments)
{
    const bool binds = options.command == Options::Command::bind;
    const bool releases = options.command == Options::Command::release;
    for (std::size_t place = 0; place < arguments.size(); ++place) {
        std::string_view name = arguments[place];
        std::optional<std::string_view> value;
        if (const std::size_t equals = name.find('='); name.starts_with("--") && equals != std::string_view::npos) {
            value = name.substr(equals + 1);
            name = name.substr(0, equals);
        }
        if (name == "--help" || name == "-h") {
            options.command = Options::Command::help;
            return options;
        }
        if (bool* const flag = find_flag(options, name)) {
            if (value)
                return wrong(name, "takes no value");
            *flag = true;
        } else if (name == "--root" || (binds && (name == "--policy" || name == "--only"))) {
            if (!value && ++place == arguments.size())
                return wrong(name, "a value is missing");
            if (auto set = set_value(options, name, value ? *value : arguments[place]); !set)
                return std::unexpected(std::move(set.error()));
        } else if (name.starts_with('-') || !releases) {
            return wrong(name, name.starts_with('-') ? "unknown option" : "unexpected argument");
        } else if (const auto address = parse_address(name)) {
            options.addresses.push_back(*address);
        } else {
            return wrong(name, "not an address like 0000:01:00.0");
        }
    }
    const bool functions = options.storage || options.network || options.all || !options.addresses.empty();
    if (options.pins && functions)
        return std::unexpected("release: --pins stands alone");
    if (releases && !functions && !options.pins)
        return std::unexpected("release: say what: --storage, --network, --all, --pins or addresses");
    return options;
}

} // namespace

Parsed parse_options(std::span<const char* const> arguments)
{
    Options options;
    if (arguments.empty())
        return std::unexpected("a command is missing: bind, release or recover");
    const std::string_view command = arguments.front();
    if (command == "bind")
        options.command = Options::Command::bind;
    else if (command == "release")
        options.command = Options::Command::release;
    else if (command == "recover")
        options.command = Options::Command::recover;
    else if (command == "--help" || command == "-h")
        return options;
    else if (command == "--version") {
        options.command = Options::Command::version;
        return options;
    } else
        return wrong(command, "unknown command; there are bind, release and recover");
    return parse_command(std::move(options), arguments.subspan(1));
}

std::string_view help_text()
{
    return R"(Usage: vfio-early bind [--root DIR] [--policy FILE] [--dry-run] [--only ADDRESS]...
                       [--vfs]
       vfio-early release [--root DIR] [--storage] [--network] [--all] [ADDRESS...]
       vfio-early release [--root DIR] --pins
       vfio-early recover [--root DIR] [--watch | --last] [--network]
       vfio-early --help | --version

bind     binds the PCI functions that /etc/vfio-early.conf names, before any other
         driver sees them, and reports to the kernel log and /run/vfio-early/report.jsonl
  --root DIR      read the machine below DIR; anything but / needs --dry-run
  --policy FILE   read this policy alone
  --dry-run       print what would be done; change nothing
  --only ADDRESS  leave every other function alone (for hot-plug); may be repeated
  --vfs           only create the virtual functions that vfs= asks for
release  gives functions that vfio-early took back to their native drivers
  --storage       the storage controllers among them
  --network       the network controllers among them
  --all           all of them
  --pins          clear their overrides; they keep their drivers until the reboot
recover  gives back what root may be on, once root has been missing for 10 s, or as
         long as vfio_early.grace= says; for the scripts of the initramfs
  --watch         look again and again until root is there
  --last          look a last time: release whatever the time
  --network       root comes over the network

Exit codes: 0 all as the policy says; 1 something was refused or failed; 2 usage or
policy error. See vfio-early(8) and vfio-early.conf(5).
)";
}

} // namespace vfio_early
