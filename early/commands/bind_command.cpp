// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/commands/bind_command.hpp"

#include "early/act/executor.hpp"
#include "early/act/limited_kernel.hpp"
#include "early/act/sysfs_kernel.hpp"
#include "early/act/virtual_functions.hpp"
#include "early/commands/policy_files.hpp"
#include "early/commands/trial.hpp"
#include "early/machine/interrupts.hpp"
#include "early/machine/module_catalog.hpp"
#include "early/machine/scan.hpp"
#include "early/model/driver_choice.hpp"
#include "early/model/exit_codes.hpp"
#include "early/model/trial.hpp"
#include "early/needs/boot_command_line.hpp"
#include "early/needs/runtime_facts.hpp"
#include "early/tell/bind_messages.hpp"
#include "early/tell/kernel_log.hpp"
#include "early/tell/report_lines.hpp"
#include "early/tell/taken.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <set>

namespace vfio_early {

namespace {

/// The image's facts, for the runs on the system that it starts.
constexpr const char* facts_path = "run/vfio-early/facts.conf";
/// A file for each function that the boot has looked at. What came between that look and udev has no other sign, since
/// udev's coldplug tells of all functions alike (udev/60-vfio-early.rules).
constexpr const char* seen_path = "run/vfio-early/seen/";

/// One run of the command: what it was asked, and where it says what it did.
class BindRun {
public:
    BindRun(const Root& root, const Options& options, std::chrono::steady_clock::time_point started)
        : root_(root), directories_(root), options_(options), started_(started), in_initramfs_(is_initramfs(root))
    {
    }

    int run()
    {
        const auto command_line = boot_command_line(root_);
        // Without it nobody could switch us off. A recorded machine may lack it.
        if (!command_line && root_.live())
            return give_up("cannot read /proc/cmdline: " + errno_text(command_line.error().code));
        request_ = parse_boot_request(command_line.value_or(""));
        if (request_.mode != BootRequest::Mode::off && root_.exists("proc/vmcore")) {
            request_.mode = BootRequest::Mode::off;
            request_.off_because = "this kernel was started to save the memory of a crashed one (/proc/vmcore)";
        }
        if (options_.dry_run && request_.mode == BootRequest::Mode::normal)
            request_.mode = BootRequest::Mode::dry_run;
        for (const std::string& warning : request_.warnings)
            warnings_.push_back("kernel command line: " + warning);
        if (request_.mode == BootRequest::Mode::off)
            return finish(empty_report()); // nothing else is read: `off` must work whatever is wrong

        const auto files = read_policy_files(root_, options_.policy);
        const int code = follow(files);
        if (files && in_initramfs_ && !options_.dry_run)
            hand_on(*files);
        remember_seen(); // last: from then on udev starts later runs, which need what was handed on
        return code;
    }

private:
    int follow(const Result<std::vector<PolicyFile>>& files)
    {
        ParsedPolicy parsed;
        if (files)
            parsed = parse_policy(with_facts(*files));
        else if (files.error().code != ENOENT || options_.policy)
            return refuse_policy({unreadable_policy(files.error())}, 0);
        if (!parsed.ok())
            return refuse_policy(parsed.diagnostics, parsed.suppressed);
        for (const Diagnostic& warning : parsed.diagnostics)
            warnings_.push_back(diagnostic_line(warning));

        if (options_.vfs && !needs_vfs(parsed.policy))
            return exit_ok; // asked for each function that could have some
        if (parsed.policy.binds.empty() && request_.bind.empty())
            return finish_early(files ? "the policy has no bind statement: nothing to do" : "no policy: nothing to do");
        return bind(std::move(parsed.policy), files ? policy_digest(*files) : 0);
    }

