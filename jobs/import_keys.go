package jobs

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"slices"
)

const (
	// keyParts is into how many parts keys are divided by their hash; only one part at a time is looked at.
	keyParts = 64
	// keysInMemory is how many keys a scan holds before it writes them to temporary files: 24 bytes each.
	keysInMemory = 1 << 20
)

// keyIndex finds records that have the same key, in memory that does not grow with their number: keys are told apart
// by 128 bits of hash under seeds that nobody else knows, and divided among temporary files once there are many.
type keyIndex struct {
	seeds    [2]maphash.Seed
	parts    [keyParts][]keyEntry
	held     int
	capacity int
	// files hold what was spilled. They have no name any more, so that nothing is left of them if the process dies.
	files []*os.File
}

type keyEntry struct {
	hash   [2]uint64
	record int64
}

func newKeyIndex(capacity int) *keyIndex {
	return &keyIndex{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, capacity: capacity}
}

// add notes that the record with the given number, counted from 0, has the key.
func (x *keyIndex) add(key []byte, record int64) error {
	e := keyEntry{hash: [2]uint64{maphash.Bytes(x.seeds[0], key), maphash.Bytes(x.seeds[1], key)}, record: record}
	part := e.hash[0] % keyParts
	x.parts[part] = append(x.parts[part], e)
	if x.held++; x.held < x.capacity {
		return nil
	}
	if err := x.spill(); err != nil {
		return fmt.Errorf("spill keys to a temporary file: %w", err)
	}
	return nil
}

func (x *keyIndex) spill() error {
	for len(x.files) < keyParts {
		f, err := os.CreateTemp("", "retailq-keys-")
		if err != nil {
			return err
		}
		x.files = append(x.files, f)
		if err := os.Remove(f.Name()); err != nil {
			return err
		}
	}
	var buf []byte
	for i, entries := range x.parts {
		buf = buf[:0]
		for _, e := range entries {
			buf = binary.LittleEndian.AppendUint64(buf, e.hash[0])
			buf = binary.LittleEndian.AppendUint64(buf, e.hash[1])
			buf = binary.LittleEndian.AppendUint64(buf, uint64(e.record))
		}
		if _, err := x.files[i].Write(buf); err != nil {
			return err
		}
		x.parts[i] = entries[:0]
	}
	x.held = 0
	return nil
}

// losers marks every record whose key occurs again later in the file: the last one wins.
func (x *keyIndex) losers(records int64) (bitmap, error) {
	losers := newBitmap(records)
	var entries []keyEntry
	for i := range x.parts {
		entries = append(entries[:0], x.parts[i]...)
		if len(x.files) > 0 {
			var err error
			if entries, err = readSpilled(x.files[i], entries); err != nil {
				return nil, fmt.Errorf("read spilled keys: %w", err)
			}
		}
		slices.SortFunc(entries, func(a, b keyEntry) int {
			return cmp.Or(cmp.Compare(a.hash[0], b.hash[0]), cmp.Compare(a.hash[1], b.hash[1]), cmp.Compare(a.record, b.record))
		})
		for j := 1; j < len(entries); j++ {
			if entries[j-1].hash == entries[j].hash {
				losers.set(entries[j-1].record)
			}
		}
	}
	return losers, nil
}

func readSpilled(f *os.File, entries []keyEntry) ([]keyEntry, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(f, 64<<10)
	var b [24]byte
	for {
		if _, err := io.ReadFull(in, b[:]); errors.Is(err, io.EOF) {
			return entries, nil
		} else if err != nil {
			return nil, err
		}
		entries = append(entries, keyEntry{
			hash:   [2]uint64{binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])},
			record: int64(binary.LittleEndian.Uint64(b[16:])),
		})
	}
}

func (x *keyIndex) close() {
	for _, f := range x.files {
		_ = f.Close()
	}
}

// bitmap is a set of record numbers.
type bitmap []uint64

func newBitmap(n int64) bitmap { return make(bitmap, (n+63)/64) }

func (b bitmap) set(i int64)      { b[i/64] |= 1 << (i % 64) }
func (b bitmap) has(i int64) bool { return b[i/64]&(1<<(i%64)) != 0 }

// encode lists the members among the n numbers from first on, as uvarints of the differences between them, the first
// one from -1 relative to first. It is nil for none.
func (b bitmap) encode(first int64, n int) []byte {
	var out []byte
	last := int64(-1)
	for i := range int64(n) {
		if b.has(first + i) {
			out = binary.AppendUvarint(out, uint64(i-last))
			last = i
		}
	}
	return out
}

// decodeLosers undoes encode.
func decodeLosers(encoded []byte, n int) (bitmap, error) {
	b := newBitmap(int64(n))
	last := int64(-1)
	for len(encoded) > 0 {
		d, size := binary.Uvarint(encoded)
		if size <= 0 || d == 0 || d > uint64(n) || last+int64(d) >= int64(n) {
			return nil, errors.New("losers of a chunk cannot be decoded")
		}
		last += int64(d)
		b.set(last)
		encoded = encoded[size:]
	}
	return b, nil
}
