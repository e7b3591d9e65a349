// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/options.hpp"

#include <gtest/gtest.h>

namespace vfio_early::test {
namespace {

std::expected<Options, std::string> parse(std::vector<const char*> arguments)
{
    return parse_options(arguments);
}

TEST(Options, ReadsBind)
{
    const auto options =
        parse({"bind", "--root", "/r", "--policy=p", "--dry-run", "--only", "01:00.0", "--only=02:00.1"});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->command, Options::Command::bind);
    EXPECT_EQ(options->root, "/r");
    EXPECT_EQ(options->policy, "p");
    EXPECT_TRUE(options->dry_run);
    ASSERT_EQ(options->only.size(), 2U);
    EXPECT_EQ(options->only[1].text(), "0000:02:00.1");
    EXPECT_FALSE(options->vfs);
    EXPECT_TRUE(parse({"bind", "--only", "01:00.0", "--vfs"})->vfs);
    EXPECT_EQ(parse({"bind"})->root, "/");
}

TEST(Options, ReadsRelease)
{
    const auto options = parse({"release", "--storage", "01:00.0"});
    ASSERT_TRUE(options);
    EXPECT_TRUE(options->storage);
    EXPECT_FALSE(options->network);
    EXPECT_EQ(options->addresses.size(), 1U);
    EXPECT_TRUE(parse({"release", "--network", "--all"})->network);
    EXPECT_TRUE(parse({"release", "--pins"})->pins);
}

TEST(Options, HelpAndVersion)
{
    EXPECT_EQ(parse({"--help"})->command, Options::Command::help);
    EXPECT_EQ(parse({"bind", "-h"})->command, Options::Command::help);
    EXPECT_EQ(parse({"release", "--help"})->command, Options::Command::help);
    EXPECT_EQ(parse({"--version"})->command, Options::Command::version);
}

TEST(Options, SaysWhatIsWrong)
{
    const std::pair<std::vector<const char*>, const char*> bad[] = {
        {{}, "a command is missing: bind, release or recover"},
        {{""}, ": unknown command; there are bind, release and recover"},
        {{"unbind"}, "unbind: unknown command; there are bind, release and recover"},
        {{"bind", "--rot", "x"}, "--rot: unknown option"},
        {{"bind", "-x"}, "-x: unknown option"},
        {{"bind", "extra"}, "extra: unexpected argument"},
        {{"bind", "--root"}, "--root: a value is missing"},
        {{"bind", "--root="}, "--root: the value is empty"},
        {{"bind", "--dry-run=yes"}, "--dry-run: takes no value"},
        {{"bind", "--only", "1:0"}, "1:0: not an address like 0000:01:00.0"},
        {{"bind", "--only", "01:00.*"}, "01:00.*: not an address like 0000:01:00.0"},
        {{"bind", "--storage"}, "--storage: unknown option"},
        {{"release"}, "release: say what: --storage, --network, --all, --pins or addresses"},
        {{"release", "--pins", "--all"}, "release: --pins stands alone"},
        {{"bind", "--pins"}, "--pins: unknown option"},
        {{"release", "--dry-run"}, "--dry-run: unknown option"},
        {{"release", "somewhere"}, "somewhere: not an address like 0000:01:00.0"},
        {{"bind", "\x1b[2J"}, "\\x1b[2J: unexpected argument"},
    };
    for (const auto& [arguments, message] : bad) {
        const auto options = parse(arguments);
        ASSERT_FALSE(options) << message;
        EXPECT_EQ(options.error(), message);
    }
}

} // namespace
} // namespace vfio_early::test
