# Holds the folders to their arrows (README, the picture of the folders) and the libraries from outside to the
# few files that may name them. Run: cmake -DROOT=<project> -P tests/check_includes.cmake
cmake_minimum_required(VERSION 3.25)

# folder -> folders it may include, beside itself. A longer path is a folder of its own.
set(allowed_schema "")
set(allowed_schema/readers schema)
set(allowed_crypto "")
set(allowed_sync crypto)
set(allowed_client/confinement "")
set(allowed_client/courier client/confinement crypto sync)
set(allowed_client/app schema)
set(allowed_client/gui client/app schema)
set(allowed_client/media crypto)
set(allowed_client/residue "")
set(allowed_client/study schema crypto)
set(allowed_client/store schema crypto sync client/media)
set(allowed_client/collector schema crypto sync client/confinement client/courier client/residue client/media client/app
    client/gui client/store client/study)
set(allowed_client/researcher schema schema/readers crypto sync client/confinement client/residue client/media client/study)
set(folders schema schema/readers crypto sync client/confinement client/courier client/residue client/app client/gui
    client/media client/study client/store client/collector client/researcher)

# library header -> files that may include it (regular expressions over the path in the project)
set(libraries
    "sodium(\\.h|/)=^crypto/[a-z_]*\\.cpp$"
    "(zstd|zdict)\\.h=^crypto/[a-z_]*\\.cpp$"
    "curl/=^sync/(curl_request\\.cpp|sftp_session\\.cpp|curl_options\\.h)$"
    "sqlcipher/=^client/store/[a-z_]*\\.cpp$"
    "sqlite3\\.h=^$"
    "imgui=^client/(gui|collector)/[a-z_]*\\.(cpp|h)$"
    "GLFW/=^client/collector/[a-z_]*\\.cpp$"
    "zip\\.h=^schema/readers/[a-z_]*\\.cpp$"
    "pugixml=^(schema/readers/[a-z_]*|sync/dav_listing|sync/s3_answers)\\.cpp$"
    "simdjson=^schema/[a-z_]*\\.cpp$"
    "nlohmann/=^(schema|schema/readers|sync|client/study|client/residue|client/courier|client/researcher)/[a-z_]*\\.cpp$|^client/collector/sync_only\\.cpp$"
    "CLI/=^client/researcher/([a-z_]*\\.cpp|command_verbs\\.h|help_format\\.h)$"  # those two: for command_*.cpp only
    "pcre2\\.h=^schema/[a-z_]*\\.cpp$"
    "utf8proc\\.h=^(schema|crypto|client/study|client/gui)/[a-z_]*\\.cpp$"
    "qrcodegen=^client/(gui|researcher)/[a-z_]*\\.cpp$"
    "seccomp\\.h=^client/confinement/system_calls\\.cpp$"
    "microhttpd\\.h=^client/researcher/serve_http\\.cpp$"
    "openssl/=^schema/[a-z_]*\\.cpp$|^crypto/sha256\\.cpp$|^client/researcher/serve_certificate\\.cpp$")

set(faults 0)
function(fault)
    list(JOIN ARGN "" text)
    message("${text}")
    math(EXPR count "${faults} + 1")
    set(faults ${count} PARENT_SCOPE)
endfunction()

function(folder_of path result)
    set(found "")
    foreach(folder IN LISTS folders)
        string(LENGTH "${folder}/" length)
        string(SUBSTRING "${path}/" 0 ${length} head)
        if(head STREQUAL "${folder}/" AND NOT path STREQUAL folder)
            set(found ${folder})  # the longest wins: subfolders stand after their parents
        endif()
    endforeach()
    set(${result} "${found}" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE sources RELATIVE ${ROOT}
    ${ROOT}/schema/*.h ${ROOT}/schema/*.cpp ${ROOT}/crypto/*.h ${ROOT}/crypto/*.cpp
    ${ROOT}/sync/*.h ${ROOT}/sync/*.cpp ${ROOT}/client/*.h ${ROOT}/client/*.cpp)
list(LENGTH sources source_count)
if(source_count EQUAL 0)
    message(FATAL_ERROR "no sources found under ${ROOT}")
endif()

foreach(source IN LISTS sources)
    folder_of(${source} from)
    if(from STREQUAL "")
        fault("${source}: stands in no known folder")
        continue()
    endif()
    file(STRINGS ${ROOT}/${source} includes REGEX "^[ \t]*#[ \t]*include")
    foreach(line IN LISTS includes)
        if(line MATCHES "#[ \t]*include[ \t]+\"([^\"]+)\"")
            set(target ${CMAKE_MATCH_1})
            folder_of(${target} to)
            if(to STREQUAL "")
                if(NOT target MATCHES "imgui|imstb")
                    fault("${source}: includes \"${target}\", which is no file of a known folder (write the path from the top)")
                endif()
            elseif(NOT to STREQUAL from AND NOT to IN_LIST allowed_${from})
                fault("${source}: ${from} may not include ${to} (\"${target}\")")
            endif()
        endif()
        foreach(rule IN LISTS libraries)
            string(REGEX MATCH "^(.*)=(.*)$" _ "${rule}")
            set(header "${CMAKE_MATCH_1}")
            set(files "${CMAKE_MATCH_2}")
            if(line MATCHES "[<\"]${header}" AND NOT source MATCHES "${files}")
                fault("${source}: this file may not include a header of that library: ${line}")
            endif()
        endforeach()
    endforeach()
endforeach()

if(faults GREATER 0)
    message(FATAL_ERROR "${faults} include(s) against the picture of the folders")
endif()
message("${source_count} files keep to the picture of the folders")
