// SPDX-License-Identifier: GPL-2.0-or-later
#include "early/model/exit_codes.hpp"
#include "early/model/printable.hpp"
#include "early/model/text.hpp"
#include "hook/boot_params/advice.hpp"
#include "hook/boot_params/run_command.hpp"
#include "hook/commands/command_line.hpp"
#include "hook/commands/commands.hpp"
#include "hook/doctor/doctor_view.hpp"
#include "hook/edit/addition.hpp"
#include "hook/edit/next_step.hpp"
#include "hook/edit/operands.hpp"
#include "hook/listing/plan_view.hpp"
#include "hook/setup/cards.hpp"
#include "hook/setup/dialogue.hpp"
#include "hook/ui/report_error.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>
#include <unistd.h>

namespace vfio_early {

namespace {

/// What the next steps of `setup` show anyway.
bool is_shown_later(const Finding& finding)
{
    return finding.severity == Severity::info || finding.id == "stale-image" || finding.id == "parameter-missing" ||
           finding.id == "parameter-harmful";
}

class Setup {
public:
    Setup(const CommandLine& line, SetupAnswers answers, RefusalSet allow, const Host& host, Console& console)
        : line_(line), answers_(std::move(answers)), allow_(allow), host_(host), console_(console),
          names_(host.pci_ids), type_line_(type_on_terminal(console))
    {
    }

    void run()
    {
        PolicyChange change = or_end(PolicyChange::begin(host_.root, line_.host_options(), false), console_);
        if (answers_.card.empty())
            choose_card(change.policy());
        const Added added = add_lines({.operands = {answers_.card}, .allow = allow_}, host_, change, console_);
        const Outlook& outlook = added.proposal.outlook;
        show_division(outlook.machine, added.functions);
        show_findings(added.proposal.policy);
        if (!added.statements.empty())
            write_policy(change);
        change_command_line(added.proposal.policy);
        make_images();
        show_next_boot(outlook, added.functions);
    }

private:
    void heading(std::string_view text)
    {
        console_.out << '\n' << paint(console_.colour_out, Style::bold, text) << '\n';
    }

    [[noreturn]] void stop()
    {
        console_.out << "Nothing was written.\n";
        throw CommandEnd(exit_refused);
    }

    bool answer(std::optional<bool> given, const std::string& question)
    {
        return yes_or_no(given, question, type_line_).value_or(false);
    }

    void choose_card(const PolicyText& policy)
    {
        const Outlook outlook = or_end(look_ahead(host_.root, policy.effective()), console_);
        const std::vector<Card> cards = offered_cards(outlook.machine);
        if (cards.empty()) {
            console_.err << "vfio-earlyctl setup: this machine has no card for a virtual machine\n";
            throw CommandEnd(exit_refused);
        }
        console_.out << paint(console_.colour_out, Style::bold, "The cards of this machine") << '\n';
        for (std::size_t index = 0; index < cards.size(); ++index)
            console_.out << fmt::format("{:>3}  {}\n     {}\n", index + 1, printable(card_name(cards[index], names_)),
                                        printable(card_place(cards[index])));
        const auto find = [&](const std::string& typed) -> std::optional<std::size_t> {
            const auto pattern = parse_operand(typed);
            const auto has = [&](const Card& card) {
                return std::ranges::any_of(card, [&](const Function* one) { return pattern->matches(one->address); });
            };
            const auto found = pattern ? std::ranges::find_if(cards, has) : cards.end();
            return found == cards.end() ? std::nullopt : std::optional(std::size_t(found - cards.begin()));
        };
        const auto chosen =
            choose("\nWhich of them is to belong to a virtual machine?", cards.size(), find, type_line_);
        if (!chosen)
            stop();
        answers_.card = cards[*chosen].front()->address.text();
    }

    void show_division(const Machine& machine, const std::set<Address>& given)
    {
        heading("These go to the virtual machine, together");
        print_functions(functions_at(machine, given));
        const Functions displays = displays_of_host(machine, given);
        heading("The host keeps all else" +
                std::string(displays.empty() ? "; it has no display then" : ", and as its display"));
        print_functions(displays);
    }

    void print_functions(const Functions& functions)
    {
        for (const std::string& text : function_lines(functions, names_))
            console_.out << "  " << printable(text) << '\n';
    }

    void show_findings(const PolicyText& policy)
    {
        std::vector<Finding> findings = find_findings(or_end(examine(host_, line_.host_options(), policy), console_));
        std::erase_if(findings, is_shown_later);
        heading("What may keep it from working");
        if (findings.empty())
            console_.out << "  nothing that vfio-earlyctl doctor knows of\n";
        else
            print_findings(findings, console_);
    }

    void write_policy(PolicyChange& change)
    {
        heading("The policy");
        change.print_difference(console_);
        if (!answer(answers_.write_policy, "Write it?"))
            stop();
        std::ostringstream told;
        change.finish(host_.root, console_, told);
        console_.out << change.main_name() << " is written.\n" << told.str();
    }

