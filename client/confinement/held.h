#pragma once

namespace fieldfare::confinement {

/// How far the system keeps a process to what was asked for. An old kernel, or one built without it, is no
/// reason to refuse work: nothing that is promised to people rests on confinement alone. `fieldfare
/// --residue-report` tells what holds on a machine.
enum class Held {
    yes,
    partly,  ///< as far as this kernel's version of it goes
    no,      ///< this kernel does not have it, or refused: the process is as free as before
};

}  // namespace fieldfare::confinement
