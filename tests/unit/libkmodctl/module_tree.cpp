// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/libkmodctl/module_tree.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace libkmodctl {

namespace fs = std::filesystem;

ModuleTree::ModuleTree()
{
    std::string name = fs::temp_directory_path() / "module_tree.XXXXXX";
    if (mkdtemp(name.data()) == nullptr)
        throw std::runtime_error("mkdtemp failed");
    root_ = name;
    const fs::path dir = modules_dir();
    fs::create_directories(dir / "kernel/drivers");
    for (const fs::directory_entry& module : fs::directory_iterator(VFIO_EARLY_FAKE_MODULES))
        fs::copy(module.path(), dir / "kernel/drivers" / module.path().filename());
    std::ofstream(dir / "modules.order") << "kernel/drivers/fake-framebuffer.ko\nkernel/drivers/fake-gpu.ko\n";
    std::ofstream(dir / "modules.builtin") << "kernel/drivers/fake-builtin.ko\n";
    const std::string alias = "fake_builtin.alias=pci:v00008086d*sv*sd*bc*sc*i*";
    std::ofstream(dir / "modules.builtin.modinfo").write(alias.c_str(), static_cast<std::streamsize>(alias.size() + 1));
    index();
}

ModuleTree::~ModuleTree()
{
    std::error_code ignored;
    fs::remove_all(root_, ignored);
}

void ModuleTree::index() const
{
    const std::string command = "PATH=$PATH:/usr/sbin:/sbin depmod -b '" + root_.string() + "' 6.1.0-test";
    if (std::system(command.c_str()) != 0)
        throw std::runtime_error("depmod failed");
}

void ModuleTree::configure(const std::string& name, const std::string& text) const
{
    fs::create_directories(root_ / "etc/modprobe.d");
    std::ofstream(root_ / "etc/modprobe.d" / name) << text;
}

Options ModuleTree::options(bool live) const
{
    Options options;
    options.modules_dir = modules_dir();
    options.config_paths.emplace();
    for (const char* folder :
         {"etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d", "usr/lib/modprobe.d", "lib/modprobe.d"})
        options.config_paths->push_back(root_ / folder);
    options.live = live;
    return options;
}

Modules ModuleTree::open(bool live) const
{
    std::expected<Modules, ModuleError> modules = Modules::open(options(live));
    if (!modules)
        throw std::runtime_error(modules.error().message());
    return std::move(*modules);
}

} // namespace libkmodctl
