// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/hook/program_run.hpp"

#include "hook/commands/commands.hpp"
#include "tests/support/files.hpp"

#include <filesystem>
#include <sstream>

namespace vfio_early::test {

ProgramRun run_ctl(const std::vector<std::string>& arguments)
{
    std::ostringstream out;
    std::ostringstream err;
    Console console{.out = out, .err = err, .colour_out = false, .colour_err = false, .utf8 = true};
    const int code = run_program(arguments, console);
    return {.code = code, .out = out.str(), .err = err.str()};
}

std::string transcript(const ProgramRun& run, const TemporaryTree& tree)
{
    std::string text = "exit code " + std::to_string(run.code) + "\n--- standard output\n" + run.out +
                       "--- standard error\n" + run.err;
    for (auto at = text.find(tree.path()); at != text.npos; at = text.find(tree.path(), at))
        text.replace(at, tree.path().size(), "ROOT");
    return text;
}

void expect_golden(const std::string& name, const std::string& text)
{
    expect_golden(std::filesystem::path(VFIO_EARLY_SOURCE_DIR "/tests/unit/hook/golden/" + name), text);
}

testing::AssertionResult has_words(const std::string& text, const std::string& words)
{
    if (text.find(words) != std::string::npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "no \"" << words << "\" in\n" << text;
}

ProgramRun SystemTest::run(std::vector<std::string> arguments) const
{
    arguments.insert(arguments.end(), {"--root", tree.path()});
    return run_ctl(arguments);
}

nlohmann::json SystemTest::run_json(std::vector<std::string> arguments) const
{
    arguments.emplace_back("--json");
    const ProgramRun done = run(std::move(arguments));
    auto json = nlohmann::json::parse(done.out, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << done.out << done.err;
    return json;
}

nlohmann::json SystemTest::finding(const std::string& id) const
{
    const nlohmann::json json = run_json({"doctor"});
    for (const nlohmann::json& finding : json["findings"])
        if (finding["id"] == id)
            return finding;
    return nullptr;
}

} // namespace vfio_early::test
