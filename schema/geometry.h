#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace fieldfare::schema {

/// A place on Earth, in degrees.
struct GeoPoint {
    double latitude = 0, longitude = 0;

    bool operator==(const GeoPoint&) const = default;
};

/// Appends the places of a geopoint, geotrace or geoshape ("lat long altitude accuracy; …", the last two may
/// be missing). False when one of them is none, or stands beyond the poles or the date line.
bool read_points(std::string_view text, std::vector<GeoPoint>& out);

/// Square metres inside the closed line through the places, on a sphere with the Earth's equatorial radius;
/// to the square centimetre's hundred, like the peers. 0 for fewer than three places.
double area_of(const std::vector<GeoPoint>& places);

/// Metres along the line through the places, likewise, to the centimetre.
double length_of(const std::vector<GeoPoint>& places);

/// Whether the place lies inside the closed line. Degrees are taken as a plane.
bool lies_inside(GeoPoint place, const std::vector<GeoPoint>& closed_line);

/// Whether a segment of the line meets another one than its neighbours. Nothing for lines of so many segments
/// that the answer would take long.
std::optional<bool> meets_itself(const std::vector<GeoPoint>& line);

}  // namespace fieldfare::schema
