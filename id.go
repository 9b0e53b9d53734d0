package retailq

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"time"
)

// ID is a UUID. The zero ID means "none": it is stored as SQL NULL and printed as "".
type ID [16]byte

// NewID returns a UUIDv7 (RFC 9562, section 5.7), whose first 60 bits are the time, so that ids
// sort by creation and new rows land together at the end of an index. The bits after the
// millisecond hold its fraction (RFC 9562, section 6.2, method 3); the other 62 are random.
func NewID() ID { return newIDAt(time.Now()) }

func newIDAt(now time.Time) ID {
	var id ID
	rand.Read(id[8:])
	ms := now.UnixMilli()
	fraction := (now.UnixNano() - ms*1e6) * 4096 / 1e6
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = 0x70 | byte(fraction>>8)
	id[7] = byte(fraction)
	id[8] = 0x80 | id[8]&0x3f
	return id
}

// ParseID reads the 36-character form of a UUID, in either case. Any other text is ErrInvalid.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, Invalid("id_invalid", "%q is not an id", s)
	}
	compact := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	if _, err := hex.Decode(id[:], []byte(compact)); err != nil {
		return ID{}, Invalid("id_invalid", "%q is not an id", s)
	}
	return id, nil
}

// IsZero reports whether id is "none".
func (id ID) IsZero() bool { return id == ID{} }

// String returns the 36-character lower-case form, or "" for the zero ID.
func (id ID) String() string {
	if id.IsZero() {
		return ""
	}
	var b [36]byte
	hex.Encode(b[:8], id[:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:], id[10:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; empty text is the zero ID.
func (id *ID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = ID{}
		return nil
	}
	parsed, err := ParseID(string(text))
	if err == nil {
		*id = parsed
	}
	return err
}

// Value implements driver.Valuer: the zero ID is NULL.
func (id ID) Value() (driver.Value, error) {
	if id.IsZero() {
		return nil, nil //nolint:nilnil // NULL is what the zero ID means
	}
	return id.String(), nil
}

// Scan implements sql.Scanner: NULL is the zero ID.
func (id *ID) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		*id = ID{}
		return nil
	case string:
		return id.UnmarshalText([]byte(src))
	case []byte:
		return id.UnmarshalText(src)
	case [16]byte:
		*id = src
		return nil
	}
	return fmt.Errorf("scan %T into retailq.ID", src)
}
