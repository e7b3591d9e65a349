// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/policy_files.hpp"
#include "tests/support/fixture_tree.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <sys/stat.h>

namespace vfio_early::test {
namespace {

std::string names(const Result<std::vector<PolicyFile>>& files)
{
    if (!files)
        return files.error().message();
    std::string text;
    for (const PolicyFile& file : *files)
        text += file.name + "=" + file.text + " ";
    return text;
}

TEST(PolicyFiles, MainFileFirstThenDropInsByName)
{
    FixtureTree tree;
    tree.make_file("etc/vfio-early.conf", "m");
    tree.make_file("etc/vfio-early.conf.d/b.conf", "b");
    tree.make_file("etc/vfio-early.conf.d/a.conf", "a");
    tree.make_file("etc/vfio-early.conf.d/a.conf.dpkg-old", "x");
    tree.make_file("etc/vfio-early.conf.d/.a.conf", "x");
    EXPECT_EQ(names(read_policy_files(tree.root())),
              "/etc/vfio-early.conf=m /etc/vfio-early.conf.d/a.conf=a /etc/vfio-early.conf.d/b.conf=b ");
}

TEST(PolicyFiles, ADropInAloneIsEnough)
{
    FixtureTree tree;
    EXPECT_EQ(read_policy_files(tree.root()).error().code, ENOENT);
    tree.make_dir("etc/vfio-early.conf.d");
    EXPECT_EQ(read_policy_files(tree.root()).error().code, ENOENT);
    tree.make_file("etc/vfio-early.conf.d/a.conf", "a");
    EXPECT_EQ(names(read_policy_files(tree.root())), "/etc/vfio-early.conf.d/a.conf=a ");
}

TEST(PolicyFiles, CredentialsComeLast)
{
    FixtureTree tree;
    const std::string kept = "run/vfio-early/credentials/";
    tree.make_file("etc/vfio-early.conf", "m");
    tree.make_file("etc/vfio-early.conf.d/z.conf", "z");
    for (const char* name :
         {"vfio-early.a.conf", "vfio-early.conf", "vfio-early.b.conf", "vfio-early.conf~", "other.conf"})
        tree.make_file(kept + name, name);
    const auto files = read_policy_files(tree.root());
    EXPECT_EQ(names(files), "/etc/vfio-early.conf=m /etc/vfio-early.conf.d/z.conf=z "
                            "credential:vfio-early.conf=vfio-early.conf credential:vfio-early.a.conf=vfio-early.a.conf "
                            "credential:vfio-early.b.conf=vfio-early.b.conf ");
    EXPECT_FALSE(files->at(1).credential);
    EXPECT_TRUE(files->at(2).credential);
}

TEST(PolicyFiles, ACredentialAloneIsEnough)
{
    FixtureTree tree;
    tree.make_file("run/vfio-early/credentials/vfio-early.conf", "c");
    EXPECT_EQ(names(read_policy_files(tree.root())), "credential:vfio-early.conf=c ");
}

TEST(PolicyFiles, KeptCredentialsAreReadAgain)
{
    FixtureTree tree;
    tree.make_dir("etc");
    ASSERT_TRUE(keep_credentials(tree.root(), {{"/etc/vfio-early.conf", "m"},
                                               {"credential:vfio-early.conf", "c", true},
                                               {"credential:vfio-early.a.conf", "a", true}}));
    EXPECT_EQ(names(read_policy_files(tree.root())), "credential:vfio-early.conf=c credential:vfio-early.a.conf=a ");
}

TEST(PolicyFiles, ANamedFileIsTheOnlyOne)
{
    FixtureTree tree;
    tree.make_file("etc/vfio-early.conf", "m");
    tree.make_file("other", "o");
    EXPECT_EQ(names(read_policy_files(tree.root(), tree.path("other"))), tree.path("other") + "=o ");
    EXPECT_EQ(read_policy_files(tree.root(), tree.path("none")).error().code, ENOENT);
}

TEST(PolicyFiles, WhatIsNoFileIsAnErrorAndDoesNotHang)
{
    FixtureTree tree;
    tree.make_dir("etc/vfio-early.conf");
    EXPECT_EQ(names(read_policy_files(tree.root())), "read /etc/vfio-early.conf: Is a directory: not a regular file");

    FixtureTree fifo;
    fifo.make_dir("etc");
    ASSERT_EQ(::mkfifo(fifo.path("etc/vfio-early.conf").c_str(), 0600), 0);
    EXPECT_EQ(read_policy_files(fifo.root()).error().code, EINVAL);

    FixtureTree circle;
    circle.make_link("etc/vfio-early.conf", "vfio-early.conf");
    EXPECT_EQ(read_policy_files(circle.root()).error().code, ELOOP);
}

TEST(PolicyFiles, NoMoreThanOneMebibyte)
{
    FixtureTree tree;
    tree.make_file("etc/vfio-early.conf", std::string(std::size_t{1} << 20U, '#'));
    EXPECT_TRUE(read_policy_files(tree.root()));
    tree.make_file("etc/vfio-early.conf", std::string((std::size_t{1} << 20U) + 1, '#'));
    EXPECT_EQ(read_policy_files(tree.root()).error().code, EFBIG);
}

} // namespace
} // namespace vfio_early::test
