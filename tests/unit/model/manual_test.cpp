// SPDX-License-Identifier: GPL-2.0-or-later
// Holds vfio-early.conf(5) against the parser: a page that drifts from the code fails here.
#include "early/model/policy.hpp"
#include "early/model/policy_words.hpp"
#include "early/model/text.hpp"
#include "tests/support/files.hpp"
#include "tests/support/policy_dump.hpp"

#include <gtest/gtest.h>

namespace vfio_early {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to)
{
    for (auto place = text.find(from); place != std::string::npos; place = text.find(from, place + to.size()))
        text.replace(place, from.size(), to);
}

/// The page's source without its comments, escapes resolved; lines that mark an example are kept.
std::string page()
{
    const std::string source = test::read_text(std::string(VFIO_EARLY_SOURCE_DIR) + "/man/vfio-early.conf.5");
    std::string text;
    for (const std::string_view line : split(source, '\n'))
        if (line == ".\\\" example" || !line.starts_with(".\\\""))
            text += std::string(line) + '\n';
    replace_all(text, "\\-", "-");
    replace_all(text, "\\(dq", "\"");
    replace_all(text, "\\&", "");
    replace_all(text, "\\e", "\\");
    return text;
}

std::vector<std::string> examples()
{
    constexpr std::string_view begin = ".\\\" example\n.Bd -literal -offset indent\n";
    const std::string text = page();
    std::vector<std::string> found;
    for (auto place = text.find(begin); place != std::string::npos; place = text.find(begin, place + 1)) {
        const auto start = place + begin.size();
        found.push_back(text.substr(start, text.find(".Ed\n", start) - start));
    }
    return found;
}

/// True if the page has `word` and no longer word around it.
bool has_word(const std::string& text, std::string_view word)
{
    const auto is_part = [&](std::size_t place) {
        const char c = place < text.size() ? text[place] : ' ';
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    for (auto place = text.find(word); place != std::string::npos; place = text.find(word, place + 1))
        if (!is_part(place - 1) && !is_part(place + word.size()))
            return true;
    return false;
}

TEST(Manual, HasTenExamplesThatAllParse)
{
    EXPECT_GE(examples().size(), 10U);
    for (const std::string& example : examples()) {
        const std::vector<PolicyFile> files{{"example", example}};
        const ParsedPolicy parsed = parse_policy(files);
        EXPECT_TRUE(parsed.diagnostics.empty()) << example << test::render_all(parsed);
        EXPECT_FALSE(parsed.policy.binds.empty()) << example;
    }
}

TEST(Manual, ExplainsEveryWordOfTheLanguage)
{
    namespace words = policy_words;
    std::vector<std::string_view> all{words::all, "auto"};
    const auto add = [&](std::span<const std::string_view> some) { all.insert(all.end(), some.begin(), some.end()); };
    add(words::statements);
    add(words::selectors);
    add(words::modifiers);
    add(words::protections);
    add(words::settings);
    add(words::scopes);
    add(words::failures);
    add(words::switches);
    add(words::power_controls);
    add(words::log_levels);
    add(words::reset_methods);
    add(allowable_guards());
    for (const ClassName& name : class_names())
        all.push_back(name.name);

    const std::string text = page();
    for (const std::string_view word : all)
        EXPECT_TRUE(has_word(text, word)) << word << " is not in the page";
}

TEST(Manual, ShowsTheDiagnosticThatTheParserGives)
{
    const std::vector<PolicyFile> files{{"/etc/vfio-early.conf", "\nbind 01:00.0 drvier=vfio-pci\n"}};
    EXPECT_NE(page().find(test::render_all(parse_policy(files))), std::string::npos);
}

} // namespace
} // namespace vfio_early