    /// The facts of the image and the credentials of the boot, for the running system: what comes later is decided
    /// alike.
    void hand_on(const std::vector<PolicyFile>& files) const
    {
        if (const auto kept = keep_credentials(root_, files); !kept)
            say(LogRecord::warning, "later runs will not know the policy's credentials: " + kept.error().message());
        const auto facts = std::ranges::find_if(
            files, [](const PolicyFile& file) { return file.text.starts_with(facts_mark) && !file.credential; });
        if (facts != files.end())
            if (const auto kept = root_.replace_file(facts_path, facts->text); !kept)
                say(LogRecord::warning, "later runs will not know what the host needs: " + kept.error().message());
    }

    /// `files`, and the facts that the boot has handed on.
    std::vector<PolicyFile> with_facts(std::vector<PolicyFile> files) const
    {
        if (root_.live() && (!in_initramfs_ || options_.dry_run))
            if (auto text = root_.read(facts_path))
                files.push_back({"/" + std::string(facts_path), std::move(*text)});
        return files;
    }

    int bind(Policy policy, std::uint64_t digest)
    {
        // Where nobody wrote facts, the image knows neither its machine nor the modules of its kernel, and the running
        // system only what it sees.
        if (root_.live() && !policy.facts)
            policy.facts.emplace();
        if (root_.live())
            policy.facts->few_modules = in_initramfs_;
        const auto machine = scan(policy);
        if (!machine)
            return give_up("cannot read the PCI functions: " + machine.error().message());
        std::ranges::move(runtime_facts(root_, *machine, policy, request_), std::back_inserter(policy.protects));
        const auto modules = open_module_catalog(root_);
        Plan plan = make_plan(policy, *machine, request_, *modules);
        if (!options_.only.empty())
            plan = keep_only(std::move(plan), options_.only);
        if (options_.vfs)
            plan = keep_virtual_functions(std::move(plan));
        if (plan.mode != BootRequest::Mode::normal)
            return finish(report_of_dry_run(plan));

        SysfsKernel kernel(directories_, request_.blacklist);
        const TriedPlan tried = put_on_trial(root_, std::move(plan), digest, policy.trial, is_after_boot(),
                                             [&](const std::string& module) { return kernel.load_module(module, {}); });
        const RunOnKernel run = [&](const KernelWork& work) { run_with_limit(kernel, tried.plan.timeout, work); };
        Report report;
        run([&](Kernel& limited) { report = execute(tried.plan, limited); });
        create_virtual_functions(
            tried.plan, run, [&](const PlannedVfs& vfs) { return plan_again(vfs, policy, *modules); }, report);
        const auto for_guests = [](const Outcome& outcome) {
            return outcome.kind == Outcome::Kind::bound && is_vfio_driver(outcome.driver);
        };
        if (!is_after_boot() && std::ranges::any_of(report.outcomes, for_guests))
            if (const auto why = unsafe_interrupts(root_))
                warnings_.emplace_back(*why);
        if (!tried.warning.empty())
            warnings_.push_back(tried.warning);
        if (!tried.note.empty())
            report.notes.push_back(tried.note);
        for (const Function& function : machine->functions)
            seen_.insert(function.address);
        for (const Outcome& outcome : report.outcomes) // virtual functions have come meanwhile
            if (outcome.address)
                seen_.insert(*outcome.address);
        return finish(std::move(report));
    }

    /// Of a later run only its own function, and not where no boot has begun it: coldplug would take all others for
    /// new.
    void remember_seen() const
    {
        if (options_.dry_run || options_.vfs || (is_after_boot() && !root_.exists(seen_path)))
            return;
        for (const Address& address : seen_) {
            if (is_after_boot() && std::ranges::find(options_.only, address) == options_.only.end())
                continue;
            if (const auto kept = root_.append_file(seen_path + address.text(), ""); !kept)
                return say(LogRecord::warning,
                           "coldplug will not be told what this boot has looked at: " + kept.error().message());
        }
    }

    Result<Machine> scan(const Policy& policy)
    {
        return scan_pci(directories_,
                        {.serials = needs_serials(policy), .vfs = needs_vfs(policy), .limit = policy.timeout});
    }

    Result<Plan> plan_again(const PlannedVfs& vfs, const Policy& policy, const ModuleCatalog& modules)
    {
        const auto machine = scan(policy);
        if (!machine)
            return std::unexpected(machine.error());
        return plan_virtual_functions(vfs, policy, *machine, request_, modules);
    }

