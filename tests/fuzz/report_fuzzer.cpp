// SPDX-License-Identifier: GPL-2.0-or-later
// Any text as a report: what is read is written and read back the same, and its log is fit for /dev/kmsg.
#include "early/model/printable.hpp"
#include "early/tell/report_lines.hpp"
#include "hook/status/boot_report.hpp"
#include "tests/fuzz/check.hpp"

#include <cstdint>
#include <string>

using namespace vfio_early;

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto report = parse_report({reinterpret_cast<const char*>(data), size});
    if (!report)
        return 0;
    const std::string text = report_lines(*report, "boot");
    const auto again = parse_report(text);
    CHECK(again);
    CHECK(report_lines(*again, "boot") == text);
    for (const LogRecord& record : log_records(*report)) {
        CHECK(record.text.size() < 900);
        CHECK(record.text.starts_with("vfio-early: "));
        CHECK(printable(record.text) == record.text);
    }
    return 0;
}
