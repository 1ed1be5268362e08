#include "client/researcher/command_verbs.h"

namespace fieldfare::researcher {

void Verbs::key(CLI::App& parent) {
    auto make = std::make_shared<KeyNewOptions>();
    CLI::App* verb_new =
        verb(parent, "new",
             "Make a key: NAME.ffkey, secret and under a passphrase, and NAME.ffpub, which others may have. "
             "A file that is there is never replaced.",
             "  fieldfare-cli key new anna\n  fieldfare-cli key new study-root --root", make, run_key_new);
    verb_new->add_option("NAME", make->name, "Name of the files, without their ending")->required();
    verb_new->add_flag("--root", make->root,
                       "A study root, which signs study files and rosters and opens nothing");
    verb_new->add_option("--label", make->label, "Who it belongs to, for people; NAME when left out")
        ->type_name("TEXT");
    verb_new
        ->add_option_function<std::string>(
            "--cost", [make](const std::string& cost) { make->low_cost = cost == "low"; },
            "How dear one guess at the passphrase is: calibrated (half a second to a second on this "
            "machine), or low, which is "
            "for throw-away demos and tests only")
        ->type_name("calibrated|low")
        ->check(CLI::IsMember({"calibrated", "low"}));
    takes_passphrases(verb_new, "");

    auto show = std::make_shared<KeyShowOptions>();
    CLI::App* verb_show =
        verb(parent, "show", "Show whose key a file is, and the fingerprint that people compare.",
             "  fieldfare-cli key show anna.ffpub --qr", show, run_key_show);
    verb_show->add_option("FILE", show->file, "A .ffpub, or a .ffkey with its passphrase")->required();
    verb_show->add_flag("--qr", show->qr, "Draw the public line as a QR code");
    takes_passphrases(verb_show, "");
    paper(parent);
    rehearse(parent);
}

void Verbs::rehearse(CLI::App& parent) {
    auto options = std::make_shared<KeyRehearseOptions>();
    CLI::App* made = verb(
        parent, "rehearse",
        "Prove before fieldwork that what the devices seal can be opened: try each key alone on the "
        "newest batch of each device of the roster; with shares, each custodian's, so that any of them "
        "open it together. Have every device "
        "sync once, fetch, and run this with every researcher's key. Exports nothing. Ends with 1 "
        "when a device was never heard of or its newest batch is damaged here, a key or a share fails, or "
        "somebody's was not tried.",
        "  fieldfare-cli key rehearse --study survey.ffstudy --roster survey.ffroster --inbox inbox \\\n"
        "      --key anna.ffkey --key ben.ffkey",
        options, run_key_rehearse);
    made->add_option("--study", options->study, "The study file")->required()->type_name("S.ffstudy");
    made->add_option("--roster", options->roster, "The study's roster: which devices there are")
        ->required()
        ->type_name("R.ffroster");
    made->add_option("--inbox", options->inbox, "The folder that \"fetch\" fills")
        ->required()
        ->type_name("DIR");
    made->add_option("--key", options->keys,
                     "A key to be tried; repeat it for more. Where custodians must co-operate: the "
                     "analyst's, for --shares, or a custodian's")
        ->required()
        ->type_name("K.ffkey")
        ->allow_extra_args(false);
    takes_shares(made, options->shares);
    takes_passphrases(made, " (in the order of --key)");
}

void Verbs::paper(CLI::App& parent) {
    auto backup = std::make_shared<KeyBackupOptions>();
    CLI::App* verb_backup =
        verb(parent, "backup",
             "Put a secret key on paper: sixteen lines to type, and a QR code. The key stays under its "
             "passphrase: paper and passphrase together are the key, and neither is enough alone. The "
             "passphrase is asked, since a paper whose passphrase nobody knows is worth nothing.",
             "  fieldfare-cli key backup anna.ffkey --out anna.svg\n  fieldfare-cli key backup "
             "anna.ffkey --qr",
             backup, run_key_backup);
    verb_backup->add_option("FILE", backup->file, "A .ffkey")->required();
    verb_backup
        ->add_option("--out", backup->out,
                     "A page to print: .svg, with the QR code, or .txt; on the terminal when left out")
        ->type_name("PAGE");
    verb_backup->add_flag("--qr", backup->qr, "Draw the QR code on the terminal too");
    takes_passphrases(verb_backup, "");

    auto restore = std::make_shared<KeyRestoreOptions>();
    CLI::App* verb_restore =
        verb(parent, "restore",
             "Bring a key back from paper. On a terminal it is typed line by line, and a mistyped line is "
             "told at once; capitals, blanks and the numbers in front do not matter. The key comes back "
             "under the passphrase that it had. A file that is there is never replaced.",
             "  fieldfare-cli key restore anna\n  fieldfare-cli key restore anna --from typed.txt", restore,
             run_key_restore);
    verb_restore->add_option("NAME", restore->name, "Name of the file to make, without its ending")
        ->required();
    verb_restore
        ->add_option("--from", restore->from,
                     "A file with the lines, or with what a camera read from the QR code; - for standard "
                     "input")
        ->type_name("FILE");
}

}  // namespace fieldfare::researcher
