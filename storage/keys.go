package storage

import (
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"retailq"
)

// maxPart is how long one part of a key may be, in bytes. Servers that keep objects as files allow 255.
const maxPart = 120

// Key builds the key of an object of a tenant, or of the platform itself for the zero ID:
//
//	Key(tenant, "uploads", id, filename)  →  tenants/<tenant>/uploads/<id>/<filename>
//
// Each part is made harmless: letters and digits of any script, '.', '_' and '-' stay, anything else becomes '_'; a
// leading dot does too; a part longer than 120 bytes loses its middle and keeps its extension.
func Key(tenant retailq.ID, parts ...string) string {
	var key strings.Builder
	key.WriteString(prefixOf(tenant))
	for i, part := range parts {
		if i > 0 {
			key.WriteByte('/')
		}
		key.WriteString(sanitise(part))
	}
	return key.String()
}

// Owns reports whether key names an object of the tenant. A key that some server or proxy could take for another
// tenant's belongs to nobody: one with "." or ".." among its parts, even percent-encoded, with an empty part, a
// backslash or a control character.
func Owns(tenant retailq.ID, key string) bool {
	rest, ok := strings.CutPrefix(key, prefixOf(tenant))
	if tenant.IsZero() || !ok || !utf8.ValidString(key) {
		return false
	}
	for part := range strings.SplitSeq(rest, "/") {
		decoded, err := url.PathUnescape(part)
		if err != nil {
			decoded = part // a '%' that stands for itself
		}
		if decoded == "" || decoded == "." || decoded == ".." ||
			strings.ContainsAny(decoded, `/\`) || strings.ContainsFunc(decoded, unicode.IsControl) {
			return false
		}
	}
	return true
}

func prefixOf(tenant retailq.ID) string {
	if tenant.IsZero() {
		return "platform/"
	}
	return "tenants/" + tenant.String() + "/"
}

func sanitise(part string) string {
	part = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, strings.ToValidUTF8(part, "_"))
	if part == "" || part[0] == '.' {
		part = "_" + strings.TrimPrefix(part, ".")
	}
	if len(part) <= maxPart {
		return part
	}
	extension := path.Ext(part)
	if len(extension) > maxPart/2 {
		extension = ""
	}
	return strings.ToValidUTF8(part[:maxPart-len(extension)], "") + extension
}
