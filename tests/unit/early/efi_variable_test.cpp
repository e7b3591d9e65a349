// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/system/efi_variable.hpp"

#include "tests/support/temporary_tree.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

namespace vfio_early {
namespace {

constexpr const char* name = "Test-0b6aef04-b03a-40e7-8a47-cd23351fe7ad";
const std::string file = std::string("sys/firmware/efi/efivars/") + name;

/// The flag that the kernel gives to files of efivarfs. Nothing where the file system of the tests has no such flags.
std::optional<bool> immutable(const std::filesystem::path& path, std::optional<bool> wanted = {})
{
    const FileDescriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    int flags = 0;
    if (!opened || ::ioctl(opened.get(), FS_IOC_GETFLAGS, &flags) != 0)
        return std::nullopt;
    if (wanted) {
        const int changed = *wanted ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
        if (::ioctl(opened.get(), FS_IOC_SETFLAGS, &changed) != 0)
            return std::nullopt;
        return wanted;
    }
    return (flags & FS_IMMUTABLE_FL) != 0;
}

class EfiVariable : public testing::Test {
protected:
    EfiVariable() { std::filesystem::create_directories(at("sys/firmware/efi/efivars")); }

    [[nodiscard]] std::filesystem::path at(const std::string& path) const
    {
        return std::filesystem::path(tree_.path()) / path;
    }

    test::TemporaryTree tree_;
    Root root_ = Root::open(tree_.path()).value();
};

TEST_F(EfiVariable, ThatDoesNotExistIsENOENT)
{
    EXPECT_EQ(read_efi_variable(root_, name).error().code, ENOENT);
}

TEST_F(EfiVariable, IsWrittenWithAttributesThatKeepItOverAReboot)
{
    ASSERT_TRUE(write_efi_variable(root_, name, "data"));
    EXPECT_EQ(tree_.read(file), std::string("\x07\0\0\0data", 8));
    EXPECT_EQ(read_efi_variable(root_, name), "data");
}

TEST_F(EfiVariable, IsReplaced)
{
    ASSERT_TRUE(write_efi_variable(root_, name, "old!"));
    ASSERT_TRUE(write_efi_variable(root_, name, "new!"));
    EXPECT_EQ(read_efi_variable(root_, name), "new!");
}

TEST_F(EfiVariable, ThatIsImmutableIsReplacedAndImmutableAgain)
{
    ASSERT_TRUE(write_efi_variable(root_, name, "old!"));
    const bool has_flags = immutable(at(file), true).has_value();
    const auto written = write_efi_variable(root_, name, "new!");
    const auto flag = immutable(at(file));
    immutable(at(file), false); // or the tree could not be removed
    ASSERT_TRUE(written) << written.error().message();
    EXPECT_EQ(read_efi_variable(root_, name), "new!");
    EXPECT_EQ(flag.value_or(false), has_flags);
}

TEST_F(EfiVariable, ThatTheKernelDoesNotTakeLeavesNoEmptyFile)
{
    const auto before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit none{0, limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
    const auto written = write_efi_variable(root_, name, "data");
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, before);
    EXPECT_EQ(written.error().code, EFBIG);
    EXPECT_FALSE(std::filesystem::exists(at(file)));
}

TEST_F(EfiVariable, ThatIsALinkIsNotFollowed)
{
    std::filesystem::create_symlink("elsewhere", at(file));
    EXPECT_EQ(write_efi_variable(root_, name, "data").error().code, ELOOP);
}

TEST_F(EfiVariable, ShorterThanItsAttributesIsAnError)
{
    tree_.write(file, "\x07");
    EXPECT_EQ(read_efi_variable(root_, name).error().code, EIO);
}

TEST_F(EfiVariable, NeedsFirmwareThatIsEFI)
{
    EXPECT_TRUE(booted_by_efi(root_));
    const test::TemporaryTree other;
    EXPECT_FALSE(booted_by_efi(Root::open(other.path()).value()));
}

} // namespace
} // namespace vfio_early
