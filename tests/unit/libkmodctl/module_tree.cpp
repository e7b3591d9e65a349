// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/libkmodctl/module_tree.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace libkmodctl {

namespace fs = std::filesystem;

ModuleTree::ModuleTree()
{
    const std::string dir = "lib/modules/6.1.0-test/";
    tree_.write(dir + "modules.order", "kernel/drivers/fake-framebuffer.ko\nkernel/drivers/fake-gpu.ko\n");
    tree_.write(dir + "modules.builtin", "kernel/drivers/fake-builtin.ko\n");
    tree_.write(dir + "modules.builtin.modinfo",
                std::string("fake_builtin.alias=pci:v00008086d*sv*sd*bc*sc*i*") + '\0');
    fs::create_directories(modules_dir() + "/kernel");
    fs::copy(VFIO_EARLY_FAKE_MODULES, modules_dir() + "/kernel/drivers");
    index();
}

void ModuleTree::index() const
{
    const std::string command = "PATH=$PATH:/usr/sbin:/sbin depmod -b '" + tree_.path() + "' 6.1.0-test";
    if (std::system(command.c_str()) != 0)
        throw std::runtime_error("depmod failed");
}

void ModuleTree::configure(const std::string& name, const std::string& text) const
{
    tree_.write("etc/modprobe.d/" + name, text);
}

Options ModuleTree::options(bool live) const
{
    Options options;
    options.modules_dir = modules_dir();
    options.config_paths.emplace();
    for (const char* folder :
         {"etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d", "usr/lib/modprobe.d", "lib/modprobe.d"})
        options.config_paths->push_back(tree_.path() + "/" + folder);
    options.live = live;
    return options;
}

Modules ModuleTree::open(bool live) const
{
    std::expected<Modules, ModuleError> modules = Modules::open(options(live));
    if (!modules)
        throw std::runtime_error(message(modules.error()));
    return std::move(*modules);
}

std::string message(const ModuleError& error)
{
    return (error.module.empty() ? "" : error.module + ": ") + error.doing +
           (error.code != 0 ? std::string(": ") + std::strerror(error.code) : "");
}

} // namespace libkmodctl
