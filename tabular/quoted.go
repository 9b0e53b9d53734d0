package tabular

import "bytes"

// scanQuoted is scan for a record with a quote on its first line.
func (r *Reader) scanQuoted(data []byte, last bool) span {
	found := span{verdict: sound, quoted: true, open: -1}
	r.rec.ends = r.rec.ends[:0]
	for at := 0; ; at++ {
		start := at
		at = r.cell(data, at, last, &found)
		if found.verdict != sound {
			return found
		}
		if at > r.limits.RecordBytes {
			return span{verdict: tooLong}
		}
		if at-start > r.limits.FieldBytes && found.open < start && found.longField == 0 {
			found.longField = len(r.rec.ends) + 1
		}
		r.rec.ends = append(r.rec.ends, int32(at))
		if at < len(data) && data[at] == r.delimiter {
			continue
		}
		found.length, found.next = at, at
		if at < len(data) {
			ending := endingAt(data, at, last)
			if ending < 0 {
				return span{verdict: incomplete}
			}
			found.next += ending
		}
		found.lines = countLines(data[:found.next])
		return found
	}
}

// cell returns where the cell at data[at] ends: at a delimiter, a line ending or the end of the file.
func (r *Reader) cell(data []byte, at int, last bool, found *span) int {
	open := r.blanks(data, at)
	quoted := open < len(data) && data[open] == '"'
	if quoted {
		found.open, found.openCell = open, len(r.rec.ends)+1
		at = r.closing(data, open+1, last, found)
		if found.verdict != sound {
			return at
		}
		at = r.blanks(data, at+1)
	}
	for ; at < len(data); at++ {
		switch data[at] {
		case r.delimiter, '\n', '\r':
			return at
		case '"':
			found.bare = true
		}
		if quoted {
			found.verdict = broken
			return at
		}
		if at > r.limits.RecordBytes {
			found.verdict = tooLong
			return at
		}
	}
	if !last {
		found.verdict = incomplete
	}
	return at
}

// blanks returns the first place from data[at] on that holds neither a space nor a tab.
func (r *Reader) blanks(data []byte, at int) int {
	for at < len(data) && isBlank(data[at]) && data[at] != r.delimiter {
		at++
	}
	return at
}

// closing returns where the quote is that closes the cell whose text begins at data[from].
func (r *Reader) closing(data []byte, from int, last bool, found *span) int {
	at, limit := from, len(data)
	if r.limits.FieldBytes < limit-from {
		limit = from + r.limits.FieldBytes + 1
	}
	if limit > r.limits.RecordBytes {
		limit = min(limit, r.limits.RecordBytes+1)
	}
	for at < limit {
		i := bytes.IndexByte(data[at:limit], '"')
		if i < 0 {
			break
		}
		at += i
		switch {
		case at+1 < len(data) && data[at+1] != '"', at+1 == len(data) && last:
			return at
		case at+1 == len(data):
			found.verdict = incomplete
			return at
		}
		at += 2
	}
	switch {
	case limit == len(data) && !last:
		found.verdict = incomplete
	case limit > r.limits.RecordBytes:
		found.verdict = tooLong
	default:
		found.verdict = broken
	}
	return limit
}
