// SPDX-License-Identifier: GPL-2.0-or-later
// /etc/driverctl.d: a file a function, called BUS-ADDRESS, that holds the name of the driver (save_override() in
// driverctl).
#include "hook/import/formats.hpp"

#include "early/model/text.hpp"
#include "hook/import/module_words.hpp"
#include "hook/import/words.hpp"

namespace vfio_early {

std::vector<SourceLine> import_formats::read_driverctl(const SourceFile& source)
{
    std::vector<SourceLine> lines = content_lines(source);
    const std::string_view base = base_name(source.name);
    const auto dash = base.find('-');
    const auto address = dash == std::string_view::npos ? std::nullopt : parse_address(base.substr(dash + 1));
    for (SourceLine& line : lines) {
        const std::string driver = normal_module_name(line.text);
        if (!base.starts_with("pci-")) {
            line.why = "not a PCI function";
        } else if (!address) {
            line.settle(LineFate::not_understood, "the file's name is no address of a PCI function");
        } else if (driver == "none") {
            line.settle(LineFate::keep, "the policy cannot say that a function is to have no driver at all");
        } else {
            auto wish = wish_at(address->text());
            wish->driver = takes_functions(driver) ? "auto" : line.text;
            line.wishes.push_back(std::move(*wish));
            line.settle(LineFate::remove,
                        "the policy binds the function before its native driver sees it; delete the file itself, as "
                        "`driverctl unset-override` would also unbind the function at once");
        }
    }
    return lines;
}

} // namespace vfio_early
