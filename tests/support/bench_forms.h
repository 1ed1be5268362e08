#pragma once

#include <zip.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

// The forms of the speed comparison, as XForms that every engine of the field reads; the workbook is the same
// as an XLSForm. What they measure stands in tests/bench/engine_figures.cpp.
namespace bench {

inline std::string xform(const std::string& name, const std::string& instance, const std::string& binds,
                         const std::string& body, const std::string& more = "") {
    return "<?xml version=\"1.0\"?>\n<h:html xmlns=\"http://www.w3.org/2002/xforms\" "
           "xmlns:h=\"http://www.w3.org/1999/xhtml\" xmlns:jr=\"http://openrosa.org/javarosa\">"
           "<h:head><h:title>" +
           name + "</h:title><model><instance><data id=\"" + name + "\">" + instance +
           "<meta><instanceID/></meta></data></instance>" + more + binds +
           "<bind nodeset=\"/data/meta/instanceID\" type=\"string\" jr:preload=\"uid\"/></model></h:head>"
           "<h:body>" +
           body + "</h:body></h:html>";
}

/// The question that one is relevant on: the first of its block of ten or, in a deep form, the last integer.
inline int gate_of(int question, bool deep) {
    if (deep) return question == 0 ? -1 : (question - 1) / 2 * 2;
    return question % 10 == 0 ? -1 : question / 10 * 10;
}

inline std::string questions(int count, bool deep) {
    std::string instance, binds, body;
    for (int i = 0; i < count; ++i) {
        const std::string q = "q" + std::to_string(i);
        instance += "<" + q + "/>";
        binds += "<bind nodeset=\"/data/" + q + "\" type=\"" + (i % 2 == 0 ? "int" : "string") + "\"";
        if (const int gate = gate_of(i, deep); gate >= 0) {
            const std::string on = "/data/q" + std::to_string(gate);
            binds += " relevant=\"" + on + " != '' and " + on + " &gt; 5\"";
        }
        binds += "/>";
        body += "<input ref=\"/data/" + q + "\"><label>Question " + std::to_string(i) + "</label></input>";
    }
    return xform(deep ? "deep" : "questions", instance, binds, body);
}

inline std::string chain(int count) {
    std::string instance = "<x/>", binds = "<bind nodeset=\"/data/x\" type=\"int\"/>";
    for (int i = 0; i < count; ++i) {
        const std::string c = "c" + std::to_string(i);
        instance += "<" + c + "/>";
        binds += "<bind nodeset=\"/data/" + c + "\" type=\"int\" calculate=\"/data/" +
                 (i == 0 ? "x" : "c" + std::to_string(i - 1)) + " + 1\"/>";
    }
    return xform("chain", instance, binds, "<input ref=\"/data/x\"><label>x</label></input>");
}

inline std::string choices(int count) {
    std::string places = "<instance id=\"place\"><root>", regions = "<instance id=\"region\"><root>";
    for (int r = 0; r < count / 100; ++r) {
        const std::string region = "r" + std::to_string(r);
        regions += "<item><name>" + region + "</name><label>Region " + std::to_string(r) + "</label></item>";
        for (int c = 0; c < 100; ++c)
            places += "<item><name>p" + std::to_string(r) + "_" + std::to_string(c) + "</name><label>Place " +
                      std::to_string(r) + "/" + std::to_string(c) + "</label><region>" + region +
                      "</region></item>";
    }
    const auto select = [](const std::string& name, const std::string& filter) {
        return "<select1 ref=\"/data/" + name + "\"><label>" + name +
               "</label><itemset nodeset=\"instance('" + name + "')/root/item" + filter +
               "\"><value ref=\"name\"/><label ref=\"label\"/></itemset></select1>";
    };
    return xform(
        "choices", "<region/><place/>",
        "<bind nodeset=\"/data/region\" type=\"string\"/><bind nodeset=\"/data/place\" type=\"string\"/>",
        select("region", "") + select("place", "[region = /data/region]"),
        places + "</root></instance>" + regions + "</root></instance>");
}

inline std::string repeats(int count) {
    std::string instance = "<total/><p jr:template=\"\"><n/><age/></p>";
    for (int i = 0; i < count; ++i) instance += "<p><n/><age>1</age></p>";
    return xform(
        "repeats", instance,
        "<bind nodeset=\"/data/total\" type=\"int\" calculate=\"sum(/data/p/age)\"/>"
        "<bind nodeset=\"/data/p/n\" type=\"string\"/><bind nodeset=\"/data/p/age\" type=\"int\"/>",
        "<group ref=\"/data/p\"><label>p</label><repeat nodeset=\"/data/p\"><input ref=\"/data/p/n\">"
        "<label>n</label></input><input ref=\"/data/p/age\"><label>age</label></input></repeat></group>"
        "<input ref=\"/data/total\"><label>t</label></input>");
}

inline std::string nested_groups(int depth) {
    std::string instance, end, path = "/data", body, close;
    for (int i = 0; i < depth; ++i) {
        const std::string g = "g" + std::to_string(i);
        instance += "<" + g + ">";
        end = "</" + g + ">" + end;
        path += "/" + g;
        body += "<group ref=\"" + path + "\"><label>g</label>";
        close += "</group>";
    }
    body += "<input ref=\"" + path + "/q\"><label>q</label></input>";
    return xform("groups", instance + "<q/>" + end, "<bind nodeset=\"" + path + "/q\" type=\"string\"/>",
                 body + close);
}

/// questions(count, false) as a workbook with inline strings.
inline std::filesystem::path questions_workbook(const std::filesystem::path& folder, int count) {
    const auto row = [](const std::vector<std::string>& cells) {
        std::string xml = "<row>";
        for (const std::string& cell : cells) xml += "<c t=\"inlineStr\"><is><t>" + cell + "</t></is></c>";
        return xml + "</row>";
    };
    std::string rows = row({"type", "name", "label", "relevant"});
    for (int i = 0; i < count; ++i) {
        const int gate = gate_of(i, false);
        const std::string on = "${q" + std::to_string(gate) + "}";
        rows += row({i % 2 == 0 ? "integer" : "text", "q" + std::to_string(i),
                     "Question " + std::to_string(i), gate < 0 ? "" : on + " != '' and " + on + " &gt; 5"});
    }
    const std::string types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
    const std::map<std::string, std::string> parts = {
        {"_rels/.rels", "<Relationships><Relationship Id=\"r\" Type=\"" + types +
                            "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"},
        {"xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id=\"r1\" Type=\"" + types +
                                           "worksheet\" Target=\"sheet.xml\"/></Relationships>"},
        {"xl/workbook.xml",
         "<workbook xmlns:r=\"r\"><sheets><sheet name=\"survey\" sheetId=\"1\" "
         "r:id=\"r1\"/></sheets></workbook>"},
        {"xl/sheet.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"},
    };
    const std::filesystem::path file = folder / "questions.xlsx";
    int error = 0;
    zip_t* zip = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
    if (zip == nullptr) throw std::runtime_error("the workbook cannot be written");
    for (const auto& [name, bytes] : parts)
        zip_file_add(zip, name.c_str(), zip_source_buffer(zip, bytes.data(), bytes.size(), 0), 0);
    if (zip_close(zip) != 0) throw std::runtime_error("the workbook cannot be written");
    return file;
}

// The same forms as SurveyJS writes them.
inline std::string surveyjs(const std::string& elements) {
    return "{\"elements\":[" + elements + "]}";
}

inline std::string questions_surveyjs(int count) {
    std::string elements;
    for (int i = 0; i < count; ++i) {
        elements += (i == 0 ? "" : ",") + ("{\"type\":\"text\",\"name\":\"q" + std::to_string(i)) +
                    "\",\"title\":\"Question " + std::to_string(i) + "\"";
        if (i % 2 == 0) elements += ",\"inputType\":\"number\"";
        if (const int gate = gate_of(i, false); gate >= 0) {
            const std::string on = "{q" + std::to_string(gate) + "}";
            elements += ",\"visibleIf\":\"" + on + " notempty and " + on + " > 5\"";
        }
        elements += "}";
    }
    return surveyjs(elements);
}

inline std::string chain_surveyjs(int count) {
    std::string elements = "{\"type\":\"text\",\"name\":\"x\",\"inputType\":\"number\"}";
    for (int i = 0; i < count; ++i)
        elements += ",{\"type\":\"expression\",\"name\":\"c" + std::to_string(i) + "\",\"expression\":\"{" +
                    (i == 0 ? "x" : "c" + std::to_string(i - 1)) + "} + 1\"}";
    return surveyjs(elements);
}

inline std::string choices_surveyjs(int count) {
    std::string regions, places;
    for (int r = 0; r < count / 100; ++r) {
        const std::string region = "r" + std::to_string(r);
        regions += (r == 0 ? "\"" : ",\"") + region + "\"";
        for (int c = 0; c < 100; ++c)
            places += (places.empty() ? "" : ",") + ("{\"value\":\"p" + std::to_string(r)) + "_" +
                      std::to_string(c) + "\",\"visibleIf\":\"{region} = '" + region + "'\"}";
    }
    return surveyjs("{\"type\":\"dropdown\",\"name\":\"region\",\"choices\":[" + regions +
                    "]},{\"type\":\"dropdown\",\"name\":\"place\",\"choices\":[" + places + "]}");
}

inline std::string repeats_surveyjs(int count) {
    return surveyjs(
        "{\"type\":\"paneldynamic\",\"name\":\"p\",\"maxPanelCount\":2000,\"panelCount\":" +
        std::to_string(count) +
        ",\"templateElements\":[{\"type\":\"text\",\"name\":\"n\"},{\"type\":\"text\",\"name\":\"age\","
        "\"inputType\":\"number\",\"defaultValue\":1}]},"
        "{\"type\":\"expression\",\"name\":\"total\",\"expression\":\"sumInArray({p}, 'age')\"}");
}

inline void write_forms(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    const auto write = [&](const std::string& name, const std::string& text) {
        std::ofstream(folder / name, std::ios::binary) << text;
    };
    for (const int count : {1'000, 10'000}) {
        write("questions-" + std::to_string(count) + ".xml", questions(count, false));
        write("questions-" + std::to_string(count) + ".surveyjs.json", questions_surveyjs(count));
    }
    for (const int count : {1'000, 8'000}) {
        write("chain-" + std::to_string(count) + ".xml", chain(count));
        write("chain-" + std::to_string(count) + ".surveyjs.json", chain_surveyjs(count));
    }
    write("choices-10000.xml", choices(10'000));
    write("choices-10000.surveyjs.json", choices_surveyjs(10'000));
    write("repeats-1000.xml", repeats(1'000));
    write("repeats-1000.surveyjs.json", repeats_surveyjs(1'000));
}

}  // namespace bench
