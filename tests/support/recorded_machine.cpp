// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/recorded_machine.hpp"

#include "hook/recording/machine_text.hpp"
#include "tests/support/files.hpp"

#include <cerrno>
#include <fstream>
#include <stdexcept>

namespace vfio_early::test {

namespace {

Result<std::string> read_source(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return system_error("read", path, ENOENT);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

} // namespace

void expand_machine_text(std::string_view text, const TemporaryTree& tree)
{
    const auto recorded = parse_machine_text(text, "text", [](const std::string& name) {
        return read_source(VFIO_EARLY_SOURCE_DIR "/tests/machines/" + name + ".machine");
    });
    if (!recorded)
        throw std::runtime_error(recorded.error().message());
    for (const auto& [path, content] : recorded->files)
        tree.write(path, content);
    for (const auto& [path, target] : recorded->links)
        tree.link(path, target);
}

void expand_machine(const std::string& name, const TemporaryTree& tree)
{
    expand_machine_text("base " + name, tree);
}

} // namespace vfio_early::test
