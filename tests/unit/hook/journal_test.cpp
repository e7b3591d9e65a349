// SPDX-License-Identifier: GPL-2.0-or-later
// What the journal is told, and the texts of its catalog. That journalctl shows them is shown by a boot.
#include "early/model/text.hpp"
#include "early/tell/report_lines.hpp"
#include "hook/fleet/journal_entries.hpp"
#include "tests/support/all_matches.hpp"
#include "tests/support/files.hpp"
#include "tests/support/outcomes.hpp"
#include "tests/unit/hook/program_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace vfio_early::test {

namespace {

/// A text of the catalog by its id, read by what https://systemd.io/CATALOG says of the format.
std::map<std::string, std::string> catalog()
{
    std::map<std::string, std::string> texts;
    std::string id;
    const std::string source = read_text(VFIO_EARLY_SOURCE_DIR "/systemd/catalog/vfio-early.catalog");
    for (const std::string_view line : split(source, '\n')) {
        if (line.starts_with("-- ")) {
            id = line.substr(3);
            EXPECT_TRUE(texts.emplace(id, "").second) << id << " has two texts";
        } else if (!id.empty()) {
            texts[id] += std::string(line) + '\n';
        } else {
            EXPECT_TRUE(line.empty() || line.starts_with('#')) << line;
        }
    }
    return texts;
}

/// Every word there is, asked of the program as it reads a report.
std::vector<Refusal> all_refusals()
{
    std::vector<Refusal> all;
    for (unsigned number = 0; number <= static_cast<unsigned>(Refusal::policy); ++number)
        all.push_back(static_cast<Refusal>(number));
    return all;
}

Outcome refused(Refusal refusal)
{
    Outcome result = outcome(Outcome::Kind::refused, "05:00.0", "144d:a80a");
    result.group = 7;
    result.refusal = refusal;
    result.detail = "/ is on nvme0n1p2";
    result.where.line = 7;
    return result;
}

ThisBoot boot_with(std::vector<Outcome> outcomes)
{
    ThisBoot boot;
    boot.report.emplace();
    boot.report->outcomes = std::move(outcomes);
    boot.functions = compare_with_report(*boot.report, boot.now);
    return boot;
}

} // namespace

TEST(JournalCatalog, ExplainsEveryRefusalAndSaysWhatToDo)
{
    const auto texts = catalog();
    std::set<std::string> ids{std::string(verdict_message_id), std::string(failed_message_id)};
    for (const Refusal refusal : all_refusals()) {
        const std::string id(refused_message_id(refusal));
        EXPECT_TRUE(ids.insert(id).second) << id << " is the id of two words";
        const auto text = texts.find(id);
        ASSERT_NE(text, texts.end()) << "the catalog has no text for " << refusal_word(refusal) << ", " << id;
        EXPECT_TRUE(text->second.starts_with(fmt::format("Subject: Refused: {}: ", refusal_word(refusal))));
        // what it means, and what to do
        EXPECT_GE(std::ranges::count(split(trim(text->second), '\n'), ""), 2) << text->second;
    }
    EXPECT_EQ(texts.size(), ids.size()) << "a text for nothing";
    for (const auto& [id, text] : texts) {
        EXPECT_TRUE(ids.contains(id)) << id;
        EXPECT_EQ(all_matches(id, "^[0-9a-f]{32}$").size(), 1U) << id;
        EXPECT_TRUE(has_words(text, "\nDefined-By: vfio-early\n"));
    }
}

TEST(JournalCatalog, NamesOnlyFieldsThatAreThere)
{
    Outcome failed = refused(Refusal::policy);
    failed.kind = Outcome::Kind::failed;
    failed.refusal.reset();
    std::vector<Outcome> outcomes{failed};
    for (const Refusal refusal : all_refusals()) {
        Outcome& bare = outcomes.emplace_back(); // an error of the policy: no function, no id
        bare.refusal = refusal;
    }
    const auto texts = catalog();
    std::size_t checked = 0;
    for (const JournalEntry& entry : journal_entries(boot_with(outcomes))) {
        std::set<std::string> names;
        std::string id;
        for (const std::string& field : entry) {
            names.insert(field.substr(0, field.find('=')));
            if (field.starts_with("MESSAGE_ID="))
                id = field.substr(field.find('=') + 1);
        }
        const std::string& text = texts.at(id);
        for (const std::string& name : all_matches(text, "@([A-Z_]+)@", 1)) {
            EXPECT_TRUE(names.contains(name)) << name << " in\n" << text;
            ++checked;
        }
    }
    EXPECT_GE(checked, 30U);
}

