// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/ui/pci_names.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>

extern "C" {
#include <pci/pci.h>
}

namespace vfio_early {

namespace {

extern "C" {
void say_nothing(char* /*format*/, ...) {}
// Called when memory runs out; libpci expects that it does not return. The attribute of C++ would not be part of the
// type that libpci asks for (clang checks it).
__attribute__((noreturn)) void give_up(char* /*format*/, ...)
{
    std::abort();
}
}

} // namespace

void PciNames::Deleter::operator()(pci_access* access) const
{
    pci_cleanup(access);
}

PciNames::PciNames(const std::string& file) : access_(pci_alloc())
{
    // pci_init() would set these, but it also looks for the machine's buses and ends the program where there are
    // none. Names need no buses.
    access_->error = give_up;
    access_->warning = say_nothing;
    access_->debug = say_nothing;
    if (!file.empty())
        pci_set_name_list_path(access_.get(), ::strdup(file.c_str()), 1); // freed by libpci
}

std::string PciNames::look_up(int what, unsigned first, unsigned second) const
{
    std::array<char, 256> buffer{};
    const int flags = what | PCI_LOOKUP_NO_NUMBERS | PCI_LOOKUP_NO_HWDB;
    const char* name = pci_lookup_name(access_.get(), buffer.data(), static_cast<int>(buffer.size()), flags,
                                       static_cast<int>(first), static_cast<int>(second));
    return name != nullptr ? name : "";
}

std::string PciNames::vendor(const Ids& ids) const
{
    return look_up(PCI_LOOKUP_VENDOR, ids.vendor);
}

std::string PciNames::device(const Ids& ids) const
{
    return look_up(PCI_LOOKUP_DEVICE, ids.vendor, ids.device);
}

std::string PciNames::class_name(const Ids& ids) const
{
    std::string name = look_up(PCI_LOOKUP_CLASS, ids.class_code >> 8U);
    return name.empty() ? fmt::format("Class {:04x}", ids.class_code >> 8U) : name;
}

std::string PciNames::full(const Ids& ids) const
{
    const std::string maker = vendor(ids);
    const std::string product = device(ids);
    return maker + (maker.empty() || product.empty() ? "" : " ") + product;
}

} // namespace vfio_early
