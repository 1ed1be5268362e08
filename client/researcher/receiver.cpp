#include "client/researcher/receiver.h"

#include <algorithm>

#include "client/researcher/serve_sentences.h"
#include "crypto/batch.h"
#include "sync/object_name.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t short_form = 12;  // digits of a hash
constexpr int when_mended = 30;         // seconds, when the folder can't be used
constexpr int when_fewer = 5;           // when others upload

std::string aside_in(const std::string& name) {
    return name.substr(0, name.find('/')) + "/.other-…";
}

}  // namespace

Receiver::Receiver(std::vector<ServedStudy> studies, ServedFolder folder, Tells tells)
    : studies_(std::move(studies)), folder_(std::move(folder)), tells_(std::move(tells)) {}

ServeAnswer Receiver::answer(const FolderWord& word) {
    if (word.trouble && std::ranges::find(told_, word.trouble->fault) == told_.end()) {
        told_.push_back(word.trouble->fault);
        tells_.trouble(sentence_for_receiver(*word.trouble));
    }
    return {.status = word.status,
            .retry_after = word.status == 503   ? when_mended
                           : word.status == 429 ? when_fewer
                                                : 0};
}

std::variant<Arrival, ServeAnswer> Receiver::take(const ServeRuling& ruling) {
    const std::size_t aside = folder_.set_aside();
    auto arrival = folder_.begin(ruling.name, ruling.size);
    if (folder_.set_aside() > aside)
        tells_.trouble("What lay under the name of a sealed file was something else, and was moved aside (" +
                       aside_in(ruling.name) + "); the device sends the file again.");
    if (const auto* word = std::get_if<FolderWord>(&arrival)) return answer(*word);
    return std::get<Arrival>(std::move(arrival));
}

std::variant<Arrival, ServeAnswer> Receiver::begin(const ServeRequest& request, More more) {
    const ServeRuling ruling = rule_on(request, studies_, crypto::max_batch_file);
    switch (ruling.does) {
        case ServeRuling::Does::refuse:
            break;
        case ServeRuling::Does::take:
            if (more == More::too_many) return answer({429});
            return take(ruling);
        case ServeRuling::Does::give: {
            auto receipt = folder_.receipt(ruling.name);
            if (const auto* word = std::get_if<FolderWord>(&receipt)) return answer(*word);
            return ServeAnswer{.status = 200, .body = std::get<crypto::Bytes>(std::move(receipt))};
        }
    }
    return ServeAnswer{.status = ruling.status};
}

std::optional<ServeAnswer> Receiver::write(Arrival& arrival, crypto::ByteView piece) {
    if (const auto word = arrival.write(piece)) return answer(*word);
    return std::nullopt;
}

ServeAnswer Receiver::finish(Arrival& arrival) {
    const FolderWord word = arrival.finish();
    if (word.status == 201) {
        told_.clear();
        tells_.taken(sync::parse_batch_name(arrival.name())->hash.substr(0, short_form), arrival.size(),
                     ++taken_);
    }
    return answer(word);
}

}  // namespace fieldfare::researcher
