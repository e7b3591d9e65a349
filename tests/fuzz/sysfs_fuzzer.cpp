// SPDX-License-Identifier: GPL-2.0-or-later
// What sysfs and procfs hand us, as any bytes. The first byte says which file it is.
#include "early/machine/scan.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/support/parse_path.hpp"

#include <cstdint>
#include <string>
#include <string_view>

using namespace vfio_early;

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    Function function;
    switch (data[0]) {
    case 'u':
        read_uevent(text, function);
        CHECK(function.driver.find('\n') == std::string::npos);
        break;
    case 'c':
        read_config(text, function);
        CHECK((function.header_type & 0x80U) == 0);
        break;
    case 's': {
        const auto serial = serial_from_config(text);
        CHECK(serial == serial_from_config(text));
        break;
    }
    case 'p':
        if (const auto path = path_from_link(text))
            CHECK(test::parse_path(path->text()) == path);
        break;
    default:
        for (const MemoryRange& range : framebuffers_from_iomem(text))
            CHECK(range.first <= range.last);
    }
    return 0;
}
