#pragma once

#include <map>

#include "client/researcher/withdrawals.h"
#include "crypto/media_writer.h"
#include "tests/support/researcher_laptop.h"

namespace fieldfare::tests {

/// A form with every kind of question that a media file answers.
inline void write_media_form(const fs::path& folder) {
    write(
        folder / "survey.csv",
        "type,name,label\n"
        "text,say,Say\nimage,photo,A photo\naudio,voice,Say it aloud\nvideo,film,A film\nfile,paper,A paper\n"
        "begin_repeat,wound,Wounds\nimage,picture,A picture\nend_repeat,,\n");
    write(folder / "settings.csv", "form_title,form_id,version\nMedia form,media,1\n");
}

/// The same in every run; nothing in it repeats.
inline std::string noise(std::size_t size, std::uint64_t seed) {
    researcher::Dice dice(seed);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(dice.next());
    return bytes;
}

/// A desk with a study that asks for media, and a device of which a test decides what it hands over when.
struct Album : Desk {
    std::optional<Laptop> laptop;

    /// Any two of so many custodians open it, with shares for the analyst; 0: Anna opens it alone.
    explicit Album(int custodians = 0) {
        with_keys();
        write_media_form(form);
        fs::create_directories(store);
        auto options = build_options();
        for (int i = 1; i < custodians; ++i) {
            const std::string name = "custodian-" + std::to_string(i);
            REQUIRE(key_new(name) == ExitCode::fine);
            options.recipients.push_back(folder / (name + ".ffpub"));
        }
        if (custodians > 0) {
            REQUIRE(key_new("analyst") == ExitCode::fine);
            options.custodians = 2;
            options.analysts = {folder / "analyst.ffpub"};
            key = folder / "analyst.ffkey";
        }
        REQUIRE_MESSAGE(said(researcher::run_study_build, options) == ExitCode::fine, err.str());
        with_used_store();
        laptop.emplace(*this);
        laptop->next.open.quorum = custodians > 0 ? 2 : 0;
    }

    struct Sealed {
        schema::MediaFile file;
        std::vector<fs::path> parts;  ///< in the inbox, as soon as they are handed over
        std::vector<std::pair<crypto::Digest, std::string>> bytes;
    };

    static std::string id_of(int interview) {
        std::string text = std::to_string(interview);
        return "00000000-0000-4000-8000-" + std::string(12 - text.size(), '0') + text;
    }
    static crypto::WithdrawalCode code_of(int interview) {
        crypto::WithdrawalCode code;
        code.bytes.fill(static_cast<std::uint8_t>(interview));
        return code;
    }

    /// The device seals a media file of interview number so and so.
    Sealed seals(int interview, const std::string& name, const std::string& content,
                 bool withdrawable = true) {
        const auto source = crypto::source_of(crypto::bytes_of(content));
        const auto& open = laptop->next.open;
        crypto::MediaContext context;
        context.study = open.study;
        context.policy_digest = open.policy_digest;
        context.policy_version = open.policy_version;
        context.recipients = open.recipients;
        context.quorum = open.quorum;
        context.submission = *researcher::uuid_bytes(id_of(interview));
        if (withdrawable) context.withdrawal = crypto::withdrawal_hash(code_of(interview));
        const auto writer = *crypto::MediaWriter::prepare(context, source);
        Sealed sealed{{name, writer.size(), crypto::to_hex(writer.hash())}, {}, {}};
        for (std::uint32_t part = 0; part < writer.parts(); ++part) {
            std::string bytes;
            const auto seal =
                writer.seal(part, laptop->key, laptop->receipt_key, source, [&](crypto::ByteView more) {
                    bytes.append(more.begin(), more.end());
                    return crypto::Result<void>();
                });
            REQUIRE(seal.has_value());
            sealed.bytes.emplace_back(seal->sha256, std::move(bytes));
        }
        return sealed;
    }
    void hands_over(Sealed& sealed) {
        for (std::size_t part = 0; part < sealed.bytes.size(); ++part) hands_over(sealed, part);
    }
    void hands_over(Sealed& sealed, std::size_t part) {
        const auto& [sha256, bytes] = sealed.bytes[part];
        sealed.parts.push_back(inbox / ("20261123-" + crypto::to_hex(sha256) + ".batch"));
        write(sealed.parts.back(), bytes);
        laptop->files.push_back(sha256);
    }

    /// The interview's answers into the open batch, with the media that they name.
    void answers(int interview, const std::vector<schema::MediaFile>& media, bool withdrawable = true) {
        auto filled = schema::Interview::start(laptop->form, surroundings());
        for (const schema::MediaFile& file : media)
            REQUIRE(filled.answer(node_of(filled, file.name.substr(0, file.name.rfind('-'))), file.name));
        schema::Submission submission = finalise(filled, {id_of(interview), 0, "2026-11-23", 5, media});
        if (withdrawable) submission.withdrawal = crypto::to_hex(crypto::withdrawal_hash(code_of(interview)));
        laptop->seals_payload(submission.id, to_json(submission, laptop->study.form()));
    }

    fs::path written(int interview, const std::string& name) {
        return results / "media" / id_of(interview) / name;
    }

  private:
    static schema::Surroundings surroundings() {
        schema::Surroundings surroundings;
        surroundings.random = [] { return std::uint64_t{4}; };
        surroundings.today = "2026-11-23";
        return surroundings;
    }
    static schema::NodeId node_of(const schema::Interview& interview, const std::string& name) {
        for (const schema::NodeId node : interview.children(schema::root_node))
            if (interview.item(node).name == name) return node;
        FAIL("no question ", name);
        return schema::no_node;
    }
};

}  // namespace fieldfare::tests
