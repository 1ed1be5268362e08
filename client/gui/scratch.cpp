#include "client/gui/scratch.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <new>

#include "imgui.h"
#include "imgui_internal.h"

namespace fieldfare::gui {

namespace {

void clear(ImVector<char>& bytes) {
    if (bytes.Data) {
        explicit_bzero(bytes.Data, static_cast<std::size_t>(bytes.Capacity));
    }
    bytes.resize(0);
}

/// What a list held before it was emptied: ImGui only sets its size.
template <typename T>
void clear_unused(ImVector<T>& list) {
    if (list.Data) {
        explicit_bzero(static_cast<void*>(list.Data + list.Size),
                       static_cast<std::size_t>(list.Capacity - list.Size) * sizeof(T));
    }
}

/// The corners of the glyphs that stood on the screen tell which they were.
void clear_drawn(ImGuiContext& context) {
    for (ImGuiWindow* window : context.Windows) {
        // ImGui's own window is begun with the frame, and is empty.
        if (window->LastFrameActive != context.FrameCount) window->DrawList->_ClearFreeMemory();
    }
}

}  // namespace

void UiScratch::forget_passphrase() {
    explicit_bzero(passphrase.data(), passphrase.size());
    show_passphrase = false;
    forget_typed();
}

void UiScratch::forget_typed() {
    if (!ImGui::GetCurrentContext()) {
        return;
    }
    ImGuiContext& context = *ImGui::GetCurrentContext();
    if (context.ActiveId != 0 && context.ActiveId == context.InputTextState.ID) {
        ImGui::ClearActiveID();
    }
    ImGuiInputTextState& input = context.InputTextState;
    clear(input.TextA);
    clear(input.TextToRevertTo);
    clear(input.CallbackTextBackup);
    // The undo history lies behind a pointer to a type that ImGui keeps to itself: overwrite, then begin
    // anew.
    explicit_bzero(input.Stb, malloc_usable_size(input.Stb));
    input.~ImGuiInputTextState();
    new (&input) ImGuiInputTextState();
    input.Ctx = &context;
    clear(context.InputTextDeactivatedState.TextA);
    context.InputTextDeactivatedState.ID = 0;
    clear_unused(context.InputEventsQueue);
    clear_unused(context.InputEventsTrail);
    clear_unused(context.IO.InputQueueCharacters);
}

void UiScratch::forget_drawn_passphrase() {
    if (!passphrase_drawn || show_passphrase) return;
    passphrase_drawn = false;
    if (ImGui::GetCurrentContext()) clear_drawn(*ImGui::GetCurrentContext());
}

void UiScratch::wipe() {
    forget_passphrase();
    for (auto& [path, text] : fields) {
        app::wipe(text);
    }
    fields.clear();
    choices.wipe();
    for (Widget& widget : tree) {
        app::wipe(widget.label);
        app::wipe(widget.value);
    }
    tree.clear();
    app::wipe(qr.text);
    if (!ImGui::GetCurrentContext()) {
        return;
    }
    ImGuiContext& context = *ImGui::GetCurrentContext();
    clear(context.ClipboardHandlerData);
    clear(context.TempBuffer);
    context.TempBuffer.resize(1024 * 3 + 1, '\0');
    clear_drawn(context);
}

void install_wiping_allocator() {
    ImGui::SetAllocatorFunctions([](std::size_t size, void*) { return malloc(size); },
                                 [](void* block, void*) {
                                     if (block) {
                                         explicit_bzero(block, malloc_usable_size(block));
                                         free(block);
                                     }
                                 });
}

}  // namespace fieldfare::gui
