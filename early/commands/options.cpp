// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/options.hpp"

#include "early/model/printable.hpp"

namespace vfio_early {

namespace {

using Parsed = std::expected<Options, std::string>;

/// The arguments, an option's value taken from "--name=value" or from the next one.
class Arguments {
public:
    explicit Arguments(std::span<const char* const> arguments) : left_(arguments) {}

    /// False at the end. Afterwards name() and, if it was "--name=value", an own value are set.
    bool next()
    {
        value_.reset();
        if (left_.empty())
            return false;
        name_ = left_.front();
        left_ = left_.subspan(1);
        const std::size_t equals = name_.find('=');
        if (name_.starts_with("--") && equals != std::string_view::npos) {
            value_ = name_.substr(equals + 1);
            name_ = name_.substr(0, equals);
        }
        return true;
    }
    [[nodiscard]] std::string_view name() const { return name_; }
    [[nodiscard]] bool has_own_value() const { return value_.has_value(); }
    std::optional<std::string_view> value()
    {
        if (!value_ && !left_.empty()) {
            value_ = left_.front();
            left_ = left_.subspan(1);
        }
        return value_;
    }

private:
    std::span<const char* const> left_;
    std::string_view name_;
    std::optional<std::string_view> value_;
};

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

Parsed parse_command(Options options, Arguments arguments)
{
    const bool binds = options.command == Options::Command::bind;
    const bool releases = options.command == Options::Command::release;
    while (arguments.next()) {
        const std::string_view name = arguments.name();
        if (name == "--help" || name == "-h") {
            options.command = Options::Command::help;
            return options;
        }
        if (bool* const flag = find_flag(options, name)) {
            if (arguments.has_own_value())
                return wrong(name, "takes no value");
            *flag = true;
        } else if (name == "--root" || (binds && (name == "--policy" || name == "--only"))) {
            const auto value = arguments.value();
            if (!value)
                return wrong(name, "a value is missing");
            if (auto set = set_value(options, name, *value); !set)
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
    return parse_command(std::move(options), Arguments(arguments.subspan(1)));
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
