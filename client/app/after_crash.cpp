#include "client/app/after_crash.h"

#include "client/app/kiosk.h"

namespace fieldfare::app {

Message news_of(const Found& found, const StudySummary& study) {
    switch (found.interview) {
        case Found::Interview::sealed:
            return {"home.found_sealed", {}};
        case Found::Interview::not_sealed:  // where respondents are alone there are no unfinished ones
            return {unattended(study) ? std::string(news_of_loss) : "home.found_unfinished", {}};
        case Found::Interview::none:
            break;
    }
    if (found.batches == 0) return {};
    return {"home.found_files", {{"count", std::to_string(found.batches)}}};
}

}  // namespace fieldfare::app
