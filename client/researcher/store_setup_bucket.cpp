#include <nlohmann/json.hpp>

#include "client/researcher/store_setup.h"
#include "sync/s3_address.h"

namespace fieldfare::researcher {
namespace {

using Json = nlohmann::ordered_json;

enum class Maker { ceph, amazon };

struct Names {
    std::string bucket, place;  // "field/k7m2q9x4b8n3/", below which the study's files are
    std::string device, researcher;
    std::string page, ceph, amazon;  // of the files
};

Json who(Maker maker, const std::string& user) {
    // Amazon's names the account; Ceph's has none.
    const std::string account = maker == Maker::amazon ? "ACCOUNT" : "";
    return {{"AWS", Json::array({"arn:aws:iam::" + account + ":user/" + user})}};
}

Json allows(const char* id, const Json& principal, const Json& actions, const Json& resources) {
    return {{"Sid", id},
            {"Effect", "Allow"},
            {"Principal", principal},
            {"Action", actions},
            {"Resource", resources}};
}

std::string policy(Maker maker, const Names& names) {
    const std::string bucket = "arn:aws:s3:::" + names.bucket, place = bucket + "/" + names.place;
    const Json device = who(maker, names.device), researcher = who(maker, names.researcher);
    Json puts = allows("DevicesPut", device, "s3:PutObject", place + "*.batch");
    if (maker == Maker::amazon) puts["Condition"] = {{"Null", {{"s3:if-none-match", "false"}}}};
    Json statements = Json::array(
        {puts, allows("DevicesGetReceipts", device, "s3:GetObject", place + "receipts/*"),
         allows("ResearchersList", researcher, "s3:ListBucket", bucket),
         allows("ResearchersGet", researcher, "s3:GetObject", place + "*"),
         allows("ResearchersPutReceipts", researcher, "s3:PutObject", place + "receipts/*.receipt"),
         // What "store doctor" has put, and receipts.
         allows("ResearchersClean", researcher, "s3:DeleteObject",
                Json::array({place + "19100101-*", place + "receipts/*"}))});
    if (maker == Maker::amazon)
        statements.push_back({{"Sid", "NobodyInTheClear"},
                              {"Effect", "Deny"},
                              {"Principal", "*"},
                              {"Action", "s3:*"},
                              {"Resource", Json::array({bucket, bucket + "/*"})},
                              {"Condition", {{"Bool", {{"aws:SecureTransport", "false"}}}}}});
    return Json{{"Version", "2012-10-17"}, {"Statement", statements}}.dump(2) + "\n";
}

std::string page(const Names& names, const sync::S3Address& address) {
    const bool secure = address.server.secure;
    const std::string pin =
        secure ? "       pin = sha256//…                          (only of a server of your own: Amazon "
                 "changes its key)\n"
               : "";
    const std::string proxy =
        address.server.is_onion()
            ? "       proxy = socks5h://127.0.0.1:9050         (where Tor runs on each machine)\n"
            : "";
    const std::string where_pins_are =
        secure ? "   A server's pin comes from its certificate:\n"
                 "     openssl x509 -noout -pubkey -in server.pem | openssl pkey -pubin -outform der \\\n"
                 "       | openssl dgst -sha256 -binary | openssl base64\n"
               : "";
    return "A bucket for sealed files of a Fieldfare study\n"
           "Written by \"fieldfare-cli store init\" for " +
           address.text() +
           ". It holds no secret.\n\n"
           "1. Make the bucket " +
           names.bucket +
           ", private, without versions (in Ceph 16 a bucket with versions does not heed\n"
           "   If-None-Match) and without a retention by default. Folders need not be made. No rule may "
           "delete "
           "what is\n"
           "   old in " +
           names.place +
           "receipts/: devices ask for receipts by number, and come past no gap.\n\n"
           "2. Make two users: " +
           names.device + " for the devices, " + names.researcher +
           " for those who fetch. They need no rights but\n"
           "   those that the policy gives.\n"
           "     Ceph:   radosgw-admin user create --uid=" +
           names.device + " --display-name=" + names.device +
           "\n"
           "             radosgw-admin user create --uid=" +
           names.researcher + " --display-name=" + names.researcher +
           "\n"
           "     Amazon: aws iam create-user --user-name " +
           names.device + "; aws iam create-access-key --user-name " + names.device +
           "\n"
           "             and the same with " +
           names.researcher +
           "\n\n"
           "3. Give the bucket its policy, as the bucket's owner.\n"
           "     Ceph:   s3cmd setpolicy " +
           names.ceph + " s3://" + names.bucket +
           "\n"
           "     Amazon: put your account's number in the place of ACCOUNT in " +
           names.amazon +
           ", then\n"
           "             aws s3api put-bucket-policy --bucket " +
           names.bucket + " --policy file://" + names.amazon +
           "\n"
           "   Amazon's lets no device put without If-None-Match, so that nobody who takes one can replace "
           "files.\n"
           "   Ceph can't be told so, and there a file may be read by whoever put it: fetch often.\n\n"
           "4. Whoever builds the study writes two store files, and has the store tried out before devices "
           "go out:\n"
           "     devices.ffstore                          reader.ffstore\n"
           "       address = " +
           address.text() +
           "\n"
           "       access_key = (of " +
           names.device + ")                  the same, with the keys of " + names.researcher +
           "\n"
           "       secret_key = …\n"
           "       region = (where the bucket is, if it is not us-east-1)\n" +
           pin + proxy +
           "     fieldfare-cli store doctor --study survey.ffstudy --as-researcher reader.ffstore\n" +
           where_pins_are;
}

}  // namespace

std::vector<SetupFile> bucket_policies(const StorePlan& plan) {
    auto parsed = sync::parse_s3_address(plan.address);
    if (!parsed) parsed = sync::parse_s3_address("s3+https://s3.example.org/bucket");
    const std::string folder = parsed->folder.empty() ? "" : parsed->folder + "/";
    const Names names{.bucket = parsed->bucket,
                      .place = folder + plan.study_tag + "/",
                      .device = plan.device,
                      .researcher = plan.researcher,
                      .page = "bucket" + plan.suffix + ".txt",
                      .ceph = "bucket-policy-ceph" + plan.suffix + ".json",
                      .amazon = "bucket-policy-amazon" + plan.suffix + ".json"};
    return {{names.page, page(names, *parsed), "in " + names.page},
            {names.ceph, policy(Maker::ceph, names), ""},
            {names.amazon, policy(Maker::amazon, names), ""}};
}

}  // namespace fieldfare::researcher
