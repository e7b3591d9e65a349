// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/ui/diagnostic_view.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

using Severity = Diagnostic::Severity;

TEST(Render, UnderlinesTheWord)
{
    const Diagnostic diagnostic{Severity::error,       {"a.conf", 2, 6}, 4,
                                "unknown word 'alll'", "bind alll",      "did you mean 'all'?"};
    EXPECT_EQ(render(diagnostic), "a.conf:2:6: error: unknown word 'alll'\n"
                                  "    bind alll\n"
                                  "         ^~~~\n"
                                  "    hint: did you mean 'all'?\n");
}

TEST(Render, LeavesOutWhatThereIsNot)
{
    EXPECT_EQ(render({Severity::warning, {"a.conf", 0, 0}, 1, "is empty", {}, {}}), "a.conf: warning: is empty\n");
    EXPECT_EQ(render({Severity::error, {"a.conf", 3, 0}, 1, "wrong", "the line", {}}),
              "a.conf:3: error: wrong\n    the line\n");
}

TEST(Render, CountsCharactersNotBytes)
{
    const Diagnostic diagnostic{Severity::error, {"a.conf", 1, 5}, 2, "wrong", "\tä ö!", {}};
    EXPECT_EQ(render(diagnostic), "a.conf:1:5: error: wrong\n     ä ö!\n       ^\n");
}

TEST(Render, ShowsCommandsToTheTerminalAsNumbers)
{
    const Diagnostic diagnostic{Severity::error, {"a\x1b.conf", 1, 2}, 1, "bad \x07", "a\x1b[2Jb\xff", "x\n"};
    EXPECT_EQ(render(diagnostic), "a\\x1b.conf:1:2: error: bad \\x07\n"
                                  "    a\\x1b[2Jb\\xff\n"
                                  "     ^~~~\n"
                                  "    hint: x\\x0a\n");
}

TEST(Render, PointsBehindTheEndOfTheLine)
{
    EXPECT_EQ(render({Severity::error, {"a", 1, 5}, 1, "more", "bind", {}}),
              "a:1:5: error: more\n    bind\n        ^\n");
    // A place that cannot be is shown at the end rather than believed.
    EXPECT_EQ(render({Severity::error, {"a", 1, 4000000000U}, 4000000000U, "more", "bind", {}}),
              "a:1:4000000000: error: more\n    bind\n        ^\n");
}

TEST(Render, ShowsALongLineInPartWithTheCaretInIt)
{
    const std::string line = std::string(3000, 'a') + "HERE" + std::string(3000, 'b');
    const std::string text = render({Severity::error, {"a", 1, 3001}, 4, "wrong", line, {}});
    EXPECT_NE(text.find("    ..." + std::string(40, 'a') + "HERE" + std::string(56, 'b') + "...\n"), std::string::npos)
        << text;
    EXPECT_NE(text.find("\n" + std::string(4 + 3 + 40, ' ') + "^~~~\n"), std::string::npos) << text;
}

} // namespace
} // namespace vfio_early
