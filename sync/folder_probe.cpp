#include "sync/folder_probe.h"

#include <fstream>
#include <iterator>
#include <system_error>

#include "sync/object_name.h"

namespace fieldfare::sync {

namespace {

using Meaning = ProbeAnswer::Meaning;

ProbeAnswer answer_of(const std::error_code& error) {
    if (!error) return {Meaning::done, {}};
    if (error == std::errc::no_such_file_or_directory)
        return {Meaning::not_there, {Fault::not_found, error.message()}};
    if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted ||
        error == std::errc::read_only_file_system)
        return {Meaning::refused, {Fault::not_permitted, error.message()}};
    return {Meaning::no_word, {Fault::failed, error.message()}};
}

ProbeAnswer bad_name() {
    return {Meaning::no_word, {Fault::bad_name, ""}};
}

std::error_code of_stream() {
    return {errno == 0 ? EIO : errno, std::generic_category()};
}

}  // namespace

ProbeAnswer FolderProbe::put_over(std::string_view name, crypto::ByteView content) {
    if (!is_object_name(name)) return bad_name();
    errno = 0;
    std::ofstream file(root_ / name, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    return answer_of(file.flush() ? std::error_code() : of_stream());
}

ProbeAnswer FolderProbe::put_end(std::string_view, crypto::ByteView, std::uint64_t) {
    return {Meaning::refused, {Fault::bad_name, "a folder has no such request"}};
}

ProbeAnswer FolderProbe::remove(std::string_view name) {
    if (!is_object_name(name)) return bad_name();
    std::error_code error;
    if (!std::filesystem::remove(root_ / name, error) && !error)
        error = std::make_error_code(std::errc::no_such_file_or_directory);
    return answer_of(error);
}

ProbeAnswer FolderProbe::move(std::string_view name, std::string_view to) {
    if (!is_object_name(name) || !is_object_name(to)) return bad_name();
    std::error_code error;
    std::filesystem::rename(root_ / name, root_ / to, error);
    return answer_of(error);
}

ProbeAnswer FolderProbe::open_to_all(std::string_view name) {
    if (!is_object_name(name)) return bad_name();
    std::error_code error;
    std::filesystem::permissions(root_ / name, static_cast<std::filesystem::perms>(0666), error);
    return answer_of(error);
}

ProbeAnswer FolderProbe::get(std::string_view name) {
    if (!is_object_name(name)) return bad_name();
    errno = 0;
    std::ifstream file(root_ / name, std::ios::binary);
    ProbeAnswer answer = answer_of(file ? std::error_code() : of_stream());
    if (answer.meaning == Meaning::done)
        answer.content.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    return answer;
}

ProbeAnswer FolderProbe::page(std::string_view) {
    return {Meaning::refused, {Fault::bad_name, "a folder has no such request"}};
}

}  // namespace fieldfare::sync