    void say(const std::vector<LogRecord>& records) const
    {
        if (!options_.dry_run)
            return write_kernel_log(root_, records);
        std::string text;
        for (const LogRecord& record : records)
            text += record.text + "\n";
        std::fwrite(text.data(), 1, text.size(), stdout);
    }

    void say(LogRecord::Level level, const std::string& text) const { say({{level, text}}); }

    int finish(Report report) const
    {
        report.warnings.insert(report.warnings.begin(), warnings_.begin(), warnings_.end());
        report.duration = since_start();
        // A hot-plugged function that the policy does not speak of is not worth a word.
        if (!is_after_boot() || !report.outcomes.empty()) {
            say(log_records(report));
            save(report);
        }
        return report.exit_code();
    }

    void save(const Report& report) const
    {
        if (options_.dry_run)
            return;
        // What a dry run would take is not taken.
        const bool done = report.mode == BootRequest::Mode::normal;
        if (const auto kept = remember_taken(root_, done ? report : Report(), is_boot()); !kept)
            say(LogRecord::warning, "release and recover will not know what was taken: " + kept.error().message());
        const auto written = is_boot() ? write_report(root_, report) : add_to_report(root_, report, "later");
        if (!written)
            say(LogRecord::warning, "report: " + written.error().message());
    }

    /// Nothing is to be done, and that is as it should be.
    int finish_early(const std::string& text) const
    {
        std::vector<LogRecord> records;
        if (!is_after_boot())
            records.emplace_back(LogRecord::info, text);
        for (const std::string& warning : warnings_)
            records.emplace_back(LogRecord::warning, warning);
        return end(records, {}, exit_ok);
    }

    /// The machine cannot be read.
    int give_up(const std::string& text)
    {
        warnings_.push_back(text + "; nothing is bound");
        return end({{LogRecord::error, warnings_.back()}}, {}, exit_refused);
    }

    int refuse_policy(const std::vector<Diagnostic>& diagnostics, std::size_t suppressed) const
    {
        return end(policy_error_records(diagnostics, suppressed), policy_error_outcomes(diagnostics), exit_usage);
    }

    /// Ends a run that binds nothing. One for a function that came later must not wipe out what the boot reported.
    int end(const std::vector<LogRecord>& records, std::vector<Outcome> outcomes, int code) const
    {
        say(records);
        if (is_after_boot())
            return code;
        Report report = empty_report();
        report.warnings = warnings_;
        report.outcomes = std::move(outcomes);
        report.duration = since_start();
        save(report);
        return code;
    }

    /// Of a boot in which nothing is bound.
    Report empty_report() const
    {
        Report report;
        report.mode = request_.mode;
        report.off_because = request_.off_because;
        return report;
    }

    std::chrono::microseconds since_start() const
    {
        return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started_);
    }

    /// True for a run that binds what appeared after the boot, and not all that the policy names.
    bool is_after_boot() const { return !options_.only.empty() || options_.vfs; }

    /// What was known before holds no longer. By hand on the running system, what the boot took is still taken.
    bool is_boot() const { return !is_after_boot() && (in_initramfs_ || !root_.exists(report_path)); }

    const Root& root_;
    PciDirectories directories_;
    const Options& options_;
    std::chrono::steady_clock::time_point started_;
    bool in_initramfs_;
    BootRequest request_;
    std::vector<std::string> warnings_;
    std::set<Address> seen_; ///< what this run has looked at, if it got so far
};

} // namespace

int run_bind(const Options& options, std::chrono::steady_clock::time_point started)
{
    const auto root = Root::open(options.root);
    if (!root) {
        tell_caller(root.error().message());
        return exit_usage;
    }
    if (!root->live() && !options.dry_run) {
        tell_caller("--root " + options.root +
                    " is not the running machine: its drivers cannot be bound; add --dry-run");
        return exit_usage;
    }
    return BindRun(*root, options, started).run();
}

} // namespace vfio_early
