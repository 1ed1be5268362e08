#include "client/researcher/command_verbs.h"

namespace fieldfare::researcher {

void Verbs::study(CLI::App& parent) {
    auto build = std::make_shared<StudyBuildOptions>();
    CLI::App* verb_build = verb(
        parent, "build", "Read a form, check it, and sign it with all that devices need into one study file.",
        "  fieldfare-cli study build survey.xlsx --recipient anna.ffpub --recipient ben.ffpub \\\n"
        "      --store folder:/media/stick --root study-root.ffkey --out survey.ffstudy",
        build, run_study_build);
    verb_build
        ->add_option("FORM", build->form, "An XLSForm: .xlsx, or a folder with its sheets as .csv or .tsv")
        ->required();
    verb_build->add_option("--recipient", build->recipients, "Who can open the answers; repeat it for more")
        ->required()
        ->type_name("A.ffpub")
        ->allow_extra_args(false);
    verb_build
        ->add_option(
            "--store", build->stores,
            "Where sealed files go: folder:PATH, https://HOST/PATH, or a store file, NAME.ffstore, where the "
            "store needs settings (a line each: address = https://…, user = …, password = …, pin = …; or "
            "address = s3+https://HOST/BUCKET, access_key = …, secret_key = …, region = …; or address = "
            "sftp://HOST/FOLDER, user = …, key = a file of ssh-keygen, host_key = …; sync/SYNC.md has them "
            "all); repeat it for more")
        ->type_name("STORE")
        ->allow_extra_args(false);
    verb_build->add_option("--root", build->root, "The study's root key, which signs")
        ->required()
        ->type_name("R.ffkey");
    verb_build->add_option("--out", build->out, "The study file to write")
        ->required()
        ->type_name("S.ffstudy");
    verb_build
        ->add_option("--after", build->predecessor, "The study file that this one replaces on the devices")
        ->type_name("OLD.ffstudy");
    verb_build
        ->add_option("--title", build->title, "What devices call the study; the form's title when left out")
        ->type_name("TEXT");
    verb_build->add_option("--wave", build->wave, "The wave of a panel")->type_name("TEXT");
    verb_build
        ->add_option_function<std::string>(
            "--mode", [build](const std::string& mode) { build->kiosk = mode == "kiosk"; },
            "interviewer (a person's laptop, keeps drafts) or kiosk (an unattended shared machine, keeps "
            "none; no questions for photos or files). Stays the same in later versions")
        ->type_name("interviewer|kiosk")
        ->check(CLI::IsMember({"interviewer", "kiosk"}));
    verb_build
        ->add_option(
            "--custodians", build->custodians,
            "Make the recipients custodians, so many of whom must co-operate to open anything "
            "(\"custody extract\"); 0 lets each open alone. As the study file of --after has it when left "
            "out, or else each alone")
        ->type_name("K")
        ->check(CLI::Range(0, 16));
    verb_build->add_flag(
        "--pre-shared-key", build->pre_shared_key,
        "Seal everything under one more secret, which only the study file holds: against whoever keeps what "
        "stores have until the day that the recipients' keys can be broken. The study file is then a secret "
        "itself. The one of --after goes on; given with it, this makes a new one");
    verb_build
        ->add_option("--analyst", build->analysts,
                     "Who opens with the custodians' shares and confirms what arrived, instead of the "
                     "recipients; repeat it for more")
        ->type_name("A.ffpub")
        ->allow_extra_args(false);
    verb_build
        ->add_option("--version", build->version, "Version of the study file; 1, or one more than --after's")
        ->type_name("N");
    verb_build
        ->add_option("--quorum", build->quorum,
                     "How many researchers must confirm a file before a device may forget it; the "
                     "smaller of 2 and their number "
                     "when left out")
        ->type_name("N")
        ->check(CLI::Range(1, 16));
    verb_build
        ->add_option(
            "--hold-days", build->hold_days,
            "For how many days a device still keeps a file after enough researchers have confirmed it")
        ->capture_default_str()
        ->type_name("N")
        ->check(CLI::Range(0, 3650));
    verb_build
        ->add_option("--copies", build->copies,
                     "In how many stores a file must lie before a device calls it handed over")
        ->capture_default_str()
        ->type_name("N")
        ->check(CLI::Range(1, 16));
    verb_build
        ->add_option(
            "--recovery", build->recovery,
            "A supervisor who can give a device its vault's key back when its passphrase is forgotten "
            "(\"recover\"), and who so can read the unfinished interviews of any device that is "
            "seized; nobody when left out")
        ->type_name("K.ffpub");
    verb_build
        ->add_option_function<std::string>(
            "--when-destroyed",
            [build](const std::string& word) { build->remove_when_destroyed = word == "remove"; },
            "What becomes of sealed interviews that wait on a device when its interviewer types the "
            "passphrase that destroys: keep (they open for nobody there, and nothing is lost) or remove "
            "(the device shows less, and what was not handed over is lost); keep when left out")
        ->type_name("keep|remove")
        ->check(CLI::IsMember({"keep", "remove"}));
    verb_build
        ->add_option_function<std::string>(
            "--network", [build](const std::string& word) { build->network_by_proxy = word == "proxy"; },
            "How devices and researchers reach stores on a network: any (through the proxy of a store or "
            "person, where there is one) or proxy (never without one: where neither names one, through Tor "
            "on the same machine, socks5h://127.0.0.1:9050); any when left out. "
            "proxy goes on in later versions of a study (--after), and nothing ends it")
        ->type_name("any|proxy")
        ->check(CLI::IsMember({"any", "proxy"}));
    verb_build->add_option("--expires", build->expires, "Last day on which devices import it")
        ->type_name("YYYY-MM-DD");
    takes_passphrases(verb_build, " (the root's)");

    auto show = std::make_shared<StudyShowOptions>();
    CLI::App* verb_show = verb(parent, "show", "Check a study file's signature and show what it says.",
                               "  fieldfare-cli study show survey.ffstudy", show, run_study_show);
    verb_show->add_option("FILE", show->file, "A .ffstudy")->required();
    verb_show->add_flag("--qr", show->qr, "Draw the fingerprint's digits as a QR code");
}

void Verbs::roster(CLI::App& parent) {
    auto add = std::make_shared<RosterAddOptions>();
    CLI::App* verb_add =
        verb(parent, "add",
             "Take devices into the roster by the enrolment numbers that they show. A device is looked "
             "for among the batches that "
             "wait in the inbox, so it must have synced once; nothing is added unless all digits agree. "
             "The roster file is made "
             "when it is not there.",
             "  fieldfare-cli roster add --study survey.ffstudy --root study-root.ffkey --roster "
             "survey.ffroster \\\n"
             "      --inbox inbox --key anna.ffkey \"01234 56789 01234 56789 01234 56789\"",
             add, run_roster_add);
    verb_add->add_option("--study", add->study, "The study file")->required()->type_name("S.ffstudy");
    verb_add->add_option("--root", add->root, "The study's root key, which signs the roster")
        ->required()
        ->type_name("R.ffkey");
    verb_add->add_option("--roster", add->roster, "The roster, replaced by a newer version of it")
        ->required()
        ->type_name("FILE");
    verb_add->add_option("--inbox", add->inbox, "The folder that \"fetch\" fills")
        ->required()
        ->type_name("DIR");
    verb_add->add_option("--key", add->keys, "A key that opens the batches")
        ->required()
        ->type_name("K.ffkey")
        ->allow_extra_args(false);
    takes_shares(verb_add, add->shares);
    verb_add->add_flag("--earlier-file", add->earlier_file,
                       "Take a device in by the number of an earlier file of the study too, because you know "
                       "that it got that one in its day; ends with 1. Without it such a number is refused: "
                       "a device that got its file only now was handed an old one. Not needed for a device "
                       "of which a batch under the newest file is in the inbox");
    verb_add
        ->add_option("ENROLMENT-NUMBER", add->enrolment_numbers,
                     "30 digits, as the device shows them; in quotes when with blanks. NAME=DIGITS gives "
                     "the device a name")
        ->required();
    takes_passphrases(verb_add, " (the root's, then each --key's)");

    revoke(parent);

    auto show = std::make_shared<RosterShowOptions>();
    CLI::App* verb_show = verb(
        parent, "show", "Check a roster's signature, say how old it is and list its devices.",
        "  fieldfare-cli roster show --study survey.ffstudy --roster survey.ffroster", show, run_roster_show);
    verb_show->add_option("--study", show->study, "The study file")->required()->type_name("S.ffstudy");
    verb_show->add_option("--roster", show->roster, "The roster")->required()->type_name("FILE");
    verb_show
        ->add_option("--since", show->since,
                     "A roster that you have had before: say whether this one continues it")
        ->type_name("FILE");
}

void Verbs::revoke(CLI::App& parent) {
    auto options = std::make_shared<RosterRevokeOptions>();
    CLI::App* made =
        verb(parent, "revoke",
             "Say in the roster that a device is lost or seized, and which of its batches was the last to "
             "count: that one and those before it count, however late they come; all others are refused, "
             "whatever number they bear. It can't be taken back. With --inbox and --key the batch is "
             "looked for first, and what counts is told.",
             "  fieldfare-cli roster revoke --study survey.ffstudy --root study-root.ffkey --roster "
             "survey.ffroster \\\n"
             "      --inbox inbox --key anna.ffkey \"laptop 3\" --after 0d2ce025e644\n"
             "  fieldfare-cli roster revoke --study survey.ffstudy --root study-root.ffkey --roster "
             "survey.ffroster \\\n"
             "      3fa81b22 --all",
             options, run_roster_revoke);
    made->add_option("--study", options->study, "The study file")->required()->type_name("S.ffstudy");
    made->add_option("--root", options->root, "The study's root key, which signs the roster")
        ->required()
        ->type_name("R.ffkey");
    made->add_option("--roster", options->roster, "The roster, replaced by a newer version of it")
        ->required()
        ->type_name("FILE");
    made->add_option("DEVICE", options->device,
                     "Its name in the roster, or the beginning of its id, four digits at least")
        ->required();
    CLI::Option* after = made->add_option("--after", options->after,
                                          "The id of the last batch that counts: BATCH in survey.csv, or "
                                          "from report.txt or \"inspect\"; "
                                          "with --inbox its beginning is enough")
                             ->type_name("BATCH-ID");
    made->add_flag("--all", options->all, "Nothing that the device has sealed counts")->excludes(after);
    made->add_option("--inbox", options->inbox, "The folder in which that batch is looked for")
        ->type_name("DIR");
    made->add_option("--key", options->keys, "A key that opens the batches")
        ->type_name("K.ffkey")
        ->allow_extra_args(false);
    takes_shares(made, options->shares);
    takes_passphrases(made, " (the root's, then each --key's)");
}

void Verbs::custody(CLI::App& parent) {
    auto extract = std::make_shared<CustodyExtractOptions>();
    CLI::App* made = verb(
        parent, "extract",
        "Release your shares of the batches in a folder to an analyst, of this study and no other. Any K "
        "custodians' shares together open those batches; each share alone opens nothing. Look first: "
        "--list says what would be released.",
        "  fieldfare-cli custody extract --study survey.ffstudy --inbox inbox --key anna.ffkey \\\n"
        "      --for analyst.ffpub --out anna.ffshare",
        extract, run_custody_extract);
    made->add_option("--study", extract->study, "The study file")->required()->type_name("S.ffstudy");
    made->add_option("--inbox", extract->inbox, "The folder with the batches")->required()->type_name("DIR");
    made->add_option("--key", extract->key, "Your key")->required()->type_name("K.ffkey");
    made->add_option("--for", extract->analyst, "Who gets them; compare the fingerprint that is shown")
        ->required()
        ->type_name("A.ffpub");
    made->add_option("--out", extract->out, "The file to write")->type_name("NAME.ffshare");
    made->add_flag("--list", extract->list, "Say what would be released, and release nothing");
    takes_passphrases(made, "");
}

}  // namespace fieldfare::researcher
