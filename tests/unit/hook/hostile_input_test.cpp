// SPDX-License-Identifier: GPL-2.0-or-later
// Files that are damaged, endless, or made to do harm: every command says so and ends.
#include "hook/inspect/image_content.hpp"
#include "tests/unit/hook/made_image.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <chrono>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hook/commands/commands.hpp"

namespace vfio_early::test {

namespace {

class HostileInput : public SystemTest {
protected:
    HostileInput() { expand_machine("ryzen_3400g_iommu_on", tree); }

    /// In a process of its own, so that one that hangs or crashes is a failure of this test alone. The exit code, or
    /// -1.
    int code_of(const std::vector<std::string>& arguments) const
    {
        const pid_t child = ::fork();
        if (child == 0) {
            ::alarm(20);
            ::_exit(run(arguments).code);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    void pipe_at(const std::string& path) const
    {
        tree.write(path + ".beside", "");
        ASSERT_EQ(::mkfifo((tree.path() + "/" + path).c_str(), 0600), 0);
    }
};

} // namespace

TEST_F(HostileInput, ADamagedListOfNamesStillNamesTheRest)
{
    tree.write("usr/share/misc/pci.ids", "10de  NVIDIA Corporation\n\t128b  GK208B [GeForce GT 710]\n\t12\n"
                                         "10zz  nobody\n\x00\xff\n8086  Int");
    for (const char* command : {"list", "doctor", "import", "boot-params", "snapshot"})
        EXPECT_GE(code_of({command, "--json"}), 0) << command;
    EXPECT_EQ(code_of({"add", "01:00.0"}), 0);
    EXPECT_NE(run({"list"}).out.find("NVIDIA Corporation GK208B [GeForce GT 710]"), std::string::npos);
}

TEST_F(HostileInput, APipeInPlaceOfAFileIsNotWaitedFor)
{
    pipe_at("etc/modprobe.d/pipe.conf");
    pipe_at("etc/default/grub");
    pipe_at("etc/rc.local");
    EXPECT_GE(code_of({"doctor"}), 0);
    EXPECT_GE(code_of({"import"}), 0);
    EXPECT_GE(code_of({"boot-params"}), 0);
    EXPECT_EQ(code_of({"snapshot", tree.path() + "/machine.tar"}), 0);
    pipe_at("recording.tar");
    EXPECT_EQ(code_of({"list", "--machine", tree.path() + "/recording.tar"}), 2);
    EXPECT_NE(run({"import"}).err.find("/etc/modprobe.d/pipe.conf"), std::string::npos)
        << "what could not be read is named";
    EXPECT_NE(run({"doctor"}).out.find("unreadable-files"), std::string::npos);
}

TEST_F(HostileInput, NoEscapeSequenceReachesTheTerminal)
{
    tree.write("usr/share/misc/pci.ids", "10de  evil\033]0;title\007\xc2\x9b[31m\n");
    tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:128b # \033[2J\nblacklist nouveau\033[2J\n");
    for (const char* command : {"list", "import", "doctor", "plan", "boot-params"}) {
        const ProgramRun shown = run({command});
        EXPECT_EQ((shown.out + shown.err).find('\033'), std::string::npos) << command;
        EXPECT_EQ((shown.out + shown.err).find("\xc2\x9b"), std::string::npos) << command;
    }
    EXPECT_EQ(run({"list", "--json"}).out.find("\xc2\x9b"), std::string::npos);
    EXPECT_NE(run({"list"}).out.find("evil\\x1b]0;title\\x07\\xc2\\x9b[31m"), std::string::npos) << run({"list"}).out;
}

TEST_F(HostileInput, ColoursOfOurOwnAreLetThrough)
{
    std::ostringstream out;
    std::ostringstream err;
    Console console{.out = out, .err = err, .colour_out = true, .colour_err = true, .utf8 = true};
    run_program({"list", "--root", tree.path()}, console);
    EXPECT_NE(out.str().find("\033[1m"), std::string::npos);
}

TEST_F(HostileInput, OutputThatCannotBeWrittenIsAnError)
{
    std::ofstream full("/dev/full");
    std::ostringstream err;
    Console console{.out = full, .err = err, .colour_out = false, .colour_err = false, .utf8 = true};
    EXPECT_NE(run_program({"list", "--root", tree.path()}, console), 0);
    EXPECT_NE(err.str().find("could not be written"), std::string::npos);
}

TEST_F(HostileInput, AFailureIsJsonWhereJsonIsAskedFor)
{
    tree.write("etc/vfio-early.conf", "bnid 01:00.0\n");
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"plan", "--json"}, {"list", "--json", "--machine", "/nonexistent"}}) {
        const ProgramRun failed = run(arguments);
        EXPECT_EQ(failed.code, 2);
        const auto json = nlohmann::json::parse(failed.out, nullptr, false);
        ASSERT_TRUE(json.is_object()) << failed.out;
        EXPECT_EQ(json["schema"], 1);
        EXPECT_FALSE(json["error"].get<std::string>().empty());
    }
}

TEST(HostileImage, FewBytesThatUnpackToManyEndSoon)
{
    MadeImage zeros;
    zeros.files["usr/share/zeros"] = std::string(256U << 20U, '\0');
    const std::string part = zeros.archive("zstd");
    std::string bytes;
    for (int count = 0; count < 24; ++count) // 6 GiB
        bytes += part;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(read_image(bytes));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
    // Zero bytes between archives, without end.
    MadeImage small;
    small.files["init"] = "x";
    EXPECT_FALSE(read_image(small.archive() + std::string(2U << 20U, '\0') + small.archive()));
}

TEST(HostileImage, ManyLargeTextsAreTooMuch)
{
    MadeImage texts;
    for (int count = 0; count < 20; ++count)
        texts.files["etc/modprobe.d/" + std::to_string(count) + ".conf"] = std::string(4U << 20U, 'x');
    EXPECT_FALSE(read_image(texts.archive("zstd")));
}

} // namespace vfio_early::test
