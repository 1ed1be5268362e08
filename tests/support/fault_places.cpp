#include "tests/support/fault_places.h"

#include "sync/http_store.h"
#include "sync/s3_store.h"
#include "sync/sftp_store.h"
#include "sync/store_probe.h"

namespace fieldfare::test {
namespace {

using Does = ChaosProxy::Does;

// While something goes wrong; else a busy machine may take as long as it does in the field.
constexpr sync::HttpPatience short_patience{std::chrono::seconds(2), std::chrono::seconds(1),
                                            std::chrono::milliseconds(300)};

class Noting final : public sync::Transport {
  public:
    Noting(std::unique_ptr<sync::Transport> inner, Errands& errands)
        : inner_(std::move(inner)), errands_(errands) {}

    sync::TransportResult<sync::PutOutcome> put(std::string_view name, const sync::Content& content,
                                                const sync::Watch& watch) override {
        goes();
        if (errands_.took_nothing_in_pass == errands_.pass) ++errands_.after_a_fault;
        Errands::Put put{.hash = sync::parse_batch_name(name)->hash, .pass = errands_.pass};
        put.size = fs::file_size(std::get<fs::path>(content));
        const auto outcome = inner_->put(name, content, watch);
        put.other_content = outcome && *outcome == sync::PutOutcome::other_content;
        put.acknowledged = outcome && !put.other_content;
        errands_.puts.push_back(put);
        using enum sync::Fault;
        if (!outcome && (outcome.error().fault == no_space || outcome.error().fault == read_only ||
                         outcome.error().fault == not_permitted)) {
            errands_.took_nothing_in_pass = errands_.pass;
            return outcome;
        }
        return noted(outcome);
    }
    sync::TransportResult<sync::Listing> list(std::string_view prefix, std::string_view after,
                                              std::size_t limit, const std::stop_token& stop) override {
        goes();
        ++errands_.others;
        auto listing = inner_->list(prefix, after, limit, stop);
        // Who may only put is refused, which is no fault.
        return !listing && listing.error().fault == sync::Fault::unreachable ? noted(std::move(listing))
                                                                             : listing;
    }
    sync::TransportResult<void> get(std::string_view name, std::uint64_t max_size, const sync::Sink& sink,
                                    const sync::Watch& watch) override {
        goes();
        ++errands_.others;
        auto got = inner_->get(name, max_size, sink, watch);
        // Who gives no receipts may take files all the same (SYNC.md); from who does not answer at all, says
        // that it is busy, or has another clock, nothing is to be had.
        using enum sync::Fault;
        const bool stops_all = !got && (got.error().fault == unreachable || got.error().fault == busy ||
                                        got.error().fault == wrong_clock);
        return stops_all ? noted(std::move(got)) : got;
    }
    std::string address() const override { return inner_->address(); }

  private:
    void goes() {
        if (errands_.failed_in_pass == errands_.pass) ++errands_.after_a_fault;
    }
    template <typename T>
    sync::TransportResult<T> noted(sync::TransportResult<T> result) {
        if (!result && sync::is_about_the_store(result.error().fault))
            errands_.failed_in_pass = errands_.pass;
        return result;
    }

