#include "client/researcher/store_setup.h"
#include "crypto/batch.h"
#include "sync/http_address.h"

namespace fieldfare::researcher {
namespace {

// @WORD@ stands for what differs from study to study, a whole part (below) or a few letters. Everything else
// is Apache's own language.
constexpr std::string_view site =
    R"(# A store for sealed files of a Fieldfare study, as a site of Apache 2.4 (mod_dav).
# Written by "fieldfare-cli store init" for @ADDRESS@ and the study with the tag @TAG@.
# It holds no secret. What to do, as root on a Debian server (elsewhere the same with that system's words):
#
# 1. Software and modules
#      apt-get install apache2 apache2-utils
#      a2enmod @TLS_MODULE@dav dav_fs auth_basic authn_file authz_user headers reqtimeout
#
# 2. Folders; there must be room for all that the study sends, best on a file system of their own
#      mkdir -p /srv/fieldfare/locks /srv/fieldfare/data@PATH@/@TAG@/receipts
#      chown -R www-data:www-data /srv/fieldfare
#    What an upload leaves when the server dies in the middle of it (.davfs.tmp*) may be deleted after a day:
#      find /srv/fieldfare/data -name '.davfs.tmp*' -mtime +1 -delete
#    Receipts may not: devices ask for them by number, and come past no gap.
#
# 3. Users: each command asks for a long password of your choice
#      htpasswd -B -c /etc/apache2/fieldfare.users @DEVICE@
#      htpasswd -B    /etc/apache2/fieldfare.users @RESEARCHER@
#      chown root:www-data /etc/apache2/fieldfare.users; chmod 640 /etc/apache2/fieldfare.users
#    Every device gets the password of @DEVICE@ with the study file; that of @RESEARCHER@ stays with those who
#    fetch.
#
@CERTIFICATE@@TOR@# @STEP@. This file
#      cp @FILE@ /etc/apache2/sites-available/fieldfare.conf
#      a2ensite fieldfare; a2dissite 000-default; apachectl configtest; systemctl restart apache2
#
# @STEP@. Whoever builds the study writes two store files, and has the store tried out before devices go out:
#      devices.ffstore                          reader.ffstore
#        address = @ADDRESS@
#        user = @DEVICE@                          the same, with user = @RESEARCHER@ and that password
#        password = (of step 3)
@TRUST@@PROXY@#      fieldfare-cli store doctor --study survey.ffstudy --as-researcher reader.ffstore

# --- What may be another on this server: change it here, or define it before this file is read ----------------

<IfDefine !FIELDFARE_HOME>
  Define FIELDFARE_HOME /srv/fieldfare
</IfDefine>
<IfDefine !FIELDFARE_USERS>
  Define FIELDFARE_USERS /etc/apache2/fieldfare.users
</IfDefine>
@TLS_FILES@<IfDefine !FIELDFARE_LISTEN>
  Define FIELDFARE_LISTEN @WHERE@:@PORT@
</IfDefine>
# The studies' tags; several with | between them. Each has a folder, and in it "receipts".
<IfDefine !FIELDFARE_STUDIES>
  Define FIELDFARE_STUDIES @TAG@
</IfDefine>
@LISTEN@
# --- The site ----------------------------------------------------------------------------------------------------

<VirtualHost ${FIELDFARE_LISTEN}>
@SERVER_NAME@@TLS@
  DocumentRoot ${FIELDFARE_HOME}/data
  DavLockDB ${FIELDFARE_HOME}/locks/lock
  FileETag None
  # A log would tell who takes the server from where, and when, each device has sent. Devices are refused more
  # often than they are let in, and what is refused Apache calls an error.
  CustomLog /dev/null common
  LogLevel crit
  ErrorLogFormat "[%t] [%-m:%l] [pid %P] %E: %M"

  # The largest sealed file. Slow lines are welcome, dead ones are not.
  LimitRequestBody @LARGEST@
  RequestReadTimeout header=20-40,MinRate=500 body=30,MinRate=200

