"""What nginx is told so that it answers from the folder as the site answers: types, headers, tags, codes and redirects.

A link leads to the kept file whose name is its tag, so nginx reads the tag from the folder itself (`$realpath_root`): what was replaced is
answered anew at the next request, with nothing to read again. Only new kinds of answers and moved articles need a reload.
"""

from editorial import addresses
from editorial.edition.folder import Headers, Manifest

HTTP, SERVER = "http.conf", "server.conf"

_HTTP = """\
# Made by manage.py export_site. Include this in the http block of nginx, and server.conf in a server block that sets $edition to this folder.
map $realpath_root $edition_kept {
    default "";
    "~(?<edition_found>/kept/[^/]+/[^/]+)$" $edition_found;
}
map $edition_kept $edition_tag {
    default "";
    "~/(?<edition_name_of>[a-wyz][0-9a-f]{64})(?:;|$)" 'W/"$edition_name_of"';
}
map "$edition_tag $http_if_none_match" $edition_held {
    default "";
    "~^W/(?<edition_quoted>\\"[^\\"]+\\") .*(?:\\k<edition_quoted>|\\*)" 1;
}
map $uri $edition_moved {
    default "";
%(moved)s}
"""

_SERVER = """\
# Made by manage.py export_site. Include this in a server block that says: set $edition /where/this/folder/is; location @live { … }
absolute_redirect off;
merge_slashes off;
error_page 404 %(not_found)s;
error_page 502 503 504 %(away)s;
location ~ "^(?<edition_error>%(not_found)s|%(away)s)$" {
    internal;
    alias $edition/site$edition_error;
    rewrite ^ $edition_kept last;
}
location ~ "//" { return 404; }
%(kinds)s%(live)slocation ~ "^(?<edition_at>.*/)$" {
    if ($edition_moved) { return 301 $edition_moved; }
    set $edition_file "";
%(indexes)s    if ($edition_file = "") { return 404; }
    alias $edition/site$edition_file;
    rewrite ^ $edition_kept last;
}
location ~ "^(?<edition_at>/.*[^/])$" {
    if ($edition_moved) { return 301 $edition_moved; }
%(slashes)s    if ($edition_at ~ "/index[.][a-z]+$") { return 404; }
    if (!-f $edition/site$edition_at) { return 404; }
    alias $edition/site$edition_at;
    rewrite ^ $edition_kept last;
}
"""

_KIND = """\
location ~ "^/kept/%(kind)s/[^/;]+(?:;(?<edition_name>.+))?$" {
    internal;
    root $edition;
    if ($edition_held) { return 304; }
    etag off;
    max_ranges 0;
    gzip off;
    gzip_static on;
    gzip_proxied any;
    gzip_http_version 1.0;
    gzip_vary off;
    types { }
    default_type %(type)s;
    add_header Last-Modified "" always;
    add_header ETag $edition_tag always;
%(headers)s}
"""

_INDEX = """\
    if (-f $edition/site${edition_at}%(name)s) { set $edition_file "${edition_at}%(name)s"; }
"""
_SLASH = """\
    if (-f $edition/site$edition_at/%(name)s) { return 301 $edition_at/$is_args$args; }
"""


def configuration(manifest: Manifest) -> dict[str, str]:
    """The two files that nginx includes, by name."""
    files = {entry.file.rpartition("/")[2] for address, entry in manifest.entries.items() if address.endswith("/")}
    parts = {
        "not_found": addresses.NOT_FOUND,
        "away": addresses.AWAY,
        "kinds": "".join(_kind(name, headers) for name, headers in sorted(manifest.kinds.items())),
        "live": "".join(_live(pattern) for pattern in [f"^/(?:{'|'.join(addresses.live_rooms())})(?:/|$)", *addresses.live_patterns()]),
        "indexes": "".join(_INDEX % {"name": name} for name in sorted(files)),
        "slashes": "".join(_SLASH % {"name": name} for name in sorted(files)),
    }
    moved = "".join(f'    "~^/articles/{old}(?<edition_rest>/.*)$" "/articles/{new}$edition_rest";\n' for old, new in sorted(manifest.moved.items()))
    return {HTTP: _HTTP % {"moved": moved}, SERVER: _SERVER % parts}


def _kind(name: str, headers: Headers) -> str:
    said = dict(headers)
    lines = [f"    add_header {key} {_quoted(value)} always;\n" for key, value in headers if key != "Content-Type"]
    return _KIND % {"kind": name, "type": _quoted(said["Content-Type"]), "headers": "".join(lines)}


def _quoted(value: str) -> str:
    """A value in the quotes of nginx; the one variable that it may hold is the name of a download."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _live(pattern: str) -> str:
    return f'location ~ "{pattern}" {{ try_files /.none @live; }}\n'
