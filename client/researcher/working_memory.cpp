#include "client/researcher/working_memory.h"

#include <malloc.h>

namespace fieldfare::researcher {

void keep_working_memory() {
    ::mallopt(M_MMAP_THRESHOLD, 1 << 20);  // what is larger goes at once: few batches have such blocks
    ::mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

}  // namespace fieldfare::researcher
