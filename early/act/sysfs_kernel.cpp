// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/sysfs_kernel.hpp"

#include "early/act/device_settings.hpp"
#include "early/act/vfio.hpp"
#include "early/machine/scan.hpp"
#include "early/model/text.hpp"

#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <unistd.h>

namespace vfio_early {

namespace {

std::string device_path(const Address& function)
{
    return "sys/bus/pci/devices/" + function.text();
}

/// What stands behind an errno by which the kernel refuses a module whose file it has read: module_sig_check(),
/// kernel/module/signing.c, and modules_disabled. Empty if nothing is known.
std::string why_refused(const Root& root, const libkmodctl::Modules& tree, const libkmodctl::ModuleError& error)
{
    const bool by_key = error.code == EKEYREJECTED || error.code == ENOKEY;
    if (error.kind != libkmodctl::ModuleError::Kind::failed || (error.code != EPERM && !by_key))
        return {};
    if (root.read_line("proc/sys/kernel/modules_disabled").value_or("") == "1")
        return "; kernel.modules_disabled is set";
    const auto is_signed = tree.is_signed(error.module);
    // Without sig_enforce, only a signature that does not fit the file is rejected.
    if (by_key && is_signed.value_or(false) &&
        root.read_line("sys/module/module/parameters/sig_enforce").value_or("") != "Y")
        return "; its signature does not fit it: the file is damaged";
    const std::string fault = !is_signed   ? "has no signature that this kernel trusts"
                              : *is_signed ? "is signed with a key that is not trusted"
                                           : "is not signed";
    return "; it " + fault + ", and " + (by_key ? "module.sig_enforce" : "lockdown, as under Secure Boot,") +
           " asks for that: sign it with a key that mokutil has enrolled, or take the distribution's module";
}

std::unexpected<SystemError> load_error(const std::string& module, const libkmodctl::ModuleError& error,
                                        const std::string& why = {})
{
    using Kind = libkmodctl::ModuleError::Kind;
    int code = error.code;
    if (error.kind == Kind::missing)
        code = ENOENT;
    else if (error.kind == Kind::blacklisted || error.kind == Kind::refused)
        code = EPERM;
    else if (code == 0)
        code = EIO;
    // The module that failed may be one that this one needs.
    const bool other = !error.module.empty() && error.module != normal_module_name(module);
    return system_error("load", module, code, (other ? error.module + ": " : "") + error.doing + why);
}

} // namespace

Result<void> SysfsKernel::set_override(const Address& function, const std::string& driver)
{
    const auto file = directories_.driver_override(function);
    if (file)
        return write_once(**file, driver + "\n", function.text() + "/driver_override");
    if (file.error().code == ENOENT && root_.exists(device_path(function)))
        return system_error("pin", function.text(), EOPNOTSUPP, "this kernel has no driver_override");
    return system_error("write", function.text() + "/driver_override", file.error().code);
}

Result<libkmodctl::Modules> SysfsKernel::open_modules(const ModuleTree& tree) const
{
    libkmodctl::Options settings;
    settings.modules_dir = root_.prefix() + "/" + tree.path;
    settings.blacklist = blacklist_;
    settings.live = tree.live;
    auto opened = libkmodctl::Modules::open(settings);
    if (!opened)
        return load_error({}, opened.error());
    return std::move(*opened);
}

Result<libkmodctl::Modules*> SysfsKernel::modules_with(const std::string& module)
{
    const auto lacks = [&module](const libkmodctl::Modules& tree) {
        return tree.state(module) == libkmodctl::ModuleState::missing;
    };
    if (!modules_) {
        if (const auto tree = find_module_tree(root_)) {
            auto opened = open_modules(*tree);
            if (!opened)
                return std::unexpected(opened.error());
            modules_ = std::move(*opened);
        }
    }
    if (modules_ && !lacks(*modules_))
        return &*modules_;
    if (!added_modules_) {
        if (const auto tree = find_added_module_tree(root_))
            if (auto opened = open_modules(*tree))
                added_modules_ = std::move(*opened);
    }
    if (added_modules_ && (!modules_ || !lacks(*added_modules_)))
        return &*added_modules_;
    if (!modules_)
        return system_error("load", {}, ENOENT, "no modules of the running kernel");
    return &*modules_;
}

Result<void> SysfsKernel::load_module(const std::string& module, const std::string& options)
{
    const auto tree = modules_with(module);
    const auto outcome = tree ? (*tree)->load(module, options) : std::unexpected(libkmodctl::ModuleError());
    // Without a tree everything may be a part of the kernel.
    if (outcome || runs_module(root_, module))
        return {};
    if (!tree)
        return system_error("load", module, tree.error().code, tree.error().detail);
    return load_error(module, outcome.error(), why_refused(root_, **tree, outcome.error()));
}

Result<std::string> SysfsKernel::configured_options(const std::string& module)
{
    if (runs_module(root_, module))
        return std::string(); // it has been given what it has been given
    const auto tree = modules_with(module);
    if (!tree)
        return std::unexpected(tree.error());
    return (*tree)->configured_options(module);
}

Result<std::string> SysfsKernel::driver_of_module(const std::string& module)
{
    constexpr std::string_view bus = "pci:";
    const std::string folder = "sys/module/" + normal_module_name(module) + "/drivers";
    const auto names = root_.list(folder);
    if (!names)
        return std::unexpected(names.error());
    std::string found;
    for (const std::string& name : *names) {
        if (!name.starts_with(bus))
            continue;
        const std::string driver = name.substr(bus.size());
        if (found.empty() || is_same_name(driver, module))
            found = driver;
    }
    return found.empty() ? Result<std::string>(system_error("read", folder, ENOENT)) : found;
}

Result<void> SysfsKernel::unbind(const Address& function, const std::string& driver)
{
    return root_.write_attribute("sys/bus/pci/drivers/" + driver + "/unbind", function.text());
}

Result<void> SysfsKernel::probe(const Address& function)
{
    return root_.write_attribute("sys/bus/pci/drivers_probe", function.text());
}

Result<void> SysfsKernel::bind(const Address& function, const std::string& driver)
{
    return root_.write_attribute("sys/bus/pci/drivers/" + driver + "/bind", function.text());
}

Result<std::string> SysfsKernel::bound_driver(const Address& function)
{
    constexpr const char* doing = "read the driver of";
    const auto directory = directories_.directory(function);
    if (!directory)
        return system_error(doing, function.text(), directory.error().code == ENOENT ? ENODEV : directory.error().code);
    char target[PATH_MAX];
    const ssize_t length = ::readlinkat(*directory, "driver", target, sizeof target);
    if (length >= 0)
        return std::string(base_name(std::string_view(target, static_cast<std::size_t>(length))));
    const int code = errno;
    if (code != ENOENT)
        return system_error(doing, function.text(), code);
    // A directory that was opened is there for ever, and empty once the function is gone.
    if (!root_.exists(device_path(function)))
        return system_error(doing, function.text(), ENODEV);
    return std::string();
}

Result<void> SysfsKernel::evict_framebuffer(const Address& function, const std::string& device)
{
    const std::string path = "sys/bus/platform/devices/" + device;
    // No driver has this name: one that is loaded later (efidrm) does not get it either.
    auto pinned = root_.write_attribute(path + "/driver_override", "vfio-early\n");
    if (!pinned)
        return pinned;
    auto unbound = root_.write_attribute(path + "/driver/unbind", device);
    if (!unbound && root_.exists(path + "/driver"))
        return unbound;
    // Its memory is released when the last who has it open closes it (put_fb_info(), drivers/video/fbdev/core/fbmem.c).
    std::vector<MemoryRange> memory;
    for (const auto& bar : memory_bars(root_.read(device_path(function) + "/resource").value_or("")))
        if (bar)
            memory.push_back(*bar);
    if (overlap(memory, framebuffers_from_iomem(root_.read("proc/iomem").value_or(""))))
        return system_error("unbind", device, EBUSY, "a program has /dev/fb0 open");
    return {};
}

Result<void> SysfsKernel::apply(const Address& function, const DeviceSetting& setting)
{
    return apply_setting(root_, device_path(function), setting);
}

Result<std::string> SysfsKernel::group_of(const Address& function)
{
    return std::string(base_name(root_.read_link(device_path(function) + "/iommu_group").value_or("")));
}

Result<std::optional<bool>> SysfsKernel::group_viable(unsigned group)
{
    return vfio_group_viable(root_, group);
}

Result<bool> SysfsKernel::let_vfs_probe(const Address& function, bool allowed)
{
    const std::string attribute = device_path(function) + "/sriov_drivers_autoprobe";
    const auto before = root_.read(attribute);
    if (!before)
        return std::unexpected(before.error());
    const auto written = root_.write_attribute(attribute, allowed ? "1\n" : "0\n");
    if (!written)
        return std::unexpected(written.error());
    return trim(*before) == "1";
}

Result<void> SysfsKernel::create_vfs(const Address& function, unsigned count)
{
    const std::string attribute = device_path(function) + "/sriov_numvfs";
    auto written = root_.write_attribute(attribute, std::to_string(count) + "\n");
    // sriov_numvfs_store(), drivers/pci/iov.c: the driver has no sriov_configure.
    if (!written && written.error().code == ENOENT && root_.exists(attribute))
        return system_error("write", attribute, EOPNOTSUPP, "its driver cannot create virtual functions");
    return written;
}

void SysfsKernel::release_later(const Address& function, const std::string& driver)
{
    // Nobody is there who could be told of an error; each step makes sense without the others.
    static_cast<void>(set_override(function, ""));
    const auto now = bound_driver(function);
    if (!now || *now == driver)
        static_cast<void>(unbind(function, driver));
    static_cast<void>(probe(function));
}

} // namespace vfio_early
