// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/setup/dialogue.hpp"

#include "early/model/text.hpp"

#include <cerrno>
#include <ostream>
#include <unistd.h>

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
    const std::string word = lower_case(trim(text));
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

TypeLine type_on_terminal(Console& console)
{
    return [&console](const std::string& prompt) -> std::optional<std::string> {
        constexpr std::size_t longest = 4096;
        console.out << prompt << std::flush;
        std::string line;
        char byte = '\0';
        while (line.size() < longest) {
            const ssize_t got = ::read(STDIN_FILENO, &byte, 1);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                break;
            if (byte == '\n')
                return line;
            line += byte;
        }
        console.out << '\n';
        return std::nullopt;
    };
}

} // namespace vfio_early
