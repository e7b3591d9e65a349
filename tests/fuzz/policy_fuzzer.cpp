// SPDX-License-Identifier: GPL-2.0-or-later
// Any text as a policy; a line of "---" begins a drop-in.
#include "early/model/policy.hpp"
#include "early/model/printable.hpp"
#include "hook/ui/diagnostic_view.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace vfio_early;

namespace {

std::vector<PolicyFile> files_of(std::string text)
{
    constexpr std::string_view separator = "\n---\n";
    std::vector<PolicyFile> files;
    for (auto end = text.find(separator); end != std::string::npos; end = text.find(separator)) {
        files.push_back({"file" + std::to_string(files.size()), text.substr(0, end)});
        text.erase(0, end + separator.size());
    }
    files.push_back({"file" + std::to_string(files.size()), text});
    return files;
}

std::string text_of(const Policy& policy)
{
    std::string text;
    for (const BindStatement& bind : policy.binds)
        text += '[' + bind.profile + ']' + to_text(bind) + bind.where.full_text() + '\n';
    for (const ProtectStatement& protect : policy.protects)
        text += '[' + protect.profile + ']' + to_text(protect) + protect.where.full_text() + '\n';
    for (const ModuleSetting& module : policy.modules)
        text += '[' + module.profile + ']' + module.module + ' ' + module.options + '\n';
    text += std::to_string(policy.timeout.count()) + ' ' + std::to_string(policy.trial.value_or(0)) + ' ' +
            std::to_string(static_cast<int>(policy.log));
    for (const std::string& profile : policy.profiles)
        text += '[' + profile + ']';
    return text;
}

std::string text_of(const ParsedPolicy& parsed)
{
    std::string text = text_of(parsed.policy) + std::to_string(parsed.suppressed);
    for (const Diagnostic& diagnostic : parsed.diagnostics)
        text += render(diagnostic);
    return text;
}

void check_diagnostics(const ParsedPolicy& parsed, const std::vector<PolicyFile>& files)
{
    CHECK(parsed.diagnostics.size() <= max_diagnostics);
    CHECK(parsed.suppressed == 0 || !parsed.ok());
    CHECK(std::ranges::is_sorted(parsed.diagnostics, {}, [](const Diagnostic& d) { return d.where; }) ||
          files.size() > 9);
    for (const Diagnostic& diagnostic : parsed.diagnostics) {
        const auto file = std::ranges::find(files, diagnostic.where.file, &PolicyFile::name);
        CHECK(file != files.end());
        CHECK(diagnostic.where.line <= 1 + std::ranges::count(file->text, '\n'));
        if (diagnostic.where.column != 0)
            CHECK(diagnostic.where.column + diagnostic.length - 1 <= diagnostic.source_line.size() + 1);
        const std::string shown = render(diagnostic);
        CHECK(shown.ends_with('\n'));
        // Line ends are ours; everything else must be safe to print.
        std::string without_ends = shown;
        std::erase(without_ends, '\n');
        CHECK(printable(without_ends) == without_ends);
    }
}

template <typename Statement>
void check_round_trip(const std::vector<Statement>& statements, std::vector<Statement> Policy::* member)
{
    for (const Statement& statement : statements) {
        const std::string text = to_text(statement);
        const std::vector<PolicyFile> file{{"again", text}};
        const ParsedPolicy again = parse_policy(file);
        // What is written out may be longer than what was read; a line has its limit.
        if (text.size() > 4096)
            continue;
        CHECK(again.ok());
        CHECK((again.policy.*member).size() == 1);
        CHECK(to_text((again.policy.*member)[0]) == text);
    }
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto files = files_of({reinterpret_cast<const char*>(data), size});
    const ParsedPolicy parsed = parse_policy(files);
    CHECK(text_of(parsed) == text_of(parse_policy(files)));
    check_diagnostics(parsed, files);
    check_round_trip(parsed.policy.binds, &Policy::binds);
    check_round_trip(parsed.policy.protects, &Policy::protects);
    return 0;
}