    void change_command_line(const PolicyText& policy)
    {
        heading("The kernel command line");
        std::vector<std::string> unreadable; // show_findings() has named them
        const Advice advice = or_end(find_advice(host_, policy, unreadable), console_);
        if (!advice.something_required()) {
            console_.out << "  lacks nothing.\n";
            return;
        }
        print_advice(advice, console_);
        if (advice.nothing_to_write()) {
            if (advice.loader.method != BootMethod::unknown)
                console_.out << "The files have this already; it holds from the next boot on.\n";
        } else if (answer(answers_.boot_params, "Change it?")) {
            apply_advice(advice, host_.root, console_);
        } else {
            console_.out << "It stays as it is; vfio-earlyctl boot-params --apply changes it.\n";
        }
    }

    void make_images()
    {
        heading("The images of the initramfs");
        const std::string command = image_command(find_image_tool(host_.root));
        if (command.empty() || !host_.root.live()) {
            console_.out << next_step_text(host_.root) << '\n';
            return;
        }
        if (!answer(answers_.image, "Make them anew (" + command + ")?")) {
            console_.out << "Before the reboot run: " << command << '\n';
            return;
        }
        console_.out << "Running: " << command << '\n' << std::flush;
        const auto words = split(command, ' ');
        or_end(run_command({words.begin(), words.end()}), console_);
        // Whatever it printed, what counts is what is in the images.
        const int code = run_inspect({.command = "inspect", .arguments = {"--all", "--verdict"}, .console = console_});
        if (code != exit_ok)
            throw CommandEnd(code);
    }

    void show_next_boot(const Outlook& outlook, const std::set<Address>& given)
    {
        heading("At the next boot");
        for (const Address& address : given) {
            const auto planned = std::ranges::find(outlook.plan.functions, address, &PlannedFunction::address);
            if (planned != outlook.plan.functions.end())
                console_.out << fmt::format("  {} goes to {}, before a native driver can see it\n", address.text(),
                                            planned->driver);
            for (const RefusedFunction& refused : outlook.plan.refused)
                if (refused.address == address)
                    console_.out << "  as it is now, " << printable(refusal_text(refused)) << '\n';
        }
        const std::string command = image_command(find_image_tool(host_.root));
        console_.out << "  Afterwards vfio-earlyctl status opens the functions as a virtual machine would.\n";
        heading("How to get back");
        console_.out
            << "  for one boot:  at the boot menu press e, and add vfio_early=off to the line that begins with "
               "linux\n"
            << fmt::format("  for good:      vfio-earlyctl remove {}{}\n", given.begin()->text(),
                           command.empty() ? "" : ", then " + command);
    }

    const CommandLine& line_;
    SetupAnswers answers_;
    RefusalSet allow_;
    const Host& host_;
    Console& console_;
    PciNames names_;
    TypeLine type_line_;
};

/// The answer to a question with yes or no; --yes is the answer to all that no option answers.
std::optional<bool> read_answer(const CommandLine& line, const std::string& option)
{
    if (!line.has(option))
        return line.has("yes") ? std::optional(true) : std::nullopt;
    const auto answer = parse_yes_or_no(line.text(option));
    if (!answer)
        throw CommandEnd(line.usage_error("--" + option + " is yes or no"));
    return answer;
}

} // namespace

int run_setup(const Invocation& invocation)
{
    CommandLine line(
        invocation, "[OPTION...] [ADDRESS]",
        "Asks which card a virtual machine is to have, shows what goes along with it and what may keep it from\n"
        "working, writes the policy, the kernel command line and the images, and says how to get back. Each answer is\n"
        "also an option; where there is no terminal, all of them have to be given.");
    line.add_option("write-policy", "yes|no", "write the policy");
    line.add_option("boot-params", "yes|no", "change the kernel command line where something is missing");
    line.add_option("image", "yes|no", "make the images anew");
    line.add_flag("yes,y", "yes to all that no option says otherwise");
    line.add_list_option("allow", "GUARD,...", "overrule these guards for the card");
    line.add_host_options();
    line.allow_operands(1);
    line.parse();
    const SetupAnswers answers{.card = line.operands().empty() ? "" : line.operands().front(),
                               .write_policy = read_answer(line, "write-policy"),
                               .boot_params = read_answer(line, "boot-params"),
                               .image = read_answer(line, "image")};
    const auto allow = read_allow(line.list("allow"));
    if (!allow)
        return line.usage_error(allow.error());
    const std::vector<std::string> missing = missing_options(answers);
    if (!invocation.console.interactive && !missing.empty())
        return line.usage_error("there is no terminal to ask on; missing are: " + join(missing, ", ") +
                                " (`vfio-earlyctl list` shows the cards)");
    const Host host = line.open_host();
    if (host.root.live() && ::geteuid() != 0)
        return line.usage_error("only root may write the policy and the images: sudo vfio-earlyctl setup");
    Setup(line, answers, *allow, host, invocation.console).run();
    return exit_ok;
}

} // namespace vfio_early
