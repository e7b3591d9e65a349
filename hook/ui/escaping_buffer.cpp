// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook/ui/escaping_buffer.hpp"

#include "early/model/printable.hpp"

#include <algorithm>

namespace vfio_early {

namespace {

/// The length of an SGR sequence (ESC [ digits m) at the beginning of `text`: all that paint() writes.
std::size_t colour_length(std::string_view text)
{
    if (!text.starts_with("\033["))
        return 0;
    const auto end = text.find_first_not_of("0123456789", 2);
    return end < 5 && text[end] == 'm' ? end + 1 : 0;
}

std::string escaped(std::string_view text, bool colour)
{
    std::string shown;
    while (!text.empty()) {
        std::size_t length = text.front() == '\n' || text.front() == '\t' ? 1 : 0;
        if (length == 0 && colour)
            length = colour_length(text);
        if (length != 0) {
            shown += text.substr(0, length);
        } else {
            const PrintableCharacter character = printable_character(text);
            shown += character.text;
            length = character.bytes;
        }
        text.remove_prefix(length);
    }
    return shown;
}

} // namespace

bool EscapingBuffer::hand_on(std::string_view text)
{
    constexpr std::size_t kept = 4096;
    const std::string shown = escaped(text, colour_);
    beginning_ += shown.substr(0, kept - std::min(kept, beginning_.size()));
    const auto size = static_cast<std::streamsize>(shown.size());
    return target_.sputn(shown.data(), size) == size;
}

std::streamsize EscapingBuffer::xsputn(const char* text, std::streamsize size)
{
    line_.append(text, static_cast<std::size_t>(size));
    const auto end = line_.rfind('\n');
    if (end == std::string::npos)
        return size;
    const bool taken = hand_on(std::string_view(line_).substr(0, end + 1));
    line_.erase(0, end + 1);
    return taken ? size : 0;
}

EscapingBuffer::int_type EscapingBuffer::overflow(int_type character)
{
    if (traits_type::eq_int_type(character, traits_type::eof()))
        return traits_type::not_eof(character);
    const char one = traits_type::to_char_type(character);
    return xsputn(&one, 1) == 1 ? character : traits_type::eof();
}

int EscapingBuffer::sync()
{
    const bool taken = line_.empty() || hand_on(line_);
    line_.clear();
    return target_.pubsync() == 0 && taken ? 0 : -1;
}

} // namespace vfio_early
