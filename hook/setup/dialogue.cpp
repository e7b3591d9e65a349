// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/setup/dialogue.hpp"

#include "early/model/text.hpp"

#include <algorithm>
#include <array>

namespace vfio_early {

std::vector<std::string> missing_options(const SetupAnswers& answers)
{
    std::vector<std::string> missing;
    if (answers.card.empty())
        missing.emplace_back("ADDRESS, the card");
    if (!answers.write_policy)
        missing.emplace_back("--write-policy yes|no");
    if (!answers.boot_params)
        missing.emplace_back("--boot-params yes|no");
    if (!answers.image)
        missing.emplace_back("--image yes|no");
    return missing;
}

std::optional<bool> parse_yes_or_no(std::string_view text)
{
    std::string word(trim(text));
    std::ranges::transform(word, word.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; });
    if (word == "y" || word == "yes")
        return true;
    if (word == "n" || word == "no")
        return false;
    return {};
}

std::optional<bool> yes_or_no(std::optional<bool> given, const std::string& question, const TypeLine& type_line)
{
    while (!given) {
        const auto typed = type_line(question + " [yes/no] ");
        if (!typed)
            return {};
        given = parse_yes_or_no(*typed);
    }
    return given;
}

std::optional<std::size_t> choose(const std::string& question, std::size_t count,
                                  const std::function<std::optional<std::size_t>(const std::string&)>& find,
                                  const TypeLine& type_line)
{
    while (true) {
        const auto typed = type_line(question + " [1-" + std::to_string(count) + ", q to leave] ");
        const std::string word(trim(typed.value_or("q")));
        if (word == "q")
            return {};
        const auto number = parse_decimal(word);
        if (number && *number >= 1 && *number <= count)
            return *number - 1;
        if (const auto found = find(word))
            return found;
    }
}

} // namespace vfio_early