  <Directory />
    AllowOverride None
    Options None
    Require all denied
  </Directory>
@STATUS@
  # Who may do what with batches: devices put, and do nothing else.
  <Directory "${FIELDFARE_HOME}/data@PATH@">
    Dav On
    AuthType Basic
    AuthName store
    AuthBasicProvider file
    AuthUserFile ${FIELDFARE_USERS}
    <Limit PUT>
      Require user @DEVICE@
    </Limit>
    <Limit GET PROPFIND DELETE>
      Require user @RESEARCHER@
    </Limit>
    <LimitExcept PUT GET PROPFIND DELETE>
      Require all denied
    </LimitExcept>
    # Nobody replaces a file, whatever they send, nor writes into one.
    RequestHeader set If-None-Match "*" "expr=%{REQUEST_METHOD} == 'PUT'"
    RequestHeader unset Content-Range
  </Directory>

  # Receipts: the other way round. A device asks for its own by name, and gets no list.
  <LocationMatch "^@PATH_PATTERN@/(${FIELDFARE_STUDIES})/receipts/">
    <Limit PUT PROPFIND DELETE>
      Require user @RESEARCHER@
    </Limit>
    <Limit GET>
      Require user @DEVICE@ @RESEARCHER@
    </Limit>
    <LimitExcept PUT GET PROPFIND DELETE>
      Require all denied
    </LimitExcept>
  </LocationMatch>

  # Names of sealed files and receipts alone.
  <Location "@PATH@/">
    <If "%{REQUEST_METHOD} == 'PUT' && %{REQUEST_URI} !~ m#^@PATH_PATTERN@/(${FIELDFARE_STUDIES})/([0-9]{8}-[0-9a-f]{64}(-[0-9]+)?\.batch|receipts/[0-9a-f]{32}-[0-9]+\.receipt)$#">
      Require all denied
    </If>
  </Location>
</VirtualHost>
)";

constexpr std::string_view certificate_step =
    R"(# @STEP@. Certificate and key for the server's name, at the places named below: from an authority, or your own:
#      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1000 \
#        -subj /CN=@HOST_ALONE@ -addext subjectAltName=@HOST_KIND@:@HOST_ALONE@ \
#        -keyout /etc/ssl/private/fieldfare.key -out /etc/ssl/certs/fieldfare.pem
#    Hand the certificate, never the key, and this line to whoever builds the study; it is the store's pin:
#      openssl x509 -noout -pubkey -in /etc/ssl/certs/fieldfare.pem | openssl pkey -pubin -outform der \
#        | openssl dgst -sha256 -binary | openssl base64
#    Whoever changes the key later cuts the devices off, unless the study names the next one's pin as well:
#    make a spare key now, keep it elsewhere, and hand over its pin, too.
#
)";

// Whoever comes by Tor comes from this machine, which Apache may show more than others.
constexpr std::string_view tor_step =
    R"(# @STEP@. Tor, and no other way in: whoever looks through the addresses of the internet must not find the store
#      apt-get install tor; a2dismod status info
#      sed -i 's/^[[:space:]]*Listen/# &/' /etc/apache2/ports.conf
#    Other sites of this server that need those lines keep them; then let FIELDFARE_LISTEN, below, and the end of
#    HiddenServicePort be 127.0.0.1 and a port that is free, or Apache does not start.
#    In /etc/tor/torrc:
#      HiddenServiceDir /var/lib/tor/fieldfare/
#      HiddenServicePort @PORT@ @WHERE@:@PORT@
#    Then this must say @HOST@:
#      systemctl restart tor; cat /var/lib/tor/fieldfare/hostname
#    Whoever has the keys of that folder is the store; keep a copy of it elsewhere, or no device finds it again.
#
)";

constexpr std::string_view trust_settings =
    R"(#        pin = sha256//(of step 4)
#        certificate = fieldfare.pem              (only with a certificate of your own)
)";

constexpr std::string_view proxy_setting =
    R"(#        proxy = socks5h://127.0.0.1:9050         (where Tor runs on each machine)
)";

constexpr std::string_view tls_files =
    R"(<IfDefine !FIELDFARE_CERTIFICATE>
  Define FIELDFARE_CERTIFICATE /etc/ssl/certs/fieldfare.pem
