// SPDX-License-Identifier: GPL-2.0-or-later
// setup: what it asks, what it does with the answers, and that it asks nobody where nobody is. The dialogue itself is
// held on a pseudo terminal.
#include "hook/commands/commands.hpp"
#include "hook/setup/cards.hpp"
#include "hook/setup/dialogue.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <memory>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vfio_early::test {

namespace {

/// vfio-earlyctl on a terminal of its own, and the one who sits there.
class Session {
public:
    explicit Session(const std::vector<std::string>& arguments)
    {
        std::cout.flush();
        const winsize size{.ws_row = 50, .ws_col = 200, .ws_xpixel = 0, .ws_ypixel = 0};
        child_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
        if (child_ != 0)
            return;
        ::setenv("NO_COLOR", "1", 1);
        Console console = process_console();
        const int code = run_program(arguments, console);
        std::cout.flush();
        ::_exit(code);
    }
    ~Session()
    {
        if (child_ > 0) {
            ::kill(child_, SIGKILL);
            ::waitpid(child_, nullptr, 0);
        }
        ::close(terminal_);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Waits for the words, behind all that was waited for before.
    void sees(const std::string& words)
    {
        while (screen_.find(words, seen_) == std::string::npos)
            if (!read_more()) {
                ADD_FAILURE() << "never came: " << words << "\n" << screen_;
                return;
            }
        seen_ = screen_.find(words, seen_) + words.size();
    }

    void types(const std::string& text) const
    {
        ASSERT_EQ(::write(terminal_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }

    int exit_code()
    {
        while (read_more()) {
        }
        int status = 0;
        ::waitpid(child_, &status, 0);
        child_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    [[nodiscard]] const std::string& screen() const { return screen_; }

private:
    bool read_more()
    {
        pollfd waited{.fd = terminal_, .events = POLLIN, .revents = 0};
        std::array<char, 4096> buffer{};
        if (::poll(&waited, 1, 20'000) != 1)
            return false;
        const ssize_t got = ::read(terminal_, buffer.data(), buffer.size());
        for (ssize_t index = 0; index < got; ++index)
            if (buffer[static_cast<std::size_t>(index)] != '\r')
                screen_ += buffer[static_cast<std::size_t>(index)];
        return got > 0;
    }

    int terminal_ = -1;
    pid_t child_ = -1;
    std::string screen_;
    std::size_t seen_ = 0;
};

class Setup : public testing::Test {
protected:
    std::vector<std::string> here(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), "setup");
        arguments.insert(arguments.end(), {"--root", tree.path()});
        return arguments;
    }

    std::string policy() const { return tree.exists("etc/vfio-early.conf") ? tree.read("etc/vfio-early.conf") : ""; }

    TemporaryTree tree;
};

constexpr const char* gpu_line = "bind path=0000:00:01.1/00.* id=10de:128b,10de:0e0f\n";

/// Somebody who has written down what to type.
TypeLine typist(std::vector<std::string> lines)
{
    auto rest = std::make_shared<std::vector<std::string>>(std::move(lines));
    return [rest](const std::string&) -> std::optional<std::string> {
        if (rest->empty())
            return std::nullopt;
        std::string line = rest->front();
        rest->erase(rest->begin());
        return line;
    };
}

} // namespace

TEST(Dialogue, YesAndNo)
{
    for (const char* word : {"y", "yes", "YES", " Y\t"})
        EXPECT_EQ(parse_yes_or_no(word), true) << word;
    for (const char* word : {"n", "No"})
        EXPECT_EQ(parse_yes_or_no(word), false) << word;
    for (const char* word : {"", "maybe", "yess", "1"})
        EXPECT_EQ(parse_yes_or_no(word), std::nullopt) << word;
    EXPECT_EQ(yes_or_no(std::nullopt, "?", typist({"", "what", "no"})), false);
    EXPECT_EQ(yes_or_no(std::nullopt, "?", typist({"what"})), std::nullopt);
    EXPECT_EQ(yes_or_no(true, "?", typist({"no"})), true) << "what was given is not asked";
}

TEST(Dialogue, ANumberOrAName)
{
    const auto find = [](const std::string& text) {
        return text == "02:00.0" ? std::optional<std::size_t>(1) : std::nullopt;
    };
    EXPECT_EQ(choose("?", 2, find, typist({"0", "3", "-1", "x", "", "2"})), 1U);
    EXPECT_EQ(choose("?", 2, find, typist({"02:00.0"})), 1U);
    EXPECT_EQ(choose("?", 2, find, typist({"q", "1"})), std::nullopt);
    EXPECT_EQ(choose("?", 2, find, typist({})), std::nullopt);
}

TEST_F(Setup, AnswersTypedOnATerminal)
{
    expand_machine("ryzen_3400g_iommu_on", tree);
    Session session(here({}));
    session.sees("NVIDIA Corporation GK208B [GeForce GT 710]\n");
    session.sees("Which of them is to belong to a virtual machine? [1-");
    session.types("what?\n");
    session.sees("Which of them");
    session.types("01:00.0\n");
    session.sees("These go to the virtual machine, together\n");
    session.sees("0000:01:00.0 VGA compatible controller");
    session.sees("0000:01:00.1 Audio device");
    session.sees("The host keeps all else, and as its display\n");
    session.sees("0000:0a:00.0 ");
    session.sees("What may keep it from working\n");
    session.sees(std::string("+") + gpu_line);
    session.sees("Write it? [yes/no] ");
    EXPECT_EQ(policy(), "") << "nothing before it was said";
    session.types("yes\n");
    session.sees("/etc/vfio-early.conf is written.\n");
    session.sees("The kernel command line\n  lacks nothing.\n");
    session.sees("Now run: update-initramfs -u -k all");
    session.sees("0000:01:00.0 goes to vfio-pci, before a native driver can see it\n");
    session.sees("vfio_early=off");
    session.sees("vfio-earlyctl remove 0000:01:00.0, then update-initramfs -u -k all");
    EXPECT_EQ(session.exit_code(), 0);
    EXPECT_NE(policy().find(gpu_line), std::string::npos);
}

TEST_F(Setup, TypedAheadIsKeptForTheNextQuestion)
{
    expand_machine("recipe_rx560", tree);
    Session session(here({"01:00.0"}));
    session.types("yes\nyes\n");
    session.sees("add intel_iommu=on");
    EXPECT_EQ(session.exit_code(), 0) << session.screen();
    EXPECT_NE(tree.read("etc/kernel/cmdline").find(" intel_iommu=on"), std::string::npos);
    EXPECT_NE(policy().find("bind path="), std::string::npos);
}

TEST_F(Setup, ANoOrAnEndOfInputWritesNothing)
{
    expand_machine("ryzen_3400g_iommu_on", tree);
    for (const char* typed : {"no\n", "\x04"}) {
        Session session(here({"01:00.0"}));
        session.sees("Write it? [yes/no] ");
        session.types(typed);
        session.sees("Nothing was written.\n");
        EXPECT_EQ(session.exit_code(), 1);
    }
    Session session(here({}));
    session.sees("q to leave] ");
    session.types("q\n");
    EXPECT_EQ(session.exit_code(), 1);
    EXPECT_EQ(policy(), "");
}

TEST_F(Setup, ANoToTheCommandLineLeavesThePolicy)
{
    expand_machine("recipe_rx560", tree);
    const std::string before = tree.read("etc/kernel/cmdline");
    Session session(here({"01:00.0"}));
    session.sees("Write it?");
    session.types("y\n");
    session.sees("Change it?");
    session.types("n\n");
    session.sees("vfio-earlyctl boot-params --apply changes it.\n");
    EXPECT_EQ(session.exit_code(), 0);
    EXPECT_EQ(tree.read("etc/kernel/cmdline"), before);
    EXPECT_NE(policy().find("bind path="), std::string::npos);
}

TEST_F(Setup, WithoutATerminalItSaysWhatItLacks)
{
    expand_machine("ryzen_3400g_iommu_on", tree);
    const ProgramRun bare = run_ctl(here({}));
    EXPECT_EQ(bare.code, 2);
    EXPECT_NE(bare.err.find("there is no terminal to ask on; missing are: ADDRESS, the card, --write-policy yes|no, "
                            "--boot-params yes|no, --image yes|no"),
              bare.err.npos)
        << bare.err;
    const ProgramRun one = run_ctl(here({"01:00.0", "--write-policy", "yes", "--boot-params=no"}));
    EXPECT_EQ(one.code, 2);
    EXPECT_NE(one.err.find("missing are: --image yes|no ("), one.err.npos) << one.err;
    EXPECT_EQ(run_ctl(here({"01:00.0", "--yes", "--image", "maybe"})).code, 2);
    EXPECT_EQ(policy(), "");
}

TEST_F(Setup, EveryAnswerIsAnOption)
{
    expand_machine("recipe_rx560", tree);
    const std::string before = tree.read("etc/kernel/cmdline");
    const ProgramRun left = run_ctl(here({"01:00.0", "--write-policy=yes", "--boot-params=no", "--image=no"}));
    EXPECT_EQ(left.code, 0) << left.err;
    EXPECT_EQ(tree.read("etc/kernel/cmdline"), before);
    EXPECT_NE(policy().find("bind path="), std::string::npos);
    const ProgramRun again = run_ctl(here({"01:00.0", "--yes"}));
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_NE(again.out.find("0000:01:00.0 is taken already"), again.out.npos);
    EXPECT_NE(tree.read("etc/kernel/cmdline").find(" intel_iommu=on"), std::string::npos);
    const ProgramRun no = run_ctl(here({"00:02.0", "--yes", "--write-policy", "no"}));
    EXPECT_EQ(no.code, 1);
}

TEST_F(Setup, WhatAGuardRefusesIsNotWritten)
{
    expand_machine("old_board_one_group", tree);
    const ProgramRun refused = run_ctl(here({"02:00.0", "--yes"}));
    EXPECT_EQ(refused.code, 1);
    EXPECT_NE(refused.err.find("note: IOMMU group 1 goes to one virtual machine as a whole"), refused.err.npos)
        << refused.err;
    EXPECT_EQ(policy(), "");
}

TEST_F(Setup, TheLastDisplayGoesOnlyWhereThatIsSaid)
{
    expand_machine_text("base ryzen_3400g_iommu_on\nwithout function 0000:0a:00.0\n", tree);
    EXPECT_EQ(run_ctl(here({"01:00.0", "--yes"})).code, 1);
    const ProgramRun allowed = run_ctl(here({"01:00.0", "--yes", "--allow", "last-display"}));
    EXPECT_EQ(allowed.code, 0) << allowed.err;
    EXPECT_NE(allowed.out.find("The host keeps all else; it has no display then\n"), allowed.out.npos) << allowed.out;
}

TEST_F(Setup, WithTheIommuOffItSaysWhatTheBootWillDo)
{
    expand_machine("ryzen_3400g_iommu_off", tree);
    expect_golden("setup_iommu_off", transcript(run_ctl(here({"01:00.0", "--yes"})), tree));
}

TEST_F(Setup, TheCardsThatAreOffered)
{
    const auto offered = [](const char* machine) {
        TemporaryTree other;
        expand_machine(machine, other);
        Session session({"setup", "--root", other.path()});
        session.sees("q to leave] ");
        session.types("q\n");
        session.exit_code();
        return session.screen();
    };
    expect_golden("setup_cards_ryzen", offered("ryzen_3400g_iommu_on"));
    expect_golden("setup_cards_twins", offered("intel_two_identical_gpus"));
    expect_golden("setup_cards_server", offered("server_8_gpus"));
}

} // namespace vfio_early::test
