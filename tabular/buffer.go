package tabular

import (
	"errors"
	"io"
)

// emptyReads is how often in a row a source may return nothing before it is given up, as bufio does.
const emptyReads = 100

// unread is what has been read from the source and not yet passed.
func (r *Reader) unread() []byte { return r.buf[r.r:r.w] }

// atEnd reports whether nothing follows the unread bytes.
func (r *Reader) atEnd() bool { return errors.Is(r.srcErr, io.EOF) }

// fill reads until n bytes are unread or the source has ended.
func (r *Reader) fill(n int) error {
	for empty := 0; r.w-r.r < n && r.srcErr == nil; empty++ {
		r.makeRoom()
		var read int
		read, r.srcErr = r.src.Read(r.buf[r.w:])
		r.w += read
		if read > 0 {
			empty = 0
		} else if empty == emptyReads && r.srcErr == nil {
			r.srcErr = io.ErrNoProgress
		}
	}
	if r.w-r.r < n && !errors.Is(r.srcErr, io.EOF) {
		return r.srcErr
	}
	return nil
}

// makeRoom moves the unread bytes to the front of the buffer, and doubles the buffer where that gains little.
func (r *Reader) makeRoom() {
	if r.w < len(r.buf) && r.r == 0 {
		return
	}
	to := r.buf
	switch {
	case len(r.buf) == 0:
		to = make([]byte, firstRead)
	case r.w-r.r > len(r.buf)/2:
		to = make([]byte, 2*len(r.buf))
	}
	r.w = copy(to, r.unread())
	r.buf, r.r = to, 0
}

// skipBlank passes the lines without content. It returns io.EOF where nothing else is left.
func (r *Reader) skipBlank() error {
	for {
		data, last := r.unread(), r.atEnd()
		n := blankLine(data, r.delimiter, last, r.limits.RecordBytes)
		switch {
		case n > 0:
			r.blank++
			r.pass(span{next: n, lines: countLines(data[:n])})
		case n == 0 && len(data) > 0:
			return nil
		case last:
			return io.EOF
		default:
			if err := r.fill(len(data) + 1); err != nil {
				return err
			}
		}
	}
}

// blankLine is the length, with its ending, of the line at the beginning of data if it has no content; 0 where it
// has, and -1 where more data must tell. Beyond limit bytes any line has content.
func blankLine(data []byte, delimiter byte, last bool, limit int) int {
	for i, b := range data {
		switch {
		case i > limit:
			return 0
		case b == delimiter, isBlank(b):
		case b == '\n', b == '\r':
			if n := endingAt(data, i, last); n > 0 {
				return i + n
			}
			return -1
		default:
			return 0
		}
	}
	if last {
		return len(data)
	}
	return -1
}
