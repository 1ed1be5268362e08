#include "client/researcher/command_verbs.h"

namespace fieldfare::researcher {

void Verbs::store(CLI::App& parent) {
    auto doctor = std::make_shared<StoreDoctorOptions>();
    CLI::App* made =
        verb(parent, "doctor",
             "Try out the study's stores before devices go out: with what a seized laptop has, as a "
             "stranger, and as "
             "whoever fetches. It says what is good, what somebody should look at and what is bad, puts "
             "files of its "
             "own there, which readers pass over, and deletes them where it may. "
             "Ends with 0 when all is good, 1 when something is not or could not be told, 3 when no store "
             "could be "
             "reached.",
             "  fieldfare-cli store doctor --study survey.ffstudy --as-researcher reader.ffstore", doctor,
             run_store_doctor);
    goes_to_stores(made);
    made->add_option("--study", doctor->study, "The study file")->required()->type_name("S.ffstudy");
    made->add_option("--store", doctor->stores,
                     "A store instead of the study's own, with what devices would have: folder:PATH, "
                     "https://HOST/PATH or a store file, NAME.ffstore; repeat it for more")
        ->type_name("STORE")
        ->allow_extra_args(false);
    made->add_option(
            "--as-researcher", doctor->researchers,
            "The store file of whoever fetches, with the same address; repeat it for more stores. Of a "
            "receiver (\"serve\") on this machine: folder:DIR, its folder. Without it much can't be told")
        ->type_name("R.ffstore")
        ->allow_extra_args(false);
    made->add_option(
            "--names", doctor->names,
            "How many files to put to see whether a list is complete; over 1,000 fill a page of most "
            "buckets, and take longer")
        ->capture_default_str()
        ->type_name("N")
        ->check(CLI::Range(1, 5000));
    takes_proxy(made, doctor->proxy);

    auto init = std::make_shared<StoreInitOptions>();
    CLI::App* writes =
        verb(parent, "init",
             "Write what a server needs to be a store of the study: a site of Apache "
             "(apache.conf), policies of an S3 "
             "bucket (bucket-policy-ceph.json, bucket-policy-amazon.json) and what an "
             "administrator does with them. "
             "Devices can put sealed files and get receipts, and nothing more; nobody can "
             "replace anything. No secret "
             "stands in them. For a server of SFTP nothing is written: sync/SYNC.md has what it "
             "must do.",
             "  fieldfare-cli store init --study survey.ffstudy --out server\n"
             "  fieldfare-cli store init --study survey.ffstudy --print apache.conf",
             init, run_store_init);
    writes
        ->add_option("--study", init->study,
                     "The study file; its stores, or examples where it has none of a server")
        ->required()
        ->type_name("S.ffstudy");
    writes
        ->add_option("--store", init->stores,
                     "A store instead of the study's own, as \"store doctor\" takes it; repeat it for more")
        ->type_name("STORE")
        ->allow_extra_args(false);
    CLI::Option* out =
        writes->add_option("--out", init->out, "The folder for the files; made when it is not there")
            ->type_name("DIR");
    writes->add_option("--print", init->print, "Print one of the files instead")
        ->type_name("NAME")
        ->excludes(out)
        ->excludes("--json");
    writes->add_option("--device-user", init->device, "The server's user for devices")
        ->capture_default_str()
        ->type_name("NAME");
    writes->add_option("--researcher-user", init->researcher, "The server's user for whoever fetches")
        ->capture_default_str()
        ->type_name("NAME");
}

}  // namespace fieldfare::researcher
