// SPDX-License-Identifier: GPL-2.0-or-later
// Domain XML (https://libvirt.org/formatdomain.html): PCI functions stand below <hostdev type="pci">, <interface
// type="hostdev"> and <disk type="nvme">, each as <source><address domain= bus= slot= function=/>.
#include "hook/import/formats.hpp"

#include "early/model/text.hpp"
#include "hook/import/words.hpp"

#include <charconv>
#include <tinyxml2.h>

namespace vfio_early {

namespace {

using tinyxml2::XMLElement;

std::string_view attribute(const XMLElement& element, const char* name)
{
    const char* value = element.Attribute(name);
    return value != nullptr ? value : "";
}

/// Hexadecimal with 0x, otherwise decimal (virStrToLong_ui() with base 0). A missing attribute is 0 (domain and
/// function may be).
std::optional<unsigned> number(const XMLElement& element, const char* name)
{
    std::string_view text = attribute(element, name);
    if (text.empty())
        return 0;
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
    }
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<Address> address_of(const XMLElement& element)
{
    if (attribute(element, "bus").empty() || attribute(element, "slot").empty())
        return {};
    const auto domain = number(element, "domain");
    const auto bus = number(element, "bus");
    const auto slot = number(element, "slot");
    const auto function = number(element, "function");
    if (!domain || !bus || *bus > 0xff || !slot || *slot > 0x1f || !function || *function > 7)
        return {};
    return Address{.domain = *domain,
                   .bus = static_cast<std::uint8_t>(*bus),
                   .device = static_cast<std::uint8_t>(*slot),
                   .function = static_cast<std::uint8_t>(*function)};
}

/// True for a device of the host that the domain takes over whole.
bool is_host_function(const XMLElement& element)
{
    const std::string_view name = element.Name();
    const std::string_view type = attribute(element, "type");
    return (name == "hostdev" && type == "pci") || (name == "interface" && type == "hostdev") ||
           (name == "disk" && type == "nvme");
}

void read_device(const XMLElement& element, const SourceFile& source, std::vector<SourceLine>& lines)
{
    SourceLine& line = lines.emplace_back(SourceLine{.file = source.name,
                                                     .number = static_cast<unsigned>(element.GetLineNum()),
                                                     .text = "<" + std::string(element.Name()) + ">"});
    const XMLElement* where = element.FirstChildElement("source");
    // An interface's and a disk's source is the address itself or holds it.
    if (where != nullptr && where->FirstChildElement("address") != nullptr)
        where = where->FirstChildElement("address");
    const auto address = where != nullptr ? address_of(*where) : std::nullopt;
    if (!address) {
        line.settle(LineFate::not_understood, "it has no PCI address");
    } else {
        line.text += " " + address->text();
        line.wishes.push_back(*wish_at(address->text()));
        line.settle(LineFate::keep, "the virtual machine needs it");
        if (attribute(element, "managed") == "yes")
            line.why += "; managed=\"yes\" does no harm, but \"no\" keeps libvirt from giving the function back";
    }
}

void read_below(const XMLElement* first, const SourceFile& source, std::vector<SourceLine>& lines)
{
    for (const XMLElement* element = first; element != nullptr; element = element->NextSiblingElement())
        if (is_host_function(*element))
            read_device(*element, source, lines);
        else
            read_below(element->FirstChildElement(), source, lines);
}

} // namespace

std::vector<SourceLine> import_formats::read_libvirt(const SourceFile& source)
{
    std::vector<SourceLine> lines;
    tinyxml2::XMLDocument document; // limits the depth of nesting itself
    if (document.Parse(source.text.data(), source.text.size()) != tinyxml2::XML_SUCCESS) {
        lines.push_back({.file = source.name,
                         .number = static_cast<unsigned>(std::max(document.ErrorLineNum(), 0)),
                         .fate = LineFate::not_understood,
                         .why = "it is not well-formed XML: " + std::string(document.ErrorName())});
        return lines;
    }
    read_below(document.FirstChildElement(), source, lines);
    return lines;
}

} // namespace vfio_early