TEST(JournalEntries, AreTheVerdictAndEachRefusalAndFailure)
{
    Outcome bound = refused(Refusal::policy);
    bound.kind = Outcome::Kind::bound;
    bound.refusal.reset();
    Outcome failed = bound;
    failed.kind = Outcome::Kind::failed;
    failed.detail = "vfio-pci probe: Device or resource busy";
    failed.state = Outcome::State::held;
    failed.where = {};
    ThisBoot boot = boot_with({bound, refused(Refusal::root_disk), failed});
    boot.report->duration = std::chrono::microseconds(41000);
    const std::vector<JournalEntry> wanted{
        {"MESSAGE=1 bound, 1 refused, 1 failed at boot; not all is as the policy says",
         "MESSAGE_ID=1a466b84ee934b378ca3675748d6f080", "PRIORITY=4", "SYSLOG_IDENTIFIER=vfio-early",
         "VFIO_EARLY_MODE=normal", "VFIO_EARLY_OK=false", "VFIO_EARLY_BOUND=1", "VFIO_EARLY_KEPT=0",
         "VFIO_EARLY_REFUSED=1", "VFIO_EARLY_FAILED=1", "VFIO_EARLY_CHANGED=1", "VFIO_EARLY_DURATION_USEC=41000"},
        {"MESSAGE=0000:05:00.0 144d:a80a refused: root-disk: / is on nvme0n1p2 (vfio-early.conf:7)",
         "MESSAGE_ID=43b95454bee744bf9d0597065870dd1a", "PRIORITY=4", "SYSLOG_IDENTIFIER=vfio-early",
         "VFIO_EARLY_MODE=normal", "VFIO_EARLY_SUBJECT=0000:05:00.0", "VFIO_EARLY_DETAIL=/ is on nvme0n1p2",
         "VFIO_EARLY_STATEMENT=/etc/vfio-early.conf:7:1", "VFIO_EARLY_OUTCOME=refused",
         "VFIO_EARLY_ADDRESS=0000:05:00.0", "VFIO_EARLY_ID=144d:a80a", "VFIO_EARLY_GROUP=7",
         "VFIO_EARLY_REFUSAL=root-disk"},
        {"MESSAGE=0000:05:00.0 144d:a80a failed: vfio-pci probe: Device or resource busy; held",
         "MESSAGE_ID=1de499663c1444029c4bc194a7b3bc3e", "PRIORITY=3", "SYSLOG_IDENTIFIER=vfio-early",
         "VFIO_EARLY_MODE=normal", "VFIO_EARLY_SUBJECT=0000:05:00.0",
         "VFIO_EARLY_DETAIL=vfio-pci probe: Device or resource busy",
         "VFIO_EARLY_STATEMENT=", "VFIO_EARLY_OUTCOME=failed", "VFIO_EARLY_ADDRESS=0000:05:00.0",
         "VFIO_EARLY_ID=144d:a80a", "VFIO_EARLY_GROUP=7", "VFIO_EARLY_STATE=held"},
    };
    EXPECT_EQ(journal_entries(boot), wanted);
}

TEST(JournalEntries, OfABootWithoutUsThereIsNothingToTell)
{
    EXPECT_TRUE(journal_entries({}).empty());
}

TEST(JournalEntries, ABootThatWasToBindNothingHasAVerdict)
{
    ThisBoot boot = boot_with({});
    boot.report->mode = BootRequest::Mode::off;
    boot.report->off_because = "vfio_early=off on the kernel command line";
    const auto entries = journal_entries(boot);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries.front().front(), "MESSAGE=off, nothing was bound: vfio_early=off on the kernel command line");
}

using JournalCommand = SystemTest;

TEST_F(JournalCommand, TellsOfOtherMachinesOnTheTerminalAlone)
{
    expand_machine("intel_two_identical_gpus", tree);
    EXPECT_EQ(run({"journal"}).code, 2) << "no message of another machine comes into this journal";
    EXPECT_TRUE(has_words(run({"journal", "--dry-run"}).err, "vfio-early did not run"));
    Report report;
    report.outcomes = {refused(Refusal::group)};
    ASSERT_TRUE(write_report(*Root::open(tree.path()), report));
    const ProgramRun done = run({"journal", "--dry-run"});
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_TRUE(has_words(done.out, "MESSAGE_ID=1a466b84ee934b378ca3675748d6f080\n"));
    EXPECT_TRUE(has_words(done.out, "\n\nMESSAGE=0000:05:00.0 144d:a80a refused: group: "));
    EXPECT_TRUE(has_words(done.out, "VFIO_EARLY_REFUSAL=group\n\n"));
}

} // namespace vfio_early::test
