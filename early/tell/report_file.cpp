// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/tell/report_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

namespace vfio_early {

namespace {

constexpr const char* report_folder = "run/vfio-early";

} // namespace

Result<void> write_report(const Root& root, const Report& report)
{
    return root.replace_file(report_path, to_json(report));
}

FileDescriptor lock_report(const Root& root)
{
    auto folder = root.open_file(report_folder, O_RDONLY | O_DIRECTORY);
    if (!folder)
        return {};
    while (::flock(folder->get(), LOCK_EX) != 0)
        if (errno != EINTR)
            return {};
    return std::move(*folder);
}

Result<Report> read_report(const Root& root)
{
    const auto text = root.read(report_path, std::size_t{16} << 20U);
    if (!text)
        return std::unexpected(text.error());
    auto report = report_from_json(*text);
    if (!report)
        return system_error("read", root.prefix() + "/" + report_path, EINVAL, "not a report of schema 1");
    return std::move(*report);
}

} // namespace vfio_early
