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
        "Records this machine in FILE, a tar archive (FILE.gz, FILE.xz, FILE.zst: compressed): its PCI functions,\n"
        "groups, drivers and policy, as far as these programs read them. Every reading command takes it with\n"
        "--machine FILE. Serial numbers, MAC addresses, the host's name and those values of the kernel command line\n"
        "that no command reads are left out.");
    line.add_flag("force", "overwrite FILE");
    line.add_flag("with-serials", "record serial numbers and MAC addresses too");
    line.add_option("root", "DIR", "record the file system below DIR instead of /");
    line.allow_operands(1);
    line.parse();
    if (line.operands().empty())
        return line.usage_error("no file given");
    const std::string& file = line.operands().front();
    if (std::ranges::any_of(foreign_formats, [&](std::string_view suffix) { return file.ends_with(suffix); }))
        return line.usage_error("a recording is a tar archive: FILE.tar, FILE.tar.gz, FILE.tar.xz or FILE.tar.zst");

    const Host host = line.open_host();
    const RecordedTree tree =
        or_end(record_machine(host.root, {.serials = line.has("with-serials"), .pci_ids = host.pci_ids}), console);
    auto written = write_tar(tree, file, line.has("force"));
    if (!written && written.error().code == EEXIST)
        written.error().detail = "--force overwrites it";
    or_end(std::move(written), console);
    console.out << fmt::format("{}: {} recorded{}\n", file, count_text(tree.files.size() + tree.links.size(), "fact"),
                               line.has("with-serials") ? ", serial numbers among them" : "");
    return exit_ok;
}

} // namespace vfio_early
