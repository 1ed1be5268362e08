#include "client/researcher/command_verbs.h"
#include "client/researcher/serve.h"

namespace fieldfare::researcher {

void Verbs::serve(CLI::App& app) {
    auto options = std::make_shared<ServeOptions>();
    CLI::App* made = verb(
        app, "serve",
        "Take sealed files in a training room's network, into a folder that is a store of the study. It is a "
        "receiver for training rooms: for fieldwork let Apache, S3 or SFTP be the store (\"store init\"). "
        "Devices put batches and get receipts by name; nobody lists, reads, replaces or deletes over the "
        "network: whoever fetches does it on this machine, with \"fetch --store folder:DIR\". "
        "Without --study it makes a key, a certificate and a store file with a token, for \"study build\", "
        "and "
        "ends. It prints a line for each file that it has taken, and nothing of who sent it; Ctrl-C ends it.",
        "  fieldfare-cli serve --listen 192.168.1.5:8443 --keep room\n"
        "  fieldfare-cli study build survey.xlsx … --store room/devices.ffstore\n"
        "  mkdir taken\n"
        "  fieldfare-cli serve --listen 192.168.1.5:8443 --keep room --study survey.ffstudy --folder taken",
        options, run_serve);
    goes_to_stores(made);
    made->add_option("--listen", options->listen,
                     "Where to listen: the one address that this machine has in the room's network")
        ->required()
        ->type_name("ADDRESS:PORT");
    made->add_option(
            "--keep", options->keep,
            "The folder for its key, certificate and store files, which only you may read; made when "
            "it is not there")
        ->required()
        ->type_name("DIR");
    made->add_option("--study", options->studies,
                     "A study whose batches are taken, built with its store file; repeat it for more")
        ->type_name("S.ffstudy")
        ->allow_extra_args(false);
    made->add_option("--folder", options->folder, "Where they go; the folder must be there")
        ->type_name("DIR");
    made->add_option("--host", options->host,
                     "The name by which devices find this machine, where its address may change")
        ->type_name("NAME");
    made->add_option(
            "--name", options->name,
            "The store file's name, NAME.ffstore: a new one has a token of its own, so that devices of "
            "one study can't put files into another")
        ->capture_default_str()
        ->type_name("NAME");
    made->add_option("--quota", options->quota_mb,
                     "How many MB the studies' folders may hold, receipts and all; each file counts as at "
                     "least 64 KiB")
        ->capture_default_str()
        ->type_name("MB")
        ->check(CLI::Range(1, 100'000'000));
}

}  // namespace fieldfare::researcher
