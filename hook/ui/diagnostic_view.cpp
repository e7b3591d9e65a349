// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/ui/diagnostic_view.hpp"

#include "early/model/printable.hpp"
#include "early/model/text.hpp"
#include "hook/ui/near_word.hpp"

#include <algorithm>
#include <string_view>

namespace vfio_early {

namespace {

/// A longer line is shown in part, or the caret would stand below another row of the terminal.
constexpr std::size_t widest_line = 100;
constexpr std::size_t shown_before_caret = 40;
constexpr std::string_view indent = "    ";
constexpr std::string_view left_out = "...";

/// The first character as a source line shows it: a tab as one blank, so that the caret's column is the
/// same whatever a tab is wide.
PrintableCharacter cell(std::string_view text)
{
    if (text.starts_with('\t'))
        return {" ", 1, 1};
    return printable_character(text);
}

std::size_t width_of(std::string_view text)
{
    std::size_t width = 0;
    for (; !text.empty(); text.remove_prefix(cell(text).bytes))
        width += cell(text).width;
    return width;
}

std::string shown(std::string_view text)
{
    std::string line;
    for (; !text.empty(); text.remove_prefix(cell(text).bytes))
        line += cell(text).text;
    return line;
}

/// `text` without its last characters beyond `limit` columns.
std::string_view fitting(std::string_view text, std::size_t limit)
{
    std::string_view rest = text;
    std::size_t width = 0;
    while (!rest.empty() && width + cell(rest).width <= limit) {
        width += cell(rest).width;
        rest.remove_prefix(cell(rest).bytes);
    }
    return text.substr(0, text.size() - rest.size());
}

/// The source line and the caret below it.
std::string excerpt(const Diagnostic& diagnostic)
{
    const std::string_view line = diagnostic.source_line;
    if (line.empty())
        return {};
    if (diagnostic.where.column == 0)
        return std::string(indent) + shown(fitting(line, widest_line)) + '\n';

    // Half a character cannot be pointed at: the caret's ends are moved to whole ones.
    const std::size_t caret = std::min<std::size_t>(diagnostic.where.column - 1, line.size());
    const std::size_t length = std::min<std::size_t>(diagnostic.length, line.size() - caret);
    std::string_view before = line.substr(0, caret);
    std::string_view marked = line.substr(caret, length);
    std::string_view after = line.substr(caret + length);

    std::string text(indent);
    std::string_view cut;
    std::size_t column = width_of(before);
    if (column > shown_before_caret && width_of(line) > widest_line) {
        for (; column > shown_before_caret; before.remove_prefix(cell(before).bytes))
            column -= cell(before).width;
        cut = left_out;
    }
    const std::size_t room = widest_line - std::min(widest_line, column);
    const std::string_view fits = fitting(marked, room);
    text += cut;
    text += shown(before) + shown(fits);
    if (fits.size() < marked.size()) {
        marked = fits;
        after = {};
        text += left_out;
    }
    const std::string_view rest = fitting(after, room - std::min(room, width_of(marked)));
    text += shown(rest);
    if (rest.size() < after.size())
        text += left_out;

    text += '\n' + std::string(indent) + std::string(cut.size() + column, ' ') + '^';
    const std::size_t underlined = width_of(marked);
    return text + std::string(underlined > 1 ? underlined - 1 : 0, '~') + '\n';
}

/// `hint` with `words` for its '%'.
std::string filled_in(std::string_view hint, std::string_view words)
{
    std::string text(hint);
    if (const auto place = text.find('%'); place != std::string::npos)
        text.replace(place, 1, words);
    return text;
}

} // namespace

std::string hint_text(const Diagnostic& diagnostic)
{
    if (diagnostic.meant.empty())
        return diagnostic.hint;
    const std::string_view line = diagnostic.source_line;
    const std::string_view word =
        line.substr(std::min<std::size_t>(diagnostic.where.column - 1, line.size()), diagnostic.length);
    for (const MeantWords& meant : diagnostic.meant)
        if (const auto near = near_word(word, meant.words))
            return filled_in(meant.hint, *near);
    const auto& words = diagnostic.meant.back().words;
    return filled_in(diagnostic.hint, join({words.begin(), words.end()}, ", "));
}

std::string render(const Diagnostic& diagnostic)
{
    const bool is_error = diagnostic.severity == Diagnostic::Severity::error;
    std::string text = printable(diagnostic.where.full_text());
    if (!text.empty())
        text += ": ";
    text += (is_error ? "error: " : "warning: ") + printable(diagnostic.message) + '\n';
    text += excerpt(diagnostic);
    if (const std::string hint = hint_text(diagnostic); !hint.empty())
        text += std::string(indent) + "hint: " + printable(hint) + '\n';
    return text;
}

} // namespace vfio_early
