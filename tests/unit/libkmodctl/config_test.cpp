// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/libkmodctl/module_tree.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace libkmodctl {
namespace {

using Pair = std::pair<std::string, std::string>;

TEST(Config, OptionsOfOneModuleInTheOrderOfTheFiles)
{
    const ModuleTree tree;
    tree.configure("b.conf", "options vfio_pci disable_idle_d3=1\noptions other x=1\n");
    tree.configure("a.conf", "options vfio-pci ids=10de:128b,10de:0e0f disable_vga=1\n");
    EXPECT_EQ(tree.open().configured_options("vfio-pci"), "ids=10de:128b,10de:0e0f disable_vga=1 disable_idle_d3=1");
}

TEST(Config, AFileOfTheFirstFolderHidesItsNamesakes)
{
    const ModuleTree tree;
    const std::filesystem::path lower = tree.modules_dir() + "/../../modprobe.d";
    tree.configure("same.conf", "options vfio-pci disable_vga=1\n");
    std::filesystem::create_directories(lower);
    std::ofstream(lower / "same.conf") << "options vfio-pci hidden=1\n";
    std::ofstream(lower / "other.conf") << "options vfio-pci other=1\n";
    EXPECT_EQ(tree.open().configured_options("vfio_pci"), "other=1 disable_vga=1");
}

TEST(Info, TellsWhetherAModuleIsSigned)
{
    using namespace std::string_literals;
    const ModuleTree tree;
    EXPECT_EQ(tree.open().is_signed("fake_gpu"), false);
    EXPECT_EQ(tree.open().is_signed("fake_builtin"), std::nullopt);
    // struct module_signature of Linux: PKCS#7, four bytes
    std::ofstream(tree.modules_dir() + "/kernel/drivers/fake-gpu.ko", std::ios::app | std::ios::binary)
        << "pkcs\0\0\2\0\0\0\0\0\0\0\0\4~Module signature appended~\n"s;
    EXPECT_EQ(tree.open().is_signed("fake_gpu"), true);
}

// Every compression that a distribution uses for its modules is compiled in.
class Compressed : public testing::TestWithParam<Pair> {};

TEST_P(Compressed, ModuleIsRead)
{
    const auto& [command, suffix] = GetParam();
    const ModuleTree tree;
    const std::string file = tree.modules_dir() + "/kernel/drivers/fake-gpu.ko";
    if (std::system((command + " '" + file + "' >'" + file + suffix + "' 2>/dev/null").c_str()) != 0)
        GTEST_SKIP() << command << " is not installed";
    std::filesystem::remove(file);
    tree.index();
    const Modules modules = tree.open();
    if (suffix == ".gz" && !modules.path("fake_gpu"))
        GTEST_SKIP() << "this depmod was built without zlib";
    EXPECT_EQ(modules.path("fake_gpu"), file + suffix);
    EXPECT_EQ(modules.plan("fake_gpu").value().size(), 5U);
    EXPECT_EQ(modules.is_signed("fake_gpu"), false) << "its sections cannot be read";
}

INSTANTIATE_TEST_SUITE_P(Config, Compressed,
                         testing::Values(Pair("xz --check=crc32 -c", ".xz"), Pair("zstd -q -c", ".zst"),
                                         Pair("gzip -c", ".gz")));

} // namespace
} // namespace libkmodctl