</IfDefine>
<IfDefine !FIELDFARE_KEY>
  Define FIELDFARE_KEY /etc/ssl/private/fieldfare.key
</IfDefine>
)";

constexpr std::string_view tls =
    R"(  SSLEngine on
  SSLProtocol -all +TLSv1.2 +TLSv1.3
  SSLCertificateFile ${FIELDFARE_CERTIFICATE}
  SSLCertificateKeyFile ${FIELDFARE_KEY}
)";

constexpr std::string_view no_status =
    R"site(
  # Who comes by Tor comes from this machine, to which Apache would show what it does for whom.
  <LocationMatch "^/server-(status|info)">
    Require all denied
  </LocationMatch>
)site";

void put(std::string& text, std::string_view word, std::string_view value) {
    const std::string marked = "@" + std::string(word) + "@";
    for (std::size_t at = 0; (at = text.find(marked, at)) != std::string::npos; at += value.size())
        text.replace(at, marked.size(), value);
}

/// The steps from the fourth on, of which some are not in every site.
void number_steps(std::string& text) {
    constexpr std::string_view marked = "@STEP@";
    int step = 4;
    for (std::size_t at = 0; (at = text.find(marked, at)) != std::string::npos;)
        text.replace(at, marked.size(), std::to_string(step++));
}

/// A path within a regular expression: its dots mean dots.
std::string as_pattern(const std::string& path) {
    std::string pattern;
    for (const char c : path) {
        if (std::string_view(".+()[]{}*?^$|\\#").find(c) != std::string_view::npos) pattern += '\\';
        pattern += c;
    }
    return pattern;
}

bool is_number(const std::string& host) {
    return host.front() == '[' || host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

SetupFile apache_site(const StorePlan& plan) {
    sync::HttpAddress address{true, "drop.example.org", 443, "/drop"};
    if (auto parsed = sync::parse_http_address(plan.address)) address = std::move(*parsed);
    std::string text(site);
    const std::string& path = address.path;
    const bool onion = address.is_onion();
    const auto put_part = [&](std::string_view word, bool is_in, std::string_view part) {
        put(text, word, is_in ? part : std::string_view());
    };
    put_part("TLS_MODULE", address.secure, "ssl ");
    put_part("CERTIFICATE", address.secure, certificate_step);
    put_part("TRUST", address.secure, trust_settings);
    put_part("TLS_FILES", address.secure, tls_files);
    put_part("TLS", address.secure, tls);
    put_part("TOR", onion, tor_step);
    put_part("PROXY", onion, proxy_setting);
    put_part("STATUS", onion, no_status);
    number_steps(text);
    // Debian's own configuration listens on 443, for all who come.
    put(text, "LISTEN",
        onion                 ? "Listen ${FIELDFARE_LISTEN}\n"
        : address.port == 443 ? ""
                              : "Listen " + std::to_string(address.port) + "\n");
    put(text, "WHERE", onion ? "127.0.0.1" : "*");
    put(text, "ADDRESS", address.text());
    put(text, "PATH_PATTERN", as_pattern(path));
    put(text, "PATH", path);
    put(text, "HOST_KIND", is_number(address.host) ? "IP" : "DNS");
    const bool in_brackets = address.host.front() == '[';
    put(text, "HOST_ALONE", in_brackets ? address.host.substr(1, address.host.size() - 2) : address.host);
    // Apache takes no number in brackets there, and by a number it is found anyway.
    put(text, "SERVER_NAME", in_brackets ? "" : "  ServerName " + address.host + "\n");
    put(text, "HOST", address.host);
    put(text, "PORT", std::to_string(address.port));
    put(text, "TAG", plan.study_tag);
    put(text, "DEVICE", plan.device);
    put(text, "RESEARCHER", plan.researcher);
    put(text, "LARGEST", std::to_string(crypto::max_batch_file));
    SetupFile file{"apache" + plan.suffix + ".conf", "", ""};
    put(text, "FILE", file.name);
    file.text = std::move(text);
    file.told = "at the beginning of " + file.name;
    return file;
}

}  // namespace fieldfare::researcher
