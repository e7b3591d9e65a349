// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/recording/recorder.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <ostream>

namespace vfio_early {

namespace {

/// What people may expect to get by the name of the file, and would not.
constexpr std::array<std::string_view, 8> foreign_formats{".zip", ".7z",   ".rar",  ".bz2",
                                                          ".lz4", ".lzma", ".json", ".txt"};

} // namespace

int run_snapshot(const Invocation& invocation)
{
    Console& console = invocation.console;
    CommandLine line(
        invocation, "[OPTION...] FILE",
        "Records this machine in FILE, a tar archive (FILE.gz, FILE.xz, FILE.zst: compressed): its PCI functions, "
        "groups,\n"
        "drivers and policy, as far as these programs read them. Every reading command takes it with --machine FILE.\n"
        "Serial numbers, MAC addresses, the host's name and all values of the kernel command line that are not looked "
        "at\n"
        "are left out.");
    line.options().add_options()("force", "overwrite FILE")("with-serials",
                                                            "record serial numbers and MAC addresses too")(
        "root", boost::program_options::value<std::string>()->value_name("DIR"),
        "record the file system below DIR instead of /");
    line.allow_operands(1);
    if (const auto code = line.parse())
        return *code;
    if (line.operands().empty())
        return line.usage_error("no file given");
    const std::string& file = line.operands().front();
    if (std::ranges::any_of(foreign_formats, [&](std::string_view suffix) { return file.ends_with(suffix); }))
        return line.usage_error("a recording is a tar archive: FILE.tar, FILE.tar.gz, FILE.tar.xz or FILE.tar.zst");

    const auto host = open_host(line.host_options());
    if (!host)
        return report_error(host.error(), console);
    const auto tree = record_machine(host->root, {.serials = line.has("with-serials"), .pci_ids = host->pci_ids});
    if (!tree)
        return report_error(tree.error(), console);
    auto written = write_tar(*tree, file, line.has("force"));
    if (!written && written.error().code == EEXIST)
        written.error().detail = "--force overwrites it";
    if (!written)
        return report_error(written.error(), console);
    console.out << fmt::format("{}: {} recorded{}\n", file, count_text(tree->files.size() + tree->links.size(), "fact"),
                               line.has("with-serials") ? ", serial numbers among them" : "");
    return exit_ok;
}

} // namespace vfio_early
