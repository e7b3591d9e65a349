// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "early/model/diagnostic.hpp"
#include "early/model/policy.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vfio_early {

/// A piece of a line.
struct Span {
    unsigned column = 1; ///< from 1, in bytes
    unsigned length = 1;
};

/// What is wrong with one line, while it is read.
class Problems {
public:
    void error(Span where, std::string message, std::string hint = {}, std::vector<MeantWords> meant = {});
    void warning(Span where, std::string message, std::string hint = {});
    [[nodiscard]] bool has_errors() const { return has_errors_; }

private:
    friend class DiagnosticCollector;
    struct Problem {
        Diagnostic::Severity severity = Diagnostic::Severity::error;
        Span where;
        std::string message;
        std::string hint;
        std::vector<MeantWords> meant{};
    };
    void insert(Problem problem);

    std::vector<Problem> problems_; ///< in order of column
    bool has_errors_ = false;
};

/// Gathers the diagnostics of a run. Lines must come in order. Keeps the first max_diagnostics, errors
/// before warnings, so that the memory it takes has a limit whatever the input.
class DiagnosticCollector {
public:
    /// Adds the problems of one line, in order of column.
    void add(const std::string& file, unsigned line, std::string_view source_line, Problems problems);
    void add(Diagnostic diagnostic);
    void move_to(ParsedPolicy& result);

private:
    std::vector<Diagnostic> diagnostics_;
    std::size_t suppressed_ = 0;
};

/// 'text', cut where it is too long for a message.
[[nodiscard]] std::string quoted(std::string_view text);

} // namespace vfio_early
