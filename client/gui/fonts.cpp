#include "client/gui/fonts.h"

#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "imgui.h"

namespace fieldfare::gui {

namespace {

// ImGui is built without file functions (nothing of it shall write), so the bytes are read here. The atlas
// owns and frees them.
ImFont* add(const std::string& path, bool merge) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file || bytes.size() < 1024) {
        return nullptr;
    }
    void* data = ImGui::MemAlloc(bytes.size());
    std::memcpy(data, bytes.data(), bytes.size());
    ImFontConfig config;
    config.MergeMode = merge;
    return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(data, static_cast<int>(bytes.size()), 19.0F, &config);
}

}  // namespace

tl::expected<Fonts, std::string> load_fonts(const FontFiles& files) {
    Fonts fonts;
    for (const char* weight : {"Regular", "Bold"}) {
        for (const char* script : {"", "Georgian", "Armenian"}) {
            const std::string path = files.folder + "/NotoSans" + script + '-' + weight + ".ttf";
            const bool merge = *script != '\0';
            ImFont* font = add(path, merge);
            if (!font) {
                return tl::unexpected(path);
            }
            (weight[0] == 'R' ? fonts.regular : fonts.bold) = font;
        }
    }
    return fonts;
}

}  // namespace fieldfare::gui
