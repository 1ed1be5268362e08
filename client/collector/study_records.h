#pragma once

#include <string>

#include "client/app/state.h"
#include "client/store/study_record.h"
#include "client/study/study_package.h"

namespace fieldfare::collector {

// What a verified study package is to each of the parts that must not know packages.

/// For the person who is about to import it.
app::PackageSummary package_summary(const study::StudyPackage& package);

/// For the vault. `bytes` is the whole package file.
store::StudyRecord study_record(const study::StudyPackage& package, crypto::Bytes bytes);

/// For the person who is about to put the second in the place of the first.
app::StudyChanges study_changes(const study::StudyPackage& before, const study::StudyPackage& after);

/// For the home screen. The enrolment number is that of the package with which the study was first imported.
app::StudySummary study_summary(const study::StudyPackage& package,
                                const crypto::Fingerprint& enrolment_number);

}  // namespace fieldfare::collector
