#include "client/researcher/command_verbs.h"

namespace fieldfare::researcher {

void Verbs::fetch(CLI::App& app) {
    auto options = std::make_shared<FetchOptions>();
    CLI::App* made =
        verb(app, "fetch",
             "Copy from the study's stores what the inbox lacks, each file checked against its name, and "
             "send the receipts that wait. Deletes nothing anywhere. Ctrl-C ends it: what came stays, and "
             "the next time goes on from there.",
             "  fieldfare-cli fetch --study survey.ffstudy --inbox inbox\n"
             "  fieldfare-cli fetch --study survey.ffstudy --inbox inbox --store reader.ffstore",
             options, run_fetch);
    goes_to_stores(made);
    made->add_option("--study", options->study, "The study file")->required()->type_name("S.ffstudy");
    made->add_option("--inbox", options->inbox, "The folder to fill; made when it is not there")
        ->required()
        ->type_name("DIR");
    made->add_option("--store", options->stores,
                     "A store instead of the study's own: folder:PATH, https://HOST/PATH or a store file, "
                     "NAME.ffstore; "
                     "repeat it for more")
        ->type_name("STORE")
        ->allow_extra_args(false);
    made->add_option("--connections", options->connections,
                     "How many files to get from a store at once; it may let in fewer")
        ->capture_default_str()
        ->type_name("N")
        ->check(CLI::Range(1, 16));
    made->add_flag("--sweep", options->sweep,
                   "List all of a bucket of S3. Without it that happens once a week, and between only what "
                   "was sealed in the last two weeks is listed");
    takes_proxy(made, options->proxy);
}

void Verbs::open(CLI::App& app) {
    auto options = std::make_shared<OpenOptions>();
    CLI::App* made =
        verb(app, "open",
             "Open the sealed batches of an inbox: verify, then export to survey.csv (with a file for "
             "each repeat) and "
             "survey.jsonl, put photos and other files into media/, report what is missing, put reasons "
             "for what was refused into quarantine/, and make receipts. "
             "Ends with 1 when something needs a look.",
             "  fieldfare-cli open --study survey.ffstudy --key anna.ffkey --roster survey.ffroster \\\n"
             "      --inbox inbox --out results",
             options, run_open);
    goes_to_stores(made);
    made->add_option("--study", options->study, "The study file")->required()->type_name("S.ffstudy");
    made->add_option("--key", options->keys, "A key that opens the batches; repeat it for more")
        ->required()
        ->type_name("K.ffkey")
        ->allow_extra_args(false);
    takes_shares(made, options->shares);
    made->add_option("--roster", options->roster, "The study's roster: which devices count")
        ->required()
        ->type_name("R.ffroster");
    made->add_option("--inbox", options->inbox, "The folder that \"fetch\" fills")
        ->required()
        ->type_name("DIR");
    made->add_option("--earlier", options->earlier,
                     "An earlier file of the study, for batches filled in with its version of the form; "
                     "their results go to "
                     "version-…/ in DIR. Repeat it for more")
        ->type_name("OLD.ffstudy")
        ->allow_extra_args(false);
    made->add_option("--out", options->out, "The folder for the results; made when it is not there")
        ->required()
        ->type_name("DIR");
    made->add_option_function<std::vector<std::string>>(
            "--format",
            [options](const std::vector<std::string>& names) {
                options->formats.clear();
                for (const std::string& name : names)
                    options->formats.push_back(name == "csv" ? Format::csv : Format::odk_xml);
            },
            "What to make beside survey.jsonl: csv (when left out), or odk-xml, an instance XML for each "
            "submission as ODK Central takes it. Repeat it for both")
        ->type_name("csv|odk-xml")
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"csv", "odk-xml"}));
    made->add_flag_callback(
        "--salvage", [options] { options->salvage = Salvage::yes; },
        "Of batches that are damaged and not here intact, take the records that the device signed and that "
        "did not rot; they are marked in the results, and the device keeps its copy");
    made->add_option("--workers", options->workers,
                     "How many batches to open at once; as many as the machine has processors, 4 at "
                     "most, when left out. The results are the same")
        ->type_name("N")
        ->check(CLI::Range(1, 64));
    made->add_flag_callback(
        "--no-receipts", [options] { options->receipts = false; }, "Make and send no receipts");
    takes_passphrases(made, " (in the order of --key)");
}

void Verbs::inspect(CLI::App& app) {
    auto options = std::make_shared<InspectOptions>();
    CLI::App* made =
        verb(app, "inspect",
             "Show what a sealed batch, or a sealed part of a photo or another file, tells: without a key "
             "what anyone can see, with one what the device signed. Answers are never shown.",
             "  fieldfare-cli inspect inbox/20261123-….batch --key anna.ffkey", options, run_inspect);
    made->add_option("FILE", options->file, "A .batch")->required();
    made->add_option("--study", options->study,
                     "The study file, where the study has a pre-shared key, and for --shares")
        ->type_name("S.ffstudy");
    made->add_option("--key", options->keys, "A key that opens it")
        ->type_name("K.ffkey")
        ->allow_extra_args(false);
    takes_shares(made, options->shares);
    made->get_option("--shares")->needs("--study")->needs("--key");
    takes_passphrases(made, "");
}