    std::unique_ptr<sync::Transport> inner_;
    Errands& errands_;
};

std::map<std::string, std::string> objects_in(const fs::path& place, const std::string& tag) {
    std::map<std::string, std::string> objects;
    for (const std::string& name : names_in(place / tag)) {
        if (fs::path(name).filename().string().starts_with(".")) continue;  // on its way, or left of a crash
        objects[tag + "/" + name] = content_of(place / tag / name);
    }
    return objects;
}

/// In pieces: a string of that size would count as memory that the runs keep.
void fill(const SmallDisk& disk, std::size_t size) {
    const std::string piece(100'000, 'x');
    std::ofstream filler(disk / "filler");
    for (std::size_t written = 0; written < size && filler; written += piece.size()) filler << piece;
}

/// A line that breaks between the device and a server.
class LinePlace : public FaultPlace {
  public:
    explicit LinePlace(std::uint16_t port) : port_(port), line_(port) {
        line_.waits(std::chrono::milliseconds(150));
    }
    const ChaosProxy* line() const override { return &line_; }
    std::string goes_wrong(Dice& dice) override {
        well_ = false;
        const std::size_t after =
            dice.of<std::size_t>({0, 300, 1200, 3000, 9000, 30'000, 100'000}) + dice.below(500);
        const auto does = [&](Does what, const char* name) {
            line_.does(what, after);
            return std::string(name);
        };
        if (dice.one_in(60)) return does(Does::go_silent, "silence");
        if (dice.one_in(20)) return does(Does::delay, "delay");
        switch (dice.below(10)) {
            case 0:
            case 1:
                return does(Does::jitter, "jitter");
            case 2:
                return does(Does::trickle, "rate");
            case 3:
            case 4:
                return does(Does::cut, "cut");
            case 5:
                return does(Does::reset, "reset");
            case 6:
            case 7:
                return does(Does::swallow_reply, "reply swallowed");
            case 8:
                return does(Does::half_close, "half-close");
            default:
                return does(Does::say_hello, "portal page");
        }
    }
    void goes_well() override {
        well_ = true;
        REQUIRE(line_.rests());
        line_.leads_to(port_);
        line_.does(Does::pass);
    }

  protected:
    /// Once in eight times, in the middle of what it is told; of a place whose line strikes.
    bool server_dies(Dice& dice) {
        well_ = false;
        if (!dice.one_in(8)) return false;
        line_.does(Does::strike, 500 + dice.below(40'000));
        return true;
    }
    sync::HttpPatience patience() const { return well_ ? sync::HttpPatience{} : short_patience; }

    std::uint16_t port_;
    ChaosProxy line_;
    bool well_ = true;
};

class WebPlace final : public LinePlace {
  public:
    enum class Kind { hardened, open };

    WebPlace(WebDrop& drop, std::string tag, Kind kind)
        : LinePlace(drop.port()),
          drop_(drop),
          tag_(std::move(tag)),
          kind_(kind),
          path_(kind == Kind::hardened ? "/drop" : drop.fresh_place()) {
        drop_.clear(path_, tag_);
        line_.strikes([this] { drop_.kill(); });
    }
    ~WebPlace() override {
        std::error_code ignored;
        fs::remove_all(kind_ == Kind::hardened ? drop_.files(path_) / tag_ : drop_.files(path_), ignored);
    }

    sync::Store store() const override {
        return kind_ == Kind::hardened ? drop_.laptops(path_, line_.port())
                                       : drop_.researcher(path_, line_.port());
    }
    bool shows_files() const override { return kind_ == Kind::open; }
    std::string goes_wrong(Dice& dice) override {
        if (server_dies(dice)) return "server killed";
        if (!dice.one_in(4)) return LinePlace::goes_wrong(dice);
        const int status = dice.of<int>({307, 503, 507, 0});
        line_.leads_to(status == 0 ? drop_.expired_certificate_port() : drop_.port_that_says(status));
        return status == 307   ? "redirect"
               : status == 503 ? "busy"
               : status == 507 ? "disk full"
                               : "another certificate";
    }
    void goes_well() override {
        LinePlace::goes_well();
        if (drop_.killed()) drop_.start_again();
    }
    std::map<std::string, std::string> objects() override { return objects_in(drop_.files(path_), tag_); }
    void put_by_another(const std::string& name, const std::string& content) override {
        write(drop_.files(path_) / name, content);
    }
    void lose(const std::string& name) override { CHECK(fs::remove(drop_.files(path_) / name)); }

  private:
    std::unique_ptr<sync::Transport> transport() override {
        const sync::Store given = store();
        const auto address = sync::parse_http_address(given.address);
        return std::make_unique<sync::HttpStore>(
            *address, *sync::parse_http_settings(*address, given.settings), patience());
    }

    WebDrop& drop_;
    std::string tag_;
    Kind kind_;
    std::string path_;
};

class BucketPlace final : public LinePlace {
  public:
    BucketPlace(S3Drop& drop, std::string tag, bool clock_is_off)
        : LinePlace(drop.port()),
          drop_(drop),
          tag_(std::move(tag)),
          bucket_(drop.fresh(clock_is_off ? "late" : "open")) {}

    bool refuses_the_clock() const override { return bucket_.starts_with("late"); }

    sync::Store store() const override { return drop_.laptops(bucket_, line_.port()); }
    std::map<std::string, std::string> objects() override {
        const auto near = sync::open_store(drop_.researcher(bucket_));
        std::map<std::string, std::string> objects;
        for (const std::string& folder : {tag_ + "/", tag_ + "/receipts/"}) {
            const auto listing = (*near)->list(folder, "", 1000, {});
            REQUIRE(listing);
            for (const auto& file : listing->files)
                objects[file.name] = text(*sync::get_bytes(**near, file.name, 10'000'000));
        }
        return objects;
    }
    void put_by_another(const std::string& name, const std::string& content) override {
        const auto near = sync::open_store(drop_.researcher(bucket_));
        REQUIRE((*near)->put(name, crypto::bytes_of(content), {}));
    }
    void lose(const std::string& name) override {
        const auto near = sync::open_probe(drop_.researcher(bucket_), sync::ProbeAs::given);
        CHECK(near->remove(name).meaning == sync::ProbeAnswer::Meaning::done);
    }

  private:
    std::unique_ptr<sync::Transport> transport() override {
        const sync::Store given = store();
        const auto address = sync::parse_s3_address(given.address);
        return std::make_unique<sync::S3Store>(*address, *sync::parse_s3_settings(*address, given.settings),
                                               patience());
    }

    S3Drop& drop_;
    std::string tag_, bucket_;
};

class FolderPlace final : public FaultPlace {
  public:
    explicit FolderPlace(std::string tag) : tag_(std::move(tag)) {
        fs::create_directories(place() / tag_ / "receipts");
    }

    sync::Store store() const override { return {sync::folder_address(place()), {}}; }
    std::string goes_wrong(Dice& dice) override {
        switch (dice.below(disk_.mounted() ? 3 : 2)) {
            case 0:
                fs::rename(place(), away());
                return "medium pulled out";
            case 1:
                fs::rename(place(), away());
                write(place(), "a file");
                return "something else in its place";
            default:
                fill(disk_, 4'300'000);
                return "disk full";
        }
    }
    void goes_well() override {
        fs::remove(disk_ / "filler");
        if (!fs::exists(away())) return;
        fs::remove(place());
        fs::rename(away(), place());
    }
    std::map<std::string, std::string> objects() override { return objects_in(place(), tag_); }
    void put_by_another(const std::string& name, const std::string& content) override {
        write(place() / name, content);
    }
    void lose(const std::string& name) override { CHECK(fs::remove(place() / name)); }

  private:
    fs::path place() const { return disk_ / "place"; }
    fs::path away() const { return disk_ / "away"; }
    std::unique_ptr<sync::Transport> transport() override { return std::move(*sync::open_store(store())); }

    SmallDisk disk_{"size=4m"};
    std::string tag_;
};

class SftpPlace final : public LinePlace {
  public:
    enum class Kind { hardened, open };

    SftpPlace(SshDrop& drop, std::string tag, Kind kind)
        : LinePlace(kind == Kind::hardened ? drop.laptops_port() : drop.port()),
          drop_(drop),
          tag_(std::move(tag)),
          kind_(kind) {
        fs::permissions(disk_.path(), fs::perms::others_exec, fs::perm_options::add);
        drop_.make_study(place(), tag_);
        line_.strikes([this] { drop_.kill_sessions(); });
    }

    sync::Store store() const override { return drop_.researcher(place(), line_.port()); }
    bool shows_files() const override { return kind_ == Kind::open; }
    std::string goes_wrong(Dice& dice) override {
        if (server_dies(dice)) return "server killed";
        if (dice.one_in(8) && disk_.mounted()) {
            fill(disk_, disk_size);
            return "disk full";
        }
        return LinePlace::goes_wrong(dice);
    }
    void goes_well() override {
        LinePlace::goes_well();
        fs::remove(disk_ / "filler");
    }
    std::map<std::string, std::string> objects() override {
        // What a device has put into the hardened drop, nobody but root reads as it is.
        for (const auto& entry : fs::directory_iterator(disk_ / "place" / tag_))
            if (::access(entry.path().c_str(), R_OK) != 0)
                fs::permissions(entry.path(), fs::perms::owner_read, fs::perm_options::add);
        return objects_in(place(), tag_);
    }
    void put_by_another(const std::string& name, const std::string& content) override {
        const fs::path file = fs::path(place()) / name;
        write(file, content);
        const bool hidden = kind_ == Kind::hardened && !name.ends_with(".receipt");
        fs::permissions(file, hidden ? fs::perms::group_read : fs::perms(0644));
        SshDrop::give_to_server(file);
    }
    void lose(const std::string& name) override { CHECK(fs::remove(fs::path(place()) / name)); }

  private:
    // What broke off stays in the hardened drop, under hidden names.
    static constexpr std::size_t disk_size = 24'000'000;

    std::string place() const { return disk_ / "place"; }
    std::unique_ptr<sync::Transport> transport() override {
        const sync::Store given = store();
        const auto address = sync::parse_sftp_address(given.address);
        return std::make_unique<sync::SftpStore>(
            *address, *sync::parse_sftp_settings(*address, given.settings), patience());
    }

    SmallDisk disk_{"size=24000000"};
    SshDrop& drop_;
    std::string tag_;
    Kind kind_;
};

}  // namespace

sync::TransportResult<std::unique_ptr<sync::Transport>> FaultPlace::open() {
    return std::make_unique<Noting>(transport(), errands);
}

std::unique_ptr<FaultPlace> hardened_place(WebDrop& drop, const std::string& tag) {
    return std::make_unique<WebPlace>(drop, tag, WebPlace::Kind::hardened);
}
std::unique_ptr<FaultPlace> open_place(WebDrop& drop, const std::string& tag) {
    return std::make_unique<WebPlace>(drop, tag, WebPlace::Kind::open);
}
std::unique_ptr<FaultPlace> bucket_place(S3Drop& drop, const std::string& tag, bool clock_is_off) {
    return std::make_unique<BucketPlace>(drop, tag, clock_is_off);
}
std::unique_ptr<FaultPlace> folder_place(const std::string& tag) {
    return std::make_unique<FolderPlace>(tag);
}
std::unique_ptr<FaultPlace> sftp_place(SshDrop& drop, const std::string& tag) {
    return std::make_unique<SftpPlace>(drop, tag, SftpPlace::Kind::open);
}
std::unique_ptr<FaultPlace> hardened_sftp_place(SshDrop& drop, const std::string& tag) {
    return std::make_unique<SftpPlace>(drop, tag, SftpPlace::Kind::hardened);
}

}  // namespace fieldfare::test
