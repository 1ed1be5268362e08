#pragma once

#include <string>
#include <tl/expected.hpp>

struct ImFont;

namespace fieldfare::gui {

/// Where the distribution's Noto fonts lie. Georgian and Armenian are merged into both weights.
struct FontFiles {
    std::string folder = "/usr/share/fonts/truetype/noto";
};

/// Owned by the ImGui context's font atlas.
struct Fonts {
    ImFont* regular = nullptr;
    ImFont* bold = nullptr;
};

/// Loads the fonts into the current context; glyphs are drawn when first needed (Latin, Cyrillic with Kazakh,
/// Greek, Georgian, Armenian). Fails with the path of the file that could not be read.
tl::expected<Fonts, std::string> load_fonts(const FontFiles& files);

}  // namespace fieldfare::gui
