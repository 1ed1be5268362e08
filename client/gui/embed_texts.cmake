# cmake -DOUTPUT=<file.cpp> -DTEXTS=<folder> -P embed_texts.cmake: the text files as string literals.
cmake_minimum_required(VERSION 3.25)
set(body "#include \"client/gui/texts.h\"\n\nnamespace fieldfare::gui {\n\n")
foreach(language IN ITEMS en ru)
    file(READ ${TEXTS}/${language}.txt text)
    string(APPEND body "extern const std::string_view texts_${language};\nconst std::string_view texts_${language} = R\"texts(${text})texts\";\n\n")
endforeach()
string(APPEND body "}  // namespace fieldfare::gui\n")
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "@body@" @ONLY)
