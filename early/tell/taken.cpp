// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/tell/taken.hpp"

#include "early/model/text.hpp"

namespace vfio_early {

namespace {

std::string line_of(const Outcome& outcome)
{
    if (!outcome.taken())
        return outcome.address->text() + "\n";
    const std::string driver = outcome.driver.empty() ? "none" : outcome.driver;
    return outcome.address->text() + " " + driver + (outcome.may_hold_root ? " root " : " - ") +
           outcome.where.short_text() + "\n";
}

} // namespace

std::map<Address, Taken> read_taken(const Root& root)
{
    std::map<Address, Taken> taken;
    const std::string text = root.read(taken_path).value_or("");
    for (const std::string_view line : split(text, '\n')) {
        const auto words = split(line, ' ');
        const auto address = parse_address(words[0]);
        if (!address)
            continue;
        if (words.size() < 4) {
            taken.erase(*address);
            continue;
        }
        const auto where = static_cast<std::size_t>(words[3].data() - line.data()); // file names may have blanks
        taken[*address] = {words[2] == "root", std::string(line.substr(where))};
    }
    return taken;
}

Result<void> remember_taken(const Root& root, const Report& report, bool boot)
{
    std::string lines;
    for (const Outcome& outcome : report.outcomes)
        if (outcome.address && (outcome.taken() || !boot))
            lines += line_of(outcome);
    if (boot)
        return root.replace_file(taken_path, lines);
    return lines.empty() ? Result<void>() : root.append_file(taken_path, lines);
}

} // namespace vfio_early
