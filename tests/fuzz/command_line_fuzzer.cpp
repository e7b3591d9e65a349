// SPDX-License-Identifier: GPL-2.0-or-later
// Any text as a kernel command line.
#include "early/model/boot_request.hpp"
#include "early/model/diagnostic.hpp"
#include "early/model/printable.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

using namespace vfio_early;

namespace {

std::string text_of(const BootRequest& request)
{
    std::string text = std::to_string(static_cast<int>(request.mode)) + (request.debug ? "d" : "");
    for (const std::string& profile : request.profiles)
        text += " profile " + profile;
    for (const AddressPattern& pattern : request.skip)
        text += " skip " + pattern.text;
    for (const AddressPattern& pattern : request.bind)
        text += " bind " + pattern.text;
    for (const std::string& module : request.blacklist)
        text += " blacklist " + module;
    for (const IdPattern& id : request.vfio_pci_ids)
        text += " id " + id.text();
    for (const std::string& warning : request.warnings)
        text += " warning " + warning;
    return text;
}

void check_patterns(const std::vector<AddressPattern>& patterns)
{
    for (const AddressPattern& pattern : patterns) {
        const auto again = parse_address_pattern(pattern.text);
        CHECK(again && again->text == pattern.text && again->buses == pattern.buses);
        CHECK(pattern.buses.any() && pattern.devices.any() && pattern.functions.any());
        CHECK(printable(pattern.text) == pattern.text);
    }
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string line(reinterpret_cast<const char*>(data), size);
    const BootRequest request = parse_boot_request(line);
    CHECK(text_of(request) == text_of(parse_boot_request(line)));
    CHECK(request.warnings.size() <= max_diagnostics);
    check_patterns(request.skip);
    check_patterns(request.bind);

    // Whatever follows, `off` is obeyed.
    CHECK(parse_boot_request("vfio_early=off " + line).mode == BootRequest::Mode::off);
    // And nothing is left out that stands before.
    CHECK(parse_boot_request("vfio_early.skip=01:00.0 " + line).skip.size() == request.skip.size() + 1);
    return 0;
}
