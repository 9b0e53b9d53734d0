package tabular

import "fmt"

// resync decides how far the record with a broken quote reaches: to the next line, behind the one where the quote
// opened, that is sound by itself. Without such a line it reaches to the end of the file, or to the last line that
// begins within Limits.RecordBytes. A reader whose source ends at the place found here finds the same place.
func (r *Reader) resync(found span) (span, error) {
	at := found.open
	for {
		data, last := r.unread(), r.atEnd()
		next := nextLine(data, at, last)
		switch {
		case next < 0 && !last && len(data) < r.lookahead():
			if err := r.fill(len(data) + 1); err != nil {
				return found, err
			}
			continue
		case next >= 0 && next <= r.limits.RecordBytes:
			stop, err := r.soundAt(next)
			if err != nil {
				return found, err
			}
			at = next
			if !stop {
				continue
			}
		case last && len(data) <= r.limits.RecordBytes:
			at = len(data)
		case at == found.open:
			found.verdict = tooLong
			return found, r.skipLong()
		}
		r.breakOff(&found, at)
		return found, nil
	}
}

// breakOff makes the first n unread bytes the record with the broken quote.
func (r *Reader) breakOff(found *span, n int) {
	data := r.unread()
	found.next, found.length = n, n-endingBefore(data[:n])
	found.lines = countLines(data[:n])
	r.rec.ends, r.rec.quoted, r.rec.BareQuotes = r.rec.ends[:0], false, false
	line := r.pos.Line + countLines(data[:found.open])
	r.rec.Problem = &Problem{
		Code:    CodeQuoteBroken,
		Line:    line,
		Value:   shorten(data[found.open:n]),
		Message: fmt.Sprintf("the quote that opens cell %d on line %d is not closed properly", found.openCell, line),
		Hint: fmt.Sprintf("Close the quote at the end of the cell, write quotes inside it twice (\"\"), "+
			"and keep the cell under %d bytes.", r.limits.FieldBytes),
	}
}

// soundAt reports whether a record with as many cells as the header, and no quote out of place, begins n bytes from
// here.
func (r *Reader) soundAt(n int) (bool, error) {
	for {
		data, last := r.unread()[n:], r.atEnd()
		blank := blankLine(data, r.delimiter, last, r.limits.RecordBytes)
		if blank > 0 || last && len(data) == 0 {
			return false, nil
		}
		if blank == 0 {
			found := r.scan(data, last)
			if found.verdict != incomplete {
				fits := r.width == 0 || len(r.rec.ends) == r.width
				return found.verdict == sound && !found.bare && fits, nil
			}
		}
		if err := r.fill(n + len(data) + 1); err != nil {
			return false, err
		}
	}
}

// skipLong passes a record beyond Limits.RecordBytes and what follows it, up to a line that is sound by itself. It
// keeps the record's beginning only.
func (r *Reader) skipLong() error {
	if err := r.fill(r.lookahead()); err != nil {
		return err
	}
	rec, at, from := &r.rec, r.pos, r.limits.RecordBytes
	r.long = append(r.long[:0], r.unread()[:r.limits.RecordBytes]...)
	for {
		data, last := r.unread(), r.atEnd()
		next := nextLine(data, from, last)
		if next < 0 && !last {
			from = r.drop(&at, len(data)-1)
			if err := r.fill(r.lookahead()); err != nil {
				return err
			}
			continue
		}
		if next < 0 {
			next = len(data)
		}
		done, err := r.soundAt(next)
		if err != nil {
			return err
		}
		done = done || r.atEnd() && len(r.unread()) == next
		ending := endingBefore(r.unread()[:next])
		from = r.drop(&at, next)
		if !done {
			continue
		}
		rec.Raw, rec.Bytes = r.long, at.Offset-r.pos.Offset-int64(ending)
		rec.ends, rec.quoted, rec.BareQuotes = rec.ends[:0], false, false
		rec.Problem = r.longProblem(at)
		r.pos = at
		return nil
	}
}

// longProblem describes the record between the reader's position and end.
func (r *Reader) longProblem(end Position) *Problem {
	return &Problem{
		Code:  CodeRecordTooLong,
		Value: shorten(r.long),
		Message: fmt.Sprintf("the record is longer than %d bytes; it was skipped up to line %d (bytes %d to %d)",
			r.limits.RecordBytes, end.Line, r.pos.Offset, end.Offset),
		Hint: "Look for a missing line ending or an unclosed quote.",
	}
}

// drop forgets the next n bytes, moves at behind them, and returns 0, where the search goes on.
func (r *Reader) drop(at *Position, n int) int {
	at.Offset += int64(n)
	at.Line += countLines(r.unread()[:n])
	r.r += n
	return 0
}

// endingBefore is the length of the line ending at the end of data.
func endingBefore(data []byte) int {
	n := len(data)
	switch {
	case n == 0:
		return 0
	case data[n-1] == '\n' && n > 1 && data[n-2] == '\r':
		return 2
	case data[n-1] == '\n', data[n-1] == '\r':
		return 1
	}
	return 0
}
