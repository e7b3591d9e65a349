// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/temporary_tree.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unistd.h>

namespace fs = std::filesystem;

namespace vfio_early::test {

namespace {

/// A file system in memory where there is one: a recorded machine is hundreds of small files.
fs::path fastest_directory()
{
    return ::access("/dev/shm", W_OK) == 0 ? fs::path("/dev/shm") : fs::temp_directory_path();
}

} // namespace

TemporaryTree::TemporaryTree() : path_((fastest_directory() / "vfio-early-test-XXXXXX").string())
{
    if (::mkdtemp(path_.data()) == nullptr)
        throw std::runtime_error("mkdtemp failed");
}

TemporaryTree::~TemporaryTree()
{
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void TemporaryTree::write(const std::string& path, std::string_view text) const
{
    const fs::path whole = fs::path(path_) / path;
    fs::create_directories(whole.parent_path());
    std::ofstream file(whole, std::ios::binary);
    file << text;
    if (!file.flush())
        throw std::runtime_error("cannot write " + whole.string());
}

void TemporaryTree::link(const std::string& path, const std::string& target) const
{
    const fs::path whole = fs::path(path_) / path;
    fs::create_directories(whole.parent_path());
    fs::create_symlink(target, whole);
}

std::string TemporaryTree::read(const std::string& path) const
{
    std::ifstream file(fs::path(path_) / path, std::ios::binary);
    if (!file)
        throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool TemporaryTree::exists(const std::string& path) const
{
    return fs::exists(fs::symlink_status(fs::path(path_) / path));
}

} // namespace vfio_early::test
