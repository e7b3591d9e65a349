// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/libkmodctl/module_tree.hpp"

#include <cerrno>
#include <gtest/gtest.h>

namespace libkmodctl {
namespace {

using Names = std::vector<std::string>;

constexpr char gpu_modalias[] = "pci:v000010DEd00001F82sv00001458sd00003FD8bc03sc00i00";

TEST(Lookup, FindsEveryModuleOfAModaliasInTheOrderOfTheIndex)
{
    const ModuleTree tree;
    const auto names = tree.open().lookup(gpu_modalias);
    ASSERT_TRUE(names) << message(names.error());
    EXPECT_EQ(*names, (Names{"fake_framebuffer", "fake_gpu"}));
}

TEST(Lookup, FindsTheVariantDriverBesideTheGenericOne)
{
    const ModuleTree tree;
    const Modules modules = tree.open();
    EXPECT_EQ(modules.lookup("vfio_pci:v000010DEd00002342sv000010DEsd000016C1bc03sc02i00").value(),
              (Names{"fake_variant", "fake_vfio"}));
    EXPECT_EQ(modules.lookup("vfio_pci:v000010DEd0000128Bsv00001458sd000036F6bc03sc00i00").value(),
              (Names{"fake_vfio"}));
}

TEST(Lookup, FindsABuiltInDriverByItsAliasAndByItsName)
{
    const ModuleTree tree;
    const Modules modules = tree.open();
    EXPECT_EQ(modules.lookup("pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00").value(), (Names{"fake_builtin"}));
    EXPECT_EQ(modules.lookup("fake-builtin").value(), (Names{"fake_builtin"}));
}

TEST(Lookup, TakesANameWithDashes)
{
    const ModuleTree tree;
    EXPECT_EQ(tree.open().lookup("fake-gpu").value(), (Names{"fake_gpu"}));
}

TEST(Lookup, AnAliasLineHidesTheIndexUnlessThereIsNoConfiguration)
{
    const ModuleTree tree;
    tree.configure("gpu.conf", "alias pci:v000010DEd*sv*sd*bc03sc*i* fake-vfio\n");
    EXPECT_EQ(tree.open().lookup(gpu_modalias).value(), (Names{"fake_vfio"}));

    Options bare = tree.options();
    bare.config_paths.emplace();
    EXPECT_EQ(Modules::open(bare).value().lookup(gpu_modalias).value(), (Names{"fake_framebuffer", "fake_gpu"}));
}

TEST(Lookup, TellsOfBlacklistedModulesToo)
{
    const ModuleTree tree;
    tree.configure("gpu.conf", "blacklist fake-gpu\n");
    Options options = tree.options();
    options.blacklist = {"fake-framebuffer"};
    EXPECT_EQ(Modules::open(options).value().lookup(gpu_modalias).value().size(), 2U);
}

TEST(Lookup, AnswersNothingForWhatNoModuleClaims)
{
    const ModuleTree tree;
    const Modules modules = tree.open();
    for (const char* alias : {"pci:v00001AF4d00001000sv*", "*", "?", "pci:*", "no such", "../../etc", "\\",
                              "symbol:none", "pci:v000010DE\n", "\xff\xfe", "%s%n", "fake_gpu.ko"}) {
        const auto names = modules.lookup(alias);
        ASSERT_TRUE(names) << alias;
        EXPECT_EQ(*names, Names{}) << alias;
    }
}

TEST(Lookup, RefusesWhatCannotBeAnAlias)
{
    const ModuleTree tree;
    const Modules modules = tree.open();
    const std::string nul("fake_gpu\0x", 10);
    for (const std::string& alias : {std::string(), std::string(1001, 'a'), std::string("pci:v[0-"), nul}) {
        const auto names = modules.lookup(alias);
        ASSERT_FALSE(names) << alias;
        EXPECT_EQ(names.error().kind, ModuleError::Kind::failed);
        EXPECT_EQ(names.error().code, EINVAL);
    }
}

TEST(State, OfATreeThatIsNotLiveIsWhatItsIndexesSay)
{
    const ModuleTree tree;
    const Modules modules = tree.open();
    EXPECT_EQ(modules.state("fake-gpu"), ModuleState::loadable);
    EXPECT_EQ(modules.state("fake_builtin"), ModuleState::builtin);
    EXPECT_EQ(modules.state("nouveau"), ModuleState::missing);
    EXPECT_EQ(modules.state(""), ModuleState::missing);
    EXPECT_EQ(modules.state("../fake_gpu"), ModuleState::missing);
}

TEST(State, DoesNotTakeTheLiveKernelsModulesForAnotherTrees)
{
    const ModuleTree tree;
    // Built-in parameters make /sys/module/kernel everywhere.
    EXPECT_EQ(tree.open(true).state("kernel"), ModuleState::builtin);
    EXPECT_EQ(tree.open(false).state("kernel"), ModuleState::missing);
}

TEST(State, OfTheLiveTreeSaysTheSameOfModulesThatAreNotInTheKernel)
{
    const ModuleTree tree;
    const Modules modules = tree.open(true);
    EXPECT_EQ(modules.state("fake-gpu"), ModuleState::loadable);
    EXPECT_EQ(modules.state("fake_builtin"), ModuleState::builtin);
    EXPECT_EQ(modules.state("fake_none"), ModuleState::missing);
}

TEST(Files, PathAndDependenciesComeFromTheTree)
{
    const ModuleTree tree;
    const Modules modules = tree.open();
    EXPECT_EQ(modules.path("fake_gpu"), tree.modules_dir() + "/kernel/drivers/fake-gpu.ko");
    EXPECT_EQ(modules.path("fake_builtin"), std::nullopt);
    EXPECT_EQ(modules.path("fake_none"), std::nullopt);
    EXPECT_EQ(modules.dependencies("fake-gpu"), (Names{"fake_core", "fake_bus"}));
    EXPECT_EQ(modules.dependencies("fake_none"), Names{});
}

TEST(Open, NamesTheFolderThatIsMissing)
{
    Options options;
    options.modules_dir = "/nonexistent/lib/modules/1.2.3";
    const auto modules = Modules::open(options);
    ASSERT_FALSE(modules);
    EXPECT_EQ(modules.error().kind, ModuleError::Kind::missing);
    EXPECT_EQ(message(modules.error()),
              "no module tree: /nonexistent/lib/modules/1.2.3/modules.dep.bin: No such file or directory");
}

} // namespace
} // namespace libkmodctl
