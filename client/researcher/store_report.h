#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fieldfare::researcher {

/// good: nothing to do. look: somebody should decide. bad: the store should not be used as it is. unknown: it
/// can't be told from here, and the sentence says so. The words of the form app's residue report.
enum class Verdict { good, look, bad, unknown };

/// One line of what "store doctor" says of a store.
struct StoreFinding {
    std::string about;  ///< its name, for programs: "create-only", "cut"; never changed once it is there
    Verdict verdict = Verdict::unknown;
    std::string what;   ///< a sentence of how it is, and of what that means
    std::string to_do;  ///< a sentence of what to do; empty when good

    bool operator==(const StoreFinding&) const = default;
};

struct StoreReport {
    std::string store;    ///< its address, without credentials
    bool reached = true;  ///< false: the store gave no answer, and nothing was tried
    std::vector<StoreFinding> findings;
    std::optional<std::size_t>
        page_size;  ///< names in the first page of a list; nothing: they come as a whole, or untold
    std::optional<std::uint64_t> takes;    ///< bytes of the largest file that it was seen to begin to take
    std::optional<std::uint64_t> refuses;  ///< of the smallest that it was seen to refuse for its size
    std::vector<std::string> left;         ///< names of files that were made there and could not be deleted

    /// The worst there is: bad, look, unknown, good. Unknown when there are no findings, and
    /// when it was not reached.
    Verdict verdict() const;
    /// That in a sentence.
    std::string sentence() const;
};

std::string as_text(const StoreReport& report);
/// One object, one line:
/// {"stores":[{"store","verdict","sentence","reached","page_size","takes","refuses","findings", "left"}]}; of
/// the three numbers null what is not known.
std::string as_json(const std::vector<StoreReport>& reports);

}  // namespace fieldfare::researcher
