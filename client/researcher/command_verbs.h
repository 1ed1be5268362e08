#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <ostream>

#include "client/researcher/help_format.h"
#include "client/researcher/verbs.h"

namespace fieldfare::researcher {

/// The command line's verbs and what each takes: groups of them in files of their own (command_keys.cpp,
/// command_studies.cpp, command_stores.cpp, command_serve.cpp, command_batches.cpp, command_forms.cpp).
/// Included by those alone.
class Verbs {
  public:
    explicit Verbs(CLI::App& app);

    /// Of the verb that was parsed.
    ExitCode run(std::ostream& out, std::ostream& err, bool interactive, const Confine& confine,
                 const std::function<bool()>& keys_may_be_swapped);

  private:
    // command_keys.cpp
    void key(CLI::App& parent);
    void rehearse(CLI::App& parent);
    void paper(CLI::App& parent);

    // command_studies.cpp
    void study(CLI::App& parent);
    void roster(CLI::App& parent);
    void revoke(CLI::App& parent);
    void custody(CLI::App& parent);

    // command_stores.cpp
    void store(CLI::App& parent);

    // command_serve.cpp
    void serve(CLI::App& app);

    // command_recovery.cpp
    void recover(CLI::App& app);

    // command_forms.cpp
    void form(CLI::App& parent);
    void simulate(CLI::App& app);

    // command_batches.cpp
    void fetch(CLI::App& app);
    void open(CLI::App& app);
    void inspect(CLI::App& app);
    void withdraw(CLI::App& app);
    void archive(CLI::App& parent);

    CLI::App* group(CLI::App& app, const std::string& name, const std::string& what);

    /// A verb whose options stand in a struct that lives as long as the verb.
    template <typename Options>
    CLI::App* verb(CLI::App& parent, const std::string& name, const std::string& what,
                   const std::string& example, std::shared_ptr<Options> options,
                   ExitCode (*run)(const Options&, Console&)) {
        CLI::App* made = parent.add_subcommand(name, what);
        made->footer("Example:\n" + example);
        made->formatter(std::make_shared<HelpFormat>());
        verbs_.push_back(made);
        made->callback([this, options, run] {
            if constexpr (requires { options->output; })
                options->output = shared_.json ? Output::json : Output::text;
            if constexpr (requires { options->overwrite; })
                options->overwrite = shared_.force ? Overwrite::yes : Overwrite::no;
            run_ = [options, run](Console& console) { return run(*options, console); };
        });
        if constexpr (requires { options->output; })
            made->add_flag("--json", shared_.json, "Print JSON, for programs");
        if constexpr (requires { options->overwrite; })
            made->add_flag("--force", shared_.force, "Replace files that are there already");
        return made;
    }

    // What several verbs take.
    void takes_passphrases(CLI::App* verb, const std::string& order);
    /// The verb calls Console::keep_to itself.
    void goes_to_stores(CLI::App* verb) { at_stores_.push_back(verb); }
    static void takes_proxy(CLI::App* verb, std::string& proxy);
    static void takes_shares(CLI::App* verb, std::vector<std::filesystem::path>& shares);
    static void takes_study_if_secret(CLI::App* verb, std::filesystem::path& file);
    static void takes_earlier(CLI::App* verb, std::vector<std::filesystem::path>& files);

    struct Shared {
        bool json = false, force = false;
        int passphrase_fd = -1;
    };
    Shared shared_;
    std::vector<CLI::App*> verbs_, at_stores_;
    std::function<ExitCode(Console&)> run_;
};

}  // namespace fieldfare::researcher
