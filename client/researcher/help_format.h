#pragma once

#include <CLI/CLI.hpp>

namespace fieldfare::researcher {

/// Help that reads well: wrapped, the first sentence of each verb in lists, and no types where a name says
/// it.
class HelpFormat final : public CLI::Formatter {
  public:
    HelpFormat();

  private:
    std::string make_description(const CLI::App* app) const override;
    std::string make_subcommand(const CLI::App* verb) const override;
    std::string make_option_desc(const CLI::Option* option) const override;
    std::string make_option_opts(const CLI::Option* option) const override;
};

}  // namespace fieldfare::researcher
