// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/keyboards.hpp"

#include "hook/host/facts.hpp"
#include "tests/support/fixture_pci.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

// What a USB keyboard and a power button of a real machine show.
constexpr const char* keyboard_bits = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe";
constexpr const char* button_bits = "10000000000000 0";

TEST(Keyboards, APassphraseIsAskedForWithoutAKeyFile)
{
    EXPECT_TRUE(asks_for_passphrase("# target source key options\nroot_crypt UUID=1234 none luks,discard\n"));
    EXPECT_TRUE(asks_for_passphrase("root_crypt\t/dev/sda2\n"));
    EXPECT_FALSE(asks_for_passphrase("root_crypt UUID=1234 /etc/keys/root.key luks\n"));
    EXPECT_FALSE(asks_for_passphrase("#root_crypt UUID=1234 none\n\n"));
}

TEST(Keyboards, AKeyboardHasLettersAndEnter)
{
    EXPECT_TRUE(is_keyboard(keyboard_bits));
    EXPECT_FALSE(is_keyboard(button_bits));
    EXPECT_FALSE(is_keyboard(""));
    EXPECT_FALSE(is_keyboard("not a number"));
}

class MachineWithKeyboard : public testing::Test {
protected:
    MachineWithKeyboard()
    {
        test::FixtureFunction controller;
        controller.device = "pci0000:00/0000:00:14.0";
        controller.ids = {0x8086, 0xa36d, 0x1458, 0x5007, 0x0c0330};
        test::make_function(tree, controller);
        const std::string input = controller.directory() + "/usb1/1-2/1-2:1.0/0003:046D:C31C.0001/input/input7";
        tree.make_file(input + "/capabilities/key", std::string(keyboard_bits) + "\n");
        tree.make_file(input + "/name", "Keyboard K120\n");
        tree.make_link("sys/class/input/input7",
                       "../../devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/0003:046D:C31C.0001/input/input7");
    }

    test::FixtureTree tree;
};

TEST_F(MachineWithKeyboard, ItsControllerIsProtectedWhereAPassphraseIsTyped)
{
    tree.make_file("etc/crypttab", "root_crypt UUID=1234 none luks\n");
    const Facts facts = collect_facts(tree.root());
    ASSERT_EQ(facts.protects.size(), 1U);
    EXPECT_EQ(to_text(facts.protects.front()), "protect path=0000:00:14.0 id=8086:a36d guard=last-keyboard because=\"a "
                                               "passphrase is typed at boot on Keyboard K120\"");
}

TEST_F(MachineWithKeyboard, WithoutAPassphraseItIsNot)
{
    tree.make_file("etc/crypttab", "root_crypt UUID=1234 /etc/keys/root.key luks\n");
    EXPECT_TRUE(collect_facts(tree.root()).protects.empty());
}

} // namespace
} // namespace vfio_early
