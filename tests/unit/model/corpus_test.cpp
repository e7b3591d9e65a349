// SPDX-License-Identifier: GPL-2.0-or-later
// Every file of tests/corpus: good ones against a dump of what they say, bad ones against what the user is told.
#include "early/model/policy.hpp"
#include "tests/support/files.hpp"
#include "tests/support/policy_dump.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace vfio_early::test {
namespace {

using Path = std::filesystem::path;

ParsedPolicy parse_text(const std::string& name, const std::string& text)
{
    const std::vector<PolicyFile> files{{name, text}};
    return parse_policy(files);
}

ParsedPolicy parse_corpus_file(const Path& path)
{
    return parse_text(path.filename().string(), read_text(path));
}

Path golden_of(Path path)
{
    return path.replace_extension(".expected");
}

std::string test_name(const testing::TestParamInfo<Path>& info)
{
    return info.param.stem().string();
}

class GoodPolicy : public testing::TestWithParam<Path> {};

TEST_P(GoodPolicy, SaysWhatItsGoldenSays)
{
    const ParsedPolicy parsed = parse_corpus_file(GetParam());
    EXPECT_TRUE(parsed.ok()) << render_all(parsed);
    expect_golden(golden_of(GetParam()), dump(parsed.policy) + render_all(parsed));
}

TEST_P(GoodPolicy, StatementsSurviveBeingWrittenAsText)
{
    const Policy policy = parse_corpus_file(GetParam()).policy;
    for (const BindStatement& statement : policy.binds) {
        const ParsedPolicy again = parse_text("again", to_text(statement));
        ASSERT_TRUE(again.ok()) << to_text(statement) << '\n' << render_all(again);
        ASSERT_EQ(again.policy.binds.size(), 1U);
        EXPECT_EQ(dump(again.policy.binds[0]), dump(statement));
        EXPECT_EQ(to_text(again.policy.binds[0]), to_text(statement));
    }
    for (const ProtectStatement& statement : policy.protects) {
        const ParsedPolicy again = parse_text("again", to_text(statement));
        ASSERT_TRUE(again.ok()) << to_text(statement) << '\n' << render_all(again);
        ASSERT_EQ(again.policy.protects.size(), 1U);
        EXPECT_EQ(dump(again.policy.protects[0]), dump(statement));
    }
}

class BadPolicy : public testing::TestWithParam<Path> {};

TEST_P(BadPolicy, IsRefusedWithTheWordsOfItsGolden)
{
    const ParsedPolicy parsed = parse_corpus_file(GetParam());
    EXPECT_FALSE(parsed.ok());
    expect_golden(golden_of(GetParam()), render_all(parsed));
}

TEST_P(BadPolicy, PointsIntoTheFile)
{
    const std::string text = read_text(GetParam());
    const auto lines = 1 + std::ranges::count(text, '\n');
    for (const Diagnostic& diagnostic : parse_corpus_file(GetParam()).diagnostics) {
        EXPECT_LE(diagnostic.where.line, lines);
        EXPECT_FALSE(diagnostic.message.empty());
        if (diagnostic.where.column != 0) {
            EXPECT_LE(diagnostic.where.column + diagnostic.length - 1, diagnostic.source_line.size() + 1);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Corpus, GoodPolicy, testing::ValuesIn(source_files("tests/corpus/good", ".conf")), test_name);
INSTANTIATE_TEST_SUITE_P(Corpus, BadPolicy, testing::ValuesIn(source_files("tests/corpus/bad", ".conf")), test_name);

TEST(Corpus, HoldsAtLeastSixtyFilesOfEachKind)
{
    EXPECT_GE(source_files("tests/corpus/good", ".conf").size(), 60U);
    EXPECT_GE(source_files("tests/corpus/bad", ".conf").size(), 60U);
}

TEST(Corpus, HasNoGoldenWithoutAPolicy)
{
    for (const char* directory : {"tests/corpus/good", "tests/corpus/bad"})
        for (const Path& golden : source_files(directory, ".expected"))
            EXPECT_TRUE(std::filesystem::exists(Path(golden).replace_extension(".conf"))) << golden;
}

} // namespace
} // namespace vfio_early::test
