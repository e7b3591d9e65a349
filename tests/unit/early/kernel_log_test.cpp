// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/tell/kernel_log.hpp"
#include "tests/support/fixture_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sys/inotify.h>
#include <unistd.h>

namespace vfio_early::test {
namespace {

TEST(KernelLog, WritesEachRecordWithTheDaemonFacility)
{
    FixtureTree tree;
    tree.make_file("dev/kmsg");
    write_kernel_log(tree.root(), {{LogRecord::info, "one"}, {LogRecord::error, "two"}});
    EXPECT_EQ(tree.content("dev/kmsg"), "<30>vfio-early: one\n<27>vfio-early: two\n");
}

TEST(KernelLog, ARecordStaysOneShortLine)
{
    FixtureTree tree;
    tree.make_file("dev/kmsg");
    write_kernel_log(tree.root(), {{LogRecord::info, "a\nb\x1b[2J"}, {LogRecord::info, std::string(5000, 'x')}});
    const std::string written = tree.content("dev/kmsg");
    EXPECT_TRUE(written.starts_with("<30>vfio-early: a\\x0ab\\x1b[2J\n")) << written.substr(0, 40);
    EXPECT_EQ(std::ranges::count(written, '\n'), 2);
    EXPECT_LT(written.size(), 1000U);
}

TEST(KernelLog, OpensTheFileAnewBeforeTheKernelDropsRecords)
{
    constexpr int limit = 10; // printk.devkmsg=ratelimit: records in five seconds from one open file
    constexpr int records = 25;
    FixtureTree tree;
    tree.make_file("dev/kmsg");
    const FileDescriptor watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    // Both, for inotify(7) tells of equal events in a row once.
    ASSERT_GE(::inotify_add_watch(watch.get(), tree.path("dev/kmsg").c_str(), IN_OPEN | IN_CLOSE_WRITE), 0);

    write_kernel_log(tree.root(), std::vector<LogRecord>(records, {LogRecord::info, "one"}));
    int opened = 0;
    inotify_event event{};
    while (::read(watch.get(), &event, sizeof event) == static_cast<ssize_t>(sizeof event))
        opened += event.mask == IN_OPEN ? 1 : 0;
    EXPECT_GE(opened * limit, records);
    EXPECT_LT(opened, records) << "that would be dear";
}

TEST(KernelLog, GoesToStandardErrorWithoutKmsg)
{
    const FixtureTree tree;
    testing::internal::CaptureStderr();
    write_kernel_log(tree.root(), {{LogRecord::info, "one"}});
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "vfio-early: one\n");
}

} // namespace
} // namespace vfio_early::test
