// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/act/sysfs_kernel.hpp"
#include "early/machine/module_catalog.hpp"
#include "tests/support/fixture_tree.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace vfio_early::test {
namespace {

/// The fake modules of libkmodctl's tests, with the indexes that the real depmod makes of them.
void make_module_tree(FixtureTree& tree, const std::string& release)
{
    const std::string folder = "lib/modules/" + release;
    tree.make_file(folder + "/modules.order");
    tree.make_file(folder + "/modules.builtin", "kernel/drivers/fake-builtin.ko\n");
    std::filesystem::copy(VFIO_EARLY_FAKE_MODULES, tree.path(folder + "/kernel"));
    const std::string command = "PATH=$PATH:/usr/sbin:/sbin depmod -b '" + tree.path() + "' " + release;
    ASSERT_EQ(std::system(command.c_str()), 0);
}

TEST(ModuleCatalog, AnswersFromTheOnlyTreeOfARoot)
{
    FixtureTree tree;
    make_module_tree(tree, "6.1.0-test");
    tree.make_dir("lib/modules/5.10.0-removed");
    const Root root = tree.root();
    const auto catalog = open_module_catalog(root);
    EXPECT_TRUE(catalog->exists("fake-gpu"));
    EXPECT_TRUE(catalog->exists("fake_gpu"));
    EXPECT_TRUE(catalog->exists("fake_builtin"));
    EXPECT_FALSE(catalog->exists("fake_none"));
    EXPECT_FALSE(find_module_tree(root)->live);
}

TEST(ModuleCatalog, TheVariantOfAVendorComesBeforeVfioPci)
{
    FixtureTree tree;
    make_module_tree(tree, "6.1.0-test");
    const Root root = tree.root();
    const auto catalog = open_module_catalog(root);
    EXPECT_EQ(catalog->modules_for("vfio_pci:v000010DEd00002342sv00001458sd000036F6bc03sc00i00"),
              (std::vector<std::string>{"fake_variant", "fake_vfio"}));
    EXPECT_EQ(catalog->modules_for("vfio_pci:v000010DEd00000001sv00001458sd000036F6bc03sc00i00"),
              (std::vector<std::string>{"fake_vfio"}));
    EXPECT_TRUE(catalog->modules_for("usb:v1D6Bp0002").empty());
}

TEST(ModuleCatalog, AnAliasLineOfTheUserDoesNotHideTheNativeModule)
{
    FixtureTree tree;
    make_module_tree(tree, "6.1.0-test");
    const Root root = tree.root();
    const auto before = open_module_catalog(root)->modules_for("pci:v000010DEd00002342sv00001458sd000036F6bc03sc00i00");
    tree.make_file("etc/modprobe.d/vfio.conf", "alias pci:v000010DEd00002342* vfio-pci\n");
    EXPECT_EQ(open_module_catalog(root)->modules_for("pci:v000010DEd00002342sv00001458sd000036F6bc03sc00i00"), before);
    EXPECT_FALSE(before.empty());
}

TEST(ModuleCatalog, SeveralTreesNeedARelease)
{
    FixtureTree tree;
    make_module_tree(tree, "6.1.0-test");
    make_module_tree(tree, "6.2.0-test");
    const Root root = tree.root();
    EXPECT_FALSE(open_module_catalog(root)->exists("fake_gpu"));
    EXPECT_TRUE(open_module_catalog(root, "6.2.0-test")->exists("fake_gpu"));
    EXPECT_FALSE(open_module_catalog(root, "6.3.0-test")->exists("fake_gpu"));
}

TEST(ModuleCatalog, AnOverlayAddsModulesToThoseOfTheImage)
{
    FixtureTree tree;
    make_module_tree(tree, "6.1.0-test");
    std::filesystem::create_directories(tree.path("usr/lib/vfio-early/modules"));
    std::filesystem::rename(tree.path("lib/modules/6.1.0-test"), tree.path("usr/lib/vfio-early/modules/6.1.0-test"));
    // The image has its own, and lacks these.
    const std::string own = "lib/modules/6.1.0-test";
    tree.make_file(own + "/modules.order");
    tree.make_file(own + "/modules.builtin");
    tree.make_file(own + "/kernel/none");
    ASSERT_EQ(std::system(("PATH=$PATH:/usr/sbin:/sbin depmod -b '" + tree.path() + "' 6.1.0-test").c_str()), 0);
    const Root root = tree.root();
    const auto catalog = open_module_catalog(root, "6.1.0-test");
    EXPECT_TRUE(catalog->exists("fake_gpu"));
    EXPECT_EQ(catalog->dependencies("fake_gpu"), (std::vector<std::string>{"fake_core", "fake_bus"}));
    EXPECT_TRUE(catalog->builtin("fake_builtin"));
    EXPECT_EQ(catalog->modules_for("vfio_pci:v000010DEd00000001sv00001458sd000036F6bc03sc00i00"),
              (std::vector<std::string>{"fake_vfio"}));
    EXPECT_FALSE(open_module_catalog(root, "6.2.0-test")->exists("fake_gpu")) << "they are of another kernel";

    PciDirectories directories{root};
    SysfsKernel kernel{directories};
    const auto loaded = kernel.load_module("fake_gpu", "");
    ASSERT_FALSE(loaded);
    EXPECT_NE(loaded.error().message().find("usr/lib/vfio-early/modules/6.1.0-test is not of the running kernel"),
              std::string::npos)
        << loaded.error().message();
}

TEST(ModuleCatalog, LooksForAModuleOnce)
{
    FixtureTree tree;
    tree.make_dir("sys/module/vfio");
    const Root root = tree.root();
    const auto catalog = open_module_catalog(root);
    EXPECT_TRUE(catalog->exists("vfio"));
    EXPECT_FALSE(catalog->exists("vfio_pci"));
    std::filesystem::remove(tree.path("sys/module/vfio"));
    tree.make_dir("sys/module/vfio_pci");
    EXPECT_TRUE(catalog->exists("vfio"));
    EXPECT_FALSE(catalog->exists("vfio_pci"));
}

TEST(ModuleCatalog, WithoutATreeItKnowsWhatRuns)
{
    FixtureTree tree;
    tree.make_dir("sys/module/vfio");
    tree.make_dir("sys/bus/pci/drivers/vfio-pci");
    const Root root = tree.root();
    const auto catalog = open_module_catalog(root);
    EXPECT_TRUE(catalog->exists("vfio"));
    EXPECT_TRUE(catalog->exists("vfio-pci"));
    EXPECT_TRUE(catalog->exists("vfio_pci"));
    EXPECT_FALSE(catalog->exists("nouveau"));
    EXPECT_TRUE(catalog->modules_for("pci:v000010DEd00002342sv00001458sd000036F6bc03sc00i00").empty());
}

} // namespace
} // namespace vfio_early::test
