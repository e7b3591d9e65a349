// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/host/policy_text.hpp"

#include "hook/ui/diagnostic_view.hpp"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <iterator>
#include <ostream>

namespace vfio_early {

namespace {

/// A compiler's "error:" and "warning:" stand out.
std::string painted(const Diagnostic& diagnostic, bool colour)
{
    std::string text = render(diagnostic);
    const bool error = diagnostic.severity == Diagnostic::Severity::error;
    const std::string word = error ? "error:" : "warning:";
    if (const auto at = text.find(word); colour && at != text.npos && at < text.find('\n'))
        text.replace(at, word.size(), paint(true, error ? Style::red : Style::yellow, word));
    return text;
}

} // namespace

std::vector<PolicyFile> PolicyText::own_files() const
{
    std::vector<PolicyFile> own;
    std::ranges::remove_copy_if(files, std::back_inserter(own), &PolicyFile::credential);
    return own;
}

PolicyText load_policy(const Root& root, const std::optional<std::string>& policy)
{
    PolicyText result;
    auto files = read_policy_files(root, policy);
    if (files) {
        result.files = std::move(*files);
        result.parsed = parse_policy(result.files);
    } else if (!policy && files.error().code == ENOENT) {
        result.absent = true;
    } else {
        result.unreadable = files.error();
    }
    return result;
}

void print_diagnostics(const PolicyText& policy, Console& console)
{
    if (policy.unreadable)
        console.err << fmt::format("vfio-earlyctl: {}\n", policy.unreadable->message());
    for (const Diagnostic& diagnostic : policy.parsed.diagnostics) {
        const std::string text = painted(diagnostic, console.colour_err);
        console.err << text << (text.ends_with('\n') ? "" : "\n");
    }
    if (policy.parsed.suppressed != 0)
        console.err << fmt::format("{} not shown\n", count_text(policy.parsed.suppressed, "more error"));
}

} // namespace vfio_early
