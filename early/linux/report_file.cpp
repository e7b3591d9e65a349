// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/linux/report_file.hpp"

#include <cerrno>

namespace vfio_early {

Result<void> write_report(const Root& root, const Report& report)
{
    return root.replace_file(report_path, to_json(report));
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
