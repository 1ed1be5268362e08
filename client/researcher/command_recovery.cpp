#include "client/researcher/command_verbs.h"
#include "client/researcher/recover.h"

namespace fieldfare::researcher {

void Verbs::recover(CLI::App& app) {
    auto options = std::make_shared<RecoverOptions>();
    CLI::App* made = verb(
        app, "recover",
        "Give a device back the key of its vault when the passphrase is forgotten: for the supervisor "
        "whom the study names (\"study build --recovery\"). Without digits it only shows which study and "
        "device ask; with the digits that the device shows, it writes the answer, which opens on that "
        "device and for that request alone.",
        "  fieldfare-cli recover laptop3.ffrecover --key supervisor.ffkey \\\n"
        "      --study survey.ffstudy --roster survey.ffroster\n"
        "  fieldfare-cli recover laptop3.ffrecover \"01234 56789 01234 56789 01234 56789\" \\\n"
        "      --key supervisor.ffkey --study survey.ffstudy --roster survey.ffroster \\\n"
        "      --out laptop3.ffanswer",
        options, run_recover);
    made->add_option("REQUEST", options->request, "The file that the device has written, .ffrecover")
        ->required();
    made->add_option("DIGITS", options->digits,
                     "The 30 digits that the device shows, as its person reads them");
    made->add_option("--key", options->key, "The supervisor's key")->required()->type_name("K.ffkey");
    made->add_option("--out", options->out, "The answer to write")->type_name("A.ffanswer");
    made->add_option("--study", options->study, "The study file: it must be that study")
        ->type_name("S.ffstudy");
    made->add_option("--roster", options->roster,
                     "The study's roster: the device must be in it and not revoked; without it that "
                     "is not looked up")
        ->type_name("R.ffroster");
    takes_passphrases(made, "");
}

}  // namespace fieldfare::researcher
