#include "tests/support/s3_drop.h"

#include <chrono>
#include <sstream>
#include <thread>

namespace fieldfare::test {

S3Drop& S3Drop::shared() {
    static S3Drop one;
    return one;
}

S3Drop::S3Drop()
    : certificate_(
          make_certificate(folder_.path(), "server", "/CN=s3", "IP:127.0.0.1,DNS:s3.test,DNS:*.s3.test")) {
    const fs::path said = folder_ / "said";
    server_ = std::make_unique<ChildServer>(
        std::vector<std::string>{
            FIELDFARE_PYTHON, "-B", FIELDFARE_SOURCE_DIR "/tests/independent/s3_server.py",
            certificate_.file.string(), certificate_.key.string(), (folder_ / "requests").string()},
        said);
    while (!content_of(said).ends_with('\n')) {
        REQUIRE_MESSAGE(server_->running(), content_of(said));
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::istringstream(content_of(said)) >> port_ >> plain_port_;
    REQUIRE_MESSAGE(plain_port_ != 0, content_of(said));
}

std::string S3Drop::address(const std::string& bucket, std::uint16_t port) const {
    return "s3+https://127.0.0.1:" + std::to_string(port == 0 ? port_ : port) + "/" + bucket;
}

namespace {

std::map<std::string, std::string> keys(const Certificate& certificate, const char* access_key,
                                        const char* secret_key) {
    return {{"certificate", certificate.der},
            {"pin", certificate.pin},
            {"region", "test-1"},
            {"access_key", access_key},
            {"secret_key", secret_key}};
}

}  // namespace

sync::Store S3Drop::laptops(const std::string& bucket, std::uint16_t port) const {
    return {address(bucket, port), keys(certificate_, "LAPTOPS", "laptops-secret")};
}

sync::Store S3Drop::researcher(const std::string& bucket, std::uint16_t port) const {
    return {address(bucket, port), keys(certificate_, "READER", "reader/secret+x=")};
}

std::string S3Drop::fresh(const std::string& kind) {
    return kind + "-" + std::to_string(++buckets_);
}

}  // namespace fieldfare::test
