// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/libkmodctl/module_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <gtest/gtest.h>

namespace libkmodctl {
namespace {

using Kind = ModuleError::Kind;
using Names = std::vector<std::string>;

TEST(Plan, InsertsDependenciesAndSoftDependenciesInOrder)
{
    const ModuleTree tree;
    EXPECT_EQ(tree.open().plan("fake-gpu").value(),
              (Names{"fake_core", "fake_bus", "fake_helper", "fake_gpu", "fake_late"}));
}

TEST(Plan, TakesSoftDependenciesOfModprobeConfigurationToo)
{
    const ModuleTree tree;
    tree.configure("soft.conf", "softdep fake-framebuffer pre: fake-vfio fake-builtin\n");
    EXPECT_EQ(tree.open().plan("fake_framebuffer").value(), (Names{"fake_vfio", "fake_framebuffer"}));
}

TEST(Plan, ASoftDependencyThatDependsOnItsModuleComesAfterIt)
{
    const ModuleTree tree;
    tree.configure("soft.conf", "softdep fake-core pre: fake-gpu\n");
    EXPECT_EQ(tree.open().plan("fake_core").value(),
              (Names{"fake_core", "fake_bus", "fake_helper", "fake_gpu", "fake_late"}));
}

TEST(Plan, EndsOnCyclesOfSoftDependencies)
{
    const ModuleTree tree;
    tree.configure("soft.conf", "softdep fake-vfio pre: fake-framebuffer post: fake-vfio\n"
                                "softdep fake-framebuffer pre: fake-vfio\n");
    EXPECT_EQ(tree.open().plan("fake_vfio").value(), (Names{"fake_framebuffer", "fake_vfio"}));
}

TEST(Plan, HasNothingToDoForABuiltInModule)
{
    const ModuleTree tree;
    tree.configure("soft.conf", "softdep fake-builtin pre: fake-vfio\n");
    EXPECT_EQ(tree.open().plan("fake_builtin").value(), Names{});
}

TEST(Plan, SaysWhichModuleIsMissingAndWhere)
{
    const ModuleTree tree;
    const auto plan = tree.open().plan("fake-none");
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().kind, Kind::missing);
    EXPECT_EQ(message(plan.error()), "fake_none: no such module in " + tree.modules_dir());
}

TEST(Plan, NamesTheFileThatTheIndexPromises)
{
    const ModuleTree tree;
    const std::string file = tree.modules_dir() + "/kernel/drivers/fake-framebuffer.ko";
    std::filesystem::remove(file);
    const auto plan = tree.open().plan("fake_framebuffer");
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().kind, Kind::missing);
    EXPECT_EQ(message(plan.error()), "fake_framebuffer: cannot read " + file + ": No such file or directory");
}

TEST(Plan, RefusesAModuleWithAnInstallCommandAndWhatDependsOnIt)
{
    const ModuleTree tree;
    tree.configure("install.conf", "install fake-bus /bin/false\n");
    for (const char* name : {"fake_bus", "fake_gpu"}) {
        const auto plan = tree.open().plan(name);
        ASSERT_FALSE(plan) << name;
        EXPECT_EQ(plan.error().kind, Kind::refused);
        EXPECT_EQ(message(plan.error()), "fake_bus: modprobe.d has an install command, which is never run: /bin/false");
    }
}

TEST(Plan, RefusesAnInstallCommandByPatternAndBesideASoftDependency)
{
    const ModuleTree tree;
    tree.configure("install.conf", "install fake_g* /bin/true\n");
    const auto plan = tree.open().plan("fake_gpu"); // libkmod itself would forget the command: the module has softdeps
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().kind, Kind::refused);
}

TEST(Plan, GoesOnWithoutASoftDependencyThatIsRefused)
{
    const ModuleTree tree;
    tree.configure("install.conf", "install fake-helper /bin/false\n");
    EXPECT_EQ(tree.open().plan("fake_gpu").value(), (Names{"fake_core", "fake_bus", "fake_gpu", "fake_late"}));
}

TEST(Plan, WhatIsNeededAndSoftlyWantedIsNeeded)
{
    const ModuleTree tree;
    tree.configure("both.conf", "softdep fake-core pre: fake-bus\ninstall fake-bus /bin/false\n");
    EXPECT_EQ(tree.open().plan("fake_gpu").error().module, "fake_bus");
}

TEST(Plan, HonoursTheBlacklistOfTheKernelCommandLineForDependenciesToo)
{
    const ModuleTree tree;
    Options options = tree.options();
    options.blacklist = {"fake-bus"};
    const Modules modules = Modules::open(options).value();
    for (const char* name : {"fake-bus", "fake_gpu"}) {
        const auto plan = modules.plan(name);
        ASSERT_FALSE(plan) << name;
        EXPECT_EQ(plan.error().kind, Kind::blacklisted);
        EXPECT_EQ(plan.error().module, "fake_bus");
    }
    EXPECT_TRUE(modules.plan("fake_vfio"));
}

TEST(Plan, ABlacklistLineOfModprobeConfigurationIsOnlyAboutAliases)
{
    const ModuleTree tree;
    tree.configure("blacklist.conf", "blacklist fake_vfio\n");
    EXPECT_EQ(tree.open().plan("fake_vfio").value(), (Names{"fake_vfio"}));
}

TEST(Load, IsRefusedOnATreeThatIsNotLive)
{
    const ModuleTree tree;
    Modules modules = tree.open(false);
    const auto loaded = modules.load("fake_builtin");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, Kind::refused);
}

TEST(Load, HasNothingToDoForABuiltInModule)
{
    const ModuleTree tree;
    Modules modules = tree.open(true);
    EXPECT_TRUE(modules.load("fake_builtin"));
}

TEST(Load, FailsAsThePlanDoes)
{
    const ModuleTree tree;
    tree.configure("install.conf", "install fake-vfio touch " + tree.modules_dir() + "/was-run\n");
    Options options = tree.options(true);
    options.blacklist = {"fake_framebuffer"};
    Modules modules = Modules::open(options).value();
    EXPECT_EQ(modules.load("fake_vfio").error().kind, Kind::refused);
    EXPECT_FALSE(std::filesystem::exists(tree.modules_dir() + "/was-run"));
    EXPECT_EQ(modules.load("fake_framebuffer").error().kind, Kind::blacklisted);
    EXPECT_EQ(modules.load("fake_none").error().kind, Kind::missing);
    EXPECT_EQ(modules.load("").error().kind, Kind::missing);
}

// The kernel takes none of the fake modules: as root it finds no module in them, else it permits nothing.
TEST(Load, ReportsTheFileAndTheErrnoOfTheKernel)
{
    const ModuleTree tree;
    Modules modules = tree.open(true);
    const auto loaded = modules.load("fake_gpu", "modeset=0");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, Kind::failed);
    EXPECT_EQ(loaded.error().module, "fake_core");
    EXPECT_EQ(loaded.error().doing, "insert " + tree.modules_dir() + "/kernel/drivers/fake-core.ko");
    EXPECT_NE(loaded.error().code, 0);
}

TEST(Load, GoesOnWithoutASoftDependencyThatFails)
{
    const ModuleTree tree;
    tree.configure("soft.conf", "softdep fake-framebuffer pre: fake-vfio\n");
    Modules modules = tree.open(true);
    EXPECT_EQ(modules.load("fake_framebuffer").error().module, "fake_framebuffer");
    EXPECT_EQ(modules.load("fake_vfio").error().kind, Kind::failed);
}

} // namespace
} // namespace libkmodctl
