// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/policy.hpp"

#include "early/model/policy_statements.hpp"
#include "early/model/policy_words.hpp"
#include "early/model/printable.hpp"
#include "early/model/text.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>

namespace vfio_early {

namespace {

constexpr std::size_t largest_file = 1U << 20U;
constexpr std::size_t longest_line = 4096;
constexpr Span whole{0, 1};
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Takes the next line off `text`, without its end.
std::string_view next_line(std::string_view& text)
{
    std::string_view line = take_piece(text, '\n');
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

/// Reads the files of one policy, line by line.
class PolicyReader {
public:
    explicit PolicyReader(ParsedPolicy& parsed) : policy_(parsed.policy), problems_(parsed) {}

    void read_file(const PolicyFile& file)
    {
        file_ = &file.name;
        line_ = 0;
        profile_.clear(); // a drop-in does not go on in the last section of the file before
        set_in_file_.clear();
        of_image_ = file.text.starts_with(facts_mark) && !file.credential;
        if (of_image_)
            facts();
        if (file.text.size() > largest_file) {
            problems_.begin_line(*file_, 0, {});
            problems_.error(whole, "the file is larger than 1 MiB",
                            "a policy is a text of some lines; is this the right file?");
            return;
        }
        std::string_view text = file.text;
        if (text.starts_with(byte_order_mark))
            text.remove_prefix(byte_order_mark.size());
        while (!text.empty())
            read_line(next_line(text));
    }

private:
    void read_line(std::string_view line)
    {
        ++line_;
        if (line.size() > longest_line) {
            problems_.begin_line(*file_, line_, {});
            problems_.error(whole, "the line is longer than 4096 bytes", "write several statements");
            return;
        }
        problems_.begin_line(*file_, line_, line);
        const Tokens tokens = read_tokens(line, problems_);
        if (!problems_.has_errors() && !tokens.empty())
            read_statement(tokens);
    }

    void read_statement(const Tokens& tokens)
    {
        const Token& first = tokens.front();
        where_ = {*file_, line_, first.where.column};
        if (first.raw.starts_with('['))
            read_profile(tokens);
        else if (first.raw == "bind")
            add(read_bind(tokens, problems_), policy_.binds, tokens);
        else if (first.raw == "protect")
            add(read_protect(tokens, problems_), policy_.protects, tokens);
        else if (first.raw == "set")
            read_set(tokens);
        else if (of_image_ && first.raw == "root")
            add(read_root(tokens), policy_.protects, tokens);
        else if (of_image_ && (first.raw == "image" || first.raw == "native"))
            read_image_fact(tokens, facts(), problems_);
        else {
            const std::string message = "unknown statement " + quoted(first.raw);
            if (looks_like_address(first.raw))
                problems_.error(first.where, message, "write bind " + std::string(first.raw));
            else
                problems_.error(first.where, message, "a line begins with bind, protect, set or [PROFILE]",
                                {{policy_words::statements}});
        }
    }

    ProtectStatement read_root(const Tokens& tokens)
    {
        ProtectStatement statement = read_protect(tokens, problems_);
        statement.root = true;
        return statement;
    }

    SystemFacts& facts()
    {
        if (!policy_.facts)
            policy_.facts.emplace();
        return *policy_.facts;
    }

    void read_profile(const Tokens& tokens)
    {
        const Token& token = tokens.front();
        std::string_view name = token.raw.substr(1);
        if (!name.ends_with(']')) {
            problems_.error(token.where, "the profile's name has no end", "write [NAME], without blanks");
            return;
        }
        name.remove_suffix(1);
        if (!is_name(name))
            problems_.error(token.where, quoted(name) + " is not the name of a profile",
                            "letters, digits, '_' and '-'");
        if (tokens.size() > 1)
            problems_.error(tokens[1].where, "something follows the profile's name", "begin a new line");
        profile_ = name;
        if (std::ranges::find(policy_.profiles, name) == policy_.profiles.end())
            policy_.profiles.emplace_back(name);
    }

    void read_set(const Tokens& tokens)
    {
        if (tokens.size() < 2) {
            problems_.error(tokens[0].where, "set names nothing", "one of: %", {{policy_words::settings}});
            return;
        }
        if (!read_word(tokens[1].whole(), policy_words::settings, "a setting", problems_))
            return;
        const std::string_view word = tokens[1].raw;
        if (word == "module")
            add(read_module_setting(tokens, problems_), policy_.modules, tokens);
        else if (is_first_in_file(word, tokens))
            read_setting(word, tokens, policy_, problems_);
    }

    /// Within a file the second is a slip; in a drop-in it overrides, which is what drop-ins are for.
    bool is_first_in_file(std::string_view word, const Tokens& tokens)
    {
        if (!profile_.empty()) {
            problems_.error(tokens[1].where, "set " + std::string(word) + " holds for all profiles",
                            "write it before the first [profile]");
            return false;
        }
        const auto [first, is_first] = set_in_file_.try_emplace(word, line_);
        if (!is_first) {
            problems_.error(tokens[1].where, quoted(word) + " is set twice",
                            "line " + std::to_string(first->second) + " has set it already");
        }
        return is_first;
    }

    static std::string text_of(const BindStatement& statement) { return to_text(statement); }
    static std::string text_of(const ProtectStatement& statement) { return to_text(statement); }
    static std::string text_of(const ModuleSetting& setting) { return "set " + setting.module + ' ' + setting.options; }

    template <typename Statement>
    void add(Statement statement, std::vector<Statement>& statements, const Tokens& tokens)
    {
        if (problems_.has_errors())
            return;
        statement.where = where_;
        statement.profile = profile_;
        const auto [first, is_new] = seen_.try_emplace('[' + profile_ + ']' + text_of(statement), where_);
        if (!is_new) {
            const Location& there = first->second;
            const std::string place =
                there.file == where_.file ? "line " + std::to_string(there.line) : there.short_text();
            problems_.warning(tokens.front().where, "the same statement stands in " + place, "delete one of them");
        }
        statements.push_back(std::move(statement));
    }

    Policy& policy_;
    Problems problems_;
    const std::string* file_ = nullptr;
    unsigned line_ = 0;
    std::string profile_;
    bool of_image_ = false;                            ///< the file is the one that the image step has made
    Location where_;                                   ///< of the statement that is read
    std::map<std::string_view, unsigned> set_in_file_; ///< `set` words and the lines they stand in
    std::unordered_map<std::string, Location> seen_;   ///< all statements, as canonical text
};

ParsedPolicy read_all(std::span<const PolicyFile> files)
{
    ParsedPolicy parsed;
    PolicyReader reader(parsed);
    for (const PolicyFile& file : files)
        reader.read_file(file);
    return parsed;
}

/// The first error of `parsed` as a warning that its file, a credential, binds nothing.
Diagnostic left_out(const ParsedPolicy& parsed)
{
    Diagnostic diagnostic = *std::ranges::find(parsed.diagnostics, Diagnostic::Severity::error, &Diagnostic::severity);
    diagnostic.severity = Diagnostic::Severity::warning;
    diagnostic.message += "; nothing of this credential holds";
    return diagnostic;
}

} // namespace

bool ParsedPolicy::ok() const
{
    return suppressed == 0 && std::ranges::none_of(diagnostics, [](const Diagnostic& diagnostic) {
               return diagnostic.severity == Diagnostic::Severity::error;
           });
}

ParsedPolicy parse_policy(std::span<const PolicyFile> files)
{
    ParsedPolicy parsed = read_all(files);
    if (parsed.ok() || std::ranges::none_of(files, &PolicyFile::credential))
        return parsed;
    std::vector<PolicyFile> kept;
    std::ranges::remove_copy_if(files, std::back_inserter(kept), &PolicyFile::credential);
    parsed = read_all(kept);
    std::vector<Diagnostic> warnings;
    for (const PolicyFile& file : files) {
        if (!parsed.ok())
            return parsed; // the system's own files are wrong
        if (!file.credential)
            continue;
        kept.push_back(file);
        ParsedPolicy more = read_all(kept);
        if (more.ok()) {
            parsed = std::move(more);
        } else {
            kept.pop_back();
            warnings.push_back(left_out(more));
        }
    }
    std::ranges::move(warnings, std::back_inserter(parsed.diagnostics));
    return parsed;
}

} // namespace vfio_early
