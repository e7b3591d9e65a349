// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/text_catalog.hpp"
#include "tests/support/recorded_machine.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {

namespace {

constexpr const char* card = "pci:v000010DEd0000128Bsv00001458sd000036F6bc03sc00i00";

} // namespace

TEST(TextCatalog, TheMostSpecificAliasComesFirst)
{
    const TextCatalog catalog(parse_module_aliases("# comment\n"
                                                   "alias pci:v*d*sv*sd*bc03sc*i* any-display\n"
                                                   "alias pci:v000010DEd*sv*sd*bc03sc*i* nouveau\n"
                                                   "alias pci:v000010DEd0000128Bsv*sd*bc*sc*i* nvidia-legacy\n"
                                                   "alias pci:v000010DFd*sv*sd*bc*sc*i* lpfc\n"),
                              {}, {});
    EXPECT_EQ(catalog.modules_for(card), (std::vector<std::string>{"nvidia_legacy", "nouveau", "any_display"}));
}

TEST(TextCatalog, OtherBusesAreOtherNames)
{
    const TextCatalog catalog(parse_module_aliases("alias vfio_pci:v000015B3d*sv*sd*bc*sc*i* mlx5-vfio-pci\n"), {}, {});
    EXPECT_TRUE(catalog.modules_for("pci:v000015B3d00001017sv00000000sd00000000bc02sc00i00").empty());
    EXPECT_EQ(catalog.modules_for("vfio_pci:v000015B3d00001017sv00000000sd00000000bc02sc00i00"),
              std::vector<std::string>{"mlx5_vfio_pci"});
}

TEST(TextCatalog, KnowsModulesBuiltInsAndAliasTargets)
{
    const TemporaryTree tree;
    tree.write("lib/modules/6.1.0/modules.alias", "alias pci:v*d*sv*sd*bc01sc08i02* nvme\n");
    tree.write("lib/modules/6.1.0/modules.dep", "kernel/drivers/vfio/pci/vfio-pci.ko.xz: kernel/a.ko\n");
    tree.write("lib/modules/6.1.0/modules.builtin", "kernel/drivers/pci/pcie/pcieport.ko\n");
    const auto root = Root::open(tree.path());
    ASSERT_TRUE(root);
    const auto catalog = open_text_catalog(*root, "");
    ASSERT_NE(catalog, nullptr);
    for (const char* name : {"nvme", "vfio-pci", "vfio_pci", "pcieport"})
        EXPECT_TRUE(catalog->exists(name)) << name;
    EXPECT_FALSE(catalog->exists("a"));
    EXPECT_TRUE(catalog->builtin("pcieport"));
    EXPECT_FALSE(catalog->builtin("vfio-pci"));
    EXPECT_EQ(catalog->dependencies("vfio-pci"), std::vector<std::string>{"a"});
    EXPECT_EQ(open_text_catalog(*root, "6.2.0"), nullptr);
}

TEST(TextCatalog, StandsBackWhereThereIsAnIndex)
{
    const TemporaryTree tree;
    tree.write("lib/modules/6.1.0/modules.alias", "");
    tree.write("lib/modules/6.1.0/modules.alias.bin", "");
    const auto root = Root::open(tree.path());
    ASSERT_TRUE(root);
    EXPECT_EQ(open_text_catalog(*root, "6.1.0"), nullptr);
}

} // namespace vfio_early::test
