// SPDX-License-Identifier: GPL-2.0-or-later
// What the decision costs: parse, scan and plan on a machine of thousands of functions, as a ratio to the time that
// reading the same files alone takes in the same run; and the peak memory of the shipped program on that machine.
#include "early/machine/module_catalog.hpp"
#include "early/machine/scan.hpp"
#include "early/model/plan.hpp"
#include "tests/support/fixture_pci.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace vfio_early;
using Clock = std::chrono::steady_clock;

constexpr unsigned statements = 1000;
constexpr unsigned functions_below_a_port = 8;
constexpr int repetitions = 9;

/// NICs of eight functions, each behind a root port of its own. `number` functions in all.
void make_machine(test::FixtureTree& tree, unsigned number)
{
    for (unsigned index = 0; index < number; ++index) {
        const unsigned port = index / functions_below_a_port;
        const unsigned domain = port / 240;
        const std::string bus = hex_text(port % 240 + 1, 2);
        const std::string name = hex_text(domain, 4);
        test::FixtureFunction function;
        function.device = "pci" + name + ":00/" + name + ":00:" + hex_text(port % 240 / 8, 2) + "." +
                          std::to_string(port % 8) + "/" + name + ":" + bus + ":00." +
                          std::to_string(index % functions_below_a_port);
        function.ids = {0x8086, static_cast<std::uint16_t>(0x1000 + index % 512), 0x8086, 0x0001, 0x020000};
        function.group = static_cast<int>(port);
        test::make_function(tree, function);
    }
}

std::string make_policy()
{
    std::string text;
    for (unsigned index = 0; index < statements; ++index) {
        const std::string id = "8086:" + hex_text(0x1000 + index % 512, 4);
        text += index % 2 == 0 ? "bind path=0000:00:" + hex_text(index / 8 % 30, 2) + "." + std::to_string(index % 8) +
                                     "/00.* id=" + id + "\n"
                               : "bind " + hex_text(index % 240 + 1, 2) + ":00." + std::to_string(index % 8) +
                                     " id=" + id + " with=function\n";
    }
    return text;
}

/// The floor: opens, reads and closes what the scan reads, and looks at none of it.
std::size_t read_alone(const Root& root)
{
    std::size_t bytes = 0;
    const std::vector<std::string> names = root.list("sys/bus/pci/devices").value();
    for (const std::string& name : names) {
        const std::string directory = "sys/bus/pci/devices/" + name;
        bytes += root.read_link(directory).value().size();
        const FileDescriptor opened = std::move(root.open_file(directory, O_PATH | O_DIRECTORY).value());
        std::array<char, 4096> buffer{};
        for (const char* attribute : {"uevent", "config", "driver_override", "sriov_numvfs"}) {
            const FileDescriptor file(::openat(opened.get(), attribute, O_RDONLY | O_CLOEXEC));
            const ssize_t got = file ? ::read(file.get(), buffer.data(), buffer.size()) : 0;
            bytes += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
        }
        for (const char* link : {"iommu_group", "physfn"}) {
            const ssize_t got = ::readlinkat(opened.get(), link, buffer.data(), buffer.size());
            bytes += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
        }
    }
    return bytes;
}

std::size_t decide(const Root& root, const PolicyFile& file, const ModuleCatalog& modules)
{
    const ParsedPolicy parsed = parse_policy(std::span(&file, 1));
    const Machine machine = std::move(scan_pci(root).value());
    const Plan plan = make_plan(parsed.policy, machine, {}, modules);
    return plan.functions.size() + plan.refused.size();
}

double milliseconds(const std::function<std::size_t()>& work)
{
    const Clock::time_point start = Clock::now();
    if (work() == 0) {
        std::fputs("nothing was done\n", stderr);
        std::exit(1);
    }
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// VmHWM of a stopped process, in KiB: the most memory it ever had, its file pages included.
long high_water_mark(pid_t process)
{
    const std::string text = Root::open("/")->read("proc/" + std::to_string(process) + "/status").value();
    const std::size_t place = text.find("VmHWM:");
    return place == std::string::npos ? -1 : std::atol(text.c_str() + place + 6);
}

/// Peak memory of the program's own dry run. It is stopped where it ends and looked at, for what wait4(2) tells is at
/// least what this program had when it forked.
long peak_memory(const std::string& program, const test::FixtureTree& tree, const std::string& policy)
{
    std::array<std::string, 7> words{program, "bind", "--dry-run", "--root", tree.path(), "--policy", policy};
    std::array<char*, 8> arguments{};
    std::ranges::transform(words, arguments.begin(), [](std::string& word) { return word.data(); });
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        ::execv(program.c_str(), arguments.data());
        ::_exit(127);
    }
    long peak = -1;
    int status = 0;
    ::waitpid(child, &status, 0); // at exec
    ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACEEXIT);
    while (WIFSTOPPED(status)) {
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
            peak = high_water_mark(child);
        const long signal = status >> 8 == SIGTRAP || status >> 16 != 0 ? 0 : WSTOPSIG(status);
        ::ptrace(PTRACE_CONT, child, nullptr, signal);
        ::waitpid(child, &status, 0);
    }
    if (peak < 0) {
        std::fprintf(stderr, "cannot run %s\n", program.c_str());
        std::exit(1);
    }
    return peak;
}

void measure(unsigned number, const std::string& program)
{
    test::FixtureTree tree;
    make_machine(tree, number);
    const PolicyFile file{"vfio-early.conf", make_policy()};
    // What a host would have, for the memory: a thousand statements take more than the functions do.
    tree.make_file("policy", "bind id=8086:* all with=group\n");
    const Root root = tree.root();
    const auto modules = open_module_catalog(root);

    std::vector<double> alone;
    std::vector<double> ours;
    std::vector<double> ratios;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        alone.push_back(milliseconds([&] { return read_alone(root); }));
        ours.push_back(milliseconds([&] { return decide(root, file, *modules); }));
        ratios.push_back(ours.back() / alone.back());
    }
    std::printf("%9u  %10u  %12.1f  %18.1f  %5.2f  %10.2f", number, statements, median(alone), median(ours),
                median(ratios), median(ours) * 1000.0 / number);
    if (!program.empty())
        std::printf("  %8ld", peak_memory(program, tree, tree.path("policy")));
    std::printf("\n");
}

} // namespace

int main(int count, char** arguments)
{
    const std::string program = count > 1 ? arguments[1] : "";
    std::printf("functions  statements  read only/ms  parse+scan+plan/ms  ratio  us/function%s\n",
                program.empty() ? "" : "  peak/KiB");
    for (const unsigned number : {64U, 512U, 1024U, 2048U, 4096U})
        measure(number, program);
    return 0;
}
