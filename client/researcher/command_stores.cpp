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
    made->add_option("--as-researcher", doctor->researchers,
                     "The store file of whoever fetches, with the same address; repeat it for more stores. "
                     "Without it much can't be told")
        ->type_name("R.ffstore")
        ->allow_extra_args(false);
    made->add_option(
            "--names", doctor->names,
            "How many files to put to see whether a list is complete; over 1,000 shows how S3 goes on "
            "behind a page, and takes longer")
        ->capture_default_str()
        ->type_name("N")
        ->check(CLI::Range(1, 5000));
    takes_proxy(made, doctor->proxy);
}

}  // namespace fieldfare::researcher
