// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/inspect/addons.hpp"

#include "early/model/text.hpp"
#include "hook/host/regular_file.hpp"

#include <algorithm>
#include <cctype>

namespace vfio_early {

namespace {

constexpr std::string_view efi_suffix = ".efi";
constexpr std::string_view addon_ending = ".addon.efi";
constexpr std::string_view directory_of_images = "EFI/Linux/";

/// FAT knows no difference.
std::string lower(std::string_view text)
{
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

/// "foo+3-1.efi" counts the boots of "foo.efi" (Automatic Boot Assessment of systemd).
std::string without_counter(const std::string& image)
{
    const std::string stem = image.substr(0, image.size() - efi_suffix.size());
    const auto plus = stem.rfind('+');
    if (plus == stem.npos || plus + 1 == stem.size() || stem.find_first_not_of("0123456789-", plus + 1) != stem.npos)
        return image;
    return stem.substr(0, plus) + image.substr(stem.size());
}

void add_from(std::vector<std::string>& addons, const Root& root, const std::string& directory)
{
    for (const std::string& name : names_in(root, directory))
        if (!name.starts_with('.') && lower(name).ends_with(addon_ending))
            addons.push_back(std::string(directory).append("/").append(name));
}

} // namespace

std::vector<std::string> addons_of(const Root& root, const std::string& image)
{
    std::vector<std::string> addons;
    if (!lower(image).ends_with(efi_suffix) || lower(image).ends_with(addon_ending))
        return addons;
    const std::string directory = image.substr(0, image.size() - base_name(image).size());
    if (lower(directory).ends_with(lower(directory_of_images)))
        add_from(addons, root, directory.substr(0, directory.size() - directory_of_images.size()) + "loader/addons");
    add_from(addons, root, without_counter(image) + ".extra.d");
    return addons;
}

bool secure_boot_is_on(const Root& root)
{
    constexpr const char* variable = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    constexpr std::size_t attributes = 4; // efivarfs puts them before the value
    const auto bytes = root.read(variable);
    return bytes && bytes->size() == attributes + 1 && bytes->back() == 1;
}

} // namespace vfio_early
