package ops

import (
	"strings"
	"unicode/utf8"

	"retailq"
)

const (
	// maxFilename is the longest name of a file for people, in characters.
	maxFilename = 255
	// maxKeyPart is the longest last part of a key, in bytes: what a bucket that keeps files on a disk can store.
	maxKeyPart = 255
	// maxObjectKey is the longest key of an object in S3, in bytes.
	maxObjectKey = 1024
)

// checkFilename refuses names that cannot be kept. An empty one is right, as there is a default.
func checkFilename(name string) error {
	if !storable(name) || utf8.RuneCountInString(name) > maxFilename {
		return retailq.Invalid("filename_invalid", "this cannot be the name of a file").
			WithHint("Use at most %d characters, in UTF-8 and without U+0000.", maxFilename)
	}
	return nil
}

// checkObjectKey refuses what cannot be the key of any object.
func checkObjectKey(key string) error {
	if !storable(key) || len(key) > maxObjectKey {
		return retailq.Invalid("object_key_invalid", "this cannot be the key of an object").
			WithHint("A key has at most %d bytes, in UTF-8 and without U+0000.", maxObjectKey)
	}
	return nil
}

// storable reports whether Postgres can hold a text.
func storable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// keyPart shortens a file's name for its key. The end is kept, as that is where the name says what the file is.
func keyPart(name string) string {
	for len(name) > maxKeyPart {
		_, size := utf8.DecodeRuneInString(name)
		name = name[size:]
	}
	return name
}
