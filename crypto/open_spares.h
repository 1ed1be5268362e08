#pragma once

namespace fieldfare::crypto {

/// The pages of a secret that is let go are kept for the next one, filled with zeros, and shut meanwhile:
/// touching them ends the process. While one of these lives they stay open. For opening batch after batch:
/// each takes a dozen secrets, and to shut and open pages the kernel holds up all threads of the process, for
/// longer than a record takes. Any number at once, from any thread.
class OpenSpares {
  public:
    OpenSpares();
    OpenSpares(const OpenSpares&) = delete;
    OpenSpares& operator=(const OpenSpares&) = delete;
    ~OpenSpares();  ///< the last one shuts what was left open
};

}  // namespace fieldfare::crypto
