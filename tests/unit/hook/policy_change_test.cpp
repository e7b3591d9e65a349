// SPDX-License-Identifier: GPL-2.0-or-later
// The policy file itself: several runs at once, a power cut, a full disk, and files as other systems write them.
#include "tests/unit/hook/program_run.hpp"

#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vfio_early::test {

namespace {

constexpr const char* policy_file = "etc/vfio-early.conf";

class PolicyChanges : public testing::Test {
protected:
    PolicyChanges() { expand_machine("ryzen_3400g_iommu_on", tree); }

    std::vector<std::string> here(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.end(), {"--root", tree.path()});
        return arguments;
    }
    ProgramRun run(const std::vector<std::string>& arguments) const { return run_ctl(here(arguments)); }

    /// The same in a process of its own.
    pid_t start(const std::vector<std::string>& arguments) const
    {
        const pid_t child = ::fork();
        if (child == 0)
            ::_exit(run(arguments).code);
        return child;
    }

    static int exit_code(pid_t child)
    {
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::string policy() const { return tree.read(policy_file); }
    void write_policy(std::string_view text) const { tree.write(policy_file, text); }

    /// The names in /etc that are neither the policy nor its backup.
    std::vector<std::string> litter() const
    {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(tree.path() + "/etc"))
            if (const std::string name = entry.path().filename(); name.starts_with(".vfio-early"))
                names.push_back(name);
        return names;
    }

    TemporaryTree tree;
};

constexpr const char* gpu_line = "bind path=0000:00:01.1/00.* id=10de:128b,10de:0e0f\n";
constexpr const char* usb_line = "bind path=0000:00:08.1/00.3 id=1022:15e0\n";

} // namespace

TEST_F(PolicyChanges, RunsSideBySideLoseNothing)
{
    tree.write("old.conf", "options vfio-pci ids=1022:15e1\n");
    constexpr int rounds = 40; // without the lock most of them lose a line
    for (int round = 0; round < rounds; ++round) {
        write_policy("bind 0b:00.0\n");
        const pid_t one = start({"add", "01:00.0"});
        const pid_t other = start({"add", "0a:00.3"});
        const pid_t old_way = start({"import", "--write", tree.path() + "/old.conf"});
        const pid_t away = start({"remove", "0b:00.0"});
        ASSERT_EQ(exit_code(one), 0);
        ASSERT_EQ(exit_code(other), 0);
        ASSERT_EQ(exit_code(old_way), 0);
        ASSERT_EQ(exit_code(away), 0);
        ASSERT_NE(policy().find(gpu_line), std::string::npos) << "round " << round << "\n" << policy();
        ASSERT_NE(policy().find(usb_line), std::string::npos) << "round " << round << "\n" << policy();
        ASSERT_NE(policy().find("id=1022:15e1"), std::string::npos) << "round " << round << "\n" << policy();
        ASSERT_EQ(policy().find("bind 0b:00.0"), std::string::npos) << "round " << round << "\n" << policy();
    }
    EXPECT_EQ(litter(), std::vector<std::string>{});
}

TEST_F(PolicyChanges, ARunThatIsKilledLeavesTheOldPolicyOrTheNewOne)
{
    const std::string before = "# mine\nset log debug\n";
    std::string after;
    bool saw_old = false;
    bool saw_new = false;
    for (useconds_t wait = 0; wait < 200 || !saw_new; wait += 1 + wait / 8) {
        write_policy(before);
        const pid_t child = start({"add", "01:00.0"});
        ::usleep(wait);
        ::kill(child, SIGKILL);
        exit_code(child);
        saw_old = saw_old || policy() == before;
        if (policy() == before)
            continue;
        saw_new = true;
        after = policy();
        EXPECT_EQ(after.find(before), 0U);
        EXPECT_TRUE(after.ends_with(gpu_line)) << after;
    }
    EXPECT_TRUE(saw_old);
    write_policy(before);
    EXPECT_EQ(run({"add", "01:00.0"}).code, 0);
    EXPECT_EQ(litter(), std::vector<std::string>{}) << "what a killed run left is cleared by the next";
}

TEST_F(PolicyChanges, AFullDiskLeavesThePolicyAsItWas)
{
    write_policy("# mine\nset log debug\n");
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit little{.rlim_cur = 100, .rlim_max = 100}; // every write beyond fails
        ::setrlimit(RLIMIT_FSIZE, &little);
        const ProgramRun failed = run({"add", "01:00.0"});
        ::_exit(failed.code == 2 && failed.err.find("/etc/vfio-early.conf") != failed.err.npos ? 0 : 1);
    }
    EXPECT_EQ(exit_code(child), 0);
    EXPECT_EQ(policy(), "# mine\nset log debug\n");
    EXPECT_EQ(litter(), std::vector<std::string>{});
}

