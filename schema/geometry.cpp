#include "schema/geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "schema/number_text.h"

namespace fieldfare::schema {
namespace {

constexpr double earth_radius_metres = 6'378'100;

double radians(double degrees) {
    return degrees * std::numbers::pi / 180;
}

double to_hundredths(double value) {
    return std::round(value * 100) / 100;
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::optional<GeoPoint> read_point(std::string_view text) {
    double numbers[4];
    int count = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (is_space(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && !is_space(text[end])) ++end;
        if (count == 4) return std::nullopt;
        numbers[count] = number_from_text(text.substr(at, end - at));
        if (std::isnan(numbers[count++])) return std::nullopt;
        at = end;
    }
    if (count < 2 || std::abs(numbers[0]) > 90 || std::abs(numbers[1]) > 180) return std::nullopt;
    return GeoPoint{numbers[0], numbers[1]};
}

// The spherical law of cosines, as in the peers.
double distance_between(GeoPoint a, GeoPoint b) {
    const double cosine = std::sin(radians(a.latitude)) * std::sin(radians(b.latitude)) +
                          std::cos(radians(a.latitude)) * std::cos(radians(b.latitude)) *
                              std::cos(radians(a.longitude - b.longitude));
    return std::acos(std::clamp(cosine, -1.0, 1.0)) * earth_radius_metres;
}

// On which side of the line from a to b the place c lies: above 0 left, below 0 right, 0 on it.
double side_of(GeoPoint a, GeoPoint b, GeoPoint c) {
    return (b.longitude - a.longitude) * (c.latitude - a.latitude) -
           (b.latitude - a.latitude) * (c.longitude - a.longitude);
}

struct Segment {
    GeoPoint from, to;
};

bool in_box(GeoPoint place, const Segment& segment) {
    const auto [west, east] = std::minmax(segment.from.longitude, segment.to.longitude);
    const auto [south, north] = std::minmax(segment.from.latitude, segment.to.latitude);
    return place.longitude >= west && place.longitude <= east && place.latitude >= south &&
           place.latitude <= north;
}

bool meet(const Segment& first, const Segment& second) {
    const double a = side_of(second.from, second.to, first.from),
                 b = side_of(second.from, second.to, first.to);
    const double c = side_of(first.from, first.to, second.from), d = side_of(first.from, first.to, second.to);
    if (a * b < 0 && c * d < 0) return true;
    return (a == 0 && in_box(first.from, second)) || (b == 0 && in_box(first.to, second)) ||
           (c == 0 && in_box(second.from, first)) || (d == 0 && in_box(second.to, first));
}

}  // namespace

bool read_points(std::string_view text, std::vector<GeoPoint>& out) {
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(';', at), text.size());
        const std::string_view part = text.substr(at, end - at);
        const bool blank = std::all_of(part.begin(), part.end(), is_space);
        if (blank && end == text.size() && at > 0) return true;  // a semicolon at the very end
        const auto place = read_point(part);
        if (!place) return false;
        out.push_back(*place);
        at = end + 1;
    }
    return true;
}

double area_of(const std::vector<GeoPoint>& places) {
    if (places.size() < 3) return 0;
    double total = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const GeoPoint from = places[i], to = places[(i + 1) % places.size()];
        total += radians(to.longitude - from.longitude) *
                 (2 + std::sin(radians(to.latitude)) + std::sin(radians(from.latitude)));
    }
    return to_hundredths(std::abs(total * earth_radius_metres * earth_radius_metres / 2));
}

double length_of(const std::vector<GeoPoint>& places) {
    double total = 0;
    for (std::size_t i = 1; i < places.size(); ++i) total += distance_between(places[i - 1], places[i]);
    return to_hundredths(total);
}

// Counts the edges that a ray eastwards crosses: W. R. Franklin, "PNPOLY", as in JavaRosa.
bool lies_inside(GeoPoint place, const std::vector<GeoPoint>& line) {
    bool inside = false;
    for (std::size_t i = 1; i < line.size(); ++i) {
        const GeoPoint a = line[i - 1], b = line[i];
        if ((a.latitude > place.latitude) == (b.latitude > place.latitude)) continue;
        if (place.longitude <
            (a.longitude - b.longitude) * (place.latitude - b.latitude) / (a.latitude - b.latitude) +
                b.longitude)
            inside = !inside;
    }
    return inside;
}

std::optional<bool> meets_itself(const std::vector<GeoPoint>& line) {
    constexpr std::size_t most_segments = 5'000;
    std::vector<Segment> segments;
    for (std::size_t i = 1; i < line.size(); ++i)
        if (line[i - 1] != line[i]) segments.push_back({line[i - 1], line[i]});
    if (segments.size() > most_segments) return std::nullopt;
    if (segments.size() == 2) {  // back along itself
        const auto& [first, second] = std::pair(segments[0], segments[1]);
        return (side_of(second.from, second.to, first.from) == 0 && in_box(first.from, second)) ||
               (side_of(first.from, first.to, second.to) == 0 && in_box(second.to, first));
    }
    const bool closed = !line.empty() && line.front() == line.back();
    for (std::size_t i = 0; i < segments.size(); ++i)
        for (std::size_t k = i + 2; k < segments.size(); ++k) {
            if (closed && i == 0 && k + 1 == segments.size()) continue;  // they share the closing place
            if (meet(segments[i], segments[k])) return true;
        }
    return false;
}

}  // namespace fieldfare::schema
