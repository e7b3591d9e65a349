// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy_image.hpp"

#include "early/model/policy_values.hpp"
#include "early/model/policy_words.hpp"

namespace vfio_early {

namespace {

/// The value of the token at `place`, which must be `key`; otherwise an error and nothing.
std::optional<Value> value_at(const std::vector<Token>& tokens, std::size_t place, std::string_view key,
                              Problems& problems)
{
    if (place < tokens.size() && tokens[place].key == key && tokens[place].value)
        return tokens[place].value_of_key();
    const Token& near = place < tokens.size() ? tokens[place] : tokens.front();
    problems.error(near.where, quoted(tokens.front().raw) + " needs " + std::string(key) + "=",
                   "vfio-earlyctl image writes this line; make the image anew");
    return std::nullopt;
}

} // namespace

void read_image_fact(const std::vector<Token>& tokens, SystemFacts& facts, Problems& problems)
{
    if (tokens.front().raw == "image") {
        const auto root = value_at(tokens, 1, "root", problems);
        if (!root || !read_word(root->text, root->where, policy_words::knowledge, "a word for it", problems))
            return;
        facts.root_unknown.clear();
        if (root->text == "unknown")
            if (const auto because = value_at(tokens, 2, "because", problems))
                facts.root_unknown = because->text;
        return;
    }
    const auto modalias = value_at(tokens, 1, "modalias", problems);
    const auto modules = value_at(tokens, 2, "module", problems);
    if (!modalias || !modules)
        return;
    SystemFacts::Native native{std::string(modalias->text), {}};
    for (const ListEntry& entry : list_entries(*modules, problems)) {
        const auto name = read_module_name(entry.text, entry.where, problems);
        if (name && entry.text != "none")
            native.modules.push_back(normal_module_name(*name));
    }
    facts.natives.push_back(std::move(native));
}

} // namespace vfio_early