void Verbs::withdraw(CLI::App& app) {
    auto options = std::make_shared<WithdrawOptions>();
    CLI::App* made =
        verb(app, "withdraw",
             "Take submissions back by the codes that their respondents have: \"open\" leaves them out "
             "from now on, also those that have not arrived yet. The codes are noted in the inbox, in the "
             "file \"withdrawn\"; whoever opens the batches elsewhere needs that file beside them. Ends "
             "with 2 when a code is mistyped, with 4 when no submission here has it.",
             "  fieldfare-cli withdraw --study survey.ffstudy --key anna.ffkey --inbox inbox", options,
             run_withdraw);
    made->add_option("--codes", options->codes,
                     "The codes, one a line, each of 20 letters and digits; - or left out: standard input. "
                     "Not on the command line, which others on the machine can see")
        ->type_name("FILE");
    made->add_option("--study", options->study, "The study file")->required()->type_name("S.ffstudy");
    takes_earlier(made, options->earlier);
    made->add_option("--key", options->keys, "A key that opens the batches; repeat it for more")
        ->required()
        ->type_name("K.ffkey")
        ->allow_extra_args(false);
    takes_shares(made, options->shares);
    made->add_option("--inbox", options->inbox, "The folder that \"fetch\" fills")
        ->required()
        ->type_name("DIR");
    takes_passphrases(made, " (in the order of --key)");
}

void Verbs::archive(CLI::App& parent) {
    auto rewrap = std::make_shared<ArchiveRewrapOptions>();
    CLI::App* made =
        verb(parent, "rewrap",
             "Before a key is destroyed: seal the content key of every batch in a folder to an archive "
             "key, in a small file beside each, photos and other media included, and open each batch with "
             "the archive key alone to see. \"open\" then takes the archive's key instead of the old one. "
             "Ends with 1 while a batch does not open with it. One archive key gives way to the next with "
             "--key OLD-ARCHIVE.ffkey and --force, which replaces the file beside each batch.",
             "  fieldfare-cli archive rewrap --inbox inbox --key anna-2025.ffkey --to archive.ffkey", rewrap,
             run_archive_rewrap);
    made->add_option("--inbox", rewrap->inbox, "The folder with the batches")->required()->type_name("DIR");
    made->add_option("--key", rewrap->keys,
                     "A key that opens them now, also an archive's; repeat it for more")
        ->required()
        ->type_name("K.ffkey")
        ->allow_extra_args(false);
    takes_study_if_secret(made, rewrap->study);
    made->add_option("--to", rewrap->archive,
                     "The archive's key. The secret one, since each batch is opened with it")
        ->required()
        ->type_name("ARCHIVE.ffkey");
    takes_passphrases(made, " (each --key's, then --to's)");

    auto redact = std::make_shared<ArchiveRedactOptions>();
    made = verb(
        parent, "redact",
        "Overwrite submissions in the batches of a folder, so that no key opens them there any more. The "
        "other records of these batches stay as the device signed them; \"open --salvage\" takes them, and "
        "says what was redacted. Sealed photos and recordings of theirs are cut out whole. The file "
        "\"redacted\" of the folder notes what went: keep it beside the batches, and \"open\" leaves out, "
        "and names, what comes back in another file. This can't be "
        "undone. Do it when the device was told that its batches arrived. Stores, devices and backups are "
        "not touched, and the disk may keep the old bytes in blocks that are free.",
        "  fieldfare-cli archive redact --study survey.ffstudy --key anna.ffkey --inbox inbox "
        "--withdrawn",
        redact, run_archive_redact);
    made->add_option("--study", redact->study, "The study file")->required()->type_name("S.ffstudy");
    takes_earlier(made, redact->earlier);
    made->add_option("--key", redact->keys, "A key that opens the batches; repeat it for more")
        ->required()
        ->type_name("K.ffkey")
        ->allow_extra_args(false);
    takes_shares(made, redact->shares);
    made->add_option("--inbox", redact->inbox, "The folder with the batches")->required()->type_name("DIR");
    made->add_option("--submission", redact->submissions,
                     "The id of a submission, KEY in survey.csv; repeat it for more")
        ->type_name("ID")
        ->allow_extra_args(false);
    made->add_flag("--withdrawn", redact->withdrawn,
                   "All whose respondents have withdrawn, as \"withdraw\" and \"open\" have noted it");
    takes_passphrases(made, " (in the order of --key)");
}

}  // namespace fieldfare::researcher
