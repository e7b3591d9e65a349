// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/system/root.hpp"
#include "tests/support/fixture_tree.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace vfio_early::test {
namespace {

TEST(Root, ReadsFilesLinesAndPrefixes)
{
    FixtureTree tree;
    tree.make_file("sys/attribute", "  0x1af4 \nsecond\n");
    tree.make_file("empty");
    const Root root = tree.root();
    EXPECT_FALSE(root.live());
    EXPECT_EQ(root.prefix(), tree.path());
    EXPECT_EQ(root.read("sys/attribute").value(), "  0x1af4 \nsecond\n");
    EXPECT_EQ(root.read_line("sys/attribute").value(), "0x1af4");
    EXPECT_EQ(root.read_line("empty").value(), "");
    EXPECT_EQ(root.read_prefix("sys/attribute", 4).value(), "  0x");
    EXPECT_EQ(root.read("/sys/attribute").value().size(), 17U);
}

TEST(Root, SaysWhatFailedOnWhat)
{
    FixtureTree tree;
    tree.make_file("big", std::string(100'000, 'x'));
    const Root root = tree.root();
    EXPECT_EQ(root.read("big").value().size(), 100'000U);
    EXPECT_EQ(root.read("big", 99'999).error().code, EFBIG);
    EXPECT_EQ(root.read("none").error().code, ENOENT);
    EXPECT_EQ(root.read("none").error().message(), "open " + tree.path() + "/none: No such file or directory");
    EXPECT_EQ(Root::open(tree.path() + "/none").error().code, ENOENT);
    EXPECT_EQ(Root::open(tree.path() + "/big").error().code, ENOTDIR);
}

TEST(Root, ListsInOrder)
{
    FixtureTree tree;
    for (const char* name : {"d/b", "d/a", "d/.c"})
        tree.make_file(name);
    EXPECT_EQ(tree.root().list("d").value(), (std::vector<std::string>{".c", "a", "b"}));
    for (int number = 1000; number < 2000; ++number)
        tree.make_file("many/" + std::to_string(number));
    const auto many = tree.root().list("many").value();
    EXPECT_EQ(many.size(), 1000U) << "more than one call gives";
    EXPECT_EQ(many.back(), "1999");
    EXPECT_EQ(tree.root().list("none").error().code, ENOENT);
    EXPECT_EQ(tree.root().list("d/a").error().code, ENOTDIR);
}

TEST(Root, FollowsLinksInsideOnly)
{
    FixtureTree outside;
    outside.make_file("secret", "outside");
    FixtureTree tree;
    tree.make_file("inside/file", "inside");
    tree.make_link("relative", "inside/../inside/file");
    tree.make_link("absolute", "/inside/file");
    tree.make_link("escape", outside.path("secret"));
    tree.make_link("climb", "../../../../../../../../../../.." + outside.path("secret"));
    tree.make_link("folder", outside.path());
    tree.make_link("circle", "circle");
    const Root root = tree.root();
    EXPECT_EQ(root.read("relative").value(), "inside");
    EXPECT_EQ(root.read("absolute").value(), "inside");
    for (const char* name : {"escape", "climb", "folder/secret"}) {
        EXPECT_FALSE(root.read(name)) << name;
        EXPECT_FALSE(root.write_attribute(name, "changed")) << name;
        EXPECT_FALSE(root.exists(name)) << name;
    }
    EXPECT_FALSE(root.read_link("folder/secret"));
    EXPECT_FALSE(root.replace_file("folder/new", "x"));
    EXPECT_EQ(root.read("circle").error().code, ELOOP);
    EXPECT_EQ(root.read_link("escape").value(), outside.path("secret"));
    EXPECT_EQ(root.read_link("inside/file").error().code, EINVAL);
    EXPECT_EQ(root.read_link("none").error().code, ENOENT);
    EXPECT_EQ(outside.content("secret"), "outside");
    EXPECT_FALSE(outside.root().exists("new"));
}

TEST(Root, LinksLeadNowhereElse)
{
    FixtureTree outside;
    outside.make_file("secret", "outside");
    FixtureTree tree;
    tree.make_file("inside/file", "inside");
    tree.make_link("relative", "inside/../../inside/./file");
    tree.make_link("inside/absolute", "/inside/file");
    tree.make_link("folder", outside.path());
    tree.make_link("escape", outside.path("secret"));
    tree.make_link("circle", "circle");
    const FileDescriptor top(::open(tree.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const auto open = [&](const char* path, int flags = O_RDONLY) {
        return FileDescriptor(open_confined(top.get(), path, flags | O_CLOEXEC, 0));
    };
    EXPECT_EQ(read_up_to(open("relative"), 100).value(), "inside");
    EXPECT_EQ(read_up_to(open("inside/absolute"), 100).value(), "inside");
    EXPECT_EQ(read_up_to(open("../../inside/file"), 100).value(), "inside");
    EXPECT_FALSE(open("escape"));
    EXPECT_FALSE(open("folder/secret"));
    EXPECT_TRUE(open("escape", O_PATH | O_NOFOLLOW)) << "the link itself";
    EXPECT_TRUE(open("."));
    errno = 0;
    EXPECT_FALSE(open("circle"));
    EXPECT_EQ(errno, ELOOP);
}

TEST(Root, WritesAttributesWithoutTruncatingAndNeverMakesThem)
{
    FixtureTree tree;
    tree.make_file("attribute", "old value");
    EXPECT_TRUE(tree.root().write_attribute("attribute", "new"));
    EXPECT_EQ(tree.content("attribute"), "new value");
    EXPECT_EQ(tree.root().write_attribute("none", "x").error().code, ENOENT);
    EXPECT_FALSE(tree.root().exists("none"));
}

TEST(Root, AShortWriteIsAnError)
{
    const auto root = Root::open("/");
    ASSERT_TRUE(root);
    EXPECT_TRUE(root->live());
    EXPECT_EQ(root->prefix(), "");
    EXPECT_EQ(root->write_attribute("dev/full", "x").error().code, ENOSPC);
}

TEST(Root, ReplacesFilesWhole)
{
    FixtureTree tree;
    tree.make_file("run/old", std::string(100, 'x'));
    const Root root = tree.root();
    EXPECT_TRUE(root.replace_file("run/old", "short"));
    EXPECT_TRUE(root.replace_file("run/vfio-early/deep/new", "text", 0600));
    EXPECT_EQ(tree.content("run/old"), "short");
    EXPECT_EQ(tree.content("run/vfio-early/deep/new"), "text");
    EXPECT_EQ(root.list("run/vfio-early/deep").value().size(), 1U) << "nothing is left over";
    EXPECT_TRUE(root.remove_file("run/old"));
    EXPECT_EQ(root.remove_file("run/old").error().code, ENOENT);
    tree.make_file("file");
    EXPECT_EQ(root.replace_file("file/below", "x").error().code, ENOTDIR);
}

} // namespace
} // namespace vfio_early::test