TEST_F(PolicyChanges, TheBackupIsTheFileBeforeTheFirstChangeOfTheDay)
{
    write_policy("set log debug\n");
    ASSERT_EQ(run({"add", "01:00.0"}).code, 0);
    const ProgramRun second = run({"add", "0a:00.3"});
    EXPECT_EQ(second.code, 0);
    EXPECT_EQ(tree.read("etc/vfio-early.conf~"), "set log debug\n");
    EXPECT_NE(second.out.find("As it was before today's first change, the file is /etc/vfio-early.conf~."),
              second.out.npos)
        << second.out;
    const std::string path = tree.path() + "/etc/vfio-early.conf~";
    const std::time_t yesterday = std::time(nullptr) - 24 * 3600;
    const timespec times[2]{{.tv_sec = yesterday, .tv_nsec = 0}, {.tv_sec = yesterday, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    const std::string before = policy();
    ASSERT_EQ(run({"remove", "01:00.0"}).code, 0);
    EXPECT_EQ(tree.read("etc/vfio-early.conf~"), before);
}

TEST_F(PolicyChanges, TheModeIsKeptWhateverTheUmask)
{
    const mode_t umask_before = ::umask(077);
    EXPECT_EQ(run({"add", "01:00.0"}).code, 0);
    struct stat status{};
    EXPECT_EQ(::stat((tree.path() + "/" + policy_file).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0644U) << "a new policy may be read by everybody";
    ::chmod((tree.path() + "/" + policy_file).c_str(), 0664);
    EXPECT_EQ(run({"add", "0a:00.3"}).code, 0);
    ::umask(umask_before);
    EXPECT_EQ(::stat((tree.path() + "/" + policy_file).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0664U);
}

TEST_F(PolicyChanges, TheBackupOfALinkedPolicyIsNamedWhereItIs)
{
    tree.write("etc/site/policy", "set log debug\n");
    tree.link(policy_file, "site/policy");
    const ProgramRun added = run({"add", "01:00.0"});
    EXPECT_NE(added.out.find("The file as it was is /etc/site/policy~."), added.out.npos) << added.out;
    EXPECT_EQ(tree.read("etc/site/policy~"), "set log debug\n");
}

TEST_F(PolicyChanges, ALinkedPolicyOfTheCallersIsFollowed)
{
    tree.write("site/policy", "set log debug\n");
    tree.link("mine.conf", tree.path() + "/site/policy");
    const ProgramRun added = run({"add", "01:00.0", "--policy", tree.path() + "/mine.conf"});
    EXPECT_EQ(added.code, 0) << added.err;
    EXPECT_TRUE(tree.read("site/policy").ends_with(gpu_line));
    EXPECT_TRUE(std::filesystem::is_symlink(tree.path() + "/mine.conf"));
}

TEST_F(PolicyChanges, LineEndsOfOtherSystemsStay)
{
    write_policy("# mine\r\nset log debug\r\n");
    ASSERT_EQ(run({"add", "01:00.0"}).code, 0);
    EXPECT_EQ(policy(), "# mine\r\nset log debug\r\n\r\n"
                        "# 0000:01:00.0 VGA compatible controller: NVIDIA Corporation GK208B [GeForce GT 710]\r\n"
                        "# 0000:01:00.1 Audio device: NVIDIA Corporation GK208 HDMI/DP Audio Controller\r\n"
                        "bind path=0000:00:01.1/00.* id=10de:128b,10de:0e0f\r\n");
    ASSERT_EQ(run({"remove", "01:00.0"}).code, 0);
    EXPECT_EQ(policy(), "# mine\r\nset log debug\r\n");
}

TEST_F(PolicyChanges, AByteOrderMarkStaysInFront)
{
    write_policy("\xef\xbb\xbf[evenings]\nbind 0a:00.3 with=function\n");
    ASSERT_EQ(run({"add", "01:00.0"}).code, 0);
    EXPECT_EQ(policy(), "\xef\xbb\xbf"
                        "# 0000:01:00.0 VGA compatible controller: NVIDIA Corporation GK208B [GeForce GT 710]\n"
                        "# 0000:01:00.1 Audio device: NVIDIA Corporation GK208 HDMI/DP Audio Controller\n"
                        "bind path=0000:00:01.1/00.* id=10de:128b,10de:0e0f\n\n"
                        "[evenings]\nbind 0a:00.3 with=function\n");
    EXPECT_NE(run({"plan"}).out.find("0000:01:00.0"), std::string::npos);
}

TEST_F(PolicyChanges, APipeInPlaceOfThePolicyIsAnError)
{
    std::filesystem::remove(tree.path() + "/" + policy_file);
    ASSERT_EQ(::mkfifo((tree.path() + "/" + policy_file).c_str(), 0600), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(10);
        ::_exit(run({"add", "01:00.0"}).code);
    }
    EXPECT_EQ(exit_code(child), 2);
}

} // namespace vfio_early::test
