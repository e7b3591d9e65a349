// SPDX-License-Identifier: GPL-2.0-or-later
// The examples in monitoring/ name only what `metrics` prints. That Prometheus takes the rules is shown by a boot.
#include "hook/status/metrics_text.hpp"
#include "tests/support/all_matches.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

namespace vfio_early::test {

namespace {

using Json = nlohmann::json;

std::string example(const std::string& name)
{
    return read_text(std::string(VFIO_EARLY_SOURCE_DIR "/monitoring/") + name);
}

/// What a boot with a function prints: the names of metrics, and of their labels.
struct Printed {
    Printed()
    {
        ThisBoot boot;
        boot.report.emplace();
        boot.functions.emplace_back();
        const std::string text = metrics_text(boot);
        metrics = all_matches(text, "# TYPE ([a-z_]+) ", 1);
        labels = all_matches(text, "[{,]([a-z_]+)=\"", 1);
        labels.insert({"instance", "job"}); // which Prometheus adds
    }
    std::set<std::string> metrics;
    std::set<std::string> labels;
};

/// Every query below `json`, wherever it stands.
void add_queries(const Json& json, std::vector<std::string>& queries)
{
    if (json.is_object())
        for (const char* key : {"expr", "query"})
            if (json.contains(key) && json[key].is_string())
                queries.push_back(json[key]);
    if (json.is_structured())
        for (const Json& part : json)
            add_queries(part, queries);
}

void expect_known(const std::string& query, const Printed& printed)
{
    for (const std::string& name : all_matches(query, "vfio_early_[a-z_]+", 0))
        EXPECT_TRUE(printed.metrics.contains(name)) << name << " in " << query;
    for (const std::string& label : all_matches(query, "[{,]([a-z_]+)(=|!=|=~|!~)\"", 1))
        EXPECT_TRUE(printed.labels.contains(label)) << label << " in " << query;
    for (const std::string& label : all_matches(query, "by \\(([a-z_]+)\\)", 1))
        EXPECT_TRUE(printed.labels.contains(label)) << label << " in " << query;
}

} // namespace

TEST(MonitoringExamples, TheDashboardAsksOnlyForWhatIsPrinted)
{
    const Json dashboard = Json::parse(example("vfio-early.dashboard.json"), nullptr, false);
    ASSERT_TRUE(dashboard.is_object());
    for (const char* key : {"title", "uid", "schemaVersion", "panels", "templating", "time"})
        EXPECT_TRUE(dashboard.contains(key)) << key;
    std::set<int> ids;
    for (const Json& panel : dashboard["panels"]) {
        EXPECT_TRUE(ids.insert(panel["id"].get<int>()).second) << panel["title"] << " has the id of another panel";
        EXPECT_LE(panel["gridPos"]["x"].get<int>() + panel["gridPos"]["w"].get<int>(), 24) << panel["title"];
        EXPECT_FALSE(panel["targets"].empty()) << panel["title"];
    }
    const Printed printed;
    std::vector<std::string> queries;
    add_queries(dashboard, queries);
    std::set<std::string> asked;
    for (const std::string& query : queries) {
        expect_known(query, printed);
        asked.merge(all_matches(query, "vfio_early_[a-z_]+", 0));
    }
    // A metric that no panel shows is one that nobody looks at, but for how many there should be.
    EXPECT_EQ(asked.size(), printed.metrics.size() - 1) << "the queries were not found, or a metric has no panel";
}

TEST(MonitoringExamples, TheAlertsAskOnlyForWhatIsPrinted)
{
    const Printed printed;
    const auto queries = all_matches(example("vfio-early.rules.yml"), "expr: (.*)", 1);
    EXPECT_GE(queries.size(), 3U);
    for (const std::string& query : queries)
        expect_known(query, printed);
}

} // namespace vfio_early::test
