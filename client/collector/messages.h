#pragma once

#include "client/app/message.h"
#include "client/courier/courier.h"
#include "client/store/error.h"
#include "client/study/study_package.h"
#include "crypto/error.h"

namespace fieldfare::collector {

// Which sentence of assets/texts an error of the folders below is told with. No detail of a file, an answer
// or a key is passed on.

app::Message message_of(store::Error error);
/// The same where an interview can't be sealed and no draft of it stays.
app::Message message_unattended(store::Error error);
app::Message message_of(study::PackageError error);
app::Message message_of(courier::Trouble trouble);
/// Of an answer that a recovery was refused with.
app::Message message_of_answer(crypto::Error error);

}  // namespace fieldfare::collector
