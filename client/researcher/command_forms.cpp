#include "client/researcher/command_verbs.h"

namespace fieldfare::researcher {

void Verbs::form(CLI::App& parent) {
    auto check = std::make_shared<FormCheckOptions>();
    CLI::App* verb_check =
        verb(parent, "check", "Say what is wrong with forms, each fault with its sheet, row and column.",
             "  fieldfare-cli form check survey.xlsx", check, run_form_check);
    verb_check->add_option("FILE", check->files, "Forms: .xlsx, or folders with sheets as .csv or .tsv")
        ->required();

    auto json = std::make_shared<FormJsonOptions>();
    CLI::App* verb_json = verb(parent, "json", "Print a form as the canonical JSON that study files hold.",
                               "  fieldfare-cli form json survey.xlsx > survey.json", json, run_form_json);
    verb_json->add_option("FILE", json->file, "A form: .xlsx, or a folder with sheets as .csv or .tsv")
        ->required();

    auto convert = std::make_shared<FormConvertOptions>();
    CLI::App* verb_convert = verb(
        parent, "convert",
        "Write a form as the XForm XML that ODK's tools read, laid out as pyxform does it. What they "
        "will not do is told.",
        "  fieldfare-cli form convert survey.xlsx --to xform --out survey.xml", convert, run_form_convert);
    verb_convert->add_option("FILE", convert->file, "A form: .xlsx, .xml, .json, or a folder of sheets")
        ->required();
    verb_convert->add_option("--to", convert->to, "What to write: xform")
        ->required()
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"xform"}));
    verb_convert->add_option("--out", convert->out, "The file to write; standard output when left out")
        ->type_name("FILE");
    auto eval = std::make_shared<FormEvalOptions>();
    CLI::App* verb_eval = verb(
        parent, "eval",
        "Evaluate an expression on an XML document, or a file of cases. Local times are in the time zone "
        "of this machine (TZ).",
        "  fieldfare-cli form eval \"round(7 div 2)\"\n"
        "  fieldfare-cli form eval \"sum(/data/trip/km)\" --instance submission.xml\n"
        "  fieldfare-cli form eval --cases cases.jsonl --instances documents.json",
        eval, run_form_eval);
    CLI::Option* eval_expression =
        verb_eval->add_option("EXPRESSION", eval->expression, "XPath, as forms have it");
    CLI::Option* eval_instance =
        verb_eval->add_option("--instance", eval->instance, "The document that it looks at")
            ->type_name("FILE.xml");
    verb_eval
        ->add_option("--context", eval->context,
                     "The path to the node where it stands; the document when left out")
        ->type_name("PATH");
    verb_eval->add_option("--namespace", eval->name_spaces, "What a prefix means; repeat it for more")
        ->type_name("PREFIX=URI")
        ->allow_extra_args(false);
    verb_eval
        ->add_option("--cases", eval->cases,
                     "JSON lines of {\"id\",\"expression\",\"instance\",\"context_path\",\"type\"}")
        ->type_name("FILE")
        ->excludes(eval_expression)
        ->excludes(eval_instance);
    verb_eval->add_option("--instances", eval->instances, "A JSON object with the documents that cases name")
        ->type_name("FILE");
    verb_eval->add_option("--now", eval->now, "The time, in ISO 8601 with offset; now when left out")
        ->type_name("TIME");

    auto run = std::make_shared<FormRunOptions>();
    CLI::App* verb_run =
        verb(parent, "run",
             "Fill a form in from a script of steps and print, as JSON lines, what each step changes, then "
             "all nodes and the instance XML.",
             "  fieldfare-cli form run survey.xlsx --steps steps.jsonl\n"
             "  echo '{\"set\":[\"/data/age\",32]}' | fieldfare-cli form run survey.xlsx --steps -\n"
             "  fieldfare-cli form run --batch cases.jsonl",
             run, run_form_run);
    CLI::Option* run_form =
        verb_run->add_option("FORM", run->form, "A form: .xml, .xlsx, .json, or a folder of sheets");
    CLI::Option* run_steps = verb_run->add_option("--steps", run->steps, "JSON lines; - for standard input")
                                 ->type_name("FILE")
                                 ->needs(run_form);
    verb_run
        ->add_option("--batch", run->batch,
                     "Run many: JSON lines of {\"id\",\"form\",\"steps\"}; - for standard input")
        ->type_name("LIST")
        ->excludes(run_form)
        ->excludes(run_steps);
    verb_run
        ->add_option("--media", run->media,
                     "The folder of the files that forms name; their own folder when left out")
        ->type_name("DIR");
    verb_run->add_option("--today", run->today, "The day of the interview; today when left out")
        ->type_name("YYYY-MM-DD");
    verb_run->add_option("--now", run->now, "Its time, in ISO 8601 with offset; now when left out")
        ->type_name("TIME");
}

void Verbs::simulate(CLI::App& app) {
    auto options = std::make_shared<SimulateOptions>();
    CLI::App* made =
        verb(app, "simulate",
             "Let invented respondents answer the study's form through the real engine, sealed into "
             "batches of invented devices, with files of noise for photos and recordings: to try a form, "
             "an analysis or this program. The same seed gives the same answers.",
             "  fieldfare-cli simulate --study survey.ffstudy --interviews 200 --devices 3 --seed 7 \\\n"
             "      --out inbox --truth truth.jsonl --root study-root.ffkey --roster survey.ffroster",
             options, run_simulate);
    goes_to_stores(made);
    made->add_option("--study", options->study, "The study file")->required()->type_name("S.ffstudy");
    made->add_option("--interviews", options->interviews,
                     "How many; with 0 each device sends a batch without interviews, as for \"key "
                     "rehearse\"")
        ->capture_default_str()
        ->type_name("N");
    made->add_option("--devices", options->devices, "From how many devices")
        ->capture_default_str()
        ->type_name("D");
    made->add_option("--seed", options->seed, "Which respondents")->capture_default_str()->type_name("X");
    made->add_option("--day", options->day, "The day of the interviews; today when left out")
        ->type_name("YYYY-MM-DD");
    made->add_option("--out", options->out,
                     "A folder for the batches, or a store: folder:PATH, https://HOST/PATH or NAME.ffstore")
        ->required()
        ->type_name("DIR|STORE");
    takes_proxy(made, options->proxy);
    made->add_option("--truth", options->truth,
                     "Also write what was simulated, a line each as in survey.jsonl")
        ->type_name("FILE.jsonl");
    made->add_option("--root", options->root,
                     "The study's root key, to sign a roster of the invented devices")
        ->type_name("R.ffkey");
    made->add_option("--roster", options->roster, "The roster to write or to add to")->type_name("FILE");
    takes_passphrases(made, " (the root's)");
}

}  // namespace fieldfare::researcher
