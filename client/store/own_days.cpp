#include "client/store/own_days.h"

#include <algorithm>

namespace fieldfare::store {

Result<std::int64_t> own_day(Database& database, std::chrono::sys_days today) {
    const std::int64_t clock = today.time_since_epoch().count();
    std::int64_t counted = 0, last = clock;
    bool known = false;
    {
        Statement found = database.prepare("SELECT counted, clock FROM own_days WHERE id = 0");
        const auto row = found.step();
        if (!row) return tl::unexpected(row.error());
        known = *row;
        if (known) {
            counted = found.integer(0);
            last = found.integer(1);
        }
    }
    if (known && last == clock) return counted;
    counted += std::clamp<std::int64_t>(clock - last, 0, longest_step.count());
    if (auto noted =
            database.run("INSERT INTO own_days (id, counted, clock) VALUES (0, ?, ?) ON CONFLICT (id)"
                         " DO UPDATE SET counted = excluded.counted, clock = excluded.clock",
                         counted, clock);
        !noted) {
        return tl::unexpected(noted.error());
    }
    return counted;
}

}  // namespace fieldfare::store
