// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/hook/made_image.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <stdexcept>

namespace vfio_early::test {

namespace {

constexpr const char* release = "5.10.0-9-amd64";

void check(int status, archive* writer)
{
    if (status != ARCHIVE_OK)
        throw std::runtime_error(archive_error_string(writer));
}

void add(archive* writer, const std::string& path, unsigned type, unsigned mode, const std::string& content)
{
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, path.c_str());
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, mode);
    archive_entry_set_nlink(entry, 1);
    archive_entry_set_size(entry, type == AE_IFLNK ? 0 : static_cast<la_int64_t>(content.size()));
    if (type == AE_IFLNK)
        archive_entry_set_symlink(entry, content.c_str());
    check(archive_write_header(writer, entry), writer);
    if (type == AE_IFREG && archive_write_data(writer, content.data(), content.size()) < 0)
        throw std::runtime_error(archive_error_string(writer));
    archive_entry_free(entry);
}

la_ssize_t append(archive* /*writer*/, void* text, const void* bytes, std::size_t size)
{
    static_cast<std::string*>(text)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

void put(std::string& bytes, std::size_t at, std::size_t value, unsigned size)
{
    for (unsigned index = 0; index < size; ++index)
        bytes[at + index] = static_cast<char>(value >> (8 * index) & 0xffU);
}

} // namespace

std::string MadeImage::archive(const std::string& compression) const
{
    std::string bytes;
    ::archive* writer = archive_write_new();
    check(archive_write_set_format_cpio_newc(writer), writer);
    if (!compression.empty())
        check(archive_write_add_filter_by_name(writer, compression.c_str()), writer);
    check(archive_write_set_bytes_per_block(writer, 0), writer);
    check(archive_write_open(writer, &bytes, nullptr, append, nullptr), writer);
    for (const auto& [path, content] : files)
        add(writer, path, AE_IFREG, 0644, content);
    for (const auto& [path, content] : programs)
        add(writer, path, AE_IFREG, 0755, content);
    for (const auto& [path, target] : links)
        add(writer, path, AE_IFLNK, 0777, target);
    check(archive_write_close(writer), writer);
    archive_write_free(writer);
    return bytes;
}

MadeImage initramfs_tools_image(const std::string& policy, std::string_view native)
{
    MadeImage image;
    image.links = {{"lib", "usr/lib"}, {"sbin", "usr/sbin"}};
    image.programs["usr/sbin/vfio-early"] = "#!";
    for (const char* script : {"00-vfio-early", "blacklist", "udev"})
        image.programs["scripts/init-top/" + std::string(script)] = "#!";
    image.files["scripts/functions"] = "";
    image.files["scripts/init-top/ORDER"] = "/scripts/init-top/00-vfio-early \"$@\"\n"
                                            "[ -e /conf/param.conf ] && . /conf/param.conf\n"
                                            "/scripts/init-top/blacklist \"$@\"\n"
                                            "/scripts/init-top/udev \"$@\"\n";
    image.files["etc/vfio-early.conf"] = policy;
    const std::string modules = "usr/lib/modules/" + std::string(release) + "/kernel/";
    for (const char* module : {"vfio", "vfio_iommu_type1", "vfio-pci", "vfio_virqfd", "irqbypass"})
        image.files[modules + module + ".ko"] = "ELF";
    if (!native.empty())
        image.files[modules + std::string(native) + ".ko.xz"] = "xz";
    return image;
}

MadeImage foreign_image(bool with_systemd)
{
    MadeImage image = initramfs_tools_image("", "nouveau");
    image.files.erase("etc/vfio-early.conf");
    if (with_systemd) {
        std::erase_if(image.files, [](const auto& file) { return file.first.starts_with("scripts/"); });
        image.programs = {{"usr/lib/systemd/systemd", "#!"}};
    } else {
        std::erase_if(image.programs,
                      [](const auto& file) { return file.first.find("vfio-early") != std::string::npos; });
        image.files["scripts/init-top/ORDER"] = "/scripts/init-top/udev \"$@\"\n";
    }
    return image;
}

std::string made_pe(const std::map<std::string, std::string>& sections, bool is_signed)
{
    constexpr std::size_t head = 0x80;
    constexpr std::size_t optional = head + 24;
    constexpr std::size_t optional_size = 240; // PE32+ with all 16 data directories
    constexpr std::size_t table = optional + optional_size;
    constexpr std::size_t entry_size = 40;
    std::string bytes(table + sections.size() * entry_size, '\0');
    bytes.replace(0, 2, "MZ");
    put(bytes, 0x3c, head, 4);
    bytes.replace(head, 2, "PE");
    put(bytes, head + 6, sections.size(), 2);
    put(bytes, head + 20, optional_size, 2);
    put(bytes, optional, 0x20b, 2);
    put(bytes, optional + 108, 16, 4);
    put(bytes, optional + 112 + std::size_t{4} * 8 + 4, is_signed ? 8U : 0U, 4);
    std::size_t at = table;
    for (const auto& [name, content] : sections) {
        bytes.replace(at, name.size(), name);
        put(bytes, at + 8, content.size(), 4);
        put(bytes, at + 16, content.size() + 7, 4); // filled up
        put(bytes, at + 20, bytes.size(), 4);
        bytes += content + std::string(7, '\0');
        at += entry_size;
    }
    return bytes;
}

} // namespace vfio_early::test
