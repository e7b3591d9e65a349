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
#include "hook/setup/terminal.hpp"
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

    int run()
    {
        auto change = PolicyChange::begin(host_.root, line_.host_options(), false);
        if (!change)
            return report_error(change.error(), console_);
        if (answers_.card.empty()) {
            if (const auto code = choose_card(change->policy()))
                return *code;
        }
        auto added = add_lines({.operands = {answers_.card}, .allow = allow_}, host_, *change, console_);
        if (!added)
            return added.error();
        const Outlook& outlook = added->proposal.outlook;
        show_division(outlook.machine, added->functions);
        if (const auto code = show_findings(added->proposal.policy))
            return *code;
        if (!added->statements.empty()) {
            if (const auto code = write_policy(*change))
                return *code;
        }
        if (const auto code = change_command_line(added->proposal.policy))
            return *code;
        if (const auto code = make_images())
            return *code;
        show_next_boot(outlook, added->functions);
        return exit_ok;
    }

private:
    void heading(std::string_view text)
    {
        console_.out << '\n' << paint(console_.colour_out, Style::bold, text) << '\n';
    }

    int stopped()
    {
        console_.out << "Nothing was written.\n";
        return exit_refused;
    }

    std::optional<int> choose_card(const PolicyText& policy)
    {
        const auto outlook = look_ahead(host_.root, policy.ok() ? policy.parsed.policy : Policy{});
        if (!outlook)
            return report_error(outlook.error(), console_);
        const std::vector<Card> cards = offered_cards(outlook->machine);
        if (cards.empty()) {
            console_.err << "vfio-earlyctl setup: this machine has no card that could be given away\n";
            return exit_refused;
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
            return stopped();
        answers_.card = cards[*chosen].front()->address.text();
        return {};
    }

    void show_division(const Machine& machine, const std::set<Address>& given)
    {
        Functions functions;
        for (const Address& address : given)
            functions.push_back(machine.find(address));
        heading("These go to the virtual machine, together");
        for (const std::string& text : function_lines(functions, names_))
            console_.out << "  " << printable(text) << '\n';
        const Functions displays = displays_of_host(machine, given);
        heading("The host keeps all else" +
                std::string(displays.empty() ? "; it has no display then" : ", and as its display"));
        for (const std::string& text : function_lines(displays, names_))
            console_.out << "  " << printable(text) << '\n';
    }

    std::optional<int> show_findings(const PolicyText& policy)
    {
        const auto survey = examine(host_, line_.host_options(), policy);
        if (!survey)
            return report_error(survey.error(), console_);
        std::vector<Finding> findings = find_findings(*survey);
        std::erase_if(findings, is_shown_later);
        heading("What may keep it from working");
        if (findings.empty())
            console_.out << "  nothing that vfio-earlyctl doctor knows of\n";
        else
            print_findings(findings, console_);
        return {};
    }

    std::optional<int> write_policy(PolicyChange& change)
    {
        heading("The policy");
        change.print_difference(console_);
        if (!yes_or_no(answers_.write_policy, "Write it?", type_line_).value_or(false))
            return stopped();
        std::ostringstream told;
        if (const int code = change.finish(host_.root, console_, told); code != exit_ok)
            return code;
        console_.out << change.main_name() << " is written.\n" << told.str();
        return {};
    }

    std::optional<int> change_command_line(const PolicyText& policy)
    {
        heading("The kernel command line");
        std::vector<std::string> unreadable; // show_findings() has named them
        const auto advice = find_advice(host_, policy, unreadable);
        if (!advice)
            return report_error(advice.error(), console_);
        if (!advice->something_required()) {
            console_.out << "  lacks nothing.\n";
            return {};
        }
        print_advice(*advice, console_);
        if (advice->nothing_to_write()) {
            if (advice->loader.method != BootMethod::unknown)
                console_.out << "The files have this already; it holds from the next boot on.\n";
            return {};
        }
        if (!yes_or_no(answers_.boot_params, "Change it?", type_line_).value_or(false)) {
            console_.out << "It stays as it is; vfio-earlyctl boot-params --apply changes it.\n";
            return {};
        }
        const int code = apply_advice(*advice, host_.root, console_);
        return code == exit_ok ? std::nullopt : std::optional(code);
    }

    std::optional<int> make_images()
    {
        heading("The images of the initramfs");
        const std::string command = image_command(find_image_tool(host_.root));
        if (command.empty() || !host_.root.live()) {
            console_.out << next_step_text(host_.root) << '\n';
            return {};
        }
        if (!yes_or_no(answers_.image, "Make them anew (" + command + ")?", type_line_).value_or(false)) {
            console_.out << "Before the reboot run: " << command << '\n';
            return {};
        }
        console_.out << "Running: " << command << '\n' << std::flush;
        std::vector<std::string> words;
        for (const std::string_view word : split(command, ' '))
            words.emplace_back(word);
        if (const auto done = run_command(words); !done)
            return report_error(done.error(), console_);
        // Whatever it printed, what counts is what is in the images.
        const int code = run_inspect({.command = "inspect", .arguments = {"--all", "--verdict"}, .console = console_});
        return code == exit_ok ? std::nullopt : std::optional(code);
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

/// The answer to a question with yes or no; `all` is --yes. On the left: what is wrong with the option.
std::expected<std::optional<bool>, std::string> read_answer(const CommandLine& line, const std::string& option)
{
    if (!line.has(option))
        return line.has("yes") ? std::optional(true) : std::nullopt;
    const auto answer = parse_yes_or_no(line.text(option));
    if (!answer)
        return std::unexpected("--" + option + " is yes or no");
    return answer;
}

} // namespace

int run_setup(const Invocation& invocation)
{
    namespace po = boost::program_options;
    CommandLine line(invocation, "[OPTION...] [ADDRESS]",
                     "Asks which card a virtual machine is to have, shows what goes along with it and what stands in "
                     "the way, writes "
                     "the\n"
                     "policy, the kernel command line and the images, and says how to get back. Each answer is also an "
                     "option; where\n"
                     "there is no terminal, all of them have to be given.");
    line.options().add_options()("write-policy", po::value<std::string>()->value_name("yes|no"),
                                 "write the policy")("boot-params", po::value<std::string>()->value_name("yes|no"),
                                                     "change the kernel command line where something is missing")(
        "image", po::value<std::string>()->value_name("yes|no"),
        "make the images anew")("yes,y", "yes to all that no option says otherwise")(
        "allow", po::value<std::vector<std::string>>()->value_name("GUARD,..."), "overrule these guards for the card");
    line.add_host_options();
    line.allow_operands(1);
    if (const auto code = line.parse())
        return *code;
    SetupAnswers answers;
    if (!line.operands().empty())
        answers.card = line.operands().front();
    for (auto [option, answer] : {std::pair("write-policy", &answers.write_policy),
                                  std::pair("boot-params", &answers.boot_params), std::pair("image", &answers.image)}) {
        const auto read = read_answer(line, option);
        if (!read)
            return line.usage_error(read.error());
        *answer = *read;
    }
    const auto allow = read_allow(line.list("allow"));
    if (!allow)
        return line.usage_error(allow.error());
    const std::vector<std::string> missing = missing_options(answers);
    if (!invocation.console.interactive && !missing.empty())
        return line.usage_error("there is no terminal to ask on; missing are: " + join(missing, ", ") +
                                " (`vfio-earlyctl list` shows the cards)");
    const auto host = open_host(line.host_options());
    if (!host)
        return report_error(host.error(), invocation.console);
    if (host->root.live() && ::geteuid() != 0)
        return line.usage_error("only root may write the policy and the images: sudo vfio-earlyctl setup");
    return Setup(line, std::move(answers), *allow, *host, invocation.console).run();
}

} // namespace vfio_early
