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
    const std::vector<ConfigLine> lines = tree.open().options("vfio-pci");
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].key, "vfio_pci");
    EXPECT_EQ(lines[0].value, "ids=10de:128b,10de:0e0f disable_vga=1");
    EXPECT_FALSE(lines[0].from_command_line);
    EXPECT_EQ(lines[1].value, "disable_idle_d3=1");
}

TEST(Config, EachKindOfLine)
{
    const ModuleTree tree;
    tree.configure("all.conf", "alias pci:v000010DEd* vfio-pci\nblacklist nou-veau\ninstall snd-hda /bin/false\n"
                               "softdep i915 pre: vfio-pci\n# options none a=b\n");
    const Modules modules = tree.open();
    const std::vector<ConfigLine> alias = modules.config(ConfigLine::Kind::alias);
    ASSERT_EQ(alias.size(), 1U);
    EXPECT_EQ(alias[0].key, "pci:v000010DEd*");
    EXPECT_EQ(alias[0].value, "vfio_pci");
    const std::vector<ConfigLine> blacklist = modules.config(ConfigLine::Kind::blacklist);
    ASSERT_EQ(blacklist.size(), 1U);
    EXPECT_EQ(blacklist[0].key, "nou_veau");
    const std::vector<ConfigLine> install = modules.config(ConfigLine::Kind::install);
    ASSERT_EQ(install.size(), 1U);
    EXPECT_EQ(install[0].key, "snd_hda");
    EXPECT_EQ(install[0].value, "/bin/false");
    const std::vector<ConfigLine> softdep = modules.config(ConfigLine::Kind::softdep);
    EXPECT_TRUE(std::ranges::any_of(
        softdep, [](const ConfigLine& line) { return line.key == "i915" && line.value == "pre: vfio-pci"; }));
    EXPECT_TRUE(modules.config(ConfigLine::Kind::options).empty());
}

TEST(Config, AFileOfTheFirstFolderHidesItsNamesakes)
{
    const ModuleTree tree;
    const std::filesystem::path lower = tree.modules_dir() + "/../../modprobe.d";
    tree.configure("same.conf", "options vfio-pci disable_vga=1\n");
    std::filesystem::create_directories(lower);
    std::filesystem::copy(tree.modules_dir() + "/../../../etc/modprobe.d/same.conf", lower / "same.conf");
    std::filesystem::copy(tree.modules_dir() + "/../../../etc/modprobe.d/same.conf", lower / "other.conf");
    EXPECT_EQ(tree.open().options("vfio_pci").size(), 2U);
}

TEST(Info, ReadsTheSectionOfAModule)
{
    const ModuleTree tree;
    const auto info = tree.open().info("fake_gpu");
    ASSERT_TRUE(info) << info.error().message();
    EXPECT_TRUE(std::ranges::find(*info, Pair("vermagic", "6.1.0-test SMP")) != info->end());
    EXPECT_TRUE(std::ranges::find(*info, Pair("parm", "modeset:Use KMS (int)")) != info->end());
    EXPECT_EQ(tree.open().info("fake_builtin").error().kind, ModuleError::Kind::missing);
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
    const auto info = modules.info("fake_gpu");
    ASSERT_TRUE(info) << info.error().message();
    EXPECT_TRUE(std::ranges::find(*info, Pair("vermagic", "6.1.0-test SMP")) != info->end());
}

INSTANTIATE_TEST_SUITE_P(Config, Compressed,
                         testing::Values(Pair("xz --check=crc32 -c", ".xz"), Pair("zstd -q -c", ".zst"),
                                         Pair("gzip -c", ".gz")));

} // namespace
} // namespace libkmodctl
